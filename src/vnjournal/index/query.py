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

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Never, Self

from vnjournal.index.analysis import term_parts
from vnjournal.text.alphabet import BARE_LETTERS
from vnjournal.text.fold import TELEX_TONES
from vnjournal.text.normalize import compose


class Choice(StrEnum):
    """Names of which one is chosen; raises ValueError, naming them all, for what is none."""

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise ValueError(f"{cls.__name__.lower()} is one of {', '.join(cls)}, not {value!r}")


class Marks(Choice):
    """How the marks of query and text are compared."""

    GRADED = "graded"  # by tiers
    EXACT = "exact"  # the very form that was typed
    LOOSE = "loose"  # contradicting marks match too, last


#: The grade of a form whose marks contradict those typed: worse than any tier.
CONTRADICTING = 4

_TONES = frozenset("".join(TELEX_TONES))


@dataclass(frozen=True)
class Syllable:
    """One syllable as it was typed: its key and its form."""

    key: str
    form: str

    @property
    def is_bare(self) -> bool:
        """Whether it was typed without any mark."""
        return self.form == self.key

    def grade(self, form: str, marks: Marks) -> int | None:
        """The tier in which a form of the same key is let in, ``CONTRADICTING`` after the others.

        None where it is not let in. Where the very form typed is asked for, that is of tier 1, bare
        or not.
        """
        if marks is Marks.EXACT:
            return 1 if form == self.form else None
        return self.tier(form) or (CONTRADICTING if marks is Marks.LOOSE else None)

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
    typed, found = _letters(asked.form), _letters(form)
    has_more = not any(tone for _, tone in typed)  # what has a tone is typed with all its marks
    has_fewer = True
    if len(typed) != len(found):
        return 0
    for (letter, tone), (letter_there, tone_there) in zip(typed, found, strict=True):
        if letter != letter_there:
            has_more &= BARE_LETTERS.get(letter_there) == letter
            has_fewer &= BARE_LETTERS.get(letter) == letter_there
        if tone != tone_there:
            has_more &= not tone
            has_fewer &= not tone_there
    return 2 if has_more else 3 if has_fewer else 0


@lru_cache(maxsize=16384)
def _letters(form: str) -> tuple[tuple[str, str], ...]:
    """The letters of a form, each with the tone that is written behind it."""
    found: list[tuple[str, str]] = []
    for sign in form:
        if sign in _TONES and found:
            found[-1] = (found[-1][0], sign)
        else:
            found.append((sign, ""))
    return tuple(found)


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
    """One syllable that should stand in one of the fields.

    ``likely``: the form that was probably meant where marks are missing: an article gains by it.
    ``weight``: how much the word counts among others. ``stand_ins``: runs of keys that say the
    same; where one of them stands, the word does, and it weighs what the word weighs.
    """

    syllable: Syllable
    fields: tuple[str, ...]
    likely: str = ""
    weight: float = 1.0
    stand_ins: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Syllables that stand one after the other in one of the fields.

    ``gap``: how many other syllables may stand between them, all told. The end of a sentence counts
    as :data:`vnjournal.index.analysis.SENTENCE_GAP` of them. ``weight``: how much it counts among
    others.
    """

    syllables: tuple[Syllable, ...]
    fields: tuple[str, ...]
    gap: int = 0
    weight: float = 1.0


def offsets(number: int, gap: int) -> Iterator[tuple[int, ...]]:
    """Each way in which so many words may stand with others between, nearest first.

    Args: ``gap``: of others, all told. Gives the distances from the first.

    >>> list(offsets(3, gap=1))
    [(0, 1, 2), (0, 1, 3), (0, 2, 3)]
    """
    for chosen in combinations(range(1, number + gap), number - 1):
        yield (0, *chosen)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins so: to become :class:`Variants` before an engine is asked."""

    syllable: Syllable
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word that is spelt nearly so: to become :class:`Variants` before an engine is asked."""

    syllable: Syllable
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variants:
    """Any of some words of the vocabulary, which together count as one.

    ``forms``: the key, the form and the grade of each.
    """

    forms: tuple[tuple[str, str, int], ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two keys that stand side by side, see :func:`vnjournal.index.analysis.pair_term`."""

    term: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of some clauses."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of some clauses, and none of others; without clauses, whatever has none of the others."""

    clauses: tuple[Clause, ...]
    excluded: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """From one date to another, both included, as :attr:`Article.date_number` has them."""

    first: int
    last: int

    @classmethod
    def of_years(cls, years: int | tuple[int, int]) -> Self:
        """One year, or those from one to another; raises ValueError where there is no such year.

        >>> Dates.of_years((2018, 2015))
        Dates(first=20150000, last=20189999)
        """
        first, last = (years, years) if isinstance(years, int) else sorted(years)
        if not MINYEAR <= first <= last <= MAXYEAR:
            raise ValueError(f"year must lie in {MINYEAR} to {MAXYEAR}")
        return cls(first * 10_000, last * 10_000 + 9999)


@dataclass(frozen=True, slots=True)
class Issue:
    """Articles of an issue, see :func:`vnjournal.index.analysis.issue_key`."""

    key: str


Clause = Word | Phrase | Prefix | Fuzzy | Variants | Pair | AnyOf | AllOf | Dates | Issue

#: What an engine says to a clause that it cannot answer.
NOT_EXPANDED = "prefixes and fuzzy words are made variants before an engine is asked"


@dataclass(frozen=True, slots=True)
class Query:
    """What an engine is asked.

    ``words``: of these at least ``at_least`` must match, one where it says 0. ``required``: each of
    these must; ``excluded``: none of these may. ``first``: articles that match at least so many of
    the words come before all others. ``boosted``: articles that match these, too, gain by it, by
    phrases only in the very forms that they name. A query without words and required clauses asks
    for every article that the rest lets through.
    """

    words: tuple[Clause, ...] = ()
    at_least: int = 0
    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    marks: Marks = Marks.GRADED
    first: int = 0
    boosted: tuple[Clause, ...] = ()

    def sought(self) -> Iterator[Word | Phrase | Variants]:
        """Everything that an article is looked through for: what may be highlighted."""
        yield from _sought(self.words + self.required)

    @property
    def is_scored(self) -> bool:
        """Whether some articles may answer better than others."""
        return any(True for _ in self.sought()) or bool(self.boosted)

    @property
    def ranks_by_tier(self) -> bool:
        """Whether tiers order the hits strictly: so for a single syllable."""
        scored = [c for c in self.words + self.required if not isinstance(c, Dates | Issue)]
        return len(scored) == 1 and isinstance(scored[0], Word)


def _sought(clauses: tuple[Clause, ...]) -> Iterator[Word | Phrase | Variants]:
    for clause in clauses:
        match clause:
            case Word() | Phrase() | Variants():
                yield clause
            case AnyOf() | AllOf():
                yield from _sought(clause.clauses)
