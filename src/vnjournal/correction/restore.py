"""Marks put back: ``chinh sach`` to ``chính sách``, by what is likely in a row.

Each bare syllable may be read as any that it is the bare form of, and where a text seems to have
lost its tones only (``đang bô``), each toneless one with any tone. The readings of a sentence that
together cost least in the trigram model (:mod:`vnjournal.language.ngrams`) are found by Viterbi's
algorithm, in two passes: with pairs of words only, all readings are tried, and those that no good
sentence has are dropped; with triples, the few that are left. Text typed with Telex or VNI
keystrokes is read by :mod:`vnjournal.correction.typed`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal.correction.proposal import in_case_of
from vnjournal.correction.typed import METHODS, Method, read_keystrokes
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import BOUNDARY, STEPS, UNKNOWN, ngram_model, word
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import Units, units_of
from vnjournal.text.alphabet import BARE_LETTERS, VOWELS, WITH_TONE, parse_letters, split_tone
from vnjournal.text.fold import TELEX_TONES, fold, form
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, EditedText, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_READINGS = 16  # of a syllable, the commonest
_MOST_KEPT = 6  # of those, after the first pass
_MARGIN = 8 * STEPS  # what the best sentence with a reading may cost more than the best of all
_NEVER = 1 << 20  # more than any sentence of readings that there are costs
_BARE_SHARE = 0.135  # of the syllables of text that has its marks, in the corpora of the model
_LEAST_LOST = 0.005  # the share of lost marks assumed where a text seems to have lost none
_TONELESS_SHARE = 0.15  # of the marked syllables of text that has its tones
_TONES_SEEN = 4  # syllables of such text that are taken for seen, lest few say too much
_LEAST_LOST_TONES = 0.15  # the share of lost tones below which a text is taken to have them all
# Of what the case of a word costs counts one in so many: its neighbours say much of it already.
_CASE_SHARE = 2
_AT_ONCE = 4096  # units
_TYPED_SHARE = 0.1  # of the words are keystrokes where a text is read as typed


class Reading(NamedTuple):
    """One way to read a token: the number of the word, and its spelling, empty for "as it is"."""

    number: int
    spelling: str


def restore_diacritics(text: str) -> str:
    """Put back the marks that a text has lost, wholly or here and there.

    Any Unicode form goes in. Syllables with marks, numbers, words of other languages and all else
    stay as they are; so do letter case, blanks, and i or y as typed. Where the text is in Telex or
    VNI keystrokes they are read as letters. Restored syllables have the old tone placement.

    >>> restore_diacritics("Chinh sach khoa hoc cua tinh Hải Dương")
    'Chính sách khoa học của tỉnh Hải Dương'
    >>> restore_diacritics("chuwowng trinhf hanhf ddoongj nawm 2018")
    'chương trình hành động năm 2018'
    """
    composed = compose(text)
    parts = list(units_of(composed.text))
    tokens = Counter(part.pieces.types[number] for part in parts for number in part.types.tolist())
    method = _method(tokens)
    costs = _cost_of_lost_marks(tokens), _cost_of_lost_tones(tokens)
    changes = []
    for units in parts:
        for at, spelling in _restored(units, method, *costs):
            start, end = int(units.starts[at]), int(units.ends[at])
            after = in_case_of(composed.text[start:end], spelling)
            changes.append(Change(*composed.original_span(start, end), after))
    return EditedText(text, changes).text


# --- how a token may be read ---------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def readings(
    text: str, kind: Kind, method: Method | None = None, *, toneless: bool = False
) -> tuple[Reading, ...]:
    """How a composed token may be read, itself first, if that is one way.

    Args: ``method``: how it was typed, if that is known; ``toneless``: whether syllables that have
    other marks may have lost their tone.

    >>> {reading.spelling for reading in readings("dang", Kind.WORD)} >= {"đang", "đảng", "đăng"}
    True
    >>> readings("Đảng", Kind.WORD) == readings("đảng", Kind.WORD)
    True
    >>> [reading.spelling for reading in readings("nghê", Kind.WORD, toneless=True)]
    ['', 'nghệ', 'nghề', 'nghễ']
    """
    lower = text.lower()
    if method and (typed := _typed(lower, kind, method)):
        return (Reading(_number(typed), typed),)
    itself = Reading(ngram_model().numbers.get(word(text, kind), UNKNOWN), "")
    if method or kind not in _WITH_LETTERS or _has_marks(lower, toneless):
        return (itself,)
    found = [] if itself.number == UNKNOWN else [itself]
    for spelling in _spellings().get(fold(lower), ()):
        if spelling != lower and _may_be(lower, spelling):
            found.append(Reading(_number(spelling), spelling))
    return tuple(found[:_MOST_READINGS]) or (itself,)


_WITH_LETTERS = (Kind.WORD, Kind.ABBREVIATION)


def _has_marks(lower: str, toneless: bool) -> bool:
    """Whether a syllable has the marks it needs; without a tone, if it may have lost that, not."""
    return (
        not lower.isascii()
        and lower in lexicon.syllables
        and not (toneless and split_tone(lower) == (lower, 0))
    )


def _number(spelling: str) -> int:
    return ngram_model().numbers.get(form(spelling), UNKNOWN)


@cache
def _spellings() -> dict[str, list[str]]:
    """Attested spellings by what they share when bare, the commonest first.

    Those of syllables, and of the other words that the model knows: ``Đắk``, ``ôtô``, ``HĐND``.
    """
    model = ngram_model()
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    forms = {syllable: form(syllable) for syllable in lexicon.syllables}
    for syllable, of_syllable in forms.items():
        if number := model.numbers.get(of_syllable):
            found[fold(syllable)].append((-int(model.counts[number]), syllable))
    syllables = set(forms.values())
    for of_word, number in model.numbers.items():
        if of_word not in syllables and (spelling := _spelling_of_form(of_word)):
            found[fold(spelling)].append((-int(model.counts[number]), spelling))
    return {key: [spelling for _, spelling in sorted(some)] for key, some in found.items()}


def _spelling_of_form(of_word: str) -> str:
    """How a marked form is spelt where its tone has but one place; empty for any other."""
    tone = TELEX_TONES.index(of_word[-1]) if of_word[-1] in TELEX_TONES else 0
    letters = of_word[:-1] if tone else of_word
    vowels = [letter for letter in letters if letter in VOWELS]
    if not letters.islower() or of_word.isascii() or (tone and len(vowels) != 1):
        return ""
    return letters.replace(vowels[0], WITH_TONE[vowels[0], tone]) if tone else letters


def _may_be(written: str, spelling: str) -> bool:
    """Whether a syllable has all marks of what was written: ``đuong`` may be ``đường``."""
    if written.isascii():
        return True
    split, (letters, tone) = split_tone(written), split_tone(spelling) or ("", 0)
    if split is None or split[1] not in (0, tone) or len(split[0]) != len(letters):
        return False
    pairs = zip(split[0], letters, strict=True)
    return all(ours in (theirs, BARE_LETTERS.get(theirs)) for ours, theirs in pairs)


# --- how a text was typed -------------------------------------------------------------------------


def _typed(lower: str, kind: Kind, method: Method) -> str:
    """What keystrokes make, where they are no plain syllable; see :func:`read_keystrokes`."""
    if not lower.isascii() or not lower.isalnum() or kind not in (*_WITH_LETTERS, Kind.CODE):
        return ""
    return read_keystrokes(lower, method)


def _method(tokens: Counter[tuple[str, Kind]]) -> Method | None:
    """With which keystrokes a text was typed; None where it was not, or has its marks.

    Keystrokes of a method make syllables of nearly all that is no plain syllable.
    """
    for method in METHODS:
        plain = typed = other = 0
        for (text, kind), count in tokens.items():
            lower = text.lower()
            if _typed(lower, kind, method):
                typed += count
            elif kind in _WITH_LETTERS and lower.isascii():
                if parse_letters(lower):
                    plain += count
                else:
                    other += count
        if typed > 2 * other and typed >= _TYPED_SHARE * (plain + typed + other):
            return method
    return None


def _cost_of_lost_marks(tokens: Counter[tuple[str, Kind]]) -> int:
    """What it costs to read a bare syllable as a marked one: less, the more marks a text has lost.

    The share of lost marks follows from how many more syllables are bare than in text with marks.
    """
    bare = marked = 0
    for (text, kind), count in tokens.items():
        lower = text.lower()
        if kind in _WITH_LETTERS and fold(lower) in _spellings():
            bare += count * lower.isascii()
            marked += count * (not lower.isascii())
    if not bare:
        return 0
    lost = (bare / (bare + marked) - _BARE_SHARE) / (1 - _BARE_SHARE)
    return round(-log(max(lost, _LEAST_LOST)) * STEPS)


def _cost_of_lost_tones(tokens: Counter[tuple[str, Kind]]) -> int | None:
    """What it costs to read a syllable with a tone that has only other marks; None: never.

    The share of lost tones follows from how many of the marked syllables have none.
    """
    toned = toneless = 0
    for (text, kind), count in tokens.items():
        lower = text.lower()
        if kind in _WITH_LETTERS and not lower.isascii() and (split := split_tone(lower)):
            toned += count * (split[1] > 0)
            toneless += count * (split[1] == 0)
    share = (toneless + _TONES_SEEN * _TONELESS_SHARE) / (toned + toneless + _TONES_SEEN)
    lost = (share - _TONELESS_SHARE) / (1 - _TONELESS_SHARE)
    return round(-log(lost) * STEPS) if lost > _LEAST_LOST_TONES else None


# --- what costs least --------------------------------------------------------------------------


def _restored(
    units: Units, method: Method | None, of_marks: int, of_tones: int | None
) -> Iterator[tuple[int, str]]:
    """The numbers of the units that are to be spelt otherwise, and how.

    Args: what it costs to read marks into a bare syllable, and a tone into another.
    """
    types, of_unit = np.unique(units.types, return_inverse=True)
    toneless = of_tones is not None
    texts = [units.pieces.types[number] for number in types.tolist()]
    found = [readings(*text, method, toneless=toneless) for text in texts]
    if max(map(len, found)) == 1 and not any(reading.spelling for (reading,) in found):
        return
    of_type = np.zeros((len(found), _MOST_READINGS), np.int64)
    costs = np.full(of_type.shape, _NEVER, np.int32)
    for row, some in enumerate(found):
        of_type[row, : len(some)] = [reading.number for reading in some]
        cost = of_marks if of_tones is None or texts[row][0].isascii() else of_tones
        costs[row, : len(some)] = [cost if reading.spelling else 0 for reading in some]
    begins = np.zeros(len(units), np.bool_)
    begins[sentence_begins(units)] = True
    begins[::_AT_ONCE] = True  # in a sentence without end, too
    costs = costs[of_unit] + _case_costs(of_type, [text for text, _ in texts], of_unit, begins)
    for at in range(0, len(units), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        chosen = _chosen(of_type[of_unit[part]], costs[part], begins[part])
        rows = of_unit[part].tolist()
        for number, (row, reading) in enumerate(zip(rows, chosen.tolist(), strict=True), at):
            if spelling := found[row][reading].spelling:
                yield number, spelling


def _chosen(
    numbers: NDArray[np.int64], costs: NDArray[np.int32], begins: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """The reading of each unit of some sentences that costs least.

    Args: a row a unit: the numbers of its readings, and what each costs by itself, ``_NEVER`` where
    there is none; whether a sentence begins with the unit.
    """
    places = np.arange(len(numbers)) + begins.cumsum()  # a boundary before each sentence
    with_boundaries = np.full((places[-1] + 2, _MOST_READINGS), BOUNDARY, np.int64)
    own_costs = np.full(with_boundaries.shape, _NEVER, np.int32)
    own_costs[:, 0] = 0
    with_boundaries[places], own_costs[places] = numbers, costs
    cheapest: NDArray[np.intp] = _cheapest(with_boundaries, own_costs)[places]
    return cheapest


def _case_costs(
    numbers: NDArray[np.int64],
    texts: list[str],
    of_unit: NDArray[np.intp],
    begins: NDArray[np.bool_],
) -> NDArray[np.int32]:
    """What it costs that each unit is written with a capital or without, by its readings.

    Args: the numbers of each type's readings; the text of each type; the type of each unit; whether
    a sentence begins with it, where a capital says nothing. Without capitals, nothing costs.
    """
    capital = np.array([text.istitle() for text in texts])
    written = np.array([text.istitle() or text.islower() for text in texts])
    of_type = ngram_model().word_case_costs[numbers, capital[:, None].astype(np.intp)]
    found = (of_type * written[:, None]).astype(np.int32)[of_unit]
    found[begins] = 0
    used = (capital[of_unit] & ~begins).any()
    return found // _CASE_SHARE if used else np.zeros_like(found)


def _cheapest(numbers: NDArray[np.int64], costs: NDArray[np.int32]) -> NDArray[np.intp]:
    """The reading of each place in the row of readings that costs least.

    Args: as for :func:`_chosen`, with boundaries. The first and the last place have one reading.
    """
    kept, costs = _kept(numbers, costs)
    numbers = np.take_along_axis(numbers, kept, axis=1)
    there = costs < _NEVER
    at, first, second, third = (
        there[:-2, :, None, None] & there[1:-1, None, :, None] & there[2:, None, None, :]
    ).nonzero()
    words = numbers[at, first], numbers[at + 1, second], numbers[at + 2, third]
    model = ngram_model()
    of_words = model.after_two(*words).astype(np.int32)
    begins = (words[1] == BOUNDARY).nonzero()[0]  # a sentence: nothing before it counts
    of_words[begins] = model.after_one(words[1][begins], words[2][begins])
    behind = np.full((len(numbers), *[_MOST_KEPT] * 3), _NEVER, np.int32)
    behind[at + 2, first, second, third] = of_words + costs[at + 2, third]

    # of the sentences up to a place, by the readings of the place before and of the place itself
    least = np.full((_MOST_KEPT, _MOST_KEPT), _NEVER, np.int32)
    least[0] = model.after_one(np.full(_MOST_KEPT, BOUNDARY), numbers[1]) + costs[1]
    back = np.zeros(behind.shape[:1] + behind.shape[2:], np.intp)
    for place in range(2, len(numbers)):
        through = least[:, :, None] + behind[place]
        back[place] = through.argmin(axis=0)
        least = through.min(axis=0)
        least -= least.min()
    chosen = np.zeros(len(numbers), np.intp)
    for place in range(len(numbers) - 1, 1, -1):  # the last place has one reading, the first of its
        chosen[place - 1] = (
            least[:, 0].argmin()
            if place == len(numbers) - 1
            else back[place + 1][chosen[place], chosen[place + 1]]
        )
    return kept[np.arange(len(kept)), chosen]


def _kept(
    numbers: NDArray[np.int64], costs: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """The readings of each place in the sentences that cost little by pairs of words, with costs.

    Returns ``_MOST_KEPT`` columns for each place; a cost is ``_NEVER`` where fewer are kept.
    """
    there = costs < _NEVER
    at, left, right = (there[:-1, :, None] & there[1:, None, :]).nonzero()
    behind = np.full((len(numbers), _MOST_READINGS, _MOST_READINGS), _NEVER, np.int32)
    of_words = ngram_model().after_one(numbers[at, left], numbers[at + 1, right])
    behind[at + 1, left, right] = of_words + costs[at + 1, right]
    up_to, from_here = np.zeros_like(costs), np.zeros_like(costs)
    for place in range(1, len(numbers)):
        up_to[place] = (up_to[place - 1][:, None] + behind[place]).min(axis=0)
        up_to[place] -= up_to[place].min()
    for place in range(len(numbers) - 2, -1, -1):
        from_here[place] = (behind[place + 1] + from_here[place + 1]).min(axis=1)
        from_here[place] -= from_here[place].min()
    through = np.where(there, up_to + from_here, _NEVER)
    through -= through.min(axis=1, keepdims=True)
    kept = through.argsort(axis=1, kind="stable")[:, :_MOST_KEPT]
    within = np.take_along_axis(through, kept, axis=1) <= _MARGIN
    return kept, np.where(within, np.take_along_axis(costs, kept, axis=1), np.int32(_NEVER))
