"""Peers for search, set up as their manuals say for Vietnamese: fold the accents, rank with BM25.

All get what vnjournal gets (title, body, author, section) and the same meaning of a query: any of
the words, and every phrase and field; bm25s, which knows neither, is asked for all as words. Their
own query parsers are used, with each word quoted, so that no sign in a reader's query is taken for
an operator.
"""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unidecode import unidecode

from vnjournal import Article

if TYPE_CHECKING:
    import tantivy

FIELDS = ("title", "body", "author", "section")

#: A query in, the ids of the best ten articles out.
Searcher = Callable[[str], Sequence[str]]

_PART = re.compile(r'(?:(title|author|section):)?(?:"([^"]+)"|([^\s"]+))')
_WORD = re.compile(r"\w+")
_LIMIT = 10


@dataclass(frozen=True, slots=True)
class _Parts:
    """A query in the library's query language, taken apart for a peer."""

    words: list[str]
    required: list[tuple[str, str]]  # field or nothing, words of a phrase

    @classmethod
    def of(cls, query: str) -> _Parts:
        parts = cls([], [])
        for field, phrase, word in _PART.findall(query):
            text = phrase or word
            if not any(map(str.isalnum, text)):
                continue
            if field or phrase:
                parts.required.append((field, text))
            else:
                parts.words.append(text)
        return parts

    def with_operators(self) -> str:
        """The parts as SQLite and Whoosh both read them: joined by ``AND`` and ``OR``."""
        clauses = [f'{field}:"{text}"' if field else f'"{text}"' for field, text in self.required]
        if self.words:
            clauses.append("(" + " OR ".join(f'"{word}"' for word in self.words) + ")")
        return " AND ".join(clauses)


def sqlite_fts5(articles: Iterable[Article]) -> Searcher:
    """SQLite's full-text index with ``remove_diacritics 2``, in memory."""
    database = sqlite3.connect(":memory:")
    database.execute(
        f"CREATE VIRTUAL TABLE articles USING fts5(id UNINDEXED, {', '.join(FIELDS)}, "
        "tokenize = 'unicode61 remove_diacritics 2')"
    )
    database.executemany(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?)",
        ((a.id, *(getattr(a, field) for field in FIELDS)) for a in articles),
    )

    def search(query: str) -> Sequence[str]:
        found = database.execute(
            "SELECT id FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT ?",
            (_Parts.of(query).with_operators(), _LIMIT),
        )
        return [id for (id,) in found]

    return search


class Tantivy:
    """tantivy with its own tokenizer, lower-casing and ``ascii_fold``, in memory.

    It stores the articles, and gives them back, as whoever shows hits needs them.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for field in FIELDS:
            builder.add_text_field(field, stored=True, tokenizer_name="folded")
        self._index = tantivy.Index(builder.build())
        self._index.register_tokenizer(
            "folded",
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.ascii_fold())
            .build(),
        )
        writer = self._index.writer(num_threads=1)
        for article in articles:
            texts = {field: getattr(article, field) for field in FIELDS}
            writer.add_document(tantivy.Document(id=article.id, **texts))
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, query: str) -> Sequence[str]:
        """The ids of the best ten articles."""
        parts = _Parts.of(query)
        clauses = [
            f'+{field}:"{_escaped(text)}"' if field else f'+"{_escaped(text)}"'
            for field, text in parts.required
        ]
        if parts.words:
            words = (f'"{_escaped(word)}"' for word in parts.words)
            clauses.append("+(" + " ".join(words) + ")")
        return self._ids(self._index.parse_query(" ".join(clauses), list(FIELDS)))

    def words_beginning(self, prefix: str) -> Sequence[str]:
        """The ids of ten articles with words that begin so; the parser knows no prefixes."""
        import tantivy

        pattern = f"{re.escape(unidecode(prefix).lower())}.*"
        of_fields = [
            (tantivy.Occur.Should, tantivy.Query.regex_query(self._index.schema, field, pattern))
            for field in FIELDS
        ]
        return self._ids(tantivy.Query.boolean_query(of_fields))

    def _ids(self, asked: tantivy.Query) -> Sequence[str]:
        found = self._searcher.search(asked, _LIMIT)
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits]


def tantivy_ascii_fold(articles: Iterable[Article]) -> Searcher:
    """See :class:`Tantivy`."""
    return Tantivy(articles).search


def _escaped(text: str) -> str:
    return text.replace("\\", " ")


def whoosh_accent_map(articles: Iterable[Article]) -> Searcher:
    """Whoosh with its standard analyzer and its ``accent_map``, in memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh.analysis import CharsetFilter, StandardAnalyzer
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.filedb.filestore import RamStorage
        from whoosh.qparser import MultifieldParser, OrGroup
        from whoosh.support.charset import accent_map

    analyzer = StandardAnalyzer(stoplist=None, minsize=1) | CharsetFilter(accent_map)
    schema = Schema(id=ID(stored=True), **{field: TEXT(analyzer=analyzer) for field in FIELDS})
    index = RamStorage().create_index(schema)
    writer = index.writer()
    for article in articles:
        writer.add_document(id=article.id, **{field: getattr(article, field) for field in FIELDS})
    writer.commit()
    searcher = index.searcher()
    parser = MultifieldParser(FIELDS, schema, group=OrGroup)

    def search(query: str) -> Sequence[str]:
        asked = parser.parse(_Parts.of(query).with_operators())
        found = searcher.search(asked, limit=_LIMIT)
        return [hit["id"] for hit in found]

    return search


def bm25s_folded(articles: Iterable[Article]) -> Searcher:
    """bm25s (Lucene's BM25) over words between blanks and punctuation, folded by Unidecode."""
    import bm25s

    kept = list(articles)
    texts = (" ".join(getattr(article, field) for field in FIELDS) for article in kept)
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index([_WORD.findall(unidecode(text).lower()) for text in texts], show_progress=False)

    def search(query: str) -> Sequence[str]:
        parts = _Parts.of(query)
        asked = " ".join([*parts.words, *(text for _, text in parts.required)])
        words = _WORD.findall(unidecode(asked).lower())
        found, scores = index.retrieve([words], k=_LIMIT, show_progress=False)
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [kept[number].id for number, score in pairs if score > 0]

    return search


PEERS: dict[str, Callable[[Iterable[Article]], Searcher]] = {
    "SQLite FTS5": sqlite_fts5,
    "tantivy ascii_fold": tantivy_ascii_fold,
    "Whoosh accent_map": whoosh_accent_map,
    "bm25s folded": bm25s_folded,
}
