"""Part ``engines``: whether tantivy and Whoosh give the same answers, and what Whoosh costs.

Both index the same articles, uncorrected, and are asked the same. Stock Whoosh, with its own
parser and scorer, is asked too: vnjournal's Whoosh engine does all that ``Archive.search`` does.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora
from benchmarks.agreement import compare
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Progress, Report, Table
from benchmarks.samples import ARTICLES
from benchmarks.search_peers import whoosh_accent_map
from benchmarks.timing import median, milliseconds, percentile
from vnjournal.index.engines import NAMES

PART = "engines"

_SEED = 7
_MOST_ARTICLES = 2000  # more only take Whoosh longer
_QUERIES = 300  # of all kinds together


def run(options: Options, progress: Progress) -> Report:
    """Index articles with both engines, and ask both for the same."""
    report = Report(PART)
    number = min(options.articles, _MOST_ARTICLES)
    articles = list(corpora.articles(options.corpora, number))
    queries = kinds(articles, random.Random(_SEED))
    of_kind = _QUERIES // len(queries) + 1
    asked = {kind: some[:of_kind] for kind, some in queries.items()}
    data = tuple(f"corpora/{path.name}" for path in options.corpora) or (ARTICLES,)
    with TemporaryDirectory() as scratch:
        archives = {}
        for name in NAMES:
            progress(f"indexing {len(articles):,} articles, {name}")
            archives[name] = vj.Archive.create(Path(scratch, name), name)
            archives[name].add(articles, correct=False)
        progress("comparing")
        pair = archives["tantivy"], archives["whoosh"]
        compare(report, "tantivy and Whoosh", pair, asked, data)
        progress("asking Whoosh")
        _time(report, archives["whoosh"], articles, asked)
        for archive in archives.values():
            archive.close()
    return report


def _time(
    report: Report,
    archive: vj.Archive,
    articles: Sequence[vj.Article],
    asked: Mapping[str, Sequence[str]],
) -> None:
    stock = whoosh_accent_map(articles)
    rows: list[list[Cell]] = []
    for kind, queries in asked.items():
        times = {
            "stock": milliseconds(stock, queries),
            "own": milliseconds(lambda query: [hit.id for hit in archive.search(query)], queries),
        }
        report.raw[kind] = times
        own, raw = median(times["own"]), median(times["stock"])
        rows.append([kind, raw, own, own / raw, percentile(times["own"], 95)])
    report.tables.append(
        Table(
            f"Engines: milliseconds on Whoosh over {len(articles):,} articles",
            ("kind", "stock Whoosh median", "vnjournal median", "ratio", "p95"),
            rows,
            "Warm, ten hits, without snippets.",
        )
    )
