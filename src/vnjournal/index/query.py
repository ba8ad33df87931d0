"""A query as nodes that every engine understands, and how a form matches what was typed.

The marks of a syllable are đ, â ê ô ă ơ ư, and its tone. A form ``t`` found in a text matches a
typed syllable ``q`` of the same key when their marks do not contradict:

====  ==========================================================================
tier  condition
====  ==========================================================================
1     equal, where ``q`` has any mark
2     ``q`` has no tone, and ``t`` has every mark typed and more; any ``t`` where
      ``q`` has no mark at all
3     ``t`` has some of the marks typed and no other (text that lost them)
====  ==========================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from vnjournal.index.analysis import term_parts
from vnjournal.text.alphabet import VOWELS
from vnjournal.text.fold import TELEX_TONES
from vnjournal.text.normalize import compose


class Marks(StrEnum):
    """How the marks of query and text are compared."""

    GRADED = "graded"  # by tiers
    EXACT = "exact"  # the very form that was typed
    LOOSE = "loose"  # contradicting marks match too, last


_MORE = {"a": "[aăâ]", "d": "[dđ]", "e": "[eê]", "o": "[oôơ]", "u": "[uư]"}
_FEWER = {"ă": "[aă]", "â": "[aâ]", "đ": "[dđ]", "ê": "[eê]", "ô": "[oô]", "ơ": "[oơ]", "ư": "[uư]"}
_TONES = "".join(TELEX_TONES)
_ANY_TONE = f"[{_TONES}]?"
_VOWELS = frozenset(VOWELS)


@dataclass(frozen=True)
class Syllable:
    """One syllable as it was typed: its key and its form."""

    key: str
    form: str

    @property
    def is_bare(self) -> bool:
        """Whether it was typed without any mark."""
        return self.form == self.key

    @cached_property
    def more_pattern(self) -> str:
        """Regular expression of the forms of tiers 1 and 2; no anchors."""
        if any(tone in self.form for tone in _TONES):
            return self.form
        letters = (
            _MORE.get(letter, letter) + (_ANY_TONE if letter in _VOWELS else "")
            for letter in self.form  # a tone may stand inside where syllables are glued
        )
        return "".join(letters) + _ANY_TONE

    @cached_property
    def pattern(self) -> str:
        """Regular expression of the forms of tiers 1 to 3; no anchors."""
        fewer = "".join(
            f"{letter}?" if letter in _TONES else _FEWER.get(letter, letter) for letter in self.form
        )
        return f"({self.more_pattern}|{fewer})"

    def tier(self, form: str) -> int:
        """The tier in which a form of the same key matches, 1 to 3; 0 where marks contradict.

        >>> asked = syllables("công")[0]
        >>> [asked.tier(form) for form in ("công", "côngJ", "cong", "congS")]
        [1, 2, 3, 0]
        """
        return _tier(self, form)


@lru_cache(maxsize=16384)
def _tier(asked: Syllable, form: str) -> int:
    if form == asked.form and not asked.is_bare:
        return 1
    if re.fullmatch(asked.more_pattern, form):
        return 2
    return 3 if re.fullmatch(asked.pattern, form) else 0


def syllables(text: str) -> tuple[Syllable, ...]:
    """The syllables of a query's text, by the same analysis as an article's.

    >>> [asked.key for asked in syllables("chủ nghĩa Mác-Lênin")]
    ['chu', 'nghia', 'mac', 'lenin']
    """
    return tuple(
        Syllable(key, form)
        for token in compose(text).text.split()
        for key, form, _, _ in term_parts(token)
    )


@dataclass(frozen=True, slots=True)
class Word:
    """One syllable that should stand in one of the fields."""

    syllable: Syllable
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Syllables that stand one after the other in one of the fields."""

    syllables: tuple[Syllable, ...]
    fields: tuple[str, ...]


Clause = Word | Phrase


@dataclass(frozen=True, slots=True)
class Query:
    """What an engine is asked.

    ``words``: of these at least ``at_least`` must match, one where it says 0; ``required``: each of
    these must;
    ``excluded``: none of these may. ``years``: first and last year, both included; ``issue``: see
    :func:`vnjournal.index.analysis.issue_key`. ``first``: articles that match at least so many of
    the words come before all others. A query without words and required clauses asks for every
    article that the rest lets through.
    """

    words: tuple[Word, ...] = ()
    at_least: int = 0
    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    years: tuple[int, int] | None = None
    issue: str = ""
    marks: Marks = Marks.GRADED
    first: int = 0

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Everything that an article is looked through for: what may be highlighted."""
        return self.words + self.required

    @property
    def ranks_by_tier(self) -> bool:
        """Whether tiers order the hits strictly: so for a single syllable."""
        return len(self.clauses) == 1 and isinstance(self.clauses[0], Word)
