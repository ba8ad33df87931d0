"""Where sentences end.

A sentence ends at ``.``, ``!``, ``?`` or ``…``, with the quotes and brackets that close after it,
when a capital, a digit, an opening quote or a dash follows, with or without the space
(``chi bộ.Các``), and at the end of a paragraph's line. It does not end inside a number, date,
address or abbreviation (those are single units), after the number of a heading (``1. Mở đầu``), or
at a comma, colon or semicolon, whatever letter follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from vnjournal.segment.tokens import Unit, units_of_lines
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Span

_ENDS = frozenset(".!?…")
_CLOSERS = frozenset("\"'”’»)]}")
_OPENERS = frozenset("\"'“‘«([{-–—•*+")


def sentence_units(nfc: str) -> Iterator[list[Unit]]:
    """The units of a composed text, sentence by sentence."""
    for line in units_of_lines(nfc):
        for begin, end in pairwise((*sentence_begins(line), len(line))):
            yield line[begin:end]


def sentence_begins(line: list[Unit]) -> Iterator[int]:
    """The places in a line's units where sentences begin; 0 is the first."""
    yield 0
    begin = 0
    for at, (text, _, _, kind) in enumerate(line):
        if kind is not Kind.PUNCTUATION or text[0] not in _ENDS:
            continue
        following = _after_closers(line, at)
        if begin < following < len(line) and _begins(line, begin, at, following):
            yield following
            begin = following


def _after_closers(line: list[Unit], at: int) -> int:
    """The place behind an ending mark and the quotes and brackets that close after it."""
    while True:
        end = line[at][2]
        at += 1
        if at == len(line) or line[at][0][0] not in _CLOSERS:
            return at
        if line[at][0][0] in _OPENERS and line[at][1] > end:
            return at  # a straight quote after a space opens


def _begins(line: list[Unit], begin: int, at: int, following: int) -> bool:
    """Whether a sentence begins at ``following``, behind the ending mark at ``at``."""
    if at == begin + 1 and line[begin][3] is Kind.NUMBER:
        return False  # the number of a heading
    first = line[following][0][0]
    gap = line[following][1] > line[following - 1][2]
    if first.isupper():
        return True
    if first.isdigit():
        return gap and not _is_dialling_code(line[at - 1])
    return first in _OPENERS and gap


def _is_dialling_code(unit: Unit) -> bool:
    """Whether a unit is the first part of a telephone number: ``0220. 3892436``."""
    return unit[3] is Kind.NUMBER and unit[0][0] == "0"


def sentences(text: str) -> list[Span]:
    """Split a text into sentences.

    Any Unicode form goes in. Each span points into the text as given and leaves out the white space
    around the sentence.

    >>> text = "Quy chế của chi bộ.Các Quy chế. Thứ nhất, Lãnh đạo TP. Huế"
    >>> [span.text for span in sentences(text)]
    ['Quy chế của chi bộ.', 'Các Quy chế.', 'Thứ nhất, Lãnh đạo TP. Huế']
    """
    composed = compose(text)
    spans = []
    for sentence in sentence_units(composed.text):
        start, end = composed.original_span(sentence[0][1], sentence[-1][2])
        spans.append(Span(text[start:end], start, end))
    return spans
