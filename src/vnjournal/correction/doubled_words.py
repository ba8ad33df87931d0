"""Words written twice: ``cùng cùng``, ``là là``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vnjournal.correction.context import Context
from vnjournal.correction.proposal import Proposal
from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.language.ngrams import STEPS, UNKNOWN, ngram_model
from vnjournal.segment.units import Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST = 1.0  # how much less likely than by chance a word is after itself, in nats
_SURE = 0.92
_DOUBT = 0.6
_OF_TWO_USES = {"được"}  # tài liệu nghe được, nhìn được được coi là chứng cứ


def doubled_words(units: Units, context: Context) -> Iterator[Proposal]:
    """A proposal for each word that follows itself and seldom does.

    Reduplication (``xa xa``, ``luôn luôn``) is likelier than chance, which tells it apart. Where
    one word ends and another begins so (``định vị vị trí``), after a name (``Ngộ Không không
    còn``) and in a row of three (``ha ha ha``), nothing is wrong.
    """
    words = context.row[context.places]
    twice = (words[:-1] == words[1:]) & (words[1:] > UNKNOWN)
    twice &= units.apart
    thrice = np.append(False, twice[1:] & twice[:-1])
    at = (twice & ~thrice & ~np.append(thrice[1:], False)).nonzero()[0]
    if not len(at):
        return
    rare = _against(words[at]) > _LEAST
    for number in at[rare].tolist():
        start, end = int(units.ends[number]), int(units.ends[number + 1])
        first, second = units.nfc[units.starts[number] : start], units.nfc[start + 1 : end]
        written = first.lower() if context.begins[number] else first
        compounds = _compounds(units, number)
        if written == second and first.isalpha() and compounds < 2:
            sure = _DOUBT if compounds or second in _OF_TWO_USES else _SURE
            reason = f"'{first} {second}' is hardly ever meant"
            yield Proposal(start, end, "", number, number + 1, "doubled-word", sure, reason)


def _compounds(units: Units, at: int) -> int:
    """How many of the two make a word with what stands before and behind them."""
    texts = [spelling(text) for text in units.texts(slice(max(at - 1, 0), at + 3))]
    return (at > 0 and " ".join(texts[:2]) in lexicon.words) + (
        " ".join(texts[-2:]) in lexicon.words
    )


def _against(words: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much more each word costs after itself than by itself, in nats."""
    model = ngram_model()
    found: NDArray[np.float64] = (model.after_one(words, words) - model.word_costs[words]) / STEPS
    return found
