"""Part ``queries``: how long queries take, beside tantivy by itself, and odd ones; and what else
is asked of an archive.

Both index the same articles, uncorrected. tantivy folds accents with its own filter, parses the
query with its own parser and gives the ten articles that it stored; vnjournal does all that
``Archive.search`` does, its articles read from the store, and once more with their snippets.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import vnjournal as vj
from benchmarks import corpora, services
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Progress, Report, Table
from benchmarks.search_peers import Tantivy
from benchmarks.timing import median, milliseconds, percentile

PART = "queries"

_SEED = 7


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
            services.measure(report, archive, articles, chance)
            progress("odd queries")
            _measure_odd(report, archive, articles)
            progress("misspelling")
            services.measure_suggestions(report, archive, articles, chance)
    return report


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
            f"{len(queries['prefix'])} queries of each kind, warm, ten hits.",
        )
    )


# --- what nobody should type


def _odd_queries(articles: Sequence[vj.Article]) -> dict[str, str]:
    words = list(dict.fromkeys(chain.from_iterable(each.body.split() for each in articles)))
    text = " ".join(each.body for each in articles[:500])
    return {
        "nothing": "",
        "blanks and marks": " \u0301\u0323 ~ \u0300",
        "punctuation": '"" () -- * ~ : .. & OR',
        "only the commonest words": "là và của các có được cho những",
        "1 MB of text": (text * (1_000_000 // max(len(text), 1) + 1))[:1_000_000],
        "10,000 terms": " ".join(words[:10_000]),
        "10,000 terms with OR": " OR ".join(words[:10_000]),
        "a phrase of 600 words": '"' + " ".join(text.split()[:600]) + '"',
        "1,000 brackets": "(" * 1000 + "lúa" + ")" * 900,
        "control characters": "lúa\x00\x07\x1b[31m gạo\u2028",
        "right to left": "\u202eلوحة المفاتيح\u202c חדשות lúa",
        "emoji": "🌾🌾🌾 👩\u200d🌾",
        "many prefixes": "a* b* c* d* đ* e* g* h* i* k*",
        "many fuzzy words": "nghein~ truong~ thanh~ phat~ nghiep~",
        "near words in many ways": '"là của và có cho"~10',
    }


def _measure_odd(report: Report, archive: vj.Archive, articles: Sequence[vj.Article]) -> None:
    rows: list[list[Cell]] = []
    for name, query in _odd_queries(articles).items():
        begin = perf_counter()
        results = archive.search(query)
        seconds = perf_counter() - begin
        said = [*results.notes[:1], results.relaxed]
        rows.append([name, seconds * 1000, results.total, "; ".join(filter(None, said))[:90]])
    report.raw["odd"] = {str(name): milliseconds for name, milliseconds, *_ in rows}
    report.tables.append(
        Table("Queries: odd ones", ("query", "ms", "articles found", "what is said"), rows)
    )


def _asking(peer: Tantivy) -> Callable[[str], object]:
    return lambda query: (
        peer.words_beginning(query[:-1]) if query.endswith("*") else peer.search(query)
    )
