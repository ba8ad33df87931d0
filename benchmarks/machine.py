"""What a run was measured with: revision, versions of libraries, machine."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.options import ROOT

_LIBRARIES = (
    *("vnjournal", "tantivy", "whoosh", "underthesea", "underthesea-core", "pyvi", "bm25s"),
    *("numpy", "regex", "unidecode", "click", "rich"),
)


def revision() -> str:
    """The git revision, marked when the tree held changes; empty outside a checkout."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--", "src", "data", "benchmarks")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + (" with changes not committed" if changed else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """The version of each library that a figure may depend on."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def machine() -> dict[str, Any]:
    """Processor, cores, memory, and how busy the machine was when the run began."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
