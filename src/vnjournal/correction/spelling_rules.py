"""What is against the rules of spelling, whatever the context.

Tone marks on a letter that neither style puts them on (``tòan``, ``qúy``, ``taị``), and c, k, g,
gh, ng and ngh before the wrong vowels (``nghành``, ``cể``). Other spellings that are no syllable
may have been meant for several, which :mod:`vnjournal.correction.wrong_words` weighs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vnjournal.correction.proposal import Proposal, in_case_of
from vnjournal.language.lexicon import lexicon
from vnjournal.segment.units import Look, Units
from vnjournal.text.alphabet import parse_letters, parse_syllable, split_tone
from vnjournal.text.spans import Kind

_SURE = 0.98
_NAME = 0.7  # with a capital a rare syllable may be a name in another language
_EVERYDAY = 1000  # a syllable this frequent is an everyday one
_LONGEST = 8  # letters of a syllable, and one more
_ONSETS = {"k": "c", "c": "k", "ngh": "ng", "ng": "ngh", "gh": "g", "g": "gh"}


class _Rule(NamedTuple):
    """A syllable spelt by the rules, and what kind of mistake was made."""

    spelling: str
    kind: str
    reason: str


@lru_cache(maxsize=1 << 14)
def _broken_rule(text: str) -> _Rule | None:
    """The rule that a composed text breaks if it is to be a syllable, and the syllable."""
    lower = text.lower()
    split = split_tone(lower) if len(lower) <= _LONGEST else None
    if split is None or lower.isascii() or parse_syllable(lower) or lower in lexicon.loanwords:
        return None
    letters, tone = split
    syllable = parse_letters(letters, tone)
    if syllable and syllable.spell() in lexicon.syllables:
        reason = f"the tone mark of '{syllable.spell()}' stands on another letter"
        return _Rule(syllable.spell(), "misplaced-tone", reason)
    for onset, other in _ONSETS.items():
        syllable = parse_letters(other + letters[len(onset) :], tone)
        if letters.startswith(onset) and syllable and syllable.spell() in lexicon.syllables:
            reason = f"'{other}', not '{onset}', is written in '{syllable.spell()}'"
            return _Rule(syllable.spell(), "impossible-syllable", reason)
    return None


_look = Look(lambda text, kind: int(kind is Kind.WORD and _broken_rule(text) is not None))


def broken_rules(units: Units) -> Iterator[Proposal]:
    """A proposal for each syllable that is spelt against the rules."""
    for at in _look.of(units).nonzero()[0].tolist():
        start, end = int(units.starts[at]), int(units.ends[at])
        written = units.nfc[start:end]
        if rule := _broken_rule(written):
            everyday = lexicon.syllables[rule.spelling] >= _EVERYDAY
            is_tone = rule.kind == "misplaced-tone"
            sure = _SURE if written.islower() or (is_tone and everyday) else _NAME
            after = in_case_of(written, rule.spelling)
            yield Proposal(start, end, after, at, at, rule.kind, sure, rule.reason)
