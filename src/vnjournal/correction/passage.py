"""A text as the correction rules see it: units with what the lexicon knows of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.segment.sentences import sentence_units
from vnjournal.text.alphabet import MARKED_LETTERS
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OPENERS = frozenset("\"'“‘«([{-–—•*+:")


class Unit(NamedTuple):
    """One unit of the passage. ``spelling`` is the lexicon's key, ``number`` its number or 0."""

    text: str
    start: int
    end: int
    kind: Kind
    is_word: bool  # letters, not a number, code, address or punctuation
    is_name: bool  # capitals where no sentence begins: a name until proved otherwise
    spelling: str
    number: int

    @property
    def has_marks(self) -> bool:
        """Whether any of its letters is one that only Vietnamese spelling explains."""
        return not MARKED_LETTERS.isdisjoint(self.text)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The smallest replacement that a rule asks for, in the composed text."""

    start: int
    end: int
    after: str
    kind: str
    confidence: float
    reason: str


class Passage:
    """The units of a composed text, and how often neighbours stand together in Vietnamese."""

    def __init__(self, nfc: str) -> None:
        self.text = nfc
        self.units = list(_units(nfc))

    def __len__(self) -> int:
        return len(self.units)

    def joined(self, at: int) -> bool:
        """Whether nothing but blanks stands between unit ``at`` and the next, both words."""
        if not 0 <= at < len(self.units) - 1:
            return False
        left, right = self.units[at : at + 2]
        blanks = self.text[left.end : right.start]
        return left.is_word and right.is_word and blanks.isspace() and "\n" not in blanks

    def word_before(self, at: int) -> str:
        """The spelling of the word directly before unit ``at``; empty if another thing is there."""
        return self.units[at - 1].spelling if self.joined(at - 1) else ""

    def word_after(self, at: int) -> str:
        """The spelling of the word directly after unit ``at``; empty if another thing is there."""
        return self.units[at + 1].spelling if self.joined(at) else ""

    @cached_property
    def pair_counts(self) -> NDArray[np.float64]:
        """How often each unit and the next stand together in Vietnamese, by the unit's place."""
        numbers = np.fromiter((unit.number for unit in self.units), np.uint32, len(self))
        return lexicon.pair_counts(numbers[:-1], numbers[1:])

    def rare_pairs(self, most: float) -> list[int]:
        """Places of the units that stand together with the next at most so often."""
        places: list[int] = (self.pair_counts <= most).nonzero()[0].tolist()
        return places

    @cached_property
    def occurrences(self) -> Counter[str]:
        """How often each spelling stands in the passage."""
        return Counter(unit.spelling for unit in self.units)


def _units(nfc: str) -> Iterator[Unit]:
    numbers = lexicon.numbers
    for sentence in sentence_units(nfc):
        begins = True
        shouted = _is_shouted([text for text, _, _, kind in sentence if kind is Kind.WORD])
        texts = [text for text, _, _, _ in sentence]
        for at, (text, start, end, kind) in enumerate(sentence):
            word = kind is Kind.WORD
            key = spelling(text) if word else text
            capital = word and text[0].isupper() and not shouted
            name = capital and not (begins and not _followed_by_capital(texts, at))
            number = numbers.get(key, 0) if word else 0
            yield Unit(text, start, end, kind, word, name, key, number)
            begins = (begins and text[0] in _OPENERS) or text == ":"


def _is_shouted(words: list[str]) -> bool:
    """Whether the whole sentence stands in capitals, as headings do."""
    return len(words) > 1 and all(word.isupper() for word in words)


def _followed_by_capital(texts: list[str], at: int) -> bool:
    return at + 1 < len(texts) and texts[at + 1][0].isupper()


def in_case_of(written: str, word: str) -> str:
    """A lower-case word in the letter case of what was written.

    >>> in_case_of("Tòan", "toàn"), in_case_of("TÒAN", "toàn")
    ('Toàn', 'TOÀN')
    """
    if len(written) > 1 and written.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if written[:1].isupper() else word
