"""Bounds of what comes out of a packed file."""

from __future__ import annotations

import pytest

from vnjournal.articles.packed import bounds
from vnjournal.articles.packed.bounds import Bounds
from vnjournal.errors import SourceError


def test_members() -> None:
    counted = Bounds(10)
    counted.add_members(bounds.MOST_MEMBERS)
    assert not counted.is_over
    with pytest.raises(SourceError, match=r"more than 100,000 files .* index the folder"):
        counted.add_members(1)
    assert counted.is_over


def test_bytes_hang_on_the_size_of_the_file() -> None:
    counted = Bounds(1_000_000)
    counted.add_bytes(bounds.ALWAYS)
    counted.add_bytes(bounds.MOST_TIMES * 1_000_000)
    with pytest.raises(SourceError, match="more than 100 times its size"):
        counted.add_bytes(1)


def test_bytes_of_the_largest_files() -> None:
    counted = Bounds(bounds.MOST_BYTES)
    counted.add_bytes(bounds.MOST_BYTES)
    with pytest.raises(SourceError, match=r"more than 20,000,000,000 bytes"):
        counted.add_bytes(1)


def test_seconds() -> None:
    counted = Bounds(1000)
    counted.add_bytes(1, bounds.MOST_SECONDS)
    with pytest.raises(SourceError, match="more than 600 s to unpack"):
        counted.add_bytes(1, 0.1)
