"""How time, memory, space and the latency of queries grow with an archive.

Called by part ``index``. Archives are built uncorrected on tantivy, by all cores, each in a process
of its own; another process asks all of them the same queries.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from shutil import rmtree
from typing import Any

import vnjournal as vj
from benchmarks import index_job
from benchmarks.options import Options
from benchmarks.query_kinds import kinds
from benchmarks.report import Curves, Panel, Progress, Report, Table
from benchmarks.timing import in_child, median, percentile

_HALVES = (1, 3, 10, 30, 100)  # of the articles that speed is measured on
_MB = 1e6
_SEED = 7
_YEAR = 2017


def sizes(options: Options) -> list[int]:
    """How many articles each archive has: 1,000 to 100,000 where speed is measured on 2,000."""
    return [max(options.articles * halves // 2, 1) for halves in _HALVES]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was measured of one archive: seconds, bytes, and milliseconds by kind of query."""

    built: Mapping[str, float]
    milliseconds: Mapping[str, Sequence[float]]
    search_bytes: int

    @property
    def all_milliseconds(self) -> list[float]:
        return list(chain.from_iterable(self.milliseconds.values()))


def measure(
    report: Report, options: Options, file: Path, distinct: int, scratch: Path, progress: Progress
) -> None:
    """Build an archive of each size and query it.

    Args: ``file``: articles; ``distinct``: how many of them are not there under another id, too.
    """
    queries = _queries(list(islice(vj.read(file), sizes(options)[0])))
    found = {
        size: _measured(file, size, scratch / "growing", queries, progress)
        for size in sizes(options)
    }
    _report(report, options, found, distinct)


def _queries(articles: Sequence[vj.Article]) -> dict[str, list[str]]:
    """Queries of all kinds, and of one word in one year, from articles that every archive has."""
    queries = kinds(articles, random.Random(_SEED))
    queries["one word, one year"] = [f"{word} year:{_YEAR}" for word in queries["one word"]]
    return queries


def _measured(
    file: Path, size: int, folder: Path, queries: Mapping[str, Sequence[str]], progress: Progress
) -> _Measured:
    progress(f"growth: indexing {size:,} articles")
    built = index_job.build_uncorrected(file, size, folder, streamed=True)
    if built["articles"] != size:
        raise AssertionError(f"{built['articles']} of {size} articles are there: ids come twice")
    progress(f"growth: querying {size:,} articles")
    asked = in_child(
        index_job.__name__, {"do": "ask", "folder": str(folder), "queries": dict(queries)}
    )
    rmtree(folder)
    return _Measured(built, asked["milliseconds"], asked["peak_bytes"])


# --- tables and curves


def _report(
    report: Report, options: Options, found: Mapping[int, _Measured], distinct: int
) -> None:
    report.raw["growth"] = {size: _raw(measured) for size, measured in found.items()}
    again = (
        f" There are only {distinct:,} articles: they come again under new ids, whose words are no "
        "new ones."
        if distinct < max(found)
        else ""
    )
    cores = os.cpu_count() or 1
    report.tables.append(
        Table(
            f"Index: growth on tantivy, not corrected, {cores} processes ({options.pile})",
            (
                *("articles", "seconds", "articles/s", "peak MB", "index MB", "store MB"),
                *("query median, ms", "p95, ms", "peak MB of searching"),
            ),
            [
                [
                    f"{size:,}",
                    one.built["seconds"],
                    size / one.built["seconds"],
                    *(one.built[f"{what}_bytes"] / _MB for what in ("peak", "index", "store")),
                    median(one.all_milliseconds),
                    percentile(one.all_milliseconds, 95),
                    one.search_bytes / _MB,
                ]
                for size, one in found.items()
            ],
            "Read from JSON Lines while the clock runs; memory is that of the largest process, "
            "with the pages of the index that are mapped into it. Queries of all kinds below, the "
            f"same for each archive, warm, ten hits with snippets.{again}",
        )
    )
    names = list(next(iter(found.values())).milliseconds)
    report.tables.append(
        Table(
            "Index: growth, median milliseconds by kind of query",
            ("kind", *(f"{size:,} articles" for size in found)),
            [[name, *(median(one.milliseconds[name]) for one in found.values())] for name in names],
        )
    )
    report.charts.append(_curves(found, names))


def _raw(measured: _Measured) -> dict[str, Any]:
    return {
        "built": measured.built,
        "search_peak_bytes": measured.search_bytes,
        "milliseconds": {
            kind: {"median": median(times), "p95": percentile(times, 95), "queries": len(times)}
            for kind, times in measured.milliseconds.items()
        },
    }


def _curves(found: Mapping[int, _Measured], kinds_of_query: Sequence[str]) -> Curves:
    every = list(found.values())

    def built(what: str, unit: float = 1.0) -> list[float]:
        return [one.built[what] / unit for one in every]

    times = [one.all_milliseconds for one in every]
    return Curves(
        "index-growth",
        "An archive grows: tantivy, not corrected",
        "articles",
        list(found),
        [
            Panel("Time to add all", "seconds", {"": built("seconds")}, log=True),
            Panel(
                "Speed",
                "articles/s",
                {"": [size / one.built["seconds"] for size, one in found.items()]},
            ),
            Panel(
                "Space on disk",
                "MB",
                {"store": built("store_bytes", _MB), "index": built("index_bytes", _MB)},
                log=True,
            ),
            Panel(
                "Peak memory, largest process",
                "MB",
                {
                    "adding": built("peak_bytes", _MB),
                    "searching": [one.search_bytes / _MB for one in every],
                },
            ),
            Panel(
                "Latency of queries of all kinds",
                "milliseconds",
                {"p95": [percentile(t, 95) for t in times], "median": [*map(median, times)]},
                log=True,
            ),
            Panel(
                "Median latency by kind of query",
                "milliseconds",
                {
                    kind: [median(one.milliseconds[kind]) for one in every]
                    for kind in kinds_of_query
                },
                log=True,
            ),
        ],
    )
