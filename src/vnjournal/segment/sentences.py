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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal import resources
from vnjournal.segment.tokens import abbreviations
from vnjournal.segment.units import Look, TokensByNumber, Units, units_of
from vnjournal.text.alphabet import TONED_VOWELS
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Span, Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

    units: TokensByNumber
    text: str
    before: Token | None  # the unit before the mark, if the sentence has one
    after: str  # the text of the unit with the number ``following``
    begin: int  # where the sentence began
    at: int  # the mark
    following: int  # the first unit behind it and the quotes and brackets that close after it
    end: int  # of the line
    quoted: bool  # whether the sentence has opened a straight quote

    def gap(self, at: int) -> bool:
        """Whether a blank stands before a unit."""
        return _gap(self.units, at)

    @property
    def after_next(self) -> str:
        """The text of the second unit behind, empty where there is none."""
        return self.units[self.following + 1][0] if self.following + 1 < self.end else ""

    @property
    def is_ellipsis(self) -> bool:
        """Whether the mark is three dots and no more: ``?...`` asks."""
        dots = self.text[0] == "…" or self.text.startswith("..")
        return dots and (self.before is None or self.before[0] not in ("!", "?"))

    @property
    def precedes_opener(self) -> bool:
        """Whether a word follows, perhaps in quotes, that begins a sentence and no name."""
        at = self.following
        if self.after[0] in _BRACKETS and at + 1 < self.end:
            at += 1
        if self.units[at][0] not in _words("opener"):
            return False
        return at + 1 == self.end or not self.units[at + 1][0][0].isupper()  # H. Năm Căn


@cache
def _words(role: str) -> frozenset[str]:
    rows = resources.rows("lexicon", "sentence_words.tsv")
    return frozenset(word for word, its_role in rows if its_role == role)


# What a unit is to the end of a sentence, in the bits of a number.
_STOP = 1
_ENDING = 2  # a mark that may end a sentence, or an abbreviation with its full stop
_QUOTE = 4  # a straight one
_PLAIN = 8  # a word of more than a letter, and with a small last one
_CAPITAL = 16  # the first letter


def _traits(text: str, kind: Kind) -> int:
    traits = _CAPITAL * text[0].isupper()
    if kind is Kind.PUNCTUATION:
        traits |= _STOP * (text == ".") | _ENDING * (text[0] in _ENDS) | _QUOTE * (text == '"')
    elif kind is Kind.ABBREVIATION:
        traits |= _ENDING * (text[-1] == ".")
    elif kind is Kind.WORD:
        traits |= _PLAIN * (len(text) > 1 and text[-1].islower())
    return traits


_look = Look(_traits)


