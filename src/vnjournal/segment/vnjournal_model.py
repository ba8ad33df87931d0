"""vnjournal's own word segmentation model, from the packaged ``segmenter`` data set.

How it decides: in a large body of text that a machine had segmented, it was counted how often two
syllables, and two syllables with one neighbour, stood in one word. What these counts say of each
gap of a new text (the *evidence*), the shapes of the tokens around it, and the tokens themselves
are the features of a conditional random field that was trained on text segmented by people.
``data/segmenter/build.py`` counts and trains, with the views and templates of this module, so that
a text is seen in training as it is seen here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from vnjournal import resources
from vnjournal.errors import DataError
from vnjournal.language.key_table import KeyTable
from vnjournal.segment.tagger import Table, Tagger, Transitions
from vnjournal.segment.units import Look
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.fold import form
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vnjournal.segment.tagger import View

DATA_SET = "segmenter"
#: Keys and displacements, of pairs and of triples.
KEY_FILES = ("pair_keys", "pair_displacements", "triple_keys", "triple_displacements")
#: Bits of the views that a token has by itself: the number of its form, and its shape.
BITS = {"word": 16, "shape": 5}
#: The form that stands for every token the model has never met.
UNKNOWN = 1


class Shape(IntEnum):
    """What a token looks like, apart from which one it is; 0 is padding between sentences."""

    SMALL = 1  # a well-formed syllable: đảng, Đảng, ĐẢNG
    TITLE = 2
    CAPITALS = 3
    LETTER = 4  # a single capital
    FOREIGN_SMALL = 5
    FOREIGN_TITLE = 6
    FOREIGN_CAPITALS = 7
    ABBREVIATION = 8
    SHORTENED = 9  # an abbreviation with a full stop
    NUMBER = 10
    DATE = 11
    TIME = 12
    CODE = 13
    ADDRESS = 14
    SYMBOL = 15
    STOP = 16
    COMMA = 17
    DASH = 18
    OPENING = 19
    CLOSING = 20
    QUOTE = 21
    COLON = 22
    SLASH = 23
    OTHER = 24


_SHAPE_OF_KIND = {
    Kind.NUMBER: Shape.NUMBER,
    Kind.DATE: Shape.DATE,
    Kind.TIME: Shape.TIME,
    Kind.CODE: Shape.CODE,
    Kind.ADDRESS: Shape.ADDRESS,
    Kind.SYMBOL: Shape.SYMBOL,
}
_SHAPE_OF_MARK = {
    mark: shape
    for marks, shape in {
        ".!?…": Shape.STOP,
        ",;": Shape.COMMA,
        "-–—‐‑": Shape.DASH,
        "([{": Shape.OPENING,
        ")]}": Shape.CLOSING,
        "\"'“”‘’«»": Shape.QUOTE,
        ":": Shape.COLON,
        "/": Shape.SLASH,
    }.items()
    for mark in marks
}
# Tokens that differ in their digits only are one to the model.
_FORM_OF_KIND = {
    Kind.NUMBER: "0",
    Kind.DATE: "0/0",
    Kind.TIME: "0:0",
    Kind.CODE: "A0",
    Kind.ADDRESS: "@",
}


def seen(token: str, kind: Kind) -> tuple[str, Shape]:
    """The form and shape in which the model sees a composed token.

    >>> seen("Hoà", Kind.WORD), seen("1.000,5", Kind.NUMBER)
    (('hoaF', <Shape.TITLE: 2>), ('0', <Shape.NUMBER: 10>))
    """
    if kind in _FORM_OF_KIND:
        return _FORM_OF_KIND[kind], _SHAPE_OF_KIND[kind]
    if kind is Kind.SYMBOL:
        return token, Shape.SYMBOL
    if kind is Kind.PUNCTUATION:
        return token, _SHAPE_OF_MARK.get(token[0], Shape.OTHER)
    if kind is Kind.ABBREVIATION:
        return form(token), Shape.SHORTENED if "." in token else Shape.ABBREVIATION
    return form(token), _shape_of_word(token)


def _shape_of_word(word: str) -> Shape:
    native = parse_syllable(word) is not None
    if word.islower():
        return Shape.SMALL if native else Shape.FOREIGN_SMALL
    if len(word) == 1:
        return Shape.LETTER
    if word.isupper():
        return Shape.CAPITALS if native else Shape.FOREIGN_CAPITALS
    return Shape.TITLE if native else Shape.FOREIGN_TITLE


#: What one step in the whole numbers of the data files is worth: in the logarithms of odds, and in
#: the weights.
ODDS_UNIT = 1 / 8
WEIGHT_UNIT = 1 / 16
#: Logarithms of odds are told apart up to this many steps either way.
MOST_ODDS = round(6 / ODDS_UNIT)

#: How many numbers each view has, with 0 for padding. Those behind ``shape`` are classes of the gap
#: before a token: ``joint``, the odds that it lies within a word, all things counted; ``mutual``,
#: how much more often the two stand together than chance has it, or, from ``UNSEEN`` on, the odds
#: for a pair that was not counted. ``joint_rough`` has half as many classes as ``joint``.
SIZES = {"shape": len(Shape) + 1, "joint": 18, "joint_rough": 10, "mutual": 30}
UNSEEN = 20
_CLASSES = np.rint(np.linspace(1, SIZES["joint"] - 1, 2 * MOST_ODDS + 1)).astype(np.int64)

Cells = tuple[tuple[str, int], ...]

#: The n-grams that have a weight for each of their numbers: views, and places counted from the
#: token that is labelled, in rising order.
TEMPLATES: dict[str, Cells] = {
    "shapes_before": (("shape", -2), ("shape", -1), ("shape", 0)),
    "shapes_after": (("shape", -1), ("shape", 0), ("shape", 1)),
    "joint_shapes": (("shape", -1), ("shape", 0), ("joint", 0)),
    "joint_run": (("joint_rough", -1), ("joint_rough", 0), ("joint_rough", 1)),
    "mutual_joint": (("mutual", 0), ("joint_rough", 0)),
}
#: Places from the labelled token at which a token and a pair have weights of their own.
WORD_PLACES = (-2, -1, 0, 1)
PAIR_PLACES = (-2, -1, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the counts say of tokens, pairs and triples, in whole numbers; weights behind it.

    A column stands for a token's form, or for a slot of keys; the last, for all that are no keys.

    Attributes:
        tokens: the odds that a form is joined to what follows, and to what stands before, in steps
            of ``ODDS_UNIT``; a weight for each of ``WORD_PLACES``.
        pair_keys: left form << 16 | right form (32 bits).
        pairs: the odds that the two are joined; the class of ``mutual``, 0 for pairs that are here
            for their weights alone; a weight for each of ``PAIR_PLACES``.
        triple_keys: as ``pair_keys``, for three tokens (48 bits).
        triples: how much the left token adds to the odds that the other two are joined; how much
            the right one adds.
    """

    tokens: NDArray[np.int8]
    pair_keys: KeyTable
    pairs: NDArray[np.int8]
    triple_keys: KeyTable
    triples: NDArray[np.int8]

    def add_views(self, views: dict[str, View]) -> None:
        """Add the views that follow from the forms of the tokens: pairs, and classes of gaps."""
        words = views["word"]
        keys = words[:-1] << 16 | words[1:]
        pairs = _columns(self.pair_keys, keys)
        mutual = self.pairs[1].take(pairs).astype(np.int64)
        prior = self.tokens[0].take(words[:-1]).astype(np.int64)
        prior += self.tokens[1].take(words[1:])
        unseen = mutual == 0
        odds = np.where(unseen, prior, self.pairs[0].take(pairs))
        mutual += unseen * (UNSEEN + (_classes(odds) >> 1))

        triples = _columns(self.triple_keys, keys[:-1] << 16 | words[2:])
        joint = odds.copy()
        joint[1:] += self.triples[0].take(triples)
        joint[:-1] += self.triples[1].take(triples)
        joint_class = _classes(joint)

        gap = np.minimum(words[:-1], words[1:]) > 0  # no padding on either side
        for name, classes in (("joint", joint_class), ("mutual", mutual)):
            views[name] = view = np.zeros(len(words), np.int64)
            np.multiply(classes, gap, out=view[1:])
        views["joint_rough"] = (views["joint"] + 1) >> 1
        views["pair"] = pairs


