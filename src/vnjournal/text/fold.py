"""Folding: a text without its marks, and the key that index, query and highlighter share.

The *marks* of a syllable are đ, â ê ô ă ơ ư, and its tone. :func:`fold` takes them off and changes
nothing else but letter case. :func:`index_key` also makes i and y one where both spellings are in
use. :func:`form` keeps the marks, in one spelling whatever the tone placement, so that two forms
of the same key can be compared mark by mark (see :mod:`vnjournal.index.query`).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex
from unidecode import unidecode

from vnjournal.text.alphabet import (
    BARE_LETTERS,
    LETTERS,
    TONED_VOWELS,
    VOWELS,
    WITH_TONE,
    parse_letters,
)
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, EditedText

# i and y are one where the letter is the whole rime (kỹ/kĩ, lý/lí, y tế), or follows qu (quý/quí,
# quýt/quít), never after another vowel: tay and tai are different words.
_Y_FOR_I = regex.compile(r"^(|[bhklmnstvx]|th)y$|^(qu)y((?:[cn]h?|[pt])?)$")


class _Folding(dict[int, str]):
    """Code point -> what it folds to, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in LETTERS:
            folded = BARE_LETTERS[character.lower()]
        elif unicodedata.combining(character) or 0xD800 <= code <= 0xDFFF:
            folded = ""
        else:
            folded = unidecode(character).lower()
        self[code] = folded
        return folded


_FOLDING = _Folding()


class _WithoutTone(dict[int, str]):
    """Code point of a small letter -> the same without its tone, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        vowel, _ = TONED_VOWELS.get(chr(code), (chr(code), 0))
        letters = self[code] = vowel if vowel in BARE_LETTERS else _FOLDING[ord(vowel)]
        return letters


_WITHOUT_TONE = _WithoutTone()

#: How a form writes the six tones: capitals, since every letter of a form is lower case.
TELEX_TONES = ("", "S", "F", "R", "X", "J")
_TONE_NUMBERS = {sign: number for number, sign in enumerate(TELEX_TONES) if sign}
_TONES = {letter: TELEX_TONES[tone] for letter, (_, tone) in TONED_VOWELS.items() if tone}


def fold(text: str) -> str:
    """Take every mark off and lower the case.

    Any Unicode form goes in; composed and decomposed text give the same. Vietnamese letters follow
    the alphabet's own table; anything else is transliterated to ASCII by Unidecode. Folding a
    folded text changes nothing.

    >>> fold("Đảng bộ Sở"), fold("naïve café"), fold("Đa\\u0323i ho\\u0323c")
    ('dang bo so', 'naive cafe', 'dai hoc')
    """
    if text.isascii():
        return text.lower()
    return compose(text).text.translate(_FOLDING)


def fold_mapped(text: str) -> EditedText:
    """Fold a text and keep the map from folded positions to the original.

    >>> folded = fold_mapped("Đa\\u0309ng bộ")
    >>> folded.text, folded.original_span(5, 7)
    ('dang bo', (6, 8))
    """
    composed = compose(text)
    changes: list[Change] = []
    done = 0
    for at, character in enumerate(composed.text):
        start, end = composed.original_span(at, at + 1)
        folded = _FOLDING[ord(character)]
        if start < done:  # one of several letters from the same cluster
            changes[-1] = Change(changes[-1].start, end, changes[-1].after + folded)
        else:
            changes.append(Change(done, start, ""))  # invisible characters that composing dropped
            changes.append(Change(start, end, folded))
        done = end
    changes.append(Change(done, len(text), ""))
    return EditedText(text, (c for c in changes if text[c.start : c.end] != c.after))


@lru_cache(maxsize=4096)
def index_key(token: str) -> str:
    """The key under which a token is indexed, asked for and highlighted.

    ``fold`` plus the rule that i and y are one where they are the whole rime or follow ``qu``.

    >>> index_key("Kỹ"), index_key("kĩ"), index_key("quý"), index_key("tuy"), index_key("này")
    ('ki', 'ki', 'qui', 'tuy', 'nay')
    """
    return _one_i(fold(token))


def _one_i(letters: str) -> str:
    match = _Y_FOR_I.match(letters)
    if match is None:
        return letters
    if match[2]:
        return f"qui{match[3]}"
    return f"{match[1]}i"


@lru_cache(maxsize=4096)
def form(token: str) -> str:
    """The marked form of a token: what it looks like with its marks, however they were placed.

    Lower case; letters keep â ê ô ă ơ ư đ; the tone comes off the vowel and stands at the end as a
    capital letter, the key that types it in Telex (S F R X J). i and y are one where
    :func:`index_key` makes them one. A token with several tone marks (``việctriển``) keeps each of
    them behind its own vowel.

    >>> form("hoà"), form("hòa"), form("Đảng"), form("kĩ"), form("cong"), form("việctriển")
    ('hoaF', 'hoaF', 'đangR', 'kiX', 'cong', 'viêJctriêRn')
    """
    small = compose(token).text.lower()
    tones = [_TONES[letter] for letter in small if letter in _TONES]
    if len(tones) < 2:
        return _one_i(small.translate(_WITHOUT_TONE)) + "".join(tones)
    return "".join([_WITHOUT_TONE[ord(letter)] + _TONES.get(letter, "") for letter in small])


def spelling(marked: str) -> str:
    """How a form is written; empty where the form does not say which vowel has the tone.

    >>> spelling("hocJ"), spelling("hoaF"), spelling("đang"), spelling("viêJctriêRn")
    ('học', 'hòa', 'đang', 'việctriển')
    >>> spelling("tennesseeJ")
    ''
    """
    tones = [at for at, sign in enumerate(marked) if sign in _TONE_NUMBERS]
    if not tones:
        return marked
    if len(tones) == 1:
        letters, tone = marked[:-1], _TONE_NUMBERS[marked[-1]]
        if syllable := parse_letters(letters, tone):
            return syllable.spell()
        vowels = [letter for letter in letters if letter in VOWELS]
        if len(vowels) != 1:
            return ""
        return letters.replace(vowels[0], WITH_TONE[vowels[0], tone])
    written = list(marked)
    for at in tones:
        written[at - 1 : at + 1] = WITH_TONE[marked[at - 1], _TONE_NUMBERS[marked[at]]], ""
    return "".join(written)
