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

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Self

from vnjournal.errors import (
    ArchiveDamaged,
    ArchiveExists,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveOutdated,
)
from vnjournal.index.analysis import Document, documents
from vnjournal.index.engine import FolderEngine
from vnjournal.index.engines import NAMES, engine_class
from vnjournal.search.searcher import Searcher
from vnjournal.store.sqlite import Store
from vnjournal.store.writing import BATCH, LOCK, locked, return_freed_memory
from vnjournal.version import ANALYSIS_VERSION, FORMAT_VERSION

_STORE = "articles.sqlite"
_INDEX = "index"
_OTHER_INDEX = "index.2"

#: What a crash may leave of an archive that was being made.
_UNFINISHED = {_INDEX, LOCK, *(f"{_STORE}.new{suffix}" for suffix in ("", "-wal", "-shm"))}


class ArchiveFolder:
    """The folder of an archive: makes and opens it, and lets its index follow its store."""

    def __init__(self, folder: Path, store: Store, engine: FolderEngine | None) -> None:
        self.folder = folder
        self._store = store
        self._engine = engine
        self._searcher: Searcher | None = None  # over the index as it is now
        self._index = _INDEX

    # --- making and opening

    @classmethod
    def create(cls, path: str | PathLike[str], engine: str = NAMES[0]) -> Self:
        """Make a new archive, or open the one that is there.

        Args: ``path``: its folder; ``engine``: ``tantivy`` or ``whoosh``. Raises ArchiveExists when
        there is one of another engine, or a folder that holds other things.
        """
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
                Store.create(folder / _STORE, engine=engine, **versions).close()
        return cls.create(folder, engine)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open an archive, repairing its index from the store where a crash left it behind.

        Raises ArchiveNotFound, ArchiveOutdated (another version of the format or analysis) or
        ArchiveDamaged.
        """
        archive = cls._open_store(Path(path))
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
                    f"{self.folder} was indexed by version {meta['analysis']} of the analysis, "
                    f"this is version {ANALYSIS_VERSION}: {self._how_to_rebuild}"
                )
            self._index = meta.get("index", _INDEX)
            try:
                with self._naming_the_cure():
                    self._engine = engine_class(meta["engine"]).open(self.folder / self._index)
                return
            except ArchiveDamaged:
                if self._store.meta() == meta:
                    raise  # else a rebuild has just put another in its place

    @property
    def _how_to_rebuild(self) -> str:
        return f"run 'vnjournal rebuild --archive {self.folder}'"

    @contextmanager
    def _naming_the_cure(self) -> Iterator[None]:
        """An engine does not know which archive it belongs to."""
        try:
            yield
        except ArchiveDamaged as error:
            what, _, _ = str(error).partition(": run ")
            raise ArchiveDamaged(f"{what}: {self._how_to_rebuild}") from error

    @classmethod
    def _open_store(cls, folder: Path) -> Self:
        """Open the store only; the index may be missing, outdated or damaged."""
        if not (folder / _STORE).is_file():
            raise ArchiveNotFound(
                f"there is no archive at {folder}: make one with 'vnjournal index SOURCE "
                f"--archive {folder}'"
            )
        store = Store(folder / _STORE)
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
        return cls(folder, store, None)

    @property
    def engine_name(self) -> str:
        """``tantivy`` or ``whoosh``."""
        return self._store.meta()["engine"]

    def close(self) -> None:
        """Finish writing and let go of all files."""
        if self._engine is not None:
            self._engine.close()
        self._engine = self._searcher = None
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _native(self) -> FolderEngine:
        if self._engine is None:
            self._store.meta()  # says so where the archive is closed
            raise ArchiveDamaged(f"{self.folder} has no index: {self._how_to_rebuild}")
        return self._engine

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with locked(self.folder):
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
                with self._writing():
                    self._index_pending()
            except (ArchiveLocked, ArchiveFull):
                return  # what is in the index can be searched all the same

    def _index_pending(self) -> None:
        ids = self._store.pending()
        if ids:
            with self._naming_the_cure():
                self._native.refresh()
        for at in range(0, len(ids), BATCH):
            chunk = ids[at : at + BATCH]
            stored = self._store.get(chunk)
            made = documents([(each.article, each.edits) for each in stored.values()])
            with self._naming_the_cure():
                held = self._native.held(made)  # the crash may have come after the index's commit
            missing = [document for document in made if document.id not in held]
            self._index_batch(missing, [id for id in chunk if id not in stored])()
            self._store.clear_pending(held)

    def _index_batch(
        self, batch: Sequence[Document], deleted: Sequence[str] = ()
    ) -> Callable[[], None]:
        """Let the index follow what the store has done in one transaction.

        Returns a function that waits until it has; to be called before the next.
        """
        if not batch and not deleted:
            return lambda: None
        with self._naming_the_cure():
            done = self._native.write(batch, deleted)
        ids = [*(each.id for each in batch), *deleted]

        def finish() -> None:
            with self._naming_the_cure():
                done.result()
            self._searcher = None
            self._store.clear_pending(ids)
            return_freed_memory()

        return finish

    @contextmanager
    def _new_index(self, engine: str) -> Iterator[Path]:
        """A folder for an index of all that is stored, which then takes the old one's place."""
        old = self._store.meta().get("index", _INDEX)
        new = _OTHER_INDEX if old == _INDEX else _INDEX
        try:
            yield self.folder / new
            self._store.set_meta(index=new, analysis=str(ANALYSIS_VERSION), engine=engine)
        finally:
            is_done = self._store.meta().get("index", _INDEX) == new
            shutil.rmtree(self.folder / (old if is_done else new), ignore_errors=True)
        self._store.clear_pending()

    def _sizes(self) -> dict[str, int]:
        index = self.folder / self._index
        return {
            "store_bytes": sum(f.stat().st_size for f in self.folder.glob(f"{_STORE}*")),
            "index_bytes": sum(f.stat().st_size for f in index.rglob("*") if f.is_file()),
        }
