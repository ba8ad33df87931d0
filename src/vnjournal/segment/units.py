"""The units of whole texts, as columns of numbers.

A unit is what :mod:`vnjournal.segment.tokens` finds between blanks. Most pieces of text, and nearly
all units, come again and again, so that each is looked at once and gets a number: from then on a
text is a few arrays, and what is done to every unit is done to all of them at a time.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from vnjournal.segment.locks import fork_safe_lock
from vnjournal.segment.tokens import scan
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Kinds by their numbers in columns.
KINDS = list(Kind)
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}

_CHUNK = 1 << 16  # characters at a time: enough for speed, few enough to stay in the cache
_BREAK = re.compile(r"[\r\n]")
_LINE_BREAK = 2
# What each character is: 1 is another blank. Those behind the last blank are no blanks, as it is.
_CHARACTERS = np.array([chr(code).isspace() for code in range(0x3002)], np.uint8)
_CHARACTERS[[ord("\r"), ord("\n")]] = _LINE_BREAK

# What Token._make does, without its check; millions are made.
_token = partial(tuple.__new__, Token)

_adding = fork_safe_lock()  # held while a piece is added


class _Pieces(dict[str, int]):
    """The pieces between blanks that were met, and what units each consists of.

    Under a piece stands the number of its first unit in ``columns``, and in the lowest 32 bits how
    many it has. A column is a unit's place in its piece, its length and its *type*: units of one
    text and kind are of one type.
    """

    _MOST_PIECES = 1 << 17
    _MOST_CHARACTERS = 1 << 21

    def __init__(self) -> None:
        self.columns = np.empty((3, 1024), np.int64)
        self.types: list[tuple[str, Kind]] = []
        self.looks: dict[Look, NDArray[np.int64]] = {}
        self.memos: dict[object, Any] = {}
        self._type_of: dict[tuple[str, Kind], int] = {}
        self._units = 0
        self._characters = 0

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that it is time to begin anew."""
        return len(self) > self._MOST_PIECES or self._characters > self._MOST_CHARACTERS

    def __missing__(self, piece: str) -> int:
        units = list(scan(piece))
        with _adding:
            begin, end = self._units, self._units + len(units)
            if end > self.columns.shape[1]:
                columns = np.empty((3, 2 * end), np.int64)
                columns[:, :begin] = self.columns[:, :begin]
                self.columns = columns
            self.columns[:, begin:end] = (
                [start for _, start, _, _ in units],
                [end - start for _, start, end, _ in units],
                [self._type(text, kind) for text, _, _, kind in units],
            )
            self._units = end  # from here on; an exception before has added nothing
            self._characters += len(piece)
            found = self[piece] = begin << 32 | len(units)
        return found

    def _type(self, text: str, kind: Kind) -> int:
        number = self._type_of.get((text, kind))
        if number is None:
            number = len(self.types)
            self.types.append((text, kind))
            self._type_of[text, kind] = number
        return number


_pieces = cache(_Pieces)  # those in use


class Look:
    """What a function says of units: it is asked once for each type.

    Args: ``function``: from a unit's text and kind to a whole number from 0.

    >>> length = Look(lambda text, _: len(text))
    >>> [length.of(units).tolist() for units in units_of("Đảng bộ Sở, Sở")]
    [[4, 2, 2, 1, 2]]
    """

    def __init__(self, function: Callable[[str, Kind], int]) -> None:
        self.function = function

    def of(self, units: Units) -> NDArray[np.int64]:
        """The number of each unit."""
        types, looks = units.pieces.types, units.pieces.looks
        numbers = looks.get(self, _NONE)
        if len(numbers) < len(types):
            numbers = np.concatenate([numbers, np.full(len(types), _NOT_ASKED)])
            looks[self] = numbers
        found = numbers.take(units.types)
        if found.min() == _NOT_ASKED:
            for number in set(units.types[found == _NOT_ASKED].tolist()):
                numbers[number] = self.function(*types[number])
            found = numbers.take(units.types)
        return found


class Memo:
    """What a function says of units that is no number: it is asked once for each type.

    Args: ``function``: from a unit's text and kind to a tuple, always as long.

    >>> cased = Memo(lambda text, _: (text.lower(), text.upper()))
    >>> [cased.of(units).take(units.types, axis=1).tolist() for units in units_of("Sở Sở")]
    [[['sở', 'sở'], ['SỞ', 'SỞ']]]
    """

    def __init__(self, function: Callable[[str, Kind], tuple[object, ...]]) -> None:
        self._function = function

    def of(self, units: Units) -> NDArray[np.object_]:
        """A row for each place of the tuples, with the answer for each type."""
        types, memos = units.pieces.types, units.pieces.memos
        known = memos.get(self)
        if known is None or known.shape[1] < len(types):
            asked = 0 if known is None else known.shape[1]
            answers = [self._function(*each) for each in types[asked:]]
            rows = np.array(list(zip(*answers, strict=True)), object)
            known = memos[self] = rows if known is None else np.hstack([known, rows])
        return known


_NOT_ASKED = -1
_NONE = np.zeros(0, np.int64)
_kind = Look(lambda _, kind: _NUMBERS[kind])


