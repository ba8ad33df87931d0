"""Archives on a cluster that are built anew: by several at once, cut off, while others write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opensearchpy import ConnectionTimeout
from opensearchpy.client.indices import IndicesClient

import vnjournal as vj
from tests.cluster import piles
from tests.cluster.nodes import Cluster
from tests.places import Places, address_of
from vnjournal import archive_cluster
from vnjournal.archive_cluster import ArchiveCluster
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.layout import Layout
from vnjournal.index.opensearch_engine import OpenSearchEngine
from vnjournal.intake import index_anew
from vnjournal.store import cluster_claim, writing
from vnjournal.store.cluster import ClusterStore
from vnjournal.store.cluster_claim import Claim
from vnjournal.text.fold import index_key

_FEW = 12


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 5)


@pytest.fixture
def address(places: Places) -> Iterator[str]:
    """The address of an archive with some articles."""
    with places.address() as address:
        with vj.Archive.create(address) as archive:
            archive.add(piles.articles(_FEW))
        yield address


def _name(address: str) -> str:
    return Address.parse(address).name


def _rebuild(address: str) -> None:
    vj.Archive.rebuild(address).close()


def _indices(cluster: Cluster, address: str) -> dict[str, list[str]]:
    """The indices of articles and words, and the aliases of each."""
    name = _name(address)
    found = cluster.ask("GET", f"/{name}-articles-*,{name}-words-*/_alias")
    return {index: list(each["aliases"]) for index, each in found.items()}


def _is_alone(cluster: Cluster, address: str) -> None:
    """There is one index of each kind, found under the archive's name, and no trace of others."""
    name = _name(address)
    found = sorted(_indices(cluster, address).values())
    assert found == [[name], [f"{name}-words"]]
    settings = cluster.ask("GET", f"/{name}*/_settings").values()
    assert not any("blocks" in each["settings"]["index"] for each in settings)


def _holds(address: str, *numbers: int) -> None:
    assert piles.wrong(address, [*piles.articles(*(numbers or (_FEW,)))]) == []


def _hook(
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    before: Callable[..., object] = lambda *_: None,
    after: Callable[..., object] = lambda *_: None,
) -> None:
    """Have something done once, before or after a function is called; given the same."""
    called: Callable[..., Any] = getattr(place, name)
    waiting = [(before, after)]

    def hooked(*arguments: Any, **named: Any) -> Any:
        first, last = waiting.pop() if waiting else (lambda *_: None, lambda *_: None)
        first(*arguments)
        answer = called(*arguments, **named)
        last(*arguments)
        return answer

    monkeypatch.setattr(place, name, hooked)


class _Killed(BaseException):
    """Stands for the end of a process: nothing is tidied up."""


