"""Words with places -> lines in reading order, in one column or several.

A gutter is a strip with no word in it, several lines high, with running text on both sides: the
columns of a table are too short to be taken for it. The page is cut at the gutter that has most
lines beside it, into what is above, left, right and below, and each of these again. That is the
recursive cut of Nagy and Seth (1984, "Hierarchical representation of optically scanned documents"),
with gutters that need not run from edge to edge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vnjournal.articles.pdf.words import Word, raised, usual_size

_GUTTER = 0.9  # least width, in parts of the size of the letters
_LEAST_LINES = 3  # beside a gutter, where no gutter is known
_LEAST_LETTERS = 12  # in a line of running text, on average
_SAME_LINE = 0.35  # how far apart baselines may be, in parts of the size
_RAISED = 0.2  # how far up, at least, a note's number stands
_MOST_RAISED = 0.7
_MOST_LOWERED = 0.4
_LETTER = re.compile(r"[^\W\d_]")
_MARK_LENGTH = 5  # a note's number, or several
_SMALL = 0.8  # times the size of the line: a note's number is smaller
_NO_ROOM = 0.15
_APART = 1.9  # room between lines, at least, that parts what is not of the columns
_MOST_WORDS = 5_000  # on a page that has columns
_MOST_PLACES = 800  # for a gutter that are looked at
_MOST_BLOCKS = 40  # on a page
_MOST_WORK = 5_000_000_000  # words times places: a thousand pages that are full of text


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column. ``column``: left and right edge of the column; ``block``: its number."""

    words: tuple[Word, ...]
    page: int
    block: int
    column: tuple[float, float]

    @property
    def text(self) -> str:
        """Its words, parted by spaces where there is room between them."""
        text = self.words[0].text
        for before, word in zip(self.words, self.words[1:], strict=False):
            close = word.left - before.right <= _NO_ROOM * min(before.size, word.size)
            text += word.text if close else f" {word.text}"
        return text

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(word.right for word in self.words)

    @property
    def baseline(self) -> float:
        """How high it stands."""
        return median(word.baseline for word in self.words)

    @property
    def size(self) -> float:
        """The size of most of its letters, in points."""
        return usual_size(self.words)

    @property
    def bold(self) -> bool:
        """Whether most of its letters are bold."""
        letters = sum(len(word.text) for word in self.words)
        return 2 * sum(len(word.text) for word in self.words if word.bold) > letters


def lines(pages: Sequence[Sequence[Word]], numbers: Sequence[int]) -> list[Line]:
    """The lines of all pages in the order in which they are read.

    ``numbers`` of the pages. A gutter that is found on one page is known on the others, where few
    lines may stand beside it.
    """
    gutters = _Gutters()
    for page in pages:
        _blocks(page, gutters)
    gutters.learning = False
    found: list[Line] = []
    block = 0
    for number, page in zip(numbers, pages, strict=True):
        for words in _blocks(page, gutters):
            edges = min(word.left for word in words), max(word.right for word in words)
            rows = _rows_of_words(words)
            found += [Line(tuple(row), number, block, edges) for row in rows]
            block += 1
    return found


@dataclass(slots=True)
class _Gutters:
    """The gutters of a document, and how much more may be done to find them."""

    known: set[int] = field(default_factory=set)
    learning: bool = True
    work_left: int = _MOST_WORK

    def may_be_at(self, x: float, width: float) -> bool:
        """Whether a gutter that is known may be the one that begins there."""
        return not self.learning and any(abs(x - each) < width for each in self.known)


def _blocks(words: Sequence[Word], gutters: _Gutters) -> list[list[Word]]:
    if len(words) > _MOST_WORDS:
        return [list(words)]
    found: list[list[Word]] = []
    waiting = [list(words)]
    while waiting:
        region = waiting.pop()
        if not region:
            continue
        cut = len(found) < _MOST_BLOCKS and _cut(region, gutters)
        if cut:
            waiting += reversed(cut)
        else:
            found.append(region)
    return found


