"""Part ``sync``: an archive indexed again, nothing or little having changed, and after kills.

All is done from the shell, in fresh processes. The articles lie in a file each, a thousand to a
folder.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import corpora, samples
from benchmarks.options import Options
from benchmarks.report import Figure, Progress, Report, Table
from benchmarks.shell import program

PART = "sync"

_KILLS = 10
_REACH = 1.5  # how far ten kills come at most, of the way of the first run
_AGAIN = 3  # runs of which the fastest counts
_TO_A_FOLDER = 1000
_CHANGED = 100  # of so many files one
_QUERIES = ("khoa hoc", "thanh pho ho chi minh", "công an", '"uy ban nhan dan"')


def run(options: Options, progress: Progress) -> Report:
    """Index, index again, change a little, index again; kill another index ten times."""
    with TemporaryDirectory() as scratch:
        files = Path(scratch, "articles")
        count = _write(files, options)
        index = [*program(), "index", str(files), "--archive"]
        progress(f"indexing {count:,} files")
        first = _seconds([*index, f"{scratch}/whole"])
        progress("again, unchanged")
        again = min(_seconds([*index, f"{scratch}/whole"]) for _ in range(_AGAIN))
        progress("killing it")
        killed = _killed([*index, f"{scratch}/killed"], first, again, progress)
        same = _contents(Path(scratch, "killed")) == _contents(Path(scratch, "whole"))
        changed = sorted(files.rglob("*.txt"))[::_CHANGED]
        for file in changed:
            file.write_text(f"{file.read_text(encoding='utf-8')}\nHết.", encoding="utf-8")
        progress(f"again, {len(changed):,} changed")
        little = _seconds([*index, f"{scratch}/whole"])
    report = Report(PART)
    report.tables.append(
        Table(
            f"Sync: {count:,} files of {options.pile}, a process from the shell",
            ("run", "seconds", "of the first"),
            [
                ["first", first, 1.0],
                [f"again, unchanged (fastest of {_AGAIN})", again, again / first],
                [f"again, {len(changed):,} files changed", little, little / first],
            ],
            f"{killed} runs killed at random moments and one to the end: "
            f"{'the same archive as of' if same else 'ANOTHER ARCHIVE THAN OF'} the first run.",
        )
    )
    data = tuple(f"corpora/{path.name}" for path in options.corpora) or (samples.ARTICLES,)
    report.figures += [Figure(PART, "kills and a resume make the same archive", float(same), data)]
    report.raw = {
        "files": count,
        "pile": options.pile,
        "seconds": {"first": first, "again": again, "little changed": little},
        "killed": killed,
    }
    return report


def _write(folder: Path, options: Options) -> int:
    count = 0
    for article in corpora.articles(options.corpora, options.articles):
        file = folder / f"{count // _TO_A_FOLDER:03}" / f"{count:06}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{article.title}\n\n{article.body}", encoding="utf-8")
        count += 1
    return count


def _seconds(command: Sequence[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def _killed(command: Sequence[str], first: float, again: float, progress: Progress) -> int:
    """Kill a command at random moments, and let it end once; returns how often it was killed."""
    chance = random.Random(6)
    killed = 0
    for _ in range(_KILLS):
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(again + chance.random() * _REACH * (first - again) / _KILLS)
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
    progress(f"killed {killed} times")
    _seconds(command)
    return killed


def _contents(folder: Path) -> list[object]:
    """What an archive holds and what it answers; raises RuntimeError where it is damaged."""
    if wrong := vj.Archive.check(folder):
        raise RuntimeError("; ".join(wrong))
    with vj.Archive.open(folder) as archive:
        hits = [
            [(hit.id, round(hit.score, 3)) for hit in archive.search(query)] for query in _QUERIES
        ]
        return [*((article, archive.edits(article.id)) for article in archive), *hits]
