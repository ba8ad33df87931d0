"""What is Whoosh's own: files, locks, merging, and figures as tantivy's."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from whoosh.filedb.filestore import FileStorage

from vnjournal.articles.article import Article
from vnjournal.errors import ArchiveDamaged, ArchiveFull, ArchiveLocked
from vnjournal.index import whoosh_answer, whoosh_engine
from vnjournal.index.analysis import Document, document
from vnjournal.index.query import Query, Word, syllables
from vnjournal.index.whoosh_engine import WhooshEngine

LUA = Query(words=(Word(syllables("lúa")[0], ("body",)),), at_least=1)


def documents(*ids: str, body: str = "lúa nước") -> list[Document]:
    return [document(Article(id=id, body=body), {}) for id in ids]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    with closing(WhooshEngine.create(tmp_path)) as engine:
        engine.write(documents("a", "b")).result()
        yield engine


def test_lengths_are_rounded_as_lucene_does() -> None:
    rounded = [whoosh_answer._rounded(length) for length in (0, 23, 40, 41, 56, 59, 60, 1000, 1047)]
    assert rounded == [0, 23, 40, 40, 56, 56, 60, 984, 984]


def test_every_file_is_synced_before_the_table_of_contents_names_it(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(whoosh_engine, "_sync", synced.append)
    engine.write(documents("c")).result()
    *files, last = synced
    assert last == tmp_path
    assert {file.name for file in files} >= {file.name for file in tmp_path.glob("*.seg")}
    assert any(".toc." in file.name for file in files)


def test_a_full_disk_is_reported_and_can_be_recovered_from(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(whoosh_engine, "_sync", fails)
        with pytest.raises(ArchiveFull, match="make room"):
            engine.write(documents("c")).result()
    assert engine.search(LUA, 10).total == 2
    engine.write(documents("d")).result()
    assert engine.ids() == {"a", "b", "d"}


def test_an_interrupted_write_lets_the_lock_go(engine: WhooshEngine) -> None:
    def interrupted() -> Iterator[Document]:
        yield documents("c")[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.write(interrupted()).result()
    engine.write(documents("d")).result()
    assert engine.ids() == {"a", "b", "d"}


def test_only_one_may_write(engine: WhooshEngine, tmp_path: Path) -> None:
    with closing(WhooshEngine.open(tmp_path)) as other:
        writer = engine._index.writer()
        with pytest.raises(ArchiveLocked):
            other.write(documents("c")).result()
        writer.cancel()
        other.write(documents("c")).result()


def test_what_a_killed_writer_leaves_does_no_harm(engine: WhooshEngine, tmp_path: Path) -> None:
    killed = (
        "import os, sys, pathlib; from vnjournal.index import whoosh_engine as w;"
        "from vnjournal.articles.article import Article;"
        "from vnjournal.index.analysis import document;"
        "w._Storage.rename_file = lambda *a, **k: os._exit(9);"
        "engine = w.WhooshEngine.open(pathlib.Path(sys.argv[1]));"
        "engine.write([document(Article(id='c', body='lúa'), {})], ['a']).result()"
    )
    done = subprocess.run([sys.executable, "-c", killed, tmp_path], check=False)
    assert done.returncode == 9
    assert list(tmp_path.glob("*.toc.*"))
    with closing(WhooshEngine.open(tmp_path)) as again:
        assert again.ids() == {"a", "b"}
        again.write(documents("d")).result()
        assert again.ids() == {"a", "b", "d"}
    assert not list(tmp_path.glob("*.toc.*"))
    assert len(list(tmp_path.glob("*.seg"))) == 2


@pytest.mark.parametrize("damage", ["empty", "short", "overwritten", "gone"])
@pytest.mark.parametrize("pattern", ["*.seg", "*.toc"])
def test_damaged_files_are_reported(tmp_path: Path, pattern: str, damage: str) -> None:
    with closing(WhooshEngine.create(tmp_path)) as engine:
        engine.write(documents("a")).result()
    (file,) = tmp_path.glob(pattern)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        kept = {"empty": b"", "short": content[:20], "overwritten": b"\xff" * len(content)}
        file.write_bytes(kept[damage])
    with pytest.raises(ArchiveDamaged, match="run 'vnjournal rebuild'"):
        WhooshEngine.open(tmp_path)


def test_files_of_a_reading_that_a_writer_overtook_are_closed(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment is gone before it is opened: Whoosh begins anew and forgets what it had open."""
    open_file = FileStorage.open_file
    opened: list[Any] = []

    def overtaken(storage: FileStorage, name: str, **options: Any) -> Any:
        if name.endswith(".seg"):
            opened.append(None)
            if len(opened) == 2:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            opened[-1] = open_file(storage, name, **options)
            return opened[-1]
        return open_file(storage, name, **options)

    with closing(WhooshEngine.open(tmp_path)) as reader:
        engine.write(documents("c")).result()
        monkeypatch.setattr(FileStorage, "open_file", overtaken)
        reader.refresh()
        assert [file and file.is_closed for file in opened] == [True, None, False, False]
        assert reader.search(LUA, 10).total == 3


def test_segments_are_merged_and_deleted_documents_dropped(engine: WhooshEngine) -> None:
    for number in range(40):
        engine.write(documents(f"d{number}")).result()
    assert len(engine._snapshot._segments) < 20
    engine.write([], [f"d{number}" for number in range(40)]).result()
    engine.write(documents("c")).result()
    assert engine._snapshot.count == len(engine._snapshot.column("date")) == 3


def test_importing_warns_of_nothing() -> None:
    code = "import vnjournal.index.whoosh_engine"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
