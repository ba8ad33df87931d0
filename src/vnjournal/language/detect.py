"""Which encoding some bytes are in, by how likely the text is that each reading gives.

Every reading of the bytes is a text, and the model of Vietnamese (:mod:`vnjournal.language.ngrams`)
says what its words cost: the reading that costs least is right, and by how much less it costs tells
how sure that is. A document is read line by line, so that one which mixes encodings is read as
well: the cheapest way through all lines counts, where going over to another encoding has a price
(Viterbi's algorithm). Text that was read in a wrong encoding once and saved so in UTF-8 is read in
the right one, too; where that was UTF-8 itself, ``ftfy`` puts it right.

UTF-8 stays what it is unless another reading of a line is likelier by far.
"""

from __future__ import annotations

import codecs
import math
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, islice, zip_longest
from operator import itemgetter

import regex

from vnjournal.errors import SourceError
from vnjournal.language import viqr
from vnjournal.language.costs import text_cost, western_words
from vnjournal.text import encodings
from vnjournal.text.alphabet import parse_syllable

UTF8, VIQR = "utf-8", "viqr"
WESTERN = "windows-1252"
#: UTF-8 that was read in another encoding and written as UTF-8 again.
MISREAD = "utf-8 misread"
#: What no reading explains.
UNKNOWN = "unknown"

#: What it costs that a document, or the next part of it, is in an encoding.
_PRIORS = {
    UTF8: 0.0,
    WESTERN: 4.0,
    "windows-1258": 3.0,
    "tcvn3": 2.0,
    "vni-windows": 2.0,
    "tcvn-vn1": 4.0,
    "viscii": 4.0,
    "vps": 4.5,
    VIQR: 12.0,
    MISREAD: 4.0,
    UNKNOWN: 20.0,
}
_SINGLE = tuple(name for name in encodings.NAMES if name != VIQR)
_CHANCE = 4.0  # that two bytes in another encoding look like UTF-8
_MISREAD_TOO = " misread"  # read in a wrong encoding, and saved so in UTF-8
_TWICE = 6.0  # what that costs besides
_PRIORS |= {name + _MISREAD_TOO: _PRIORS[name] + _TWICE for name in _SINGLE}
_STATES = tuple(_PRIORS)
_CHANGE = 12.0  # of encoding, from one line to the next
_IMPOSSIBLE = math.inf
_SURE = 0.95  # what is less so is said to be a guess
_CONTEXT = 40  # bytes of the next line that tell whether this one ends with a full stop
_RANDOM_BYTE = math.log(256)
_PLAIN_WORD = regex.compile(r"(?<!\p{L})[A-Za-z]{2,}(?!\p{L})")
_UNMARKED = 1.2

