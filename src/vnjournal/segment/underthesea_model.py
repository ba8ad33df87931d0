"""underthesea's word segmentation model, as tables for :mod:`vnjournal.segment.tagger`.

Its weights are read from the installed ``underthesea`` package when they are first asked for;
importing the package itself would cost most of a second and bring code that is not needed. The
model is a CRFsuite file (Okazaki, *CRFsuite*, 2007) beside two pickles: the list of feature
templates, such as ``T[-1,0].lower``, and the dictionary that ``is_in_dict`` features ask.
"""

from __future__ import annotations

import pickle
import re
import struct
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vnjournal.errors import DataError
from vnjournal.language.key_table import KeyTable
from vnjournal.segment.tagger import Table, Tagger, Transitions
from vnjournal.segment.units import Look
from vnjournal.text.normalize import place_tone
from vnjournal.text.spans import Kind

_FOLDER = Path("pipeline", "word_tokenize", "models", "ws_crf_vlsp2013_20230727")
_BEGINS, _CONTINUES = "B-W", "I-W"
_ATTRIBUTE = re.compile(r"T\[(-?\d)(?:,(-?\d))?\](?:\.(\w+))?=(.*)", re.DOTALL)


class _Attribute(NamedTuple):
    """A feature such as ``T[-1,0].lower=nhân dân``, and how much it speaks for "continues"."""

    first: int
    last: int
    function: str  # empty for the tokens as they are
    value: str
    weight: float


@cache
def underthesea_tagger() -> Tagger:
    """The installed model, read at the first call. Raises DataError where it cannot be read."""
    spec = find_spec("underthesea")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("the model 'underthesea' needs the package: pip install underthesea")
    folder = Path(spec.submodule_search_locations[0]) / _FOLDER
    try:
        dictionary: set[str] = pickle.loads((folder / "dictionary.bin").read_bytes())
        attributes, transitions = _read((folder / "models.bin").read_bytes())
    except (OSError, pickle.UnpicklingError, struct.error, ValueError) as error:
        raise DataError(
            f"underthesea's segmentation model cannot be read ({error}): install underthesea 9.5"
        ) from error
    return _tagger(attributes, dictionary, transitions)


def _read(data: bytes) -> tuple[list[_Attribute], Transitions]:
    """Read a CRFsuite model of two labels.

    The header holds the places of the records of weights and of two constant databases, labels and
    attributes. A record is its type (0: attribute to label, 1: label to label), source, target and
    a double. Raises ValueError where the file is no such model.
    """
    header = struct.unpack_from("<4sI4s9I", data)
    if header[0] != b"lCRF" or header[2] != b"FOMC":
        raise ValueError("not a CRFsuite model")
    weights_at, labels_at, attributes_at = header[7:10]
    records = np.frombuffer(
        data,
        np.dtype([("type", "<u4"), ("source", "<u4"), ("target", "<u4"), ("weight", "<f8")]),
        count=struct.unpack_from("<I", data, weights_at + 8)[0],
        offset=weights_at + 12,
    )
    labels = _strings(data, labels_at)
    if sorted(labels) != [_BEGINS, _CONTINUES]:
        raise ValueError(f"labels {labels}")
    sign = np.array([1.0 if label == _CONTINUES else -1.0 for label in labels])
    state, label_pairs = records[records["type"] == 0], records[records["type"] == 1]

    names = _strings(data, attributes_at)
    differences = np.zeros(len(names))
    np.add.at(differences, state["source"], sign[state["target"]] * state["weight"])
    found = []
    for name, weight in zip(names, differences.tolist(), strict=True):
        match = _ATTRIBUTE.fullmatch(name)
        if match is None:
            raise ValueError(f"feature {name}")
        first, last, function, value = match.groups()
        found.append(_Attribute(int(first), int(last or first), function or "", value, weight))

    between = {
        (labels[source], labels[target]): weight
        for _, source, target, weight in label_pairs.tolist()
    }
    pairs = ((a, b) for a in (_BEGINS, _CONTINUES) for b in (_BEGINS, _CONTINUES))
    return found, Transitions(*(between.get(pair, 0.0) for pair in pairs))


def _strings(data: bytes, at: int) -> list[str]:
    """The strings of one of CRFsuite's constant databases, by their numbers."""
    count, table = struct.unpack_from("<2I", data, at + 16)
    strings = []
    for place in struct.unpack_from(f"<{count}I", data, at + table):
        size = struct.unpack_from("<I", data, at + place + 4)[0]
        begin = at + place + 8
        strings.append(data[begin : begin + size - 1].decode())
    return strings