def _columns(keys: KeyTable, wanted: View) -> NDArray[np.intp]:
    """The column of each wanted key; the last one where it is not among the keys."""
    slots, found = keys.find(wanted)
    return np.where(found, slots, len(keys))


def _classes(odds: View) -> View:
    return _CLASSES.take(odds + MOST_ODDS, mode="clip")


def template_table(cells: Cells, rows: Mapping[int, NDArray[Any]]) -> Table:
    """A table of the n-grams of a template, and the weights of each place of the first token."""
    return Table(
        tuple((view, place - cells[0][1]) for view, place in cells),
        tuple(SIZES[view] for view, _ in cells),
        tuple(-first for first in rows),
        np.array(list(rows.values())),
    )


def template_tables(weights: Mapping[str, NDArray[Any]]) -> list[Table]:
    """The tables of all templates; those of the same n-grams at different places share one."""
    groups: dict[Cells, dict[int, NDArray[Any]]] = defaultdict(dict)
    for name, cells in TEMPLATES.items():
        first = cells[0][1]
        groups[tuple((view, place - first) for view, place in cells)][first] = weights[name]
    return [template_table(cells, rows) for cells, rows in groups.items()]


@cache
def vnjournal_tagger() -> Tagger:
    """The packaged model, opened at the first call. Raises DataError where it cannot be read."""
    try:
        numbers, evidence, weights = _read()
        transitions = Transitions(*weights["transitions"].tolist())
        tables = template_tables(weights)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(
            f"the segmentation model is damaged ({error}): install vnjournal again"
        ) from error
    tables.append(own_table("word", WORD_PLACES, evidence.tokens))
    tables.append(own_table("pair", PAIR_PLACES, evidence.pairs))
    return tagger(numbers, evidence, tables, transitions)


