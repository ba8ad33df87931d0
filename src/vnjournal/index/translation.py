"""A query in the terms of an engine that scores what it matches by BM25 itself.

A field of keys answers what was typed without marks; beside it lies a field of forms, each written
behind its key. A word with marks is the terms of those forms that are let in, each with a boost
that makes it weigh as much as its key. What differs from engine to engine is :class:`Native`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Generic, Protocol, TypeVar

from vnjournal.index.analysis import form_term
from vnjournal.index.engine import (
    FIELD_WEIGHTS,
    FIRST_STEP,
    FORM_SUFFIX,
    LIKELY_WEIGHT,
    PAIR_WEIGHT,
    PAIRS,
    TIER_WEIGHTS,
    VALUE_SUFFIX,
    inverse_frequency,
    stand_in_worth,
    tier_bonus,
)
from vnjournal.index.query import (
    NOT_EXPANDED,
    AllOf,
    AnyOf,
    Clause,
    Dates,
    Fuzzy,
    Issue,
    Marks,
    Pair,
    Phrase,
    Prefix,
    Query,
    Syllable,
    Variants,
    Word,
)

Q = TypeVar("Q")

_MOST_KNOWN = 4096  # clauses that are remembered


class Native(Protocol[Q]):
    """One state of an index, and the queries that its engine offers."""

    def documents(self, field: str) -> int:
        """How many documents the engine counts for the rarity of a field's terms."""
        ...

    def frequency(self, field: str, term: str) -> int:
        """How many documents have a term in a field."""
        ...

    def forms(self, field: str, key: str) -> list[tuple[str, int]]:
        """The forms of a key in a field, and how many documents have each."""
        ...

    def term(self, field: str, term: str) -> Q:
        """Documents with a term, scored by BM25."""
        ...

    def one_of(self, field: str, terms: Sequence[str]) -> Q:
        """Documents with any of some terms, if there are any; how they score is nobody's matter."""
        ...

    def run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> Q:
        """Terms in a row, at each place any of some, with ``gap`` others between at most.

        Scored as a term that is as rare as :meth:`rarity_of_run` says.
        """
        ...

    def rarity_of_run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> float:
        """What the engine makes a run weigh."""
        ...

    def dated(self, first: int, last: int) -> Q:
        """Documents of some dates."""
        ...

    def constant(self, query: Q, score: float) -> Q:
        """What answers a query, each with one score."""
        ...

    def times(self, weight: float, query: Q) -> Q:
        """A query with its scores multiplied."""
        ...

    def everything(self) -> Q:
        """Every document, with the score 0."""
        ...

    def nothing(self) -> Q:
        """No document."""
        ...

    def best(self, queries: list[Q]) -> Q:
        """What answers any of some queries, with the best of its scores."""
        ...

    def at_least(self, queries: list[Q], number: int) -> Q:
        """What answers so many of some queries, with the sum of its scores."""
        ...

    def boolean(self, must: Sequence[Q], should: Sequence[Q], must_not: Sequence[Q]) -> Q:
        """What answers all of some queries, at least one of which there is, and none of others.

        It gains by those that it may answer besides.
        """
        ...


class Translations(Generic[Q]):
    """Queries in an engine's terms, for one state of the index; clauses of late are remembered.

    A query is asked for several times, wider each time, and words come again and again.
    """

    def __init__(self, native: Native[Q]) -> None:
        self._native = native
        self._known: dict[tuple[Clause, Marks, bool], Q] = {}

    def of(self, query: Query) -> Q:
        """A query in the engine's terms."""
        return _Translation(self._native, query, self._known).query()


