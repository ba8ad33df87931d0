"""How well a syllable fits among the five words on either side of it: the ``surroundings`` data.

The trigram model sees two words to a side and knows only what it has met. This one reaches further
and knows which words are alike: numbers that stand for the words around a place are brought
together to numbers that stand for the place, and compared with those of each syllable, as in the
log-bilinear model of Mnih and Hinton ("Three new graphical models for statistical language
modelling", 2007) with one hidden layer. It was trained to tell each syllable from those that a slip
of the finger makes of it; ``data/surroundings/build.py`` says how. Scores are logarithms of
likelihoods, so that only their differences mean anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from vnjournal import resources
from vnjournal.errors import DataError
from vnjournal.language.ngrams import BOUNDARY

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA_SET = "surroundings"
#: How many words are looked at on either side.
REACH = 5


_libraries = cache(ThreadpoolController)  # those with threads of their own, looked for once


def window(row: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of the words around places, nearest first, those on the left before the others.

    Args: ``row``: words by number, with boundaries between sentences; behind one nothing is seen,
    and no place may be nearer than ``REACH`` to the ends of the row.

    >>> window(np.array([0, 0, 0, 0, 0, 7, 8, 9, 0, 3, 4, 0]), np.array([6]))
    array([[7, 0, 0, 0, 0, 9, 0, 0, 0, 0]])
    """
    found = np.empty((len(places), 2 * REACH), np.int64)
    for side, column in ((-1, 0), (1, REACH)):
        seen = np.ones(len(places), np.bool_)
        for distance in range(1, REACH + 1):
            words = np.where(seen, row[places + side * distance], BOUNDARY)
            seen &= words != BOUNDARY
            found[:, column + distance - 1] = words
    return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The model. Of ``words`` and ``syllables`` each row is to be multiplied by its scale.

    Attributes:
        words: by number in the language model.
        syllables: by place; ``places`` gives that of a number, -1 for words that are no syllables.
    """

    words: NDArray[np.int8]
    word_scales: NDArray[np.float32]
    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    syllables: NDArray[np.int8]
    syllable_scales: NDArray[np.float32]
    syllable_bias: NDArray[np.float32]
    places: NDArray[np.int32]

    def scores(
        self, around: NDArray[np.int64], rows: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """How well syllables fit, and whether each is known; the score of one that is not is 0.

        Args:
            around: the words around some places, see :func:`window`.
            rows: for each syllable, the row of ``around`` that it is to fit.
            numbers: for each syllable, its number in the language model.
        """
        inputs = self.words[around] * self.word_scales[around][:, :, None]
        # So few rows are not worth a second core, which BLAS would keep busy all the same.
        with _libraries().limit(limits=1, user_api="blas"):
            surrounding = inputs.reshape(len(around), -1) @ self.hidden
        surrounding = np.tanh(surrounding + self.hidden_bias)
        places = self.places[numbers]
        outputs = self.syllables[places] * self.syllable_scales[places][:, None]
        scores: NDArray[np.float32] = np.einsum("ij,ij->i", outputs, surrounding[rows])
        scores += self.syllable_bias[places]
        known = places >= 0
        scores[~known] = 0
        return scores, known


@cache
def surroundings() -> Surroundings:
    """The packaged model, opened at the first call. Raises DataError where it cannot be read."""
    try:
        array = partial(resources.array, DATA_SET)
        words = array("words.npy")
        numbers = array("syllable_numbers.npy")
        places = np.full(len(words), -1, np.int32)
        places[numbers] = np.arange(len(numbers))
        return Surroundings(
            words=words,
            word_scales=array("word_scales.npy"),
            hidden=array("hidden.npy").astype(np.float32),
            hidden_bias=array("hidden_bias.npy"),
            syllables=array("syllables.npy"),
            syllable_scales=array("syllable_scales.npy"),
            syllable_bias=array("syllable_bias.npy"),
            places=places,
        )
    except (OSError, ValueError) as error:
        raise DataError(
            f"the model of surroundings is damaged ({error}): install vnjournal again"
        ) from error
