"""Part ``cluster``: whether an archive on three nodes of OpenSearch gives the answers of tantivy's.

Both have the same articles, uncorrected; the nodes run on this machine.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import vnjournal as vj
from benchmarks import corpora
from benchmarks.agreement import compare
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Progress, Report, Table
from benchmarks.samples import ARTICLES
from benchmarks.timing import median, milliseconds, percentile
from tests.cluster.distribution import Unavailable
from tests.cluster.nodes import Nodes, prepared
from tests.places import address_of

PART = "cluster"

_SEED = 7
_QUERIES = 300  # of all kinds together
_SHARDS = 4
_HEAP = "1g"  # of each node


def run(options: Options, progress: Progress) -> Report:
    """Index articles in both places, and ask both for the same."""
    report = Report(PART)
    articles = list(corpora.articles(options.corpora, options.articles))
    queries = kinds(articles, random.Random(_SEED))
    of_kind = _QUERIES // len(queries) + 1
    asked = {kind: some[:of_kind] for kind, some in queries.items()}
    data = tuple(f"corpora/{path.name}" for path in options.corpora) or (ARTICLES,)
    progress("starting three nodes")
    try:
        prepared()
    except Unavailable as reason:
        progress(f"left out: {reason}")
        return report
    with Nodes(heap=_HEAP) as nodes, TemporaryDirectory() as scratch:
        address = address_of(nodes, "agreement", f"shards={_SHARDS}&replicas=1")
        with vj.Archive.create(Path(scratch, "a")) as near, vj.Archive.create(address) as far:
            rates = {}
            for name, archive in (("tantivy", near), ("three nodes", far)):
                progress(f"indexing {len(articles):,} articles, {name}")
                begin = perf_counter()
                archive.add(articles, correct=False)
                rates[name] = len(articles) / (perf_counter() - begin)
            progress("comparing")
            compare(report, f"tantivy and three nodes, {_SHARDS} shards", (near, far), asked, data)
            progress("timing")
            _time(report, near, far, asked, rates)
    return report


def _time(
    report: Report,
    near: vj.Archive,
    far: vj.Archive,
    asked: Mapping[str, Sequence[str]],
    rates: dict[str, float],
) -> None:
    rows: list[list[Cell]] = []
    for kind, queries in asked.items():
        times = {
            "tantivy": milliseconds(lambda query: [h.id for h in near.search(query)], queries),
            "three nodes": milliseconds(lambda query: [h.id for h in far.search(query)], queries),
        }
        report.raw[kind] = times
        one, other = median(times["tantivy"]), median(times["three nodes"])
        rows.append([kind, one, other, other / one, percentile(times["three nodes"], 95)])
    per_second = "articles/s indexed"
    ratio = rates["three nodes"] / rates["tantivy"]
    rows.append([per_second, rates["tantivy"], rates["three nodes"], ratio, None])
    report.raw[per_second] = rates
    report.tables.append(
        Table(
            f"Cluster: milliseconds over {len(near):,} articles",
            ("kind", "tantivy median", "three nodes median", "ratio", "three nodes p95"),
            rows,
            "Warm, ten hits, without snippets; all nodes, two copies of each part, and the "
            "program share the cores of this machine.",
        )
    )