@dataclass(frozen=True, slots=True)
class Units:
    """The units of some whole lines of a composed text, in order.

    ``lines`` are the numbers of the units that lines begin with.
    """

    nfc: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    types: NDArray[np.int64]
    lines: NDArray[np.intp]
    pieces: _Pieces

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def kinds(self) -> NDArray[np.int64]:
        """The number of each unit's kind in :data:`KINDS`."""
        return _kind.of(self)

    @property
    def line_ends(self) -> NDArray[np.intp]:
        """The number of the unit behind each line's last."""
        return np.concatenate([self.lines[1:], [len(self)]])

    @property
    def apart(self) -> NDArray[np.bool_]:
        """Whether one blank, and no line break, stands between each unit and the next."""
        found: NDArray[np.bool_] = self.starts[1:] - self.ends[:-1] == 1
        found[self.lines[1:] - 1] = False
        return found

    def text(self, number: int) -> str:
        """The text of one unit."""
        text: str = self.pieces.types[self.types[number]][0]
        return text

    def texts(self, numbers: NDArray[np.intp] | slice = slice(None)) -> list[str]:
        """The text of each unit, or of those with these numbers."""
        types = self.pieces.types
        return [types[number][0] for number in self.types[numbers].tolist()]


class TokensByNumber(dict[int, Token]):
    """The units with these numbers as tokens of the composed text, made when they are asked for."""

    def __init__(self, units: Units) -> None:
        self._units = units

    def __missing__(self, number: int) -> Token:
        units = self._units
        text, kind = units.pieces.types[units.types[number]]
        token = Token(text, int(units.starts[number]), int(units.ends[number]), kind)
        self[number] = token
        return token


def units_of(nfc: str) -> Iterator[Units]:
    """The units of a composed text, some lines at a time."""
    at = 0
    while at < len(nfc):
        end = _end_of_lines(nfc, at)
        units = _units(nfc, at, end)
        if len(units):
            yield units
        if _pieces().is_full:
            _pieces.cache_clear()
        at = end


def _end_of_lines(nfc: str, at: int) -> int:
    """Where to cut a text: at the last line break within reach, or else the next."""
    end = at + _CHUNK
    if end >= len(nfc):
        return len(nfc)
    last = max(nfc.rfind("\n", at, end), nfc.rfind("\r", at, end))
    if last > at:
        return last + 1
    following = _BREAK.search(nfc, end)
    return following.end() if following else len(nfc)


def _units(nfc: str, at: int, end: int) -> Units:
    """The units of the lines that a stretch of a text consists of."""
    pieces = _pieces()
    written = nfc[at:end].split()
    found = np.fromiter(map(pieces.__getitem__, written), np.int64, len(written))
    places, count = found >> 32, found & 0xFFFFFFFF
    starts, breaks = _places(nfc, at, end)
    if (count != 1).any():
        before = count.cumsum() - count
        places = (places - before).repeat(count)
        places += np.arange(len(places))
        starts = starts.repeat(count)
    offsets, lengths, types = pieces.columns
    starts += offsets.take(places)
    begins_line = np.zeros(len(starts) + 1, np.bool_)
    begins_line[starts.searchsorted(breaks)] = True
    begins_line[0] = True
    lines = begins_line[:-1].nonzero()[0]
    return Units(nfc, starts, starts + lengths.take(places), types.take(places), lines, pieces)


def _places(nfc: str, at: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where pieces without blanks begin in a stretch of a text, and where its line breaks are."""
    blocks = (nfc[begin : min(begin + _CHUNK, end)] for begin in range(at, end, _CHUNK))
    codes = (np.frombuffer(block.encode("utf-32-le", "surrogatepass"), "<u4") for block in blocks)
    characters = np.concatenate([_CHARACTERS.take(block, mode="clip") for block in codes])
    begins = characters == 0
    begins[1:] &= characters[:-1] > 0
    return begins.nonzero()[0] + at, (characters == _LINE_BREAK).nonzero()[0] + at


def tokens_at(
    text: str, starts: NDArray[Any], ends: NDArray[Any], kinds: NDArray[Any]
) -> list[Token]:
    """The tokens at these places of a text, of the kinds with these numbers."""
    with _collection_paused():
        first, last = starts.tolist(), ends.tolist()
        texts = [text[start:end] for start, end in zip(first, last, strict=True)]
        rows = zip(texts, first, last, map(KINDS.__getitem__, kinds.tolist()), strict=True)
        return list(map(_token, rows))


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Keep Python from looking for cycles while tokens are made.

    Tokens form none, and to look through all that the program holds each time some thousands were
    made costs more than making them. Within, the collector is off for every thread.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def syllables(text: str) -> list[Token]:
    """Split a text into syllables, compounds, punctuation and symbols.

    Any Unicode form goes in; each token points into the text as given:
    ``text[token.start:token.end] == token.text``.

    >>> [token.text for token in syllables("Sở KH&CN số 01/GP-STTTT, chủ nghĩa Mác-Lênin.")]
    ['Sở', 'KH&CN', 'số', '01/GP-STTTT', ',', 'chủ', 'nghĩa', 'Mác-Lênin', '.']
    >>> [(token.text, token.kind.value) for token in syllables("29/06/2015 7h30: 1.000,5 ha")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('29/06/2015', 'date'), ('7h30', 'time'), (':', 'punctuation'), ('1.000,5', 'number'),
     ('ha', 'word')]
    """
    composed = compose(text)
    tokens: list[Token] = []
    for units in units_of(composed.text):
        starts, ends = composed.original_spans(units.starts, units.ends)
        tokens += tokens_at(text, starts, ends, units.kinds)
    return tokens
