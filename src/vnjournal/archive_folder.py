"""A store and an engine in a folder, kept in step.

An archive is a folder: ``articles.sqlite`` is the truth, ``index/`` is derived from it and can be
rebuilt at any time, ``writer.lock`` says that somebody is writing. A batch goes to the store first,
in one transaction that also notes its ids as pending; the engine follows, while the next batch is
corrected and analysed; then the note is cleared. A crash in between is repaired from the store when
the archive is opened the next time.

A rebuild makes the new index beside the old one (``index.2/``, and the next time ``index/`` again);
one transaction of the store puts it in the old one's place, so that no reader and no crash ever
finds half an index.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import Self

from vnjournal.archive_home import Home
from vnjournal.errors import (
    ArchiveDamaged,
    ArchiveExists,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveOutdated,
)
from vnjournal.index.analysis import Document, documents
from vnjournal.index.engine import FolderEngine, Sort
from vnjournal.index.engines import NAMES, engine_class
from vnjournal.index.query import Dates, Marks
from vnjournal.intake import Prepared, index_anew
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote
from vnjournal.store.sqlite import SqliteStore
from vnjournal.store.store import Entry, Stored
from vnjournal.store.writing import BATCH, LOCK, Tally, locked, return_freed_memory
from vnjournal.version import ANALYSIS_VERSION, FORMAT_VERSION

_STORE = "articles.sqlite"
_INDEX = "index"
_OTHER_INDEX = "index.2"

#: What a crash may leave of an archive that was being made.
_UNFINISHED = {_INDEX, LOCK, *(f"{_STORE}.new{suffix}" for suffix in ("", "-wal", "-shm"))}


class ArchiveFolder(Home):
    """The folder of an archive: makes and opens it, and lets its index follow its store."""

    place: Path

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        super().__init__()
        self.place = folder
        self._store = store
        self._engine: FolderEngine | None = None
        self._index = _INDEX
        self._finish: Callable[[], None] = _nothing  # waits until the index has what was written

    # --- making and opening

    @classmethod
    def create(cls, path: str | PathLike[str], engine: str = NAMES[0]) -> Self:
        """Make a new archive, or open the one that is there; see :meth:`Archive.create`."""
        folder = Path(path)
        made = engine_class(engine)
        if (folder / _STORE).exists():
            archive = cls.open(folder)
            name = archive.engine_name
            if name != engine:
                archive.close()
                raise ArchiveExists(
                    f"{folder} is an archive of the {name} engine: name that one, or another folder"
                )
            return archive
        if folder.exists() and not folder.is_dir():
            raise ArchiveExists(f"{folder} is a file, not a folder: name another place")
        if folder.exists() and {entry.name for entry in folder.iterdir()} - _UNFINISHED:
            raise ArchiveExists(f"{folder} is there already and is no archive: name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            if not (folder / _STORE).exists():
                shutil.rmtree(folder / _INDEX, ignore_errors=True)
                (folder / _INDEX).mkdir()
                made.create(folder / _INDEX).close()
                versions = {"format": str(FORMAT_VERSION), "analysis": str(ANALYSIS_VERSION)}
                SqliteStore.create(folder / _STORE, engine=engine, **versions).close()
        return cls.create(folder, engine)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open an archive, repairing its index from the store where a crash left it behind."""
        archive = cls.open_store(Path(path))
        try:
            archive._open_index()
            archive._repair()
        except BaseException:
            archive.close()
            raise
        return archive

    def _open_index(self) -> None:
        while True:
            meta = self._store.meta()
            if meta["analysis"] != str(ANALYSIS_VERSION):
                raise ArchiveOutdated(
                    f"{self.place} was indexed by version {meta['analysis']} of the analysis, "
                    f"this is version {ANALYSIS_VERSION}: {self._how_to_rebuild}"
                )
            self._index = meta.get("index", _INDEX)
            try:
                with self.reporting():
                    self._engine = engine_class(meta["engine"]).open(self.place / self._index)
                return
            except ArchiveDamaged:
                if self._store.meta() == meta:
                    raise  # else a rebuild has just put another in its place

    @property
    def _how_to_rebuild(self) -> str:
        return f"run 'vnjournal rebuild --archive {self.place}'"

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """An engine does not know which archive it belongs to."""
        try:
            yield
        except ArchiveDamaged as error:
            what, _, _ = str(error).partition(": run ")
            raise ArchiveDamaged(f"{what}: {self._how_to_rebuild}") from error

    @classmethod
    def open_store(cls, folder: Path) -> Self:
        """Open the store only; the index may be missing, outdated or damaged."""
        if not (folder / _STORE).is_file():
            raise ArchiveNotFound(
                f"there is no archive at {folder}: make one with 'vnjournal index SOURCE "
                f"--archive {folder}'"
            )
        store = SqliteStore(folder / _STORE)
        try:
            meta = store.meta()
            if meta.get("format") != str(FORMAT_VERSION):
                raise ArchiveOutdated(
                    f"{folder} has format version {meta.get('format', '?')}, this program reads "
                    f"version {FORMAT_VERSION}: use the vnjournal that wrote it, or index anew"
                )
        except BaseException:
            store.close()
            raise
        return cls(folder, store)

    @property
    def store(self) -> SqliteStore:
        return self._store

    @property
    def engine_name(self) -> str:
        return self._store.meta()["engine"]

    @property
    def identity(self) -> str:
        return os.path.realpath(self.place)

    @property
    def engine(self) -> FolderEngine:
        if self._engine is None:
            self._store.meta()  # says so where the archive is closed
            raise ArchiveDamaged(f"{self.place} has no index: {self._how_to_rebuild}")
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
        self._engine = self._searcher = None
        self._store.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._locked():
            self._index_pending()
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(self.place):
            self._follow()
            self._store.prepare()
            yield

    def _follow(self) -> None:
        """Turn to the index that a rebuild by another process has put in the place of ours."""
        if self._engine is not None and self._is_replaced:
            self._engine.close()
            self._searcher = None
            self._open_index()

    @property
    def _is_replaced(self) -> bool:
        """Whether the store names another index than the one that was opened."""
        return self._store.meta().get("index", _INDEX) != self._index

    def _repair(self) -> None:
        """Bring to the index what a crash kept from it; leave it to a writer that is at work."""
        if self._store.pending():
            try:
                with self.held():
                    pass
            except (ArchiveLocked, ArchiveFull):
                return  # what is in the index can be searched all the same

    def _index_pending(self) -> None:
        ids = self._store.pending()
        if ids:
            with self.reporting():
                self.engine.refresh()
        for at in range(0, len(ids), BATCH):
            chunk = ids[at : at + BATCH]
            stored = self._store.get(chunk)
            made = documents([(each.article, each.edits) for each in stored.values()])
            with self.reporting():
                held = self.engine.held(made)  # the crash may have come after the index's commit
            missing = [document for document in made if document.id not in held]
            self._index_batch(missing, [id for id in chunk if id not in stored])()
            self._store.clear_pending(held)

    def _index_batch(
        self, batch: Sequence[Document], deleted: Sequence[str] = ()
    ) -> Callable[[], None]:
        """Let the index follow what the store has done in one transaction, when it has what went
        before. Returns what waits until it has.
        """
        self._finish()
        if not batch and not deleted:
            return _nothing
        with self.reporting():
            done = self.engine.write(batch, deleted)
        ids = [*(each.id for each in batch), *deleted]

        def finish() -> None:
            if self._finish is finish:
                self._finish = _nothing
                with self.reporting():
                    done.result()
                self._searcher = None
                self._store.clear_pending(ids)
                return_freed_memory()

        self._finish = finish
        return finish

    def keep(
        self,
        made: Sequence[Prepared],
        run: str,
        unchanged: Sequence[str] = (),
        files: Sequence[Brought] = (),
    ) -> Callable[[], None]:
        sketches = {each.stored.article.id: each.sketch for each in made}
        self._store.keep([each.stored for each in made], run, sketches, unchanged, files)
        return self._index_batch([each.document for each in made])

    def put(self, batch: Sequence[Stored], decisions: Sequence[Decision]) -> None:
        self._store.put(batch, uuid.uuid4().hex, decisions)
        self._index_batch(documents([(each.article, each.edits) for each in batch]))()

    def take(self, batch: Sequence[tuple[Entry, Document]]) -> Callable[[], None]:
        others = self._store.take([entry for entry, _ in batch])
        made = {document.id: document for _, document in batch}
        return self._index_batch(list(made.values()), [id for id in others if id not in made])

    def delete(self, ids: Sequence[str]) -> int:
        count = self._store.delete(ids)
        self._index_pending()
        return count

    def prune(self, lost: Sequence[tuple[FileNote, list[str]]]) -> None:
        self._store.prune(lost)
        self._index_pending()

    def refresh(self) -> None:
        self._searcher = None
        while True:
            self._follow()
            try:
                with self.reporting():
                    self.engine.refresh()
                return
            except ArchiveDamaged:
                if not self._is_replaced:
                    raise  # else a rebuild has just put another in its place

    def rebuild(self, engine: str, tally: Tally, processes: int) -> None:
        name = engine or self.engine_name
        made_of = engine_class(name)
        run = uuid.uuid4().hex
        with self._locked(), self._new_index(name) as folder:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with closing(made_of.create(folder)) as native:

                def write(
                    made: Sequence[Prepared], before: Sequence[Stored]
                ) -> Callable[[], object]:
                    again = [each.stored for each in made]
                    changed = [s for s, old in zip(again, before, strict=True) if s != old]
                    sketches = {each.stored.article.id: each.sketch for each in made}
                    self._store.keep(changed, run, sketches)
                    return native.write([each.document for each in made]).result

                index_anew(self._store, write, tally, processes)

    @contextmanager
    def _new_index(self, engine: str) -> Iterator[Path]:
        """A folder for an index of all that is stored, which then takes the old one's place."""
        old = self._store.meta().get("index", _INDEX)
        new = _OTHER_INDEX if old == _INDEX else _INDEX
        try:
            yield self.place / new
            self._store.set_meta(index=new, analysis=str(ANALYSIS_VERSION), engine=engine)
        finally:
            is_done = self._store.meta().get("index", _INDEX) == new
            shutil.rmtree(self.place / (old if is_done else new), ignore_errors=True)
        self._store.clear_pending()

    def sizes(self) -> dict[str, int]:
        index = self.place / self._index
        return {
            "store_bytes": sum(f.stat().st_size for f in self.place.glob(f"{_STORE}*")),
            "index_bytes": sum(f.stat().st_size for f in index.rglob("*") if f.is_file()),
        }

    # --- checking

    @classmethod
    def check(cls, path: str | PathLike[str]) -> list[str]:
        """What is wrong with an archive; see :meth:`Archive.check`."""
        try:
            with closing(cls.open_store(Path(path))) as store_only:
                if wrong := store_only.store.check():
                    return [f"articles.sqlite: {line}" for line in wrong]
            with closing(cls.open(path)) as archive:
                return archive._out_of_step()
        except ArchiveDamaged as error:
            return [str(error)]

    def _out_of_step(self) -> list[str]:
        """Where store and index differ, not counting what another process is just writing."""
        wrong = []
        before = self._store.ids()
        waiting = set(self._store.pending())
        try:
            if waiting:
                with self.held():
                    pass
        except ArchiveLocked:
            pass  # a writer is bringing them
        except ArchiveFull as error:
            wrong.append(f"{len(waiting)} articles are not in the index yet: {error}")
        self.refresh()
        with self.reporting():
            year = Dates.of_years((1, 9999))  # opens every kind of index file
            self.searcher.search('"a b" c', [year], Marks.GRADED, 1, 0, Sort.NEWEST)
            indexed = self.engine.ids()
        after = self._store.ids()
        if missing := (before & after) - waiting - indexed:
            wrong.append(f"{len(missing)} articles are not in the index: {self._how_to_rebuild}")
        if stray := indexed - before - after - waiting:
            wrong.append(
                f"{len(stray)} documents of the index are not in the store: {self._how_to_rebuild}"
            )
        return wrong


def _nothing() -> None:
    """Nothing was written, or nothing since."""
