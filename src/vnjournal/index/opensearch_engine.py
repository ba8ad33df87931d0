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
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from vnjournal.cluster.bulk import Action, Version
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import document_id, every
from vnjournal.cluster.layout import Kind, about
from vnjournal.cluster.patience import Patience
from vnjournal.errors import ArchiveNotFound, ArchiveOutdated
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
    MOST_VALUES,
    PAIRS,
    VALUE_SUFFIX,
    Facets,
    Found,
    Sort,
    commonest,
    counted,
)
from vnjournal.index.opensearch_query import Dsl, OpenSearchTerms, Statistics, scale
from vnjournal.index.opensearch_words import MAPPINGS as WORDS
from vnjournal.index.opensearch_words import ClusterWords, Noting
from vnjournal.index.query import Query
from vnjournal.index.words import Words
from vnjournal.version import ANALYSIS_VERSION

#: What follows the archive's name in the alias of its words.
WORDS_SUFFIX = "-words"

_Answer = TypeVar("_Answer")

_TERMS = {"type": "text", "analyzer": "whitespace"}
_VALUE = {"type": "keyword", "ignore_above": 8000}
_FORM_FIELDS = tuple(field + FORM_SUFFIX for field in TEXT_FIELDS)
_WINDOW = 10_000  # hits that OpenSearch passes over at most; behind them it is told where to go on
# Values that each part of an index counts at first, and where the commonest may not be right then.
_BUCKETS, _MANY_BUCKETS = 1_000, 60_000
_KEYS_BEHIND = 3_000  # keys that are looked at for what stands behind another


def _properties() -> dict[str, Any]:
    """The fields of the terms, as a mapping has them."""
    found: dict[str, Any] = {"id": _VALUE, "year": {"type": "integer"}, "date": {"type": "integer"}}
    for name in TEXT_FIELDS:
        found[name] = found[name + FORM_SUFFIX] = _TERMS
    found[PAIRS] = _TERMS | {"index_options": "freqs"}
    for name in FACETS[1:]:
        found[name + VALUE_SUFFIX] = _VALUE
    return found


#: Fields that are searched, and are not needed to give an article back.
SEARCHED_ONLY = tuple(name for name in _properties() if name != "id")


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


def articles_kind(properties: dict[str, Any], searched_only: Sequence[str] = ()) -> Kind:
    """What articles are in their index.

    Args: ``properties``: fields that they have besides the terms; ``searched_only``: those of them
    that need not be given back.
    """
    mappings = {
        "_meta": {"analysis": ANALYSIS_VERSION},
        "dynamic": "strict",
        "_source": {"excludes": [*SEARCHED_ONLY, *searched_only]},
        "properties": _properties() | properties,
    }
    return Kind("articles", mappings, alias="")


WORDS_KIND = Kind("words", WORDS, alias=WORDS_SUFFIX, is_small=True)


def _counted(facet: str, most: int) -> dict[str, Any]:
    """The commonest values of a facet, as an aggregation.

    Args: ``most``: how many values each part of the index counts.
    """
    field = facet if facet == "year" else facet + VALUE_SUFFIX
    order = [{"_count": "desc"}, {"_key": "asc"}]
    number = MOST_VALUES + 1  # one may stand for no year
    return {"terms": {"field": field, "size": number, "shard_size": most, "order": order}}


