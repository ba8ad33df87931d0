"""Tone marks on a letter that neither style puts them on: ``tòan``, ``qúy``, ``taị``."""

from __future__ import annotations

from collections.abc import Iterator

from vnjournal.correction.proposal import Proposal, in_case_of
from vnjournal.language.lexicon import lexicon, spelling
from vnjournal.segment.units import Look, Units
from vnjournal.text.alphabet import parse_letters, parse_syllable, split_tone
from vnjournal.text.spans import Kind

_SURE = 0.98
_NAME = 0.7  # the syllable is none that counts as Vietnamese otherwise


def _rightly_spelt(text: str) -> str:
    """The attested syllable with the letters and tone of a text that none is; empty for others."""
    lower = text.lower()
    split = split_tone(lower)
    if split is None or not split[1] or parse_syllable(lower):
        return ""
    syllable = parse_letters(*split)
    spelt = syllable.spell() if syllable else ""
    return spelt if spelt in lexicon.syllables and lower not in lexicon.loanwords else ""


_look = Look(lambda text, kind: int(kind is Kind.WORD and bool(_rightly_spelt(text))))


def misplaced_tones(units: Units) -> Iterator[Proposal]:
    """A proposal for each syllable whose tone mark stands on another letter."""
    for at in _look.of(units).nonzero()[0].tolist():
        start, end = int(units.starts[at]), int(units.ends[at])
        written = units.nfc[start:end]
        after = in_case_of(written, _rightly_spelt(written))
        everyday = lexicon.syllables[spelling(after)] >= 1000
        reason = f"the tone mark of '{after}' stands on another letter"
        sure = _SURE if everyday or written.islower() else _NAME
        yield Proposal(start, end, after, at, at, "misplaced-tone", sure, reason)
