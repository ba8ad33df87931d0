"""Part ``engines``: whether tantivy and Whoosh give the same answers, and what Whoosh costs.

Both index the same articles, uncorrected, and are asked the same. Stock Whoosh, with its own
parser and scorer, is asked too: vnjournal's Whoosh engine does all that ``Archive.search`` does.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Figure, Progress, Report, Table
from benchmarks.samples import ARTICLES
from benchmarks.search_peers import whoosh_accent_map
from benchmarks.timing import median, milliseconds, percentile
from vnjournal.index.engines import NAMES

PART = "engines"

_SEED = 7
_MOST_ARTICLES = 2000  # more only take Whoosh longer
_QUERIES = 300  # of all kinds together
_PAGE = 10
_TIES = 50  # hits that are looked through for those tied with the tenth
_NEARLY = 1e-3  # part of a score by which tied ones may differ


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
        _compare(report, archives, asked, data)
        progress("asking Whoosh")
        _time(report, archives["whoosh"], articles, asked)
        for archive in archives.values():
            archive.close()
    return report


def _compare(
    report: Report,
    archives: Mapping[str, vj.Archive],
    asked: Mapping[str, Sequence[str]],
    data: tuple[str, ...],
) -> None:
    rows: list[list[Cell]] = []
    overlaps: dict[str, list[float]] = {}
    alike: dict[str, list[bool]] = {}
    for kind, queries in asked.items():
        overlaps[kind], alike[kind] = [], []
        for query in queries:
            left, right = (archive.search(query, limit=_TIES) for archive in archives.values())
            overlaps[kind].append((_overlap(left, right) + _overlap(right, left)) / 2)
            alike[kind].append(left.total == right.total and left.facets == right.facets)
        rows.append([kind, len(queries), fmean(overlaps[kind]), fmean(alike[kind])])
    all_overlaps = [*chain.from_iterable(overlaps.values())]
    all_alike = [*chain.from_iterable(alike.values())]
    rows.append(["all", len(all_alike), fmean(all_overlaps), fmean(all_alike)])
    report.raw["agreement"] = {"overlap": overlaps, "alike": alike}
    report.figures += [
        Figure(PART, "overlap of the best ten", fmean(all_overlaps), data),
        Figure(PART, "totals and facets equal", fmean(all_alike), data),
    ]
    report.tables.append(
        Table(
            "Engines: tantivy and Whoosh, the same queries",
            ("kind", "queries", "overlap of the best ten", "totals and facets equal"),
            rows,
            "An article tied with the tenth counts.",
        )
    )


def _overlap(found: vj.Results, other: vj.Results) -> float:
    """How many of the best ten are among another's best ten, or tied with its tenth."""
    best = [hit.id for hit in found.hits[:_PAGE]]
    if not best:
        return float(not other.hits)
    last = min(hit.score for hit in other.hits[:_PAGE]) if other.hits else 0.0
    others = {hit.id for hit in other.hits if hit.score >= last * (1 - _NEARLY)}
    return sum(id in others for id in best) / len(best)


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
