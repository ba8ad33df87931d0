"""Counted syllables, words and pairs of neighbours, from the packaged ``lexicon`` data set.

Keys are lower-case, composed, with the old tone placement (``hòa``); :func:`spelling` brings a
token there. Counts say how often a thing stood in the corpora that the data was made from.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vnjournal import resources
from vnjournal.text.normalize import place_tone

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS_PER_OCTAVE = 8  # how finely pair_counts.npy keeps the logarithm of a count


@lru_cache(maxsize=16384)
def spelling(token: str) -> str:
    """The spelling under which the lexicon knows a composed token.

    >>> spelling("Hoà"), spelling("TUỲ")
    ('hòa', 'tùy')
    """
    return place_tone(token.lower())


class Lexicon:
    """The counts, each table opened when it is first asked for.

    >>> lexicon = Lexicon()
    >>> lexicon.words["chương trình"] > 1000, "chương tình" in lexicon.words
    (True, False)
    >>> lexicon.pair_count("chương", "trình") > 1000 * lexicon.pair_count("chương", "tình")
    True
    """

    @cached_property
    def syllables(self) -> dict[str, int]:
        """Attested well-formed syllables and their counts."""
        return {syllable: int(n) for syllable, n in resources.rows("lexicon", "syllables.tsv")}

    @cached_property
    def words(self) -> dict[str, int]:
        """Words of two to four syllables, joined by spaces, and their counts."""
        return {word: int(n) for word, n in resources.rows("lexicon", "words.tsv")}

    @cached_property
    def loanwords(self) -> frozenset[str]:
        """Tokens with Vietnamese letters that are in use though no well-formed syllable."""
        return frozenset(word for word, _ in resources.rows("lexicon", "loanwords.tsv"))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Syllable -> its number in the table of pairs, from 1."""
        return {syllable: at for at, syllable in enumerate(self.syllables, start=1)}

    def pair_counts(
        self, left: NDArray[np.uint32], right: NDArray[np.uint32]
    ) -> NDArray[np.float64]:
        """How often syllable ``left[i]`` stood directly before ``right[i]``; 0 below the floor.

        Args: two arrays of equal length holding syllable numbers (:attr:`numbers`); 0 means a token
        that is no known syllable and gives 0. Counts are kept to about 5 %.
        """
        keys, logarithms = self._pairs
        wanted = (left << 16) | right
        at = keys.searchsorted(wanted)
        at[at == len(keys)] = 0
        found = keys[at] == wanted
        counts: NDArray[np.float64] = found * 2.0 ** (logarithms[at] / _STEPS_PER_OCTAVE)
        return counts

    def pair_count(self, left: str, right: str) -> float:
        """How often one syllable stood directly before another; see :meth:`pair_counts`."""
        numbers = [
            np.array([self.numbers.get(spelling(syllable), 0)], dtype=np.uint32)
            for syllable in (left, right)
        ]
        return float(self.pair_counts(*numbers)[0])

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
        keys = resources.array("lexicon", "pairs.npy")
        return keys, resources.array("lexicon", "pair_counts.npy")


lexicon = Lexicon()
