"""What was acknowledged survives a kill at any instant, and searching goes on meanwhile."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.places import folder_of
from tests.program import command_line
from vnjournal.archive import Archive
from vnjournal.articles.article import Article
from vnjournal.index.engines import NAMES
from vnjournal.store.store import Stored

KILLS = 6

_WRITER = """
import sys
from vnjournal import Archive, Article
with Archive.open(sys.argv[1]) as archive:
    for number in range(int(sys.argv[2]), 1_000_000):
        body = f"Bài số {number} về khoa học"
        archive.add([Article(f"{number}-{part}", body) for part in range(3)])
        print(number, flush=True)
"""


def _killed_after(seconds: float, archive: Path, first: int) -> list[int]:
    """Let a writer write for so long, kill it, and say which batches it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(archive), str(first)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline())]  # it has begun
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.strip()]
    return acknowledged


@pytest.mark.parametrize("engine", NAMES)
def test_nothing_acknowledged_is_lost_by_kills(engine: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    Archive.create(tmp_path / "archive", engine).close()
    acknowledged: list[int] = []
    for _ in range(KILLS):
        first = acknowledged[-1] + 1 if acknowledged else 0
        acknowledged += _killed_after(chance.uniform(0.0, 0.4), tmp_path / "archive", first)
        with Archive.open(tmp_path / "archive") as archive:
            expected = {f"{number}-{part}" for number in acknowledged for part in range(3)}
            assert expected <= {article.id for article in archive}
            results = archive.search("khoa hoc", limit=10_000)
            found = [hit.id for hit in results]
            assert len(found) == len(set(found)) == results.total == len(archive)
            assert expected <= set(found)
    assert Archive.check(tmp_path / "archive") == []


@pytest.mark.parametrize("engine", NAMES)
def test_an_index_that_missed_a_batch_is_repaired_when_opened(engine: str, tmp_path: Path) -> None:
    """As after a crash between the store's commit and the index's."""
    with Archive.create(tmp_path / "archive", engine) as archive:
        archive.add([Article("old", "Bài cũ về khoa học"), Article("gone", "Bài về khoa học")])
        new = [Article("new", "Bài mới về khoa học"), Article("old", "Bài cũ sửa lại")]
        folder_of(archive).store.put([Stored(article, {}) for article in new], run="crash")
        folder_of(archive).store.delete(["gone"])
        assert archive.search("sua lai").total == 0  # the index has not seen it yet
    with Archive.open(tmp_path / "archive") as archive:
        assert [hit.id for hit in archive.search('"khoa hoc"')] == ["new"]
        assert [hit.id for hit in archive.search('"sua lai"')] == ["old"]
        assert folder_of(archive).store.pending() == []
    assert Archive.check(tmp_path / "archive") == []


@pytest.mark.parametrize("engine", NAMES)
def test_what_an_index_has_already_is_not_written_again(engine: str, tmp_path: Path) -> None:
    """As after a crash between the index's commit and the note of it: scores stay what they are."""
    query = "khoa hoc cong nghe"
    bodies = [f"Bài số {n} về khoa học và {'công nghệ ' * n}" for n in range(30)]
    articles = [Article(str(n), body) for n, body in enumerate(bodies)]
    with Archive.create(tmp_path / "archive", engine) as archive:
        archive.add(articles)
        before = [(hit.id, hit.score) for hit in archive.search(query)]
        folder_of(archive).store.put([Stored(article, {}) for article in articles], run="crash")
    with Archive.open(tmp_path / "archive") as archive:
        assert [(hit.id, hit.score) for hit in archive.search(query)] == before
        folder_of(archive).store.put([Stored(Article("0", "Bài mới"), {})], run="crash")
        folder_of(archive).store.put([Stored(article, {}) for article in articles[1:]], run="crash")
    with Archive.open(tmp_path / "archive") as archive:
        assert [hit.id for hit in archive.search('"bai moi"')] == ["0"]
        assert archive.search(query, limit=99).total == 29
        assert folder_of(archive).store.pending() == []
    assert Archive.check(tmp_path / "archive") == []


@pytest.mark.parametrize("engine", NAMES)
def test_searching_goes_on_while_another_process_writes(engine: str, tmp_path: Path) -> None:
    Archive.create(tmp_path / "archive", engine).close()
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path / "archive"), "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with Archive.open(tmp_path / "archive") as reader:
            before = 0
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                reader.refresh()
                results = reader.search("khoa hoc")
                assert results.total >= before
                assert results.total % 3 == 0  # whole batches only
                before = results.total
            assert before > 3
        writer.kill()


@pytest.mark.parametrize("engine", NAMES)
def test_searching_goes_on_while_the_index_is_rebuilt(engine: str, tmp_path: Path) -> None:
    """By a reader that stays open, one that refreshes, and new ones; one rebuild is killed."""
    folder = tmp_path / "archive"
    with Archive.create(folder, engine) as archive:
        archive.add(Article(f"{n}", f"Bài số {n} về khoa học. " * 20) for n in range(200))
    with Archive.open(folder) as stays_open, Archive.open(folder) as refreshed:
        for number, wanted in enumerate((*NAMES, *NAMES)):
            kill_at = time.monotonic() + (0.4 if number == 1 else 60)
            with subprocess.Popen(
                command_line("rebuild", "--engine", wanted, "--archive", folder),
                stdout=subprocess.DEVNULL,
            ) as rebuild:
                while rebuild.poll() is None:
                    if time.monotonic() > kill_at:
                        rebuild.kill()
                    refreshed.refresh()
                    with Archive.open(folder) as opened:
                        for archive in (stays_open, refreshed, opened):
                            assert archive.search("khoa hoc", limit=1).total == 200
            assert Archive.check(folder) == []
        assert refreshed.engine_name == NAMES[-1]
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 1
