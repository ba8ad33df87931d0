"""A query in tantivy's terms.

A field of keys answers what was typed without marks; beside it lies a field of forms, each written
behind its key, so that the vocabulary gives the forms of a key at once. A word with marks is the
terms of those forms that are let in, each with a boost that makes it weigh as much as its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import tantivy
from tantivy import Occur

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

_MOST_KNOWN = 4096  # clauses that are remembered


class Translations:
    """Clauses in tantivy's terms, for one state of the index; those of late are remembered.

    A query is asked for several times, wider each time, and words come again and again.
    """

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        self._known: dict[tuple[Clause, Marks, bool], tantivy.Query] = {}

    def of(self, query: Query) -> tantivy.Query:
        return _Translation(self._schema, self._searcher, query, self._known).query()


class _Translation:
    """One query in tantivy's terms, for one state of the index. Args: ``known`` clauses."""

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        query: Query,
        known: dict[tuple[Clause, Marks, bool], tantivy.Query],
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self._query = query
        self._marks = query.marks
        self._ranks_by_tier = query.ranks_by_tier
        self._known = known

    def query(self) -> tantivy.Query:
        asked = self._query
        must = [self._clause(clause) for clause in asked.required]
        should = []
        if asked.words:
            words = [self._clause(word) for word in asked.words]
            must.append(_at_least(words, max(asked.at_least, 1)))
            if asked.first > asked.at_least:
                first = _at_least(words, asked.first)
                should.append(tantivy.Query.const_score_query(first, FIRST_STEP))
        should += [
            self._best_phrase(clause, Marks.EXACT)
            if isinstance(clause, Phrase)
            else self._clause(clause)
            for clause in asked.boosted
        ]
        must_not = [self._exclusion(clause) for clause in asked.excluded]
        return _boolean(must or [_everything()], should, must_not)

    def _clause(self, clause: Clause) -> tantivy.Query:
        asked = (clause, self._marks, self._ranks_by_tier)
        found = self._known.get(asked)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[asked] = self._translated(clause)
        return found

    def _translated(self, clause: Clause) -> tantivy.Query:
        match clause:
            case Word():
                return _best(chain.from_iterable(self._word(clause, f) for f in clause.fields))
            case Phrase():
                return self._best_phrase(clause, self._marks)
            case Variants():
                return _best(chain.from_iterable(self._variants(clause, f) for f in clause.fields))
            case Pair(term):
                return _times(PAIR_WEIGHT, self._term(PAIRS, term))
            case AnyOf(clauses):
                return _any([self._clause(each) for each in clauses])
            case AllOf(clauses, excluded):
                without = [self._exclusion(each) for each in excluded]
                return _boolean([self._clause(each) for each in clauses], [], without)
            case Dates(first, last):
                kind = tantivy.FieldType.Integer
                dated = tantivy.Query.range_query(self._schema, "date", kind, first, last)
                return _condition(dated)
            case Issue(key):
                return _condition(self._term("issue" + VALUE_SUFFIX, key))
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    def _exclusion(self, clause: Clause) -> tantivy.Query:
        """What excludes an article: tiers 1 and 2, not text that lost its marks."""
        match clause:
            case Word(syllable, fields):
                return _any([self._one_form(field, syllable, worst=2) for field in fields])
            case Variants(forms, fields):
                terms = [form_term(key, form) for key, form, grade in forms if grade <= 2]
                return _any([self._one_of(field, terms) for field in fields])
            case Phrase(syllables, fields):
                keys = [syllable.key for syllable in syllables]
                return _any(
                    [
                        self._any_at(field, terms, offsets)
                        for field in fields
                        for grades in [[self._grades(field, s, self._marks) for s in syllables]]
                        for terms in [_up_to(2, keys, grades)]
                        for offsets in clause.offsets()
                    ]
                )
            case AnyOf(clauses):
                return _any([self._exclusion(each) for each in clauses])
            case AllOf(clauses, excluded):
                without = [self._exclusion(each) for each in excluded]
                return _boolean([self._exclusion(each) for each in clauses], [], without)
            case Pair() | Dates() | Issue():
                return self._clause(clause)
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    # --- words: the terms of the forms that are let in, each weighing what its key would weigh

    def _word(self, word: Word, field: str) -> list[tantivy.Query]:
        syllable = word.syllable
        key = syllable.key
        having = self._frequency(field, key)
        weight = FIELD_WEIGHTS.get(field, 1.0) * word.weight
        found = list(self._stand_ins(word, field, weight * self._rarity(having)))
        if not having:
            return found
        if syllable.is_bare and self._marks is not Marks.EXACT:
            found.append(_times(weight, self._term(field, key)))
            of_likely = self._frequency(field + FORM_SUFFIX, form_term(key, word.likely))
            graded = {word.likely: (1, of_likely)} if of_likely else {}
        else:
            graded = self._graded(field, syllable, self._marks)
        for form, (grade, of_form) in graded.items():
            worth = self._worth(grade, having, of_form)
            if form == word.likely:
                worth += LIKELY_WEIGHT
            found.append(self._weighted(field, key, form, grade, weight * worth))
        return found

    def _stand_ins(self, word: Word, field: str, weight: float) -> Iterator[tantivy.Query]:
        """What says the same as a word, each as a whole of some weight."""
        for keys in word.stand_ins:
            counts = [self._frequency(field, key) for key in keys]
            if all(counts):
                worth = stand_in_worth(word) / sum(map(self._rarity, counts))
                yield _times(weight * worth, self._terms_at(field, keys, range(len(keys))))

    def _variants(self, variants: Variants, field: str) -> list[tantivy.Query]:
        """Each weighs what the commonest weighs."""
        weight = FIELD_WEIGHTS.get(field, 1.0)
        terms = [
            (key, form, grade, having)
            for key, form, grade in variants.forms
            if (having := self._frequency(field + FORM_SUFFIX, form_term(key, form)))
        ]
        most = max((having for *_, having in terms), default=0)
        return [
            self._weighted(field, key, form, grade, weight * self._worth(grade, most, having))
            for key, form, grade, having in terms
        ]

    def _worth(self, grade: int, having: int, of_form: int) -> float:
        """By what a form of a grade is multiplied to weigh what a term weighs that others have.

        Args: how many articles have that term, and how many the form.
        """
        return TIER_WEIGHTS[grade] * self._rarity(having) / self._rarity(of_form)

    def _weighted(
        self, field: str, key: str, form: str, grade: int, weight: float
    ) -> tantivy.Query:
        scored = _times(weight, self._form(field, key, form))
        if not self._ranks_by_tier:
            return scored
        bonus = tier_bonus(grade, self._marks)
        return _boolean([scored, tantivy.Query.const_score_query(scored, bonus)])

    def _graded(self, field: str, syllable: Syllable, marks: Marks) -> dict[str, tuple[int, int]]:
        """The forms in a field that are let in: the grade of each, and how many have it."""
        if marks is Marks.EXACT:
            term = form_term(syllable.key, syllable.form)
            count = self._frequency(field + FORM_SUFFIX, term)
            return {syllable.form: (1, count)} if count else {}
        return {
            form: (grade, count)
            for form, count in self._forms(field, syllable.key)
            if (grade := syllable.grade(form, marks)) is not None
        }

    def _forms(self, field: str, key: str) -> list[tuple[str, int]]:
        """The forms of a key in a field, and how many articles have each."""
        prefix = form_term(key, "")
        terms = self._searcher.terms_with_prefix(field + FORM_SUFFIX, prefix)
        return [(term[len(prefix) :], count) for term, count in terms]

    def _one_form(self, field: str, syllable: Syllable, worst: int) -> tantivy.Query:
        """Any form of a syllable that is let in by some grade, or by a better one."""
        graded = self._graded(field, syllable, self._marks).items()
        terms = [form_term(syllable.key, form) for form, (grade, _) in graded if grade <= worst]
        return self._one_of(field, terms)

    def _one_of(self, field: str, terms: list[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, field + FORM_SUFFIX, terms)

    def _rarity(self, having: int) -> float:
        return inverse_frequency(self._searcher.num_docs, having)

    # --- phrases: any form that is let in at each place; they weigh what the keys would weigh

    def _best_phrase(self, phrase: Phrase, marks: Marks) -> tantivy.Query:
        return _best(chain.from_iterable(self._phrase(phrase, f, marks) for f in phrase.fields))

    def _phrase(self, phrase: Phrase, field: str, marks: Marks) -> list[tantivy.Query]:
        """One for each grade that lets in more than a better one; the best of them counts."""
        weight = FIELD_WEIGHTS.get(field, 1.0) * phrase.weight
        keys = [syllable.key for syllable in phrase.syllables]
        frequencies = [self._frequency(field, key) for key in keys]
        if not all(frequencies):
            return []
        if marks is not Marks.EXACT and all(s.is_bare for s in phrase.syllables):
            in_ways = [self._terms_at(field, keys, offsets) for offsets in phrase.offsets()]
            return [_times(weight, _any(in_ways))]
        rarity = sum(map(self._rarity, frequencies))
        grades = [self._grades(field, syllable, marks) for syllable in phrase.syllables]
        if not all(grades):
            return []
        found = []
        for grade in sorted({grade for some in grades for grade in some.values()}):
            terms = _up_to(grade, keys, grades)
            if all(terms):
                in_ways = [self._any_at(field, terms, offsets) for offsets in phrase.offsets()]
                worth = TIER_WEIGHTS[grade] * rarity / self._rarity_of_phrase(field, terms)
                found.append(_times(weight * worth, _any(in_ways)))
        return found

    def _grades(self, field: str, syllable: Syllable, marks: Marks) -> dict[str, int]:
        """The grade of each form that is let in; what has no marks lets in all as the best."""
        if syllable.is_bare and marks is not Marks.EXACT:
            return dict.fromkeys((form for form, _ in self._forms(field, syllable.key)), 1)
        return {form: grade for form, (grade, _) in self._graded(field, syllable, marks).items()}

    def _any_at(
        self, field: str, terms: Sequence[Sequence[str]], offsets: Sequence[int]
    ) -> tantivy.Query:
        """At each place any of some forms."""
        if not all(terms):
            return tantivy.Query.empty_query()
        if all(len(some) == 1 for some in terms):
            return self._terms_at(field + FORM_SUFFIX, [some[0] for some in terms], offsets)
        patterns = [_pattern(some) for some in terms]
        words: list[str | tuple[int, str]] = list(zip(offsets, patterns, strict=True))
        return tantivy.Query.regex_phrase_query(self._schema, field + FORM_SUFFIX, words)

    def _rarity_of_phrase(self, field: str, terms: Sequence[Sequence[str]]) -> float:
        """What tantivy makes a phrase weigh: it takes a pattern for a term, which nothing has."""
        if all(len(some) == 1 for some in terms):
            counts = [self._frequency(field + FORM_SUFFIX, some[0]) for some in terms]
            return sum(map(self._rarity, counts))
        return len(terms) * self._rarity(0)

    # --- terms

    def _frequency(self, field: str, term: str) -> int:
        return self._searcher.doc_freq(field, term)

    def _term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term)

    def _form(self, field: str, key: str, form: str) -> tantivy.Query:
        return self._term(field + FORM_SUFFIX, form_term(key, form))

    def _terms_at(self, field: str, terms: Sequence[str], offsets: Sequence[int]) -> tantivy.Query:
        if len(terms) == 1:
            return self._term(field, terms[0])
        words: list[str | tuple[int, str]] = list(zip(offsets, terms, strict=True))
        return tantivy.Query.phrase_query(self._schema, field, words)


