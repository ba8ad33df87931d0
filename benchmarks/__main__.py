"""The command: chooses parts, prints tables, checks floors, records."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks import (
    cluster,
    detection,
    engines,
    index,
    known_items,
    mixed,
    queries,
    restore,
    scale,
    search,
    start,
    sync,
    typos,
    words,
)
from benchmarks.floors import Floors
from benchmarks.options import Options
from benchmarks.record import about, record
from benchmarks.report import Progress, Report

PARTS: dict[str, Callable[[Options, Progress], Report]] = {
    module.PART: module.run
    for module in (
        words,
        typos,
        detection,
        restore,
        search,
        known_items,
        queries,
        engines,
        cluster,
        scale,
        index,
        mixed,
        start,
        sync,
    )
}

#: Parts that are run when they are named only: they start a cluster, and take long.
ON_REQUEST = {cluster.PART, scale.PART}


def main(arguments: list[str] | None = None) -> int:
    """Run the suite; returns 1 when a figure of quality misses its floor."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    missing = [str(path) for path in (*asked.corpus, asked.eval) if path and not path.exists()]
    if missing:
        parser.error(f"there is no {', '.join(missing)}")
    unknown = [part for part in asked.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}: choose of {', '.join(PARTS)}")
    if asked.growth and not asked.corpus:
        parser.error("--growth needs a --corpus")
    options = Options(tuple(asked.corpus), asked.eval, asked.limit, asked.growth)
    parts = asked.parts or [part for part in PARTS if part not in ON_REQUEST]
    facts = about(_command(parts if asked.parts else [], asked))
    begin = perf_counter()

    def progress(line: str) -> None:
        print(f"[{perf_counter() - begin:6.1f} s] {line}", file=sys.stderr, flush=True)

    reports = []
    for part in parts:
        report = PARTS[part](options, progress)
        print(*(table.as_text() for table in report.tables), sep="\n", flush=True)
        reports.append(report)
    if asked.record:
        print(f"recorded in {record(asked.record, facts, reports)}", file=sys.stderr)

    figures = [figure for report in reports for figure in report.figures]
    floors = Floors.read()
    if asked.set_floors:
        floors.reset(figures, parts, options).write()
        print(f"{len(figures)} floors set", file=sys.stderr)
        return 0
    wrong = floors.check(figures, parts, options)
    for line in wrong:
        print(f"FLOOR  {line}", file=sys.stderr)
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument(
        "--corpus",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="documents parted by U+001E lines, xz or plain; may be given again",
    )
    parser.add_argument("--eval", type=Path, metavar="FOLDER", help="the evaluation data")
    parser.add_argument("--limit", type=int, metavar="N", help="articles to index, for speed")
    parser.add_argument(
        "--growth", action="store_true", help="index up to 50 N articles, too; takes minutes"
    )
    parser.add_argument("--record", metavar="NAME", help="write benchmarks/runs/<date>-NAME/")
    parser.add_argument(
        "--set-floors", action="store_true", help="make this run's figures the floors"
    )
    return parser


def _command(parts: list[str], asked: argparse.Namespace) -> str:
    """The command as it is recorded: the names of files, not where they lie on this machine."""
    words = ["python", "-m", "benchmarks", *parts]
    for path in asked.corpus:
        words += ["--corpus", path.name]
    if asked.eval:
        words += ["--eval", asked.eval.resolve().name]
    if asked.limit:
        words += ["--limit", str(asked.limit)]
    if asked.growth:
        words.append("--growth")
    if asked.record:
        words += ["--record", asked.record]
    return shlex.join(words)


if __name__ == "__main__":
    sys.exit(main())