class OpenSearchEngine:
    """See :class:`vnjournal.index.engine.Engine`.

    Args: ``index``: the alias of the articles; ``words``: of their words.
    """

    name = "opensearch"

    def __init__(self, connection: Connection, index: str, words: str) -> None:
        self._connection = connection
        self._index = index
        self._words_index = words
        self._noted = ""  # the name of the index whose forms are noted
        # the query of the last page, and the number and place in its order of what lies behind it
        self._place: tuple[str, int, list[Any]] = "", 0, []
        self._writing = ThreadPoolExecutor(1)
        self._see()

    def _see(self) -> None:
        """Turn to the index that is found now, and forget what is known of it as it was."""
        index = self._about()
        self._look(index)
        self._built: str = index["name"]
        statistics = Statistics(self._connection.client, self._built, index["routes"])
        self._words = ClusterWords(self._connection, self._words_index)
        version = self._connection.version
        self._terms = OpenSearchTerms(statistics, self._words, scale(version))

    def _about(self) -> dict[str, Any]:
        """What the index says of itself that is found now; see :func:`about`.

        Raises ArchiveOutdated for one of another version of the analysis.
        """
        index = about(self._connection, self._index)
        version = index.get("analysis")
        if version != ANALYSIS_VERSION:
            address = self._connection.address
            raise ArchiveOutdated(
                f"{address} was indexed by version {version} of the analysis, this is version "
                f"{ANALYSIS_VERSION}: run 'vnjournal rebuild --archive {address}'"
            )
        return index

    def _look(self, index: dict[str, Any] | None = None) -> Noting:
        """What notes the forms in the words of the index that is found now."""
        index = index or self._about()
        if index["name"] != self._noted:
            self._noted = index["name"]
            counts = partial(self._commonest_counts, index["name"], index["routes"])
            self._noting = Noting(self._connection, self._words_index, counts)
        return self._noting

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        """What is answered to a question that is put to one index, by its own name.

        What is known of an index, such as how its parts are reached, is not true of another. So one
        that has taken its place meanwhile is looked at first, and then asked again.
        """
        patience = Patience(self._connection.patience)
        while True:
            built = self._built
            try:
                with self._connection.reporting():
                    return ask()
            except ArchiveNotFound as error:
                self._see()
                if self._built == built:  # some nodes know sooner than others what is there
                    patience.wait(error)

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> Future[None]:
        return self._writing.submit(self._write, list(documents), list(deleted))

    def _write(self, documents: Sequence[Document], deleted: Sequence[str]) -> None:
        self._put([(document, {}) for document in documents], deleted)

    def put(
        self,
        documents: Sequence[tuple[Document, dict[str, Any]]],
        deleted: Sequence[str] = (),
        then: Callable[[], object] = lambda: None,
        versions: Mapping[str, Version] | None = None,
    ) -> Future[list[str]]:
        """Write as :meth:`write` does, each document with more fields.

        Args: ``then``: done when all is acknowledged, before it can be found; ``versions``: those
        that articles must have still, by id. Gives the ids of those that have not, and are left as
        they are.
        """
        return self._writing.submit(self._put, documents, deleted, then, versions)

    def _put(
        self,
        documents: Sequence[tuple[Document, dict[str, Any]]],
        deleted: Sequence[str],
        then: Callable[[], object] = lambda: None,
        versions: Mapping[str, Version] | None = None,
    ) -> list[str]:
        actions: list[Action] = [("delete", document_id(id), None) for id in deleted]
        ids: dict[str, str] = {}
        for document, more in documents:
            id, body = document_id(document.id), fields_of(document) | more
            ids[id] = document.id
            if version := (versions or {}).get(document.id):
                actions.append(("index", id, body, version))
            else:
                actions.append(("index", id, body))
        coming = [document for document, _ in documents]
        try:
            with self._connection.reporting():
                noting = self._look()
                noting.coming(coming)
                names = {key: f"article {id}" for key, id in ids.items()}
                changed = self._connection.bulk(self._index, actions, names=names)
                if self._look() is not noting:  # built anew meanwhile: the words are others, too
                    self._noting.coming(coming)
                then()
                self.refresh()
                self._noting.came()
        except BaseException:
            self._noting.give_up()
            raise
        return [ids[each] for each in changed]

    def _commonest_counts(
        self, index: str, routes: Sequence[str], forms: Sequence[str]
    ) -> dict[str, int]:
        """In how many articles each form stands, in the field where it is commonest."""
        statistics = Statistics(self._connection.client, index, routes)

        def most(form: str) -> int:
            return max(statistics.frequency(field, form) for field in _FORM_FIELDS)

        for form in forms:
            most(form)
        statistics.look_up()
        return {form: most(form) for form in forms}

    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        order: list[dict[str, str]] = [{"id": "asc"}]
        is_scored = sort is Sort.RELEVANCE and query.is_scored
        if is_scored:
            order.insert(0, {"_score": "desc"})
        elif sort is not Sort.RELEVANCE:
            order.insert(0, {"date": "desc" if sort is Sort.NEWEST else "asc"})
        hits, total = self._asked(
            lambda: self._page(self._terms.asked(query), order, limit, offset)
        )
        return Found(total, [(id, score if is_scored else 0.0) for id, score in hits])

    def _page(
        self, asked: Dsl, order: list[dict[str, str]], limit: int, offset: int
    ) -> tuple[list[tuple[str, float]], int]:
        """Hits from one to another, and how many there are.

        What lies deep is reached from behind a hit that is known, best of all the page before.
        """
        body: Dsl = {"query": asked, "sort": order, "_source": False, "track_total_hits": True}
        known, at, after = self._place
        key = json.dumps((self._built, asked, order))
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
            index=self._built,
            body=body,
            params={"search_type": "dfs_query_then_fetch"},
        )

    def facets(self, query: Query) -> Facets:
        return self._asked(lambda: self._counted_values(self._terms.asked(query)))

    def _counted_values(self, asked: Dsl) -> Facets:
        found: dict[str, Any] = {}
        body = {"query": asked, "size": 0, "track_total_hits": False}
        for most in (_BUCKETS, _MANY_BUCKETS):  # values of each part of the index
            unsure = [
                name
                for name in FACETS
                if name not in found or found[name]["doc_count_error_upper_bound"]
            ]
            if unsure:
                aggregations = {name: _counted(name, most) for name in unsure}
                answer = self._connection.client.search(
                    index=self._built, body=body | {"aggs": aggregations}
                )
                found |= answer["aggregations"]
        return {name: counted(found[name]["buckets"]) for name in FACETS}

    def refresh(self) -> None:
        with self._connection.reporting():
            self._connection.client.indices.refresh(index=f"{self._index},{self._words_index}")
        self._see()

    def words(self) -> Words:
        return self._words

    def pair_counts(self, pairs: Sequence[str]) -> list[int]:
        return self._asked(lambda: self._terms.frequencies(PAIRS, pairs))

    def following(self, key: str, beginning: str, limit: int) -> dict[str, int]:
        keys = [other for other, _ in islice(self._words.beginning(beginning), _KEYS_BEHIND)]
        counts = self.pair_counts([pair_term(key, other) for other in keys])
        found = {other: count for other, count in zip(keys, counts, strict=True) if count}
        return commonest(found, limit)

    def ids(self) -> set[str]:
        return {hit["sort"][0] for hit in every(self._connection, self._index, ["id"])}

    def give_up(self) -> None:
        """Finish writing, and count nothing any more: the index is to be thrown away."""
        self._writing.shutdown()
        self._noting.give_up()

    def close(self, between: Callable[[], object] = lambda: None) -> None:
        self._writing.shutdown()
        with self._connection.reporting():
            self._noting.finish(between)
