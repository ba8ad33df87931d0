"""Syllables that run together (``việctriển``) and syllables that fall apart (``tri ển``).

Both are judged by what the words cost in the language model as they stand and as they would
without the mistake, and by a logistic model over that and what the pieces look like.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal.correction.context import Context, costs_of, ranks_of
from vnjournal.correction.logistic import Features, probabilities
from vnjournal.correction.proposal import Proposal
from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.language.ngrams import STEPS, UNKNOWN, ngram_model
from vnjournal.segment.units import Look, Units
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.fold import form
from vnjournal.text.spans import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST_SYLLABLE = 7  # nghiêng
_UNEXPECTED = 6 * STEPS  # what a word costs after two others at least, if it is half of one

_PIECE = 1  # letters that may be part of a syllable
_STRANGE = 2  # letters that are no syllable and no loanword
_ATTESTED = 4
_CAPITAL = 8
_CAPITALS = 16
_ASCII = 32


def _traits(text: str, kind: Kind) -> int:
    letters = kind in {Kind.WORD, Kind.ABBREVIATION} and text.isalpha()
    if not letters or len(text) > 2 * _LONGEST_SYLLABLE:
        return 0
    lower = text.lower()
    attested = spelling(text) in lexicon.syllables
    strange = not attested and lower not in lexicon.loanwords and parse_syllable(lower) is None
    return (
        _PIECE * (len(text) < _LONGEST_SYLLABLE)
        | _STRANGE * (strange and len(text) > 2)
        | _ATTESTED * attested
        | _CAPITAL * text[0].isupper()
        | _CAPITALS * text.isupper()
        | _ASCII * lower.isascii()
    )


_look = Look(_traits)


class Boundaries(NamedTuple):
    """Places where a blank may be missing or too many: a row each.

    Attributes:
        units: the number of the unit that runs together, or of the first piece.
        sizes: how many characters of a unit belong to its first syllable; 0 for pieces to join.
        features: columns by name.
    """

    units: NDArray[np.int64]
    sizes: NDArray[np.int64]
    features: Features


def glued_syllables(units: Units, context: Context, least: float) -> Iterator[Proposal]:
    """``việctriển`` → ``việc triển``: proposals of at least some probability."""
    found = glued(units, context)
    if found is None:
        return
    sure = probabilities("glued", found.features)
    for row in (sure >= least).nonzero()[0].tolist():
        at = int(found.units[row])
        start, end = int(units.starts[at]), int(units.ends[at])
        middle = start + int(found.sizes[row])
        left, right = units.nfc[start:middle], units.nfc[middle:end]
        reason = f"'{left}' and '{right}' are syllables, '{left}{right}' is none"
        change = middle, middle, " "
        yield Proposal(*change, at, at, "glued-syllables", float(sure[row]), reason)


def split_syllables(units: Units, context: Context, least: float) -> Iterator[Proposal]:
    """``tri ển`` → ``triển``: proposals of at least some probability."""
    found = split(units, context)
    if found is None:
        return
    sure = probabilities("split", found.features)
    for row in (sure >= least).nonzero()[0].tolist():
        at = int(found.units[row])
        left, right = units.text(at), units.text(at + 1)
        reason = f"'{left}{right}' is likelier than '{left} {right}'"
        change = int(units.ends[at]), int(units.starts[at + 1]), ""
        yield Proposal(*change, at, at + 1, "split-syllable", float(sure[row]), reason)


@lru_cache(maxsize=1 << 14)
def divisions(strange: str) -> tuple[tuple[int, int, int], ...]:
    """Where letters may be divided into two attested syllables.

    Args: ``strange``: lower case, composed. Returns the size of the first, and the numbers of both
    in the language model.

    >>> [size for size, _, _ in divisions("việctriển")], len(divisions("internet"))
    ([4], 0)
    """
    found = []
    numbers = ngram_model().numbers
    for size in range(1, len(strange)):
        parts = spelling(strange[:size]), spelling(strange[size:])
        if all(part in lexicon.syllables for part in parts):
            left, right = (numbers.get(form(part), UNKNOWN) for part in parts)
            if UNKNOWN not in (left, right):
                found.append((size, left, right))
    return tuple(found)


def glued(units: Units, context: Context) -> Boundaries | None:
    """Strange units that two syllables make; None if there are none."""
    traits = _look.of(units)
    rows = [
        (at, size, left, right)
        for at in ((traits & _STRANGE) > 0).nonzero()[0].tolist()
        for size, left, right in divisions(units.text(at).lower())
    ]
    if not rows:
        return None
    at, sizes, left, right = np.array(rows, np.int64).T
    places = context.places[at]
    row = context.row
    before, after = row[places - 1], row[places + 1]
    inside = costs_of(before, left, right)
    with_two = (
        costs_of(row[places - 2], before, left)
        + inside
        + costs_of(left, right, after)
        + costs_of(right, after, row[places + 2])
    )
    gains = (context.triples(places).sum(axis=1) - with_two) / STEPS
    # of several divisions of a unit the best is kept
    order = np.lexsort((-gains, at))
    ranks, ends = ranks_of(at[order])
    first = ranks == 0
    margins = np.where(ends, 10.0, gains[order] - np.append(gains[order][1:], 0))[first]
    best = order[first]
    at, sizes, left, right, gains = at[best], sizes[best], left[best], right[best], gains[best]
    counts = ngram_model().log_counts
    of_unit = traits[at]
    lengths = units.ends[at] - units.starts[at]
    second_capital = [
        units.text(n)[size].isupper() and not units.text(n).isupper()
        for n, size in zip(at.tolist(), sizes.tolist(), strict=True)
    ]
    words = row[context.places[at]]
    features = {
        "gain": gains,
        "cost inside": inside[best] / STEPS,
        "margin": margins.clip(max=10),
        "marked": (of_unit & _ASCII) == 0,
        "gain if not marked": gains * ((of_unit & _ASCII) > 0),
        "length": lengths.clip(max=12),
        "capital": (of_unit & _CAPITAL) > 0,
        "capitals throughout": (of_unit & _CAPITALS) > 0,
        "second capital": np.array(second_capital),
        "log count": counts[words],
        "log count of rarer": np.minimum(counts[left], counts[right]),
        "one letter": np.minimum(sizes, lengths - sizes) == 1,
        "unknown before": row[context.places[at] - 1] == UNKNOWN,
        "unknown after": row[context.places[at] + 1] == UNKNOWN,
    }
    return Boundaries(at, sizes, features)


def split(units: Units, context: Context) -> Boundaries | None:
    """Neighbours that are pieces of one syllable; None if there are none."""
    traits = _look.of(units)
    pieces = (traits & _PIECE) > 0
    lower = (traits & _CAPITAL) == 0
    attested = (traits & _ATTESTED) > 0
    unexpected = context.costs[context.places[1:]] > _UNEXPECTED
    maybe = pieces[:-1] & pieces[1:] & units.apart & (lower[1:] | ((traits[:-1] & _CAPITALS) > 0))
    maybe &= unexpected | ~(attested[:-1] & attested[1:])
    rows = []
    numbers = ngram_model().numbers
    for at in maybe.nonzero()[0].tolist():
        whole = spelling(units.text(at) + units.text(at + 1))
        if whole in lexicon.syllables and (number := numbers.get(form(whole))):
            rows.append((at, number))
    if not rows:
        return None
    at, whole = np.array(rows, np.int64).T
    places = context.places[at]
    row, costs = context.row, context.costs
    before, after = row[places - 1], row[places + 2]
    as_one = (
        costs_of(row[places - 2], before, whole)
        + costs_of(before, whole, after)
        + costs_of(whole, after, row[places + 3])
    )
    as_two = costs[places[:, None] + np.arange(4)].sum(axis=1)
    gains = (as_two - as_one) / STEPS
    counts = ngram_model().log_counts
    left, right = row[places], row[places + 1]
    features = {
        "gain": gains,
        "cost inside": costs[places + 1] / STEPS,
        "first attested": (traits[at] & _ATTESTED) > 0,
        "second attested": (traits[at + 1] & _ATTESTED) > 0,
        "both attested": (traits[at] & traits[at + 1] & _ATTESTED) > 0,
        "gain if both attested": gains * ((traits[at] & traits[at + 1] & _ATTESTED) > 0),
        "log count of first": counts[left],
        "log count of second": counts[right],
        "log count": counts[whole],
        "capital": (traits[at] & _CAPITAL) > 0,
        "unknown before": before == UNKNOWN,
        "unknown after": after == UNKNOWN,
    }
    return Boundaries(at, np.zeros_like(at), features)
