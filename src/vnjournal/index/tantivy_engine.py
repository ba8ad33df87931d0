"""The default engine: tantivy, embedded, native code.

Terms go to fields with the whitespace tokenizer as one space-joined string, which is several times
cheaper than handing over tokens, with the same scores. What is asked of them is in
:mod:`vnjournal.index.translation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Self

import tantivy

from vnjournal.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked
from vnjournal.index.analysis import FACETS, TEXT_FIELDS, Document, pair_term
from vnjournal.index.engine import (
    DIGEST,
    FORM_SUFFIX,
    PAIRS,
    VALUE_SUFFIX,
    Facets,
    Found,
    Sort,
    counted,
    counted_forms,
    page,
)
from vnjournal.index.query import Query
from vnjournal.index.tantivy_query import TantivyTerms
from vnjournal.index.translation import Translations
from vnjournal.index.words import Words, WordsInMemory

_WRITER_MEMORY = 20_000_000  # bytes; a batch needs no more, and a larger heap stays in memory
# Two would share the articles as it comes: the rounding of scores would differ from archive to
# archive, and with it the order of hits that are alike. They would take a core from the analysis.
_WRITER_THREADS = 1
_MOST_BUCKETS = 65_000  # values that are counted before the commonest are chosen
_ALIKE = 20  # hits behind a page that are looked at for equals of its last one
_ASCENDING, _DESCENDING = tantivy.Order.Asc, tantivy.Order.Desc
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
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field(DIGEST, tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        for field in (name, name + FORM_SUFFIX):
            builder.add_text_field(field, tokenizer_name="whitespace")
    builder.add_text_field(PAIRS, tokenizer_name="whitespace", index_option="freq")
    for name in FACETS[1:]:
        field = name + VALUE_SUFFIX
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("year", fast=True)
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
        self._see()

    def _see(self) -> None:
        """Look at the index as it is now."""
        self._searcher = self._index.searcher()
        self._translations = Translations(TantivyTerms(self._schema, self._searcher))

    @classmethod
    @_reporting()
    def create(cls, folder: Path) -> Self:
        return cls(tantivy.Index(_schema(), path=str(folder), reuse=False))

    @classmethod
    @_reporting()
    def open(cls, folder: Path) -> Self:
        return cls(tantivy.Index.open(str(folder)))

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> Future[None]:
        with _reporting():
            writer = self._index.writer(_WRITER_MEMORY, num_threads=_WRITER_THREADS)

        def commit() -> None:
            nonlocal writer
            try:
                with _reporting():
                    writer.commit()
                    writer.wait_merging_threads()
            finally:
                del writer  # and with it tantivy's lock, which would keep other processes out
            self.refresh()

        try:
            for id in deleted:
                with _reporting():
                    writer.delete_documents_by_term("id", id)
            for document in documents:
                native = self._document(document)
                with _reporting():
                    writer.delete_documents_by_term("id", document.id)
                    writer.add_document(native)
            committing = ThreadPoolExecutor(1)
            done = committing.submit(commit)
        except BaseException:
            del writer
            raise
        committing.shutdown(wait=False)
        return done

    def _document(self, document: Document) -> tantivy.Document:
        native = tantivy.Document()
        native.add_text("id", document.id)
        native.add_text(DIGEST, document.digest)
        for name, terms in document.terms.items():
            native.add_text(name, terms.keys)
            native.add_text(name + FORM_SUFFIX, terms.forms)
        native.add_text(PAIRS, document.pairs)
        for name, values in document.values.items():
            for value in values:
                native.add_text(name + VALUE_SUFFIX, value)
        native.add_integer("year", document.year)
        native.add_integer("date", document.date)
        return native

    @_reporting()
    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        native = self._translations.of(query)
        count = max(self._searcher.num_docs, 1)  # tantivy sets memory aside for all it is asked for
        limit, offset = min(limit, count), min(offset, count)
        order: dict[str, Any] = {}
        if sort is not Sort.RELEVANCE:
            direction = _DESCENDING if sort is Sort.NEWEST else _ASCENDING
            order = {"order_by_field": "date", "order": direction}
        elif not query.is_scored:
            order = {"order_by_field": "id", "order": _ASCENDING}
        last, behind = offset + limit, _ALIKE
        while True:
            result = self._searcher.search(native, min(last + behind, count), count=True, **order)
            found = result.hits
            if len(found) < last + behind or found[last - 1][0] != found[-1][0]:
                break
            behind *= 10
        hits = page(found, lambda address: self._searcher.doc(address)["id"][0], limit, offset)
        if order:
            hits = [(id, 0.0) for id, _ in hits]
        return Found(result.count, hits)  # type: ignore[attr-defined]

    @_reporting()
    def facets(self, query: Query) -> Facets:
        native = self._translations.of(query)
        fields = {name: name if name == "year" else name + VALUE_SUFFIX for name in FACETS}
        counts: Facets = {}
        for name, field in fields.items():  # one by one: tantivy bounds the values of all together
            asked = {name: {"terms": {"field": field, "size": _MOST_BUCKETS}}}
            buckets = self._searcher.aggregate(native, asked)[name]["buckets"]
            counts[name] = counted(buckets)
        return counts

    @_reporting()
    def refresh(self) -> None:
        self._index.reload()
        self._see()

    @_reporting()
    def words(self) -> Words:
        terms = self._searcher.terms_with_prefix
        return WordsInMemory(
            counted_forms(
                chain.from_iterable(terms(field + FORM_SUFFIX, "") for field in TEXT_FIELDS)
            )
        )

    @_reporting()
    def pair_counts(self, pairs: Sequence[str]) -> list[int]:
        return [self._searcher.doc_freq(PAIRS, pair) for pair in pairs]

    @_reporting()
    def following(self, key: str, beginning: str, limit: int) -> dict[str, int]:
        before = pair_term(key, "")
        pairs = self._searcher.terms_with_prefix(PAIRS, before + beginning, limit=limit)
        return {pair.removeprefix(before): count for pair, count in pairs}

    @_reporting()
    def ids(self) -> set[str]:
        count = self._searcher.num_docs
        if not count:
            return set()
        found = self._searcher.search(tantivy.Query.all_query(), count, count=False)
        return {self._searcher.doc(address)["id"][0] for _, address in found.hits}

    @_reporting()
    def held(self, documents: Iterable[Document]) -> set[str]:
        return {document.id for document in documents if self._holds(document.digest)}

    def _holds(self, digest: str) -> bool:
        query = tantivy.Query.term_query(self._schema, DIGEST, digest)
        return bool(self._searcher.search(query, 1).hits)

    def close(self) -> None:
        pass  # files are held by the searcher only
