"""Archives on a cluster whose nodes are killed: while articles are indexed, and while searched."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import vnjournal as vj
from tests.cluster import piles
from tests.cluster.nodes import Nodes
from tests.cluster.piles import PATIENCE, indexing, until
from tests.places import Places, address_of
from vnjournal.cluster.address import Address
from vnjournal.store import writing

_MANY = 500  # articles
_BATCH = 50  # as of the program that indexes


def _count(address: str) -> int:
    """How many articles can be found by now; 0 where there is no archive yet."""
    try:
        with vj.Archive.open(address) as archive:
            return len(archive)
    except vj.ArchiveNotFound:
        return 0


def _has_more(address: str, than: int) -> bool:
    count = _count(address)
    assert count >= than, "what was there is lost"
    return count > than


def _victims(nodes: Nodes) -> list[int]:
    """The node that manages the cluster, and another one."""
    (manager,) = nodes.ask("GET", "/_cat/cluster_manager?format=json")
    return sorted(range(nodes.count), key=lambda number: manager["node"] != f"n{number}")[:2]


def test_a_node_killed_while_articles_are_indexed_loses_none_and_doubles_none(
    breakable_cluster: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node that manages the cluster, and another; by the library and the program."""
    monkeypatch.setattr(writing, "BATCH", _BATCH)
    nodes = breakable_cluster
    pile = piles.write(tmp_path / "pile.jsonl", piles.articles(_MANY))
    for victim in _victims(nodes):
        ours, theirs = (
            address_of(nodes, f"{who}-{victim}", "shards=3&replicas=1")
            for who in ("ours", "theirs")
        )
        reached: list[int] = []

        def coming(
            victim: int = victim, theirs: str = theirs, reached: list[int] = reached
        ) -> Iterator[vj.Article]:
            for number in range(_MANY):
                if number == _MANY // 3:
                    until(lambda: _count(theirs) > 0)
                    nodes.kill(victim)
                    reached.append(_count(theirs))
                if number == 2 * _MANY // 3:
                    nodes.restart(victim)
                yield piles.article(number)

        with indexing(pile, "--archive", theirs) as program, vj.Archive.create(ours) as archive:
            added = archive.add(coming())
            told, complaints = program.communicate(timeout=PATIENCE)
        assert (added.new, added.changed, added.unchanged) == (_MANY, 0, 0)
        assert (program.returncode, complaints) == (0, ""), complaints
        assert told.startswith(f"{_MANY} new, 0 changed, 0 unchanged articles"), told
        assert reached[0] < _MANY, "the program was at work"
        for address in (ours, theirs):
            nodes.wait("green", nodes.count, f"{Address.parse(address).name}*")
            assert piles.wrong(address, piles.articles(_MANY)) == []


def test_an_indexing_program_that_is_killed_goes_on_where_it_was(
    places: Places, tmp_path: Path
) -> None:
    pile = piles.write(tmp_path / "pile.jsonl", piles.articles(_MANY))
    with places.address() as address, places.address() as uninterrupted:
        acknowledged = 0
        for _ in range(3):
            with indexing(pile, "--archive", address) as program:
                until(partial(_has_more, address, acknowledged))
                program.send_signal(signal.SIGKILL)
            assert program.returncode == -signal.SIGKILL
            acknowledged = _count(address)
        assert acknowledged < _MANY
        with indexing(pile, "--archive", address) as program:
            told, complaints = program.communicate(timeout=PATIENCE)
        assert (program.returncode, complaints) == (0, "")
        with indexing(pile, "--archive", uninterrupted) as program:
            program.communicate(timeout=PATIENCE)
        assert piles.wrong(address, piles.articles(_MANY)) == []
        first, second = map(_contents, (address, uninterrupted))
        assert first == second
        with indexing(pile, "--archive", address) as program:
            told, complaints = program.communicate(timeout=PATIENCE)
        assert told.startswith(f"0 new, 0 changed, {_MANY} unchanged"), told


def _contents(address: str) -> list[object]:
    """What an archive says, whichever run of the program wrote it."""
    with vj.Archive.open(address) as archive:
        found = archive.search("khoa hoc so 7", limit=50)
        return [
            list(archive),
            [(hit.id, hit.score, hit.snippet) for hit in found],
            found.facets,
            archive.complete("cong"),
            archive.similar("bài/7"),
        ]


def test_a_node_killed_while_articles_are_searched_is_not_noticed(
    breakable_cluster: Nodes, tmp_path: Path
) -> None:
    """By several that search, two nodes being killed in turn and brought back."""
    nodes = breakable_cluster
    address = address_of(nodes, "kho", "shards=3&replicas=1")
    few = 200
    with vj.Archive.create(address) as archive:
        archive.add([*piles.articles(few), replace(piles.article(17), id="bài/17 lần nữa")])
        expected = piles.answers(archive)
    nodes.wait("green", index="kho*")
    assert [name for name, answer in expected.items() if not answer] == []
    rounds = [0, 0, 0]
    stop = threading.Event()

    def search(number: int) -> None:
        try:
            while not stop.is_set():
                with vj.Archive.open(address) as archive:
                    while not stop.is_set():
                        assert piles.answers(archive) == expected
                        rounds[number] += 1
                        if number == 0:
                            break  # one opens it anew each time
        finally:
            stop.set()

    def gone_on(since: list[int]) -> bool:
        return stop.is_set() or all(now > then for now, then in zip(rounds, since, strict=True))

    with ThreadPoolExecutor(len(rounds)) as pool:
        searching = [pool.submit(search, number) for number in range(len(rounds))]
        try:
            for victim in _victims(nodes):
                before = list(rounds)
                until(partial(gone_on, before))
                nodes.kill(victim)
                before = [count + 1 for count in rounds]  # the next was begun before
                until(partial(gone_on, before))
                nodes.restart(victim)
                nodes.wait("green", nodes.count, "kho*")
        finally:
            stop.set()
        for each in searching:
            each.result()
