"""Linear-chain tagging of tokens with two labels: begins a word, or continues one.

A conditional random field (Lafferty, McCallum and Pereira, 2001) scores a labelling by summing the
weights of the features that hold. With two labels only the difference of their weights matters, so
every feature adds one number to "continues" at one position. And a feature is an n-gram: one to
three neighbouring tokens, each seen in some *view* (its text, its lower case, its shape ...), at
some distance from the position it speaks for. Weights of the n-grams of one make stand in a
:class:`Table`; a whole document is scored at once, one look-up in bulk for each table, and the best
labels are read off by Viterbi's algorithm, which for two labels needs one number a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vnjournal.language.key_table import KeyTable
from vnjournal.segment.units import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

    #: The tokens of a document in one view: a number a token, and 0 between sentences.
    View = NDArray[np.int64]

#: How many places lie between two sentences, so that no n-gram reaches from one into the other.
PADDING = 2
#: A score that no sum of weights reaches: it settles the label.
CERTAIN = 1e6


class Transitions(NamedTuple):
    """Weights of one label following another; the earlier one is named first."""

    begin_begin: float
    begin_continue: float
    continue_begin: float
    continue_continue: float


@dataclass(frozen=True, slots=True)
class Table:
    """The weights of all n-grams of one make.

    ``cells`` names, for each token of the n-gram, the view it is seen in and its place, counted
    from the n-gram's first token (0, and in rising order). The n-gram's number is made of the
    cells' numbers with ``sizes`` as the radix of each. Each row of ``weights`` has a weight for
    every number; or, with ``keys``, for every slot of theirs, and other n-grams weigh nothing. The
    weight in row ``j`` is for the token ``shifts[j]`` places after the n-gram's first.
    """

    cells: tuple[tuple[str, int], ...]
    sizes: tuple[int, ...]
    shifts: tuple[int, ...]
    weights: NDArray[Any]
    keys: KeyTable | None = None

    def numbers(self, views: Mapping[str, View]) -> View:
        """The number of each n-gram of a document, by the place of its first token."""
        (view, _), *others = self.cells
        numbers = views[view]
        length = len(numbers)
        furthest = self.cells[-1][1]
        if furthest:
            numbers = numbers[: length - furthest]
        for (view, place), size in zip(others, self.sizes[1:], strict=True):
            numbers = numbers * size
            numbers += views[view][place : length - furthest + place]
        return numbers

    def add(self, views: Mapping[str, View], scores: NDArray[Any]) -> None:
        """Add the weights of every n-gram of a document to its scores."""
        numbers = self.numbers(views)
        found = None
        if self.keys is not None:
            numbers, found = self.keys.find(numbers)
        for weights, shift in zip(self.weights, self.shifts, strict=True):
            first = max(0, -shift)
            last = min(len(numbers), len(scores) - shift)
            added = weights.take(numbers[first:last])
            if found is not None:
                added *= found[first:last]
            scores[first + shift : last + shift] += added


@dataclass(frozen=True, slots=True)
class Tagger:
    """A model: how it sees tokens, the weights of what it sees, and those of the labels' order.

    ``look`` says of a token what it looks like in all views that it is seen in directly: several
    numbers in one, which ``bits`` cuts into views: name, and how many bits it has, the lowest
    first. ``derive`` may add views that follow from those. Weights are summed as numbers of the
    type ``sums``; ``unit`` is what a weight of one is worth.
    """

    look: Look
    bits: Mapping[str, int]
    tables: Sequence[Table]
    transitions: Transitions
    sums: type[np.number[Any]] = np.float64
    unit: float = 1.0
    derive: Callable[[dict[str, View]], None] | None = None

    def views(
        self, looks: NDArray[np.int64], begins: NDArray[np.intp]
    ) -> tuple[dict[str, View], NDArray[np.int64]]:
        """A document in all views, with padding around its sentences, and the place of each token.

        Args: what each token looks like, and the places where sentences begin, from 0.
        """
        sentences = np.zeros(len(looks), np.int64)
        sentences[begins] = PADDING
        places = np.arange(len(looks)) + sentences.cumsum()
        numbers = np.zeros(places[-1] + 1 + PADDING, np.int64)
        numbers[places] = looks
        views: dict[str, View] = {}
        for name, bits in self.bits.items():
            views[name] = numbers & ((1 << bits) - 1)
            numbers >>= bits
        if self.derive:
            self.derive(views)
        return views, places

    def scores(self, looks: NDArray[np.int64], begins: NDArray[np.intp]) -> NDArray[np.float64]:
        """How much each token of a document speaks for continuing a word; see :meth:`views`."""
        views, places = self.views(looks, begins)
        scores = np.zeros(places[-1] + 1 + PADDING, self.sums)
        for table in self.tables:
            table.add(views, scores)
        return scores[places] * self.unit

    def labels(self, looks: NDArray[np.int64], begins: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each token continues the word of the token before; see :meth:`scores`."""
        return decode(self.scores(looks, begins), begins, self.transitions)


def decode(
    scores: NDArray[np.float64], begins: NDArray[np.intp], transitions: Transitions
) -> NDArray[np.bool_]:
    """The best labels of a document's tokens by Viterbi's algorithm: whether each continues a word.

    Args: the score of "continues" for each token; the places where sentences begin, from 0.

    Let ``d`` be how much better the best labelling of a sentence's first tokens is when the last of
    them continues than when it begins. The best label before a beginning (a continuation) is
    "continues" where ``d`` exceeds one fixed number each. So a token hands on, of its ``d``, how
    far it lies between the two numbers; and most lie beyond both, whatever they were handed: these
    are settled all at once, and only the others one by one.

    >>> scores, begins = np.array([-1.0, 2.0, -1.0, 0.0, 3.0]), np.array([0, 3])
    >>> decode(scores, begins, Transitions(0.0, 0.0, 0.0, 0.0)).tolist()
    [False, True, False, False, True]
    """
    bb, bc, cb, cc = transitions
    before_begin, before_continue = bb - cb, bc - cc
    low, high = min(before_begin, before_continue), max(before_begin, before_continue)
    sign = 1.0 if before_continue < before_begin else -1.0
    inner = np.ones(len(scores), np.bool_)
    inner[begins] = False
    last = begins - 1  # of the sentence before; of the last sentence, for the first

    ds = scores + inner * (bc - bb)
    if_none = np.minimum(np.maximum(ds, low), high)
    if_most = np.minimum(np.maximum(ds + inner * (sign * (high - low)), low), high)
    handed = sign * (if_none - low)
    for at in (if_none != if_most).nonzero()[0].tolist():
        d = ds[at] + handed[at - 1]
        handed[at] = sign * (min(max(d, low), high) - low)
    ds[1:] += handed[:-1] * inner[1:]

    continues = ds > high
    unsure = (ds > low) & ~continues
    unsure[last] = False
    continues[last] = ds[last] > 0.0
    for at in unsure.nonzero()[0][::-1].tolist():
        continues[at] = ds[at] > (before_continue if continues[at + 1] else before_begin)
    return continues
