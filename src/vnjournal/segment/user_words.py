"""Words that the user wants kept whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vnjournal.language.lexicon import spelling
from vnjournal.segment.tokens import units_of_lines
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Token


class _Word(NamedTuple):
    keys: tuple[str, ...]
    capitals: tuple[bool, ...]


class UserWords:
    """Words of two or more units, looked for in the units of a line.

    A unit is compared in lower case with the tone placement unified; where the word has a capital
    the text must have one, so that ``Hải Dương`` is not found in ``ngành hải dương``.

    >>> words = UserWords.of(["Khoa học Hải Dương"])
    >>> line = next(units_of_lines("báo Khoa học Hải Dương số 2"))
    >>> words.find(line), words.find(line[:3])
    ([(1, 5)], [])
    """

    def __init__(self, words: Sequence[str]) -> None:
        by_first: dict[str, list[_Word]] = defaultdict(list)
        for word in words:
            texts = [text for line in units_of_lines(compose(word).text) for text, _, _, _ in line]
            if len(texts) > 1:
                keys = tuple(map(spelling, texts))
                by_first[keys[0]].append(_Word(keys, tuple(text[0].isupper() for text in texts)))
        self._by_first = {
            key: sorted(found, key=lambda word: -len(word.keys)) for key, found in by_first.items()
        }

    @staticmethod
    def of(words: Sequence[str]) -> UserWords:
        """The words prepared for looking up; remembered, since a list is used for many texts."""
        return _prepared(tuple(words))

    def find(self, line: Sequence[Token]) -> list[tuple[int, int]]:
        """The first unit of each word found in a line and the one after its last, longest first."""
        if not self._by_first:
            return []
        found = []
        done = 0
        keys = [spelling(text) for text, _, _, _ in line]
        for at, key in enumerate(keys):
            if at >= done and key in self._by_first:
                for word in self._by_first[key]:
                    end = at + len(word.keys)
                    if tuple(keys[at:end]) == word.keys and all(
                        unit[0][0].isupper()
                        for unit, capital in zip(line[at:end], word.capitals, strict=True)
                        if capital
                    ):
                        found.append((at, end))
                        done = end
                        break
        return found


@lru_cache(maxsize=16)
def _prepared(words: tuple[str, ...]) -> UserWords:
    return UserWords(words)