def plain_stop(
    units: Units, traits: NDArray[np.int64], marks: NDArray[np.intp], line_ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """``được phổ biến. Các``: a word, a full stop, a blank and a capital, as most sentences end.

    Answers for many marks at once, and before :data:`RULES`.
    """
    before, after = marks - 1, np.minimum(marks + 1, len(units) - 1)
    plain: NDArray[np.bool_] = (traits[marks] & _STOP) * (traits[before] & _PLAIN) * (
        traits[after] & _CAPITAL
    ) > 0
    plain &= (units.ends[before] == units.starts[marks]) & (units.starts[after] > units.ends[marks])
    return plain & (after < line_ends)


def joined_on(mark: _Mark) -> bool | None:
    """``Node.js``, ``“Ở đâu?”, anh hỏi``: without a blank, only a capital can begin a sentence."""
    return None if mark.after[0].isupper() or mark.gap(mark.following) else False


def heading_label(mark: _Mark) -> bool | None:
    """``1. Mở đầu``, ``a. Mục tiêu``, ``Điều 1. Phạm vi``: a label and its title stay together."""
    units, begin, at = mark.units, mark.begin, mark.at
    label = mark.text[:-1]
    if not label:
        at -= 1
        label = units[at][0]
    while begin < at and begin < mark.begin + _MOST_OPENERS and units[begin][0][0] in _OPENERS:
        begin += 1
    if at < begin or units[at][3] is Kind.DATE or mark.is_ellipsis or mark.text[-1] != ".":
        return None
    if not _LABEL.fullmatch(label):
        return None
    if at > begin and units[at - 1][3] is Kind.NUMBER and not mark.gap(at):
        at -= 1  # Điều 12a
    if at == begin:
        return False
    if units[at - 1][0] == ":" and label in _FIRST:  # như sau: 1. Thu hồi ...; 2. Công bố
        return (
            False if mark.gap(at) or at - 2 < begin or units[at - 2][3] is not Kind.NUMBER else None
        )  # tỉ lệ 1:1
    if units[at - 1][0] == ";" and mark.gap(at) and label.isdigit():
        return False
    if at - begin > 2:
        return None
    noun = " ".join(units[place][0] for place in range(begin, at)).lower()
    return False if noun in _words("heading") else None


def omission(mark: _Mark) -> bool | None:
    """``(…)``, ``"... Rồi cũng``: dots that stand for words left out, before what is there."""
    at = mark.at - 1
    if not mark.is_ellipsis or at < mark.begin:
        return False if mark.is_ellipsis else None
    left = mark.units[at][0]
    opened = mark.quoted and mark.gap(at) if left == '"' else left[0] in _BRACKETS
    between = at > mark.begin and mark.units[at - 1][0][0] in _ENDS  # ... cao. [...] Các
    return False if opened and not between and not mark.gap(mark.at) else None


def name_with_stop(mark: _Mark) -> bool | None:
    """``ngôn ngữ .NET``: a full stop that belongs to what follows, not to what stands before."""
    if mark.text == "." and mark.gap(mark.at) and not mark.gap(mark.following):
        return mark.precedes_opener
    return None


def reported_speech(mark: _Mark) -> bool | None:
    """``“Ở đâu?” - Thủ tướng hỏi``: who said it follows a dash."""
    closed = any(mark.units[at][0][0] in _QUOTES for at in range(mark.at + 1, mark.following))
    return False if closed and mark.after[0] in _DASHES and mark.gap(mark.following) else None


def abbreviation(mark: _Mark) -> bool | None:
    """``TP. Huế``, ``ông D. Trump``; but ``vitamin C. Bưởi`` and ``v.v. Các`` end a sentence."""
    text, before = mark.text, mark.before
    if len(text) == 1 or mark.units[mark.at][3] is not Kind.ABBREVIATION:
        return None
    if text in abbreviations("ends") or (len(text) == 2 and before and _needs_letter(before)):
        return None
    if text in abbreviations("name"):
        return not _is_full_name(mark)
    return mark.precedes_opener


def _needs_letter(unit: Token) -> bool:
    """Whether a unit is a noun that a letter completes, or the degree sign."""
    return unit[0].lower() in _words("letter") or unit[0] in "°º"


def _is_full_name(mark: _Mark) -> bool:
    return mark.after[0].isupper() and mark.after_next[:1].isupper()


def joined_capitals(mark: _Mark) -> bool | None:
    """``SHB.Đà Nẵng``, ``TP . Huế``: capitals joined to what follows, or cut from their stop."""
    before = mark.before
    if mark.text != "." or before is None or before[3] is Kind.WORD or not before[0].isupper():
        return None
    cut = mark.gap(mark.at) and before[0] + "." in abbreviations()
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
    measured = mark.units[max(mark.at - 2, mark.begin)][3] is Kind.NUMBER  # dài 40 m. 75 phút sau
    letter = len(text) == 1 and text.islower() and text not in TONED_VOWELS and not measured
    part = kind is Kind.NUMBER and (text[0] == "0" or mark.after[:3] == "000")
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
    end = min(at + _MOST_OPENERS, mark.end - 1)
    while at < end and mark.units[at][0][0] in _OPENERS:
        at += 1
    first = mark.units[at][0][0]
    if first.isupper():
        return True
    if mark.is_ellipsis or mark.units[at][3] is Kind.PUNCTUATION:
        return False
    return first.isdigit() or mark.units[at - 1][0][0] not in _DASHES


Rule = Callable[[_Mark], bool | None]

#: The rules in order: behind a mark that is no plain stop, the first that answers decides whether a
#: sentence begins.
RULES: tuple[Rule, ...] = (
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


def sentence_begins(units: Units) -> NDArray[np.intp]:
    """The places where sentences begin; 0 is the first."""
    begins = np.zeros(len(units), np.bool_)
    begins[units.lines] = True
    begins[[at for at, _, begins in _decisions(units) if begins]] = True
    return np.flatnonzero(begins)


def _decisions(units: Units) -> Iterator[tuple[int, str, bool]]:
    """Each place where a sentence may begin, the rule that decides, and whether one does."""
    traits = _look.of(units)
    marks = np.flatnonzero(traits & (_ENDING | _QUOTE))
    lines = units.lines.searchsorted(marks, side="right")
    line_begins, line_ends = units.lines[lines - 1], units.line_ends[lines - 1]
    plain = plain_stop(units, traits, marks, line_ends)
    tokens = TokensByNumber(units)
    begin = -1
    quoted = False  # whether the sentence has opened a straight quote
    columns = (marks, plain, traits[marks], line_begins, line_ends)
    for at, is_plain, trait, line_begin, end in zip(*map(np.ndarray.tolist, columns), strict=True):
        if begin < line_begin:
            begin, quoted = line_begin, False
        if is_plain:
            begin, quoted = at + 1, False
            yield begin, plain_stop.__name__, True
            continue
        if at < begin:
            continue  # a quote that closed the sentence before
        if trait & _QUOTE:
            quoted = not quoted
            continue
        following = _after_closers(tokens, at, end, quoted)
        if following == end:
            continue
        before = tokens[at - 1] if at > begin else None
        text, after = tokens[at][0], tokens[following][0]
        mark = _Mark(tokens, text, before, after, begin, at, following, end, quoted)
        for rule in RULES:
            answer = rule(mark)
            if answer is not None:
                break
        yield following, rule.__name__, bool(answer)
        if answer:
            begin, quoted = following, False


def _after_closers(units: TokensByNumber, at: int, end: int, quoted: bool) -> int:
    """The place behind an ending mark and the quotes and brackets that close after it."""
    at += 1
    while at < end and (text := units[at][0])[0] in _CLOSERS:
        if text[0] in _OPENERS and _gap(units, at):  # a straight quote after a space
            alone = at + 1 < end and _gap(units, at + 1)
            if not (quoted and text == '"' and alone):
                return at
            quoted = False
        at += 1
    return at


def _gap(units: TokensByNumber, at: int) -> bool:
    """Whether a blank stands before a unit, or nothing."""
    return at == 0 or units[at][1] > units[at - 1][2]


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
    for units in units_of(composed.text):
        begins = sentence_begins(units)
        lasts = np.append(begins[1:], len(units)) - 1
        starts, ends = composed.original_spans(units.starts[begins], units.ends[lasts])
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            spans.append(Span(text[start:end], start, end))
    return spans


def deciding(text: str) -> Iterator[tuple[int, str]]:
    """Each place in a text where a sentence may begin, and the name of the rule that decides it.

    >>> dict(deciding("Lãnh đạo TP. Huế họp. Hết giờ"))
    {13: 'abbreviation', 22: 'plain_stop'}
    """
    composed = compose(text)
    for units in units_of(composed.text):
        for at, rule, _ in _decisions(units):
            start, _ = composed.original_span(int(units.starts[at]), int(units.ends[at]))
            yield start, rule
