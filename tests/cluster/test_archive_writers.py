"""Several that write to one archive on a cluster at a time: it ends as the union of all."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import Transport

import vnjournal as vj
from tests.cluster import piles
from tests.cluster.nodes import Nodes
from tests.cluster.piles import PATIENCE, indexing
from tests.cluster.shared import require
from tests.places import Places, address_of
from vnjournal import intake, sync
from vnjournal.archive_cluster import ArchiveCluster
from vnjournal.articles import sources
from vnjournal.cluster import documents
from vnjournal.errors import SourceError
from vnjournal.store import cluster_files, writing
from vnjournal.store.cluster import ClusterStore


def _ended(programs: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What programs told that have done all they should."""
    told = []
    for program in programs:
        out, complaints = program.communicate(timeout=PATIENCE)
        assert (program.returncode, complaints) == (0, ""), complaints
        told.append(out)
    return told


def test_two_that_make_an_archive_and_write_to_it_at_once(places: Places, tmp_path: Path) -> None:
    some, others = piles.articles(300), piles.articles(200, 500)
    first = piles.write(tmp_path / "first.jsonl", some)
    second = piles.write(tmp_path / "second.jsonl", reversed(others))
    with places.address() as address:
        _ended([indexing(pile, "--archive", address) for pile in (first, second)])
        assert piles.wrong(address, piles.articles(500)) == []
        told = _ended([indexing(tmp_path, "--archive", address)])
        assert told[0].startswith("0 new, 0 changed, "), told
        assert "; 500 articles in" in told[0]


def test_two_that_share_the_files_of_a_pile(places: Places, tmp_path: Path) -> None:
    for number in range(40):
        made = piles.articles(number * 10, number * 10 + 10)
        piles.write(tmp_path / f"{number}.jsonl", made)
    with places.address() as address:
        told = _ended(
            [
                indexing(tmp_path, "--shard", f"{part}/2", "--json", "--archive", address)
                for part in (1, 2)
            ]
        )
        shares = [json.loads(each) for each in told]
        assert sum(each["new"] for each in shares) == 400
        assert all(0 < each["new"] < 400 and not each["unchanged"] for each in shares)
        assert piles.wrong(address, piles.articles(400)) == []
        told = _ended([indexing(tmp_path, "--archive", address)])
        assert told[0].startswith("0 new, 0 changed, 400 unchanged"), told


def test_what_another_process_has_just_brought_is_not_taken_for_lost(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two read a file that has changed; one comes to its end while the other is in its midst."""
    monkeypatch.setattr(writing, "BATCH", 10)
    pile = piles.write(tmp_path / "pile.jsonl", piles.articles(30))
    begun, go_on, is_half, ended = (threading.Event() for _ in range(4))
    with (
        places.address() as address,
        vj.Archive.create(address) as one,
        vj.Archive.open(address) as other,
        ThreadPoolExecutor(1) as thread,
    ):
        home = one._home
        assert isinstance(home, ArchiveCluster)
        one.sync(pile)
        piles.write(pile, map(_changed, piles.articles(5, 30)))
        keep = other._home.keep

        def keep_half(*batch: Any) -> Callable[[], None]:
            begun.set()
            go_on.wait(PATIENCE)
            finish = keep(*batch)
            finish()
            is_half.set()
            ended.wait(PATIENCE)
            return finish

        monkeypatch.setattr(other._home, "keep", keep_half)
        reading = thread.submit(other.sync, pile)
        begun.wait(PATIENCE)

        def go_half() -> None:
            go_on.set()
            is_half.wait(PATIENCE)

        _before(monkeypatch, home.store.files, "lost", go_half)
        try:
            assert one.sync(pile, prune=True).pruned == 5
        finally:
            for event in (go_on, ended):
                event.set()
        reading.result()
        one.refresh()
        assert {each.id for each in one} == {each.id for each in piles.articles(5, 30)}


def _sync_on(
    host: str, address: str, *named: Path, prune: bool = False, shard: tuple[int, int] | None = None
) -> vj.Synced:
    """What comes of files when a machine of some name reads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "gethostname", lambda: host)
        with vj.Archive.open(address) as archive:
            return archive.sync(named, prune=prune, shard=shard, report=_silent)


