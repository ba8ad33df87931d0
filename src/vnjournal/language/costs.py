"""What a text costs: the negative logarithm of how likely it is, roughly, word by word.

Words of Vietnamese cost what the model says (:mod:`vnjournal.language.ngrams`), others what their
letters do.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import regex

from vnjournal import resources
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import STEPS, UNKNOWN, ngram_model
from vnjournal.text.alphabet import LETTERS, parse_syllable
from vnjournal.text.fold import form

_TOKEN = regex.compile(r"\p{L}[\p{L}\p{M}]*|[ \t\r\n\f]+|\d+|.", regex.DOTALL)
#: What a word costs that is not known, without its letters.
UNKNOWN_WORD = 9.0
_UNSEEN_SYLLABLE = 15.0
_WESTERN_WORD = 9.0
_TITLE_CASE, _CAPITALS, _LOST_CAPITALS, _MIXED_CASE = 1.5, 2.5, 4.0, 8.0
_LETTER, _MARKED, _FOREIGN, _STRANGE = 2.9, 9.0, 6.0, 10.0
_DIGIT, _SIGN, _QUOTE, _SYMBOL, _RARE_SYMBOL, _NO_TEXT = 2.3, 3.0, 4.5, 7.5, 11.0, 16.0
_NO_TEXT_CATEGORIES = ("Cc", "Cn", "Co", "Mn")
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœªº")
_WESTERN_LETTERS |= {letter.upper() for letter in _WESTERN_LETTERS}


def text_cost(text: str) -> float:
    """What all words, numbers and signs of a text cost."""
    return sum(map(_token_cost, _TOKEN.findall(text)))


@lru_cache(maxsize=32768)
def _token_cost(token: str) -> float:
    first = token[0]
    if first.isalpha():
        return word_cost(token) + _case_cost(token)
    if first in " \t\r\n\f\xa0":
        return 0.0
    if first.isdigit():
        return _DIGIT * len(token)
    if first.isascii() and first.isprintable():
        return _SIGN
    if first in "“”‘’–—…•":
        return _QUOTE
    if first in "°§©®«»·²³½×±":
        return _SYMBOL
    is_text = first != "\ufffd" and unicodedata.category(first) not in _NO_TEXT_CATEGORIES
    return _RARE_SYMBOL if is_text else _NO_TEXT


@cache
def _word_costs() -> list[float]:
    costs: list[float] = (ngram_model().word_costs / STEPS).tolist()
    return costs


@cache
def western_words() -> frozenset[str]:
    """Words with marks of western languages."""
    return frozenset(word for (word,) in resources.rows("encodings", "western_words.txt"))


@cache
def _attested() -> frozenset[str]:
    """Small letters of what is written with Vietnamese letters though no syllable: Kạn, CSĐT."""
    return lexicon.loanwords | {acronym.lower() for acronym, _ in lexicon.acronyms}


@lru_cache(maxsize=32768)
def number(word: str) -> int:
    """The number of a word in the model; that of words not known where it is not written so."""
    # a form says nothing of where the tone mark stands
    if word.isascii() or parse_syllable(word) or word.lower() in _attested():
        return ngram_model().numbers.get(form(word), UNKNOWN)
    return UNKNOWN


def word_cost(word: str) -> float:
    """What a word costs by itself, in whichever letter case."""
    if word.lower() in western_words():
        return _WESTERN_WORD
    if (known := number(word)) != UNKNOWN:
        return _word_costs()[known]
    if parse_syllable(word):
        return _UNSEEN_SYLLABLE
    return UNKNOWN_WORD + sum(map(_letter_cost, word))


def _letter_cost(letter: str) -> float:
    if letter.isascii():
        return _LETTER
    if letter in _WESTERN_LETTERS:
        return _FOREIGN
    return _MARKED if letter in LETTERS else _STRANGE


def _case_cost(word: str) -> float:
    if word.islower():
        return 0.0
    if (word[0].isupper() and word[1:].islower()) or len(word) == 1:
        return _TITLE_CASE
    if word.isupper():
        return _CAPITALS
    small = [letter for letter in word if letter.islower()]
    return _LOST_CAPITALS if all(not s.isascii() for s in small) else _MIXED_CASE
