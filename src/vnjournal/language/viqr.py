"""Which signs of VIQR are marks of letters and which are punctuation.

VIQR wants a backslash before a full stop, a question mark or an apostrophe that stands behind a
vowel without being its tone; most people left it out. What is meant is then the reading that costs
least: by the trigram model (:mod:`vnjournal.language.ngrams`), by letter case, and by how people
punctuate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import regex

from vnjournal.language.costs import UNKNOWN_WORD, number, word_cost
from vnjournal.language.ngrams import BOUNDARY, STEPS, UNKNOWN, ngram_model, word
from vnjournal.text.alphabet import TONED_VOWELS, parse_syllable
from vnjournal.text.encodings import read_viqr
from vnjournal.text.spans import Kind

_TOKEN = regex.compile(r"\p{L}[\p{L}\p{M}]*|\d[\d.,]*|\n|\.+|\S")
_NEW_SENTENCE = regex.compile(r"[\"')\]]*[^\S\n]+[^\p{Ll}\s]")
_WORDS_BEFORE = 3  # the model knows two, and one may be a sign
_NEXT = regex.compile(  # the next word; a line that begins with a small letter goes on
    r"[^\p{L}\d\n]*(?:(?:\n(?=\p{Ll}))?\p{L}[\p{L}(^'`?~.+]*|\n|\d+|\Z)"
)

# What a reading costs besides, in natural logarithms as the model: what is rare costs much.
_LITERAL = 1.5  # a sign that is no mark
_QUESTION = 2.0  # the model has one word for all signs that end a sentence
_TWO_STOPS = 6.0
_BEFORE_SMALL, _ABBREVIATED = 4.0, 1.5  # a full stop before a small letter; behind a capital word
_INITIAL, _GLUED = 1.0, 4.0  # a full stop without a space behind it: behind one letter, behind more
_MARKED_DOMAIN = 4.0  # marks behind such a full stop and a small letter
_APOSTROPHE, _INSIDE = 9.0, 6.0  # and more for a sign between letters
_CLITIC, _CLOSING_QUOTE = 1.0, -3.0
_DOUBLE_D = 6.0  # two D that are no Đ
_NO_INITIAL = 9.0  # a letter in an acronym with which hardly a word begins
_INNER_D = 6.0  # Đ inside a word without other marks; as much less with some
_SMALL_FIRST, _ODD_CASE = 3.0, 12.0
_UNSEEN_SYLLABLE = 12.0
_ODD_TONE = 12.0  # in a word that is no syllable: foreign ones have no hook, tilde or dot

_CLITIC_SIGN = regex.compile(r"(?<=\p{L})(?:'(?:s|d|re|ve|ll)|(?<=I)'m)(?!\p{L})")
_SIGN_INSIDE = regex.compile(r"(?<=\p{L})[?'](?=\p{L})")
_OPEN_QUOTE = regex.compile(r"(?<![\p{L}\p{M}\d])'(?=[\p{L}\d])[^'\n]*\Z")
_GLUED_STOP = regex.compile(r"(?<initial>(?<!\p{L})\p{L})?\.(?=\p{L})")
_DOMAIN = regex.compile(r"(?<=\p{L}\p{L})\.\p{Ll}*[^\x00-\x7f]")
_INNER = regex.compile(r"(?<=\p{L})đ")
_OTHER_MARK = regex.compile(r"[^\x00-\x7fđĐ]")
_FOREIGN_ACRONYM = regex.compile(r"(?=\p{Lu}*Đ)\p{Lu}*[EFIJWZ]\p{Lu}*(?!\p{L})")


def likeliest(readings: Sequence[str], before: str, after: str) -> str:
    """Which reading of letters and signs is meant; see :data:`vnjournal.text.encodings.Choose`.

    Args: the readings; the text before, which has been read, and what follows, which has not.

    >>> likeliest(["dạ", "da."], "tổn hại cho ", " Chu+a ai")
    'da.'
    >>> likeliest(["dạ", "da."], "", " thu+a tha^`y")
    'dạ'
    """
    is_quoted = _OPEN_QUOTE.search(before + readings[-1].rstrip("'")) is not None
    last = " ".join(before.rpartition("\n")[2].split(" ")[-_WORDS_BEFORE:])
    following = _following(after)
    texts = [last + _CLITIC_SIGN.sub("", reading) + following for reading in readings]
    costs = [
        cost
        + _stop_cost(reading, following)
        + _apostrophe_cost(reading, is_quoted)
        + _d_cost(reading)
        for cost, reading in zip(_costs(texts), readings, strict=True)
    ]
    return readings[costs.index(min(costs))]


def _following(after: str) -> str:
    """What follows, up to and with the next word, read with all marks; or the end of the line."""
    match = _NEXT.match(after)
    if match is None:
        return ""
    written = match[0] if match[0].endswith("\n") else match[0].replace("\n", " ")
    found = read_viqr(written)
    bare = written.rstrip("?.'")
    if bare != written and bare[-1:].isalpha() and not parse_syllable(found.split()[-1]):
        return read_viqr(bare)
    return found


# --- signs


def _stop_cost(reading: str, following: str) -> float:
    cost = _LITERAL * (reading.count(".") + reading.count("?")) + _QUESTION * reading.count("?")
    for match in _GLUED_STOP.finditer(reading):
        cost += _INITIAL if match["initial"] else _GLUED
    cost += _MARKED_DOMAIN * len(_DOMAIN.findall(reading))
    if reading.endswith("..") and not reading.endswith("..."):
        cost += _TWO_STOPS
    if reading[-1] in ".?" and following.lstrip(' "(')[:1].islower():
        cost += _ABBREVIATED if reading[0].isupper() else _BEFORE_SMALL
    return cost


def _apostrophe_cost(reading: str, is_quoted: bool) -> float:
    others = _CLITIC_SIGN.sub("", reading)
    clitics = reading.count("'") - others.count("'")
    cost = _LITERAL * reading.count("'") + _CLITIC * clitics
    cost += _INSIDE * len(_SIGN_INSIDE.findall(others))
    if is_quoted and others.endswith("'"):
        cost += _CLOSING_QUOTE
        others = others[:-1]
    return cost + _APOSTROPHE * others[1:].count("'")


def _d_cost(reading: str) -> float:
    cost = _NO_INITIAL * len(_FOREIGN_ACRONYM.findall(reading))
    if "DD" in reading and number(reading.lstrip("(")) == UNKNOWN:
        cost += _DOUBLE_D
    if _INNER.search(reading):
        cost += -_INNER_D if _OTHER_MARK.search(reading) else _INNER_D
    return cost


# --- words


def _costs(texts: Sequence[str]) -> list[float]:
    """What the words of each text cost, one after the other."""
    row: list[int] = []
    besides: list[float] = []
    spans = []
    for text in texts:
        row += BOUNDARY, BOUNDARY
        begin = len(row)
        words = list(_words(text))
        row += (found for found, _ in words)
        spans.append((begin, len(row)))
        besides += 0.0, 0.0
        besides += (cost for _, cost in words)
    numbers = np.array(row)
    costs = np.array(besides)
    costs[2:] += ngram_model().after_two(numbers[:-2], numbers[1:-1], numbers[2:]) / STEPS
    return [float(costs[begin:end].sum()) for begin, end in spans]


def _words(text: str) -> Iterator[tuple[int, float]]:
    """The numbers of the words, and what each costs besides, with boundaries between sentences."""
    begins = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if begins:
            yield BOUNDARY, 0.0
        yield _word(token, begins)
        begins = token[0] in ".?!…" and _NEW_SENTENCE.match(text, match.end()) is not None


def _word(token: str, begins: bool) -> tuple[int, float]:
    if token == "\n":
        return BOUNDARY, 0.0
    if not token[0].isalpha():
        kind = Kind.NUMBER if token[0].isdigit() else Kind.PUNCTUATION
        return ngram_model().numbers.get(word(token, kind), UNKNOWN), 0.0
    found = number(token)
    cost = _case_cost(token, found, begins)
    return found, cost + _unknown_cost(token) if found == UNKNOWN else cost


def _unknown_cost(token: str) -> float:
    """What a word costs besides that it is unknown."""
    if not token.isascii() and parse_syllable(token):
        return _UNSEEN_SYLLABLE
    cost = word_cost(token) - UNKNOWN_WORD
    if not _is_glued(token):
        tones = (TONED_VOWELS.get(letter, ("", 0))[1] for letter in token.lower())
        cost += _ODD_TONE * sum(tone > 2 for tone in tones)
    return cost


def _is_glued(token: str) -> bool:
    """Whether a word is two syllables that lack the space between them."""
    parts = ((token[:at], token[at:]) for at in range(1, len(token)))
    return any(parse_syllable(left) and parse_syllable(right) for left, right in parts)


def _case_cost(token: str, number: int, begins: bool) -> float:
    if token.islower():
        return _SMALL_FIRST if begins else float(ngram_model().word_case_costs[number][0] / STEPS)
    if token.istitle():
        return 0.0 if begins else float(ngram_model().word_case_costs[number][1] / STEPS)
    return 0.0 if token.isupper() else _ODD_CASE
