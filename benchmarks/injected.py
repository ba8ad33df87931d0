"""Mistakes put into clean text on purpose: syllables run together, or fallen apart."""

from __future__ import annotations

import random
import re

from benchmarks.scoring import Document, Mark
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.normalize import compose

GLUED, SPLIT = "glued-syllables", "split-syllable"
_PIECES = re.compile(r"\s+|\S+")
_ONE_IN = 60  # syllables, of each kind


def injected(name: str, text: str, chance: random.Random) -> Document:
    """A text with mistakes, each marked with what stood there.

    A blank between two syllables is left out, or a syllable of three letters or more gets one, at
    any place in it; each at one syllable in sixty.

    >>> document = injected("", "quy chế làm việc của chi bộ " * 30, random.Random(1))
    >>> mark = document.marks[0]
    >>> document.text[mark.start : mark.end], mark.suggestions
    ('quychế', ('quy chế',))
    """
    pieces: list[str] = []
    marks: list[Mark] = []
    at = 0
    read = _PIECES.findall(compose(text).text)
    place = 0
    while place < len(read):
        piece, after = read[place], read[place + 1 : place + 3]
        place += 1
        if parse_syllable(piece):
            if len(after) == 2 and after[0] == " " and parse_syllable(after[1]) and _drawn(chance):
                wrong, right, kind = piece + after[1], f"{piece} {after[1]}", GLUED
                place += 2
            elif len(piece) > 2 and _drawn(chance):
                cut = chance.randrange(1, len(piece))
                wrong, right, kind = f"{piece[:cut]} {piece[cut:]}", piece, SPLIT
            else:
                wrong = ""
            if wrong:
                marks.append(Mark(at, at + len(wrong), (right,), kind))
                piece = wrong
        pieces.append(piece)
        at += len(piece)
    return Document(name, "".join(pieces), tuple(marks))


def _drawn(chance: random.Random) -> bool:
    return chance.randrange(_ONE_IN) == 0
