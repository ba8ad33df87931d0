"""An archive kept in step with its files: what has not changed is not read, nothing is lost."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import samples
from tests.places import Places, folder_of
from tests.program import run, unprivileged
from vnjournal import Archive, Article
from vnjournal.articles import formats, sources
from vnjournal.articles.documents import Document
from vnjournal.cli.options import Place
from vnjournal.store import writing
from vnjournal.store.files import FileNote
from vnjournal.store.sqlite import SqliteStore
from vnjournal.sync import FileReport, Synced
from vnjournal.text.encodings import encode

BODY = "Đảng bộ Sở Khoa học và Công nghệ triển khai nhiệm vụ. "


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 20)


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Files of several formats, good and bad ones."""
    top = tmp_path / "pile"
    top.mkdir()
    articles = list(samples.articles())
    for article in articles[:20]:
        _write(top / article.id, f"{article.title}\n\n{article.body}")
    for article in articles[20:24]:
        page = f"<html><title>{article.title}</title><article><h1>{article.title}</h1>"
        paragraphs = "".join(f"<p>{line}</p>" for line in article.body.splitlines())
        _write(top / "web" / f"{article.id}.html", f"{page}{paragraphs}</article></html>")
    lines = [json.dumps({"id": f"line-{n}", "body": f"{n} {BODY}"}) for n in range(50)]
    _write(top / "many.jsonl", "\n".join([*lines[:9], "{bad", *lines[9:]]))
    with zipfile.ZipFile(top / "packed.zip", "w") as packed:
        for article in articles[24:30]:
            packed.writestr(article.id, f"{article.title}\n\n{article.body}")
        packed.writestr("empty.txt", "")
    (top / "old.txt").write_bytes(encode("Hội nghị khoa học công nghệ tỉnh nhà", "tcvn3"))
    (top / "noise.txt").write_bytes(random.Random(1).randbytes(999))
    _write(top / "left.exe", "MZ")
    return top


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture(params=["folder", "cluster"])
def place(request: pytest.FixtureRequest, tmp_path: Path, places: Places) -> Iterator[Place]:
    """Where an archive is to be."""
    if request.param == "folder":
        yield tmp_path / "archive"
    else:
        with places.address() as address:
            yield address


def _sync(
    archive: Place, *named: Path, processes: int = 1, prune: bool = False
) -> tuple[Synced, list[FileReport]]:
    told: list[FileReport] = []
    with Archive.create(archive) as opened:
        synced = opened.sync(named, report=told.append, processes=processes, prune=prune)
    return synced, told


def _fates(told: list[FileReport]) -> dict[str, str]:
    return {Path(file.path).name: file.fate.value for file in told}


def _contents(archive: Place) -> list[str]:
    """All that is stored, but for the names of runs, and what searching finds."""
    with Archive.open(archive) as opened:
        if isinstance(archive, Path):
            store = folder_of(opened).store._connection
            runs = store.execute("SELECT run FROM articles UNION SELECT run FROM files").fetchall()
            dump = "\n".join(store.iterdump())
            for (name,) in runs:
                dump = dump.replace(name, "run")
        else:
            files = [replace(file, run="") for file in opened._store.files.below(Path("/"))]
            dump = "\n".join([*map(str, opened._store), *map(str, files)])
        hits = [(hit.id, round(hit.score, 4)) for hit in opened.search("khoa hoc", limit=99).hits]
        indexed = sorted(opened._home.engine.ids())
    assert Archive.check(archive) == []
    return [*dump.splitlines(), str(hits), *indexed]


def test_a_second_run_reads_nothing_and_says_the_same(
    place: Place, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, told = _sync(place, pile)
    before = _contents(place)
    assert (first.new, first.changed, first.unchanged) == (81, 0, 0)
    fates = _fates(told)
    assert fates["noise.txt"] == "failed"
    assert fates["left.exe"] == "left out"
    assert fates["many.jsonl"] == fates["packed.zip"] == "new"

    def nothing(document: Document) -> None:
        raise AssertionError(f"{document.id} is read again")

    monkeypatch.setattr(sources, "parts", nothing)
    second, again = _sync(place, pile)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 81)
    assert (second.files, second.bytes, second.failed) == (first.files, first.bytes, first.failed)
    assert [problem for file in again for problem in file.problems] == [
        problem for file in told for problem in file.problems
    ]
    assert {file.path: (file.articles, file.encodings) for file in again} == {
        file.path: (file.articles, file.encodings) for file in told
    }
    assert _contents(place) == before


