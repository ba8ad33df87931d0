"""Documents of an index: their ids, and all that there are of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from vnjournal.cluster.bulk import Version
from vnjournal.cluster.connection import Connection

_PAGE = 1_000  # hits that are fetched together
_QUESTIONS = 200  # that are asked together

#: The most ids that are asked for together.
MOST_IDS = 10_000


def document_id(*parts: str) -> str:
    """The id of what is known by some texts: OpenSearch takes none longer than 512 bytes.

    >>> document_id("2018/bai-viet.txt")
    '4849f01e3d8f464fde78442b96e7659e'
    """
    text = "\0".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def every(
    connection: Connection,
    index: str,
    order: Sequence[str],
    source: bool | Sequence[str] = False,
    query: Mapping[str, Any] | None = None,
    values: Sequence[str] = (),
) -> Iterator[Any]:
    """Every hit of an index, page by page, of which each is as it is when it is asked for.

    What comes meanwhile behind all that was there is left out, so that this ends. The cluster keeps
    nothing for it: a state that it does keep takes one of the few places for that in each part of
    the index, and is gone when its node is, or when a page has been at work for long.

    Args:
        order: fields to sort by, of which no two documents have the same values.
        source: the parts of the documents that are wanted: none that may be long.
        query: which documents; None for all.
        values: fields whose values are wanted without looking into the documents.
    """
    body: dict[str, Any] = {
        "size": _PAGE,
        "sort": [{name: "asc"} for name in order],
        "_source": source,
        "query": {"constant_score": {"filter": query or {"match_all": {}}}},
        "docvalue_fields": list(values),
        "track_total_hits": False,
    }
    last: list[Any] = []
    while True:
        with connection.reporting():
            hits = connection.client.search(index=index, body=body)["hits"]["hits"]
            is_last = len(hits) < _PAGE
            if not (is_last or last):
                backwards = [{name: "desc"} for name in order]
                end = body | {"size": 1, "sort": backwards, "_source": False}
                ends = connection.client.search(index=index, body=end)["hits"]["hits"]
                last = (ends or hits)[-1]["sort"]
        yield from (hit for hit in hits if not last or hit["sort"] <= last)
        if is_last or hits[-1]["sort"] >= last:
            return
        body["search_after"] = hits[-1]["sort"]


def answers(
    connection: Connection, index: str, questions: Sequence[Mapping[str, Any]]
) -> Iterator[Any]:
    """What is answered to many searches, in their order."""
    for at in range(0, len(questions), _QUESTIONS):
        lines: list[Mapping[str, Any]] = []
        for question in questions[at : at + _QUESTIONS]:
            lines += {"allow_partial_search_results": False}, question
        with connection.reporting():
            yield from connection.client.msearch(index=index, body=lines)["responses"]


def found(connection: Connection, wanted: Sequence[tuple[str, str, Sequence[str]]]) -> list[Any]:
    """Documents by their ids, as they were written last, None for those that are not there.

    Args: ``wanted``: of each the index, the id and the parts that are wanted.
    """
    return [each and each["_source"] for each in _looked_up(connection, wanted)]


def versions(
    connection: Connection, index: str, ids: Sequence[str], source: Sequence[str]
) -> list[tuple[Any, Version] | None]:
    """Parts of documents, and the version that each has now; see :func:`found`."""
    return [
        each and (each["_source"], (each["_seq_no"], each["_primary_term"]))
        for each in _looked_up(connection, [(index, id, source) for id in ids])
    ]


def _looked_up(
    connection: Connection, wanted: Sequence[tuple[str, str, Sequence[str]]]
) -> list[Any]:
    answers: list[Any] = []
    with connection.reporting():
        for at in range(0, len(wanted), MOST_IDS):
            asked = [
                {"_index": index, "_id": id, "_source": list(source)}
                for index, id, source in wanted[at : at + MOST_IDS]
            ]
            answers += connection.client.mget(body={"docs": asked})["docs"]
    return [each if each.get("found") else None for each in answers]
