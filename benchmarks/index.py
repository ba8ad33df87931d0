"""Part ``index``: what it costs to index, in time, memory and space; and to add one article more.

Stock Whoosh, with its own analyzer, indexes the same articles in the same run. How an archive grows
is in :mod:`benchmarks.growth`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import vnjournal as vj
from benchmarks import adding_one, corpora, growth, index_job
from benchmarks.options import Options
from benchmarks.report import Cell, Chart, Progress, Report, Table
from benchmarks.timing import in_child

PART = "index"

_MB = 1e6
_ROUNDS = 3  # with the samples one: loading is most of what they take
_PEER = "stock Whoosh"


def run(options: Options, progress: Progress) -> Report:
    """Index articles with each system in turn, add one to a larger archive, let archives grow."""
    report = Report(PART)
    report.raw = {"pile": options.pile}
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        file = scratch / "articles.jsonl"
        most = adding_one.articles_needed(options)
        if options.growth:
            most = max(most, growth.sizes(options)[-1])
        progress(f"unpacking {most:,} articles")
        distinct = corpora.unpack(options.corpora, most, file)
        _measure_speed(report, options, file, scratch, progress)
        adding_one.measure(report, options, file, scratch, progress)
        if options.growth:
            growth.measure(report, options, file, distinct, scratch, progress)
    return report


def _systems(cores: int) -> dict[str, dict[str, Any]]:
    """What indexes, by its name in the tables, each a job; the peer first."""
    jobs: dict[str, dict[str, Any]] = {
        _PEER: {"do": "stock_whoosh"},
        "tantivy, terms ready": {"do": "write_terms", "engine": "tantivy"},
    }
    for engine, processes in (("tantivy", 1), ("tantivy", cores), ("whoosh", 1)):
        for correct in (False, True):
            name = f"{engine}, {'corrected' if correct else 'not corrected'}"
            if processes > 1:
                name += f", {processes} processes"
            adding = {"do": "add", "engine": engine, "correct": correct, "processes": processes}
            jobs[name] = adding
    return jobs


def _measure_speed(
    report: Report, options: Options, file: Path, scratch: Path, progress: Progress
) -> None:
    """Each system in turn, round after round, so that noise meets all alike."""
    rounds = _ROUNDS if options.corpora else 1
    built: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds):
        for name, job in _systems(os.cpu_count() or 1).items():
            progress(f"indexing {options.articles:,} articles, {name}, {number + 1} of {rounds}")
            folder = scratch / "archive"
            what = {"file": str(file), "limit": options.articles, "folder": str(folder)}
            built.setdefault(name, []).append(in_child(index_job.__name__, job | what))
            rmtree(folder)
    report.raw["speed"] = built
    best = {name: min(found, key=lambda one: one["seconds"]) for name, found in built.items()}
    rates = {name: one["articles"] / one["seconds"] for name, one in best.items()}
    text = sum(
        len(article.title.encode()) + len(article.body.encode())
        for article in islice(vj.read(file), options.articles)
    )
    report.tables.append(
        Table(
            f"Index: {options.articles:,} articles, {text / _MB:.2f} MB ({options.pile})",
            ("system", "articles/s", f"times {_PEER}", "peak MB", "index MB", "store MB"),
            [
                [name, rate, rate / rates[_PEER], *_sizes(best[name])]
                for name, rate in rates.items()
            ],
            f"The best of {rounds}, in turn, each in a fresh process; one process where nothing is "
            "said (threads of the libraries may use other cores), of several the largest one's "
            "memory. Terms ready: analysed before the clock starts, and not stored.",
        )
    )
    report.charts.append(
        Chart(
            "index-speed",
            f"Indexing {options.articles:,} articles",
            "articles/s",
            [name.replace(", ", "\n") for name in rates],
            {"": list(rates.values())},
        )
    )


def _sizes(built: Mapping[str, float]) -> list[Cell]:
    found = (built.get(f"{what}_bytes") for what in ("peak", "index", "store"))
    return [None if size is None else size / _MB for size in found]
