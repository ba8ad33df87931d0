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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
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
_LARGER = {(1, 1): (10, 20, 40), (3, 4): (10,)}  # the same, besides, with --growth
_HEAP = "1g"
_MB, _GB = 1e6, 1e9
_GIVEN_BACK = ("fdt", "fdx", "fdm")  # files of what is stored to be given back
_AT_REST = 120  # seconds after which a cluster must know that all copies have everything
_LARGEST_MISS = 0.25  # of what a line says; where it misses a point by more it is not extended

#: How the projections share an archive out: usual advice for search, not measured here.
_SHARD_BYTES = (30e9, 10e9, 2.5e9)  # a shard has at most: fewer shards, or quicker answers
_NODE_BYTES = 1.5e12 * 0.75  # a node's disk, three quarters full
_HEAP_BYTES = 16e9  # of a node
_CACHE_BYTES = 48e9  # memory of a node for files of what is searched
_COPIES = 2  # of each part, in all
_PROJECTED = (10_000_000, 100_000_000)  # articles


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What the first copies of an archive take.

    Args:
        written: as they were left by writing.
        at_rest: with each part merged to one segment, by kind of document.
        searched: those of the articles at rest that are not text to be given back.
    """

    written: int
    at_rest: Mapping[str, int]
    searched: int

    @property
    def total(self) -> int:
        """At rest, of all kinds."""
        return sum(self.at_rest.values())


@dataclass(slots=True)
class _Grown:
    """An archive as it grew: by its number of articles, what was measured."""

    nodes: int
    shards: int
    seconds: dict[int, float] = field(default_factory=dict)  # for the articles of the step
    stepped: dict[int, int] = field(default_factory=dict)  # how many these were
    bytes: dict[int, _Bytes] = field(default_factory=dict)
    heap: dict[int, int] = field(default_factory=dict)  # bytes that a node kept at most
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
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "articles.jsonl")
        larger = _LARGER if options.growth else {}
        steps = {layout: (*_STEPS, *larger.get(layout, ())) for layout in _LAYOUTS}
        most = options.articles * max(chain(*steps.values()))
        distinct = corpora.unpack(options.corpora, most, file)
        queries = _queries(list(islice(vj.read(file), options.articles)))
        grown = []
        for layout in _LAYOUTS:
            sizes = [options.articles * step for step in steps[layout]]
            grown.append(_measured(_Grown(*layout), file, sizes, queries, progress))
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
                grown.heap[size] = _heap(nodes)
                grown.bytes[size] = _bytes(nodes)
    return grown


def _heap(nodes: Nodes) -> int:
    """Bytes of the heap that live on: those that the last collection of the old ones has left."""
    every = nodes.ask("GET", "/_nodes/stats/jvm")["nodes"].values()
    old = [node["jvm"]["mem"]["pools"]["old"] for node in every]
    return max(int(each["last_gc_stats"]["used_in_bytes"]) for each in old)


def _bytes(nodes: Nodes) -> _Bytes:
    """What the archive takes as it was written, and at rest.

    What came of late has its whole document beside it, for copies that fall behind, until it is
    merged after all copies are known to have it. A part that was written as one segment, as some
    hundred articles are, is not merged.
    """
    written = sum(_segments(nodes).values())
    deadline = monotonic() + _AT_REST
    while not _is_everywhere(nodes):
        if monotonic() > deadline:
            raise AssertionError("not all copies have everything")
        sleep(1)
    for action in ("_flush", "_forcemerge?max_num_segments=1", "_refresh"):
        nodes.ask("POST", f"/scale*/{action}")
    files = nodes.ask("GET", "/scale/_stats/segments?include_segment_file_sizes=true")
    sizes = files["_all"]["primaries"]["segments"]["file_sizes"]
    searched = sum(
        each["size_in_bytes"] for suffix, each in sizes.items() if suffix not in _GIVEN_BACK
    )
    return _Bytes(written, _segments(nodes), searched)


def _segments(nodes: Nodes) -> dict[str, int]:
    """Bytes of the first copy of each kind of document."""
    found: dict[str, int] = defaultdict(int)
    for each in nodes.ask("GET", "/_cat/segments/scale*?format=json&bytes=b"):
        if each["prirep"] == "p" and each["searchable"] == "true":
            found[each["index"].split("-")[1]] += int(each["size"])
    return dict(found)


def _is_everywhere(nodes: Nodes) -> bool:
    """Whether each part knows of all its copies that they have everything."""
    indices = nodes.ask("GET", "/scale*/_stats?level=shards")["indices"].values()
    copies = chain.from_iterable(chain(*(index["shards"].values() for index in indices)))
    return all(
        lease["retaining_seq_no"] > copy["seq_no"]["max_seq_no"]
        for copy in copies
        for lease in copy["retention_leases"]["leases"]
    )


# --- lines through what was measured


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: what something costs at once, and for each article.

    ``misses``: by how much, as a part of what was measured, it misses the point that it fits least.
    """

    once: float
    each: float
    misses: float = 0.0

    @classmethod
    def through(cls, points: Iterable[tuple[float, float]]) -> Line:
        """The line that misses the points least, in parts of each, and never falls.

        >>> Line.through([(1, 3.0), (2, 5.0), (4, 9.0)])
        Line(once=1.0, each=2.0, misses=0.0)
        >>> Line.through([(1, 2.0), (2, 2.0), (3, 6.0)]).misses
        0.429
        """
        x, y = map(np.array, zip(*points, strict=True))
        each, once = np.polyfit(x, y, 1, w=1 / y)
        if once < 0:
            once, each = 0.0, (x / y).sum() / ((x / y) ** 2).sum()
        elif each < 0:
            once, each = (1 / y).sum() / (1 / y**2).sum(), 0.0
        misses = np.abs((once + each * x) / y - 1).max()
        return cls(round(float(once), 9), round(float(each), 9), round(float(misses), 3))

    def at(self, articles: float) -> float | None:
        """What so many articles cost; None where the line does not fit what was measured."""
        return None if self.misses > _LARGEST_MISS else self.once + self.each * articles