def _read() -> tuple[dict[str, int], Evidence, dict[str, NDArray[Any]]]:
    """The data files: numbers of forms, what was counted, and the weights of templates."""
    with resources.path(DATA_SET, "tokens.txt").open(encoding="utf-8") as stream:
        numbers = {line[:-1]: number for number, line in enumerate(stream, start=UNKNOWN + 1)}
    tokens, pairs, triples, *of_keys = (
        resources.array(DATA_SET, f"{name}.npy")
        for name in ("tokens", "pairs", "triples", *KEY_FILES)
    )
    pair_keys, triple_keys = KeyTable(*of_keys[:2]), KeyTable(*of_keys[2:])
    with np.load(resources.path(DATA_SET, "weights.npz")) as file:
        return numbers, Evidence(tokens, pair_keys, pairs, triple_keys, triples), dict(file)


def own_table(view: str, places: tuple[int, ...], rows: NDArray[np.int8]) -> Table:
    """The weights that tokens or pairs have of their own, the last of their rows."""
    shifts = tuple(-place for place in places)
    return Table(((view, 0),), (0,), shifts, rows[-len(places) :])


def tagger(
    numbers: Mapping[str, int],
    evidence: Evidence,
    tables: Sequence[Table],
    transitions: Transitions,
) -> Tagger:
    """The tagger of forms with these numbers, this evidence and these weights."""

    def look(token: str, kind: Kind) -> int:
        written, shape = seen(token, kind)
        return numbers.get(written, UNKNOWN) | shape << BITS["word"]

    return Tagger(Look(look), BITS, tables, transitions, np.int32, WEIGHT_UNIT, evidence.add_views)
