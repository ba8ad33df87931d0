"""Part ``known-items``: news articles found by their titles, which are not in the index.

A reader remembers a headline, or what it said, and looks for the article. The titles of some
articles are typed, with marks and without, and the bodies of all are searched.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora, samples
from benchmarks.evaluation import without_marks
from benchmarks.options import Options
from benchmarks.report import Cell, Figure, Progress, Report, Table
from benchmarks.search import Ranks, rank
from benchmarks.search_peers import PEERS, Searcher

PART = "known-items"

_SEED = 7
_ARTICLES = 20_000
_TITLES = 500
_PEERS = ("SQLite FTS5", "tantivy ascii_fold", "bm25s folded")  # Whoosh would take an hour


def run(options: Options, progress: Progress) -> Report:
    """Index bodies, and look for the articles of some titles."""
    report = Report(PART)
    articles = (
        list(corpora.articles(options.corpora, _ARTICLES))
        if options.corpora
        else samples.articles()
    )
    titled = [article for article in articles if article.title]
    wanted = random.Random(_SEED).sample(titled, min(_TITLES, len(titled)))
    bodies = [replace(article, title="") for article in articles]
    data = tuple(f"corpora/{path.name}" for path in options.corpora) or (samples.ARTICLES,)
    with TemporaryDirectory() as scratch:
        progress(f"indexing {len(bodies):,} bodies")
        with vj.Archive.create(Path(scratch, "archive")) as archive:
            archive.add(bodies, correct=False)
            searchers: dict[str, Searcher] = {
                "vnjournal": lambda query: [hit.id for hit in archive.search(query)],
                **{name: PEERS[name](bodies) for name in _PEERS},
            }
            ranks: dict[str, dict[str, Ranks]] = {}
            for name, search in searchers.items():
                progress(f"titles, {name}")
                ranks[name] = {
                    way: Ranks([rank(search(typed(a.title)), frozenset((a.id,))) for a in wanted])
                    for way, typed in (("as written", str), ("no marks", without_marks))
                }
    ways = list(ranks["vnjournal"])
    rows: list[list[Cell]] = [
        [name, *(getattr(of[way], read) for read in ("mrr", "first") for way in ways)]
        for name, of in ranks.items()
    ]
    report.tables.append(
        Table(
            f"Known items: {len(wanted)} titles, looked for in {len(bodies):,} bodies",
            ("system", *(f"MRR@10, {way}" for way in ways), *(f"first, {way}" for way in ways)),
            rows,
        )
    )
    report.raw["mrr_10"] = {n: {way: of[way].mrr for way in ways} for n, of in ranks.items()}
    report.figures += [
        Figure(PART, f"titles {way}, MRR@10", ranks["vnjournal"][way].mrr, data) for way in ways
    ]
    return report
