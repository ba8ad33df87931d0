"""Part ``start``: how long a command takes from the shell, result printed."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora
from benchmarks.options import Options
from benchmarks.report import Chart, Progress, Report, Table
from benchmarks.timing import alternated, median, percentile
from vnjournal.index.engines import NAMES

PART = "start"

_ROUNDS = 15
_QUERY = "dang bo so khoa hoc"


def run(options: Options, progress: Progress) -> Report:
    """Time fresh processes in turn: bare Python, the import, the help, a search of each engine."""
    size = options.few_and_many[1]
    with TemporaryDirectory() as scratch:
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import vnjournal": [sys.executable, "-c", "import vnjournal"],
            "vnjournal --help": [*_program(), "--help"],
        }
        for engine in NAMES:
            progress(f"an archive of {size:,} articles, {engine}")
            folder = Path(scratch, engine)
            with vj.Archive.create(folder, engine) as archive:
                archive.add(corpora.articles(options.corpora, size), correct=False)
            searching = [*_program(), "search", _QUERY, "--archive", str(folder)]
            commands[f"vnjournal search, {engine}"] = searching
        progress("starting processes")
        seconds = alternated(
            {name: partial(_start, command) for name, command in commands.items()}, _ROUNDS
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


def _program() -> list[str]:
    """The installed command, or the module where the command is not beside the interpreter."""
    script = Path(sys.executable).with_name("vnjournal")
    return [str(script)] if script.exists() else [sys.executable, "-m", "vnjournal"]


def _start(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
