"""Reads the case files of ``tests/cases`` (see the README there) and finds the shared data."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

#: The Unicode forms in which every case must behave alike.
NormalForm = Literal["NFC", "NFD"]

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[list[str]]:
    """The columns of every case in a file."""
    return [line.split("\t") for line in lines(name)]


def lines(name: str) -> list[str]:
    """Every line of a file that is no comment."""
    text = (CASES / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def shared(name: str) -> Path:
    """A file of the folder ``shared`` beside the checkout; the test is skipped without it."""
    path = Path(__file__).parents[2] / "shared" / name
    if not path.exists():
        pytest.skip(f"needs shared/{name} beside the checkout")
    return path
