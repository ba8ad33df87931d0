"""What the program says of a cluster that refuses, and that nothing half-written is left behind."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

import vnjournal as vj
from tests.cluster import piles
from tests.cluster import proxy as faults
from tests.cluster.nodes import Cluster, Nodes
from tests.cluster.piles import until
from tests.cluster.proxy import Proxy, running
from tests.cluster.shared import require
from tests.places import Places, address_of
from tests.program import Ended, refused, run
from vnjournal.cluster import connection
from vnjournal.cluster.address import Address
from vnjournal.store import writing

_OLD, _NEW = range(12), range(8, 30)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches, and little patience."""
    monkeypatch.setattr(writing, "BATCH", 5)
    monkeypatch.setattr(connection, "PATIENCE", 0.5)
    for name in ("USER", "PASSWORD", "TOKEN", "CERTIFICATE", "KEY", "CA"):
        monkeypatch.delenv(f"VNJOURNAL_{name}", raising=False)
    monkeypatch.setenv("VNJOURNAL_CREDENTIALS", "/dev/null")


@pytest.fixture
def archive(places: Places) -> Iterator[str]:
    """The address of an archive with some articles."""
    with places.address() as address:
        with vj.Archive.create(address) as made:
            made.add(map(piles.article, _OLD))
        yield address


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A file of articles, some of which the archive has."""
    return piles.write(tmp_path / "pile.jsonl", map(piles.article, _NEW))


def _name(address: str) -> str:
    return Address.parse(address).name


def _indices(cluster: Cluster, name: str) -> set[str]:
    return set(cluster.ask("GET", f"/{name}*"))


def _held_whole(address: str) -> set[int]:
    """The numbers of the articles that an archive holds, which must be whole."""
    with vj.Archive.open(address) as archive:
        archive.refresh()
        numbers = sorted(int(each.id.rsplit("/", 1)[-1]) for each in archive)
    assert piles.wrong(address, list(map(piles.article, numbers))) == []
    return set(numbers)


# --- what lies on the way


@dataclass(frozen=True)
class _Fault:
    """Something wrong.

    Args:
        says: a pattern of what the program says.
        played: what a proxy plays, if anything, and for which requests.
        path: of these, by a pattern.
        version: what the proxy says of the cluster's version.
        settings: of the address.
        commands: those that are refused.
    """

    says: str
    played: faults.Fault | None = None
    path: str = ".*"
    version: str = ""
    settings: str = ""
    commands: tuple[str, ...] = ("index", "search")


FAULTS: dict[str, _Fault] = {
    "nobody may write": _Fault(
        "may not do this: ask for a role with the permission indices:data/write/bulk for the "
        r"indices {name}\*$",
        faults.forbidden("indices:data/write/bulk", "lan"),
        r"/.*/_bulk",
        commands=("index",),
    ),
    "nobody may search": _Fault(
        r"ask for a role with the permission indices:data/read/search for the indices {name}\*$",
        faults.forbidden("indices:data/read/search", "lan"),
        r"/.*/_search",
    ),
    "nobody may see who is there": _Fault(
        "ask for a role with the cluster permission cluster:monitor/main$",
        faults.forbidden("cluster:monitor/main", "lan"),
        "/",
    ),
    "a queue that is full": _Fault(
        "has too much to do .*: try again later, or give it more nodes or memory$",
        faults.error(429, "rejected_execution_exception", "rejected execution of queue"),
        r"/.*/_bulk",
        commands=("index",),
    ),
    "documents that a queue rejects": _Fault(
        "has too much to do .*: try again later, or give it more nodes or memory$",
        faults.rejected_items(2),
        r"/{name}/_bulk",
        commands=("index",),
    ),
    "searches that a queue rejects": _Fault(
        "has too much to do .*: try again later, or give it more nodes or memory$",
        faults.error(429, "rejected_execution_exception", "rejected execution of queue"),
        r"/.*/_search",
    ),
    "disks that become full": _Fault(
        "the cluster's disks are full: make room there, .* within a minute$",
        faults.error(
            429,
            "cluster_block_exception",
            "index [kho] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
            "watermark, index has read-only-allow-delete block];",
        ),
        r"/{name}/_bulk",
        commands=("index",),
    ),
    "no manager": _Fault(
        "has no elected cluster manager: see that most of its nodes run, then try again$",
        faults.error(503, "cluster_manager_not_discovered_exception", ""),
        r"/{name}.*",
    ),
    "answers that come late": _Fault(
        r"did not answer within 1 s: try again, or wait longer with '\?timeout=SECONDS' in the "
        "address$",
        faults.late(1.5),
        r"/{name}[^/]*/_(search|bulk)",
        settings="?timeout=1",
    ),
    "connections that are cut": _Fault(
        "ended the connection: if it speaks TLS, write https://; else try again$",
        faults.cut_before,
        r"/{name}[^/]*/_(search|bulk)",
    ),
    "connections that are cut when it is done": _Fault(
        "ended the connection: if it speaks TLS, write https://; else try again$",
        faults.cut_after,
        r"/{name}/_bulk",
        commands=("index",),
    ),
    "another server": _Fault(
        "not as OpenSearch does .*: check the address and what stands between here and there$",
        faults.page(200, "<html>Bảo trì</html>"),
    ),
    "too old a version": _Fault(
        "is OpenSearch 2.11.1, which is too old: 2.12 or newer will do$", version="2.11.1"
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_said_and_leaves_nothing_half_written(
    fault: _Fault, archive: str, pile: Path, proxy: Proxy
) -> None:
    name = _name(archive)
    ours = f"{proxy.url}/{name}{fault.settings}"
    lines: dict[str, tuple[str | Path, ...]] = {
        "index": ("index", pile),
        "search": ("search", "khoa học"),
    }
    for command in fault.commands:
        if fault.played:
            proxy.play(fault.played, times=-1, path=fault.path.format(name=name))
        proxy.version = {"number": fault.version} if fault.version else {}
        ended = run(*lines[command], "--archive", ours)
        proxy.restore()
        proxy.version = {}
        refused(ended, "127.0.0.1")
        assert re.search(fault.says.format(name=name), ended.err.strip()), ended.err
    assert set(_OLD) <= _held_whole(archive) <= {*_OLD, *_NEW}
    ended = run("index", pile, "--archive", ours)
    assert (ended.code, ended.err) == (0, "")
    with vj.Archive.open(archive) as opened:
        assert {each.id for each in opened} == {f"bài/{number}" for number in {*_OLD, *_NEW}}


@pytest.mark.parametrize("command", ["index", "search"])
def test_wrong_addresses(command: str, cluster: Cluster, index_name: str, pile: Path) -> None:
    with running(Proxy(cluster.addresses[0])) as gone:
        port = gone.port
    what = pile if command == "index" else "khoa"
    for address, says in {
        f"http://127.0.0.1:{port}/{index_name}": "nothing answers at that port: check the address",
        f"http://n1.invalid/{index_name}": "no host is known by that name: check the address",
        f"https://{urlsplit(cluster.addresses[0]).netloc}/{index_name}": "speaks no TLS there",
        f"http://lan:sai@127.0.0.1/{index_name}": "can be read by others: set VNJOURNAL_USER",
        "http://127.0.0.1/Kho": "names on a cluster have no capitals: write 'kho'",
    }.items():
        refused(run(command, what, "--archive", address), says)
    assert _indices(cluster, index_name) == set()


def test_a_cluster_without_the_archive(cluster: Cluster, index_name: str, tmp_path: Path) -> None:
    address = address_of(cluster, index_name)
    for command in (
        ("search", "khoa"),
        ("stats",),
        ("check",),
        ("rebuild",),
        ("show", "1"),
        ("export", "--format", "jsonl"),
        ("fix",),
    ):
        refused(
            run(*command, "--archive", address),
            f"is no archive: make one with 'vnjournal index SOURCE --archive {address}'",
        )
    refused(run("index", tmp_path / "none", "--archive", address), "no such file or folder")
    assert _indices(cluster, index_name) == set()


# --- a new archive that fails

_MAKING: dict[str, tuple[str, str, faults.Fault, str]] = {
    "no template": (
        "PUT",
        "/_index_template/.*",
        faults.forbidden("indices:admin/index_template/put", "lan"),
        "permission indices:admin/index_template/put",
    ),
    "no index": (
        "PUT",
        "/{name}[^/]*",
        faults.forbidden("indices:admin/create", "lan"),
        "permission indices:admin/create",
    ),
    "no alias": (
        "POST",
        "/_aliases",
        faults.forbidden("indices:admin/aliases", "lan"),
        "permission indices:admin/aliases",
    ),
    "no settings": (
        "POST",
        ".*/_bulk",
        faults.error(429, "rejected_execution_exception", "rejected execution of queue"),
        "has too much to do",
    ),
    "no place for more": (
        "PUT",
        "/{name}[^/]*",
        faults.error(
            400,
            "validation_exception",
            "Validation Failed: 1: this action would add [2] total shards, but this cluster "
            "currently has [1000]/[1000] maximum shards open;",
        ),
        "maximum shards open",
    ),
    "full disks": (
        "PUT",
        "/{name}[^/]*",
        faults.error(
            403,
            "cluster_block_exception",
            "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];",
        ),
        "the cluster's disks are full",
    ),
}


@pytest.mark.parametrize("step", _MAKING.values(), ids=_MAKING)
def test_an_archive_that_could_not_be_made_is_made_by_the_next_run(
    step: tuple[str, str, faults.Fault, str],
    proxy: Proxy,
    cluster: Cluster,
    index_name: str,
    pile: Path,
) -> None:
    method, path, fault, says = step
    address = f"{proxy.url}/{index_name}?shards=2"
    for already in range(3):  # each time it fails one step later
        proxy.restore()
        proxy.play(lambda ask, body: ask(body), already, method, path.format(name=index_name))
        proxy.play(fault, -1, method, path.format(name=index_name))
        ended = run("index", pile, "--archive", address)
        if ended.code == 0:
            break
        refused(ended, says)
        if (
            run("search", "khoa", "--archive", address).code == 0
        ):  # articles came, their notes did not
            assert _held_whole(address) <= set(_NEW)
    proxy.restore()
    ended = run("index", pile, "--archive", address)
    assert (ended.code, ended.err) == (0, "")
    assert _held_whole(address) == set(_NEW)


# --- archives that cannot be used as they are


@contextmanager
def _blocked(cluster: Cluster, name: str, block: str) -> Iterator[None]:
    cluster.ask("PUT", f"/{name}*/_settings", {f"index.blocks.{block}": True})
    try:
        yield
    finally:
        cluster.ask("PUT", f"/{name}*/_settings", {f"index.blocks.{block}": None})


@contextmanager
def _red(cluster: Cluster, name: str) -> Iterator[None]:
    """No node may hold the articles."""
    nowhere = "index.routing.allocation.require._name"
    cluster.ask("PUT", f"/{name}/_settings", {nowhere: "nobody"})
    cluster.ask("POST", f"/{name}/_close")
    cluster.ask("POST", f"/{name}/_open?wait_for_active_shards=0")
    try:
        yield
    finally:
        cluster.ask("PUT", f"/{name}/_settings", {nowhere: None})
        cluster.wait("green", index=name)


@contextmanager
def _analysed_otherwise(cluster: Cluster, name: str) -> Iterator[None]:
    ((_, found),) = cluster.ask("GET", f"/{name}/_mapping").items()
    about = found["mappings"]["_meta"]
    cluster.ask("PUT", f"/{name}/_mapping", {"_meta": about | {"analysis": "0"}})
    try:
        yield
    finally:
        cluster.ask("PUT", f"/{name}/_mapping", {"_meta": about})


_States = Callable[[Cluster, str], AbstractContextManager[None]]

STATES: dict[str, tuple[_States, tuple[str, ...], str]] = {
    # how; the commands that are refused; what they say
    "flooded": (
        lambda cluster, name: _blocked(cluster, name, "read_only_allow_delete"),
        ("index",),
        "the cluster's disks are full: make room there",
    ),
    "read-only": (
        lambda cluster, name: _blocked(cluster, name, "read_only"),
        ("index",),
        "let an administrator lift the index.blocks",
    ),
    "not to be read": (
        lambda cluster, name: _blocked(cluster, name, "read"),
        ("index", "search", "check"),
        "let an administrator lift index.blocks.read",
    ),
    "red": (
        _red,
        ("index", "search", "check"),
        "a part of it is on no node that runs (red): see that all nodes run, and GET "
        "_cluster/allocation/explain",
    ),
    "of another analysis": (
        _analysed_otherwise,
        ("index", "search", "check"),
        "was indexed by version 0 of the analysis, this is version",
    ),
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_archives_that_cannot_be_used(
    state: tuple[_States, tuple[str, ...], str], archive: str, cluster: Cluster, pile: Path
) -> None:
    how, commands, says = state
    lines: dict[str, tuple[str | Path, ...]] = {
        "index": ("index", pile),
        "search": ("search", "khoa"),
        "check": ("check",),
    }
    with how(cluster, _name(archive)):
        for command, line in lines.items():
            ended = run(*line, "--archive", archive)
            if command in commands:
                refused(ended, says)
            else:
                assert (ended.code, ended.err) == (0, "")
    assert set(_OLD) <= _held_whole(archive) <= {*_OLD, *_NEW}
    ended = run("index", pile, "--archive", archive)
    assert (ended.code, ended.err) == (0, "")
    assert _held_whole(archive) == {*_OLD, *_NEW}


# --- who asks, and over what


def _server(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("place", ["environment", "file"])
def test_everything_works_over_tls_for_who_signs_in(
    place: str, cluster: Cluster, index_name: str, pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, folder = trustme.CA(), pile.parent
    authority.cert_pem.write_to_path(folder / "ca.pem")
    users = {"lan": "mật khẩu"}
    with running(Proxy(cluster.addresses[0], _server(authority), users)) as proxy:
        address = f"{proxy.url}/{index_name}?shards=2"

        def set_up(user: str, password: str, ca: Path | None) -> None:
            known = {"user": user, "password": password, "ca": str(ca or "")}
            known = {name: value for name, value in known.items() if value}
            if place == "environment":
                for name in ("user", "password", "ca"):
                    monkeypatch.setenv(f"VNJOURNAL_{name.upper()}", known.get(name, ""))
                return
            file = folder / "credentials.toml"
            rows = [f'{name} = "{value}"' for name, value in known.items()]
            file.write_text("\n".join([f'["{proxy.url}"]', *rows]), encoding="utf-8")
            file.chmod(0o600)
            monkeypatch.setenv("VNJOURNAL_CREDENTIALS", str(file))

        where = "VNJOURNAL_USER and VNJOURNAL_PASSWORD" if place == "environment" else "credentials"
        for user, password, ca, says in (
            ("lan", "mật khẩu", None, "nobody known here has signed: name the file"),
            ("lan", "sai", folder / "ca.pem", f"does not let in user 'lan': correct {where}"),
            ("", "", folder / "ca.pem", "does not let in those who do not sign in: set"),
        ):
            set_up(user, password, ca)
            for command in (("index", pile), ("search", "khoa"), ("export",)):
                ended = run(*command, "--archive", address)
                refused(ended, says if place == "environment" else says.split(": correct")[0])
                assert "sai" not in ended.err
        assert _indices(cluster, index_name) == set()

        set_up("lan", "mật khẩu", folder / "ca.pem")
        assert _done("index", pile, "--archive", address).startswith(f"{len(_NEW)} new")
        assert "bài/9" in _done("search", '"bài số 9"', "--archive", address)
        assert "sở,theo" in _done("fix", "--archive", address)
        exported = _done("export", "--format", "jsonl", "--archive", address)
        assert len(exported.splitlines()) == len(_NEW)
        assert _done("check", "--archive", address)
        assert _held_whole(address) == set(_NEW)


def _done(*command: str | Path) -> str:
    ended: Ended = run(*command)
    assert (ended.code, ended.err) == (0, ""), ended
    return ended.out


# --- nodes that are too small


def test_disks_that_are_full(tmp_path: Path, pile: Path) -> None:
    """The cluster sees by itself that they are; it is told of another measure of full."""
    require()
    settings = {
        "cluster.routing.allocation.disk.threshold_enabled": True,
        "cluster.info.update.interval": "10s",  # the least
        "cluster.routing.allocation.disk.reroute_interval": "1s",
    }
    enough = dict.fromkeys(("low", "high", "flood_stage"), "1b")
    never = dict.fromkeys(enough, "1000tb")
    with Nodes(1, settings) as nodes:

        def leave(space: dict[str, str], is_blocked: bool) -> None:
            """Leave so much room on each disk, and wait until the cluster acts accordingly."""
            for_disks = {
                f"cluster.routing.allocation.disk.watermark.{n}": s for n, s in space.items()
            }
            nodes.ask("PUT", "/_cluster/settings", {"transient": for_disks})
            until(lambda: _blocks(nodes) == {is_blocked})

        leave(enough, False)
        address, other = (address_of(nodes, name, "shards=2") for name in ("kho", "moi"))
        with vj.Archive.create(address) as archive:
            archive.add(map(piles.article, _OLD))
        leave(never, True)
        for place in (address, other):
            refused(run("index", pile, "--archive", place), "the cluster's disks are full")
        assert re.match("articles +12\n", _done("stats", "--archive", address))
        leave(enough, False)
        for place in (address, other):
            _done("index", pile, "--archive", place)
        assert _held_whole(address) == {*_OLD, *_NEW}
        assert _held_whole(other) == set(_NEW)


def _blocks(nodes: Nodes) -> set[bool]:
    """Whether an index is blocked, and whether none may be made."""
    settings = nodes.ask("GET", "/_all/_settings?flat_settings=true")
    of_cluster = nodes.ask("GET", "/_cluster/settings?flat_settings=true")
    flooded = '"index.blocks.read_only_allow_delete": "true"'
    return {
        flooded in json.dumps(settings),
        '"cluster.blocks.create_index": "true"' in json.dumps(of_cluster),
    }
