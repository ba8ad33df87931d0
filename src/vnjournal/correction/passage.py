"""The part of a text that is corrected together, and what in it is better left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal import resources
from vnjournal.correction.context import Context
from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.segment.units import Look, Units, units_of
from vnjournal.segment.user_words import UserWords
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PARTS = 16  # of about 65,000 characters each
_AROUND = 5  # units that are looked at together
_VERSE = range(3, 10)  # words in a line
_VERSE_LINES = 4

_ANY_WORD = 1
_VIETNAMESE = 2
_CAPITAL = 4
_TITLE = 8


class Part(NamedTuple):
    """Some whole lines of a passage."""

    units: Units
    context: Context


def passages(nfc: str) -> Iterator[list[Part]]:
    """A composed text as passages of about a million characters, which bounds the memory."""
    parts = (Part(units, Context.of(units)) for units in units_of(nfc))
    while passage := list(islice(parts, _PARTS)):
        yield passage


def _traits(text: str, kind: Kind) -> int:
    if kind is not Kind.WORD:
        return _CAPITAL * text[0].isupper()
    lower = text.lower()
    known = spelling(text) in lexicon.syllables or parse_syllable(lower) is not None
    return (
        _ANY_WORD
        | _VIETNAMESE * known
        | _CAPITAL * text[0].isupper()
        | _TITLE * (lower in _titles())
    )


_look = Look(_traits)


@cache
def _titles() -> frozenset[str]:
    return frozenset(title for (title,) in resources.rows("correction", "titles.tsv"))


def is_protected(units: Units, words: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each unit is part of one of the user's own words, of one syllable or more."""
    found = np.zeros(len(units), np.bool_)
    user_words = UserWords.of(words, shortest=1)
    if user_words:
        texts = units.texts()
        for begin, end in zip(units.lines.tolist(), units.line_ends.tolist(), strict=True):
            for first, last in user_words.find(texts[begin:end]):
                found[begin + first : begin + last] = True
    return found


def is_foreign(units: Units) -> NDArray[np.bool_]:
    """Whether most words around each unit, or most of its line, are no syllables."""
    traits = _look.of(units)
    words = (traits & _ANY_WORD) > 0
    strange = words & ((traits & _VIETNAMESE) == 0)
    near: NDArray[np.bool_] = 2 * _around(strange) > _around(words)
    of_line: NDArray[np.bool_] = 2 * in_lines(units, strange) > in_lines(units, words)
    return near | of_line.repeat(units.line_ends - units.lines)


def in_lines(units: Units, some: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many units of each line are among some."""
    sums: NDArray[np.int64] = np.add.reduceat(some, units.lines, dtype=np.int64)
    return sums


def _around(some: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of each unit and those around it are among some."""
    side = _AROUND // 2
    sums: NDArray[np.int64] = np.convolve(some.astype(np.int64), np.ones(_AROUND, np.int64))[
        side:-side
    ]
    return sums


def is_doubtful(units: Units) -> NDArray[np.bool_]:
    """Whether another word is never safe: in names of people after a title, and in verse."""
    return _is_name(units) | _is_verse(units)


def _is_name(units: Units) -> NDArray[np.bool_]:
    """Words with capitals, in a row that a title stands before: ``ông Đàm Thị Lụa``."""
    traits = _look.of(units)
    capital = (traits & _CAPITAL) > 0
    after_title = np.append(False, (traits[:-1] & _TITLE) > 0)
    begins_row = capital & ~np.append(False, capital[:-1])
    rows = begins_row.cumsum()
    titled = np.append(False, after_title[begins_row])
    named: NDArray[np.bool_] = capital & titled[rows]
    return named


def _is_verse(units: Units) -> NDArray[np.bool_]:
    """Words in several short lines that follow each other."""
    words = (_look.of(units) & _ANY_WORD) > 0
    of_line = in_lines(units, words)
    short = (of_line >= _VERSE.start) & (of_line < _VERSE.stop)
    begins = short & ~np.append(False, short[:-1])
    rows = begins.cumsum()
    lengths = np.bincount(rows, short, minlength=rows[-1] + 1)
    verse = short & (lengths[rows] >= _VERSE_LINES)
    found: NDArray[np.bool_] = verse.repeat(units.line_ends - units.lines)
    return found
