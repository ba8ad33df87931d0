"""Where sentences end.

A sentence ends at a line break, and at ``.``, ``!``, ``?`` or ``…``, with the quotes and brackets
that close after it, when a capital, a digit, an opening quote or a dash follows, with or without
the space (``chi bộ.Các``). The full stop of an abbreviation, an initial or the label of a heading
(``TP. Huế``, ``ông D. Trump``, ``Điều 1. Phạm vi``) looks the same: :data:`RULES`, asked in order,
tell them apart. Inside a number, date or address, which are single units, and at a comma, colon or
semicolon no sentence ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from vnjournal import resources
from vnjournal.segment.tokens import units_of_lines
from vnjournal.text.alphabet import TONED_VOWELS
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Span, Token

# Members of an enumeration are slow to look up, and asked for at each unit.
_WORD, _NUMBER = Kind.WORD, Kind.NUMBER
_ABBREVIATION, _PUNCTUATION = Kind.ABBREVIATION, Kind.PUNCTUATION

_ENDS = frozenset(".!?…")
_QUOTES = frozenset("\"'”’»")
_CLOSERS = _QUOTES | frozenset(")]}")
_BRACKETS = frozenset("\"'“‘«([{")
_DASHES = frozenset("-–—_")
_BULLETS = frozenset("•*+●▪■►>")
_OPENERS = _BRACKETS | _DASHES | _BULLETS
_LABEL = re.compile(r"(?:\d{1,4}|[IVXLC]{1,7}|[A-Za-zĐđ])(?:\.(?:\d{1,3}|[A-Za-zĐđ]))*")
_FIRST = frozenset("1aAiI")  # labels of the first item of a list
_MOST_OPENERS = 4  # quotes, brackets and dashes that one sentence begins with


class _Mark(NamedTuple):
    """A mark that may end a sentence, or an abbreviation with its full stop."""

    line: list[Token]
    begin: int  # where the sentence began
    at: int  # the mark
    following: int  # the first unit behind it and the quotes and brackets that close after it
    quoted: bool  # whether the sentence has opened a straight quote

    @property
    def text(self) -> str:
        return self.line[self.at][0]

    @property
    def before(self) -> Token | None:
        """The unit before the mark, if the sentence has one."""
        return self.line[self.at - 1] if self.at > self.begin else None

    @property
    def after(self) -> str:
        return self.line[self.following][0]

    def gap(self, at: int) -> bool:
        """Whether a blank stands before a unit."""
        return at == 0 or self.line[at][1] > self.line[at - 1][2]

    @property
    def after_next(self) -> str:
        """The text of the second unit behind, empty where there is none."""
        return self.line[self.following + 1][0] if self.following + 1 < len(self.line) else ""

    @property
    def is_ellipsis(self) -> bool:
        """Whether the mark is three dots and no more: ``?...`` asks."""
        dots = self.text[0] == "…" or self.text.startswith("..")
        return dots and (self.before is None or self.before[0] not in ("!", "?"))

    @property
    def precedes_opener(self) -> bool:
        """Whether a word follows, perhaps in quotes, that begins a sentence and no name."""
        at = self.following
        if self.after[0] in _BRACKETS and at + 1 < len(self.line):
            at += 1
        if self.line[at][0] not in _words("opener"):
            return False
        return at + 1 == len(self.line) or not self.line[at + 1][0][0].isupper()  # H. Năm Căn


@cache
def _words(role: str) -> frozenset[str]:
    rows = resources.rows("lexicon", "sentence_words.tsv")
    return frozenset(word for word, its_role in rows if its_role == role)


@cache
def _abbreviations(mark: str = "") -> frozenset[str]:
    """All abbreviations, or those with a mark in the third column."""
    rows = resources.rows("lexicon", "abbreviations.tsv")
    return frozenset(row[0] for row in rows if mark in row[2:] or not mark)


def plain_stop(mark: _Mark) -> bool | None:
    """``được phổ biến. Các``: a word, a full stop, a blank and a capital, as most sentences end."""
    line, begin, at, following, _ = mark
    word, stop, first = line[at - 1], line[at], line[following]
    plain = (
        stop[0] == "."
        and begin < at == following - 1
        and word[2] == stop[1]
        and stop[2] < first[1]
        and word[3] is _WORD
        and len(word[0]) > 1
        and word[0][-1].islower()
        and first[0][0].isupper()
    )
    return True if plain else None


def joined_on(mark: _Mark) -> bool | None:
    """``Node.js``, ``“Ở đâu?”, anh hỏi``: without a blank, only a capital can begin a sentence."""
    return None if mark.after[0].isupper() or mark.gap(mark.following) else False


def heading_label(mark: _Mark) -> bool | None:
    """``1. Mở đầu``, ``a. Mục tiêu``, ``Điều 1. Phạm vi``: a label and its title stay together."""
    line, begin, at = mark.line, mark.begin, mark.at
    label = mark.text[:-1]
    if not label:
        at -= 1
        label = line[at][0]
    while begin < at and begin < mark.begin + _MOST_OPENERS and line[begin][0][0] in _OPENERS:
        begin += 1
    if at < begin or line[at][3] is Kind.DATE or mark.is_ellipsis or mark.text[-1] != ".":
        return None
    if not _LABEL.fullmatch(label):
        return None
    if at > begin and line[at - 1][3] is _NUMBER and not mark.gap(at):
        at -= 1  # Điều 12a
    if at == begin:
        return False
    if line[at - 1][0] == ":" and label in _FIRST:  # như sau: 1. Thu hồi ...; 2. Công bố
        return False if mark.gap(at) or line[at - 2][3] is not _NUMBER else None  # tỉ lệ 1:1
    if line[at - 1][0] == ";" and mark.gap(at) and label.isdigit():
        return False
    if at - begin > 2:
        return None
    noun = " ".join(unit[0] for unit in line[begin:at]).lower()
    return False if noun in _words("heading") else None


def omission(mark: _Mark) -> bool | None:
    """``(…)``, ``"... Rồi cũng``: dots that stand for words left out, before what is there."""
    at = mark.at - 1
    if not mark.is_ellipsis or at < mark.begin:
        return False if mark.is_ellipsis else None
    left = mark.line[at][0]
    opened = mark.quoted and mark.gap(at) if left == '"' else left[0] in _BRACKETS
    between = at > mark.begin and mark.line[at - 1][0][0] in _ENDS  # ... cao. [...] Các
    return False if opened and not between and not mark.gap(mark.at) else None


