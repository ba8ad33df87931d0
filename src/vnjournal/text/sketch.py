"""Sketches of texts, by which those that are nearly the same are found among many.

A text is taken as the set of its shingles, runs of four syllables; two texts that are nearly the
same share most of them. Every shingle has a random number, which falls into one of 128 ranges; a
sketch holds the least number of each range. The share of ranges in which two texts agree is about
the share of their shingles that both have (A. Broder, On the resemblance and containment of
documents, 1997); an empty range borrows from the next (A. Shrivastava, P. Li, Densifying one
permutation hashing, 2014). Texts that agree in a whole band of four ranges are worth comparing (J.
Leskovec, A. Rajaraman, J. Ullman, Mining of Massive Datasets, 3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: From this similarity on two texts are nearly the same.
SAME = 0.7

_SHINGLE = 4  # syllables
_FEWEST = 20  # shingles: fewer tell nothing
_RANGES = 128
_BANDS, _WIDTH = 16, 4  # sixteen are enough: 99 in 100 pairs at SAME share one, of those at .8 all

# Odd numbers at random, the same for ever, since sketches are stored.
_WEIGHTS = np.frombuffer(sha512(b"vnjournal").digest(), "<u8").astype(np.uint64) | np.uint64(1)
_STEP = np.uint32(0x9E3779B1)  # by how much what is borrowed differs, for each range gone by


def sketch(syllables: Sequence[str]) -> bytes:
    """The sketch of a text's syllables, 512 bytes; empty for a text that is too short to tell.

    >>> text = [f"{n}" for n in range(200)]
    >>> similarity(sketch(text), sketch([*text, *"thêm mấy chữ".split()])) > 0.9
    True
    >>> sketch(text[:9])
    b''
    """
    count = len(syllables) - _SHINGLE + 1
    if count < _FEWEST:
        return b""
    numbers = np.fromiter(map(_number, syllables), np.uint64, len(syllables))
    shingles = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        shingles += numbers[place : place + count] * _WEIGHTS[place]
    mixed = (shingles ^ shingles >> np.uint64(29)) * _WEIGHTS[-1]
    mixed.sort()
    ranges = (mixed >> np.uint64(57)).astype(np.int64)
    first = ranges.searchsorted(np.arange(_RANGES))  # of each range, or of a later one
    at = np.where(first < count, first, 0)
    distance = (ranges[at] - np.arange(_RANGES)) % _RANGES
    least = (mixed[at] >> np.uint64(25)).astype(np.uint32)
    found: bytes = (least + distance.astype(np.uint32) * _STEP).astype("<u4").tobytes()
    return found


def bands(of: bytes) -> list[int]:
    """Numbers below 2 ** 63, one of which two sketches share that are alike, almost surely."""
    parts = _values(of)[: _BANDS * _WIDTH].reshape(_BANDS, _WIDTH).astype(np.uint64)
    numbers = (parts * _WEIGHTS[:_WIDTH]).sum(axis=1, dtype=np.uint64)
    numbers = (numbers + np.arange(_BANDS, dtype=np.uint64)) * _WEIGHTS[-1]
    found: list[int] = (numbers >> np.uint64(1)).tolist()
    return found


def similarity(one: bytes, other: bytes) -> float:
    """The share of shingles that two texts have in common, estimated from their sketches."""
    return similarities(one, [other])[0]


def similarities(one: bytes, others: Sequence[bytes]) -> list[float]:
    """The :func:`similarity` of a text to each of some others."""
    found: list[float] = (
        (_values(b"".join(others)).reshape(-1, _RANGES) == _values(one)).mean(axis=1).tolist()
    )
    return found


def _values(of: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(of, "<u4")


@lru_cache(1 << 14)
def _number(syllable: str) -> int:
    return crc32(syllable.encode("utf-8", "surrogatepass"))
