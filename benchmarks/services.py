"""What an archive answers besides queries: facets, completion, similar articles, "did you mean".

Called by part ``queries``, on the same archive.
"""

from __future__ import annotations

import random
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, combinations
from time import perf_counter

import vnjournal as vj
from benchmarks.evaluation import without_marks
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Report, Table
from benchmarks.timing import median, milliseconds, percentile

_STORIES = 150
_TYPOS = 300
_TYPED = 2  # letters of a word that is to be completed
_RUN = 8  # words that only the same story has in the same order
_SHARED = 0.2  # of its runs that a story shares with itself told elsewhere
_MANY = 10  # articles that have a run: it belongs to no story


def measure(
    report: Report, archive: vj.Archive, articles: Sequence[vj.Article], chance: random.Random
) -> None:
    """Facets, order by date, completion and similar articles: how long, and how well."""
    pairs = [query.split()[-2:] for query in kinds(articles, chance)["three words"]]
    words = [" ".join(pair) for pair in pairs]
    begun = {f"{left} {right[:_TYPED]}": right for left, right in pairs if len(right) > _TYPED}
    told = _told_twice(articles)
    stories = chance.sample(sorted(told), min(_STORIES, len(told)))
    services: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "facets of two words": (lambda query: archive.search(query).facets, words),
        "newest of two words": (lambda query: archive.search(query, sort="newest").hits, words),
        "completions": (archive.complete, list(begun)),
        "completions, no marks": (archive.complete, list(map(without_marks, begun))),
        "similar articles": (archive.similar, stories or [each.id for each in articles[:_STORIES]]),
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
    places = [
        next((at for at, hit in enumerate(archive.similar(id)) if hit.id in told[id]), None)
        for id in stories
    ]
    first, found = [at == 0 for at in places], [at is not None for at in places]
    report.raw["told twice"] = {"stories": len(told), "places": places}
    report.tables.append(
        Table(
            "Queries: how well",
            ("what", "asked", "share"),
            [
                ["the right word among the completions of two letters", len(among), _share(among)],
                ["the same story told elsewhere is the likest article", len(first), _share(first)],
                ["it is among the ten likest", len(found), _share(found)],
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
    few = (numbers for numbers in runs.values() if len(numbers) < _MANY)
    shared = Counter(chain.from_iterable(combinations(numbers, 2) for numbers in few))
    told: dict[str, set[str]] = defaultdict(set)
    for (left, right), count in shared.items():
        if count >= _SHARED * max(lengths[left], lengths[right]):
            told[articles[left].id].add(articles[right].id)
            told[articles[right].id].add(articles[left].id)
    return told


def measure_suggestions(
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
