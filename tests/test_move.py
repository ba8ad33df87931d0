"""An archive moved from folder to cluster and back, from engine to engine, stays the same."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from threading import Event

import pytest

from benchmarks import samples
from tests.cluster.piles import PATIENCE
from tests.places import ENGINES, ON_CLUSTER, Places, folder_of
from tests.program import refused, run
from vnjournal import Archive, Article, answers, move
from vnjournal.archive_home import Home
from vnjournal.articles.article import Author
from vnjournal.cluster.address import Address
from vnjournal.errors import ArchiveExists, ArchiveLocked
from vnjournal.index.engines import NAMES
from vnjournal.store import writing
from vnjournal.store.store import MOVING

BODY = "Đảng bộ Sở Khoa học và Công nghệ triển khai nhiệm vụ, cơ sở,theo quy định của Ban Bí thư. "
GLUED = "Đặc biệt là việctriển khai sâu rộng trong tòan tỉnh."
ARTICLES = 24

Place = Path | str


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """And few queries: a cluster takes its time."""
    monkeypatch.setattr(writing, "BATCH", 10)
    monkeypatch.setattr(answers, "_QUERIES", 12)


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, one of them unreadable; some articles are nearly the same."""
    top = tmp_path_factory.mktemp("pile")
    told = list(samples.articles())
    for number in range(10):
        text = f"{told[number].title}\n\n{told[number].body[:999]} {BODY * number}{GLUED}"
        (top / f"{number}.txt").write_text(text, encoding="utf-8")
    lines = [
        {
            "id": f"line-{n}",
            "body": f"{told[n].title}. {BODY}",
            "published": f"{2015 + n % 4}",
            "section": "Tin",
        }
        for n in range(14)
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    (top / "many.jsonl").write_text(f"{text}\n{{bad\n", encoding="utf-8")
    (top / "noise.txt").write_bytes(bytes(range(128, 256)))
    return top


@pytest.fixture(scope="module")
def original(pile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with all that there can be in one: kept as it was made by all tests."""
    folder = tmp_path_factory.mktemp("original") / "archive"
    template = pile.parent / f"{pile.name}.toml"
    template.write_text('[applies]\nhosts = ["bao.example.vn"]\n', encoding="utf-8")
    with Archive.create(folder) as archive:
        archive.protect(["hát xoan", "tòan"])
        archive.use_templates([template])
        archive.sync(pile, report=lambda _: None)
        author = Author("Nguyễn Văn An", "TS", "Hải Dương")
        archive.add([Article("nobody's", GLUED, authors=(author,), extra={"a": [1, {"b": None}]})])
        archive.set_note("harvest x", '{"until": "2018"}')
        every = [p for p in archive.proposals("safe") if p.edit.before == "việctriển"]
        archive.decide(every[:3], accept=False)
        archive.decide(every[3:5], accept=True)
        archive.decide(every[:1], accept=True)
        archive.decide(list(archive.proposals("suggest"))[:2], accept=True)
        archive.add([Article("gone", "Một bài sẽ bị xóa.")])
        archive.delete(["gone"])
        archive.add([Article("0.txt", "Bài này nay khác hẳn.")])
    return folder


@contextmanager
def _place(engine: str, folder: Path, places: Places) -> Iterator[Place]:
    """Where an archive of an engine may be made."""
    if engine != ON_CLUSTER:
        yield folder
        return
    with places.address() as address:
        yield address


def _move(source: Place, target: Place, engine: str = "", processes: int = 1) -> move.Moved:
    name = "" if engine == ON_CLUSTER else engine
    return Archive.move(source, target, engine=name, processes=processes)


def _all_of(place: Place) -> list[object]:
    """All that is stored, and what is found."""
    with Archive.open(place) as archive, archive._home.held():
        store = archive._home.store
        ids = list(store.ids_in_order())
        found = archive.search("viec trien khai", limit=99)
        return [
            *store.entries(),
            *store.decided(),
            *store.files.every(),
            store.settings(),
            ids,
            store.like_earlier(ids),
            [archive.near_duplicates(id) for id in ids],
            found.total,
            {hit.id for hit in found},
            found.facets,
            sorted(archive._home.engine.ids()),
        ]


def _settings(place: Place) -> dict[str, str]:
    with Archive.open(place) as archive:
        return archive._home.store.settings()


@pytest.fixture(scope="module")
def sources(
    original: Path, tmp_path_factory: pytest.TempPathFactory, places: Places
) -> Iterator[Callable[[str], Place]]:
    """A function that gives the same archive with an engine."""
    made: dict[str, Place] = {NAMES[0]: original}
    with ExitStack() as stack:

        def source(engine: str) -> Place:
            if engine not in made:
                folder = tmp_path_factory.mktemp("source") / "archive"
                made[engine] = stack.enter_context(_place(engine, folder, places))
                assert _move(original, made[engine], engine).differences == ()
            return made[engine]

        yield source


@pytest.mark.parametrize(("source", "target"), list(product(ENGINES, ENGINES)))
def test_everything_goes_along(
    source: str,
    target: str,
    sources: Callable[[str], Place],
    pile: Path,
    tmp_path: Path,
    places: Places,
) -> None:
    one = sources(source)
    before = _all_of(one)
    with _place(target, tmp_path / "target", places) as other:
        moved = _move(one, other, target, processes=2)
        assert moved.differences == ()
        assert moved.articles == moved.copied == ARTICLES + 1
        assert moved.queries == 12
        assert moved.shared >= 0.9
        assert _all_of(other) == before == _all_of(one)
        assert Archive.check(other) == []
        with Archive.open(other) as archive:
            assert archive.engine_name == target
            synced = archive.sync(pile, report=lambda _: None)
            assert (synced.new, synced.changed, synced.unchanged) == (0, 0, ARTICLES)
            assert archive.words == ("hát xoan", "tòan")
            archive.add([Article("next", "Một bài mới nữa.")])
            assert [article.id for article in archive][-1] == "next"


def test_what_is_there_already_is_not_written_again(original: Path, tmp_path: Path) -> None:
    for engine, copied in ((NAMES[1], ARTICLES + 1), ("", 0)):
        assert _move(original, tmp_path / "target", engine).copied == copied
    with Archive.open(tmp_path / "target") as archive:
        archive.delete(["5.txt"])
    assert _move(original, tmp_path / "target").copied == 1
    assert _all_of(tmp_path / "target") == _all_of(original)


def _dump(folder: Path) -> list[str]:
    """All that is stored in a folder, but for how it is kept."""
    with Archive.open(folder) as archive:
        lines = folder_of(archive).store._connection.iterdump()
        return sorted(line for line in lines if "'engine'" not in line and "'index'" not in line)


def test_from_a_folder_to_a_cluster_and_back(
    original: Path, tmp_path: Path, places: Places
) -> None:
    with places.address("shards=3") as address:
        assert run("move", original, address).code == 0
        assert run("move", address, tmp_path / "back", "--engine", "whoosh").code == 0
    assert _dump(tmp_path / "back") == _dump(original)


def test_files_that_have_gone_are_known(pile: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "pile"
    shutil.copytree(pile, elsewhere)
    with Archive.create(tmp_path / "source") as archive:
        archive.sync(elsewhere, report=lambda _: None)
    _move(tmp_path / "source", tmp_path / "target")
    (elsewhere / "3.txt").unlink()
    with Archive.open(tmp_path / "target") as archive:
        assert archive.sync(elsewhere, prune=True, report=lambda _: None).pruned == 1


# --- cut off

_KILLED = """
import os, signal, sys
from vnjournal import Archive
from vnjournal.archive_cluster import ArchiveCluster
from vnjournal.archive_folder import ArchiveFolder
from vnjournal.store import writing
writing.BATCH = 4
source, target, engine, left = *sys.argv[1:4], int(sys.argv[4])
for home in (ArchiveCluster, ArchiveFolder):
    def take(self, batch, original=home.take):
        global left
        wait = original(self, batch)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return wait
    home.take = take
Archive.move(source, target, engine=engine)
"""


def _killed(source: Place, target: Place, engine: str, batches: int) -> None:
    """Begin a move, and be killed when so many batches have been written, or nearly."""
    name = "" if engine == ON_CLUSTER else engine
    command = [sys.executable, "-c", _KILLED, str(source), str(target), name, str(batches)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("source", "target"),
    [("tantivy", "whoosh"), ("whoosh", "tantivy"), ("tantivy", ON_CLUSTER), (ON_CLUSTER, "whoosh")],
)
def test_what_was_killed_goes_on(
    source: str, target: str, original: Path, pile: Path, tmp_path: Path, places: Places
) -> None:
    with (
        _place(source, tmp_path / "source", places) as one,
        _place(target, tmp_path / "target", places) as other,
    ):
        _move(original, one, source)
        for batches in (2, 2):
            _killed(one, other, target, batches)
            with Archive.open(other) as archive:
                assert 0 < archive.search("khoa hoc").total <= len(archive) < ARTICLES
                with pytest.raises(ArchiveLocked, match=r"is being moved from .* again"):
                    archive.add([Article("new", "Bài mới.")])
            refused(run("index", pile, "--archive", other), "is being moved from", "vnjournal move")
        moved = _move(one, other)
        assert moved.differences == ()
        assert 0 < moved.copied < ARTICLES - 5
        assert _all_of(other) == _all_of(one)
        assert Archive.check(other) == []
        with Archive.open(other) as archive:
            archive.add([Article("new", "Bài mới.")])


@pytest.mark.parametrize("engine", ["tantivy", ON_CLUSTER])
def test_the_source_has_changed_since_it_was_killed(
    engine: str, original: Path, pile: Path, tmp_path: Path, places: Places
) -> None:
    source = tmp_path / "source"
    _move(original, source)
    with _place(engine, tmp_path / "target", places) as target:
        _killed(source, target, engine, 3)
        with Archive.open(source) as archive:
            first, second, third, *_ = (article.id for article in archive)
            again = archive.get(second)
            assert again is not None
            archive.delete([first, second])
            archive.add([again, Article(third, "Bài thứ ba nay khác.")])
            archive.protect(["thêm"])
            (proposal, *_) = archive.proposals("suggest")
            archive.decide([proposal], accept=False)
        moved = _move(source, target)
        assert moved.differences == ()
        assert moved.articles == ARTICLES
        assert _all_of(target) == _all_of(source)
        assert Archive.check(target) == []


# --- refused


def test_a_target_with_other_articles_is_left_alone(original: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    with Archive.create(target) as archive:
        archive.add([Article("other", BODY)])
    refused(run("move", original, target), "holds other articles than", "such as other", "delete")
    with Archive.open(target) as archive:
        assert [article.id for article in archive] == ["other"]
        archive.delete(["other"])
        archive.add([Article("1.txt", "Nói khác.")])
    refused(run("move", original, target), "such as 1.txt")
    with Archive.open(target) as archive:
        archive.delete(["1.txt"])
        archive.add([Article("other", GLUED)])
        archive.decide(list(archive.proposals("safe")), accept=False)
        archive.delete(["other"])
    refused(run("move", original, target), "other decisions about typos", "such as of other")


@pytest.mark.parametrize("engine", [NAMES[0], ON_CLUSTER])
@pytest.mark.parametrize("name", ["words", "templates", "note harvest x"])
def test_a_target_with_other_settings_is_left_alone(
    name: str, engine: str, original: Path, tmp_path: Path, places: Places
) -> None:
    with places.archive(engine, tmp_path / "target") as archive:
        archive._home.store.set_meta(**{name: '{"other": ""}'})
        before = archive._home.store.meta()
        says = "holds other words, templates or notes than", f"such as {name}:", "delete that one"
        refused(run("move", original, str(archive.place)), *says)
        assert archive._home.store.meta() == before
        archive._home.store.set_meta(**{name: _settings(original)[name]})
        assert _move(original, archive.place).differences == ()


def test_an_unfinished_move_is_finished_from_where_it_came(original: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "target", tmp_path / "other"
    Archive.create(other).close()
    _killed(original, target, "tantivy", 2)
    refused(run("move", other, target), "is an unfinished move from", str(original))
    refused(run("move", target, other), f"{target} is being moved from {original}")
    assert run("move", original, target).code == 0


def test_places_that_cannot_be(original: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to(original)
    Archive.create(tmp_path / "whoosh", "whoosh").close()
    none = tmp_path / "none"
    refused(run("move", original, original), "is the archive itself")
    refused(run("move", original, tmp_path / "link"), "is the archive itself")
    refused(run("move", none, tmp_path / "new"), f"there is no archive at {none}")
    refused(run("move", original, tmp_path / "file"), "is a file, not a folder")
    refused(run("move", original, tmp_path), "is no archive: name another folder")
    refused(run("move", original, tmp_path / "whoosh", "--engine", "tantivy"), "whoosh engine")
    refused(run("move", original, "http://127.0.0.1:1/x?timeout=1"), "127.0.0.1:1")
    refused(run("move", original, "http://127.0.0.1:1/x", "--engine", "whoosh"), "folders only")
    assert not (tmp_path / "new").exists()
    with writing.locked(original):
        refused(run("move", original, none), "another process is writing")


@pytest.mark.parametrize("name", ["another node", "another name of a node"])
def test_the_same_archive_under_another_address(name: str, tmp_path: Path, places: Places) -> None:
    with places.archive(ON_CLUSTER, tmp_path) as archive:
        address = Address.parse(archive.place)
        (host, port), other, *_ = address.hosts
        one = replace(address, hosts=((host, port),))
        same = replace(one, hosts=(other if name == "another node" else ("localhost", port),))
        refused(run("move", str(one), str(same)), f"{same} is the archive itself")
        archive.add([Article("new", "Bài mới.")])
        with places.address() as elsewhere:
            assert _move(str(one), elsewhere).articles == 1


# --- compared


@contextmanager
def _once(
    monkeypatch: pytest.MonkeyPatch, method: str, do: Callable[[Home, Home], object], after: bool
) -> Iterator[None]:
    """Something happens once, before or after a step of a move."""
    original = getattr(move._Both, method)
    left = [do]

    def stepped(self: move._Both, *arguments: object) -> object:
        if left and not after:
            left.pop()(self._source, self._target)
        found = original(self, *arguments)
        if left and after:
            left.pop()(self._source, self._target)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(move._Both, method, stepped)
        yield
    assert not left


_after_copying = partial(_once, method="copy", after=True)  # before both archives are compared
_before_articles = partial(_once, method="_articles", after=False)  # when files are copied


def _execute(target: Home, statement: str) -> None:
    assert isinstance(target.place, Path)
    with sqlite3.connect(target.place / "articles.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute(statement).rowcount


DAMAGES = {
    "UPDATE articles SET body = body || 'x' WHERE id = '3.txt'": "1 article not the same (3.txt)",
    "UPDATE articles SET hash = x'00' WHERE number > 1": "24 articles not the same (1.txt, 2.txt, ",
    "UPDATE articles SET run = 'x' WHERE id = '3.txt'": "1 article not the same (3.txt)",
    "DELETE FROM edits WHERE article = 4": "1 article not the same (3.txt)",
    "DELETE FROM sketches WHERE article = 4": "1 article not the same (3.txt)",
    "DELETE FROM origins WHERE article = 4": "1 article not the same (3.txt)",
    "INSERT INTO articles SELECT 99, 'x', hash, run, date, title, body, metadata FROM articles "
    "WHERE number = 4": "1 article besides (x)",
    "UPDATE decisions SET accepted = 1 - accepted": "7 decisions not the same (1.txt, ",
    "DELETE FROM decisions WHERE number = 3": "1 decision missing",
    "UPDATE files SET hash = x'' WHERE id = '3.txt'": "1 file not the same",
    "DELETE FROM meta WHERE key = 'words'": "words, templates or notes",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_target_is_found_and_put_right(
    damage: str, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target"
    with _after_copying(monkeypatch, do=lambda _, target: _execute(target, damage)):
        ended = run("move", original, target)
    assert ended.code == 1, ended
    assert f"not the same: {DAMAGES[damage]}" in ended.err
    assert "it is not what" in ended.out
    again = run("move", original, target)
    assert again.code == 0, again
    assert _all_of(target) == _all_of(original)


@pytest.mark.parametrize(
    ("source", "engine"), [*product(NAMES[:1], ENGINES), (ON_CLUSTER, NAMES[0])]
)
def test_an_index_that_lacks_an_article_is_found(
    source: str,
    engine: str,
    sources: Callable[[str], Place],
    tmp_path: Path,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lose(_: Home, target: Home) -> None:
        target.engine.write([], ["4.txt"]).result()

    one = sources(source)
    with _place(engine, tmp_path / "target", places) as target:
        with _after_copying(monkeypatch, do=lose):
            moved = _move(one, target, engine)
        line, *more = moved.differences
        if engine == ON_CLUSTER:  # where that is the article itself
            assert line == "1 article missing (4.txt)"
            assert _move(one, target).differences == ()
        else:
            assert line == f"the index has {ARTICLES} articles, and not {ARTICLES + 1}: rebuild it"
            assert "queries differ: " in more[0]
            Archive.rebuild(target).close()
            assert _move(one, target).differences == ()


def test_hits_in_another_order_are_noticed(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _move(original, tmp_path / "one").shared == 1.0
    monkeypatch.setattr(answers, "_shared", lambda *_: 0.8)
    (line,) = _move(original, tmp_path / "other").differences
    assert "best 10 hits only 80% are the same" in line


def test_what_changes_on_a_cluster_meanwhile_is_copied(
    original: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(source: Home, _: Home) -> None:
        with Archive.open(source.place) as archive:
            archive.add([Article("new", f"Bài mới. {BODY}"), Article("2.txt", "Nay khác.")])
            archive.delete(["3.txt"])

    with _place(ON_CLUSTER, tmp_path, places) as source:
        _move(original, source)
        with _after_copying(monkeypatch, do=change):
            moved = _move(source, tmp_path / "target")
        assert moved.differences == ()
        assert (moved.articles, moved.copied) == (ARTICLES + 1, ARTICLES + 3)
        assert _all_of(tmp_path / "target") == _all_of(source)


@pytest.mark.parametrize("times", [1, 2, 99])
def test_what_changes_on_a_cluster_while_queries_are_put_to_it(
    times: int, original: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = answers.Answers.compared
    target = tmp_path / "target"
    changes = 0

    def change(self: answers.Answers, source: Home, target: Home) -> tuple[list[str], float]:
        nonlocal changes
        if changes < times:
            changes += 1
            with Archive.open(source.place) as other:
                other.add([Article(f"new-{changes}", f"Bài mới. {BODY}")])
            source.refresh()
        return compared(self, source, target)

    with _place(ON_CLUSTER, tmp_path, places) as source:
        _move(original, source)
        with monkeypatch.context() as patched:
            patched.setattr(answers.Answers, "compared", change)
            moved = _move(source, target)
        if times == 99:
            (line,) = moved.differences
            assert line.startswith(f"{source} is being written to")
            assert changes == 3
            with Archive.open(target) as archive, pytest.raises(ArchiveLocked, match="moved from"):
                archive.add([Article("new", BODY)])
            moved = _move(source, target)
        assert moved.differences == ()
        assert moved.articles == ARTICLES + 1 + changes
        assert _all_of(target) == _all_of(source)


@pytest.mark.parametrize("killed", [False, True])
def test_what_comes_to_a_target_before_it_is_said_to_be_moved_to(
    killed: bool, original: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From somebody who was already at work, between a look at the target and its mark."""
    look = move._refuse_others
    looked = 0

    def come(source: Home, target: Home) -> None:
        nonlocal looked
        looked += 1
        if killed and looked == 2:
            raise KeyboardInterrupt
        look(source, target)
        if looked == 1:
            other.add([Article("other", BODY)])

    with places.archive(ON_CLUSTER, tmp_path) as other:
        with monkeypatch.context() as patched:
            patched.setattr(move, "_refuse_others", come)
            with pytest.raises(KeyboardInterrupt if killed else ArchiveExists):
                _move(original, other.place)
        assert looked == 2
        if killed:
            with pytest.raises(
                ArchiveLocked, match=r"is being moved from .*: run 'vnjournal move'"
            ):
                other.add([Article("next", BODY)])
        with pytest.raises(ArchiveExists, match=r"holds other articles than .*, such as other"):
            _move(original, other.place)
        assert [article.id for article in other] == ["other"]
        other.add([Article("next", BODY)])


@pytest.mark.parametrize("batches", [1, 3])
def test_who_writes_to_a_target_is_told_that_it_is_lost(
    batches: int, original: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who was already at work, of whose articles none had been stored."""
    begun, go_on = Event(), Event()
    taken: list[int] = []

    def arriving() -> Iterator[Article]:
        begun.set()
        go_on.wait(PATIENCE)
        for number in range(10 * batches):
            taken.append(number)
            yield Article(f"late-{number}", BODY)

    def come(*_: Home) -> None:
        go_on.set()
        with pytest.raises(ArchiveLocked, match="is being moved from"):
            adding.result()

    with places.archive(ON_CLUSTER, tmp_path) as target, ThreadPoolExecutor(1) as thread:
        adding = thread.submit(target.add, arriving())
        begun.wait(PATIENCE)
        try:
            with _before_articles(monkeypatch, do=come):
                assert _move(original, target.place).differences == ()
        finally:
            go_on.set()
        assert len(taken) <= 20  # it stops with the first batch, though the next is under way
        assert _all_of(target.place) == _all_of(original)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_target_that_was_cut_off_may_be_rebuilt(
    engine: str, original: Path, tmp_path: Path, places: Places
) -> None:
    """Its index may be of another version, or damaged, so that no move goes on."""
    with _place(engine, tmp_path / "target", places) as target:
        _killed(original, target, engine, 2)
        Archive.rebuild(target).close()
        with Archive.open(target) as archive, pytest.raises(ArchiveLocked):
            archive.add([Article("new", BODY)])
        assert _move(original, target).differences == ()
        assert _all_of(target) == _all_of(original)


def test_a_folder_cannot_change_meanwhile(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(source: Home, target: Home) -> None:
        for home in (source, target):
            with Archive.open(home.place) as archive, pytest.raises(ArchiveLocked):
                archive.add([Article("new", "Bài mới.")])

    with _after_copying(monkeypatch, do=change):
        assert _move(original, tmp_path / "target").differences == ()


# --- what only a cluster has


def test_the_same_number_twice_keeps_the_order(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two machines may give it that write at the same instant."""
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    with places.archive(ON_CLUSTER, tmp_path) as archive:
        for number in (3, 1, 2):
            archive.add([Article(f"{number}-{n}", f"{number} {GLUED}") for n in range(7)])
        for proposal in list(archive.proposals("safe"))[:4]:
            archive.decide([proposal], accept=False)
        place = archive.place
        folder = tmp_path / "folder"
        assert _move(place, folder).differences == ()
        assert _move(place, folder).copied == 0
        with Archive.open(folder) as moved:
            assert [a.id for a in moved] == [a.id for a in archive]


def test_files_of_other_machines_stay_on_clusters(
    pile: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with places.archive(ON_CLUSTER, tmp_path) as archive, ExitStack() as stack:
        source = archive.place
        archive.sync(pile / "1.txt")
        monkeypatch.setattr(socket, "gethostname", lambda: "other.example.vn")
        with Archive.open(source) as there:
            there.sync(pile / "2.txt")
        monkeypatch.undo()
        other = stack.enter_context(places.address())
        assert _move(source, other).differences == ()
        assert _all_of(other) == _all_of(source)
        assert _move(other, tmp_path / "folder").differences == ()
        with Archive.open(tmp_path / "folder") as moved:
            assert len(moved) == 2
            assert [f.path.name for f in moved._home.store.files.every()] == ["1.txt"]
            assert moved.sync(pile / "2.txt").unchanged == 1


@pytest.mark.parametrize("engine", [NAMES[0], ON_CLUSTER])
def test_files_that_are_read_meanwhile(
    engine: str, pile: Path, tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(source: Home, _: Home) -> None:
        with Archive.open(source.place) as other:
            other.sync([pile / "2.txt", pile / "many.jsonl"], report=lambda _: None)

    with (
        places.archive(ON_CLUSTER, tmp_path) as archive,
        _place(engine, tmp_path / "target", places) as target,
    ):
        archive.sync(pile / "1.txt")
        with _before_articles(monkeypatch, do=read):
            assert _move(archive.place, target).differences == ()
        assert _all_of(target) == _all_of(archive.place)
        with Archive.open(target) as moved:
            synced = moved.sync(pile / "many.jsonl", report=lambda _: None)
            assert (synced.new, synced.changed, synced.unchanged) == (0, 0, 14)


def test_a_file_that_nothing_is_noted_of(pile: Path, tmp_path: Path, places: Places) -> None:
    with places.archive(ON_CLUSTER, tmp_path) as archive:
        archive.sync([pile / "1.txt", pile / "2.txt"])
        store = archive._home.store
        store.take_files([], [file for file in store.files.every() if file.path.name == "1.txt"])
        assert _move(archive.place, tmp_path / "folder").differences == ()
    with Archive.open(tmp_path / "folder") as moved:
        assert len(moved) == 2
        assert moved.sync(pile / "1.txt").unchanged == 1


def test_a_note_that_is_emptied_is_none(tmp_path: Path, places: Places) -> None:
    for engine in ENGINES:
        with places.archive(engine, tmp_path / engine) as archive:
            archive.set_note("x", "y")
            archive.set_note("x", "")
            archive.set_note("never", "")
            assert archive.note("x") == archive.note("never") == ""
            assert archive._home.store.settings() == {}
            assert MOVING not in archive._home.store.meta()


def test_json_says_what_the_line_does(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    told = run("move", original, tmp_path / "target", "--json").json
    assert told["queries"] == 50
    assert (told["articles"], told["copied"], told["shared"]) == (ARTICLES + 1, ARTICLES + 1, 1.0)
    assert told["differences"] == []
    line = run("move", original, tmp_path / "target").out
    queries = told["queries"]
    assert f"{ARTICLES + 1} articles copied to {tmp_path / 'target'} (0 of them now) in" in line
    assert line.endswith(f"counts, texts and {queries} queries agree, and 100% of the best hits\n")


def test_an_archive_of_nothing(tmp_path: Path) -> None:
    Archive.create(tmp_path / "source").close()
    moved = _move(tmp_path / "source", tmp_path / "target", "whoosh")
    assert (moved.articles, moved.queries, moved.differences) == (0, 0, ())
    with pytest.raises(ArchiveExists):
        _move(tmp_path / "source", tmp_path / "target", "tantivy")
