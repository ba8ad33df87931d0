"""The clusters that tests run against: formed, broken and healed, and gone without a trace."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from tests.cluster import distribution, shared
from tests.cluster.nodes import Cluster, NoCluster, Nodes

_ROOT = Path(__file__).parents[2]
_REPLICATED = {"settings": {"number_of_shards": 2, "number_of_replicas": 1}}


def _of(folder: Path) -> Iterator[int]:
    """The processes that have a folder in their command lines."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if os.fsencode(folder) in line:
            yield int(process.name)


def test_three_nodes_form_a_cluster(cluster: Cluster) -> None:
    assert len(set(cluster.addresses)) == 3
    cluster.wait("green", nodes=3)
    names = {node["name"] for node in cluster.ask("GET", "/_cat/nodes?format=json")}
    assert names == {"n0", "n1", "n2"}
    for address in cluster.addresses:
        with OpenSearch(address) as client:
            assert client.cluster.health()["number_of_nodes"] == 3
            assert client.info()["version"]["number"] == distribution.VERSION


def test_tests_have_indices_of_their_own(cluster: Cluster, index_name: str) -> None:
    assert index_name.islower()
    with OpenSearch(cluster.addresses[1]) as client:
        client.index(index=index_name, id="1", body={"title": "Đảng bộ Sở"}, refresh=True)
        found = client.search(index=index_name, body={"query": {"match": {"title": "đảng"}}})
    assert [hit["_source"]["title"] for hit in found["hits"]["hits"]] == ["Đảng bộ Sở"]


def test_a_document_survives_the_loss_of_any_node(breakable_cluster: Nodes) -> None:
    with OpenSearch(breakable_cluster.addresses, max_retries=3) as client:
        client.indices.create(index="kept", body=_REPLICATED)
        breakable_cluster.wait("green", index="kept")
        for number in range(3):
            client.index(index="kept", id=str(number), body={"number": number})
            breakable_cluster.kill(number)
            breakable_cluster.wait("yellow", nodes=2)
            for known in range(number + 1):
                assert client.get(index="kept", id=str(known))["found"]
            breakable_cluster.restart(number)
            breakable_cluster.wait("green", nodes=3, index="kept")
        client.indices.refresh(index="kept")
        assert client.count(index="kept")["count"] == 3


def test_all_nodes_at_once_come_back_with_what_they_held() -> None:
    shared.require()
    with Nodes(2) as nodes:
        nodes.ask("PUT", "/kept/_doc/1?refresh=true", {"title": "Sở"})
        for number in range(2):
            nodes.kill(number)
        nodes.restart(0, 1)
        nodes.wait("green", nodes=2)
        assert nodes.ask("GET", "/kept/_doc/1", node=1)["_source"] == {"title": "Sở"}


def test_nodes_have_settings_of_their_own() -> None:
    shared.require()
    of_all = {"thread_pool.write.queue_size": 1}
    with Nodes(2, settings=of_all, of_node={1: {"node.roles": ["data"]}}, heap="200m") as nodes:
        info = nodes.ask("GET", "/_nodes/thread_pool,jvm")["nodes"].values()
        assert {node["name"]: node["roles"] == ["data"] for node in info} == {
            "n0": False,
            "n1": True,
        }
        assert {node["thread_pool"]["write"]["queue_size"] for node in info} == {1}
        assert {node["jvm"]["mem"]["heap_max_in_bytes"] <= 200 << 20 for node in info} == {True}


def test_a_cluster_that_is_stopped_leaves_nothing() -> None:
    shared.require()
    nodes = Nodes(1)
    nodes.start()
    folder, address = nodes.folder, nodes.addresses[0]
    assert folder is not None
    assert folder.is_dir()
    assert len(list(_of(folder))) == 2  # the node and the watchdog
    nodes.stop()
    assert not folder.exists()
    assert not list(_of(folder))
    port = int(address.rpartition(":")[2])
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0
    nodes.stop()


def test_a_cluster_ends_with_its_owner_however_that_ends() -> None:
    shared.require()
    code = (
        "import time; from tests.cluster.nodes import Nodes; nodes = Nodes(1); nodes.start();"
        "print(nodes.folder, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        assert len(list(_of(folder))) == 2
        owner.kill()
    while left := list(_of(folder)):
        for number in left:
            with suppress(ProcessLookupError):
                process = os.pidfd_open(number)
                assert select.select([process], [], [], 60)[0], f"{number} still runs"
                os.close(process)
    assert not folder.exists()


def test_a_node_that_ends_at_the_start_is_an_error_that_shows_its_log() -> None:
    shared.require()
    with pytest.raises(NoCluster, match=r"unknown setting \[no.such.setting\]"):
        Nodes(1, settings={"no.such.setting": 1}).start()


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "Java 17 to 23 is not installed"),
        ({"java": "echo 'openjdk version \"11.0.2\"' >&2"}, "Java 17 to 23 is needed, and this"),
        ({"java": "echo 'openjdk version \"17.0.2\"' >&2"}, "Maven, which fetches it, is not inst"),
        (
            {
                "java": "echo 'openjdk version \"21\"' >&2",
                "mvn": "echo '[ERROR] Unknown host'; exit 1",
            },
            "Maven does not get .*Unknown host",
        ),
    ],
)
def test_where_there_is_no_opensearch_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], reason: str
) -> None:
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(distribution, "_JAVA", range(17, 24))
    monkeypatch.setattr(distribution, "_cache", lambda: tmp_path)
    monkeypatch.setattr(shared, "prepared", distribution.fetched.__wrapped__)
    monkeypatch.delenv(shared.NEEDED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=reason):
        shared.require()
    monkeypatch.setenv(shared.NEEDED, "1")
    with pytest.raises(distribution.Unavailable, match=reason):
        shared.require()