_WIDE_MARKS = (  # that of UTF-16 begins that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a decoded text that was in one encoding. ``start`` and ``end`` are places in it."""

    start: int
    end: int
    encoding: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read.

    Args:
        text: the text, composed (NFC).
        encoding: of most of it: one of :data:`vnjournal.text.encodings.NAMES`, ``utf-8``,
            ``utf-16-le`` and the like, ``windows-1252``; ``utf-8 misread`` where UTF-8 had been
            read in a wrong encoding and saved so; ``unknown`` where nothing explains it.
        confidence: from 0 to 1, of the passage that is least sure.
        passages: more than one where the document mixes encodings.
    """

    text: str
    encoding: str
    confidence: float
    passages: tuple[Passage, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how it was read; empty for sure UTF-8."""
        found = []
        names = {passage.encoding for passage in self.passages} or {self.encoding}
        if len(names) > 1:
            found.append(f"mixes encodings: {', '.join(sorted(names))}")
        if "tcvn3" in names:
            found.append("TCVN3 has no capitals with a tone mark: they are read as small letters")
        if self.confidence < _SURE:
            found.append(f"the encoding {self.encoding} is not sure ({self.confidence:.2f})")
        if "\ufffd" in self.text:
            count = self.text.count("\ufffd")
            found.append(f"{count} character{'s' * (count > 1)} cannot be read")
        return tuple(found)


def decode(data: bytes) -> Decoded:
    """Find out the encoding of some bytes, and read them.

    UTF-8 and UTF-16 with or without a byte order mark, decomposed or not, Windows-1258, TCVN 5712
    (VN1, VN3), VNI-Windows, VISCII, VPS, VIQR, windows-1252, and any of these saved as UTF-8 after
    it had been read in a wrong encoding. Raises SourceError for bytes that are no text.

    >>> decoded = decode("Ch­¬ng tr×nh hµnh ®éng cña §¶ng bé".encode("latin-1"))
    >>> decoded.text, decoded.encoding, decoded.confidence > 0.99
    ('Chương trình hành động của Đảng bộ', 'tcvn3', True)
    """
    found = read(data)
    composed = unicodedata.normalize("NFC", found.text)
    if composed == found.text:
        return found
    places = [0]  # of passages in the composed text
    for passage in found.passages:
        part = unicodedata.normalize("NFC", found.text[passage.start : passage.end])
        places.append(places[-1] + len(part))
    passages = tuple(
        Passage(start, end, each.encoding, each.confidence)
        for start, end, each in zip(places, places[1:], found.passages, strict=False)
    )
    return Decoded(composed, found.encoding, found.confidence, passages)


def read(data: bytes) -> Decoded:
    """As :func:`decode`, but Unicode keeps its characters as they are, decomposed or not."""
    if found := wide(data):
        return found
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        raise SourceError("binary file, not text")
    is_escaped = _ESCAPE.search(data) is not None
    raws = data.split(b"\n")
    lines = [_Line(raw, is_escaped, after) for raw, after in zip_longest(raws, raws[1:])]
    if all(line.is_plain for line in lines):
        return whole(data.decode(), UTF8)
    return _joined(_passages(lines))


def is_plain(text: str) -> bool:
    """Whether a text was surely read in the right encoding; cheap.

    >>> is_plain("Đảng bộ\\nkhoa hoc"), is_plain("§¶ng bé")
    (True, False)
    """
    return all(map(_is_plain, text.split("\n")))


def whole(text: str, name: str, confidence: float = 1.0) -> Decoded:
    """A text that was read in one encoding."""
    return Decoded(text, name, confidence, (Passage(0, len(text), name, confidence),))


def wide(data: bytes) -> Decoded | None:
    """What UTF-16 or UTF-32 says, by its byte order mark or its zeros; None where it is neither."""
    for mark, name in _WIDE_MARKS:
        if data.startswith(mark):
            return whole(data[len(mark) :].decode(name, "replace"), name)
    if b"\0" not in data:
        return None
    zeros = data[0::2].count(0), data[1::2].count(0)  # in UTF-16, nearly every second byte is one
    half = len(data) / 2
    for name, many, few in (("utf-16-le", zeros[1], zeros[0]), ("utf-16-be", *zeros)):
        if many > half / 4 and few < half / 50:
            text = data.decode(name, "replace")
            if not _CONTROL.search(text) and text.count("\ufffd") <= len(text) / 50:
                return whole(text, name, 0.99)
    return None


# --- lines and what they may say

# Letters of Vietnamese only: text that has one was read in the right encoding.
_VIETNAMESE = regex.compile(r"[\u1ea0-\u1ef9ĂăĐđĨĩŨũƠơƯư\u0300\u0301\u0303\u0309\u0323]")
_MISREAD_SIGNS = regex.compile(
    r"á[º»]|[ÃÄÅÆ][\x80-\xbf\u2018-\u203a\u0152-\u0192\u02c6\u02dc\u20ac\u2122]"
)
_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_VIQR = regex.compile(
    r"[aeouAEOU][(^+] | [aeiouyAEIOUY]['`?~.](?=[A-Za-z]) | \b[dD][dD]", regex.VERBOSE
)


_ESCAPE = regex.compile(rb"[a-z]\\[.?'(]")


def _is_plain(line: str) -> bool:
    if line.isascii():
        return not (_CONTROL.search(line) or _VIQR.search(line))
    return _VIETNAMESE.search(line) is not None and not (
        _MISREAD_SIGNS.search(line) or _CONTROL.search(line)
    )


class _Line:
    """A line of a document, and its readings, each made when it is asked for."""

    def __init__(self, raw: bytes, is_escaped: bool, following: bytes | None) -> None:
        self.raw = raw
        self.following = following  # the next line, if there is one
        self.is_escaped = is_escaped  # in VIQR: signs that are none of a letter's have a backslash
        self.text: str | None
        try:
            self.text = raw.decode()
        except UnicodeDecodeError:
            self.text = None
        self.is_plain = self.text is not None and _is_plain(self.text)  # surely UTF-8
        self._readings: dict[str, str | None] = {}
        self._costs: dict[str, float] = {}

    @property
    def is_neutral(self) -> bool:
        """Whether every encoding reads it alike."""
        return self.is_plain and self.text is not None and self.text.isascii()

    def reading(self, state: str) -> str | None:
        """What it says in an encoding; None where it cannot be in that."""
        if state not in self._readings:
            self._readings[state] = self._read(state)
        return self._readings[state]

    def _read(self, state: str) -> str | None:
        text = self.text
        if self.is_neutral and state != VIQR:
            return text
        if state == UTF8:
            return text if text is not None else self.raw.decode("utf-8", "replace")
        if state == VIQR:
            return None if text is None or not text.isascii() else self._viqr(text)
        if state == MISREAD:
            return None if text is None or text.isascii() else _unmisread(text)
        if state.endswith(_MISREAD_TOO):
            raw = None if text is None else encodings.bytes_of(text)
            return None if raw is None else encodings.decode(raw, state.removesuffix(_MISREAD_TOO))
        if state not in (WESTERN, UNKNOWN):
            return encodings.decode(self.raw, state)
        if text is not None:
            return None
        return self.raw.decode("cp1252" if state == WESTERN else "latin-1", "replace")

    def _viqr(self, text: str) -> str:
        if self.is_escaped:
            return encodings.read_viqr(text)
        following = self.following
        after = "" if following is None else "\n" + following[:_CONTEXT].decode("ascii", "replace")
        return encodings.read_viqr(text, viqr.likeliest, after)

    def cost(self, state: str) -> float:
        """What the reading in an encoding costs; infinite where there is none."""
        if state not in self._costs:
            self._costs[state] = self._cost(state)
        return self._costs[state]

    def _cost(self, state: str) -> float:
        if self.is_neutral:
            return 0.0
        found = self.reading(state)
        if found is None or (self.is_plain and state != UTF8):
            return _IMPOSSIBLE
        if state == UNKNOWN:
            return _RANDOM_BYTE * len(self.raw)
        cost = text_cost(found)
        if state == VIQR:  # a backslash less makes nothing likelier
            cost += text_cost("\\" * self.raw.count(b"\\"))
        elif state not in (UTF8, WESTERN, MISREAD):  # written for Vietnamese, where most words
            cost += _UNMARKED * len(_PLAIN_WORD.findall(found))  # have a mark
        if self.text is not None and state in _SINGLE:  # it only happens to be UTF-8
            cost += _CHANCE * sum(not character.isascii() for character in self.text)
        return cost


def _unmisread(text: str) -> str | None:
    """UTF-8 that somebody read as windows-1252, say, or as windows-1258; None if it is not so."""
    raw = encodings.bytes_of(text)
    with suppress(UnicodeError):
        if raw is not None:
            return raw.decode()
    with suppress(UnicodeError):
        return text.encode("cp1258").decode()
    import ftfy

    found = ftfy.fix_encoding(text)
    return found if found != text else None


# --- the way through the lines


def _passages(lines: Sequence[_Line]) -> Iterator[tuple[str, str, float]]:
    """Texts, encodings and confidences of the passages, by the cheapest way through the lines."""
    costs = [[line.cost(state) for state in _STATES] for line in lines]
    way = zip(_cheapest(costs), lines, strict=True)
    for name, group in groupby(way, key=itemgetter(0)):
        members = [line for _, line in group]
        text = "\n".join(line.reading(name) or "" for line in members)
        if (
            name != UTF8
            and not _says_enough(text, _VIQR_WORDS if name == VIQR else _WORDS)
            and all(line.text is not None for line in members)
        ):
            text, name = "\n".join(line.text or "" for line in members), UTF8  # left as it is
        yield text, name, _confidence(name, members)


def _says_enough(text: str, least: int) -> bool:
    """Whether there are words enough with marks, ``least``, to say how a text was meant."""
    found = (
        word
        for word in _WORD.findall(text)
        if not word.isascii() and (parse_syllable(word) or word.lower() in western_words())
    )
    return sum(1 for _ in islice(found, least)) == least


_WORD = regex.compile(r"\p{L}{2,}")
_WORDS, _VIQR_WORDS = 3, 2  # signs happen to make a word less often than other characters do


def _cheapest(costs: list[list[float]]) -> list[str]:
    """The encoding of each line."""
    priors = list(_PRIORS.values())
    totals = priors
    backwards: list[list[int]] = []
    for line in costs:
        best = min(range(len(totals)), key=totals.__getitem__)
        came = []
        following = []
        for state, own in enumerate(line):
            change = totals[best] + _CHANGE + priors[state]
            stays = totals[state] <= change
            came.append(state if stays else best)
            following.append((totals[state] if stays else change) + own)
        backwards.append(came)
        totals = following
    state = min(range(len(totals)), key=totals.__getitem__)
    way = []
    for came in reversed(backwards):
        way.append(_STATES[state])
        state = came[state]
    return way[::-1]


def _confidence(name: str, lines: Sequence[_Line]) -> float:
    """How likely an encoding is among those that read the lines otherwise."""
    own = sum(line.cost(name) for line in lines) + _PRIORS[name]
    others = 0.0
    for state in _STATES:
        total = sum(line.cost(state) for line in lines) + _PRIORS[state]
        if state == name or total == _IMPOSSIBLE:
            continue
        if any(line.reading(state) != line.reading(name) for line in lines):
            others += math.exp(min(own - total, 50.0))
    return round(1 / (1 + others), 4)


def _joined(passages: Iterator[tuple[str, str, float]]) -> Decoded:
    text = ""
    found: list[Passage] = []
    for part, name, confidence in passages:
        start = len(text) + bool(found)
        text = f"{text}\n{part}" if found else part
        found.append(Passage(start, len(text), name, confidence))
    main = max(found, key=lambda each: each.end - each.start)
    return Decoded(text, main.encoding, min(each.confidence for each in found), tuple(found))


# --- what a text costs


def likeliest(texts: Sequence[str]) -> int:
    """Number of the text that is likeliest to be meant; the first of those that are equally so.

    >>> likeliest(["tøc hé", "tộc họ", "tộc hé"])
    1
    """
    if len(texts) == 1:
        return 0
    costs = [text_cost(text) for text in texts]
    return costs.index(min(costs))
