"""Documents of an index: their ids, and all that there are of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from opensearchpy import OpenSearch, TransportError

from vnjournal.cluster.bulk import Version
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.patience import PASSING, Patience

_PAGE = 1_000  # documents that are fetched together
_KEPT = "5m"  # for which a state of the index is kept between two pages

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
) -> Iterator[Any]:
    """Every hit of an index as it is now, whatever is written meanwhile.

    A node that is lost takes that state along: what lies behind the last hit comes as it is then.

    Args:
        order: fields to sort by, of which no two documents have the same values.
        source: the parts of the documents that are wanted.
        query: which documents; None for all.
    """
    body: dict[str, Any] = {
        "size": _PAGE,
        "sort": [{name: "asc"} for name in order],
        "_source": source,
        "query": {"constant_score": {"filter": query or {"match_all": {}}}},
        "track_total_hits": False,
    }
    patience = Patience(connection.patience)
    while True:
        try:
            with connection.reporting():
                for hits in _pages(connection.client, index, body):
                    yield from hits
                    body["search_after"] = hits[-1]["sort"]
                    patience.renew()
            return
        except PASSING as error:
            patience.wait(error)


def _pages(client: OpenSearch, index: str, body: dict[str, Any]) -> Iterator[list[Any]]:
    """The hits of one state of an index, page by page; each is asked for as the body is then."""
    state = client.create_pit(index=index, params={"keep_alive": _KEPT})["pit_id"]
    try:
        while True:
            answer = client.search(body=body | {"pit": {"id": state, "keep_alive": _KEPT}})
            hits = answer["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < _PAGE:
                return
            state = answer.get("pit_id", state)
    finally:
        with suppress(TransportError):  # it ends by itself, too
            client.delete_pit(body={"pit_id": [state]})


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
