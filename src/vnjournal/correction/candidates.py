"""Syllables one letter or one tone away from what was written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from vnjournal.language.lexicon import lexicon
from vnjournal.text.alphabet import CONSONANTS, TONED_VOWELS, VOWELS, split_tone
from vnjournal.text.fold import form

_ALPHABET = tuple(VOWELS) + tuple(CONSONANTS)


@lru_cache(maxsize=8192)
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
        found = _with_either_tone(written)
    else:
        letters, tone = split
        found = set(_by_letters().get(letters, {}).values())
        for edited in _edited(letters):
            if tones := _by_letters().get(edited):
                found.add(tones.get(tone, ""))
    return tuple(sorted(spelt for spelt in found if spelt and form(spelt) != form(written)))


@cache
def _by_letters() -> dict[str, dict[int, str]]:
    """Attested syllables by their letters without the tone, then by tone."""
    table: dict[str, dict[int, str]] = {}
    for syllable in lexicon.syllables:
        if split := split_tone(syllable):
            table.setdefault(split[0], {})[split[1]] = syllable
    return table


def _with_either_tone(written: str) -> set[str]:
    pairs = [TONED_VOWELS.get(letter, (letter, 0)) for letter in written]
    tones = _by_letters().get("".join(letter for letter, _ in pairs), {})
    return {tones.get(tone, "") for _, tone in pairs if tone}


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
