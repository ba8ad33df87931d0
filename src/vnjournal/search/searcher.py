"""Searching an archive: from what a reader types to a page of hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from vnjournal.articles.article import Article
from vnjournal.index.engine import Engine, Found, Sort
from vnjournal.index.query import Clause, Marks, Query
from vnjournal.search.parse import parse
from vnjournal.search.results import Hit, Results
from vnjournal.search.retrieve import retrieve
from vnjournal.search.similar import query_like
from vnjournal.search.suggest import Suggester
from vnjournal.search.vocabulary import Vocabulary
from vnjournal.text.spans import Edit

#: The articles of some ids that are stored, each with the edits that are indexed with it.
Fetch = Callable[[Sequence[str]], Mapping[str, tuple[Article, Mapping[str, Sequence[Edit]]]]]


class Searcher:
    """Answers queries over one state of an index.

    Args: ``engine``: has the index; ``fetch``: has the articles.
    """

    def __init__(self, engine: Engine, fetch: Fetch) -> None:
        self._engine = engine
        self._fetch = fetch
        self._words: Vocabulary | None = None

    def search(
        self,
        query: str,
        filters: Sequence[Clause],
        marks: Marks,
        limit: int,
        offset: int,
        sort: Sort,
    ) -> Results:
        """Answer a query in the query language; see :meth:`vnjournal.archive.Archive.search`."""
        parsed = parse(query).filtered(filters)
        if parsed.asks_nothing:
            notes = (*parsed.notes, "the query holds no word to search for")
            return Results(query, 0, (), notes=notes)
        answer = retrieve(self._engine, self._vocabulary, parsed, marks, limit, offset, sort)
        return Results(
            query=query,
            total=answer.found.total,
            hits=tuple(self._hits(answer.query, answer.found)),
            relaxed=answer.relaxed,
            notes=parsed.notes,
            reading=answer.reading,
            total_is_least=answer.is_cut,
            count=partial(self._engine.facets, answer.query),
            suggest=lambda: self._suggester().meant(parsed, found_few=bool(answer.relaxed)),
        )

    def similar(self, id: str, limit: int) -> list[Hit]:
        """Articles that are like the one of an id, the likest first; none if there is no such."""
        given = self._fetch([id]).get(id)
        if given is None:
            return []
        query = query_like(*given)
        hits = self._hits(query, self._engine.search(query, limit + 1))
        return [hit for hit in hits if hit.id != id][:limit]

    def _hits(self, query: Query, found: Found) -> Iterator[Hit]:
        stored = self._fetch([id for id, _ in found.hits])
        for id, score in found.hits:
            if id in stored:  # else deleted by another process since the index was read
                yield Hit(*stored[id], query, score)

    def complete(self, typed: str, limit: int) -> list[str]:
        """What was typed with its last word completed."""
        return self._suggester().completions(typed, limit)

    def _suggester(self) -> Suggester:
        return Suggester(self._engine, self._vocabulary())

    def _vocabulary(self) -> Vocabulary:
        if self._words is None:
            self._words = Vocabulary(self._engine.words())
        return self._words
