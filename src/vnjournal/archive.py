"""The archive: a store and an engine, kept in step.

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
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vnjournal import review
from vnjournal.articles.article import Article
from vnjournal.errors import (
    ArchiveDamaged,
    ArchiveExists,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveOutdated,
)
from vnjournal.index.analysis import Document, documents, issue_key
from vnjournal.index.engine import Engine, Sort
from vnjournal.index.engines import NAMES, engine_class
from vnjournal.index.query import Clause, Dates, Issue, Marks
from vnjournal.intake import Intake, index_anew, prepared, size
from vnjournal.review import Proposal, Typo
from vnjournal.search.results import Hit, Results
from vnjournal.search.searcher import Searcher
from vnjournal.store.sqlite import FieldEdits, Store
from vnjournal.store.writing import (
    BATCH,
    LOCK,
    Added,
    Progress,
    batches,
    locked,
    reporter,
    return_freed_memory,
)
from vnjournal.version import ANALYSIS_VERSION, FORMAT_VERSION

if TYPE_CHECKING:
    from vnjournal.correction.corrector import Level

_STORE = "articles.sqlite"
_INDEX = "index"
_OTHER_INDEX = "index.2"

#: What a crash may leave of an archive that was being made.
_UNFINISHED = {_INDEX, LOCK, *(f"{_STORE}.new{suffix}" for suffix in ("", "-wal", "-shm"))}


class Archive:
    """A searchable archive of articles in a folder.

    Make one with :meth:`create` or :meth:`open`; use it as a context manager or :meth:`close` it.
    One process may write at a time; any number may search meanwhile.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp() + "/archive"
    >>> with Archive.create(folder) as archive:
    ...     _ = archive.add([Article(id="1", body="Đảng bộ Sở Khoa học và Công nghệ.")])
    ...     [hit.id for hit in archive.search("dang bo so khoa hoc")]
    ['1']
    """

    def __init__(self, folder: Path, store: Store, engine: Engine | None) -> None:
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
    def _native(self) -> Engine:
        if self._engine is None:
            self._store.meta()  # says so where the archive is closed
            raise ArchiveDamaged(f"{self.folder} has no index: {self._how_to_rebuild}")
        return self._engine

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with locked(self.folder):
            self._follow()
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
        for at in range(0, len(ids), BATCH):
            chunk = ids[at : at + BATCH]
            stored = self._store.get(chunk)
            made = documents([(each.article, each.edits) for each in stored.values()])
            self._index_batch(made, [id for id in chunk if id not in stored])()

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

    # --- writing

    def add(
        self,
        articles: Iterable[Article],
        *,
        progress: bool | Progress = False,
        correct: bool = True,
        processes: int = 1,
    ) -> Added:
        """Insert articles, or replace those with the same id; in batches, each durable at once.

        An article that is stored already and has not changed costs a look-up only. Safe corrections
        are kept beside the text and indexed with it.

        Args:
            articles: any iterable; it is consumed as a stream.
            progress: True for a counter on stderr, or a function that is called after each batch.
            correct: False leaves the text as it is written.
            processes: how many correct and analyse articles, while this one writes; the archive
                comes out the same. Two batches more are in memory. A program that Python starts
                its processes from anew (on Windows and macOS) needs ``if __name__ == "__main__":``.

        Raises ArchiveLocked while another process writes, ArchiveFull when there is no space,
        WorkerLost when one of the processes dies; the batches before are kept.
        """
        added = Added()
        report = reporter(progress)

        def finished(finish: Callable[[], None], counts: Added) -> None:
            finish()
            added.count(counts)
            report(added)

        with self._writing():
            self._index_pending()
            intake = Intake(self._store)
            groups = map(intake.sort, batches(articles, size))
            with (
                closing(prepared(groups, self._store, correct, processes)) as ready,
                ExitStack() as before,  # what is left to do of the batch before
            ):
                for batch, made in ready:
                    intake.keep(batch, made)
                    before.close()
                    finish = self._index_batch([each.document for each in made])
                    before.callback(finished, finish, batch.counts)
        return added

    @property
    def words(self) -> tuple[str, ...]:
        """Words of the archive's own, which the corrector leaves alone; see :meth:`protect`."""
        return self._store.words()

    def protect(self, words: Iterable[str]) -> None:
        """Have the corrector leave these words, and those named before, alone from now on.

        Articles that are stored already follow with a rebuild. Raises ArchiveLocked while another
        process writes.
        """
        named = (" ".join(word.split()) for word in words)
        with self._writing():
            every = dict.fromkeys((*self.words, *filter(None, named)))
            self._store.set_meta(words="\n".join(every))

    def note(self, name: str) -> str:
        """What is noted in the archive under a name, or nothing; see :meth:`set_note`."""
        return self._store.meta().get(f"note {name}", "")

    def set_note(self, name: str, text: str) -> None:
        """Note something in the archive, such as how far a harvest has come.

        Raises ArchiveLocked while another process writes.
        """
        with self._writing():
            self._store.set_meta(**{f"note {name}": text})

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id; returns how many were there.

        What was decided about their edits is kept for when they come back.
        """
        wanted = [ids] if isinstance(ids, str) else list(ids)
        with self._writing():
            count = self._store.delete(wanted)
            self._index_pending()
        return count

    @classmethod
    def rebuild(
        cls,
        path: str | PathLike[str],
        *,
        progress: bool | Progress = False,
        engine: str = "",
        processes: int = 1,
    ) -> Self:
        """Correct and index every stored article anew, then swap the new index in.

        Searching goes on with the old index until then. Args: ``engine``: another engine than the
        archive has now; ``processes``: as for :meth:`add`. Returns the archive, opened.
        """
        folder = Path(path)
        archive = cls._open_store(folder)
        report = reporter(progress)
        name = engine or archive.engine_name
        made = engine_class(name)
        try:
            with archive._writing():
                old = archive._store.meta().get("index", _INDEX)
                new = _OTHER_INDEX if old == _INDEX else _INDEX
                try:
                    index_anew(archive._store, folder / new, made, report, processes)
                    archive._store.set_meta(index=new, analysis=str(ANALYSIS_VERSION), engine=name)
                finally:
                    is_done = archive._store.meta().get("index", _INDEX) == new
                    shutil.rmtree(folder / (old if is_done else new), ignore_errors=True)
                archive._store.clear_pending()
        finally:
            archive.close()
        return cls.open(folder)

    # --- reviewing

    def proposals(
        self,
        level: Level = "suggest",
        *,
        decided: bool = False,
        like: tuple[str, str] | None = None,
        progress: bool | Progress = False,
    ) -> Iterator[Proposal]:
        """The edits of every article at a level, for a person to accept or reject.

        Args:
            level: ``suggest``, or ``safe`` for those that are applied anyway unless rejected.
            decided: also those that somebody has decided already.
            like: only those of this :attr:`Proposal.typo`.
            progress: as for :meth:`add`.

        Decisions may be taken meanwhile. Of places alike in words and neighbours one is given.
        """
        tell = reporter(progress)
        found = review.in_store(self._store, level, like, lambda n: tell(Added(unchanged=n)))
        return found if decided else review.undecided(found)

    def decide(self, proposals: Iterable[Proposal], *, accept: bool) -> int:
        """Accept or reject edits; returns how many.

        An accepted edit is applied in the index from now on, however sure the corrector is; a
        rejected one is neither applied nor proposed again. This holds through a rebuild and when
        the article comes again, as long as what the edit replaces and two of the words next to it
        are still there. The last decision about an edit counts.

        Raises ArchiveLocked while another process writes.
        """
        count = 0
        for batch in batches(proposals, lambda proposal: len(proposal.left)):
            with self._writing():
                self._index_pending()
                again, decisions = review.with_decisions(self._store, batch, accept)
                self._store.put(again, uuid.uuid4().hex, decisions)
                self._index_batch(documents([(each.article, each.edits) for each in again]))()
            count += len(batch)
        return count

    def typos(self, level: Level = "safe", *, progress: bool | Progress = False) -> list[Typo]:
        """The typos of the whole archive, the most frequent first; see :meth:`proposals`."""
        return review.most_frequent(self.proposals(level, decided=True, progress=progress))

    # --- reading

    def search(
        self,
        query: str,
        *,
        year: int | tuple[int, int] | None = None,
        issue: str = "",
        limit: int = 10,
        offset: int = 0,
        sort: str = Sort.RELEVANCE,
        marks: str = Marks.GRADED,
    ) -> Results:
        """Search the archive.

        Args:
            query: see :mod:`vnjournal.search.parse`; with or without diacritics.
            year: one year, or the first and last of a range, in 1 to 9999.
            issue: an issue's number, such as ``2-2018``.
            limit, offset: the page of hits.
            sort: ``relevance``, ``newest`` or ``oldest``.
            marks: ``graded``, ``exact`` (the very forms typed) or ``loose`` (marks may contradict).

        Raises ValueError for a value that is none of these.
        """
        _check_limit(limit)
        if offset < 0:
            raise ValueError("offset must be at least 0")
        page = limit, offset, Sort(sort)
        filters: list[Clause] = [
            *([Dates.of_years(year)] if year is not None else []),
            *([Issue(issue_key(issue))] if issue else []),
        ]
        with self._naming_the_cure():
            return self._search_with.search(query, filters, Marks(marks), *page)

    def similar(self, id: str, *, limit: int = 10) -> list[Hit]:
        """The articles that are most like the one of an id; none where there is no such article."""
        _check_limit(limit)
        with self._naming_the_cure():
            return self._search_with.similar(id, limit)

    def complete(self, typed: str, *, limit: int = 10) -> list[str]:
        """What a reader may be about to type, from the archive's own words, the commonest first.

        Args: ``typed``: the beginning of a query; its last word is completed. Marks that were typed
        are kept to; words typed without come back with marks.
        """
        _check_limit(limit)
        with self._naming_the_cure():
            return self._search_with.complete(typed, limit)

    @property
    def _search_with(self) -> Searcher:
        if self._searcher is None:
            self._searcher = Searcher(self._native, self._fetch)
        return self._searcher

    def _fetch(self, ids: Sequence[str]) -> dict[str, tuple[Article, FieldEdits]]:
        return {id: (each.article, each.edits) for id, each in self._store.get(ids).items()}

    def refresh(self) -> None:
        """See what other processes have written since the archive was opened."""
        self._searcher = None
        while True:
            self._follow()
            try:
                with self._naming_the_cure():
                    self._native.refresh()
                return
            except ArchiveDamaged:
                if not self._is_replaced:
                    raise  # else a rebuild has just put another in its place

    def get(self, id: str) -> Article | None:
        """The article of an id, or None."""
        stored = self._store.get([id]).get(id)
        return stored.article if stored else None

    def edits(self, id: str) -> FieldEdits:
        """The corrections that are indexed with an article, by field."""
        stored = self._store.get([id]).get(id)
        return stored.edits if stored else {}

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[Article]:
        return (stored.article for stored in self._store)

    def stats(self) -> dict[str, object]:
        """Counts and sizes: articles, by year, edits by kind, bytes of store and index."""
        return {
            "articles": len(self),
            "engine": self.engine_name,
            "years": self._store.years(),
            "edits": self._store.edit_counts(),
            "store_bytes": sum(f.stat().st_size for f in self.folder.glob(f"{_STORE}*")),
            "index_bytes": sum(
                f.stat().st_size for f in (self.folder / self._index).rglob("*") if f.is_file()
            ),
        }

    @classmethod
    def check(cls, path: str | PathLike[str]) -> list[str]:
        """Look for damage; returns what is wrong, each with the next step, or an empty list.

        Raises ArchiveNotFound and ArchiveOutdated as :meth:`open` does.
        """
        try:
            with cls._open_store(Path(path)) as store_only:
                if wrong := store_only._store.check():
                    return [f"articles.sqlite: {line}" for line in wrong]
            with cls.open(path) as archive:
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
                with self._writing():
                    self._index_pending()
        except ArchiveLocked:
            pass  # a writer is bringing them
        except ArchiveFull as error:
            wrong.append(f"{len(waiting)} articles are not in the index yet: {error}")
        self.refresh()
        self.search('"a b" c', year=(1, 9999), sort=Sort.NEWEST)  # opens every kind of index file
        with self._naming_the_cure():
            indexed = self._native.ids()
        after = self._store.ids()
        if missing := (before & after) - waiting - indexed:
            wrong.append(f"{len(missing)} articles are not in the index: {self._how_to_rebuild}")
        if stray := indexed - before - after - waiting:
            wrong.append(
                f"{len(stray)} documents of the index are not in the store: {self._how_to_rebuild}"
            )
        return wrong


def _check_limit(limit: int) -> None:
    if limit < 1:
        raise ValueError("limit must be at least 1")
