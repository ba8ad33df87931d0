"""Part ``scale``: what an archive on a cluster costs as it grows, and what 10 and 100 million cost.

Archives of several shards, on one node and on three, grow step by step; after each step their bytes
are counted and all are asked the same queries. Straight lines through the measured points are
extended: a row says which figure was measured, and which is projected. All nodes, and the program
that asks, share the cores of one machine: what one shard costs is measured, and not what many
machines gain.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

import vnjournal as vj
from benchmarks import corpora
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Cell, Curves, Panel, Progress, Report, Table
from benchmarks.timing import median, milliseconds, percentile
from tests.cluster.distribution import Unavailable
from tests.cluster.nodes import Nodes, prepared
from tests.places import address_of

PART = "scale"

_SEED = 7
_QUERIES = 20  # of each kind
_LAYOUTS = ((1, 1), (1, 2), (1, 4), (3, 1), (3, 2), (3, 4))  # nodes, shards
_STEPS = (1, 2, 5)  # times the articles that speed is measured on
_LARGEST = 10  # the same, with --growth, of the last layout
_HEAP = "1g"
_MB, _GB = 1e6, 1e9

#: How the projections share an archive out: usual advice for search, not measured here.
_SHARD_BYTES = 30e9  # a shard has at most
_NODE_BYTES = 1.5e12  # a node's disk holds at most, three quarters full
_COPIES = 2  # of each part, in all
_PROJECTED = (10_000_000, 100_000_000)  # articles


@dataclass(slots=True)
class _Grown:
    """An archive as it grew: by its number of articles, what was measured."""

    nodes: int
    shards: int
    seconds: dict[int, float] = field(default_factory=dict)  # for the articles of the step
    stepped: dict[int, int] = field(default_factory=dict)  # how many these were
    bytes: dict[int, dict[str, int]] = field(default_factory=dict)  # by kind of document
    milliseconds: dict[int, dict[str, list[float]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        nodes = "1 node" if self.nodes == 1 else f"{self.nodes} nodes"
        return f"{nodes}, {self.shards} shard{'s' if self.shards > 1 else ''}"

    @property
    def sizes(self) -> list[int]:
        return list(self.seconds)

    def rate(self, size: int) -> float:
        """Articles indexed in a second, of those of a step."""
        return self.stepped[size] / self.seconds[size]

    def times(self, size: int) -> list[float]:
        """Milliseconds of all queries."""
        return [*chain.from_iterable(self.milliseconds[size].values())]


def run(options: Options, progress: Progress) -> Report:
    """Grow an archive of each layout, and extend what was measured."""
    report = Report(PART)
    try:
        prepared()
    except Unavailable as reason:
        progress(f"left out: {reason}")
        return report
    sizes = [options.articles * step for step in _STEPS]
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "articles.jsonl")
        most = options.articles * (_LARGEST if options.growth else _STEPS[-1])
        distinct = corpora.unpack(options.corpora, most, file)
        queries = _queries(list(islice(vj.read(file), sizes[0])))
        grown = []
        for number, (nodes, shards) in enumerate(_LAYOUTS, start=1):
            is_last = number == len(_LAYOUTS) and options.growth
            steps = [*sizes, most] if is_last else sizes
            grown.append(_measured(_Grown(nodes, shards), file, steps, queries, progress))
    _report(report, options, grown, distinct)
    return report


def _queries(articles: Sequence[vj.Article]) -> dict[str, list[str]]:
    every = kinds(articles, random.Random(_SEED))
    return {kind: queries[:_QUERIES] for kind, queries in every.items()}


def _measured(
    grown: _Grown,
    file: Path,
    sizes: Sequence[int],
    queries: Mapping[str, Sequence[str]],
    progress: Progress,
) -> _Grown:
    with Nodes(grown.nodes, heap=_HEAP) as nodes:
        copies = min(grown.nodes, _COPIES) - 1
        address = address_of(nodes, "scale", f"shards={grown.shards}&replicas={copies}")
        with vj.Archive.create(address) as archive:
            articles = vj.read(file)
            before = 0
            for size in sizes:
                progress(f"{grown.name}: indexing up to {size:,} articles")
                begin = perf_counter()
                archive.add(islice(articles, size - before), correct=False)
                grown.seconds[size] = perf_counter() - begin
                grown.stepped[size], before = size - before, size
                if len(archive) != size:
                    raise AssertionError(f"{len(archive)} of {size} articles are there")
                progress(f"{grown.name}: asking {size:,} articles")
                archive.refresh()
                grown.milliseconds[size] = {
                    kind: milliseconds(
                        lambda query: [hit.snippet for hit in archive.search(query)], asked
                    )
                    for kind, asked in queries.items()
                }
                grown.bytes[size] = _bytes(nodes)
    return grown


def _bytes(nodes: Nodes) -> dict[str, int]:
    """Bytes of the first copy of each kind of document, at rest: each part merged to one segment.

    Before that, what came of late has its whole document beside it, for copies that fall behind.
    """
    for action in ("_flush", "_forcemerge?max_num_segments=1", "_refresh"):
        nodes.ask("POST", f"/scale*/{action}")
    found: dict[str, int] = defaultdict(int)
    for each in nodes.ask("GET", "/_cat/segments/scale*?format=json&bytes=b"):
        if each["prirep"] == "p" and each["searchable"] == "true":
            found[each["index"].split("-")[1]] += int(each["size"])
    return dict(found)


# --- lines through what was measured


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: what something costs at once, and for each article."""

    once: float
    each: float

    @classmethod
    def through(cls, points: Iterable[tuple[float, float]]) -> Line:
        """The line that fits best, never one that begins below nothing, or falls.

        >>> Line.through([(1, 3.0), (2, 5.0), (4, 9.0)])
        Line(once=1.0, each=2.0)
        """
        x, y = map(np.array, zip(*points, strict=True))
        each, once = np.polyfit(x, y, 1)
        if once < 0:
            once, each = 0.0, (x * y).sum() / (x * x).sum()
        return cls(round(float(once), 9), max(round(float(each), 9), 0.0))

    def at(self, articles: float) -> float:
        """What so many articles cost."""
        return self.once + self.each * articles


