"""Blanks that are missing or too many around punctuation and brackets.

All units of a passage are looked at together. What the rules leave alone on purpose: marks inside
numbers, dates, addresses and abbreviations (one unit each), ``abc.xyz`` (a file or a site), marks
beside foreign words, formulas such as ``f(x)``, and quotes, which open and close alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vnjournal.correction.proposal import Proposal
from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.segment.units import Look, Units
from vnjournal.text.alphabet import MARKED_LETTERS
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EVERYDAY = 1000  # a syllable this frequent is an everyday one
_KNOWN = 100  # a syllable this frequent is certainly one
_SURE = 0.98
_LABEL = 0.7  # the number of a heading is often set so: 2.Hội đồng

# What a unit is to the blanks around it, in the bits of a number.
_PAUSE = 1  # , ; : ! ?
_STOP = 2  # a full stop
_OPENS = 4  # a bracket
_CLOSES = 8
_QUOTE = 16  # one that closes
_WORD = 32  # certainly a Vietnamese one
_EVERYDAY_WORD = 64
_NUMBER = 128
_CAPITAL = 256
_COLON = 512


def _traits(text: str, kind: Kind) -> int:
    if kind is Kind.PUNCTUATION:
        return (
            _PAUSE * (text in {",", ";", ":", "!", "?"})
            | _COLON * (text == ":")
            | _STOP * (text == ".")
            | _OPENS * (text == "(")
            | _CLOSES * (text == ")")
            | _QUOTE * (text in {'"', "”", "’", "»"})
        )
    if kind is Kind.WORD:
        count = lexicon.syllables.get(spelling(text), 0)
        marked = not MARKED_LETTERS.isdisjoint(text)
        return (
            _WORD * (count >= _KNOWN and len(text) > 1)
            | _EVERYDAY_WORD * (count >= _EVERYDAY and (len(text) > 1 or marked))
            | _CAPITAL * text[0].isupper()
        )
    return _NUMBER * (kind in {Kind.NUMBER, Kind.DATE, Kind.TIME})


_look = Look(_traits)


def wrong_blanks(units: Units) -> Iterator[Proposal]:
    """Every blank that is missing or too many, as a proposal.

    ``cơ sở,theo`` → ``cơ sở, theo``; ``chi bộ .Các`` → ``chi bộ. Các``; ``( khoá XI )`` →
    ``(khoá XI)``; ``Trung ương(khoá XI)`` → ``Trung ương (khoá XI)``.
    """
    traits = np.concatenate([[0], _look.of(units), [0]])
    # how wide the gap before each unit is; before and behind a line there is none
    gaps = np.zeros(len(units) + 2, np.int64)
    gaps[2:-1] = units.starts[1:] - units.ends[:-1]
    begins_line = np.zeros(len(units) + 2, np.bool_)
    begins_line[units.lines + 1] = True
    begins_line[-1] = True
    before, mark, after = traits[:-2], traits[1:-1], traits[2:]
    gap_before, gap_after = gaps[1:-1], gaps[2:]
    first, last = begins_line[1:-1], begins_line[2:]

    ends_clause = _has(before, _WORD | _NUMBER | _QUOTE | _CLOSES) & ~first
    goes_on = _has(after, _EVERYDAY_WORD) & ~last
    new_sentence = goes_on & _has(after, _CAPITAL) & _has(before, _WORD | _NUMBER)
    glued = (gap_after == 0) & ((_has(mark, _PAUSE) & goes_on) | (_has(mark, _STOP) & new_sentence))
    ratio = _has(mark, _COLON) & _has(before, _NUMBER) & _has(after, _NUMBER)
    parted = (gap_before == 1) & (last | (gap_after > 0) | glued)
    parted &= (_has(mark, _PAUSE) & ~ratio) | (_has(mark, _STOP) & (last | _has(after, _CAPITAL)))
    yield from _missing_after(units, ends_clause & ((gap_before == 0) | parted) & glued)
    yield from _needless_before(units, ends_clause & parted)

    opens = _has(mark, _OPENS) & _has(before, _WORD | _NUMBER) & ~first
    opens &= _has(after, _WORD) & ~last
    closes = _has(mark, _CLOSES) & _has(before, _WORD | _NUMBER) & ~first
    yield from _missing_before(units, opens & (gap_before == 0))
    yield from _needless_after(units, opens & (gap_after == 1))
    yield from _missing_after(units, closes & (gap_before == 0) & (gap_after == 0) & goes_on)
    yield from _needless_before(units, closes & (gap_before == 1))


def _has(traits: NDArray[np.int64], some: int) -> NDArray[np.bool_]:
    return (traits & some) > 0


def _missing_after(units: Units, where: NDArray[np.bool_]) -> Iterator[Proposal]:
    labels = _is_label(units)
    for at in where.nonzero()[0].tolist():
        sure = _LABEL if labels[at - 1] and units.text(at) == "." else _SURE
        change = int(units.ends[at]), int(units.ends[at]), " "
        reason = f"no space after '{units.text(at)}'"
        yield Proposal(*change, at - 1, at + 1, "space-after-punctuation", sure, reason)


def _missing_before(units: Units, where: NDArray[np.bool_]) -> Iterator[Proposal]:
    for at in where.nonzero()[0].tolist():
        change = int(units.starts[at]), int(units.starts[at]), " "
        reason = f"no space before '{units.text(at)}'"
        yield Proposal(*change, at - 1, at, "space-before-bracket", _SURE, reason)


def _needless_before(units: Units, where: NDArray[np.bool_]) -> Iterator[Proposal]:
    for at in where.nonzero()[0].tolist():
        change = int(units.ends[at - 1]), int(units.starts[at]), ""
        reason = f"a space before '{units.text(at)}'"
        yield Proposal(*change, at - 1, at, "needless-space", _SURE, reason)


def _needless_after(units: Units, where: NDArray[np.bool_]) -> Iterator[Proposal]:
    for at in where.nonzero()[0].tolist():
        change = int(units.ends[at]), int(units.starts[at + 1]), ""
        reason = f"a space after '{units.text(at)}'"
        yield Proposal(*change, at, at + 1, "needless-space", _SURE, reason)


def _is_label(units: Units) -> NDArray[np.bool_]:
    """Whether each unit is the first or second of its line: ``2.`` and ``Điều 2.`` number it."""
    found = np.zeros(len(units) + 1, np.bool_)
    found[units.lines] = found[units.lines + 1] = True
    return found[:-1] & _has(_look.of(units), _NUMBER)