def name_with_stop(mark: _Mark) -> bool | None:
    """``ngôn ngữ .NET``: a full stop that belongs to what follows, not to what stands before."""
    if mark.text == "." and mark.gap(mark.at) and not mark.gap(mark.following):
        return mark.precedes_opener
    return None


def reported_speech(mark: _Mark) -> bool | None:
    """``“Ở đâu?” - Thủ tướng hỏi``: who said it follows a dash."""
    closed = any(unit[0][0] in _QUOTES for unit in mark.line[mark.at + 1 : mark.following])
    return False if closed and mark.after[0] in _DASHES and mark.gap(mark.following) else None


def abbreviation(mark: _Mark) -> bool | None:
    """``TP. Huế``, ``ông D. Trump``; but ``vitamin C. Bưởi`` and ``v.v. Các`` end a sentence."""
    text, before = mark.text, mark.before
    if len(text) == 1 or mark.line[mark.at][3] is not _ABBREVIATION:
        return None
    if text in _abbreviations("ends") or (len(text) == 2 and before and _needs_letter(before)):
        return None
    if text in _abbreviations("name"):
        return not _is_full_name(mark.line, mark.following)
    return mark.precedes_opener


def _needs_letter(unit: Token) -> bool:
    """Whether a unit is a noun that a letter completes, or the degree sign."""
    return unit[0].lower() in _words("letter") or unit[0] in "°º"


def _is_full_name(line: list[Token], at: int) -> bool:
    name = line[at : at + 2]
    return len(name) == 2 and all(text[0].isupper() for text, _, _, _ in name)


def joined_capitals(mark: _Mark) -> bool | None:
    """``SHB.Đà Nẵng``, ``TP . Huế``: capitals joined to what follows, or cut from their stop."""
    before = mark.before
    if mark.text != "." or before is None or before[3] is _WORD or not before[0].isupper():
        return None
    cut = mark.gap(mark.at) and before[0] + "." in _abbreviations()
    return mark.precedes_opener if cut or not mark.gap(mark.following) else None


def number_after(mark: _Mark) -> bool | None:
    """Numbers go on behind ``s. 1903``, ``0220. 3892436``, ``70. 000``, ``tới... 21 năm``."""
    before = mark.before
    if not mark.after[0].isdigit():
        return None
    if mark.is_ellipsis:
        return mark.after_next in (".", ")") or not (before and before[0].islower())
    if before is None:
        return True
    text, _, _, kind = before
    measured = mark.line[max(mark.at - 2, mark.begin)][3] is _NUMBER  # dài 40 m. 75 phút sau
    letter = len(text) == 1 and text.islower() and text not in TONED_VOWELS and not measured
    part = kind is _NUMBER and (text[0] == "0" or mark.after[:3] == "000")
    return not (letter or part)


def item_letter(mark: _Mark) -> bool | None:
    """``. b) Xây dựng``: an item of a list begins with a small letter and a bracket."""
    item = len(mark.after) == 1 and mark.after.isalpha() and mark.after_next == ")"
    return True if item and mark.gap(mark.following) else None