@pytest.mark.parametrize("hosts", [("a", "b"), ("a", "a")])
def test_piles_that_have_the_same_names(
    hosts: tuple[str, str], places: Places, tmp_path: Path
) -> None:
    """Of two machines, or in two folders of one."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "bài.txt").write_text(f"Hội nghị khoa học và công nghệ ở {folder.name}.", "utf-8")
    with places.address() as address:
        vj.Archive.create(address).close()
        for _ in range(2):
            for host, folder in zip(hosts, (here, there), strict=True):
                _sync_on(host, address, folder)
        with vj.Archive.open(address) as archive:
            assert [each.id for each in archive] == ["bài.txt", "there/bài.txt"]
        synced = [_sync_on(host, address, here, there) for host in hosts]
        assert [each.changed for each in synced] == [0, 0]


def test_a_pile_that_two_machines_have_elsewhere_is_one(places: Places, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (here / "bài.txt").write_text("Hội nghị khoa học và công nghệ.", "utf-8")
    shutil.copytree(here, there)
    with places.address() as address:
        vj.Archive.create(address).close()
        assert _sync_on("a", address, here).new == 1
        assert _sync_on("b", address, there).new == 0
        (there / "bài.txt").write_text("Hội nghị khoa học và công nghệ lần thứ hai.", "utf-8")
        assert _sync_on("b", address, there).changed == 1
        with vj.Archive.open(address) as archive:
            assert [each.id for each in archive] == ["bài.txt"]


@pytest.mark.xfail(reason="the last one read takes the other's place, again and again", strict=True)
@pytest.mark.parametrize("is_id_inside", [True, False])
def test_what_other_machines_have_of_the_same_id_is_not_replaced(
    is_id_inside: bool, places: Places, tmp_path: Path
) -> None:
    """An id inside files of two machines; or a file that was the same on both, and is no more."""
    folders = [tmp_path / "here", tmp_path / "there"]
    name = "{}.jsonl" if is_id_inside else "bài.txt"
    text = '{{"id": "x", "body": "Khoa học ở {}."}}' if is_id_inside else "Khoa học."
    files = [folder / name.format(folder.name) for folder in folders]
    with places.address() as address:
        vj.Archive.create(address).close()
        for host, folder, file in zip("ab", folders, files, strict=True):
            folder.mkdir()
            file.write_text(text.format(folder.name), encoding="utf-8")
            _sync_on(host, address, folder)
        if not is_id_inside:
            files[1].write_text("Khoa học, lần thứ hai.", encoding="utf-8")
        for _ in range(2):
            again = [_sync_on(*each) for each in zip("ab", [address] * 2, folders, strict=True)]
        assert [each.changed for each in again] == [0, 0]


def test_what_another_machine_has_read_is_not_pruned(places: Places, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    piles.write(pile / "one.jsonl", piles.articles(5))
    piles.write(pile / "two.jsonl", piles.articles(5, 10))
    with places.address() as address:
        vj.Archive.create(address).close()
        assert _sync_on("a", address, pile).new == 10
        (pile / "one.jsonl").unlink()  # here, and not on the disks of the other
        assert _sync_on("b", address, pile, prune=True).pruned == 0
        assert _sync_on("a", address, pile, prune=True).pruned == 5


def test_a_file_is_pruned_by_the_part_that_it_was_read_in(places: Places, tmp_path: Path) -> None:
    """Though its articles have longer ids, as others have those of its place."""
    folders = [tmp_path / "here", tmp_path / "there"]
    for folder in folders:
        folder.mkdir()
        for number in range(8):
            (folder / f"{number}.txt").write_text(
                f"Bài {number} ở {folder.name}: khoa học.", "utf-8"
            )
    parts = [(1, 2), (2, 2)]
    with places.address() as address:
        vj.Archive.create(address).close()
        for folder in folders:
            assert sum(_sync_on("a", address, folder, shard=part).new for part in parts) == 8
        files = [sorted(folder.iterdir())[1:] for folder in folders]
        for file in (*files[0], *files[1]):
            file.unlink()
        for part in parts:
            left = [n for n in range(1, 8) if sync._is_in(part, f"{n}.txt")]
            pruned = _sync_on("a", address, *folders, prune=True, shard=part).pruned
            assert pruned == 2 * len(left)


def test_what_was_deleted_and_not_forgotten_comes_back(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed between the two, and deletes once more."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    file = piles.write(tmp_path / "pile.jsonl", piles.articles(5))
    with places.address() as address, vj.Archive.create(address) as archive:
        archive.sync(file)
        with monkeypatch.context() as patch:
            patch.setattr(ClusterStore, "forget", stop)
            with pytest.raises(KeyboardInterrupt):
                archive.delete("bài/2")
        archive.refresh()
        assert archive.delete("bài/2") == 0
        assert archive.sync(file).new == 1


@pytest.mark.parametrize("is_of_another_part", [True, False])
def test_what_another_process_is_reading_is_not_pruned(
    is_of_another_part: bool, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is in the midst of a file that has changed when another begins, and comes to its end.

    That one does not read the file: it is not of its part, or it cannot for a while.
    """
    monkeypatch.setattr(writing, "BATCH", 10)
    big, small = tmp_path / "big.jsonl", tmp_path / "small.jsonl"
    part = next(n for n in (1, 2) if sync._is_in((n, 2), big.name))
    shards = ((part, 2), (3 - part, 2)) if is_of_another_part else (None, None)
    piles.write(big, piles.articles(30))
    piles.write(small, piles.articles(30, 31))
    opened, ended = sources.opened, intake.Intake.ended
    with (
        places.address() as address,
        vj.Archive.create(address) as one,
        vj.Archive.open(address) as other,
    ):
        one.sync(tmp_path)
        piles.write(big, map(_changed, piles.articles(30)))
        waiting = ["the other"]

        def closed(path: Path, *more: Any) -> Any:
            if path == big:
                raise SourceError("Input/output error")
            return opened(path, *more)

        def then(self: intake.Intake, *batch: Any) -> None:
            ended(self, *batch)
            if waiting:
                waiting.clear()
                with monkeypatch.context() as away:
                    away.setattr(sources, "opened", closed)
                    done = other.sync(tmp_path, shard=shards[1], prune=True, report=_silent)
                assert (done.pruned, done.vanished, done.failed) == (0, 0, shards[0] is None)

        monkeypatch.setattr(intake.Intake, "ended", then)
        done = one.sync(tmp_path, shard=shards[0], prune=True)
        assert (done.new, done.changed, done.pruned, waiting) == (0, 30, 0, [])
        assert len(one) == 31


