"""The words of an archive on OpenSearch: an index beside that of the articles, a form a document.

OpenSearch does not list the terms of a field. So whoever writes articles notes the forms that stand
in them, before they can be found. How many articles have each is noted as well, and again when that
has grown by a part, and at the end: as much as is needed to tell which are common. What a query
weighs by is counted anew; see :class:`vnjournal.index.opensearch_query.Statistics`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from rapidfuzz.distance import OSA

from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import every
from vnjournal.errors import ArchiveLocked, ArchiveNotFound
from vnjournal.index.analysis import SENTENCE_END, Document, form_term, key_and_form

MAPPINGS = {
    "dynamic": "strict",
    "properties": {
        "key": {"type": "keyword"},
        "form": {"type": "keyword", "index": False},
        "count": {"type": "integer"},
    },
}

_GROWTH = 0.1  # by this part of a count, which is then noted anew
_MOST_KNOWN = 1_000_000  # forms whose counts a writer remembers
_TOGETHER = 5_000  # keys or forms asked for at a time
_COMMONEST = 5_000  # forms that a prefix, or a word spelt nearly so, stands for at most
_EXPANSIONS = 1_000  # keys that are nearly the same; Lucene looks at no more than 1,024


class ClusterWords:
    """See :class:`vnjournal.index.words.Words`. Args: ``index``: its name or alias."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._index = index
        self._known: dict[str, Mapping[str, int]] = {}

    def forms_of(self, keys: Iterable[str]) -> dict[str, Mapping[str, int]]:
        wanted = list(keys)
        unknown = [key for key in dict.fromkeys(wanted) if key not in self._known]
        for at in range(0, len(unknown), _TOGETHER):
            part = unknown[at : at + _TOGETHER]
            found: dict[str, dict[str, int]] = {key: {} for key in part}
            query = {"terms": {"key": part}}
            for hit in every(
                self._connection, self._index, ["key", "form"], query=query, values=["count"]
            ):
                key, form = hit["sort"]
                (found[key][form],) = hit["fields"]["count"]
            self._known |= found
        return {key: self._known[key] for key in wanted if self._known[key]}

    def beginning(self, prefix: str) -> Iterator[tuple[str, Mapping[str, int]]]:
        return iter(self._commonest({"prefix": {"key": prefix}}).items())

    def near(self, key: str, most: int) -> Iterator[tuple[str, int]]:
        fuzzy = {"value": key, "fuzziness": most, "max_expansions": _EXPANSIONS}
        found = self._commonest({"fuzzy": {"key": fuzzy}})
        return ((other, OSA.distance(key, other)) for other in sorted(found))

    def _commonest(self, query: Mapping[str, Any]) -> dict[str, dict[str, int]]:
        """The forms that answer a query, by key; of very many the commonest."""
        body = {
            "query": {"constant_score": {"filter": query}},
            "size": _COMMONEST,
            "sort": [{"count": "desc"}, {"key": "asc"}, {"form": "asc"}],
            "_source": False,
        }
        with self._connection.reporting():
            answer = self._connection.client.search(index=self._index, body=body)
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for hit in answer["hits"]["hits"]:
            count, key, form = hit["sort"]
            found[key][form] = count
        return found


class Noting:
    """Notes the forms that stand in articles which are written.

    Args: ``index``: of the words; ``count``: says how many articles have each of some forms.
    """

    def __init__(
        self,
        connection: Connection,
        index: str,
        count: Callable[[Sequence[str]], dict[str, int]],
    ) -> None:
        self._connection = connection
        self._index = index
        self._count = count
        self._noted: dict[str, int] = {}  # as far as is known
        self._come: Counter[str] = Counter()  # articles since then

    def coming(self, documents: Sequence[Document]) -> None:
        """Note new forms; to be called before the articles are written."""
        come = Counter(form for document in documents for form in _forms_in(document))
        if len(self._noted) > _MOST_KNOWN:
            self.finish()
            self._noted.clear()
        self._learn([form for form in come if form not in self._noted])
        self._come.update(come)
        self._note({form: number for form, number in come.items() if not self._noted[form]})

    def came(self) -> None:
        """Count those again that have become commoner; to be called when articles can be found."""
        self._recount([f for f, n in self._come.items() if n >= self._noted[f] * _GROWTH])

    def finish(self, between: Callable[[], object] = lambda: None) -> None:
        """Count all again that have come. Args: ``between``: called after each part of them."""
        come = list(self._come)
        for at in range(0, len(come), _TOGETHER):
            self._recount(come[at : at + _TOGETHER])
            between()

    def give_up(self) -> None:
        """Count nothing that has come: the cluster does not take it."""
        self._come.clear()

    def _learn(self, forms: Sequence[str]) -> None:
        for at in range(0, len(forms), _TOGETHER):
            part = forms[at : at + _TOGETHER]
            answer = self._connection.client.mget(index=self._index, body={"ids": part})
            self._noted |= {
                each["_id"]: each["_source"]["count"] if each.get("found") else 0
                for each in answer["docs"]
            }

    def _recount(self, forms: Sequence[str]) -> None:
        with suppress(ArchiveLocked, ArchiveNotFound):  # by a rebuild, which counts all anew
            counts = self._count(forms) if forms else {}
            self._note(
                {form: count for form, count in counts.items() if count != self._noted[form]}
            )
        for form in forms:
            self._come.pop(form, None)

    def _note(self, counts: Mapping[str, int]) -> None:
        self._connection.bulk(
            self._index, (("index", form, _entry(form, count)) for form, count in counts.items())
        )
        self._noted |= counts
        for form in counts:
            self._come.pop(form, None)


def _forms_in(document: Document) -> set[str]:
    """The forms of a document, as terms."""
    found: set[str] = set()
    for terms in document.terms.values():
        found.update(terms.forms.split())
    found.discard(form_term(SENTENCE_END, SENTENCE_END))
    return found


def _entry(form: str, count: int) -> dict[str, Any]:
    """A form as a document of the index."""
    key, spelt = key_and_form(form)
    return {"key": key, "form": spelt, "count": count}
