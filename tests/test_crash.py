"""What was acknowledged survives a kill at any instant, and searching goes on meanwhile."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.program import run
from vnjournal.archive import Archive
from vnjournal.articles.article import Article
from vnjournal.index.engines import NAMES

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
        store = archive._store
        store.put([], run="crash")
        store.delete(["gone"])
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.search("khoa hoc").total == 1
        assert archive._store.pending() == []


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
        refused = run("index", __file__, "--archive", tmp_path / "archive")
        assert (refused.code, "another process is writing" in refused.err) in (
            (2, True),
            (0, False),
        )
        writer.kill()


@pytest.mark.parametrize("engine", NAMES)
def test_searching_goes_on_while_the_index_is_rebuilt(engine: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", engine) as archive:
        archive.add(Article(str(number), f"Bài số {number} về khoa học") for number in range(300))
    with Archive.open(tmp_path / "archive") as reader:
        rebuilt = Archive.rebuild(tmp_path / "archive", engine=NAMES[1 - NAMES.index(engine)])
        assert reader.search("khoa hoc").total == 300
        with rebuilt:
            assert rebuilt.engine_name != engine
            assert rebuilt.search("khoa hoc").total == 300
        reader.refresh()
        assert reader.search("khoa hoc").total == 300
    assert Archive.check(tmp_path / "archive") == []
