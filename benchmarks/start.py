"""Part ``start``: how long a command takes from the shell, result printed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora
from benchmarks.options import Options
from benchmarks.report import Chart, Progress, Report, Table
from benchmarks.shell import PYTHON, program, run_quietly
from benchmarks.timing import alternated, median, percentile
from vnjournal.index.engines import NAMES

PART = "start"

_ROUNDS = 15
_TIMES = 5  # so many times the articles that speed is measured on
_QUERY = "dang bo so khoa hoc"


def run(options: Options, progress: Progress) -> Report:
    """Time fresh processes in turn: bare Python, the import, the help, a search of each engine."""
    size = options.articles * _TIMES
    with TemporaryDirectory() as scratch:
        commands = {
            "python -c pass": [PYTHON, "-c", "pass"],
            "import vnjournal": [PYTHON, "-c", "import vnjournal"],
            "vnjournal --help": [*program(), "--help"],
        }
        for engine in NAMES:
            progress(f"an archive of {size:,} articles, {engine}")
            folder = Path(scratch, engine)
            with vj.Archive.create(folder, engine) as archive:
                archive.add(corpora.articles(options.corpora, size), correct=False)
            searching = [*program(), "search", _QUERY, "--archive", str(folder)]
            commands[f"vnjournal search, {engine}"] = searching
        progress("starting processes")
        seconds = alternated(
            {name: partial(run_quietly, command) for name, command in commands.items()}, _ROUNDS
        )
    times = {name: [value * 1000 for value in values] for name, values in seconds.items()}
    medians = {name: median(values) for name, values in times.items()}
    bare = medians["python -c pass"]
    report = Report(PART)
    report.tables.append(
        Table(
            f"Start: fresh processes, {size:,} articles in the archive, milliseconds",
            ("command", "median", "p95", "more than bare Python"),
            [
                [name, middle, percentile(times[name], 95), middle - bare]
                for name, middle in medians.items()
            ],
            f"{_ROUNDS} of each in turn, warm disk; 'search {_QUERY}' prints ten hits.",
        )
    )
    report.charts.append(
        Chart(
            "start",
            f"From the shell to the result, {size:,} articles",
            "milliseconds, median",
            [name.replace(" ", "\n", 1) for name in medians],
            {"": list(medians.values())},
        )
    )
    report.raw = {"articles": size, "pile": options.pile, "milliseconds": times}
    return report