class _Translation(Generic[Q]):
    """One query. Args: ``known`` clauses."""

    def __init__(
        self, native: Native[Q], query: Query, known: dict[tuple[Clause, Marks, bool], Q]
    ) -> None:
        self._native = native
        self._query = query
        self._marks = query.marks
        self._ranks_by_tier = query.ranks_by_tier
        self._known = known

    def query(self) -> Q:
        native, asked = self._native, self._query
        must = [self._clause(clause) for clause in asked.required]
        should = []
        if asked.words:
            words = [self._clause(word) for word in asked.words]
            must.append(self._at_least(words, max(asked.at_least, 1)))
            if asked.first > asked.at_least:
                should.append(native.constant(self._at_least(words, asked.first), FIRST_STEP))
        should += [
            self._best_phrase(clause, Marks.EXACT)
            if isinstance(clause, Phrase)
            else self._clause(clause)
            for clause in asked.boosted
        ]
        return self._boolean(must or [native.everything()], should, asked.excluded)

    def _clause(self, clause: Clause) -> Q:
        asked = (clause, self._marks, self._ranks_by_tier)
        found = self._known.get(asked)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[asked] = self._translated(clause)
        return found

    def _translated(self, clause: Clause) -> Q:
        native = self._native
        match clause:
            case Word():
                return self._best(chain.from_iterable(self._word(clause, f) for f in clause.fields))
            case Phrase():
                return self._best_phrase(clause, self._marks)
            case Variants():
                in_fields = (self._variants(clause, field) for field in clause.fields)
                return self._best(chain.from_iterable(in_fields))
            case Pair(term):
                return self._times(PAIR_WEIGHT, native.term(PAIRS, term))
            case AnyOf(clauses):
                return self._any([self._clause(each) for each in clauses])
            case AllOf(clauses, excluded):
                return self._boolean([self._clause(each) for each in clauses], [], excluded)
            case Dates(first, last):
                return native.constant(native.dated(first, last), 0.0)
            case Issue(key):
                return native.constant(native.term("issue" + VALUE_SUFFIX, key), 0.0)
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    def _exclusion(self, clause: Clause) -> Q:
        """What excludes an article: tiers 1 and 2, not text that lost its marks."""
        match clause:
            case Word(syllable, fields):
                return self._any([self._one_form(field, syllable, worst=2) for field in fields])
            case Variants(forms, fields):
                terms = [form_term(key, form) for key, form, grade in forms if grade <= 2]
                return self._any([self._one_of(field, terms) for field in fields])
            case Phrase(syllables, fields, gap):
                keys = [syllable.key for syllable in syllables]
                return self._any(
                    [
                        self._run(field + FORM_SUFFIX, _up_to(2, keys, grades), gap)
                        for field in fields
                        for grades in [[self._grades(field, s, self._marks) for s in syllables]]
                    ]
                )
            case AnyOf(clauses):
                return self._any([self._exclusion(each) for each in clauses])
            case AllOf(clauses, excluded):
                return self._boolean([self._exclusion(each) for each in clauses], [], excluded)
            case Pair() | Dates() | Issue():
                return self._clause(clause)
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    # --- words: the terms of the forms that are let in, each weighing what its key would weigh

    def _word(self, word: Word, field: str) -> list[Q]:
        syllable = word.syllable
        key = syllable.key
        having = self._native.frequency(field, key)
        weight = FIELD_WEIGHTS.get(field, 1.0) * word.weight
        found = list(self._stand_ins(word, field, weight * self._rarity(field, having)))
        if not having:
            return found
        if syllable.is_bare and self._marks is not Marks.EXACT:
            found.append(self._times(weight, self._native.term(field, key)))
            likely = form_term(key, word.likely)
            of_likely = self._native.frequency(field + FORM_SUFFIX, likely) if word.likely else 0
            graded = {word.likely: (1, of_likely)} if of_likely else {}
        else:
            graded = self._graded(field, syllable, self._marks)
        for form, (grade, of_form) in graded.items():
            worth = self._worth(field, grade, having, of_form)
            if form == word.likely:
                worth += LIKELY_WEIGHT
            found.append(self._weighted(field, key, form, grade, weight * worth))
        return found

    def _stand_ins(self, word: Word, field: str, weight: float) -> Iterator[Q]:
        """What says the same as a word, each as a whole of some weight."""
        for keys in word.stand_ins:
            if all(self._native.frequency(field, key) for key in keys):
                places = [[key] for key in keys]
                worth = stand_in_worth(word) / self._native.rarity_of_run(field, places, 0)
                yield self._times(weight * worth, self._run(field, places, 0))

    def _variants(self, variants: Variants, field: str) -> list[Q]:
        """Each weighs what the commonest weighs."""
        weight = FIELD_WEIGHTS.get(field, 1.0)
        terms = [
            (key, form, grade, having)
            for key, form, grade in variants.forms
            if (having := self._native.frequency(field + FORM_SUFFIX, form_term(key, form)))
        ]
        most = max((having for *_, having in terms), default=0)
        return [
            self._weighted(
                field, key, form, grade, weight * self._worth(field, grade, most, having)
            )
            for key, form, grade, having in terms
        ]

    def _worth(self, field: str, grade: int, having: int, of_form: int) -> float:
        """By what a form of a grade is multiplied to weigh what a term weighs that others have.

        Args: how many articles have that term, and how many the form.
        """
        rarity = self._rarity(field, having) / self._rarity(field + FORM_SUFFIX, of_form)
        return TIER_WEIGHTS[grade] * rarity

    def _weighted(self, field: str, key: str, form: str, grade: int, weight: float) -> Q:
        term = self._native.term(field + FORM_SUFFIX, form_term(key, form))
        scored = self._times(weight, term)
        if not self._ranks_by_tier:
            return scored
        bonus = tier_bonus(grade, self._marks)
        return self._native.boolean([scored, self._native.constant(term, bonus)], [], [])

    def _graded(self, field: str, syllable: Syllable, marks: Marks) -> dict[str, tuple[int, int]]:
        """The forms in a field that are let in: the grade of each, and how many have it."""
        if marks is Marks.EXACT:
            term = form_term(syllable.key, syllable.form)
            count = self._native.frequency(field + FORM_SUFFIX, term)
            return {syllable.form: (1, count)} if count else {}
        return {
            form: (grade, count)
            for form, count in self._native.forms(field, syllable.key)
            if (grade := syllable.grade(form, marks)) is not None
        }

    def _one_form(self, field: str, syllable: Syllable, worst: int) -> Q:
        """Any form of a syllable that is let in by some grade, or by a better one."""
        graded = self._graded(field, syllable, self._marks).items()
        terms = [form_term(syllable.key, form) for form, (grade, _) in graded if grade <= worst]
        return self._one_of(field, terms)

    def _one_of(self, field: str, terms: Sequence[str]) -> Q:
        return self._native.one_of(field + FORM_SUFFIX, terms)

    def _rarity(self, field: str, having: int) -> float:
        return inverse_frequency(self._native.documents(field), having)

    # --- phrases: any form that is let in at each place; they weigh what the keys would weigh

    def _best_phrase(self, phrase: Phrase, marks: Marks) -> Q:
        in_fields = (self._phrase(phrase, field, marks) for field in phrase.fields)
        return self._best(chain.from_iterable(in_fields))

    def _phrase(self, phrase: Phrase, field: str, marks: Marks) -> list[Q]:
        """One for each grade that lets in more than a better one; the best of them counts."""
        weight = FIELD_WEIGHTS.get(field, 1.0) * phrase.weight
        keys = [syllable.key for syllable in phrase.syllables]
        frequencies = [self._native.frequency(field, key) for key in keys]
        if not all(frequencies):
            return []
        rarity = sum(self._rarity(field, having) for having in frequencies)
        if marks is not Marks.EXACT and all(s.is_bare for s in phrase.syllables):
            places = [[key] for key in keys]
            worth = rarity / self._native.rarity_of_run(field, places, phrase.gap)
            return [self._times(weight * worth, self._run(field, places, phrase.gap))]
        grades = [self._grades(field, syllable, marks) for syllable in phrase.syllables]
        if not all(grades):
            return []
        found = []
        in_forms = field + FORM_SUFFIX
        for grade in sorted({grade for some in grades for grade in some.values()}):
            places = _up_to(grade, keys, grades)
            if all(places):
                worth = TIER_WEIGHTS[grade] * rarity
                worth /= self._native.rarity_of_run(in_forms, places, phrase.gap)
                found.append(self._times(weight * worth, self._run(in_forms, places, phrase.gap)))
        return found

    def _grades(self, field: str, syllable: Syllable, marks: Marks) -> dict[str, int]:
        """The grade of each form that is let in; what has no marks lets in all as the best."""
        if syllable.is_bare and marks is not Marks.EXACT:
            return dict.fromkeys((form for form, _ in self._native.forms(field, syllable.key)), 1)
        return {form: grade for form, (grade, _) in self._graded(field, syllable, marks).items()}

    def _run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> Q:
        if not all(places):
            return self._native.nothing()
        if len(places) == len(places[0]) == 1:
            return self._native.term(field, places[0][0])
        return self._native.run(field, places, gap)

    # --- together

    def _times(self, weight: float, query: Q) -> Q:
        return query if weight == 1.0 else self._native.times(weight, query)

    def _best(self, queries: Iterable[Q]) -> Q:
        found = list(queries)
        return found[0] if len(found) == 1 else self._native.best(found)

    def _any(self, queries: list[Q]) -> Q:
        return self._at_least(queries, 1)

    def _at_least(self, queries: list[Q], number: int) -> Q:
        if not queries:
            return self._native.nothing()
        if len(queries) == 1:
            return queries[0]
        if number == len(queries):
            return self._native.boolean(queries, [], [])
        return self._native.at_least(queries, number)

    def _boolean(self, must: list[Q], should: list[Q], excluded: Sequence[Clause]) -> Q:
        """All of some queries, better with others. Where there are only exclusions, all else."""
        without = [self._exclusion(clause) for clause in excluded]
        if not must:
            must = [self._native.everything()]
        if len(must) == 1 and not should and not without:
            return must[0]
        return self._native.boolean(must, should, without)


def _up_to(worst: int, keys: Sequence[str], grades: Sequence[dict[str, int]]) -> list[list[str]]:
    """The forms, as terms, that are let in at each place by a grade or a better one."""
    return [
        [form_term(key, form) for form, grade in some.items() if grade <= worst]
        for key, some in zip(keys, grades, strict=True)
    ]
