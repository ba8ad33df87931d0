"""Part ``queries``: how long queries take, beside tantivy by itself, and what typos cost.

Both index the same articles, uncorrected. tantivy folds accents with its own filter, parses the
query with its own parser and gives the ten articles that it stored; vnjournal does all that
``Archive.search`` does, its articles read from the store, and once more with their snippets.
"""

from __future__ import annotations

import random
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import vnjournal as vj
from benchmarks import corpora
from benchmarks.evaluation import without_marks
from benchmarks.options import Options
from benchmarks.report import Cell, Progress, Report, Table
from benchmarks.search_peers import Tantivy
from benchmarks.timing import median, percentile

PART = "queries"

_SEED = 7
_QUERIES = 150  # of each kind
_TYPOS = 300
_WARM = 20
_TYPED = 2  # letters of a word that is to be completed
_RUN = 8  # words that only the same story has in the same order
_SHARED = 0.2  # of its runs that a story shares with itself told elsewhere
_MANY = 10  # articles that have a run: it belongs to no story


def run(options: Options, progress: Progress) -> Report:
    """Index articles, ask both for the same, and misspell some queries."""
    report = Report(PART)
    articles = list(corpora.articles(options.corpora, options.articles))
    chance = random.Random(_SEED)
    with TemporaryDirectory() as scratch:
        progress(f"indexing {len(articles):,} articles")
        with vj.Archive.create(Path(scratch, "archive")) as archive:
            archive.add(articles, correct=False)
            peer = Tantivy(articles)
            progress("asking")
            _measure_times(report, options, archive, peer, kinds(articles, chance))
            progress("facets, dates, completion, similar articles")
            _measure_services(report, archive, articles, chance)
            progress("misspelling")
            _measure_suggestions(report, archive, articles, chance)
    return report


def kinds(articles: Sequence[vj.Article], chance: random.Random) -> dict[str, list[str]]:
    """Queries of each kind, of words that stand side by side in an article; and its titles."""

    def stretches(number: int) -> list[str]:
        found = []
        for article in chance.choices(articles, k=_QUERIES):
            words = [word for word in article.body.split() if word.isalpha()] or ["không"]
            at = chance.randrange(max(1, len(words) - number))
            found.append(" ".join(words[at : at + number]))
        return found

    words, phrases = stretches(3), stretches(3)
    titles = [
        article.title or article.body[:60] for article in chance.choices(articles, k=_QUERIES)
    ]
    return {
        "one word": stretches(1),
        "three words": words,
        "three words, no marks": list(map(without_marks, words)),
        "phrase": [f'"{phrase}"' for phrase in phrases],
        "phrase, no marks": [f'"{without_marks(phrase)}"' for phrase in phrases],
        "prefix": [f"{word[:3]}*" for word in stretches(1)],
        "title": titles,
        "title, no marks": list(map(without_marks, titles)),
    }


def _measure_times(
    report: Report,
    options: Options,
    archive: vj.Archive,
    peer: Tantivy,
    queries: dict[str, list[str]],
) -> None:
    rows: list[list[Cell]] = []
    for kind, asked in queries.items():
        times = {
            "tantivy": milliseconds(_asking(peer), asked),
            "vnjournal": milliseconds(lambda q: [hit.id for hit in archive.search(q)], asked),
            "with snippets": milliseconds(
                lambda q: [hit.snippet for hit in archive.search(q)], asked
            ),
        }
        report.raw[kind] = times
        own, raw = median(times["vnjournal"]), median(times["tantivy"])
        rows.append(
            [
                kind,
                raw,
                own,
                own / raw,
                percentile(times["vnjournal"], 95),
                median(times["with snippets"]),
                percentile(times["with snippets"], 95),
            ]
        )
    report.tables.append(
        Table(
            f"Queries: milliseconds over {options.articles:,} articles ({options.pile})",
            (
                *("kind", "tantivy median", "vnjournal median", "ratio", "p95"),
                *("with snippets, median", "p95"),
            ),
            rows,
            f"{_QUERIES} queries of each kind, warm, ten hits.",
        )
    )


# --- what else an archive answers


