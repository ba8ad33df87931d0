"""What a syllable may have been meant to be, and which slip made it what it is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, auto
from functools import cache, lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vnjournal import resources
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import ngram_model
from vnjournal.text.alphabet import (
    BARE_LETTERS,
    ONSETS,
    TONED_VOWELS,
    parse_letters,
    split_tone,
)
from vnjournal.text.fold import form

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Slip(IntEnum):
    """What went wrong in a syllable, seen from what was meant."""

    HOOK_TILDE = 0  # hỏi for ngã or the other way
    TONE = auto()  # another tone
    TONE_MISSING = auto()
    TONE_ADDED = auto()
    MARK = auto()  # of a vowel or đ: ô for o, d for đ
    MARKS = auto()  # several marks, a tone among them or not
    RULE = auto()  # c for k, ng for ngh and the like, which depend on the vowel
    S_X = auto()
    TR_CH = auto()
    D_GI_R = auto()
    L_N = auto()
    ONSET = auto()  # another one that sounds alike
    N_NG = auto()
    C_T = auto()
    I_Y = auto()
    CODA = auto()
    SOUNDS = auto()  # several of those that sound alike
    LETTER_MISSING = auto()
    LETTER_DOUBLED = auto()
    LETTER_ADDED = auto()
    KEY_BESIDE = auto()  # a letter whose key stands beside the right one's
    LETTER_WRONG = auto()
    LETTERS_SWAPPED = auto()
    TWO_TONES = auto()  # two tone marks, one of them right
    LETTER_AND_TONE = auto()
    SCANNED = auto()  # letters that look alike to a machine

    @property
    def meaning(self) -> str:
        """The slip in words.

        >>> Slip.LETTER_MISSING.meaning, Slip.TR_CH.meaning
        ('letter missing', 'tr for ch')
        """
        return _MEANINGS.get(self, self.name.lower().replace("_", " "))


_MEANINGS = {
    Slip.HOOK_TILDE: "hỏi for ngã",
    Slip.TONE: "wrong tone",
    Slip.MARK: "wrong mark",
    Slip.MARKS: "wrong marks",
    Slip.RULE: "c, k, g, gh, ng or ngh",
    Slip.S_X: "s for x",
    Slip.TR_CH: "tr for ch",
    Slip.D_GI_R: "d, gi or r",
    Slip.L_N: "l for n",
    Slip.ONSET: "sounds alike",
    Slip.N_NG: "n for ng",
    Slip.C_T: "c for t",
    Slip.I_Y: "i for y",
    Slip.CODA: "sounds alike",
    Slip.SOUNDS: "sounds alike",
    Slip.KEY_BESIDE: "key beside",
    Slip.LETTER_WRONG: "wrong letter",
}


class Candidates(NamedTuple):
    """Syllables that may have been meant: columns of equal length.

    Attributes: spellings of the lexicon; their numbers in the language model; their slips.
    """

    spellings: tuple[str, ...]
    numbers: NDArray[np.int64]
    slips: NDArray[np.int64]


_HOOK_AND_TILDE = {3, 4}
_SLIPS_OF_PAIRS = {
    ("onset", frozenset("ck")): Slip.RULE,
    ("onset", frozenset(("g", "gh"))): Slip.RULE,
    ("onset", frozenset(("ng", "ngh"))): Slip.RULE,
    ("onset", frozenset("sx")): Slip.S_X,
    ("onset", frozenset(("tr", "ch"))): Slip.TR_CH,
    ("onset", frozenset(("d", "gi"))): Slip.D_GI_R,
    ("onset", frozenset(("d", "r"))): Slip.D_GI_R,
    ("onset", frozenset(("gi", "r"))): Slip.D_GI_R,
    ("onset", frozenset("ln")): Slip.L_N,
    ("coda", frozenset(("n", "ng"))): Slip.N_NG,
    ("coda", frozenset("ct")): Slip.C_T,
    ("coda", frozenset("iy")): Slip.I_Y,
}
_CODAS = ("ng", "nh", "ch", *"ncmptiyou")
_SCANNED = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("d", "cl"),
    ("vv", "w"),
    ("ii", "n"),
    ("li", "h"),
)
_DIGITS = str.maketrans("01", "ol")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@lru_cache(maxsize=1 << 15)
def candidates(written: str) -> Candidates:
    """Attested syllables that one slip makes into what was written.

    A slip is a letter left out, doubled, replaced or swapped with the next, another tone or other
    marks, or a spelling that sounds alike (``data/correction/confusions.tsv``). Letters and tone
    are looked at apart, so that ``cúu`` and ``cứu`` are one letter apart. Where several slips lead
    to a syllable the first in :class:`Slip` is named. Another place of the tone mark and i for y
    where both are in use (``kì``, ``kỳ``) are no slips.

    Args: ``written``: lower case, composed.

    >>> found = candidates("tình")
    >>> Slip(int(found.slips[found.spellings.index("trình")])).name
    'LETTER_MISSING'
    >>> "cứu" in candidates("cúu").spellings, candidates("đựợc").spellings
    (True, ('được',))
    """
    found: dict[str, Slip] = {}
    for slip, spelling in _possible(written):
        if slip < found.get(spelling, len(Slip)):
            found[spelling] = slip
    numbers = ngram_model().numbers
    known = [
        (spelling, numbers[of_spelling], slip)
        for spelling, slip in found.items()
        if (of_spelling := form(spelling)) != form(written)
        and of_spelling in numbers
        and spelling not in _variants().get(written, ())
    ]
    return Candidates(
        tuple(spelling for spelling, _, _ in known),
        np.array([number for _, number, _ in known], np.int64),
        np.array([slip for _, _, slip in known], np.int64),
    )


@cache
def _variants() -> dict[str, set[str]]:
    """Spellings that are both in use, each with the other."""
    found: dict[str, set[str]] = {}
    for one, other in resources.rows("correction", "variants.tsv"):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _possible(written: str) -> Iterator[tuple[Slip, str]]:
    split = split_tone(written)
    if split is None:
        yield from ((Slip.TWO_TONES, spelling) for spelling in _with_either_tone(written))
        return
    letters, tone = split
    yield from _other_marks(letters, tone)
    yield from _alike_in_sound(letters, tone)
    well_formed = parse_letters(letters, tone) is not None
    for slip, edited in _edited(letters):
        for other, spelling in _by_letters().get(edited, {}).items():
            if other == tone:
                yield slip, spelling
            elif not well_formed:
                yield Slip.LETTER_AND_TONE, spelling
    for part, meant in _SCANNED:
        if part in letters and (spelling := _spelt(letters.replace(part, meant), tone)):
            yield Slip.SCANNED, spelling
    if not written.isalpha() and (spelling := _spelt(letters.translate(_DIGITS), tone)):
        yield Slip.SCANNED, spelling


@cache
def _by_letters() -> dict[str, dict[int, str]]:
    """Attested syllables by their letters without the tone, then by tone."""
    table: dict[str, dict[int, str]] = {}
    for syllable in lexicon.syllables:
        if split := split_tone(syllable):
            table.setdefault(split[0], {})[split[1]] = syllable
    return table


@cache
def _by_bare_letters() -> dict[str, list[str]]:
    """Letters of attested syllables without the tone, by what they share without any mark."""
    table: dict[str, list[str]] = {}
    for letters in _by_letters():
        table.setdefault(_bare(letters), []).append(letters)
    return table


def _bare(letters: str) -> str:
    return "".join(BARE_LETTERS.get(letter, letter) for letter in letters)


def _spelt(letters: str, tone: int) -> str:
    return _by_letters().get(letters, {}).get(tone, "")


def _with_either_tone(written: str) -> list[str]:
    pairs = [TONED_VOWELS.get(letter, (letter, 0)) for letter in written]
    letters = "".join(letter for letter, _ in pairs)
    return [spelling for _, tone in pairs if tone and (spelling := _spelt(letters, tone))]


def _other_marks(letters: str, tone: int) -> Iterator[tuple[Slip, str]]:
    for others in _by_bare_letters().get(_bare(letters), ()):
        differ = sum(a != b for a, b in zip(letters, others, strict=True))
        for other, spelling in _by_letters()[others].items():
            if not differ:
                yield _slip_of_tone(tone, other), spelling
            elif differ == 1 and tone == other:
                yield Slip.MARK, spelling
            else:
                yield Slip.MARKS, spelling


def _slip_of_tone(written: int, meant: int) -> Slip:
    if {written, meant} == _HOOK_AND_TILDE:
        return Slip.HOOK_TILDE
    if not written:
        return Slip.TONE_MISSING
    return Slip.TONE if meant else Slip.TONE_ADDED


# --- what sounds alike


@cache
def _confused(part: str) -> dict[str, dict[str, Slip]]:
    """Spellings of onsets or codas, with those that each is taken for."""
    found: dict[str, dict[str, Slip]] = {}
    for its_part, one, other in resources.rows("correction", "confusions.tsv"):
        if its_part == part:
            slip = _SLIPS_OF_PAIRS.get((part, frozenset((one, other))), Slip[part.upper()])
            found.setdefault(one, {})[other] = slip
            found.setdefault(other, {})[one] = slip
    return found


def _alike_in_sound(letters: str, tone: int) -> Iterator[tuple[Slip, str]]:
    """Other onsets, codas and tones that sound alike, one of them or several."""
    onset = next((letters[:n] for n in (3, 2, 1) if letters[:n] in ONSETS | {"f"}), "")
    rime = letters[len(onset) :]
    coda = next((last for last in _CODAS if rime.endswith(last) and rime != last), "")
    nucleus = rime.removesuffix(coda)
    tones = _HOOK_AND_TILDE if tone in _HOOK_AND_TILDE else {tone}
    onsets = {onset: None, **_confused("onset").get(onset, {})}
    codas = {coda: None, **(_confused("coda").get(coda, {}) if coda else {})}
    for (begin, of_onset), (end, of_coda), other in product(onsets.items(), codas.items(), tones):
        if spelling := _spelt(begin + nucleus + end, other):
            slips = [slip for slip in (of_onset, of_coda) if slip is not None]
            slips += [Slip.HOOK_TILDE] if other != tone else []
            if slips:
                yield slips[0] if len(slips) == 1 else Slip.SOUNDS, spelling


# --- letters left out, added, replaced, swapped


def _edited(letters: str) -> Iterator[tuple[Slip, str]]:
    """Letters of attested syllables that one wrong letter, or two swapped, part from these."""
    shorter = _without_one(letters)
    near = {other for key in (letters, *shorter) for other in _by_shorter().get(key, ())}
    for other in sorted(near - {letters}):
        if other in shorter:
            doubled = any(
                a == b and letters.replace(a + b, a) == other for a, b in pairwise(letters)
            )
            yield Slip.LETTER_DOUBLED if doubled else Slip.LETTER_ADDED, other
        elif letters in _without_one(other):
            yield Slip.LETTER_MISSING, other
        elif len(letters) == len(other):
            places = [at for at, letter in enumerate(letters) if letter != other[at]]
            first, last = places[0], places[-1]
            if first == last:
                beside = _bare(other[first]) in _keys_beside().get(_bare(letters[first]), ())
                yield Slip.KEY_BESIDE if beside else Slip.LETTER_WRONG, other
            elif last == first + 1 and letters[first] + letters[last] == other[last] + other[first]:
                yield Slip.LETTERS_SWAPPED, other


def _without_one(letters: str) -> set[str]:
    return {letters[:at] + letters[at + 1 :] for at in range(len(letters))}


@cache
def _by_shorter() -> dict[str, list[str]]:
    """Letters of attested syllables by themselves, and by what is left when one goes."""
    table: dict[str, list[str]] = {}
    for letters in _by_letters():
        for key in {letters, *_without_one(letters)}:
            table.setdefault(key, []).append(letters)
    return table


@cache
def _keys_beside() -> dict[str, set[str]]:
    """The keys around each on a keyboard."""
    found: dict[str, set[str]] = {}
    for down, row in enumerate(_ROWS):
        for at, key in enumerate(row):
            found[key] = {*row[max(at - 1, 0) : at + 2]} - {key}
            for other, first in ((down - 1, at), (down + 1, at - 1)):
                if 0 <= other < len(_ROWS):
                    found[key] |= {*_ROWS[other][max(first, 0) : first + 2]}
    return found
