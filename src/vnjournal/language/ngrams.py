"""How likely a word is after two others: a trigram model of Vietnamese, the ``language`` data.

A word here is a unit of the rule tokenizer, a syllable for the most part, in its marked form
(:func:`vnjournal.text.fold.form`), so that letter case, tone placement and i for y do not matter.
Numbers are one word, and so are codes, and marks of one use. Probabilities are Kneser and Ney's
("Improved backing-off for m-gram language modeling", 1995), as Chen and Goodman modified them
(1998); ``data/language/build.py`` counts and computes. Of pairs and triples only fingerprints are
kept: of those never counted, one in 65,000 is given a probability that belongs to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from vnjournal import resources
from vnjournal.errors import DataError
from vnjournal.language.key_table import FingerprintTable
from vnjournal.text.fold import form
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA_SET = "language"
#: The number of what stands between two sentences, and of every word that is not known.
BOUNDARY, UNKNOWN = 0, 1
#: Costs are whole numbers: this many for one unit of a natural logarithm.
STEPS = 12
#: Bits of a word's number in the key of a pair or a triple.
BITS = 15

_CLASSES = {
    Kind.NUMBER: "0",
    Kind.DATE: "0",
    Kind.TIME: "0",
    Kind.CODE: "@",
    Kind.ADDRESS: "@",
    Kind.SYMBOL: "*",
}
_MARKS = {
    mark: name
    for marks, name in {
        ".!?…": ".",
        ",;": ",",
        ":": ":",
        "-–—": "-",
        "([{": "(",
        ")]}": ")",
        "/": "/",
        "\"'“”‘’«»": '"',
    }.items()
    for mark in marks
}


def word(text: str, kind: Kind) -> str:
    """The word as which the model knows a composed token.

    >>> word("Hoà", Kind.WORD), word("29/06/2015", Kind.DATE), word("“", Kind.PUNCTUATION)
    ('hoaF', '0', '"')
    """
    if kind is Kind.PUNCTUATION:
        return _MARKS.get(text[0], "*")
    return _CLASSES.get(kind) or form(text)


@dataclass(frozen=True)
class NgramModel:
    """What words cost: the negative logarithm of their probability, ``STEPS`` to the unit.

    Attributes:
        numbers: of known words, from 2 on.
        counts: how often each word was counted, by number.
        word_costs: of each word by itself, by number.
        word_case_costs: of its standing in small letters, and with a capital, inside a sentence.
        word_backoffs: what a pair that begins with the word costs more when it is not known.
        pair_keys: left << ``BITS`` | right.
        pair_costs: of the right word after the left one, by slot.
        pair_backoffs: what a triple that begins with the pair costs more when it is not known.
        triple_keys: as ``pair_keys``, for three words.
        triple_costs: of the third word after the other two, by slot.
    """

    numbers: dict[str, int]
    counts: NDArray[np.uint32]
    word_costs: NDArray[np.int16]
    word_case_costs: NDArray[np.uint8]
    word_backoffs: NDArray[np.int16]
    pair_keys: FingerprintTable
    pair_costs: NDArray[np.uint8]
    pair_backoffs: NDArray[np.int8]
    triple_keys: FingerprintTable
    triple_costs: NDArray[np.uint8]

    @cached_property
    def log_counts(self) -> NDArray[np.float64]:
        """The natural logarithm of each word's count and one; 0 for words that are not known."""
        logarithms: NDArray[np.float64] = np.log1p(self.counts)
        logarithms[UNKNOWN] = 0
        return logarithms

    def after_one(self, left: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.int16]:
        """What each word costs after the one to its left.

        Args: numbers of words, in arrays of equal length.

        >>> model = ngram_model()
        >>> khoa, hoc, hoa = (np.array([model.numbers[form]]) for form in ("khoa", "hocJ", "hoaF"))
        >>> int(model.after_one(khoa, hoa)[0] - model.after_one(khoa, hoc)[0]) > 4 * STEPS
        True
        """
        slots, found = self.pair_keys.find(left << BITS | word)
        backed_off = self.word_costs.take(word)
        backed_off += self.word_backoffs.take(left)
        return np.where(found, self.pair_costs.take(slots), backed_off)

    def after_two(
        self, first: NDArray[np.int64], second: NDArray[np.int64], word: NDArray[np.int64]
    ) -> NDArray[np.int16]:
        """What each word costs after two others; see :meth:`after_one`."""
        pairs = first << BITS | second
        slots, found = self.triple_keys.find(pairs << BITS | word)
        costs = self.triple_costs.take(slots).astype(np.int16)
        other = (~found).nonzero()[0]
        slots, found = self.pair_keys.find(pairs.take(other))
        costs[other] = self.after_one(second.take(other), word.take(other))
        costs[other] += found * self.pair_backoffs.take(slots)
        return costs


@cache
def ngram_model() -> NgramModel:
    """The packaged model, opened at the first call. Raises DataError where it cannot be read."""
    try:
        array = partial(resources.array, DATA_SET)
        with resources.path(DATA_SET, "words.txt").open(encoding="utf-8") as stream:
            numbers = {line[:-1]: number for number, line in enumerate(stream, start=UNKNOWN + 1)}
        return NgramModel(
            numbers=numbers,
            counts=array("word_counts.npy"),
            word_costs=array("word_costs.npy"),
            word_case_costs=array("word_case_costs.npy"),
            word_backoffs=array("word_backoffs.npy"),
            pair_keys=FingerprintTable(
                array("pair_fingerprints.npy"), array("pair_displacements.npy")
            ),
            pair_costs=array("pair_costs.npy"),
            pair_backoffs=array("pair_backoffs.npy"),
            triple_keys=FingerprintTable(
                array("triple_fingerprints.npy"), array("triple_displacements.npy")
            ),
            triple_costs=array("triple_costs.npy"),
        )
    except (OSError, ValueError) as error:
        raise DataError(
            f"the language model is damaged ({error}): install vnjournal again"
        ) from error