def test_several_processes_make_the_same_archive(pile: Path, tmp_path: Path) -> None:
    made = {}
    for processes in (1, 2, 3):
        synced, told = _sync(tmp_path / str(processes), pile, processes=processes)
        made[processes] = [*_contents(tmp_path / str(processes)), str(synced), str(told)]
    assert made[1] == made[2] == made[3]


def test_what_changed_is_read_and_what_has_gone_is_kept_until_pruned(
    place: Place, pile: Path, tmp_path: Path
) -> None:
    archive = place
    _sync(archive, pile)
    names = sorted(file.name for file in pile.glob("*.txt"))
    changed, touched, gone = names[:3]
    _write(pile / changed, f"Tin khác hẳn\n\n{BODY}")
    os.utime(pile / touched, (1, 1))
    (pile / gone).unlink()
    _write(pile / "new.txt", BODY)
    for prune in (False, False, True, True):
        synced, told = _sync(archive, pile, prune=prune)
        fates = _fates(told)
        is_first = "new" in fates.values()
        assert (synced.new, synced.changed) == ((1, 1) if is_first else (0, 0))
        assert fates[changed] == ("changed" if is_first else "unchanged")
        assert fates[touched] == "unchanged"
        with Archive.open(archive) as opened:
            assert (opened.get(gone) is None) == (synced.pruned == 1 or gone not in fates)
        assert (synced.vanished, synced.pruned) == ((int(not prune), int(prune and gone in fates)))
    assert gone not in fates
    again = tmp_path / "again"
    _sync(again, pile)
    with Archive.open(archive) as opened, Archive.open(again) as other:
        assert {a.id: a for a in opened} == {a.id: a for a in other}


def test_a_line_that_has_gone_from_a_file_is_kept_until_pruned(
    place: Place, tmp_path: Path
) -> None:
    lines = [json.dumps({"id": str(n), "body": f"{n} {BODY}"}) + "\n" for n in range(60)]
    file, archive = tmp_path / "many.jsonl", place
    file.write_text("".join(lines), encoding="utf-8")
    _sync(archive, file)
    file.write_text("".join(lines[5:]), encoding="utf-8")
    for _ in range(2):
        synced, _ = _sync(archive, file)
        assert (synced.unchanged, synced.vanished) == (55, 5)
    file.write_text("".join([*lines[6:], "{bad\n"]), encoding="utf-8")
    synced, _ = _sync(archive, file, prune=True)
    assert (synced.unchanged, synced.pruned) == (54, 0), "what is missing may be in the bad line"
    file.write_text("".join(lines[6:]), encoding="utf-8")
    synced, _ = _sync(archive, file, prune=True)
    assert (synced.unchanged, synced.pruned) == (54, 6)