def _report(report: Report, options: Options, grown: Sequence[_Grown], distinct: int) -> None:
    report.raw["grown"] = [_raw(each) for each in grown]
    kinds_asked = len(grown[0].milliseconds[grown[0].sizes[0]])
    largest = max(size for each in grown for size in each.sizes)
    again = f" There are {distinct:,} articles; more come again under new ids." * (
        distinct < largest
    )
    report.tables.append(
        Table(
            f"Scale, measured: {options.pile}, not corrected",
            (
                *("layout", "articles", "articles/s", "MB as written", "MB at rest"),
                *("bytes an article", "of them searched", "heap kept, MB"),
                *("query median, ms", "p95, ms"),
            ),
            [_row(each, size) for each in grown for size in each.sizes],
            "One copy of each part is counted, of articles, words and notes, as written and with "
            "each part merged; three nodes hold two. What is searched is all but the stored text. "
            f"Each node may take {_HEAP} of memory besides the cache of its files. {_QUERIES} "
            f"queries of each of {kinds_asked} kinds, warm, ten hits with snippets. All nodes and "
            f"the program share this machine.{again}",
        )
    )
    _project(report, grown)
    _draw(report, grown)


def _row(grown: _Grown, size: int) -> list[Cell]:
    of_size, times = grown.bytes[size], grown.times(size)
    return [
        grown.name,
        size,
        grown.rate(size),
        of_size.written / _MB,
        of_size.total / _MB,
        of_size.total / size,
        of_size.searched / size,
        grown.heap[size] / _MB,
        median(times),
        percentile(times, 95),
    ]


@dataclass(frozen=True, slots=True)
class _Lines:
    """What archives cost by their articles: bytes of one copy, milliseconds of one shard."""

    disk: Line
    searched: Line
    median: Line
    p95: Line

    @classmethod
    def through(cls, grown: Sequence[_Grown], below: float = float("inf")) -> _Lines:
        """Lines through what was measured of fewer articles than ``below``."""
        every = [(each, size) for each in grown for size in each.sizes if size < below]
        single = [(size, each.times(size)) for each, size in every if _is_single(each)]
        return cls(
            Line.through((size, each.bytes[size].total) for each, size in every),
            Line.through((size, each.bytes[size].searched) for each, size in every),
            Line.through((size, median(times)) for size, times in single),
            Line.through((size, percentile(times, 95)) for size, times in single),
        )

    def row(self, name: str, articles: int, shard_bytes: float, rate: float) -> list[Cell]:
        """What so many articles need. Args: ``rate``: articles that one indexer writes a second."""
        disk, searched = self.disk.at(articles), self.searched.at(articles)
        if disk is None or searched is None:
            return [name, articles, *[None] * 8]
        shards = ceil(disk / shard_bytes)
        whole, cached = disk * _COPIES, searched * _COPIES
        return [
            name,
            articles,
            disk / _GB,
            whole / _GB,
            cached / _GB,
            shards,
            max(3, ceil(whole / _NODE_BYTES), ceil(cached / _CACHE_BYTES)),
            self.median.at(articles / shards),
            self.p95.at(articles / shards),
            articles / rate / 3600,
        ]


