"""What the store of an archive on a cluster asks for: in bounded pages, and all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import vnjournal as vj
from tests.cluster import piles
from tests.cluster.nodes import Cluster
from tests.places import Places
from vnjournal.cluster import documents
from vnjournal.cluster.address import Address
from vnjournal.cluster.bulk import Action
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import every
from vnjournal.store import cluster as store
from vnjournal.store import writing


@pytest.fixture
def archive(places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[vj.Archive]:
    """An archive with 25 articles, of which a few make a page."""
    monkeypatch.setattr(documents, "_PAGE", 7)
    with places.address() as address, vj.Archive.create(address) as made:
        made.add(piles.articles(25))
        yield made


@pytest.mark.parametrize("count", [0, 6, 7, 8, 14, 20])
def test_every_document_comes_once_and_in_order(
    count: int,
    cluster: Cluster,
    index: str,
    connect: Callable[..., Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "_PAGE", 7)
    connection = connect(f"{cluster.addresses[0]}/kho").open()
    connection.bulk(index, (("index", str(n), {"n": n}) for n in range(count)), refresh=True)
    found = []
    for hit in every(connection, index, ["n"], ["n"]):
        found.append(hit["_source"]["n"])
        behind: list[Action] = [("index", f"new {n}", {"n": n}) for n in (count + found[-1], 999)]
        connection.bulk(index, behind, refresh=True)  # would never end
    assert found[:count] == list(range(count))
    assert len(found) < 3 * count + 1


def test_nothing_is_kept_by_the_cluster_for_who_reads(
    archive: vj.Archive, cluster: Cluster
) -> None:
    readers = [iter(archive) for _ in range(3)]
    first = [next(reader).id for reader in readers]
    stats = cluster.ask("GET", f"/{Address.parse(str(archive.place)).name}/_stats/search")
    kept = stats["_all"]["total"]["search"]
    assert (kept["open_contexts"], kept["point_in_time_current"], kept["scroll_current"]) == (
        0,
        0,
        0,
    )
    assert [
        [each, *(a.id for a in reader)] for each, reader in zip(first, readers, strict=True)
    ] == [[each.id for each in archive]] * 3


def test_all_are_read_while_they_are_written(archive: vj.Archive) -> None:
    expected = [each.id for each in archive]
    found = []
    for number, each in enumerate(archive):
        found.append(each.id)
        archive.add([each, vj.Article(f"new {number}", "Bài mới.")])
        archive.delete([f"bài/{number - 3}"])
    assert found == expected
    assert list(archive._store.ids_in_order())[:3] == ["bài/22", "bài/23", "bài/24"]


def test_few_texts_are_fetched_together(
    archive: vj.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    home: Any = archive._home
    sizes = []
    fetched = home.store._found

    def counted(ids: list[str], parts: list[str]) -> Any:
        sizes.append(len(ids))
        return fetched(ids, parts)

    monkeypatch.setattr(home.store, "_found", counted)
    length = len(piles.article(1).body)
    monkeypatch.setattr(
        store, "batches", lambda items, size: writing.batches(items, size, 3 * length)
    )
    assert len(list(archive)) == 25
    assert max(sizes) <= 4


def test_one_that_very_many_are_like_leaves_the_others_theirs(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with places.address() as address, vj.Archive.create(address) as archive:
        same, other = piles.article(1).body, piles.article(2).body
        archive.add(vj.Article(f"same {n:02}", f"{same} {n}") for n in range(30))
        archive.add([vj.Article("other", other)])
        with monkeypatch.context() as fewer:
            fewer.setattr(store, "MOST_IDS", 20)
            fewer.setattr(store, "_FIRST", 5)
            added = archive.add([vj.Article("again", same), vj.Article("z", other)])
        assert {each.id for each in added.near_duplicates} == {"again", "z"}
        (of,) = (each for each in added.near_duplicates if each.id == "z")
        assert (of.other, of.similarity) == ("other", 1.0)
        assert len(archive.near_duplicates("again")) == 30