def _measure_services(
    report: Report, archive: vj.Archive, articles: Sequence[vj.Article], chance: random.Random
) -> None:
    pairs = [
        words[-2:] for query in kinds(articles, chance)["three words"] for words in [query.split()]
    ]
    words = [" ".join(pair) for pair in pairs]
    begun = {f"{left} {right[:_TYPED]}": right for left, right in pairs if len(right) > _TYPED}
    told = _told_twice(articles)
    stories = chance.sample(sorted(told), min(_QUERIES, len(told)))
    services: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "facets of two words": (lambda query: archive.search(query).facets, words),
        "newest of two words": (lambda query: archive.search(query, sort="newest").hits, words),
        "completions": (archive.complete, list(begun)),
        "completions, no marks": (archive.complete, list(map(without_marks, begun))),
        "similar articles": (archive.similar, stories or [each.id for each in articles[:_QUERIES]]),
    }
    times = {name: milliseconds(ask, asked) for name, (ask, asked) in services.items()}
    report.raw["services"] = times
    report.tables.append(
        Table(
            "Queries: milliseconds of what else an archive answers",
            ("asked", "times", "median", "p95"),
            [[name, len(t), median(t), percentile(t, 95)] for name, t in times.items()],
        )
    )
    completed = [
        [spelling.split()[-1] for spelling in archive.complete(way(typed))]
        for way in (str, without_marks)
        for typed in begun
    ]
    hoped = [right.lower() for _ in range(2) for right in begun.values()]
    among = [word in words for word, words in zip(hoped, completed, strict=True)]
    first = [
        bool(told[id].intersection(hit.id for hit in archive.similar(id)[:1])) for id in stories
    ]
    report.raw["told twice"] = {"stories": len(told), "found first": sum(first)}
    report.tables.append(
        Table(
            "Queries: how well",
            ("what", "asked", "share"),
            [
                ["the right word among the completions of two letters", len(among), _share(among)],
                ["the same story told elsewhere is the likest article", len(first), _share(first)],
            ],
            f"The same story: articles that share a fifth of their runs of {_RUN} words.",
        )
    )


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None


def _told_twice(articles: Sequence[vj.Article]) -> dict[str, set[str]]:
    """Articles that share many long runs of words with others, and with which."""
    runs: dict[int, list[int]] = defaultdict(list)
    lengths = []
    for number, article in enumerate(articles):
        words = article.body.lower().split()
        found = {hash(tuple(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1)}
        lengths.append(len(found))
        for run in found:
            runs[run].append(number)
    shared = Counter(
        pair
        for numbers in runs.values()
        if 1 < len(numbers) < 10
        for pair in combinations(numbers, 2)
    )
    told: dict[str, set[str]] = defaultdict(set)
    for (left, right), count in shared.items():
        if count >= _SHARED * max(lengths[left], lengths[right]):
            told[articles[left].id].add(articles[right].id)
            told[articles[right].id].add(articles[left].id)
    return told


def _asking(peer: Tantivy) -> Callable[[str], object]:
    return lambda query: (
        peer.words_beginning(query[:-1]) if query.endswith("*") else peer.search(query)
    )


def milliseconds(search: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """How long each query takes, after some to get warm."""
    for query in queries[:_WARM]:
        search(query)
    times = []
    for query in queries:
        begin = perf_counter()
        search(query)
        times.append((perf_counter() - begin) * 1000)
    return times


# --- did you mean


def _measure_suggestions(
    report: Report, archive: vj.Archive, articles: Sequence[vj.Article], chance: random.Random
) -> None:
    """Queries of two to four words of a title, right and with one letter wrong."""
    asked: list[list[str]] = []
    while len(asked) < min(_TYPOS, 5 * len(articles)):
        words = [word.lower() for word in chance.choice(articles).title.split() if word.isalpha()]
        number = chance.choice((2, 3, 4))
        if len(words) >= number:
            at = chance.randrange(len(words) - number + 1)
            asked.append(words[at : at + number])
    rows: list[list[Cell]] = []
    for way, typed in (
        ("with marks", asked),
        ("no marks", [[*map(without_marks, q)] for q in asked]),
    ):
        right = alone = 0
        times = []
        for words in typed:
            good = " ".join(words)
            alone += not archive.search(good).suggestion
            at = max(range(len(words)), key=lambda n: (len(words[n]) > 2, chance.random()))
            wrong = " ".join([*words[:at], misspelt(words[at], chance), *words[at + 1 :]])
            begin = perf_counter()
            suggestion = archive.search(wrong).suggestion
            times.append((perf_counter() - begin) * 1000)
            right += vj.fold(suggestion or wrong) == vj.fold(good)
        rows.append([way, len(typed), right / len(typed), alone / len(typed), median(times)])
        report.raw[f"suggestions {way}"] = {"right": right, "alone": alone, "of": len(typed)}
    report.tables.append(
        Table(
            "Queries: did you mean",
            ("typed", "queries", "misspelt ones put right", "right ones left alone", "median ms"),
            rows,
            "One letter left out, put in, replaced or swapped; marks do not count.",
        )
    )


def misspelt(word: str, chance: random.Random) -> str:
    """A word with one letter left out, put in, replaced, or swapped with the next."""
    at = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    ways = [word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
    if len(word) > 2:
        ways.append(word[:at] + word[at + 1 :])
    if at + 1 < len(word):
        ways.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return chance.choice(ways)
