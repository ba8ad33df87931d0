"""Words that the user wants kept whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vnjournal.language.lexicon import spelling
from vnjournal.segment.units import units_of
from vnjournal.text.normalize import compose


class _Word(NamedTuple):
    keys: tuple[str, ...]
    capitals: tuple[bool, ...]


class UserWords:
    """Words of two or more units, looked for in the texts of a line's units.

    A unit is compared in lower case with the tone placement unified; where the word has a capital
    the text must have one, so that ``Hải Dương`` is not found in ``ngành hải dương``.

    >>> words = UserWords.of(["Khoa học Hải Dương"])
    >>> line = "báo Khoa học Hải Dương số 2".split()
    >>> words.find(line), words.find(line[:3])
    ([(1, 5)], [])
    """

    def __init__(self, words: Sequence[str]) -> None:
        by_first: dict[str, list[_Word]] = defaultdict(list)
        for word in words:
            texts = [text for units in units_of(compose(word).text) for text in units.texts()]
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

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._by_first)

    def find(self, line: Sequence[str]) -> list[tuple[int, int]]:
        """The first unit of each word found in a line and the one after its last, longest first."""
        found = []
        done = 0
        keys = list(map(spelling, line))
        for at, key in enumerate(keys):
            if at >= done and key in self._by_first:
                for word in self._by_first[key]:
                    end = at + len(word.keys)
                    if tuple(keys[at:end]) == word.keys and all(
                        unit[0].isupper()
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