def _is_single(grown: _Grown) -> bool:
    return (grown.nodes, grown.shards) == (1, 1)


def _project(report: Report, grown: Sequence[_Grown]) -> None:
    """Extend the lines to archives that do not fit here."""
    (single,) = filter(_is_single, grown)
    largest = single.sizes[-1]
    rate = single.rate(largest)
    lines = _Lines.through(grown)
    named = {
        "bytes, one copy": lines.disk,
        "bytes that are searched, one copy": lines.searched,
        "median ms of a shard": lines.median,
        "p95 ms of a shard": lines.p95,
    }
    report.raw["lines"] = {name: asdict(line) for name, line in named.items()}
    report.tables.append(
        Table(
            "Scale, the lines",
            ("what", "at once", "for 1,000 articles", "misses a point by at most"),
            [[name, line.once, line.each * 1000, line.misses] for name, line in named.items()],
            "Bytes of all layouts, latency of one shard on one node.",
        )
    )
    of_largest, times = single.bytes[largest], single.times(largest)
    measured: list[Cell] = [
        *("measured: one node", largest, of_largest.total / _GB, None, None, 1, 1),
        *(median(times), percentile(times, 95), sum(single.seconds.values()) / 3600),
    ]
    guessed = _Lines.through(grown, below=largest)
    rows = [measured, guessed.row("projected from fewer", largest, _SHARD_BYTES[0], rate)]
    for articles in _PROJECTED:
        for limit in _SHARD_BYTES:
            name = f"projected: {limit / _GB:g} GB a shard"
            rows.append(lines.row(name, articles, limit, rate))
    report.tables.append(
        Table(
            "Scale, extended by straight lines through the measured points",
            (
                *("which", "articles", "GB, one copy", "GB, two copies"),
                *("GB searched, two copies", "shards", "nodes"),
                *("query median, ms", "p95, ms", "hours to index, one indexer"),
            ),
            rows,
            "Latency is that of one shard at so many articles a shard, each with a core of its "
            "own: putting together the answers of many shards is not in it. Not measured, but "
            f"taken as given: how large a shard is, and a node with {_NODE_BYTES / _GB:,.0f} GB "
            f"of disk to fill, {_HEAP_BYTES / _GB:.0f} GB of heap, and {_CACHE_BYTES / _GB:.0f} GB "
            "of memory for the files that are searched. Nothing is projected from a line that "
            f"misses a point by more than {_LARGEST_MISS:.0%}.",
        )
    )


def _raw(grown: _Grown) -> dict[str, Any]:
    return {
        "layout": grown.name,
        "seconds": grown.seconds,
        "bytes": {size: asdict(each) for size, each in grown.bytes.items()},
        "heap": grown.heap,
        "milliseconds": {
            size: {kind: [median(times), percentile(times, 95)] for kind, times in each.items()}
            for size, each in grown.milliseconds.items()
        },
    }


def _draw(report: Report, grown: Sequence[_Grown]) -> None:
    """Chart the sizes that all layouts have."""
    sizes = min((each.sizes for each in grown), key=len)

    def panel(title: str, unit: str, value: Callable[[_Grown, int], float]) -> Panel:
        lines = {each.name: [value(each, size) for size in sizes] for each in grown}
        return Panel(title, unit, lines)

    panels = [
        panel("Speed of indexing, each step", "articles/s", _Grown.rate),
        panel("Space at rest, one copy", "MB", lambda each, size: each.bytes[size].total / _MB),
        panel(
            "Median latency of all queries",
            "milliseconds",
            lambda each, size: median(each.times(size)),
        ),
    ]
    title = "An archive on a cluster grows, not corrected"
    report.charts.append(Curves("scale", title, "articles", sizes, panels))