def _cut(words: list[Word], gutters: _Gutters) -> list[list[Word]] | None:
    """The words above, left, right and below the gutter with most lines beside it."""
    row = _row_numbers(words)
    lefts = np.array([word.left for word in words])
    rights = np.array([word.right for word in words])
    width = _GUTTER * usual_size(words)
    first, last = lefts.min() + width, rights.max() - width
    places = np.arange(first, last, max(1.0, (last - first) / _MOST_PLACES))
    gutters.work_left -= len(places) * len(words)
    if not len(places) or gutters.work_left < 0:
        return None
    best: tuple[tuple[int, int], float, int, int] | None = None
    letters = np.array([len(word.text) for word in words])
    for x in places:
        is_left, is_right = rights <= x, lefts >= x + width
        crossed = np.bincount(row[~(is_left | is_right)], minlength=row[-1] + 1) > 0
        at_left = np.bincount(row[is_left], letters[is_left], row[-1] + 1)
        at_right = np.bincount(row[is_right], letters[is_right], row[-1] + 1)
        is_known = gutters.may_be_at(float(x), width)
        least = 1 if is_known else _LEAST_LINES
        if min(np.count_nonzero(at_left[~crossed]), np.count_nonzero(at_right[~crossed])) < least:
            continue
        for start, end in _free_stretches(crossed):
            score = _lines_beside(at_left[start:end], at_right[start:end], running=not is_known)
            if score >= least and (best is None or (score, end - start) > best[0]):
                best = (score, end - start), float(x), start, end
    if best is None:
        return None
    _, x, start, end = best
    if gutters.learning:
        gutters.known.add(round(x))
    is_left = rights <= x
    start, end = _trimmed(words, row, is_left, start, end)
    parts: list[list[Word]] = [[], [], [], []]
    for word, number, left in zip(words, row, is_left, strict=True):
        parts[0 if number < start else 3 if number >= end else 1 if left else 2].append(word)
    return parts if sum(map(bool, parts)) > 1 else None


def _lines_beside(left: NDArray[Any], right: NDArray[Any], *, running: bool) -> int:
    """Lines on the side that has fewer; 0 where one side is no running text but should be."""
    counts = int(np.count_nonzero(left)), int(np.count_nonzero(right))
    if not all(counts):
        return 0
    if running and min(left.sum() / counts[0], right.sum() / counts[1]) < _LEAST_LETTERS:
        return 0
    return min(counts)


def _free_stretches(crossed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], crossed, [True])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _trimmed(
    words: list[Word], row: NDArray[np.intp], is_left: NDArray[np.bool_], start: int, end: int
) -> tuple[int, int]:
    """The stretch without the lines at its ends that belong to what is above and below.

    Above: lines at the left only, such as the last of a full-width paragraph. Above and below:
    lines at one side only that stand apart.
    """
    inside = (row >= start) & (row < end)
    start = max(start, int(row[inside & ~is_left].min()))
    sides = row[inside & is_left & (row >= start)], row[inside & ~is_left]
    if not len(sides[0]):
        return start, end
    both_start, both_end = max(map(np.min, sides)), min(map(np.max, sides)) + 1
    room = _APART * usual_size(words)
    heights = {int(number): word.baseline for word, number in zip(words, row, strict=True)}
    apart = [
        number for number in range(start + 1, end) if heights[number - 1] - heights[number] > room
    ]
    start = max((number for number in apart if number <= both_start), default=start)
    end = min((number for number in apart if number >= both_end), default=end)
    return start, end


def _row_numbers(words: list[Word]) -> NDArray[np.intp]:
    """For each word the number of its line across the page; the words are sorted so."""
    words.sort(key=lambda word: -word.baseline)
    numbers, number = [], 0
    top = words[0].baseline
    for word in words:
        if top - word.baseline > _SAME_LINE * word.size:
            number += 1
            top = word.baseline
        numbers.append(number)
    return np.array(numbers, dtype=np.intp)


def _rows_of_words(words: Sequence[Word]) -> list[list[Word]]:
    """The lines of a column from the top; a note's number joins the line that it stands on."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.baseline):
        if rows and rows[-1][0].baseline - word.baseline <= _SAME_LINE * word.size:
            rows[-1].append(word)
        else:
            rows.append([word])
    lines: list[list[Word]] = [row for row in rows if not _is_of_marks(row)]
    for row in filter(_is_of_marks, rows):
        rest = [word for word in row if not _put(word, lines)]
        if rest:
            lines.append(rest)
    lines.sort(key=lambda row: -row[0].baseline)
    return [sorted(row, key=lambda word: word.left) for row in lines]


def _is_of_marks(row: list[Word]) -> bool:
    """Whether it is of nothing but numbers, signs and single letters."""
    return all(
        len(word.text) == 1 or (len(word.text) <= _MARK_LENGTH and not _LETTER.search(word.text))
        for word in row
    )


def _put(word: Word, lines: list[list[Word]]) -> bool:
    """Put a small raised or lowered word into the line whose words it stands beside."""
    for line in lines:
        rise = word.baseline - line[0].baseline
        if any(
            word.size < _SMALL * other.size
            and -_MOST_LOWERED * other.size < rise < _MOST_RAISED * other.size
            and min(abs(word.left - other.right), abs(other.left - word.right)) < other.size / 2
            for other in line
        ):
            line.append(raised(word) if rise > _RAISED * word.size else word)
            return True
    return False
