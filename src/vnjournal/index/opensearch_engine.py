"""The engine for archives that outgrow one machine: OpenSearch, over its standard interface.

The terms of an article go to fields with the analyzer that only cuts at blanks, which every
distribution has. An archive's index is found under its name, which is an alias: what is built anew
takes the old one's place in one step. What is asked is in :mod:`vnjournal.index.opensearch_query`.

A document's id is made of the article's id, so that what is sent twice is written once. More than
the terms may stand in a document: what :mod:`vnjournal.store` keeps there is none of the engine's
business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import blake2b
from itertools import count, islice
from typing import Any, Self

from opensearchpy import OpenSearch

from vnjournal.cluster.connection import Connection
from vnjournal.index.analysis import (
    FACETS,
    SENTENCE_END,
    TEXT_FIELDS,
    Document,
    form_term,
    pair_term,
)
from vnjournal.index.engine import (
    FORM_SUFFIX,
    PAIRS,
    VALUE_SUFFIX,
    Facets,
    Found,
    Sort,
    commonest,
)
from vnjournal.index.opensearch_query import Dsl, OpenSearchTerms, Statistics
from vnjournal.index.opensearch_words import MAPPINGS as WORDS
from vnjournal.index.opensearch_words import ClusterWords, Noting
from vnjournal.index.query import Query
from vnjournal.index.words import Words

#: Suffix of the name of the index of words.
WORDS_SUFFIX = "-words"

_FIRST = "-1"  # suffix of an index that nothing has taken the place of
_TERMS = {"type": "text", "analyzer": "whitespace"}
_VALUE = {"type": "keyword", "ignore_above": 8000}
_FORM_FIELDS = tuple(field + FORM_SUFFIX for field in TEXT_FIELDS)
_WINDOW = 10_000  # hits that OpenSearch passes over at most; behind them it is told where to go on
_BUCKETS = 10_000  # values that each shard counts, so that the commonest are right
_KEYS_BEHIND = 3_000  # keys that are looked at for what stands behind another


def properties() -> dict[str, Any]:
    """The fields of the terms, as a mapping has them."""
    found: dict[str, Any] = {"id": _VALUE, "year": {"type": "integer"}, "date": {"type": "integer"}}
    for name in TEXT_FIELDS:
        found[name] = found[name + FORM_SUFFIX] = _TERMS
    found[PAIRS] = _TERMS | {"index_options": "freqs"}
    for name in FACETS[1:]:
        found[name + VALUE_SUFFIX] = _VALUE
    return found


#: Fields that are searched, and are not needed to give an article back.
SEARCHED_ONLY = tuple(name for name in properties() if name != "id")


def _copies(replicas: int | None) -> dict[str, Any]:
    """How many copies of each part there are: as many as asked for, or one where it has a place."""
    if replicas is None:
        return {"auto_expand_replicas": "0-1"}
    return {"number_of_replicas": replicas}


def _routes(client: OpenSearch, index: str, shards: int) -> list[str]:
    """For each shard a routing that leads there."""
    found: dict[int, str] = {}
    for number in count():
        route = str(number)
        ((shard, *_),) = client.search_shards(index=index, params={"routing": route})["shards"]
        found.setdefault(shard["shard"], route)
        if len(found) == shards:
            return [found[shard] for shard in sorted(found)]
    raise AssertionError("there is always another number")


def document_id(id: str) -> str:
    """The id of an article's document: OpenSearch takes no longer ones than 512 bytes."""
    return blake2b(id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def fields_of(document: Document) -> dict[str, Any]:
    """What is searched of an article, by field.

    A field without text has the end of a sentence: so every document has every field, and the
    rarity of a term in it, and its average length, are those that the other engines know.
    """
    found: dict[str, Any] = {"id": document.id, "year": document.year, "date": document.date}
    for name in TEXT_FIELDS:
        terms = document.terms.get(name)
        found[name] = terms.keys if terms else SENTENCE_END
        found[name + FORM_SUFFIX] = terms.forms if terms else form_term(SENTENCE_END, SENTENCE_END)
    found[PAIRS] = document.pairs or SENTENCE_END
    for name, values in document.values.items():
        found[name + VALUE_SUFFIX] = values
    return found


class OpenSearchEngine:
    """See :class:`vnjournal.index.engine.Engine`. Args: ``name``: the archive's."""

    name = "opensearch"

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._index = name
        self._noting = Noting(connection, name + WORDS_SUFFIX, self._commonest_counts)
        # the query of the last page, and the number and place in its order of what lies behind it
        self._place: tuple[str, int, list[Any]] = "", 0, []
        self._writing = ThreadPoolExecutor(1)
        with connection.reporting():
            (mapping,) = connection.client.indices.get_mapping(index=name).values()
        self._routes: list[str] = mapping["mappings"]["_meta"]["routes"]
        self._see()

    @classmethod
    def create(cls, connection: Connection, name: str) -> Self:
        """Make the indices of an archive that is not there yet."""
        address = connection.address
        settings = {"number_of_shards": address.shards or 1}
        settings |= _copies(address.replicas)
        client = connection.client
        with connection.reporting():
            client.indices.create(
                index=name + WORDS_SUFFIX + _FIRST,
                body={
                    "settings": {"number_of_shards": 1} | _copies(address.replicas),
                    "mappings": WORDS,
                    "aliases": {name + WORDS_SUFFIX: {}},
                },
            )
            client.indices.create(
                index=name + _FIRST,
                body={
                    "settings": settings,
                    "mappings": {
                        "dynamic": "strict",
                        "_source": {"excludes": SEARCHED_ONLY},
                        "properties": properties(),
                    },
                    "aliases": {name: {}},
                },
            )
            routes = _routes(client, name, address.shards or 1)
            client.indices.put_mapping(index=name, body={"_meta": {"routes": routes}})
        return cls(connection, name)

    def _see(self) -> None:
        client = self._connection.client
        self._statistics = Statistics(client, self._index, self._routes)
        self._words = ClusterWords(client, self._index + WORDS_SUFFIX)
        self._terms = OpenSearchTerms(self._statistics, self._words)

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> Future[None]:
        batch = list(documents)
        gone = list(deleted)
        return self._writing.submit(self._write, batch, gone)

    def _write(self, documents: Sequence[Document], deleted: Sequence[str]) -> None:
        self.put(((document, {}) for document in documents), documents, deleted)

    def put(
        self,
        bodies: Iterable[tuple[Document, dict[str, Any]]],
        documents: Sequence[Document],
        deleted: Sequence[str],
    ) -> None:
        with self._connection.reporting():
            self._noting.coming(documents)
            self._connection.bulk(
                self._index,
                (
                    *(("delete", document_id(id), None) for id in deleted),
                    *(("index", document_id(d.id), fields_of(d) | more) for d, more in bodies),
                ),
            )
            self._connection.client.indices.refresh(
                index=f"{self._index},{self._index}{WORDS_SUFFIX}"
            )
            self._noting.came()
        self._see()

    def _commonest_counts(self, forms: Sequence[str]) -> dict[str, int]:
        """In how many articles each form stands, in the field where it is commonest."""
        statistics = Statistics(self._connection.client, self._index, self._routes)

        def most(form: str) -> int:
            return max(statistics.frequency(field, form) for field in _FORM_FIELDS)

        for form in forms:
            most(form)
        statistics.look_up()
        return {form: most(form) for form in forms}

    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        with self._connection.reporting():
            asked = self._terms.asked(query)
            order: list[dict[str, str]] = [{"id": "asc"}]
            is_scored = sort is Sort.RELEVANCE and query.is_scored
            if is_scored:
                order.insert(0, {"_score": "desc"})
            elif sort is not Sort.RELEVANCE:
                order.insert(0, {"date": "desc" if sort is Sort.NEWEST else "asc"})
            hits, total = self._page(asked, order, limit, offset)
        return Found(total, [(id, score if is_scored else 0.0) for id, score in hits])

    def _page(
        self, asked: Dsl, order: list[dict[str, str]], limit: int, offset: int
    ) -> tuple[list[tuple[str, float]], int]:
        """Hits from one to another, and how many there are.

        What lies deep is reached from behind a hit that is known, best of all the page before.
        """
        body: Dsl = {"query": asked, "sort": order, "_source": False, "track_total_hits": True}
        known, at, after = self._place
        key = json.dumps((asked, order))
        if offset + limit <= _WINDOW:
            answer = self._search(body | {"from": offset, "size": limit})["hits"]
            hits = answer["hits"]
        else:
            if known != key or at > offset:
                at, after = 0, []
            hits = []
            while True:
                size = min(offset - at if at < offset else offset + limit - at, _WINDOW)
                since = {"search_after": after} if after else {}
                answer = self._search(body | {"size": size} | since)["hits"]
                hits += answer["hits"] if at >= offset else ()
                at += len(answer["hits"])
                if answer["hits"]:
                    after = answer["hits"][-1]["sort"]
                if len(answer["hits"]) < size or at >= offset + limit:
                    break
        if hits:
            self._place = key, offset + len(hits), hits[-1]["sort"]
        return [(hit["sort"][-1], hit["_score"] or 0.0) for hit in hits], answer["total"]["value"]

    def _search(self, body: Mapping[str, Any]) -> Any:
        return self._connection.client.search(
            index=self._index,
            body=body,
            params={"search_type": "dfs_query_then_fetch"},
        )

    def facets(self, query: Query) -> Facets:
        fields = {name: name if name == "year" else name + VALUE_SUFFIX for name in FACETS}
        order = [{"_count": "desc"}, {"_key": "asc"}]
        asked = {
            name: {"terms": {"field": field, "size": 101, "shard_size": _BUCKETS, "order": order}}
            for name, field in fields.items()
        }
        with self._connection.reporting():
            body = {"query": self._terms.asked(query), "size": 0, "aggs": asked}
            found = self._search(body)["aggregations"]
        return {
            name: commonest(
                {str(b["key"]): b["doc_count"] for b in found[name]["buckets"] if b["key"]}
            )
            for name in FACETS
        }

    def refresh(self) -> None:
        with self._connection.reporting():
            self._connection.client.indices.refresh(
                index=f"{self._index},{self._index}{WORDS_SUFFIX}"
            )
        self._see()

    def words(self) -> Words:
        return self._words

    def pair_counts(self, pairs: Sequence[str]) -> list[int]:
        counts = self._statistics
        with self._connection.reporting():
            for pair in pairs:
                counts.frequency(PAIRS, pair)
            counts.look_up()
        return [counts.frequency(PAIRS, pair) for pair in pairs]

    def following(self, key: str, beginning: str, limit: int) -> dict[str, int]:
        keys = [other for other, _ in islice(self._words.beginning(beginning), _KEYS_BEHIND)]
        counts = self.pair_counts([pair_term(key, other) for other in keys])
        found = {other: count for other, count in zip(keys, counts, strict=True) if count}
        return commonest(found, limit)

    def ids(self) -> set[str]:
        found: set[str] = set()
        after: list[Any] = []
        with self._connection.reporting():
            while True:
                body: Dsl = {"size": _WINDOW, "sort": [{"id": "asc"}], "_source": False}
                if after:
                    body["search_after"] = after
                hits = self._connection.client.search(index=self._index, body=body)["hits"]["hits"]
                if not hits:
                    return found
                after = hits[-1]["sort"]
                found.update(hit["sort"][0] for hit in hits)

    def close(self) -> None:
        self._writing.shutdown()
        self._noting.finish()
