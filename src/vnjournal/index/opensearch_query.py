"""What OpenSearch offers to a query's translation; see :mod:`vnjournal.index.translation`.

Queries are those of its own query language. How rare a term is over all shards is asked for
together: a translation is tried, what it wanted to know is looked up, and it is tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from opensearchpy import OpenSearch

from vnjournal.index.analysis import SENTENCE_END, form_term, key_and_form
from vnjournal.index.engine import BM25_K1, FORM_SUFFIX, inverse_frequency
from vnjournal.index.query import Query
from vnjournal.index.translation import Translations
from vnjournal.index.words import Words

_LEAVES = {"term", "terms", "range", "match_phrase", "match_all", "match_none", "span_term"}

#: A query in OpenSearch's query language.
Dsl = dict[str, Any]

_MOST_REMEMBERED = 500_000  # terms
_ASKED_TOGETHER = 20_000  # terms
_MOST_LEAVES = 1_000  # of a query; a cluster takes 1,024 if nobody has told it otherwise


def scale(version: tuple[int, int]) -> float:
    """By what a version's scores are to be multiplied: from 3 on it leaves out a factor of BM25.

    >>> scale((2, 19)), scale((3, 6))
    (1.0, 2.2)
    """
    return 1.0 if version < (3, 0) else BM25_K1 + 1


class Statistics:
    """In how many documents terms stand, over all shards; what was asked for is remembered.

    A shard counts the terms of a document that is only shown to it: a way that costs a look into
    its dictionary for each term. The same counts are what a search with global frequencies scores
    by.

    Args: ``index``: its name or alias; ``routes``: for each shard a routing that leads there.
    """

    def __init__(self, client: OpenSearch, index: str, routes: Sequence[str]) -> None:
        self._client = client
        self._index = index
        self._routes = routes
        self._counts: dict[tuple[str, str], int] = {}
        self._documents: dict[str, int] = {}
        self._wanted: dict[str, dict[str, None]] = defaultdict(dict)

    def documents(self, field: str) -> int:
        """How many documents have a field; 1 until it was looked up."""
        if field not in self._documents:
            self._wanted[field][SENTENCE_END] = None
            return 1
        return self._documents[field]

    def frequency(self, field: str, term: str) -> int:
        """How many documents have a term in a field; 0 until it was looked up."""
        count = self._counts.get((field, term))
        if count is None:
            self._wanted[field][term] = None
            return 0
        return count

    def look_up(self) -> bool:
        """Look up what was asked for and not known; returns whether there was any such thing."""
        if not self._wanted:
            return False
        if len(self._counts) > _MOST_REMEMBERED:
            self._counts.clear()
        wanted, self._wanted = self._wanted, defaultdict(dict)
        counts = dict.fromkeys(((f, term) for f, terms in wanted.items() for term in terms), 0)
        documents = dict.fromkeys(wanted, 0)
        for part in _parts(wanted):
            documents |= self._count(part, counts)
        self._counts |= counts
        self._documents = documents | self._documents
        return True

    def _count(
        self, wanted: Mapping[str, Sequence[str]], counts: dict[tuple[str, str], int]
    ) -> dict[str, int]:
        """Count how many documents have some terms; returns how many have each field."""
        shown = {field: " ".join(terms) for field, terms in wanted.items()}
        options = {
            "fields": list(shown),
            "term_statistics": True,
            "field_statistics": True,
            "positions": False,
            "offsets": False,
            "payloads": False,
        }
        documents = [
            {"_index": self._index, "routing": route, "doc": shown, **options}
            for route in self._routes
        ]
        answer = self._client.mtermvectors(body={"docs": documents})
        of_fields: dict[str, int] = defaultdict(int)
        for shard in answer["docs"]:
            for field, found in shard.get("term_vectors", {}).items():
                of_fields[field] += max(found["field_statistics"]["doc_count"], 0)
                for term, statistics in found["terms"].items():
                    counts[field, term] += statistics.get("doc_freq", 0)
        return of_fields


def _parts(wanted: Mapping[str, Iterable[str]]) -> Iterable[dict[str, list[str]]]:
    """Terms by field, so many at a time."""
    part: dict[str, list[str]] = defaultdict(list)
    number = 0
    for field, term in chain.from_iterable(((f, t) for t in terms) for f, terms in wanted.items()):
        part[field].append(term)
        number += 1
        if number == _ASKED_TOGETHER:
            yield part
            part, number = defaultdict(list), 0
    if part:
        yield part


class OpenSearchTerms:
    """One state of an index; see :class:`vnjournal.index.translation.Native`.

    Args: ``words``: of the index, by which the forms of a key are known; ``scale``: by which scores
    are multiplied, see :func:`scale`.
    """

    def __init__(self, statistics: Statistics, words: Words, scale: float) -> None:
        self._scale = scale
        self._statistics = statistics
        self._words = words
        self._forms: dict[str, list[str]] = {}
        self._wanted: dict[str, None] = {}  # keys whose forms are to be looked up
        self._is_short = False

    def asked(self, query: Query) -> Dsl:
        """A query in OpenSearch's query language.

        Where it would be too long, terms that count as one are put together: an article gains by
        them however often they stand in it.
        """
        translated = self._translated(query)
        if _leaves(translated) > _MOST_LEAVES:
            self._is_short = True
            try:
                translated = self._translated(query)
            finally:
                self._is_short = False
        return translated

    def _translated(self, query: Query) -> Dsl:
        while True:
            translated = Translations(self).of(query)
            if not self._look_up():
                return translated

    def _look_up(self) -> bool:
        wanted, self._wanted = self._wanted, {}
        if wanted:
            found = self._words.forms_of(wanted)
            self._forms |= {key: sorted(found.get(key, ())) for key in wanted}
        return self._statistics.look_up() or bool(wanted)

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """How many documents have each of some terms in a field."""
        for term in terms:
            self._statistics.frequency(field, term)
        self._statistics.look_up()
        return [self._statistics.frequency(field, term) for term in terms]

    def documents(self, field: str) -> int:
        return self._statistics.documents(field)

    def frequency(self, field: str, term: str) -> int:
        return self._statistics.frequency(field, term)

    def forms(self, field: str, key: str) -> list[tuple[str, int]]:
        if key not in self._forms:
            self._wanted[key] = None
            return []
        counted = [
            (form, self.frequency(field + FORM_SUFFIX, form_term(key, form)))
            for form in self._forms[key]
        ]
        return [(form, count) for form, count in counted if count]

    def term(self, field: str, term: str) -> Dsl:
        return self._scaled({"term": {field: {"value": term}}})

    def _scaled(self, query: Dsl) -> Dsl:
        return query if self._scale == 1.0 else self.times(self._scale, query)

    def one_of(self, field: str, terms: Sequence[str]) -> Dsl:
        return {"terms": {field: list(terms)}}

    def run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> Dsl:
        """Where there are several forms at a place, the run is weighed as that of the keys.

        Spans would do for that, too, but each shard weighs them by the forms that it has itself.
        """
        if all(len(some) == 1 for some in places):
            terms = [some[0] for some in places]
            return self._scaled(_spans(field, places, gap) if gap else _phrase(field, terms))
        keys = [[key] for key in _keys(places)]
        scored = self.run(field.removesuffix(FORM_SUFFIX), keys, gap)
        return {"bool": {"must": [scored], "filter": [_spans(field, places, gap)]}}

    def rarity_of_run(self, field: str, places: Sequence[Sequence[str]], gap: int) -> float:
        if all(len(some) == 1 for some in places):
            terms = [some[0] for some in places]
        else:
            field, terms = field.removesuffix(FORM_SUFFIX), _keys(places)
        documents = self.documents(field)
        counted = dict.fromkeys(terms) if gap else terms  # spans count each once
        return sum(inverse_frequency(documents, self.frequency(field, term)) for term in counted)

    def dated(self, first: int, last: int) -> Dsl:
        return {"range": {"date": {"gte": first, "lte": last}}}

    def constant(self, query: Dsl, score: float) -> Dsl:
        return {"constant_score": {"filter": query, "boost": score}}

    def times(self, weight: float, query: Dsl) -> Dsl:
        ((kind, body),) = query.items()
        if kind in ("term", "match_phrase"):
            ((field, inner),) = body.items()
            return {kind: {field: _boosted(inner, weight)}}
        return {kind: _boosted(body, weight)}

    def everything(self) -> Dsl:
        return self.constant({"match_all": {}}, 0.0)

    def nothing(self) -> Dsl:
        return {"match_none": {}}

    def best(self, queries: list[Dsl]) -> Dsl:
        if self._is_short:
            queries = list(self._together(queries))
        return {"dis_max": {"queries": queries}} if queries else self.nothing()

    def at_least(self, queries: list[Dsl], number: int) -> Dsl:
        return {"bool": {"should": queries, "minimum_should_match": number}}

    def boolean(self, must: Sequence[Dsl], should: Sequence[Dsl], must_not: Sequence[Dsl]) -> Dsl:
        parts = {"must": must, "should": should, "must_not": must_not}
        return {"bool": {kind: list(some) for kind, some in parts.items() if some}}

    def _together(self, queries: Iterable[Dsl]) -> Iterator[Dsl]:
        """Terms of a field that weigh about the same as one query, and what is no term."""
        alike: dict[tuple[str, float], list[str]] = defaultdict(list)
        for query in queries:
            if "term" not in query:
                yield query
                continue
            ((field, asked),) = query["term"].items()
            term = asked["value"]
            rarity = inverse_frequency(self.documents(field), self.frequency(field, term))
            weight = asked.get("boost", 1.0) / self._scale
            alike[field, round(weight * rarity, 1)].append(term)
        for (field, weight), terms in alike.items():
            yield self.constant(self.one_of(field, terms), weight)


def _leaves(query: object) -> int:
    """How many queries that hold no others there are in one, as OpenSearch counts.

    >>> word, words = {"term": {"body": {"value": "lua"}}}, {"terms": {"title": ["lua", "gao"]}}
    >>> _leaves({"bool": {"must": [word, words], "must_not": [word]}})
    3
    """
    if isinstance(query, list):
        return sum(map(_leaves, query))
    if isinstance(query, dict):
        return sum(1 if kind in _LEAVES else _leaves(body) for kind, body in query.items())
    return 0


def _boosted(body: Dsl, weight: float) -> Dsl:
    return body | {"boost": body.get("boost", 1.0) * weight}


def _phrase(field: str, terms: Sequence[str]) -> Dsl:
    return {"match_phrase": {field: {"query": " ".join(terms)}}}


def _spans(field: str, places: Sequence[Sequence[str]], gap: int) -> Dsl:
    clauses = [_any_span(field, some) for some in places]
    return {"span_near": {"clauses": clauses, "slop": gap, "in_order": True}}


def _any_span(field: str, terms: Sequence[str]) -> Dsl:
    spans: list[Dsl] = [{"span_term": {field: term}} for term in terms]
    return spans[0] if len(spans) == 1 else {"span_or": {"clauses": spans}}


def _keys(places: Sequence[Sequence[str]]) -> list[str]:
    """The key at each place, of which there are several forms."""
    return [key_and_form(some[0])[0] for some in places]
