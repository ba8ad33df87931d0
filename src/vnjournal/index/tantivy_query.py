"""What tantivy offers to a query's translation; see :mod:`vnjournal.index.translation`."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy
from tantivy import Occur

from vnjournal.index.analysis import form_term
from vnjournal.index.engine import FORM_SUFFIX, inverse_frequency
from vnjournal.index.query import offsets


class TantivyTerms:
    """One state of an index; see :class:`vnjournal.index.translation.Native`."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher

    def documents(self, field: str) -> int:  # noqa: ARG002  the same for all
        return self._searcher.num_docs

    def frequency(self, field: str, term: str) -> int:
        return self._searcher.doc_freq(field, term)

    def forms(self, field: str, key: str) -> list[tuple[str, int]]:
        prefix = form_term(key, "")
        terms = self._searcher.terms_with_prefix(field + FORM_SUFFIX, prefix)
        return [(term[len(prefix) :], count) for term, count in terms]

    def term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term)

    def one_of(self, field: str, terms: Sequence[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, field, list(terms))

    def run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> tantivy.Query:
        ways = [self._at(field, places, way) for way in offsets(len(places), gap)]
        return ways[0] if len(ways) == 1 else self.at_least(ways, 1)

    def _at(self, field: str, places: Sequence[Sequence[str]], way: Sequence[int]) -> tantivy.Query:
        words: list[str | tuple[int, str]]
        if all(len(some) == 1 for some in places):
            words = [(at, some[0]) for at, some in zip(way, places, strict=True)]
            return tantivy.Query.phrase_query(self._schema, field, words)
        words = [(at, _pattern(some)) for at, some in zip(way, places, strict=True)]
        return tantivy.Query.regex_phrase_query(self._schema, field, words)

    def rarity_of_run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> float:  # noqa: ARG002
        if all(len(some) == 1 for some in places):
            counts = [self.frequency(field, some[0]) for some in places]
        else:
            counts = [0] * len(places)  # tantivy takes a pattern for a term, which nothing has
        return sum(inverse_frequency(self._searcher.num_docs, count) for count in counts)

    def dated(self, first: int, last: int) -> tantivy.Query:
        kind = tantivy.FieldType.Integer
        return tantivy.Query.range_query(self._schema, "date", kind, first, last)

    def constant(self, query: tantivy.Query, score: float) -> tantivy.Query:
        return tantivy.Query.const_score_query(query, score)

    def times(self, weight: float, query: tantivy.Query) -> tantivy.Query:
        return tantivy.Query.boost_query(query, weight)

    def everything(self) -> tantivy.Query:
        return self.constant(tantivy.Query.all_query(), 0.0)

    def nothing(self) -> tantivy.Query:
        return tantivy.Query.empty_query()

    def best(self, queries: list[tantivy.Query]) -> tantivy.Query:
        return tantivy.Query.disjunction_max_query(queries)

    def at_least(self, queries: list[tantivy.Query], number: int) -> tantivy.Query:
        should = [(Occur.Should, query) for query in queries]
        if number == 1:
            return tantivy.Query.boolean_query(should)
        return tantivy.Query.boolean_query(should, minimum_number_should_match=number)

    def boolean(
        self,
        must: Sequence[tantivy.Query],
        should: Sequence[tantivy.Query],
        must_not: Sequence[tantivy.Query],
    ) -> tantivy.Query:
        return tantivy.Query.boolean_query(
            [
                *((Occur.Must, query) for query in must),
                *((Occur.Should, query) for query in should),
                *((Occur.MustNot, query) for query in must_not),
            ]
        )


def _pattern(terms: Sequence[str]) -> str:
    """Any of some terms, as a regular expression that is itself no term."""
    return f"({'|'.join(terms)})"
