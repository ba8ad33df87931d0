"""The default engine: tantivy, embedded, native code.

Terms go to fields with the whitespace tokenizer as one space-joined string, which is several times
cheaper than handing over tokens, with the same scores. Tiers are said with native queries: the
folded field gives the weight, a regular expression over the field of forms gives the condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import tantivy
from tantivy import Occur

from vnjournal.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked
from vnjournal.index.analysis import AS_WRITTEN, FIELDS, Document
from vnjournal.index.engine import (
    FIELD_WEIGHTS,
    FIRST_STEP,
    FORM_SUFFIX,
    TIER_STEP,
    TIER_WEIGHTS,
    Found,
    Sort,
)
from vnjournal.index.query import Clause, Marks, Phrase, Query, Syllable, Word

_WRITER_MEMORY = 20_000_000  # bytes; a batch needs no more, and a larger heap stays in memory
_OLDEST, _NEWEST = tantivy.Order.Asc, tantivy.Order.Desc
_NO_SPACE = (
    "No space left",
    "File too large",
    "Disk quota",
    "StorageFull",
    "FileTooLarge",
    "An index writer was killed",  # all it says when a thread of its could not write
)
_NO_ENTRY = ("Read-only file system", "Permission denied")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in (*FIELDS, AS_WRITTEN):
        for field in (name, name + FORM_SUFFIX):
            builder.add_text_field(field, tokenizer_name="whitespace")
    builder.add_text_field("issue", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("year", indexed=True, fast=True)
    builder.add_integer_field("date", fast=True)
    return builder.build()


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn what tantivy raises into the package's own errors; a panic is no Exception there."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and type(error).__name__ != "PanicException":
            raise
        message = str(error)
        if any(sign in message for sign in _NO_SPACE):
            raise ArchiveFull(
                "the disk is full or the index file may not grow: make room, then run the "
                "command again"
            ) from error
        if "LockBusy" in message:
            raise ArchiveLocked(
                "another process is writing to the index: try again when it has finished"
            ) from error
        if any(sign in message for sign in _NO_ENTRY):
            raise ArchiveError(
                "the archive's folder cannot be written, which searching needs too: "
                "change its permissions, or copy it to a folder of your own"
            ) from error
        raise ArchiveDamaged(
            f"the index cannot be read ({message.splitlines()[0][:200]}): run 'vnjournal rebuild'"
        ) from error


class TantivyEngine:
    """See :class:`vnjournal.index.engine.Engine`."""

    name = "tantivy"

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    @_reporting()
    def create(cls, folder: Path) -> Self:
        return cls(tantivy.Index(_schema(), path=str(folder), reuse=False))

    @classmethod
    @_reporting()
    def open(cls, folder: Path) -> Self:
        return cls(tantivy.Index.open(str(folder)))

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> None:
        with _reporting():
            writer = self._index.writer(_WRITER_MEMORY, num_threads=1)
        try:
            for id in deleted:
                with _reporting():
                    writer.delete_documents_by_term("id", id)
            for document in documents:
                native = self._document(document)
                with _reporting():
                    writer.delete_documents_by_term("id", document.id)
                    writer.add_document(native)
            with _reporting():
                writer.commit()
                writer.wait_merging_threads()
        finally:
            del writer  # and with it tantivy's lock, which would keep other processes out
        self.refresh()

    def _document(self, document: Document) -> tantivy.Document:
        native = tantivy.Document()
        native.add_text("id", document.id)
        for name, terms in document.terms.items():
            native.add_text(name, " ".join([term.key for term in terms]))
            native.add_text(name + FORM_SUFFIX, " ".join([term.form for term in terms]))
        if document.issue:
            native.add_text("issue", document.issue)
        native.add_integer("year", document.year)
        native.add_integer("date", document.date)
        return native

    @_reporting()
    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        native = _Translation(self._schema, query).query()
        count = max(self._searcher.num_docs, 1)  # tantivy sets memory aside for all it is asked for
        limit, offset = min(limit, count), min(offset, count)
        by_relevance = sort is Sort.RELEVANCE
        if by_relevance:
            result = self._searcher.search(native, limit, count=True, offset=offset)
        else:
            order = _NEWEST if sort is Sort.NEWEST else _OLDEST
            result = self._searcher.search(
                native, limit, count=True, offset=offset, order_by_field="date", order=order
            )
        hits = [
            (self._searcher.doc(address)["id"][0], score if by_relevance else 0.0)
            for score, address in result.hits
        ]
        return Found(result.count, hits)  # type: ignore[attr-defined]

    @_reporting()
    def refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    @_reporting()
    def ids(self) -> set[str]:
        count = self._searcher.num_docs
        if not count:
            return set()
        found = self._searcher.search(tantivy.Query.all_query(), count, count=False)
        return {self._searcher.doc(address)["id"][0] for _, address in found.hits}

    def close(self) -> None:
        pass  # files are held by the searcher only


class _Translation:
    """One query in tantivy's terms."""

    def __init__(self, schema: tantivy.Schema, query: Query) -> None:
        self._schema = schema
        self._query = query

    def query(self) -> tantivy.Query:
        asked = self._query
        parts: list[tuple[Occur, tantivy.Query]] = []
        words = [(Occur.Should, self._clause(word)) for word in asked.words]
        if words:
            parts.append((Occur.Must, _at_least(words, asked.at_least)))
            if asked.first > asked.at_least:
                first = _at_least(words, asked.first)
                parts.append((Occur.Should, tantivy.Query.const_score_query(first, FIRST_STEP)))
        parts += [(Occur.Must, self._clause(clause)) for clause in asked.required]
        parts += [(Occur.Must, self._condition(filter)) for filter in self._filters()]
        if not parts:
            parts.append((Occur.Must, tantivy.Query.all_query()))
        parts += [(Occur.MustNot, self._exclusion(clause)) for clause in asked.excluded]
        return tantivy.Query.boolean_query(parts)

    def _filters(self) -> Iterable[tantivy.Query]:
        if self._query.years is not None:
            first, last = self._query.years
            yield tantivy.Query.range_query(
                self._schema, "year", tantivy.FieldType.Integer, first, last
            )
        if self._query.issue:
            yield tantivy.Query.term_query(self._schema, "issue", self._query.issue)

    def _clause(self, clause: Clause) -> tantivy.Query:
        """The best field counts."""
        found = [
            self._word(clause, field) if isinstance(clause, Word) else self._phrase(clause, field)
            for field in clause.fields
        ]
        return found[0] if len(found) == 1 else tantivy.Query.disjunction_max_query(found)

    def _exclusion(self, clause: Clause) -> tantivy.Query:
        """What excludes an article: tiers 1 and 2, not text that lost its marks."""
        asked = clause.syllables if isinstance(clause, Phrase) else (clause.syllable,)
        exact = self._query.marks is Marks.EXACT
        patterns = [syllable.form if exact else syllable.more_pattern for syllable in asked]
        found = [
            self._form_phrase(field + FORM_SUFFIX, patterns)
            if len(patterns) > 1
            else self._forms(field, patterns[0])
            for field in clause.fields
        ]
        return tantivy.Query.boolean_query([(Occur.Should, query) for query in found])

    def _word(self, word: Word, field: str) -> tantivy.Query:
        syllable = word.syllable
        base = tantivy.Query.term_query(self._schema, field, syllable.key)
        return self._graded(
            base,
            field,
            bare=syllable.is_bare,
            accepted=self._forms(field, syllable.pattern),
            more=self._forms(field, syllable.more_pattern),
            exact=self._form(field, syllable),
        )

    def _phrase(self, phrase: Phrase, field: str) -> tantivy.Query:
        syllables = phrase.syllables
        forms = field + FORM_SUFFIX
        return self._graded(
            tantivy.Query.phrase_query(self._schema, field, [s.key for s in syllables]),
            field,
            bare=all(syllable.is_bare for syllable in syllables),
            accepted=self._form_phrase(forms, [s.pattern for s in syllables]),
            more=self._form_phrase(forms, [s.more_pattern for s in syllables]),
            exact=tantivy.Query.phrase_query(self._schema, forms, [s.form for s in syllables]),
        )

    def _graded(
        self,
        base: tantivy.Query,
        field: str,
        *,
        bare: bool,
        accepted: tantivy.Query,
        more: tantivy.Query,
        exact: tantivy.Query,
    ) -> tantivy.Query:
        """The folded match, let through and weighted by the best tier that its forms reach."""
        weight = FIELD_WEIGHTS.get(field, 1.0)
        marks = self._query.marks
        if marks is Marks.EXACT:
            return _both(tantivy.Query.boost_query(base, weight), self._condition(exact))
        if bare:
            return tantivy.Query.boost_query(base, weight)
        step = TIER_STEP if self._query.ranks_by_tier else 0.0
        lowest = 0 if marks is Marks.LOOSE else 3
        below = TIER_WEIGHTS[lowest]
        floor = tantivy.Query.boost_query(base, weight * below)
        parts = [(Occur.Must, floor if lowest == 0 else _both(floor, self._condition(accepted)))]
        tiers = [(2, more), (1, exact)] if lowest else [(3, accepted), (2, more), (1, exact)]
        for tier, condition in tiers:
            bonus = tantivy.Query.boost_query(base, weight * (TIER_WEIGHTS[tier] - below))
            granted = tantivy.Query.const_score_query(condition, step)
            parts.append((Occur.Should, _both(bonus, granted)))
            below = TIER_WEIGHTS[tier]
        return tantivy.Query.boolean_query(parts)

    def _forms(self, field: str, pattern: str) -> tantivy.Query:
        return tantivy.Query.regex_query(self._schema, field + FORM_SUFFIX, pattern)

    def _form(self, field: str, syllable: Syllable) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field + FORM_SUFFIX, syllable.form)

    def _form_phrase(self, forms: str, patterns: list[str]) -> tantivy.Query:
        words: list[str | tuple[int, str]] = list(patterns)
        return tantivy.Query.regex_phrase_query(self._schema, forms, words)

    def _condition(self, query: tantivy.Query) -> tantivy.Query:
        return tantivy.Query.const_score_query(query, 0.0)


def _both(scored: tantivy.Query, condition: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, scored), (Occur.Must, condition)])


def _at_least(words: list[tuple[Occur, tantivy.Query]], number: int) -> tantivy.Query:
    return tantivy.Query.boolean_query(words, minimum_number_should_match=number)