def test_a_folder_may_be_moved_and_named_otherwise(pile: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    _sync(archive, pile)
    before = _contents(archive)
    synced, _ = _sync(archive, pile / "web")  # the ids that these files have are kept
    assert (synced.new, synced.unchanged) == (0, 4)
    assert _contents(archive) == before
    moved = pile.rename(tmp_path / "moved")
    for _ in range(2):
        synced, _ = _sync(archive, moved)
        assert (synced.new, synced.changed, synced.unchanged, synced.vanished) == (0, 0, 81, 0)
    with Archive.open(archive) as opened:
        paths = folder_of(opened).store._connection.execute("SELECT path FROM files").fetchall()
    assert all(path.startswith(os.fsencode(moved)) for (path,) in paths)


def test_a_folder_may_be_moved_and_some_of_its_files_be_changed(tmp_path: Path) -> None:
    archive, here, there = (tmp_path / name for name in ("archive", "here", "there"))
    for name in "abc":
        _write(here / "texts" / f"{name}.txt", f"{name} {BODY}")
    _sync(archive, here)
    here.rename(there)
    for name in "ab":
        _write(there / "texts" / f"{name}.txt", f"{name} Sửa lại. {BODY}")
    for changed, unchanged in ((2, 1), (0, 3)):
        synced, _ = _sync(archive, there, prune=True)
        counts = synced.new, synced.changed, synced.unchanged, synced.pruned
        assert counts == (0, changed, unchanged, 0)


def test_another_file_of_the_name_of_one_that_has_gone_is_another_article(
    place: Place, tmp_path: Path
) -> None:
    archive = place
    for month in ("jan", "feb"):
        for n in range(3):
            _write(tmp_path / month / f"{n}.txt", f"Tin số {n} của {month}. {BODY}")
        synced, _ = _sync(archive, tmp_path / month)
        assert (synced.new, synced.changed, synced.vanished) == (3, 0, 0)
        shutil.rmtree(tmp_path / month)
    with Archive.open(archive) as opened:
        assert len(opened) == 6


def test_files_of_one_name_in_two_folders_are_two_articles(pile: Path, tmp_path: Path) -> None:
    other = shutil.copytree(pile, tmp_path / "other", ignore=shutil.ignore_patterns("*.jsonl"))
    together, apart = tmp_path / "together", tmp_path / "apart"
    _sync(together, pile, other, pile / "web")
    _sync(apart, pile)
    synced, _ = _sync(apart, other)
    assert synced.new == 31
    assert len(synced.near_duplicates) == 30  # the one in an old encoding is too short
    assert sorted(_contents(together)) == sorted(_contents(apart))
    for archive in (together, apart):
        synced, _ = _sync(archive, other, pile)
        assert (synced.new, synced.changed, synced.unchanged) == (0, 0, 112)


@pytest.mark.parametrize("is_there", [True, False])
def test_an_id_of_two_files_is_that_of_the_first(
    place: Place, is_there: bool, tmp_path: Path
) -> None:
    archive, first, second = place, tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for file in (first, second):
        _write(file, json.dumps({"id": "x", "body": f"{file.name} {BODY}"}))
    for _ in range(2):
        synced, told = _sync(archive, first, second)
        assert "came twice" in told[1].problems[0].reason
        with Archive.open(archive) as opened:
            assert [article.body[:7] for article in opened] == ["a.jsonl"]
    if not is_there:
        first.unlink()
    synced, told = _sync(archive, second)  # by itself, it may change what another brought
    assert (synced.changed, told[0].problems) == (1, ())


def _write_lines(file: Path, *ids: str) -> None:
    _write(file, "\n".join(json.dumps({"id": id, "body": f"{id} {BODY}"}) for id in ids))


def test_an_article_that_goes_from_one_file_to_another_stays(place: Place, tmp_path: Path) -> None:
    archive, pile = place, tmp_path / "pile"
    for first, then in (("a", "b"), ("b", "a")):  # whichever is read first
        _write_lines(pile / f"{first}.jsonl", "1", "2")
        _write_lines(pile / f"{then}.jsonl", "3")
        _sync(archive, pile)
        _write_lines(pile / f"{first}.jsonl", "1")
        _write_lines(pile / f"{then}.jsonl", "2", "3")
        for _ in range(3):
            synced, told = _sync(archive, pile, prune=True)
            assert (synced.new, synced.changed, synced.pruned) == (0, 0, 0)
        assert (synced.unchanged, *_fates(told).values()) == (3, "unchanged", "unchanged")
    _write(pile / "a.jsonl", json.dumps({"id": "3", "body": f"Sửa lại. {BODY}"}))
    _write_lines(pile / "b.jsonl", "1", "2")
    synced, _ = _sync(archive, pile)
    synced, _ = _sync(archive, pile)
    with Archive.open(archive) as opened:
        assert [article.body[:8] for article in opened if article.id == "3"] == ["Sửa lại."]
        assert len(opened) == 3


def test_a_copy_of_a_file_counts_for_nothing_until_the_file_has_gone(
    place: Place, tmp_path: Path
) -> None:
    archive, pile = place, tmp_path / "pile"
    for name in ("a.jsonl", "b.jsonl"):
        _write_lines(pile / name, "1", "2")
    _sync(archive, pile)
    synced, told = _sync(archive, pile)
    assert (synced.new, synced.unchanged) == (0, 2)
    assert _fates(told) == {"a.jsonl": "unchanged", "b.jsonl": "unchanged"}
    (pile / "a.jsonl").unlink()
    synced, told = _sync(archive, pile, prune=True)
    assert (synced.unchanged, synced.pruned) == (2, 0)


def test_a_file_in_whose_place_a_folder_stands_has_gone(place: Place, tmp_path: Path) -> None:
    archive, pile = place, tmp_path / "pile"
    _write(pile / "a.txt", f"Bài một. {BODY}")
    _sync(archive, pile)
    (pile / "a.txt").unlink()
    _write(pile / "a.txt" / "b.txt", f"Bài hai. {BODY}")
    synced, _ = _sync(archive, pile)
    assert (synced.new, synced.vanished) == (1, 1)


def test_what_has_gone_from_a_packed_file_with_pictures_is_noticed(
    place: Place, tmp_path: Path
) -> None:
    archive, file = place, tmp_path / "a.zip"
    for names in (("1.txt", "2.txt", "3.jpg"), ("1.txt", "3.jpg")):
        with zipfile.ZipFile(file, "w") as packed:
            for name in names:
                packed.writestr(name, f"{name} {BODY}")
        synced, _ = _sync(archive, file, prune=True)
    assert (synced.unchanged, synced.pruned) == (1, 1)


def test_what_has_gone_from_a_folder_that_is_named_twice_is_counted_once(
    place: Place, tmp_path: Path
) -> None:
    archive, pile = place, tmp_path / "pile"
    for name in ("a.txt", "in/b.txt", "in/c.txt"):
        _write(pile / name, f"{name} {BODY}")
    _sync(archive, pile)
    (pile / "in/b.txt").unlink()
    synced, told = _sync(archive, pile, pile / "in")
    assert (synced.vanished, len(told)) == (1, 3)


def test_a_file_that_has_gone_is_found_again_once(place: Place, tmp_path: Path) -> None:
    archive = place
    _write(tmp_path / "first/a.txt", f"Bài cũ. {BODY}")
    _sync(archive, tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "moved")
    _write(tmp_path / "other/a.txt", f"Một bài khác hẳn. {BODY}")
    for new, unchanged in ((1, 1), (0, 2)):
        synced, _ = _sync(archive, tmp_path / "moved", tmp_path / "other")
        assert (synced.new, synced.unchanged, synced.failed) == (new, unchanged, 0)
    with Archive.open(archive) as opened:
        assert {article.id: article.body[:7] for article in opened} == {
            "a.txt": "Bài cũ.",
            "other/a.txt": "Một bài",
        }


def test_a_file_that_nobody_may_look_for_still_has_its_articles(tmp_path: Path) -> None:
    archive, pile = tmp_path / "archive", tmp_path / "pile"
    _write_lines(pile / "closed" / "a.jsonl", "1")
    run("index", pile, "--archive", archive)
    _write_lines(pile / "b.jsonl", "1")
    (pile / "closed").chmod(0)
    try:
        ended = run(
            "index", pile, "--archive", archive, "--prune", before=unprivileged(), apart=True
        )
    finally:
        (pile / "closed").chmod(0o755)
    assert ended.code == 2
    assert "0 new, 0 changed" in ended.out


def test_files_that_have_gone_are_pruned_many_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pile = tmp_path / "archive", tmp_path / "pile"
    for number in range(50):
        _write(pile / f"{number}.txt", f"{number} {BODY}")
    _sync(archive, pile)
    for file in sorted(pile.iterdir())[1:]:
        file.unlink()
    sizes = []
    prune = SqliteStore.prune

    def counted(store: SqliteStore, lost: list[tuple[FileNote, list[str]]]) -> None:
        sizes.append(len(lost))
        prune(store, lost)

    monkeypatch.setattr(SqliteStore, "prune", counted)
    synced, told = _sync(archive, pile, prune=True)
    assert (synced.pruned, sizes) == (49, [20, 20, 9])
    assert list(_fates(told).values()).count("pruned") == 49
    assert Archive.check(archive) == []


def test_a_file_that_could_not_be_read_for_a_while_is_tried_again(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pile = place, tmp_path / "pile"
    _write(pile / "a.txt", f"Bài một. {BODY}")
    read = sources.parts

    def away(document: Document) -> Iterator[Article | Document]:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(sources, "parts", away)
    synced, told = _sync(archive, pile)
    assert (synced.new, _fates(told)) == (0, {"a.txt": "failed"})
    monkeypatch.setattr(sources, "parts", read)
    synced, told = _sync(archive, pile)
    assert (synced.new, synced.failed, _fates(told)) == (1, 0, {"a.txt": "new"})


def test_articles_that_were_deleted_come_back(place: Place, pile: Path, tmp_path: Path) -> None:
    archive = place
    _sync(archive, pile)
    with Archive.open(archive) as opened:
        before = {article.id: article for article in opened}
        assert opened.delete(["line-3", "old.txt"]) == 2
    synced, _ = _sync(archive, pile)
    assert (synced.new, synced.unchanged) == (2, 79)
    with Archive.open(archive) as opened:
        assert {article.id: article for article in opened} == before


def test_other_readers_read_everything_again(
    place: Place, pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = place
    _sync(archive, pile)
    monkeypatch.setattr(formats, "READERS_VERSION", 99)
    read = set()
    parts = sources.parts

    def noted(document: Document) -> Iterator[Article | Document]:
        read.add(document.id.partition("!")[0])
        yield from parts(document)

    monkeypatch.setattr(sources, "parts", noted)
    for _ in range(2):  # the second time none is read
        synced, _ = _sync(archive, pile)
        assert (synced.new, synced.changed, synced.unchanged) == (0, 0, 81)
        files = {path.relative_to(pile).as_posix() for path in pile.rglob("*.*")}
        assert read == files - {"left.exe"}


def test_an_empty_folder_is_not_taken_for_one_whose_files_were_deleted(
    place: Place, tmp_path: Path
) -> None:
    archive, disk = place, tmp_path / "disk"
    _write(disk / "a.txt", BODY)
    _sync(archive, disk)
    (disk / "a.txt").unlink()
    synced, told = _sync(archive, disk, prune=True)
    assert synced.pruned == 0
    assert "is its disk there?" in told[0].problems[0].reason
    shutil.rmtree(disk)
    synced, _ = _sync(archive, disk, prune=True)
    assert synced.pruned == 0
    _write(disk / "b.txt", f"Bài khác. {BODY}")
    synced, _ = _sync(archive, disk, prune=True)
    assert (synced.new, synced.pruned) == (1, 1)


_INDEX = """
import sys
from vnjournal.store import writing
from vnjournal.store.files import FileNote
from vnjournal.store.sqlite import SqliteStore
writing.BATCH = 10
from vnjournal.cli.main import main
main()
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ten_kills_and_resumes_are_one_uninterrupted_run(
    processes: str, pile: Path, tmp_path: Path
) -> None:
    for copy in range(3):
        for article in samples.articles():
            name = pile / str(copy) / article.id
            _write(name, f"{copy} {article.title}\n\n{article.body} {copy}")
    chance = random.Random(int(processes))
    command = [sys.executable, "-c", _INDEX, "index", str(pile), "--processes", processes]

    def run_it(archive: str) -> subprocess.Popen[bytes]:
        null = subprocess.DEVNULL
        where = ["--archive", str(tmp_path / archive)]
        return subprocess.Popen([*command, *where], stdout=null, stderr=null)

    takes = []
    for _ in range(2):  # the second time, it only looks
        started = time.monotonic()
        run_it("whole").wait()
        takes.append(time.monotonic() - started)
    killed = 0
    for _ in range(10):
        with run_it("killed") as index:
            work = chance.random() * (takes[0] - takes[1]) / 5
            time.sleep(chance.uniform(0.3, 1) * takes[1] + work)
            index.send_signal(signal.SIGKILL)
        killed += index.returncode == -signal.SIGKILL
    assert killed >= 3, "most of the time it had ended before"
    run_it("killed").wait()
    assert _contents(tmp_path / "killed") == _contents(tmp_path / "whole")


def test_the_report_names_every_file(pile: Path, tmp_path: Path) -> None:
    report, archive = tmp_path / "report.csv", tmp_path / "archive"
    ended = run("index", pile, "--archive", archive, "--report", report, "--json")
    assert ended.code == 2
    assert ended.json["near_duplicates"] == []
    table = report.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    of = {row["file"].removeprefix(f"{pile}/"): row for row in rows}
    assert of["many.jsonl"]["articles"] == "50"
    assert of["old.txt"]["encoding"] == "tcvn3"
    assert of["packed.zip!/empty.txt"] == {
        "file": f"{pile}/packed.zip!/empty.txt",
        "outcome": "failed",
        "articles": "",
        "encoding": "",
        "reason": "empty file",
    }
    assert {row["outcome"] for row in rows} == {"new", "failed", "left out"}
    assert len(ended.json["failed"]) == sum(row["outcome"] == "failed" for row in rows)
    ended = run("index", pile, "--archive", archive, "--report", tmp_path / "no" / "report.csv")
    assert ended.code == 2
    assert "there is no such folder" in ended.complaints[0]
