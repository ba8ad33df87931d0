"""Syllables one letter or one tone away from what was written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from vnjournal.language.lexicon import lexicon
from vnjournal.text.alphabet import CONSONANTS, TONED_VOWELS, VOWELS, parse_letters, split_tone
from vnjournal.text.fold import form

_ALPHABET = tuple(VOWELS) + tuple(CONSONANTS)
_TONES = range(6)


@lru_cache(maxsize=65536)
def neighbours(written: str) -> tuple[str, ...]:
    """Attested syllables that one slip of the finger makes into what was written.

    A slip is a letter left out, doubled, replaced (a vowel mark counts as part of its letter) or
    swapped with the next, or another tone. Letters and tone are looked at apart, so that ``cúu``
    and ``cứu`` are one letter apart. A text with two tone marks (``đựợc``) is read with either.
    i for y where both are in use (``kì``, ``kỳ``) is no slip.

    Args: ``written``: lower case, composed. Returns spellings of the lexicon.

    >>> "trình" in neighbours("tình"), "cứu" in neighbours("cúu"), neighbours("đựợc")
    (True, True, ('được',))
    """
    split = split_tone(written)
    if split is None:
        return tuple(dict.fromkeys(_with_either_tone(written)))
    letters, tone = split
    found = {spelt for t in _TONES if (spelt := _attested(letters, t))}
    found |= {spelt for edited in _edited(letters) if (spelt := _attested(edited, tone))}
    return tuple(sorted(spelt for spelt in found if spelt and form(spelt) != form(written)))


def _with_either_tone(written: str) -> Iterator[str]:
    letters = "".join(TONED_VOWELS.get(letter, (letter, 0))[0] for letter in written)
    for letter in written:
        if spelt := _attested(letters, TONED_VOWELS.get(letter, (letter, 0))[1]):
            yield spelt


@cache
def _attested(letters: str, tone: int) -> str:
    syllable = parse_letters(letters, tone) if letters else None
    spelt = syllable.spell() if syllable else ""
    return spelt if spelt in lexicon.syllables else ""


def _edited(letters: str) -> Iterator[str]:
    for at in range(len(letters) + 1):
        before, after = letters[:at], letters[at:]
        for letter in _ALPHABET:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
