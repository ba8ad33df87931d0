"""Where sentences end.

A sentence ends at ``.``, ``!``, ``?`` or ``…``, with the quotes and brackets that close after it,
when a capital, a digit, an opening quote or a dash follows, with or without the space
(``chi bộ.Các``), and at the end of a paragraph's line. It does not end inside a number, date,
address or abbreviation (those are single units), after the number of a heading (``1. Mở đầu``), or
at a comma, colon or semicolon, whatever letter follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vnjournal.segment.tokens import Unit, units
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Span

_ENDS = frozenset(".!?…")
_CLOSERS = frozenset("\"'”’»)]}")
_OPENERS = frozenset("\"'“‘«([{-–—•*+")


def sentence_units(nfc: str, found: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Group the units of a composed text by sentence."""
    sentence: list[Unit] = []
    ended = False  # an ending mark was met and only closers came since
    for unit in found:
        if sentence and _is_boundary(nfc, sentence, unit, ended):
            yield sentence
            sentence = []
            ended = False
        first = nfc[unit[0]]
        if unit[2] is Kind.PUNCTUATION and first in _ENDS:
            ended = not _is_heading_number(sentence)
        elif not (ended and first in _CLOSERS):
            ended = False
        sentence.append(unit)
    if sentence:
        yield sentence


def _is_boundary(nfc: str, sentence: list[Unit], unit: Unit, ended: bool) -> bool:
    previous_end = sentence[-1][1]
    gap = nfc[previous_end : unit[0]]
    if "\n" in gap or "\r" in gap:
        return True
    if not ended:
        return False
    following = nfc[unit[0]]
    if following.isupper():
        return True
    if following.isdigit():
        return bool(gap) and not _ends_in_dialling_code(nfc, sentence)
    if following in _OPENERS and following not in _CLOSERS:
        return bool(gap)
    return following in _CLOSERS and bool(gap)  # a straight quote after a space opens


def _is_heading_number(sentence: list[Unit]) -> bool:
    return len(sentence) == 1 and sentence[0][2] is Kind.NUMBER


def _ends_in_dialling_code(nfc: str, sentence: list[Unit]) -> bool:
    """Whether the stop stands behind the first part of a telephone number: ``0220. 3892436``."""
    return len(sentence) > 1 and sentence[-2][2] is Kind.NUMBER and nfc[sentence[-2][0]] == "0"


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
    for sentence in sentence_units(composed.text, units(composed.text)):
        start, end = composed.original_span(sentence[0][0], sentence[-1][1])
        spans.append(Span(text[start:end], start, end))
    return spans
