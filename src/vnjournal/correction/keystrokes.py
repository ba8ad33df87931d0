"""Keystrokes never made into letters: ``vieecj`` for ``việc``, ``tru7o7ng2`` for ``trường``.

Only words that the language model has not met are looked at, so that those of other languages which
are common in Vietnamese text (``this``, ``boss``) are none of them, and only where the syllable
that they make fits the context better. A text that is typed so throughout is the business of
:func:`vnjournal.restore_diacritics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from vnjournal.correction.context import Context
from vnjournal.correction.proposal import Proposal, in_case_of
from vnjournal.correction.typed import METHODS, read_keystrokes
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import STEPS, UNKNOWN, ngram_model
from vnjournal.segment.units import KINDS, Look, Units
from vnjournal.text.fold import fold, form
from vnjournal.text.spans import Kind

_LENGTHS = range(3, 13)
_KNOWN = 100  # a syllable this frequent is certainly one
_CODE = KINDS.index(Kind.CODE)  # which the language model knows as one word
_CLEAR = 1.0  # how much cheaper a syllable must be that is surely meant, in nats
_SURE = 0.92
_DOUBT = 0.6


@lru_cache(maxsize=1 << 14)
def _syllable(text: str) -> str:
    """The syllable that a text makes as keystrokes of either method; empty where it makes none."""
    lower = text.lower()
    for method in METHODS:
        spelling = read_keystrokes(lower, method)
        if lexicon.syllables.get(spelling, 0) >= _KNOWN and form(spelling) in ngram_model().numbers:
            return spelling
    return ""


def _is_typed(text: str, kind: Kind) -> int:
    plain = text.isascii() and text.isalnum() and len(text) in _LENGTHS and not text.isupper()
    return int(plain and kind in {Kind.WORD, Kind.CODE} and bool(_syllable(text)))


_look = Look(_is_typed)


def left_keystrokes(units: Units, context: Context) -> Iterator[Proposal]:
    """A proposal for each word that is keystrokes and makes a syllable that fits."""
    unknown = (context.row[context.places] == UNKNOWN) | (units.kinds == _CODE)
    at = (unknown & (_look.of(units) > 0)).nonzero()[0]
    if not len(at):
        return
    texts = units.texts(at)
    spellings = [_syllable(text) for text in texts]
    numbers = np.array([ngram_model().numbers[form(spelling)] for spelling in spellings])
    places = context.places[at]
    costs, costs_with = context.triples(places), context.triples_with(places, numbers)
    gains = (costs - costs_with).sum(axis=1) / STEPS
    for number, text, spelling, gain in zip(
        at.tolist(), texts, spellings, gains.tolist(), strict=True
    ):
        if gain > 0:
            several = len(text) > len(fold(spelling)) + 1  # keystrokes that are no letters
            sure = _SURE if several and gain > _CLEAR else _DOUBT
            place = int(units.starts[number]), int(units.ends[number])
            reason = f"'{text}' are the keystrokes of '{spelling}'"
            after = in_case_of(text, spelling)
            yield Proposal(*place, after, number, number, "keystrokes", sure, reason)
