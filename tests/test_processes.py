"""Work shared among processes: the same result, nothing left over however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import samples
from tests.places import folder_of
from tests.program import INTERRUPTED, command_line, run
from vnjournal import Archive, ArchiveError, Article, WorkerLost, intake
from vnjournal.index.engines import NAMES
from vnjournal.store import writing
from vnjournal.workers import Pool

QUERIES = ("dang bo so khoa hoc", "nghiên cứu", '"khoa hoc"', "việctriển khai", "nghien*")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 20)
    monkeypatch.setattr(intake, "_TOGETHER", 3000)


def _pile() -> list[Article]:
    """Samples, some changed, some twice, one twice with different text."""
    articles = list(samples.articles())
    again = [replace(article, id=f"again/{article.id}") for article in articles]
    changed = [replace(article, body=article.body + " Hết.") for article in articles[:9]]
    return [*articles, *again, *changed, *articles[9:12]]


def _contents(archive: Archive) -> list[str]:
    """What the store holds, without the names of runs, and what searching finds."""
    store = folder_of(archive).store._connection
    ((name,),) = store.execute("SELECT DISTINCT run FROM articles")
    dump = [line.replace(name, "run") for line in store.iterdump()]
    hits = [[(hit.id, hit.score) for hit in archive.search(query).hits] for query in QUERIES]
    return [*dump, *map(str, hits), *sorted(archive._home.engine.ids())]


@pytest.mark.parametrize("engine", NAMES)
@pytest.mark.parametrize("correct", [True, False])
def test_several_processes_make_the_same_archive(
    engine: str, correct: bool, tmp_path: Path
) -> None:
    made = {}
    for processes in (1, 2, 3):
        told: list[int] = []
        with Archive.create(tmp_path / str(processes), engine) as archive:
            added = archive.add(
                _pile(),
                correct=correct,
                processes=processes,
                progress=lambda counts: told.append(counts.total),  # noqa: B023
            )
            made[processes] = [*_contents(archive), str(added), str(told)]
            assert len(added.duplicates) == 9
    assert made[1] == made[2] == made[3]


def test_decisions_and_words_hold_in_every_process(tmp_path: Path) -> None:
    made = {}
    for processes in (1, 2):
        with Archive.create(tmp_path / str(processes)) as archive:
            archive.add(_pile()[:30], processes=processes)
            proposals = list(archive.proposals())
            archive.decide(proposals[::3], accept=False)
            archive.decide(proposals[1::3], accept=True)
            archive.protect([proposals[2].edit.before])
            changed = [replace(article, section="khác") for article in archive]
            archive.add(changed, processes=processes)
            made[processes] = _contents(archive)
        with Archive.rebuild(tmp_path / str(processes), processes=processes) as archive:
            made[processes] += [str([(hit.id, hit.score) for hit in archive.search(QUERIES[0])])]
            made[processes] += map(str, folder_of(archive).store)
    assert made[1] == made[2]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_came_before_a_failure_is_kept(processes: int, tmp_path: Path) -> None:
    good = [Article(str(n), f"Bài số {n} về khoa học. " * 9) for n in range(70)]
    with Archive.create(tmp_path / "archive") as archive:
        with pytest.raises(ArchiveError, match="half a character"):
            archive.add([*good[:50], Article("bad", "nửa \ud800"), *good[50:]], processes=processes)
        assert len(archive) == archive.search("khoa hoc").total == 40

    def fails() -> Iterator[Article]:
        yield from good
        raise OSError("the disk is gone")

    with Archive.create(tmp_path / "other") as archive:
        with pytest.raises(OSError, match="gone"):
            archive.add(fails(), processes=processes)
        assert len(archive) == archive.search("khoa hoc").total == 60


def test_workers_hold_no_lock_that_their_parent_had(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    lock = tmp_path / "lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        pool = Pool(2)
        answers = pool.in_order(_same, ((n, n) for n in range(9)))
        assert [next(answers), next(answers)] == [(0, 0), (1, 1)]
    with pool, lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises where somebody holds it


def test_processes_that_begin_anew_do_the_same(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import multiprocessing, sys\n"
        "import vnjournal as vj\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    articles = [vj.Article(str(n), 'ở cơ sở,theo quy định ' * 99) for n in range(99)]\n"
        "    with vj.Archive.create(sys.argv[1]) as archive:\n"
        "        print(archive.add(articles, processes=2).edits)\n"
    )
    command = [sys.executable, str(program), str(tmp_path / "archive")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (int(done.stdout), done.stderr) == (99 * 99, "")


def _die_at_zero(number: int) -> bytes:
    if not number:
        os.kill(os.getpid(), signal.SIGKILL)
    return bytes(10_000_000)


def test_a_worker_that_dies_is_an_error() -> None:
    with Pool(2) as pool, pytest.raises(WorkerLost, match="fewer processes"):
        list(pool.in_order(_die_at_zero, ((n, n) for n in (1, 1, 1, 0, 1, 1))))


def _same(number: int) -> int:
    return number


def _negative(number: int) -> int:
    return -number


def _refuse(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_in_a_worker_comes_in_its_place(processes: int) -> None:
    with Pool(processes) as pool:
        answers = pool.in_order(_refuse, ((n, n) for n in range(9)))
        assert [next(answers)[1] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="three"):
            next(answers)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_one_stream_of_work_may_feed_on_another(processes: int) -> None:
    with Pool(processes) as pool:
        first = pool.in_order(_same, ((n, n) for n in range(50)), 9)
        second = pool.in_order(_negative, ((str(n), answer) for n, answer in first))
        assert list(second) == [(str(n), -n) for n in range(50)]


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def test_workers_are_ended_with_whoever_asked() -> None:
    started = time.monotonic()
    with Pool(2) as pool:
        next(pool.in_order(_sleep, ((n, n) for n in (0, 60, 60, 60, 60, 60))))
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_an_index_that_is_stopped(signal_sent: int, tmp_path: Path) -> None:
    pile = tmp_path / "many.jsonl"
    body = "Đảng bộ Sở Khoa học và Công nghệ triển khai nhiệm vụ. " * 40
    lines = [json.dumps({"id": str(n), "body": f"{n} {body}"}) + "\n" for n in range(8000)]
    pile.write_text("".join(lines), encoding="utf-8")
    folder = tmp_path / "archive"
    with subprocess.Popen(
        command_line("index", pile, "--archive", folder, "--processes", "2"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        while not (folder / "articles.sqlite").exists():
            time.sleep(0.02)
        time.sleep(1.5)
        if signal_sent == signal.SIGINT:
            os.killpg(program.pid, signal_sent)  # as a terminal does
        else:
            program.send_signal(signal_sent)
        _, told = program.communicate(timeout=60)  # the pipe ends when the last process has
        assert "Traceback" not in told
    ends = INTERRUPTED if signal_sent == signal.SIGINT else (-signal_sent,)
    assert program.returncode in ends
    assert run("check", "--archive", folder).code == 0
    pile.write_text("".join(lines[:500]), encoding="utf-8")
    index = ("index", pile, "--archive", folder, "--processes", "2")
    assert run(*index, apart=True).code == 0