def _killed(monkeypatch: pytest.MonkeyPatch, address: str, place: Any, name: str) -> None:
    """Rebuild, and be killed before a method is called: nothing is done any more then."""

    def stop(*_: object, **__: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:

        def kill(*_: object) -> None:
            patch.setattr(Layout, "drop", stop)
            patch.setattr(ArchiveCluster, "_unblock", stop)
            patch.setattr(Claim, "renew", stop)
            patch.setattr(Claim, "release", stop)
            raise _Killed

        _hook(patch, place, name, before=kill)
        with pytest.raises(_Killed):
            _rebuild(address)


# --- several at once


def test_one_that_finishes_before_another_begins_is_not_undone(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hook(monkeypatch, ArchiveCluster, "_alone", before=lambda *_: _rebuild(address))
    _rebuild(address)
    _holds(address)
    _is_alone(cluster, address)
    assert all("-3-" in index for index in _indices(cluster, address))


def test_what_is_published_is_never_dropped(address: str) -> None:
    with Connection(Address.parse(address)).open() as connection:
        built = Layout(connection, archive_cluster._BUILT)
        with pytest.raises(vj.ArchiveLocked, match="is in use"):
            built.drop(built.published())
    _holds(address)


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_of_two_that_begin_at_once_one_is_refused(
    is_cut_off: bool, address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found that nobody is at it, or that one was cut off long ago."""
    with Connection(Address.parse(address)).open() as connection:
        dead, other = (_claim(connection) for _ in range(2))
        if is_cut_off:
            with monkeypatch.context() as patch:
                patch.setattr(time, "time", lambda: 0.0)
                assert dead.take() is None
        _hook(monkeypatch, Claim, "_write", before=lambda *_: other.take())
        with pytest.raises(vj.ArchiveLocked, match="is being rebuilt by"):
            _rebuild(address)
        assert other.renew()
        assert not dead.renew()
        other.release()
    _rebuild(address)
    _holds(address)
    _is_alone(cluster, address)


def _claim(connection: Connection) -> Claim:
    return Claim(connection, f"{connection.address.name}-notes", lambda _: False)


def test_one_that_was_taken_for_dead_comes_back_when_another_has_finished(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_claim, "GIVEN_UP", 0)
    _hook(monkeypatch, OpenSearchEngine, "put", before=lambda *_: _rebuild(address))
    with pytest.raises(vj.ArchiveLocked, match="another rebuilds it"):
        _rebuild(address)
    _holds(address)
    _is_alone(cluster, address)


def _add(address: str, number: int) -> None:
    with vj.Archive.open(address) as archive:
        archive.add([piles.article(number)])


@pytest.mark.parametrize("method", ["put", "close"])
def test_one_that_comes_back_while_another_rebuilds_leaves_that_alone(
    method: str, address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its lock nor its indices are touched, nor is writing allowed under its hands."""
    with Connection(Address.parse(address)).open() as connection:
        other = _claim(connection)
        taken: list[dict[str, list[str]]] = []

        def take_over(*_: object) -> None:
            with monkeypatch.context() as patch:
                patch.setattr(cluster_claim, "GIVEN_UP", 0)
                assert other.take() is None
            built = Layout(connection, archive_cluster._BUILT)
            build = built.following(other.token)
            built.drop_others()
            built.make(build)
            taken.append(_indices(cluster, address))

        _hook(monkeypatch, OpenSearchEngine, method, before=take_over)
        with pytest.raises(vj.ArchiveLocked, match="another rebuilds it"):
            _rebuild(address)
        assert len(taken) == 1
        assert _indices(cluster, address) == taken[0]
        held = other.holder()
        assert held
        assert held.token == other.token
        settings = cluster.ask("GET", f"/{_name(address)}/_settings").values()
        assert [each["settings"]["index"]["blocks"]["write"] for each in settings] == ["true"]
        (empty,) = (n for n in taken[0] if n.endswith(other.token) and "-articles-" in n)
        cluster.ask("POST", f"/{empty}/_refresh")
        assert cluster.ask("GET", f"/{empty}/_count")["count"] == 0
        other.release()
    _rebuild(address)
    _holds(address)
    _is_alone(cluster, address)


# --- one that makes the archive


def test_a_slow_one_that_makes_an_archive_does_not_put_an_empty_one_in_its_place(
    places: Places, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with places.address() as address:
        make = Layout.make

        def slow(layout: Layout, build: str) -> None:
            if layout._kinds[0].name == "articles":
                monkeypatch.setattr(Layout, "make", make)
                with vj.Archive.create(address) as archive:
                    archive.add(piles.articles(_FEW))
                _rebuild(address)
            make(layout, build)

        monkeypatch.setattr(Layout, "make", slow)
        with vj.Archive.create(address) as archive:
            assert len(archive) == _FEW
        _holds(address)
        _is_alone(cluster, address)


def test_one_of_two_that_publish_the_first_indices_at_once(
    places: Places, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has published, and built anew, when this one has looked and found nothing."""
    with places.address() as address:
        update = IndicesClient.update_aliases

        def late(client: IndicesClient, **named: Any) -> Any:
            if "-articles-" in str(named):
                monkeypatch.setattr(IndicesClient, "update_aliases", update)
                with vj.Archive.create(address) as archive:
                    archive.add(piles.articles(_FEW))
                _rebuild(address)
            return update(client, **named)

        monkeypatch.setattr(IndicesClient, "update_aliases", late)
        vj.Archive.create(address).close()
        _holds(address)
        _is_alone(cluster, address)


@pytest.mark.parametrize("suffix", ["", "-words", "-notes"])
def test_an_index_of_another_with_the_name_of_the_archive(
    suffix: str, cluster: Cluster, index_name: str
) -> None:
    cluster.ask("PUT", f"/{index_name}{suffix}")
    says = rf"there is an index {index_name}{suffix} at .*, which is not of this archive: take an"
    with pytest.raises(vj.ArchiveExists, match=says):
        vj.Archive.create(address_of(cluster, index_name))
    assert list(cluster.ask("GET", f"/{index_name}*")) == [f"{index_name}{suffix}"]
    templates = cluster.ask("GET", "/_index_template")["index_templates"]
    assert not any(each["name"].startswith(index_name) for each in templates)


@pytest.mark.parametrize("suffix", ["-words", "-notes"])
@pytest.mark.parametrize("is_first", [False, True])
def test_an_archive_with_the_name_of_the_words_or_notes_of_another(
    is_first: bool, suffix: str, places: Places
) -> None:
    """Whichever of them is made first."""
    with places.address() as one:
        place, _, settings = one.partition("?")
        first, second = one, f"{place}{suffix}?{settings}"
        if not is_first:
            first, second = second, first
        with vj.Archive.create(first) as archive:
            archive.add(piles.articles(_FEW))
        with pytest.raises(vj.ArchiveExists, match="not of this archive: take another name"):
            vj.Archive.create(second)
        with vj.Archive.open(first) as archive:
            archive.add([piles.article(_FEW)])
        _holds(first, _FEW + 1)


# --- others write


def test_what_was_acknowledged_before_is_in_the_new_index(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it could not be found yet: an administrator may have said so."""
    for index in _indices(cluster, address):
        cluster.ask("PUT", f"/{index}/_settings", {"index": {"refresh_interval": "-1"}})
    with vj.Archive.open(address) as archive:
        _hook(monkeypatch, archive._store, "note", after=lambda *_: _rebuild(address))
        assert archive.add([piles.article(_FEW)]).new == 1
    _holds(address, _FEW + 1)


def test_writing_is_blocked_in_a_way_that_waits_for_others(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked: list[object] = []

    def look(*_: object, **__: object) -> None:
        found = cluster.ask("GET", f"/{_name(address)}*/_settings")
        blocked.append({i for i, each in found.items() if "blocks" in each["settings"]["index"]})

    asked: list[str] = []
    add = IndicesClient.add_block

    def add_block(client: IndicesClient, **named: Any) -> Any:
        asked.append(named["block"])
        return add(client, **named)

    monkeypatch.setattr(IndicesClient, "add_block", add_block)
    _hook(monkeypatch, archive_cluster, "index_anew", before=look)
    before = set(_indices(cluster, address))
    _rebuild(address)
    assert asked == ["write"]
    assert blocked == [before]


def test_a_writer_that_ends_while_the_archive_is_rebuilt(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = vj.Archive.open(address)
    writer.add(piles.articles(_FEW, 2 * _FEW))
    _hook(monkeypatch, archive_cluster, "index_anew", before=lambda *_: writer.close())
    _rebuild(address)
    _holds(address, 2 * _FEW)


def test_what_does_not_hold_all_articles_is_not_published(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _indices(cluster, address)

    def forgetful(store: Any, write: Callable[..., Any], *more: Any) -> None:
        index_anew(store, lambda made, of: write(made[1:], of[1:]), *more)

    with monkeypatch.context() as patch:
        patch.setattr("vnjournal.archive_cluster.index_anew", forgetful)
        with pytest.raises(vj.ArchiveError, match="of 12 articles 9 were indexed anew"):
            _rebuild(address)
    assert _indices(cluster, address) == before
    _holds(address)
    _is_alone(cluster, address)


def test_forms_that_a_writer_has_noted_in_the_words_of_before(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vj.Archive.open(address) as writer:
        writer.add([vj.Article("mới", "Quả quýt ở vườn.")])
        writer.delete("mới")
        connection = writer._home
        assert isinstance(connection, ArchiveCluster)
        _hook(monkeypatch, connection._connection, "bulk", before=lambda *_: _rebuild(address))
        assert writer.add([vj.Article("mới", "Quả quýt ở vườn.")]).new == 1
        assert writer.search("quyt").total == 1
    with vj.Archive.open(address) as archive:
        assert archive.search("quyt").total == 1
        assert archive._home.engine.words().forms_of([index_key("quýt")])


def test_an_index_of_another_version_is_seen_by_who_writes(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vj.Archive.open(address) as writer, vj.Archive.open(address) as reader:
        name = _name(address)
        ((_, found),) = cluster.ask("GET", f"/{name}/_mapping").items()
        about = found["mappings"]["_meta"] | {"analysis": "999"}
        cluster.ask("PUT", f"/{name}/_mapping", {"_meta": about})
        says = r"was indexed by version 999 of the analysis, .* run 'vnjournal rebuild --archive"
        with pytest.raises(vj.ArchiveOutdated, match=says):
            writer.add([piles.article(_FEW)])
        with pytest.raises(vj.ArchiveOutdated, match=says):
            reader.refresh()
    with pytest.raises(vj.ArchiveOutdated, match=says):
        vj.Archive.open(address)
    _rebuild(address)
    _holds(address)


# --- cut off, and failed


def test_one_that_is_killed_before_the_end_is_followed_by_another(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed(monkeypatch, address, Layout, "publish")
    with pytest.raises(vj.ArchiveLocked, match=r"is being rebuilt by .*; if it was cut off, run"):
        _add(address, _FEW)
    with pytest.raises(vj.ArchiveLocked, match="is being rebuilt by"):
        _rebuild(address)
    _holds(address)
    monkeypatch.setattr(cluster_claim, "GIVEN_UP", 0)
    _rebuild(address)
    _is_alone(cluster, address)
    _add(address, _FEW)
    _holds(address, _FEW + 1)


@pytest.mark.parametrize("then", ["write", "rebuild"])
def test_one_that_is_killed_when_it_was_done(
    then: str, address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed(monkeypatch, address, ArchiveCluster, "_unblock")
    if then == "rebuild":
        _rebuild(address)
    _add(address, _FEW)
    _holds(address, _FEW + 1)
    _is_alone(cluster, address)


def test_one_that_fails_leaves_nothing(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _indices(cluster, address)

    def fail(*_: object) -> None:
        raise vj.ArchiveFull("no room")

    _hook(monkeypatch, ClusterStore, "fields", before=fail)
    with pytest.raises(vj.ArchiveFull, match="no room"):
        _rebuild(address)
    assert _indices(cluster, address) == before
    _add(address, _FEW)
    _holds(address, _FEW + 1)
    _is_alone(cluster, address)


@pytest.mark.parametrize("is_acknowledged", [True, False])
def test_what_is_put_in_its_place_twice_is_put_there(
    is_acknowledged: bool, address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the first answer was lost; or where it says that not all nodes know by now."""
    update = IndicesClient.update_aliases

    def twice(client: IndicesClient, **named: Any) -> Any:
        update(client, **named)
        return update(client, **named) if is_acknowledged else {"acknowledged": False}

    with monkeypatch.context() as patch:
        patch.setattr(IndicesClient, "update_aliases", twice)
        _rebuild(address)
    _holds(address)
    _is_alone(cluster, address)


def _gives_up(_: object) -> dict[str, bool]:
    return {"acknowledged": False}


def _is_interrupted(_: object) -> dict[str, bool]:
    raise KeyboardInterrupt


def _takes_too_long(_: object) -> dict[str, bool]:
    raise ConnectionTimeout("TIMEOUT", "timed out", TimeoutError())


@pytest.mark.parametrize("answer", [_gives_up, _is_interrupted, _takes_too_long])
@pytest.mark.parametrize("is_done", [True, False])
def test_what_is_put_in_its_place_late_is_not_dropped(
    is_done: bool,
    answer: Callable[[object], dict[str, bool]],
    address: str,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When nobody waits for it any more, before or after the new indices are thrown away."""
    update = IndicesClient.update_aliases
    asked: list[tuple[IndicesClient, dict[str, Any]]] = []

    def late(client: IndicesClient, **named: Any) -> Any:
        if "add" in str(named):
            asked.append((client, named))
            return answer(named)
        if is_done:
            update(asked[0][0], **asked[0][1])
        return update(client, **named)

    before = _indices(cluster, address)
    with monkeypatch.context() as patch:
        patch.setattr(IndicesClient, "update_aliases", late)
        with pytest.raises((vj.ArchiveError, KeyboardInterrupt)):
            _rebuild(address)
    if not is_done:
        assert _indices(cluster, address) == before
    _holds(address)
    _is_alone(cluster, address)
    assert all(f"-{1 + is_done}" in index for index in _indices(cluster, address))


def test_what_is_thrown_away_cannot_be_put_in_its_place_later(address: str) -> None:
    with Connection(Address.parse(address)).open() as connection:
        built = Layout(connection, archive_cluster._BUILT)
        build = built.following("3f2a")
        built.make(build)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Layout, "_delete", lambda *_: None)  # not yet
            built.drop(build)
        with pytest.raises(vj.ArchiveError):
            built.publish(build)
        built.drop_others()
    _holds(address)


def test_what_could_not_be_put_in_its_place_is_no_success(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _indices(cluster, address)
    with monkeypatch.context() as patch:
        patch.setattr(IndicesClient, "update_aliases", lambda *_, **__: {"acknowledged": False})
        with pytest.raises(vj.ClusterBusy, match="in time: try again later"):
            _rebuild(address)
    assert _indices(cluster, address) == before
    _holds(address)
    _is_alone(cluster, address)


@pytest.mark.parametrize("settings", [{"auto_expand_replicas": "0-2"}, {"refresh_interval": "5s"}])
def test_what_an_administrator_sets_in_a_template_holds(
    settings: dict[str, str], address: str, cluster: Cluster
) -> None:
    names = [f"{_name(address)}-{kind}" for kind in ("articles", "words")]
    place = address.partition("?")[0]
    for name in names:
        template = _template(cluster, name)
        index = template["template"]["settings"]["index"]
        index.pop("number_of_replicas")
        index |= settings
        template["_meta"] = {"by": "administrator"}
        cluster.ask("PUT", f"/_index_template/{name}", template)
    for _ in range(2):
        _rebuild(place)
    for name in names:
        assert _template(cluster, name)["_meta"] == {"by": "administrator"}
    for index in _indices(cluster, address):
        (found,) = cluster.ask("GET", f"/{index}/_settings").values()
        assert settings.items() <= found["settings"]["index"].items()
        cluster.wait("green", index=index)
    _holds(address)


def _template(cluster: Cluster, name: str) -> dict[str, Any]:
    (found,) = cluster.ask("GET", f"/_index_template/{name}")["index_templates"]
    template: dict[str, Any] = found["index_template"]
    return template


# --- readers, and archives that are closed


def _answers(archive: vj.Archive, number: int) -> list[object]:
    """What is answered to questions, some of them new."""
    own = piles.article(number).body.rpartition(", ")[2].strip(".")
    asked = [f"bai so {own}", f'"Bài số {number}"', "khoa hoc", "cong ngh*", "cnog nghe"]
    found = [archive.search(query) for query in asked]
    return [(results.total, [hit.id for hit in results], results.facets) for results in found]


def test_a_reader_that_stays_open_finds_the_same_in_other_parts(address: str) -> None:
    with vj.Archive.open(address) as reader, vj.Archive.open(address) as other:
        expected = [_answers(other, number) for number in range(_FEW)]
        for number, shards in enumerate((3, 1, 4)):
            place = address.replace("shards=2", f"shards={shards}")
            _rebuild(place)
            for each in range(number, _FEW, 3):
                assert _answers(reader, each) == expected[each]


def test_searching_goes_on_while_the_archive_is_rebuilt(address: str) -> None:
    """By readers that stay open, that look anew, and that come."""
    with (
        vj.Archive.open(address) as stays_open,
        vj.Archive.open(address) as refreshed,
        ThreadPoolExecutor(1) as pool,
    ):
        expected = [_answers(stays_open, number) for number in range(_FEW)]
        for shards in (3, 1, 2):
            rebuilding = pool.submit(_rebuild, address.replace("shards=2", f"shards={shards}"))
            number = 0
            while not rebuilding.done():
                number = (number + 1) % _FEW
                refreshed.refresh()
                with vj.Archive.open(address) as opened:
                    for archive in (stays_open, refreshed, opened):
                        assert _answers(archive, number) == expected[number]
            rebuilding.result()
    _holds(address)


@pytest.mark.parametrize("error", [vj.AccessDenied, vj.ArchiveFull, vj.ArchiveLocked])
def test_who_may_not_write_may_read_though_a_decision_is_pending(
    error: type[vj.ArchiveError], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise error("no")

    def refuse_to_write(_: object, __: str, actions: Iterable[object], **___: object) -> None:
        if list(actions):
            raise error("no")

    with vj.Archive.open(address) as archive:
        proposals = [each for each in archive.proposals("safe") if each.id == "bài/2"]
        assert proposals
        assert archive.edits("bài/2")
        with monkeypatch.context() as patch:
            patch.setattr(ArchiveCluster, "_write_as_decided", refuse)
            with pytest.raises(error):
                archive.decide(proposals, accept=False)
    with monkeypatch.context() as patch:
        patch.setattr(Connection, "bulk", refuse_to_write)
        with vj.Archive.open(address) as archive:
            assert archive.search("khoa").total == _FEW
            assert archive.edits("bài/2")
    with vj.Archive.open(address) as archive:
        assert not archive.edits("bài/2")


_ASKED: dict[str, Callable[[vj.Archive], object]] = {
    "how many": len,
    "all": list,
    "an article": lambda archive: archive.get("bài/2"),
    "edits": lambda archive: archive.edits("bài/2"),
    "near duplicates": lambda archive: archive.near_duplicates("bài/2"),
    "counts": lambda archive: archive.stats(),
    "a note": lambda archive: archive.note("x"),
    "words": lambda archive: archive.words,
    "a search": lambda archive: archive.search("khoa"),
    "what is new": lambda archive: archive.refresh(),
    "proposals": lambda archive: list(archive.proposals()),
    "writing": lambda archive: archive.add([piles.article(1)]),
    "deleting": lambda archive: archive.delete("bài/2"),
    "noting": lambda archive: archive.set_note("x", "y"),
}


def test_an_archive_that_is_closed_asks_nothing(address: str) -> None:
    archive = vj.Archive.open(address)
    home = archive._home
    assert isinstance(home, ArchiveCluster)
    archive.search("khoa")
    archive.close()
    for ask in _ASKED.values():
        with pytest.raises(vj.ArchiveError, match=r"^the archive is closed: open it again$"):
            ask(archive)
    assert home._connection._client is None
    archive.close()
