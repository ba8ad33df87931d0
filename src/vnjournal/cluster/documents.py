"""Documents of an index: their ids, and all that there are of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

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
    client: OpenSearch,
    index: str,
    order: Sequence[str],
    source: bool | Sequence[str] = False,
    query: Mapping[str, Any] | None = None,
) -> Iterator[Any]:
    """Every hit of an index as it is now, whatever is written meanwhile.

    Args:
        order: fields to sort by, of which no two documents have the same values.
        source: the parts of the documents that are wanted.
        query: which documents; None for all.
    """
    state = client.create_pit(index=index, params={"keep_alive": _KEPT})["pit_id"]
    try:
        body: dict[str, Any] = {
            "size": _PAGE,
            "sort": [{name: "asc"} for name in order],
            "_source": source,
            "query": {"constant_score": {"filter": query or {"match_all": {}}}},
            "track_total_hits": False,
        }
        while True:
            body["pit"] = {"id": state, "keep_alive": _KEPT}
            answer = client.search(body=body)
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < _PAGE:
                return
            state = answer.get("pit_id", state)
            body["search_after"] = hits[-1]["sort"]
    finally:
        client.delete_pit(body={"pit_id": [state]})


def found(client: OpenSearch, wanted: Sequence[tuple[str, str, Sequence[str]]]) -> list[Any]:
    """Documents by their ids, as they were written last, None for those that are not there.

    Args: ``wanted``: of each the index, the id and the parts that are wanted.
    """
    answers: list[Any] = []
    for at in range(0, len(wanted), MOST_IDS):
        asked = [
            {"_index": index, "_id": id, "_source": list(source)}
            for index, id, source in wanted[at : at + MOST_IDS]
        ]
        answers += client.mget(body={"docs": asked})["docs"]
    return [each["_source"] if each.get("found") else None for each in answers]
