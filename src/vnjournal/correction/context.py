"""Words in their context: what each costs in the language model, and what another would.

All places of a passage at a time: the words of its sentences stand in a row, with a boundary
before each sentence, and a word's *triples* are the three that it is part of, as the last, the
middle and the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vnjournal.language.ngrams import BOUNDARY, UNKNOWN, ngram_model, word
from vnjournal.language.surroundings import REACH
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import Look, Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vnjournal.text.spans import Kind


def _number(text: str, kind: Kind) -> int:
    return ngram_model().numbers.get(word(text, kind), UNKNOWN)


#: The number of each unit as a word of the language model.
numbers_of_words = Look(_number)


@dataclass(frozen=True, slots=True)
class Context:
    """The words of some units in a row.

    Attributes:
        row: numbers of words, with boundaries.
        places: of each unit in the row.
        begins: whether a sentence begins with the unit.
        costs: of each place in the row, after the two before it.
    """

    row: NDArray[np.int64]
    places: NDArray[np.int64]
    begins: NDArray[np.bool_]
    costs: NDArray[np.int32]

    @staticmethod
    def of(units: Units) -> Context:
        """The context of units of whole lines."""
        begins = np.zeros(len(units), np.bool_)
        begins[sentence_begins(units)] = True
        places = np.arange(len(units)) + begins.cumsum() + REACH - 1  # behind so many boundaries
        row = np.full(places[-1] + 1 + REACH, BOUNDARY, np.int64)  # and before as many
        row[places] = numbers_of_words.of(units)
        costs = np.zeros(len(row), np.int32)
        costs[2:] = costs_of(row[:-2], row[1:-1], row[2:])
        return Context(row, places, begins, costs)

    def triples(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """What the triples of places cost: a row each, the word as the last, middle and first."""
        costs: NDArray[np.int32] = self.costs[places[:, None] + np.arange(3)]
        return costs

    def pairs_with(self, places: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int16]:
        """What two pairs would cost together, if other words stood at these places."""
        after_one, row = ngram_model().after_one, self.row
        return after_one(row[places - 1], words) + after_one(words, row[places + 1])

    def triples_with(
        self, places: NDArray[np.int64], words: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """As :meth:`triples`, if other words stood at these places."""
        row = self.row
        before, after = row[places - 1], row[places + 1]
        return np.stack(
            [
                costs_of(row[places - 2], before, words),
                costs_of(before, words, after),
                costs_of(words, after, row[places + 2]),
            ],
            axis=1,
        )


def costs_of(
    first: NDArray[np.int64], second: NDArray[np.int64], third: NDArray[np.int64]
) -> NDArray[np.int32]:
    """What the third words cost; where a sentence begins with them, nothing before it counts."""
    model = ngram_model()
    costs = model.after_two(first, second, third).astype(np.int32)
    begins = (second == BOUNDARY).nonzero()[0]
    costs[begins] = model.after_one(second[begins], third[begins])
    return costs


def ranks_of(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The place of each item in its group, whose items stand together, and whether it is last."""
    ends = np.append(groups[1:] != groups[:-1], True) if len(groups) else np.zeros(0, np.bool_)
    begins = np.flatnonzero(np.append(True, ends[:-1])) if len(groups) else groups
    sizes = np.diff(np.append(begins, len(groups)))
    return np.arange(len(groups)) - begins.repeat(sizes), ends