def _silent(_: vj.FileReport) -> None:
    """Reports of files, which are not looked at."""


def test_a_new_file_at_the_place_of_one_that_moved_is_another(
    places: Places, tmp_path: Path
) -> None:
    place, moved = tmp_path / "a.jsonl", tmp_path / "moved/a.jsonl"
    moved.parent.mkdir()
    with places.address() as address, vj.Archive.create(address) as archive:
        piles.write(place, piles.articles(3))
        archive.sync(tmp_path)
        place.rename(moved)
        assert archive.sync(moved.parent).unchanged == 3
        piles.write(place, piles.articles(3, 5))
        for new, unchanged in ((2, 3), (0, 5)):
            done = archive.sync(tmp_path, prune=True)
            assert (done.new, done.changed, done.unchanged) == (new, 0, unchanged)
        assert {note.path for note in archive._store.files.every()} == {place, moved}


def test_files_of_other_paths_and_the_same_number_are_told_apart(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alike(*parts: str) -> str:
        is_place = parts[0] == "file" and len(parts) == 3
        return "0" * 32 if is_place else documents.document_id(*parts)

    monkeypatch.setattr(cluster_files, "document_id", alike)
    with places.address() as address, vj.Archive.create(address) as archive:
        for number in range(2):
            piles.write(tmp_path / f"{number}.jsonl", piles.articles(number, number + 1))
            assert archive.sync(tmp_path).new == 1
        assert archive.sync(tmp_path).unchanged == 2
        assert len(list(archive._store.files.every())) == 2


def test_questions_about_files_do_not_grow_with_their_number(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    perform = Transport.perform_request

    def counted(self: Transport, method: str, url: str, *more: Any, **named: Any) -> Any:
        asked.append(f"{method} {url.rsplit('/', 1)[-1]}")
        return perform(self, method, url, *more, **named)

    monkeypatch.setattr(Transport, "perform_request", counted)
    counts = []
    with places.address() as address, vj.Archive.create(address) as archive:
        for number in range(60):
            (tmp_path / f"{number}.txt").write_text(f"Bài số {number}", encoding="utf-8")
            if number + 1 in (10, 60):
                archive.sync(tmp_path)
                asked.clear()
                assert archive.sync(tmp_path, prune=True).unchanged == number + 1
                counts.append(len(asked))
    assert counts[0] == counts[1] < 20, asked


def test_articles_are_deleted_and_decided_about_while_others_come(
    places: Places, tmp_path: Path
) -> None:
    """Their text changes at the same time; neither that nor what was decided is lost."""
    old, changed = piles.articles(200), [_changed(each) for each in piles.articles(50, 200)]
    pile = piles.write(tmp_path / "pile.jsonl", [*changed, *piles.articles(200, 400)])
    with places.address() as address, vj.Archive.create(address) as archive:
        archive.add(old)
        proposals = _about_typos(archive)
        assert len(proposals) == len(old)
        with indexing(pile, "--archive", address) as program:
            while program.poll() is None and proposals:
                some, proposals = proposals[:20], proposals[20:]
                archive.decide(some[::2], accept=False)
                archive.delete(
                    [each.id for each in some[1::4] if int(each.id.rsplit("/", 1)[-1]) < 50]
                )
            archive.decide(proposals[::2], accept=False)
            _ended([program])
        archive.refresh()
        kept = {each.id for each in archive}
        gone = {each.id for each in old} - kept
        expected = [*old[:50], *changed, *piles.articles(200, 400)]
        assert gone
        assert gone < {each.id for each in old[:50]}
        assert piles.wrong(address, [each for each in expected if each.id in kept]) == []
        rejected = {each.id for each in old[::2]} - gone
        uncorrected = {each.id for each in expected if not _is_corrected(archive, each.id)}
        assert uncorrected - gone == rejected


def _about_typos(archive: vj.Archive) -> list[vj.Proposal]:
    """What is proposed about the typo that each article has."""
    found = archive.proposals("safe")
    return [each for each in found if each.edit.before in piles.TYPO]


def _is_corrected(archive: vj.Archive, id: str) -> bool:
    edits = archive.edits(id).get("body", ())
    return any(edit.before in piles.TYPO for edit in edits)


def _changed(article: vj.Article) -> vj.Article:
    return replace(article, body=article.body + " Bài này đã được sửa lại.")


# --- one comes in the middle of the other


@pytest.fixture
def two(places: Places) -> Iterator[tuple[vj.Archive, vj.Archive]]:
    """An archive with some articles, opened twice."""
    with (
        places.address() as address,
        vj.Archive.create(address) as one,
        vj.Archive.open(address) as other,
    ):
        one.add(piles.articles(4))
        other.refresh()
        yield one, other


def _before(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, act: Callable[[], object]
) -> None:
    """Have something done once, before a method is called."""
    called: Callable[..., Any] = getattr(place, name)
    waiting = [act]

    def first(*arguments: Any, **named: Any) -> Any:
        if waiting:
            waiting.pop()()
        return called(*arguments, **named)

    monkeypatch.setattr(place, name, first)


@pytest.mark.parametrize("accept", [True, False])
def test_what_is_decided_while_an_article_is_prepared_holds(
    accept: bool, two: tuple[vj.Archive, vj.Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    proposals = [each for each in _about_typos(other) if each.id == "bài/2"]
    other.decide(proposals, accept=not accept)
    changed = _changed(piles.article(2))
    _before(monkeypatch, one._home, "keep", lambda: other.decide(proposals, accept=accept))
    assert one.add([changed]).changed == 1
    assert one.get("bài/2") == changed
    assert _is_corrected(one, "bài/2") is accept
    assert one.search('"sửa lại"').total == 1


def test_what_is_decided_holds_though_the_indexer_is_killed(
    two: tuple[vj.Archive, vj.Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the article is there, and not yet written as was decided."""

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    one, other = two
    proposals = [each for each in _about_typos(other) if each.id == "bài/2"]
    changed = _changed(piles.article(2))
    _before(monkeypatch, one._home, "keep", lambda: other.decide(proposals, accept=False))
    with monkeypatch.context() as patch:
        patch.setattr(one._home, "_write_as_decided", stop)
        with pytest.raises(KeyboardInterrupt):
            one.add([changed])
    with vj.Archive.open(other.place) as archive:
        assert archive.get("bài/2") == changed
        assert not _is_corrected(archive, "bài/2")


def test_an_article_that_changes_while_it_is_decided_about_stays_changed(
    two: tuple[vj.Archive, vj.Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    home = other._home
    assert isinstance(home, ArchiveCluster)
    changed = [_changed(each) for each in piles.articles(1, 3)]
    proposals = _about_typos(other)
    _before(monkeypatch, home.engine, "put", lambda: one.add(changed))
    assert other.decide(proposals, accept=False) == 4
    assert [other.get(each.id) for each in changed] == changed
    assert not any(_is_corrected(other, each.id) for each in piles.articles(4))
    assert other.search('"sửa lại"').total == 2


def test_an_article_that_is_deleted_while_it_is_decided_about_stays_deleted(
    two: tuple[vj.Archive, vj.Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    home = other._home
    assert isinstance(home, ArchiveCluster)
    proposals = _about_typos(other)
    _before(monkeypatch, home.engine, "put", lambda: one.delete(["bài/2"]))
    other.decide(proposals, accept=False)
    assert sorted(each.id for each in other) == ["bài/0", "bài/1", "bài/3"]


def test_what_is_deleted_while_it_comes_again_unchanged_is_read_again(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pile = piles.write(tmp_path / "pile.jsonl", piles.articles(2))
    with (
        places.address() as address,
        vj.Archive.create(address) as one,
        vj.Archive.open(address) as other,
    ):
        one.sync(pile)
        pile.write_text(pile.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        _before(monkeypatch, one._home, "keep", lambda: other.delete(["bài/0"]))
        assert one.sync(pile).unchanged == 2
        done = one.sync(pile)
        assert (done.new, done.unchanged, len(one)) == (1, 1, 2)


def test_words_and_templates_that_two_add_at_once(
    two: tuple[vj.Archive, vj.Archive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    for word in ("mộtchữ", "bachữ"):  # when there are none yet, and when there are
        _before_writing(monkeypatch, one, partial(other.protect, ["haichữ", f"{word}khác"]))
        one.protect([word])
    assert sorted(one.words) == sorted(["mộtchữ", "bachữ", "haichữ", "mộtchữkhác", "bachữkhác"])
    templates = [tmp_path / name for name in ("mot.toml", "hai.toml")]
    for each in templates:
        each.write_text('[applies]\nhosts = ["bao.example.vn"]\n', encoding="utf-8")
    _before_writing(monkeypatch, one, partial(other.use_templates, templates[:1]))
    one.use_templates(templates[1:])
    assert {each.name for each in one._store.templates()} == {each.stem for each in templates}


def _before_writing(
    monkeypatch: pytest.MonkeyPatch, archive: vj.Archive, act: Callable[[], object]
) -> None:
    """Have something done once, before an archive's next document is written."""
    home = archive._home
    assert isinstance(home, ArchiveCluster)
    _before(monkeypatch, home._connection, "bulk", act)


# --- a node that is too small for them


def test_a_queue_of_one_takes_all_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require()
    settings = {"thread_pool.write.queue_size": 1, "thread_pool.write.size": 1}
    with Nodes(1, settings) as nodes:
        address = address_of(nodes, "kho", "shards=4")
        parts = [piles.articles(first, first + 100) for first in range(0, 400, 100)]
        files = [piles.write(tmp_path / f"{n}.jsonl", part) for n, part in enumerate(parts)]
        _ended([indexing(file, "--archive", address, batch=10) for file in files])
        assert piles.wrong(address, piles.articles(400)) == []
        pools = nodes.ask("GET", "/_nodes/stats/thread_pool")["nodes"].values()
        assert sum(each["thread_pool"]["write"]["rejected"] for each in pools), "none had to wait"