# The views of a token: its number among the texts that weights are known for, the same for its
# lower case, whether it is a title, whether it is a number, and that it is no padding. In each
# view 0 is padding, so "no" is 1 and "yes" 2, and a text without weights is 1.
_BITS = {"text": 20, "lower": 20, "istitle": 2, "isdigit": 2, "inside": 1}
_MOST_ROWS = 1 << 16  # of a table without keys
_TRUTH = {"False": 1, "True": 2}
_KEYED = ("text", "lower")


class _Numbers(dict[str, int]):
    """Numbers of the strings asked for, in the order in which they are met, from 2."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self) + 2
        return number


class _Weights(defaultdict[tuple[int, ...], dict[int, float]]):
    """Of the n-grams of one view and length: shift -> weight, by the numbers of the tokens."""

    def __init__(self) -> None:
        super().__init__(lambda: defaultdict(float))

    def table(self, view: str, size: int) -> Table:
        """The same in the form in which a document is scored at once; ``size`` is the radix."""
        length = len(next(iter(self)))
        grams = sorted(self)
        numbers = np.zeros(len(grams), np.int64)
        for column in zip(*grams, strict=True):
            numbers = numbers * size + column
        shifts = sorted({shift for weights in self.values() for shift in weights})
        weights = np.array([[self[gram].get(shift, 0.0) for gram in grams] for shift in shifts])
        cells = tuple((view, place) for place in range(length))
        rows = size**length
        if rows > _MOST_ROWS:
            keys = KeyTable.of(numbers)
            by_slot = np.zeros((len(shifts), len(keys)))
            by_slot[:, keys.find(numbers)[0]] = weights
            return Table(cells, (size,) * length, tuple(shifts), by_slot, keys)
        dense = np.zeros((len(shifts), rows))
        dense[:, numbers] = weights
        return Table(cells, (size,) * length, tuple(shifts), dense)


def _tagger(attributes: list[_Attribute], dictionary: set[str], transitions: Transitions) -> Tagger:
    numbers = {view: _Numbers() for view in _KEYED}
    known: dict[tuple[str, int], _Weights] = defaultdict(_Weights)
    membership: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for first, last, function, value, weight in attributes:
        length, shift = last - first + 1, -first
        if value in ("BOS", "EOS"):
            for gram in product((0, 1), repeat=length):
                if _edge(gram, first, last) == value:
                    known["inside", length][gram][shift] += weight
        elif function == "is_in_dict":
            # "no" for every n-gram, and the difference to "yes" for those in the dictionary
            if value == "False":
                known["inside", length][(1,) * length][shift] += weight
            membership[length][shift] += weight if value == "True" else -weight
        elif function in ("isdigit", "istitle"):
            # an n-gram is a title where each of its tokens is one
            wanted = value == "True"
            for gram in product(_TRUTH.values(), repeat=length):
                if (min(gram) == _TRUTH["True"]) == wanted:
                    known[function, length][gram][shift] += weight
        else:
            view = function or "text"
            gram = tuple(numbers[view][token] for token in value.split(" "))
            known[view, length][gram][shift] += weight
    for entry in dictionary:
        tokens = entry.split(" ")
        if len(tokens) in membership:
            row = known["lower", len(tokens)][tuple(map(numbers["lower"].__getitem__, tokens))]
            for shift, weight in membership[len(tokens)].items():
                row[shift] += weight

    def look(token: str, _: Kind) -> int:
        token = place_tone(token)
        values = (
            numbers["text"].get(token, 1),
            numbers["lower"].get(token.lower(), 1),
            _TRUTH[str(token[:1].upper() == token[:1])],
            _TRUTH[str(token.isascii() and token.isdigit())],
            1,
        )
        packed = 0
        for value, bits in zip(reversed(values), reversed(_BITS.values()), strict=True):
            packed = packed << bits | value
        return packed

    sizes = dict.fromkeys(("istitle", "isdigit"), 3) | {"inside": 2}
    sizes |= {view: len(numbers[view]) + 2 for view in _KEYED}
    tables = [weights.table(view, sizes[view]) for (view, _), weights in known.items()]
    return Tagger(Look(look), _BITS, tables, transitions)


def _edge(gram: tuple[int, ...], first: int, last: int) -> str:
    """Which edge of the sentence an n-gram crosses whose tokens are inside (1) or not (0)."""
    if first < 0 and not gram[0]:
        return "BOS"
    if last > 0 and not gram[-1]:
        return "EOS"
    return ""
