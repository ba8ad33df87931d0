"""Places in a text: spans, tokens, edits, and the map between a text and its edited form.

Positions count Unicode code points from 0, as Python indexes strings, and ``end`` is one past the
last character: ``text[span.start:span.end] == span.text``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, such as a sentence."""

    text: str
    start: int
    end: int


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    ABBREVIATION = "abbreviation"
    ADDRESS = "address"
    PUNCTUATION = "punctuation"
    SYMBOL = "symbol"


class Token(NamedTuple):
    """A syllable, a word, or another unit of text, with its place in the original.

    A named tuple, because archives make millions of them.
    """

    text: str
    start: int
    end: int
    kind: Kind


class Replacement(Protocol):
    """Anything that says which stretch of a text is to be replaced, and by what."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def after(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Change:
    """The least a replacement can be: ``text[start:end]`` becomes ``after``."""

    start: int
    end: int
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A proposed correction: ``before`` stands at ``start:end`` and should read ``after``.

    ``kind`` names the rule, ``confidence`` (0..1) how sure it is, ``reason`` the evidence in words.
    An edit covers whole syllables, so ``before`` is never empty.
    """

    start: int
    end: int
    before: str
    after: str
    kind: str
    confidence: float
    reason: str


class EditedText:
    """A text after replacements, with a map of positions in both directions.

    Args:
        original: the text as it was.
        changes: replacements in any order; they must lie inside the text and not overlap.

    Raises ValueError for changes that overlap or lie outside.

    Inside a replaced stretch positions cannot correspond one to one: a span that touches any of it
    grows to cover the whole of it. What was inserted or deleted between two characters belongs to
    neither of them.

    >>> edited = EditedText("đề ra.Đảng bộ", [Change(3, 10, "ra. Đảng")])
    >>> edited.text
    'đề ra. Đảng bộ'
    >>> edited.original_span(12, 14), edited.edited_span(11, 13)
    ((11, 13), (12, 14))
    """

    __slots__ = ("_after_ends", "_after_starts", "_columns", "_ends", "_starts", "original", "text")

    def __init__(self, original: str, changes: Iterable[Replacement]) -> None:
        self.original = original
        ordered = sorted(changes, key=lambda change: (change.start, change.end))
        pieces: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._after_starts: list[int] = []
        self._after_ends: list[int] = []
        self._columns: NDArray[np.int64] | None = None
        done = 0
        length = 0
        for change in ordered:
            if not done <= change.start <= change.end <= len(original):
                raise ValueError(
                    f"change {change.start}:{change.end} overlaps another or lies outside the text"
                )
            length += change.start - done
            pieces += (original[done : change.start], change.after)
            self._starts.append(change.start)
            self._ends.append(change.end)
            self._after_starts.append(length)
            length += len(change.after)
            self._after_ends.append(length)
            done = change.end
        if not ordered:
            self.text = original
            return
        pieces.append(original[done:])
        self.text = "".join(pieces)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the edited text to the stretch of the original it came from."""
        return _map_span(start, end, self._after_starts, self._after_ends, self._starts, self._ends)

    def original_spans(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Map many spans, none of them empty, as :meth:`original_span` maps one.

        >>> edited = EditedText("đề ra.Đảng bộ", [Change(3, 10, "ra. Đảng")])
        >>> edited.original_spans(np.array([0, 12]), np.array([2, 14]))
        (array([ 0, 11]), array([ 2, 13]))
        """
        if not self._starts:
            return starts, ends
        if self._columns is None:
            # a first change that changes nothing, so that each place has one at or before it
            lists = (self._after_starts, self._after_ends, self._starts, self._ends)
            self._columns = np.array([[0, *places] for places in lists])
        after_starts, after_ends, before_starts, before_ends = self._columns
        at = after_starts.searchsorted(starts, side="right") - 1
        behind = starts - after_ends[at]
        first = np.where(behind < 0, before_starts[at], before_ends[at] + behind)
        at = after_starts.searchsorted(ends) - 1
        behind = ends - after_ends[at]
        last = before_ends[at] + behind.clip(min=0)
        return first, last

    def edited_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the original to where it stands in the edited text."""
        return _map_span(start, end, self._starts, self._ends, self._after_starts, self._after_ends)


def _map_span(
    start: int,
    end: int,
    from_starts: Sequence[int],
    from_ends: Sequence[int],
    to_starts: Sequence[int],
    to_ends: Sequence[int],
) -> tuple[int, int]:
    if start == end:
        at = bisect_left(from_starts, start)
        if at < len(from_starts) and from_starts[at] == from_ends[at] == start:
            return to_starts[at], to_ends[at]
    at = bisect_right(from_starts, start) - 1  # the last change that begins at or before the start
    if at < 0:
        mapped_start = start
    elif start < from_ends[at]:
        mapped_start = to_starts[at]
    else:
        mapped_start = start - from_ends[at] + to_ends[at]
    at = bisect_left(from_starts, end) - 1  # the last change that begins before the end
    if at < 0:
        mapped_end = end
    elif end <= from_ends[at]:
        mapped_end = to_ends[at]
    else:
        mapped_end = end - from_ends[at] + to_ends[at]
    return mapped_start, max(mapped_start, mapped_end)
