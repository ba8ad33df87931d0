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
    every number; or, with ``keys``, for every key, which are sorted and end with one that no n-gram
    has, and other n-grams weigh nothing. The weight in row ``j`` is for the token ``shifts[j]``
    places after the n-gram's first.
    """

    cells: tuple[tuple[str, int], ...]
    sizes: tuple[int, ...]
    shifts: tuple[int, ...]
    weights: NDArray[Any]
    keys: NDArray[np.int64] | None = None

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
            numbers, found = look_up(self.keys, numbers)
        for weights, shift in zip(self.weights, self.shifts, strict=True):
            first = max(0, -shift)
            last = min(len(numbers), len(scores) - shift)
            added = weights.take(numbers[first:last])
            if found is not None:
                added *= found[first:last]
            scores[first + shift : last + shift] += added


def look_up(keys: NDArray[Any], wanted: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each wanted key stands, or would stand, among sorted keys, and whether it is there.

    The last of the keys must be larger than any that is wanted.
    """
    places = keys.searchsorted(wanted)
    return places, keys.take(places) == wanted


class Vocabulary(dict[str, int]):
    """What a token looks like in the views it is seen in directly: several numbers in one.

    Filled as tokens are met, by the function it is made with, and emptied when it has grown large.
    """

    _MOST = 1 << 17

    def __init__(self, look: Callable[[str], int]) -> None:
        self._look = look

    def __missing__(self, token: str) -> int:
        if len(self) >= self._MOST:
            self.clear()
        number = self[token] = self._look(token)
        return number


@dataclass(frozen=True, slots=True)
class Tagger:
    """A model: how it sees tokens, the weights of what it sees, and those of the labels' order.

    ``bits`` cuts a token's number in ``vocabulary`` into views: name, and how many bits it has, the
    lowest first. ``derive`` may add views that follow from those. ``unit`` is what a weight of one
    in the tables is worth.
    """

    vocabulary: Vocabulary
    bits: Mapping[str, int]
    tables: Sequence[Table]
    transitions: Transitions
    unit: float = 1.0
    derive: Callable[[dict[str, View]], None] | None = None

    def views(
        self, texts: Sequence[str], begins: Sequence[int]
    ) -> tuple[dict[str, View], NDArray[np.int64]]:
        """A document in all views, with padding around its sentences, and the place of each token.

        Args: the composed texts of the tokens, and the places where sentences begin, from 0.
        """
        sentences = np.zeros(len(texts), np.int64)
        sentences[begins] = PADDING
        places = np.arange(len(texts)) + sentences.cumsum()
        numbers = np.zeros(places[-1] + 1 + PADDING, np.int64)
        numbers[places] = np.fromiter(map(self.vocabulary.__getitem__, texts), np.int64, len(texts))
        views: dict[str, View] = {}
        for name, bits in self.bits.items():
            views[name] = numbers & ((1 << bits) - 1)
            numbers >>= bits
        if self.derive:
            self.derive(views)
        return views, places

    def scores(self, texts: Sequence[str], begins: Sequence[int]) -> NDArray[np.float64]:
        """How much each token of a document speaks for continuing a word; see :meth:`views`."""
        views, places = self.views(texts, begins)
        whole = all(table.weights.dtype.kind == "i" for table in self.tables)
        scores = np.zeros(places[-1] + 1 + PADDING, np.int32 if whole else np.float64)
        for table in self.tables:
            table.add(views, scores)
        return scores[places] * self.unit

    def labels(self, texts: Sequence[str], begins: Sequence[int]) -> list[bool]:
        """Whether each token continues the word of the token before; see :meth:`scores`."""
        return decode(self.scores(texts, begins).tolist(), begins, self.transitions)


def decode(scores: Sequence[float], begins: Sequence[int], transitions: Transitions) -> list[bool]:
    """The best labels of a document's tokens by Viterbi's algorithm: whether each continues a word.

    Args: the score of "continues" for each token; the places where sentences begin, from 0.

    Let ``d`` be how much better the best labelling of a sentence's first tokens is when the last of
    them continues than when it begins. The best label before a beginning (a continuation) is
    "continues" where ``d`` exceeds one fixed number each; ``d`` is all that need be kept.

    >>> decode([-1.0, 2.0, -1.0, 0.0, 3.0], [0, 3], Transitions(0.0, 0.0, 0.0, 0.0))
    [False, True, False, False, True]
    """
    bb, bc, cb, cc = transitions
    before_begin, before_continue = bb - cb, bc - cc
    step = bc - bb
    ds = list(scores)
    labels = [False] * len(ds)
    for begin, end in zip(begins, [*begins[1:], len(ds)], strict=True):
        d = ds[begin]
        for at in range(begin + 1, end):
            score = ds[at] + step
            if d > before_continue:
                score += d - before_continue
            if d > before_begin:
                score -= d - before_begin
            ds[at] = d = score
        continues = d > 0.0
        for at in range(end - 1, begin, -1):
            labels[at] = continues
            continues = ds[at - 1] > (before_continue if continues else before_begin)
        labels[begin] = continues
    return labels