def _up_to(worst: int, keys: Sequence[str], grades: Sequence[dict[str, int]]) -> list[list[str]]:
    """The forms, as terms, that are let in at each place by a grade or a better one."""
    return [
        [form_term(key, form) for form, grade in some.items() if grade <= worst]
        for key, some in zip(keys, grades, strict=True)
    ]


def _pattern(terms: Sequence[str]) -> str:
    """Any of some terms, as a regular expression that is itself no term."""
    return f"({'|'.join(terms)})"


def _times(weight: float, query: tantivy.Query) -> tantivy.Query:
    return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)


def _condition(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


def _everything() -> tantivy.Query:
    return _condition(tantivy.Query.all_query())


def _best(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    """The best of some counts."""
    found = list(queries)
    return found[0] if len(found) == 1 else tantivy.Query.disjunction_max_query(found)


def _any(queries: list[tantivy.Query]) -> tantivy.Query:
    return queries[0] if len(queries) == 1 else _boolean([], queries)


def _at_least(queries: list[tantivy.Query], number: int) -> tantivy.Query:
    if number == len(queries):
        return _boolean(queries)
    if number == 1:
        return _any(queries)
    should = [(Occur.Should, query) for query in queries]
    return tantivy.Query.boolean_query(should, minimum_number_should_match=number)


def _boolean(
    must: Sequence[tantivy.Query],
    should: Sequence[tantivy.Query] = (),
    must_not: Sequence[tantivy.Query] = (),
) -> tantivy.Query:
    """All of some queries, better with others. Where there are only exclusions, all but those."""
    if not must and not should:
        must = [_everything()]
    return tantivy.Query.boolean_query(
        [
            *((Occur.Must, query) for query in must),
            *((Occur.Should, query) for query in should),
            *((Occur.MustNot, query) for query in must_not),
        ]
    )
