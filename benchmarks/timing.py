"""Timing: medians, percentiles, child processes and their memory."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.options import ROOT

_WARM = 20  # queries
_STATUS = Path("/proc/self/status")


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def alternated(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each action in each round, one after the other, so that noise meets all alike.

    One round before the first is not counted: it loads models and warms caches.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + 1):
        for name, action in actions.items():
            begin = perf_counter()
            action()
            if number:
                seconds[name].append(perf_counter() - begin)
    return seconds


def peak_memory() -> int:
    """The most bytes of memory that this process has held.

    Linux's ``ru_maxrss`` is inherited across fork and exec, so that a child of a large parent
    would report the parent's memory; the kernel's high-water mark of the address space is not.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def peak_memory_of_children() -> int:
    """The most bytes that any one child process which has ended held; 0 without children."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def in_child(module: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Run a module of the suite in a fresh process: a job goes in as JSON, its answer comes out."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def milliseconds(search: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """How long each query takes, after some to get warm."""
    for query in queries[:_WARM]:
        search(query)
    times = []
    for query in queries:
        begin = perf_counter()
        search(query)
        times.append((perf_counter() - begin) * 1000)
    return times
