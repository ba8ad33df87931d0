"""Writing in bulk, against a real cluster that is hindered: nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import vnjournal as vj
from tests.cluster import proxy as faults
from tests.cluster.nodes import Cluster, Nodes
from tests.cluster.proxy import Fault, Proxy, running
from tests.cluster.shared import require
from vnjournal.cluster import bulk
from vnjournal.cluster.address import Address
from vnjournal.cluster.bulk import Action
from vnjournal.cluster.connection import Connection


def _numbers(cluster: Cluster, index: str) -> list[tuple[str, int]]:
    """What an index holds: ids and numbers."""
    cluster.ask("POST", f"/{index}/_refresh")
    answer = cluster.ask("POST", f"/{index}/_search", {"size": 10_000, "sort": ["n"]})
    return [(hit["_id"], hit["_source"]["n"]) for hit in answer["hits"]["hits"]]


def _documents(count: int) -> list[Action]:
    return [("index", str(n), {"n": n}) for n in range(count)]


def _ids(proxy: Proxy) -> list[list[str]]:
    """The ids in each bulk request that came."""
    return [
        [next(iter(json.loads(line).values()))["_id"] for line in each.body.splitlines()[::2]]
        for each in proxy.requests
        if each.path.endswith("/_bulk")
    ]


def test_documents_are_written_replaced_and_deleted(
    cluster: Cluster, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(cluster.addresses[0])
    assert connection.bulk(index, iter(_documents(2500)), refresh=True) == []
    assert connection.client.count(index=index)["count"] == 2500
    more: list[Action] = [
        ("delete", "1", None),
        ("delete", "never was", None),
        ("index", "2", {"n": -2}),
        ("create", "3", {"n": -3}),
        ("create", "mới", {"n": -1}),
        ("index", "2", {"n": -4}),  # the same once more: the last counts
        ("delete", "0", None),
        ("create", "0", {"n": 0}),
    ]
    assert connection.bulk(index, more) == ["3"]
    expected = {id: n for id, n in ((str(n), n) for n in range(2500)) if id != "1"}
    assert dict(_numbers(cluster, index)) == expected | {"2": -4, "mới": -1}
    assert connection.bulk(index, []) == []


def test_requests_are_bounded(
    proxy: Proxy, index: str, connect: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(proxy.url)
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 7)
    monkeypatch.setattr(bulk, "MOST_BYTES", 200)
    read = 0

    def documents() -> Iterator[Action]:
        nonlocal read
        for action in _documents(50):
            read += 1
            assert read <= 7 + 7 * proxy.count("POST", ".*_bulk") + 1, "read as they are sent"
            yield action

    connection.bulk(index, documents())
    sizes = [len(each.body) for each in proxy.requests if each.path.endswith("_bulk")]
    assert max(sizes) <= 200
    assert max(len(ids) for ids in _ids(proxy)) <= 7
    assert [id for ids in _ids(proxy) for id in ids] == [str(n) for n in range(50)]


def test_requests_are_packed_where_it_pays(
    proxy: Proxy,
    cluster: Cluster,
    index: str,
    connect: Callable[..., Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Address, "is_local", property(lambda _: False))
    connect(proxy.url).bulk(index, _documents(1000))
    (sent,) = (each.body for each in proxy.requests if each.path.endswith("_bulk"))
    assert len(sent) < 20_000
    assert len(_numbers(cluster, index)) == 1000


HINDRANCES = [
    [faults.cut_before] * 3,
    [faults.cut_after] * 3,
    [faults.cut_after, faults.error(429, "rejected_execution_exception", "x"), faults.cut_before],
    [faults.late(2)],
    [faults.page(503, "<html>"), faults.page(502, "<html>"), faults.page(429, "Too many")],
    [faults.error(503, "cluster_manager_not_discovered_exception", "")] * 3,
    [faults.rejected_items(3)] * 2,
    [faults.lost_items(2, 503, "unavailable_shards_exception")] * 2,
    [faults.lost_items(1, 500, "node_closed_exception")],
]


@pytest.mark.parametrize("played", HINDRANCES)
def test_nothing_is_lost_or_doubled(
    played: list[Fault],
    proxy: Proxy,
    cluster: Cluster,
    index: str,
    connect: Callable[..., Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 10)
    connection = connect(f"{proxy.url}?timeout=1").open()
    for fault in played:
        proxy.play(fault, path=".*/_bulk")
    created: list[Action] = [("create", f"c{n}", {"n": 1000 + n}) for n in range(5)]
    assert connection.bulk(index, created + _documents(50)) == []
    expected = [(str(n), n) for n in range(50)] + [(f"c{n}", 1000 + n) for n in range(5)]
    assert _numbers(cluster, index) == expected
    assert cluster.ask("GET", f"/{index}/_count")["count"] == 55


def test_only_what_is_not_acknowledged_is_sent_again(
    proxy: Proxy, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(proxy.url)
    rejected = faults.rejected_items(4)
    proxy.play(rejected, path=".*/_bulk", times=2)
    connection.bulk(index, _documents(10))
    assert _ids(proxy) == [[str(n) for n in range(10)], ["0", "4", "8"], ["0"]]


def test_what_was_there_is_told_from_what_was_sent_twice(
    proxy: Proxy, cluster: Cluster, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(proxy.url).open()
    cluster.ask("PUT", f"/{index}/_doc/b", {"n": 1})
    proxy.play(faults.cut_after, path=".*/_bulk")
    actions: list[Action] = [("create", id, {"n": 2}) for id in "abc"]
    assert connection.bulk(index, actions) == ["b"]
    assert connection.bulk(index, actions) == ["a", "b", "c"], "nothing was in doubt"


def test_one_wrong_document_hinders_no_other_of_its_request(
    cluster: Cluster, index: str, connect: Callable[..., Connection]
) -> None:
    actions = _documents(20)
    actions[4] = ("index", "4", {"n": "bốn"})
    actions[9] = ("index", "9", {"n": "chín"})
    with pytest.raises(vj.ArchiveOutdated, match=r"\(document 4 and 1 more\)"):
        connect(cluster.addresses[0]).bulk(index, actions)
    assert len(_numbers(cluster, index)) == 18
    with pytest.raises(vj.ArchiveOutdated, match=r"\(article bài/4 and 1 more\)"):
        connect(cluster.addresses[0]).bulk(index, actions, names={"4": "article bài/4"})


def test_a_document_that_is_too_large_is_named(
    proxy: Proxy, index: str, connect: Callable[..., Connection]
) -> None:
    proxy.play(faults.page(413, "Too large"), path=".*/_bulk")
    with pytest.raises(vj.ArchiveError, match=r"http.max_content_length there \(article bài/0\)$"):
        connect(proxy.url).bulk(index, _documents(1), names={"0": "article bài/0"})


def test_a_refresh_and_a_look_at_what_was_sent_twice_are_asked_for_again(
    proxy: Proxy, cluster: Cluster, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(proxy.url).open()
    proxy.play(faults.cut_after, path=".*/_bulk")
    for path in (".*/_mget", ".*/_refresh"):
        proxy.play(faults.page(503, "<html>"), path=path)
        proxy.play(faults.cut_before, path=path)
    created: list[Action] = [("create", "a", {"n": 2})]
    assert connection.bulk(index, created, refresh=True) == []
    assert cluster.ask("GET", f"/{index}/_count")["count"] == 1


LASTING: list[tuple[Fault, type[vj.ArchiveError]]] = [
    (faults.error(429, "rejected_execution_exception", "x"), vj.ClusterBusy),
    (faults.rejected_items(1), vj.ClusterBusy),
    (faults.lost_items(1, 503, "unavailable_shards_exception"), vj.ClusterUnreachable),
    (faults.cut_before, vj.ClusterUnreachable),
]


@pytest.mark.parametrize("content", [[], {}, {"items": []}])
def test_an_answer_that_is_none_acknowledges_nothing(
    content: object, proxy: Proxy, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(proxy.url).open()
    proxy.play(faults.body(200, content), path=".*/_bulk")
    with pytest.raises(vj.ArchiveError, match="not as OpenSearch does"):
        connection.bulk(index, _documents(3))


@pytest.mark.parametrize(("fault", "kind"), LASTING)
def test_patience_has_an_end(
    fault: Fault,
    kind: type[vj.ArchiveError],
    proxy: Proxy,
    index: str,
    connect: Callable[..., Connection],
) -> None:
    connection = connect(proxy.url, patience=1).open()
    proxy.play(fault, path=".*/_bulk", times=-1)
    began = time.monotonic()
    with pytest.raises(kind) as raised:
        connection.bulk(index, _documents(10))
    assert type(raised.value) is kind
    assert time.monotonic() - began < 10
    assert proxy.count("POST", ".*/_bulk") > 2


REFUSALS: list[tuple[str, type[vj.ArchiveError]]] = [
    ("blocks.read_only_allow_delete", vj.ArchiveFull),
    ("blocks.write", vj.ArchiveLocked),
]


@pytest.mark.parametrize(("block", "kind"), REFUSALS)
def test_a_block_is_told_at_once(
    block: str,
    kind: type[vj.ArchiveError],
    cluster: Cluster,
    index: str,
    connect: Callable[..., Connection],
) -> None:
    cluster.ask("PUT", f"/{index}/_settings", {"index": {block: True}})
    connection = connect(cluster.addresses[0])
    with pytest.raises(kind):
        connection.bulk(index, _documents(10))
    cluster.ask("PUT", f"/{index}/_settings", {"index": {block: None}})
    connection.bulk(index, _documents(10))
    assert len(_numbers(cluster, index)) == 10


def test_a_missing_permission_is_told_at_once(
    proxy: Proxy, index: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(f"{proxy.url}/kho").open()
    proxy.play(faults.forbidden("indices:data/write/bulk", "lan"), path=".*/_bulk")
    with pytest.raises(vj.AccessDenied, match="indices:data/write/bulk"):
        connection.bulk(index, _documents(1))


# --- clusters that are broken for it


def test_a_cluster_with_a_short_queue_gets_everything_in_time(
    connect: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    require()
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 50)
    settings = {"thread_pool.write.queue_size": 1, "thread_pool.write.size": 1}
    with Nodes(1, settings) as nodes, running(Proxy(nodes.addresses[0])) as proxy:
        settings = {"number_of_shards": 4, "number_of_replicas": 0}
        nodes.ask("PUT", "/kho-1", {"settings": settings, "aliases": {"kho": {}}})
        writers, each = 12, 500

        def write(number: int) -> None:
            first = number * each
            documents: Iterator[Action] = (
                ("index", str(n), {"n": n}) for n in range(first, first + each)
            )
            connect(proxy.url, patience=60).bulk("kho", documents)

        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(write, range(writers)))
        assert proxy.count("POST", "/kho/_bulk") > writers * each // 50, "some were rejected"
        assert len(_numbers(nodes, "kho")) == writers * each


def test_more_than_a_cluster_ever_takes_at_once_ends_as_busy(
    connect: Callable[..., Connection],
) -> None:
    require()
    with Nodes(1, {"indexing_pressure.memory.limit": "10kb"}) as nodes:
        connection = connect(nodes.addresses[0], patience=1)
        with pytest.raises(vj.ClusterBusy, match="rejected_execution_exception"):
            connection.bulk("kho", _documents(1000))


def test_nodes_that_are_killed_lose_nothing(
    breakable_cluster: Nodes, connect: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 100)
    nodes = breakable_cluster
    settings = {"number_of_shards": 3, "number_of_replicas": 1}
    nodes.ask("PUT", "/kho-1", {"settings": settings, "aliases": {"kho": {}}})
    nodes.wait("green", index="kho")
    places = ",".join(address.removeprefix("http://") for address in nodes.addresses)
    connection = connect(f"http://{places}/kho", patience=120)
    killed = threading.Event()

    def documents() -> Iterator[Action]:
        for n in range(5000):
            if n == 2000:
                nodes.kill(0)  # the manager of the cluster
                killed.set()
            yield "index", str(n), {"n": n}

    assert connection.bulk("kho", documents(), refresh=True) == []
    assert killed.is_set()
    with connection.reporting():
        assert connection.client.count(index="kho")["count"] == 5000
