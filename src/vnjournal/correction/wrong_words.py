"""Syllables that are written for others: candidates, and a trained judgement of each.

A syllable that stands where the language model expects it is passed over. For each other one the
candidates that fit its place best are described by a row of *features*, and a logistic model
(``data/correction/weights.tsv``) says how probable it is that this one was meant. It was trained on
documents whose mistakes people marked, see ``data/correction/build.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vnjournal.correction.candidates import Slip, candidates
from vnjournal.correction.context import Context, ranks_of
from vnjournal.correction.logistic import Features, probabilities
from vnjournal.correction.proposal import Proposal, in_case_of
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import BITS, STEPS, UNKNOWN, ngram_model
from vnjournal.language.surroundings import surroundings, window
from vnjournal.segment.units import Look, Units
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXPECTED = 12 * STEPS  # what the triples of a syllable cost together that is passed over
_LONGEST = 12  # letters: the longest syllable has seven, and a slip adds few
_MOST_CANDIDATES = 4  # of a syllable that are judged
_MOST_LIKELY = 8  # of which these are chosen
_SLACK = 2 * STEPS  # what a candidate's pairs may cost more than those that are written
_RARE = 300  # a syllable met less often may be replaced by one that fits somewhat worse
_LEAST_GAIN = -5 * STEPS
_MOST_MARGIN = 10.0
_FAR_OFF = 200 * STEPS  # what stands for the gain of the next best where there is none

_SLIPS = {slip.name.lower().replace("_", " "): slip for slip in Slip}  # by the feature's name

# What a unit is, in the bits of a number.
_LETTERS = 1  # it may be a misspelt syllable
_CAPITAL = 2
_CAPITALS = 4  # throughout
_ATTESTED = 8
_WELL_FORMED = 16
_ASCII = 32
_WORD = 64


def _traits(text: str, kind: Kind) -> int:
    word = kind in {Kind.WORD, Kind.CODE, Kind.ABBREVIATION} and text[0].isalpha()
    if not word or len(text) > _LONGEST:
        return _CAPITAL * text[0].isupper()
    lower = text.lower()
    return (
        _LETTERS * (lower not in lexicon.loanwords)
        | _CAPITAL * text[0].isupper()
        | _CAPITALS * (len(text) > 1 and text.isupper())
        | _ATTESTED * (lower in lexicon.syllables)
        | _WELL_FORMED * (parse_syllable(lower) is not None)
        | _ASCII * lower.isascii()
        | _WORD * (kind is Kind.WORD)
    )


_look = Look(_traits)
_length = Look(lambda text, _: min(len(text), 8))


class Occurrences:
    """How often each word stands in each of some texts: articles, say.

    Args: ``parts``: their units; ``begins``: where in these each text begins.
    """

    def __init__(
        self, parts: Iterable[tuple[Units, Context]], begins: Sequence[int] = (0,)
    ) -> None:
        self._begins = np.array(begins)
        self._unknown: Counter[tuple[int, str]] = Counter()
        keys = []
        for units, context in parts:
            words = context.row[context.places]
            texts = self._texts(units, slice(None))
            keys.append(texts << BITS | words)
            unknown = (words == UNKNOWN).nonzero()[0]
            written = map(str.lower, units.texts(unknown))
            self._unknown.update(zip(texts[unknown].tolist(), written, strict=True))
        self._keys, self._counts = np.unique(np.concatenate(keys), return_counts=True)

    def _texts(self, units: Units, at: NDArray[np.int64] | slice) -> NDArray[np.intp]:
        """The text in which each of these units stands."""
        return self._begins.searchsorted(units.starts[at], side="right")

    def of_words(
        self, units: Units, at: NDArray[np.int64], words: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """How often other words, given by their numbers, stand in the texts of these units."""
        keys = self._texts(units, at) << BITS | words
        slots = self._keys.searchsorted(keys).clip(max=len(self._keys) - 1)
        found: NDArray[np.int64] = np.where(self._keys[slots] == keys, self._counts[slots], 0)
        return found

    def of_units(
        self, units: Units, at: NDArray[np.int64], words: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """How often each of these units, given its word's number, stands in its text."""
        found = self.of_words(units, at, words)
        unknown = (words == UNKNOWN).nonzero()[0]
        texts = self._texts(units, at[unknown]).tolist()
        for row, text in zip(unknown.tolist(), texts, strict=True):
            found[row] = self._unknown[text, units.text(at[row]).lower()]
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates of some units: a row each.

    Attributes:
        units: the number of the unit.
        spellings: what may have been meant, as the lexicon spells it.
        slips: what went wrong, as :class:`Slip` numbers.
        gains: how much less it costs, in nats, in the triples of which it is the last, middle and
            first word.
        features: columns by name.
    """

    units: NDArray[np.int64]
    spellings: list[str]
    slips: NDArray[np.int64]
    gains: NDArray[np.float64]
    features: Features


def wrong_words(
    units: Units, context: Context, occurrences: Occurrences, least: float
) -> Iterator[Proposal]:
    """Proposals for units that other words were meant by, of at least some probability."""
    judged = judge(units, context, occurrences)
    if judged is None:
        return
    sure = probabilities("word", judged.features)
    likely = (sure >= least).nonzero()[0]
    best: dict[int, int] = {}
    for row in likely.tolist():
        at = int(judged.units[row])
        if at not in best or sure[row] > sure[best[at]]:
            best[at] = row
    for at, row in best.items():
        start, end = int(units.starts[at]), int(units.ends[at])
        written, spelling = units.nfc[start:end], judged.spellings[row]
        slip = Slip(int(judged.slips[row]))
        kind = "wrong-word" if judged.features["attested"][row] else "impossible-syllable"
        reason = _reason(units, at, spelling, int(judged.gains[row].argmax()))
        yield Proposal(
            start,
            end,
            in_case_of(written, spelling),
            at,
            at,
            kind,
            float(sure[row]),
            f"{slip.meaning}: {reason}",
        )


def _reason(units: Units, at: int, spelling: str, strongest: int) -> str:
    """The words of its line that speak most for a spelling, with it and without."""
    first, last = [(at - 1, at), (at - 1, at + 1), (at, at + 1)][strongest]
    line = units.lines.searchsorted(at, side="right") - 1
    around = range(max(first, units.lines[line]), min(last + 1, units.line_ends[line]))
    texts = [units.text(n).lower() for n in around]
    meant = [spelling if n == at else text for n, text in zip(around, texts, strict=True)]
    return f"'{' '.join(meant)}' is likelier than '{' '.join(texts)}'"


def judge(units: Units, context: Context, occurrences: Occurrences) -> Judged | None:
    """Candidates of the units that do not stand where they are expected; None if there are none."""
    traits = _look.of(units)
    costs = context.triples(context.places)
    unexpected = (((traits & _LETTERS) > 0) & (costs.sum(axis=1) > _EXPECTED)).nonzero()[0]
    found = [candidates(text.lower()) for text in units.texts(unexpected)]
    sizes = np.array([len(each.spellings) for each in found], np.int64)
    if not sizes.sum():
        return None
    words = context.row[context.places[unexpected]]
    numbers = np.concatenate([each.numbers for each in found])
    rare = (ngram_model().counts[words] < _RARE) | (words == UNKNOWN)
    likely = _likely(context, unexpected, words, rare, sizes, numbers)
    at, numbers, rare = (
        unexpected.repeat(sizes)[likely],
        numbers[likely],
        rare.repeat(sizes)[likely],
    )
    costs_with = context.triples_with(context.places[at], numbers)
    gains = (costs[at] - costs_with).sum(axis=1)

    order = np.lexsort((-gains, at))
    ranks, ends = ranks_of(at)  # which the order of gains leaves as they are
    gains = gains[order]
    following = np.where(ends, -_FAR_OFF, np.append(gains[1:], 0))
    margins = gains - np.where(ranks == 0, following, gains[np.arange(len(gains)) - ranks])
    kept = ((ranks < _MOST_CANDIDATES) & (gains > np.where(rare, _LEAST_GAIN, 0))).nonzero()[0]
    if not len(kept):
        return None

    chosen = order[kept]
    at, numbers, costs_with = at[chosen], numbers[chosen], costs_with[chosen]
    slips = np.concatenate([each.slips for each in found])[likely[chosen]]
    spellings = [spelling for each in found for spelling in each.spellings]
    gain = (costs[at] - costs_with) / STEPS
    log_counts = ngram_model().log_counts
    of_unit, begins_sentence, places = traits[at], context.begins[at], context.places[at]
    words = context.row[places]
    of_written = occurrences.of_units(units, at, words)
    capital = (of_unit & _CAPITAL) > 0
    capital_beside = _beside(traits, at, _CAPITAL)
    columns = {
        "gain as last": gain[:, 0],
        "gain as middle": gain[:, 1],
        "gain as first": gain[:, 2],
        "gain on weaker side": np.minimum(gain[:, 0], gain[:, 2]) + gain[:, 1],
        "margin": (margins[kept] / STEPS).clip(-_MOST_MARGIN, _MOST_MARGIN),
        "cost as last": costs_with[:, 0] / STEPS,
        "cost as middle": costs_with[:, 1] / STEPS,
        "cost as first": costs_with[:, 2] / STEPS,
        "surroundings": _fit(context, at, words, numbers),
        "log count of written": log_counts[words],
        "log count of meant": log_counts[numbers],
        "unknown": words == UNKNOWN,
        "attested": (of_unit & _ATTESTED) > 0,
        "well-formed": (of_unit & _WELL_FORMED) > 0,
        "capital inside sentence": capital & ~begins_sentence,
        "capital at beginning": capital & begins_sentence,
        "capitals throughout": (of_unit & _CAPITALS) > 0,
        "capital beside capital": capital & ~begins_sentence & capital_beside,
        "log occurrences of written": np.log(of_written),
        "occurs once": of_written == 1,
        "log occurrences of meant": np.log1p(occurrences.of_words(units, at, numbers)),
        "best candidate": ranks[kept] == 0,
        "second candidate": ranks[kept] == 1,
        "unknown before": context.row[places - 1] == UNKNOWN,
        "unknown after": context.row[places + 1] == UNKNOWN,
        "length": _length.of(units)[at],
        "marked": (of_unit & _ASCII) == 0,
        "word": (of_unit & _WORD) > 0,
        **{name: slips == slip for name, slip in _SLIPS.items()},
    }
    return Judged(at, [spellings[n] for n in likely[chosen].tolist()], slips, gain, columns)


def _likely(
    context: Context,
    at: NDArray[np.int64],
    words: NDArray[np.int64],
    rare: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> NDArray[np.intp]:
    """Which candidates are worth a closer look: those that make the cheapest pairs.

    Args: some units, the word at each, whether it is rare, how many candidates it has; and the
    numbers of all candidates.
    """
    places = context.places[at]
    costs = context.pairs_with(places.repeat(sizes), numbers)
    most = np.where(rare, _FAR_OFF, context.pairs_with(places, words) + _SLACK)
    fits = (costs < most.repeat(sizes)).nonzero()[0]
    of_unit = np.arange(len(at)).repeat(sizes)[fits]
    fits = fits[np.lexsort((costs[fits], of_unit))]
    ranks, _ = ranks_of(of_unit)
    likely: NDArray[np.intp] = fits[ranks < _MOST_LIKELY]
    return likely


def _fit(
    context: Context, at: NDArray[np.int64], written: NDArray[np.int64], meant: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How much better one word fits its surroundings than another; 0 where either is unknown.

    Args: some units, the word at each, and the word that may have been meant.
    """
    units, rows = np.unique(at, return_inverse=True)
    around = window(context.row, context.places[units])
    scores, known = surroundings().scores(
        around, np.concatenate([rows, rows]), np.concatenate([meant, written])
    )
    of_meant, of_written = scores.reshape(2, -1)
    return np.where(known.reshape(2, -1).all(axis=0), of_meant - of_written, np.float32(0))


def _beside(traits: NDArray[np.int64], at: NDArray[np.int64], some: int) -> NDArray[np.bool_]:
    """Whether the unit before or behind each of these has one of some traits."""
    around = traits.take(at - 1, mode="clip") | traits.take(at + 1, mode="clip")
    found: NDArray[np.bool_] = (around & some) > 0
    return found
