"""Words that the user wants kept whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from vnjournal.language.lexicon import spelling
from vnjournal.segment.units import units_of
from vnjournal.text.normalize import compose


class UserWords:
    """Words of two or more units, or of one too, looked for in the texts of a line's units.

    A unit is compared in lower case with the tone placement unified; where the word has a capital
    the text must have one, so that ``Hải Dương`` is not found in ``ngành hải dương``.

    >>> words = UserWords.of(["Khoa học Hải Dương"])
    >>> line = "báo Khoa học Hải Dương số 2".split()
    >>> words.find(line), words.find(line[:3])
    ([(1, 5)], [])
    """

    def __init__(self, words: Sequence[str], shortest: int) -> None:
        #: How long the words are that begin with a key, the longest first.
        self._lengths: dict[str, list[int]] = {}
        #: Where a word asks for capitals, by its keys; the same keys may ask in several ways.
        self._capitals: defaultdict[tuple[str, ...], set[tuple[bool, ...]]] = defaultdict(set)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for units in units_of(compose("\n".join(" ".join(word.split()) for word in words)).text):
            texts = units.texts()
            for first, end in zip(units.lines.tolist(), units.line_ends.tolist(), strict=True):
                if end - first >= shortest:
                    keys = tuple(map(spelling, texts[first:end]))
                    self._capitals[keys].add(tuple(text[0].isupper() for text in texts[first:end]))
                    lengths[keys[0]].add(len(keys))
        for key, found in lengths.items():
            self._lengths[key] = sorted(found, reverse=True)

    @staticmethod
    def of(words: Sequence[str], shortest: int = 2) -> UserWords:
        """The words prepared for looking up; remembered, since a list is used for many texts.

        Args: ``shortest``: of how many units a word must be.
        """
        if isinstance(words, str):
            raise TypeError(f"words must be a list of words, not the text {words!r}")
        return _prepared(tuple(words), shortest)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._lengths)

    def find(self, line: Sequence[str]) -> list[tuple[int, int]]:
        """The first unit of each word found in a line and the one after its last, longest first."""
        found = []
        done = 0
        keys = list(map(spelling, line))
        for at, key in enumerate(keys):
            if at >= done and key in self._lengths:
                for length in self._lengths[key]:
                    end = at + length
                    if end <= len(keys) and self._is_word(keys[at:end], line[at:end]):
                        found.append((at, end))
                        done = end
                        break
        return found

    def _is_word(self, keys: Sequence[str], units: Sequence[str]) -> bool:
        """Whether there is a word with these keys, and the units have the capitals it asks for."""
        return any(
            all(unit[0].isupper() for unit, capital in zip(units, asked, strict=True) if capital)
            for asked in self._capitals.get(tuple(keys), ())
        )


@lru_cache(maxsize=16)
def _prepared(words: tuple[str, ...], shortest: int) -> UserWords:
    return UserWords(words, shortest)