def _report(report: Report, options: Options, grown: Sequence[_Grown], distinct: int) -> None:
    report.raw["grown"] = [_raw(each) for each in grown]
    names = list(grown[0].milliseconds[grown[0].sizes[0]])
    rows: list[list[Cell]] = []
    for each in grown:
        for size in each.sizes:
            of_kinds = each.bytes[size]
            every = each.times(size)
            rows.append(
                [
                    each.name,
                    size,
                    each.rate(size),
                    *(of_kinds[kind] / _MB for kind in ("articles", "words", "notes")),
                    sum(of_kinds.values()) / size,
                    median(every),
                    percentile(every, 95),
                ]
            )
    again = f" There are {distinct:,} articles; more come again under new ids." * (
        distinct < grown[-1].sizes[-1]
    )
    report.tables.append(
        Table(
            f"Scale, measured: {options.pile}, not corrected",
            (
                *("layout", "articles", "articles/s", "articles MB", "words MB", "notes MB"),
                *("bytes an article", "query median, ms", "p95, ms"),
            ),
            rows,
            "One copy of each part is counted, at rest; three nodes hold two. Each node may take "
            f"{_HEAP} of memory besides the cache of its files. {_QUERIES} queries of each of "
            f"{len(names)} kinds, warm, ten hits with snippets. All nodes and the program share "
            "this machine."
            f"{again}",
        )
    )
    _project(report, grown)
    _draw(report, grown)


def _project(report: Report, grown: Sequence[_Grown]) -> None:
    """Extend the lines to archives that do not fit here."""
    single = next(each for each in grown if (each.nodes, each.shards) == (1, 1))
    points = [(size, sum(each.bytes[size].values())) for each in grown for size in each.sizes]
    disk = Line.through(points)
    middle = Line.through((size, median(single.times(size))) for size in single.sizes)
    slow = Line.through((size, percentile(single.times(size), 95)) for size in single.sizes)
    rate = single.rate(single.sizes[-1])
    report.raw["lines"] = {
        "bytes": (disk.once, disk.each),
        "median ms of a shard": (middle.once, middle.each),
        "p95 ms of a shard": (slow.once, slow.each),
    }
    largest = max(size for each in grown for size in each.sizes)
    rows: list[list[Cell]] = []
    for number, articles in enumerate((largest, *_PROJECTED)):
        total = disk.at(articles)
        shards = ceil(total / _SHARD_BYTES)
        whole = total * _COPIES
        rows.append(
            [
                "line at the largest measured" if not number else "projected",
                articles,
                total / _GB,
                whole / _GB,
                shards,
                max(3, ceil(whole / (_NODE_BYTES * 0.75))),
                middle.at(articles / shards),
                slow.at(articles / shards),
                articles / rate / 3600,
            ]
        )
    report.tables.append(
        Table(
            "Scale, extended by straight lines through the measured points",
            (
                *("which", "articles", "GB, one copy", "GB, two copies", "shards", "nodes"),
                *("query median, ms", "p95, ms", "hours to index, one indexer"),
            ),
            rows,
            "Bytes from all layouts; latency from one shard on one node, at so many articles a "
            "shard, each shard with a core of its own: merging answers of many shards is not in "
            f"it. At most {_SHARD_BYTES / _GB:.0f} GB a shard and {_NODE_BYTES / _GB:,.0f} GB of "
            "disk a node, three quarters full, are advice, not measured.",
        )
    )


def _raw(grown: _Grown) -> dict[str, Any]:
    return {
        "layout": grown.name,
        "seconds": grown.seconds,
        "bytes": grown.bytes,
        "milliseconds": {
            size: {kind: [median(times), percentile(times, 95)] for kind, times in each.items()}
            for size, each in grown.milliseconds.items()
        },
    }


def _draw(report: Report, grown: Sequence[_Grown]) -> None:
    sizes = grown[0].sizes
    report.charts.append(
        Curves(
            "scale",
            "An archive on a cluster grows, not corrected",
            "articles",
            sizes,
            [
                Panel(
                    "Speed of indexing, each step",
                    "articles/s",
                    {each.name: [each.rate(size) for size in sizes] for each in grown},
                ),
                Panel(
                    "Space, one copy",
                    "MB",
                    {
                        each.name: [sum(each.bytes[size].values()) / _MB for size in sizes]
                        for each in grown
                    },
                ),
                Panel(
                    "Median latency of all queries",
                    "milliseconds",
                    {each.name: [median(each.times(size)) for size in sizes] for each in grown},
                ),
            ],
        )
    )
