"""How the Whoosh engine answers: matching and scoring, term at a time over Whoosh's postings.

Whoosh's own matchers know neither "at least so many of these" nor tiers, and follow shortcuts that
give wrong totals. The rules and scores are those of :mod:`vnjournal.index.tantivy_engine`, said in
plain Python.

A text field holds one term a syllable, ``key:form``: the forms of a key stand side by side in the
vocabulary, and one pass over them yields term frequency, document frequency and tiers at once.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from vnjournal.index.analysis import form_term
from vnjournal.index.engine import (
    BM25_B,
    BM25_K1,
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
    CONTRADICTING,
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
    offsets,
)

with warnings.catch_warnings():  # as in whoosh_engine
    warnings.simplefilter("ignore")
    from whoosh.formats import Positions
    from whoosh.reading import ReaderClosed

#: Suffix of the column with the number of terms in a field.
LENGTH_SUFFIX = "_length"

_NEVER = CONTRADICTING + 1  # the grade of a form that is not let in


class Snapshot:
    """The index at one moment, with documents numbered through all its segments."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._segments = reader.leaf_readers() if reader.doc_count_all() else []
        self._columns: dict[str, list[int]] = {}
        self._norms: dict[str, list[float]] = {}
        self.count: int = reader.doc_count()

    def close(self) -> None:
        for reader, _ in self._segments:
            with suppress(ReaderClosed):
                reader.close()

    def live(self) -> list[int]:
        """The numbers of all documents that are not deleted."""
        return [
            number + offset for reader, offset in self._segments for number in reader.all_doc_ids()
        ]

    def id(self, number: int) -> str:
        found: str = self._reader.stored_fields(number)["id"]
        return found

    def ids(self) -> set[str]:
        return {self.id(number) for number in self.live()}

    def numbers(self, ids: Iterable[str]) -> list[int]:
        """The numbers of documents by id."""
        return [number for id in ids for number in self.having("id", id)]

    def having(self, field: str, text: str) -> Iterator[int]:
        """The documents that have a text as the value of a field."""
        for reader, offset in self._segments:
            if (field, text) in reader:
                for number in reader.postings(field, text).all_ids():
                    yield number + offset

    def column(self, name: str) -> list[int]:
        """A value of each document, by its number."""
        if name not in self._columns:
            self._columns[name] = [
                value for reader, _ in self._segments for value in reader.column_reader(name)
            ]
        return self._columns[name]

    def norms(self, field: str) -> list[float]:
        """What BM25 adds to the term frequency for a field's length, by document number."""
        if field not in self._norms:
            lengths = self.column(field + LENGTH_SUFFIX)
            average = sum(lengths) / len(lengths) or 1.0
            self._norms[field] = [
                BM25_K1 * (1 - BM25_B + BM25_B * _rounded(length) / average) for length in lengths
            ]
        return self._norms[field]

    def terms(self, field: str, prefix: str) -> list[str]:
        """The terms of a field that begin with a prefix."""
        found = {
            term.decode()
            for reader, _ in self._segments
            if field in reader.indexed_field_names()
            for term in reader.expand_prefix(field, prefix)
        }
        return sorted(found)

    def document_counts(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Each term of a field that begins so, and in how many documents it stands."""
        for term in self.terms(field, prefix):
            yield term, self.document_count(field, term)

    def document_count(self, field: str, term: str) -> int:
        """In how many documents a term stands in a field, deleted ones among them."""
        return sum(reader.doc_frequency(field, term) for reader, _ in self._segments)

    def frequencies(self, field: str, term: str) -> dict[int, float]:
        """How often a term stands in a field, by document number."""
        found = {}
        for matcher, offset in self._postings(field, term):
            while matcher.is_active():
                found[matcher.id() + offset] = matcher.weight()
                matcher.next()
        return found

    def positions(self, field: str, term: str) -> Iterator[tuple[int, bytes]]:
        """Where a term stands in a field: document numbers, and positions as Whoosh packs them."""
        for matcher, offset in self._postings(field, term):
            while matcher.is_active():
                yield matcher.id() + offset, matcher.value()
                matcher.next()

    def _postings(self, field: str, term: str) -> Iterator[tuple[Any, int]]:
        for reader, offset in self._segments:
            if (field, term) in reader:
                yield reader.postings(field, term), offset


def _rounded(length: int) -> int:
    """A field's length as Lucene and tantivy keep it: four significant bits above 24."""
    if length < 24:
        return length
    shift = max((length - 24).bit_length() - 4, 0)
    return 24 + ((length - 24) >> shift << shift)


#: By document: the grade of each form of a key, and its positions as Whoosh packs them.
_Places = dict[int, list[tuple[int, bytes]]]


class Answer:
    """One query, answered from a snapshot: scores by document number, clause by clause."""

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        self._snapshot = snapshot
        self._query = query
        self._marks = query.marks
        self._ranks_by_tier = query.ranks_by_tier

    def scores(self) -> dict[int, float]:
        """The score of each document that answers, by its number."""
        asked = self._query
        parts = [self._clause(clause) for clause in asked.required]
        if asked.words:
            parts.append(self._words())
        scores = self._all(parts, asked.excluded)
        for clause in asked.boosted:
            gain = (
                self._best_phrase(clause, Marks.EXACT)
                if isinstance(clause, Phrase)
                else self._clause(clause)
            )
            for number, score in gain.items():
                if number in scores:
                    scores[number] += score
        return scores

    def _words(self) -> dict[int, float]:
        """Documents with enough of the words; those with so many that they come first stand out."""
        asked = self._query
        found = [self._clause(word) for word in asked.words]
        matched = Counter(chain.from_iterable(found))
        enough = max(asked.at_least, 1)
        first = asked.first if asked.first > asked.at_least else len(found) + 1
        return {
            number: score + (FIRST_STEP if matched[number] >= first else 0.0)
            for number, score in _sum(found).items()
            if matched[number] >= enough
        }

    def _all(self, parts: list[dict[int, float]], excluded: Iterable[Clause]) -> dict[int, float]:
        """Documents that have all parts, and nothing that excludes them."""
        scores = parts[0] if parts else dict.fromkeys(self._snapshot.live(), 0.0)
        for part in parts[1:]:
            scores = {n: score + part[n] for n, score in scores.items() if n in part}
        without = set[int]().union(*map(self._excluded, excluded))
        return {n: score for n, score in scores.items() if n not in without}

    def _clause(self, clause: Clause) -> dict[int, float]:
        match clause:
            case Word():
                return _best(chain.from_iterable(self._word(clause, f) for f in clause.fields))
            case Phrase():
                return self._best_phrase(clause, self._marks)
            case Variants():
                return _best(chain.from_iterable(self._variants(clause, f) for f in clause.fields))
            case Pair(term):
                documents = self._snapshot.frequencies(PAIRS, term)
                return self._bm25(PAIRS, documents, PAIR_WEIGHT * self._rarity(len(documents)))
            case AnyOf(clauses):
                return _sum([self._clause(each) for each in clauses])
            case AllOf(clauses, excluded):
                return self._all([self._clause(each) for each in clauses], excluded)
            case Dates(first, last):
                dates = self._snapshot.column("date")
                return {n: 0.0 for n in self._snapshot.live() if first <= dates[n] <= last}
            case Issue(key):
                return dict.fromkeys(self._snapshot.having("issue" + VALUE_SUFFIX, key), 0.0)
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    def _excluded(self, clause: Clause) -> set[int]:
        """What excludes an article: tiers 1 and 2, not text that lost its marks."""
        match clause:
            case Word(syllable, fields):
                return {
                    number
                    for field in fields
                    for form, documents in self._forms(field, syllable.key).items()
                    if self._grade(syllable, form) <= 2
                    for number in documents
                }
            case Variants(forms, fields):
                return {
                    number
                    for field in fields
                    for key, form, grade in forms
                    if grade <= 2
                    for number in self._documents(field, key, form)
                }
            case Phrase(syllables, fields):
                return {
                    number
                    for field in fields
                    for runs in _runs(clause, self._all_places(field, syllables, self._marks))
                    for number, grades in runs.items()
                    if any(grade <= 2 for grade in grades)
                }
            case AnyOf(clauses):
                return set[int]().union(*map(self._excluded, clauses))
            case AllOf(clauses, excluded):
                parts = [dict.fromkeys(self._excluded(each), 0.0) for each in clauses]
                return set(self._all(parts, excluded))
            case Pair() | Dates() | Issue():
                return set(self._clause(clause))
            case Prefix() | Fuzzy():
                raise TypeError(NOT_EXPANDED)

    # --- words: the forms that are let in, each weighing what its key would weigh

    def _word(self, word: Word, field: str) -> list[dict[int, float]]:
        syllable = word.syllable
        weight = FIELD_WEIGHTS.get(field, 1.0) * word.weight
        forms = self._forms(field, syllable.key)
        of_key = weight * self._rarity(len(set[int]().union(*forms.values())))
        found = list(self._stand_ins(word, field, of_key))
        if syllable.is_bare and self._marks is not Marks.EXACT:
            found.append(self._bm25(field, _sum([*forms.values()]), of_key))
            graded = {word.likely: 1} if word.likely in forms else {}
        else:
            grades = {form: self._grade(syllable, form) for form in forms}
            graded = {form: grade for form, grade in grades.items() if grade != _NEVER}
        for form, grade in graded.items():
            of_form = of_key * TIER_WEIGHTS[grade]
            if form == word.likely:
                of_form += weight * LIKELY_WEIGHT * self._rarity(len(forms[form]))
            found.append(self._weighted(field, forms[form], grade, of_form))
        return found

    def _stand_ins(self, word: Word, field: str, weight: float) -> Iterator[dict[int, float]]:
        """What says the same as a word, each as a whole of some weight."""
        for keys in word.stand_ins:
            run = Phrase(tuple(Syllable(key, key) for key in keys), (field,))
            places = self._all_places(field, run.syllables, Marks.GRADED)
            counts = {n: len(grades) for n, grades in _runs(run, places)[0].items() if grades}
            yield self._bm25(field, counts, weight * stand_in_worth(word))

    def _variants(self, variants: Variants, field: str) -> list[dict[int, float]]:
        """Each weighs what the commonest weighs."""
        terms = [
            (grade, documents)
            for key, form, grade in variants.forms
            if (documents := self._documents(field, key, form))
        ]
        most = max((len(documents) for _, documents in terms), default=0)
        weight = FIELD_WEIGHTS.get(field, 1.0) * self._rarity(most)
        return [
            self._weighted(field, documents, grade, weight * TIER_WEIGHTS[grade])
            for grade, documents in terms
        ]

    def _weighted(
        self, field: str, documents: Mapping[int, float], grade: int, weight: float
    ) -> dict[int, float]:
        scores = self._bm25(field, documents, weight)
        if not self._ranks_by_tier:
            return scores
        bonus = tier_bonus(grade, self._marks)
        return {number: score + bonus for number, score in scores.items()}

    def _grade(self, syllable: Syllable, form: str) -> int:
        return syllable.grade(form, self._marks) or _NEVER

    def _forms(self, field: str, key: str) -> dict[str, dict[int, float]]:
        """The forms of a key in a field: how often each stands in which documents."""
        prefix = form_term(key, "")
        return {
            term.removeprefix(prefix): self._snapshot.frequencies(field + FORM_SUFFIX, term)
            for term in self._snapshot.terms(field + FORM_SUFFIX, prefix)
        }

    def _documents(self, field: str, key: str, form: str) -> dict[int, float]:
        return self._snapshot.frequencies(field + FORM_SUFFIX, form_term(key, form))

    def _rarity(self, having: int) -> float:
        return inverse_frequency(self._snapshot.count, having)

    def _bm25(
        self, field: str, frequencies: Mapping[int, float], weight: float
    ) -> dict[int, float]:
        """Scores of documents, by how often they have something of some weight."""
        weight *= BM25_K1 + 1
        norms = self._snapshot.norms(field) if frequencies else []
        return {
            number: weight * frequency / (frequency + norms[number])
            for number, frequency in frequencies.items()
        }

    # --- phrases: any form that is let in at each place; they weigh what the keys would weigh

    def _best_phrase(self, phrase: Phrase, marks: Marks) -> dict[int, float]:
        return _best(chain.from_iterable(self._phrase(phrase, f, marks) for f in phrase.fields))

    def _phrase(self, phrase: Phrase, field: str, marks: Marks) -> Iterator[dict[int, float]]:
        """One for each grade; the best of them counts."""
        places = self._all_places(field, phrase.syllables, marks)
        rarity = sum(self._rarity(len(places[syllable])) for syllable in phrase.syllables)
        weight = FIELD_WEIGHTS.get(field, 1.0) * phrase.weight * rarity
        in_ways = _runs(phrase, places)
        for worst, worth in TIER_WEIGHTS.items():
            found = []
            for runs in in_ways:
                counts = {n: sum(grade <= worst for grade in grades) for n, grades in runs.items()}
                having = {number: count for number, count in counts.items() if count}
                found.append(self._bm25(field, having, weight * worth))
            yield _sum(found)

    def _all_places(
        self, field: str, asked: Iterable[Syllable], marks: Marks
    ) -> dict[Syllable, _Places]:
        return {syllable: self._places(field, syllable, marks) for syllable in dict.fromkeys(asked)}

    def _places(self, field: str, syllable: Syllable, marks: Marks) -> _Places:
        places: _Places = defaultdict(list)
        prefix = form_term(syllable.key, "")
        is_free = syllable.is_bare and marks is not Marks.EXACT
        for term in self._snapshot.terms(field + FORM_SUFFIX, prefix):
            form = term.removeprefix(prefix)
            grade = 1 if is_free else syllable.grade(form, marks) or _NEVER
            for number, packed in self._snapshot.positions(field + FORM_SUFFIX, term):
                places[number].append((grade, packed))
        return places


def _runs(phrase: Phrase, places: Mapping[Syllable, _Places]) -> list[dict[int, list[int]]]:
    """By document, for each way in which a phrase may stand: the grade of each run that does.

    A run's grade is that of its worst syllable; one that was typed without marks has none.
    """
    asked = phrase.syllables
    ways = [list(zip(asked, way, strict=True)) for way in offsets(len(asked), phrase.gap)]
    found: list[dict[int, list[int]]] = [{} for _ in ways]
    for number in set.intersection(*(set(each) for each in places.values())):
        decoded = {syllable: _decoded(each[number]) for syllable, each in places.items()}
        for placed, of_way in zip(ways, found, strict=True):
            of_way[number] = [
                max(decoded[syllable][start + offset] for syllable, offset in placed)
                for start in decoded[phrase.syllables[0]]
                if all(start + offset in decoded[syllable] for syllable, offset in placed)
            ]
    return found


def _sum(found: Sequence[Mapping[int, float]]) -> dict[int, float]:
    total: dict[int, float] = defaultdict(float)
    for scores in found:
        for number, score in scores.items():
            total[number] += score
    return total


def _best(found: Iterable[dict[int, float]]) -> dict[int, float]:
    best: dict[int, float] = {}
    for scores in found:
        for number, score in scores.items():
            if score > best.get(number, -1.0):
                best[number] = score
    return best


_unpacked = Positions().decode_positions


def _decoded(packed: list[tuple[int, bytes]]) -> dict[int, int]:
    """Position -> grade of the form that stands there."""
    return {position: grade for grade, bytes_ in packed for position in _unpacked(bytes_)}