def ellipsis_goes_on(mark: _Mark) -> bool | None:
    """``thật. ...Rồi cũng``: dots behind a space begin the next sentence if anything follows."""
    if mark.after[0] in ".…" and mark.gap(mark.following) and not mark.is_ellipsis:
        return mark.after_next != "" and mark.after != "."
    return None


def opening(mark: _Mark) -> bool:
    """A capital begins a sentence, and so do quotes, brackets, dashes and bullets before one."""
    if mark.after[0].isupper():
        return True
    if mark.after[0] not in _OPENERS:
        return False
    at = mark.following
    if mark.after[0] in _BULLETS or (mark.after_next in _DASHES and not mark.gap(at + 1)):
        return True  # a ruled line of dashes, too
    end = min(at + _MOST_OPENERS, len(mark.line) - 1)
    while at < end and mark.line[at][0][0] in _OPENERS:
        at += 1
    first = mark.line[at][0][0]
    if first.isupper():
        return True
    if mark.is_ellipsis or mark.line[at][3] is _PUNCTUATION:
        return False
    return first.isdigit() or mark.line[at - 1][0][0] not in _DASHES


Rule = Callable[[_Mark], bool | None]

#: The rules in order: the first that answers decides whether a sentence begins behind the mark.
RULES: tuple[Rule, ...] = (
    plain_stop,
    joined_on,
    heading_label,
    omission,
    name_with_stop,
    reported_speech,
    abbreviation,
    joined_capitals,
    number_after,
    item_letter,
    ellipsis_goes_on,
    opening,
)


def sentence_units(nfc: str) -> Iterator[list[Token]]:
    """The units of a composed text, sentence by sentence."""
    for line in units_of_lines(nfc):
        for begin, end in pairwise((*sentence_begins(line), len(line))):
            yield line[begin:end]


def sentence_begins(line: list[Token]) -> Iterator[int]:
    """The places in a line's units where sentences begin; 0 is the first."""
    yield 0
    for at, _, begins in _decisions(line):
        if begins:
            yield at


def _decisions(line: list[Token]) -> Iterator[tuple[int, Rule, bool]]:
    """Each place where a sentence may begin, the rule that decides, and whether one does."""
    begin = 0
    quoted = False  # whether the sentence has opened a straight quote
    for at in [at for at, unit in enumerate(line) if unit[3] is not _WORD]:
        text, _, _, kind = line[at]
        if kind is _PUNCTUATION:
            if text == '"':
                quoted = not quoted
            if text[0] not in _ENDS:
                continue
        elif kind is not _ABBREVIATION or text[-1] != ".":
            continue
        following = _after_closers(line, at, quoted)
        if following == len(line):
            return
        mark = _Mark(line, begin, at, following, quoted)
        for rule in RULES:
            answer = rule(mark)
            if answer is not None:
                break
        yield following, rule, bool(answer)
        if answer:
            begin, quoted = following, False


def _after_closers(line: list[Token], at: int, quoted: bool) -> int:
    """The place behind an ending mark and the quotes and brackets that close after it."""
    at += 1
    while at < len(line) and (text := line[at][0])[0] in _CLOSERS:
        if text[0] in _OPENERS and line[at][1] > line[at - 1][2]:  # a straight quote after a space
            alone = at + 1 < len(line) and line[at + 1][1] > line[at][2]
            if not (quoted and text == '"' and alone):
                return at
            quoted = False
        at += 1
    return at


def sentences(text: str) -> list[Span]:
    """Split a text into sentences.

    Any Unicode form goes in. Each span points into the text as given and leaves out the white space
    around the sentence.

    >>> text = "Quy chế của chi bộ.Các Quy chế. Thứ nhất, Lãnh đạo TP. Huế"
    >>> [span.text for span in sentences(text)]
    ['Quy chế của chi bộ.', 'Các Quy chế.', 'Thứ nhất, Lãnh đạo TP. Huế']
    """
    composed = compose(text)
    spans = []
    for sentence in sentence_units(composed.text):
        start, end = composed.original_span(sentence[0][1], sentence[-1][2])
        spans.append(Span(text[start:end], start, end))
    return spans


def deciding(text: str) -> Iterator[tuple[int, str]]:
    """Each place in a text where a sentence may begin, and the name of the rule that decides it.

    >>> dict(deciding("Lãnh đạo TP. Huế họp. Hết giờ"))
    {13: 'abbreviation', 22: 'plain_stop'}
    """
    composed = compose(text)
    for line in units_of_lines(composed.text):
        for at, rule, _ in _decisions(line):
            start, _ = composed.original_span(line[at][1], line[at][2])
            yield start, rule.__name__
