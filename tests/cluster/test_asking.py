"""Answers that are not whole, or none: they are asked for again, and never taken for whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import vnjournal as vj
from tests.cluster import piles
from tests.cluster import proxy as faults
from tests.cluster.proxy import Answer, Ask, Fault, Proxy
from tests.places import Places
from vnjournal.cluster import connection
from vnjournal.cluster.address import Address


def _altered(alter: Callable[[dict[str, Any]], object]) -> Fault:
    """The cluster's own answer, with something else in it."""

    def fault(ask: Ask, body: bytes) -> Answer:
        status, headers, content = ask(body)
        answer = json.loads(content)
        alter(answer)
        return status, {"Content-Type": headers["Content-Type"]}, json.dumps(answer).encode()

    return fault


def _without_a_document(answer: dict[str, Any]) -> None:
    error = {"type": "no_shard_available_action_exception", "reason": "No shard available"}
    answer["docs"][0] = {"_index": "kho", "_id": "1", "error": error}


def _without_a_part(answer: dict[str, Any]) -> None:
    """As of a part that is on no node: none says that it has failed."""
    answer["_shards"]["successful"] -= 1
    if "hits" in answer:
        answer["hits"]["hits"] = answer["hits"]["hits"][1:]


def _without_a_part_of_one(answer: dict[str, Any]) -> None:
    _without_a_part(answer["responses"][-1])


def _with_one_that_failed(answer: dict[str, Any]) -> None:
    error = {"type": "rejected_execution_exception", "reason": "rejected execution"}
    answer["responses"][0] = {"error": error | {"root_cause": [error]}, "status": 429}


def _with_a_part_that_failed(answer: dict[str, Any]) -> None:
    answer["_shards"]["failed"] += 1
    answer["_shards"]["successful"] -= 1


_NODE = "[n2][127.0.0.1:9300] Node not connected"

#: What goes wrong, and with which requests.
FAULTS: dict[str, tuple[Fault, str]] = {
    "documents by id": (_altered(_without_a_document), r".*/_mget"),
    "frequencies of terms": (_altered(_without_a_document), r".*/_mtermvectors"),
    "a search": (_altered(_without_a_part), r"/.+/_search"),
    "a count": (_altered(_without_a_part), r".*/_count"),
    "a refresh": (_altered(_with_a_part_that_failed), r".*/_refresh"),
    "a node that is gone": (faults.error(500, "node_not_connected_exception", _NODE), r"/.+/_.+"),
    "searches together": (_altered(_without_a_part_of_one), r".*/_msearch"),
    "a search among others that fails": (_altered(_with_one_that_failed), r".*/_msearch"),
    "parts that are missing": (
        faults.error(
            503,
            "search_phase_execution_exception",
            "Search rejected due to missing shards [[k][0]]",
        ),
        r".*/_search",
    ),
    "no way there": (faults.cut_before, r"/.+/_.+"),
    "no way back": (faults.cut_after, r"/.+/_.+"),
    "a queue that is full": (
        faults.error(429, "rejected_execution_exception", "rejected execution"),
        r".*/_(search|msearch|count|mget|mtermvectors)",
    ),
}


@pytest.fixture(scope="module")
def archive(places: Places) -> Any:
    """The address of an archive, and what it answers."""
    with places.address() as address:
        with vj.Archive.create(address) as made:
            made.add([*piles.articles(20), vj.Article("again", piles.article(17).body)])
            expected = piles.answers(made)
        yield Address.parse(address).name, expected


@pytest.mark.parametrize(("fault", "path"), FAULTS.values(), ids=FAULTS)
def test_it_is_asked_again(
    fault: Fault, path: str, archive: tuple[str, dict[str, object]], proxy: Proxy
) -> None:
    name, expected = archive
    with vj.Archive.open(f"{proxy.url}/{name}") as opened:
        proxy.play(fault, 3, path=path)
        assert piles.answers(opened) == expected
        assert not proxy._played[0].times, "all were played"


@pytest.mark.parametrize(("fault", "path"), FAULTS.values(), ids=FAULTS)
def test_in_the_end_it_is_an_error(
    fault: Fault,
    path: str,
    archive: tuple[str, dict[str, object]],
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.2)
    with vj.Archive.open(f"{proxy.url}/{archive[0]}") as opened:
        proxy.play(fault, -1, path=path)
        with pytest.raises((vj.ClusterUnreachable, vj.ClusterBusy)):
            piles.answers(opened)
        proxy.restore()
