"""The archive: what can be done with its articles, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vnjournal import review
from vnjournal.archive_folder import ArchiveFolder
from vnjournal.archive_home import Home
from vnjournal.articles import portals
from vnjournal.articles.article import Article
from vnjournal.articles.documents import MAX_SIZE
from vnjournal.cluster.address import is_address
from vnjournal.cluster.reporting import needing_client
from vnjournal.errors import ArchiveError, ArchiveNotFound
from vnjournal.index.analysis import issue_key
from vnjournal.index.engine import Sort
from vnjournal.index.engines import NAMES
from vnjournal.index.query import Clause, Dates, Issue, Marks
from vnjournal.intake import taken_in
from vnjournal.move import Moved, move
from vnjournal.review import Proposal, Typo
from vnjournal.search.results import Hit, Results
from vnjournal.store.sketches import Alike
from vnjournal.store.store import FieldEdits, Store
from vnjournal.store.writing import Added, Progress, Tally, batches
from vnjournal.sync import Report, Sources, Synced, warn
from vnjournal.workers import Pool

if TYPE_CHECKING:
    from vnjournal.archive_cluster import ArchiveCluster
    from vnjournal.correction.corrector import Level


class Archive:
    """A searchable archive of articles, in a folder or on an OpenSearch cluster.

    Make one with :meth:`create` or :meth:`open`; use it as a context manager or :meth:`close` it.
    In a folder one process may write at a time, on a cluster any number; any number may search
    meanwhile.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp() + "/archive"
    >>> with Archive.create(folder) as archive:
    ...     _ = archive.add([Article(id="1", body="Đảng bộ Sở Khoa học và Công nghệ.")])
    ...     [hit.id for hit in archive.search("dang bo so khoa hoc")]
    ['1']
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    # --- making and opening

    @classmethod
    def create(cls, path: str | PathLike[str], engine: str = "") -> Self:
        """Make a new archive, or open the one that is there.

        Args:
            path: its folder, or an address such as ``https://n1.example.vn:9200/ten-kho``; see
                :mod:`vnjournal.cluster.address`, and for who asks
                :mod:`vnjournal.cluster.credentials`.
            engine: ``tantivy``, which is the default, or ``whoosh``, for a folder.

        Raises ArchiveExists when there is one of another engine, or a folder that holds other
        things.
        """
        if is_address(str(path)):
            if engine:
                raise ArchiveError(f"{path} is on a cluster: an engine is named for folders only")
            return cls(_cluster().create(str(path)))
        return cls(ArchiveFolder.create(path, engine or NAMES[0]))

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open an archive; one in a folder is repaired where a crash left it behind.

        Raises ArchiveNotFound, ArchiveOutdated (another version of the format or analysis) or
        ArchiveDamaged; of a cluster also ClusterUnreachable and AccessDenied.
        """
        return cls(
            _cluster().open(str(path)) if is_address(str(path)) else ArchiveFolder.open(path)
        )

    @property
    def place(self) -> Path | str:
        """Its folder, or its address."""
        return self._home.place

    @property
    def engine_name(self) -> str:
        """``tantivy``, ``whoosh`` or ``opensearch``."""
        return self._home.engine_name

    @property
    def _store(self) -> Store:
        return self._home.store

    def close(self) -> None:
        """Finish writing and let go of what is held open."""
        self._home.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
            progress: True for a counter on stderr, or a function that is called each second or so.
            correct: False leaves the text as it is written.
            processes: how many correct and analyse articles, while this one writes; the archive
                comes out the same. Two batches more are in memory. A program that Python starts
                its processes from anew (on Windows and macOS) needs ``if __name__ == "__main__":``.

        Raises ArchiveLocked while another process writes, ArchiveFull when there is no space,
        WorkerLost when one of the processes dies; the batches before are kept.
        """
        added = Added()
        tally = Tally(added, progress)
        with self._home.writing(), Pool(processes) as pool:
            arrivals = ((article, None) for article in articles)
            for _ in taken_in(self._home, arrivals, correct, pool, tally):
                pass
        return added

    def sync(
        self,
        sources: str | PathLike[str] | Iterable[str | PathLike[str]],
        *,
        prune: bool = False,
        max_size: int = MAX_SIZE,
        shard: tuple[int, int] | None = None,
        report: Report = warn,
        progress: bool | Progress = False,
        correct: bool = True,
        processes: int = 1,
    ) -> Synced:
        """Read files and folders into the archive; again, and only what has changed is read.

        What is stopped goes on where it was. Articles whose files have gone, or do not hold them
        any more, are kept.

        Args:
            sources: paths, read as by :func:`vnjournal.read`.
            prune: delete the articles whose files, below these sources, have gone.
            max_size: bytes that one article may have.
            shard: for ``(2, 5)`` only the files of the second of five parts are read, where several
                machines or processes share a pile; which these are, their paths below the sources
                say.
            report: called with a :class:`FileReport` for every file, when what it holds is stored;
                by default a warning for each that could not be read.
            progress, correct, processes: as for :meth:`add`; processes also share the reading.

        Raises what :meth:`add` does.

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "a.txt").write_text("Đảng bộ Sở Khoa học", encoding="utf-8")
        >>> with Archive.create(folder / "archive") as archive:
        ...     archive.sync(folder / "a.txt").new, archive.sync(folder / "a.txt").unchanged
        (1, 1)
        """
        named = [sources] if isinstance(sources, str | PathLike) else sources
        synced = Synced()
        tally = Tally(synced, progress)
        with self._home.writing():
            found = Sources(self._store, map(Path, named), max_size, report, synced, shard)
            with Pool(processes) as pool:
                arrivals = found.arrivals(pool, tally.tell)
                for batch in taken_in(self._home, arrivals, correct, pool, tally, found.has):
                    found.finished(batch.files.values())
            for lost in found.lost(prune):
                if prune:
                    self._home.prune(lost)
        return synced

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
        with self._home.writing():
            self._store.add_words(filter(None, named))

    def use_templates(self, templates: Iterable[str | PathLike[str]]) -> None:
        """Have web pages read by these templates of portals from now on, besides those there are.

        What has been read already is read again by the next :meth:`sync`. Args: ``templates``: TOML
        files; see :mod:`vnjournal.articles.portals`. One of the same file name is replaced.

        Raises SourceError for a template that is wrong, ArchiveLocked while another process writes.
        """
        new = map(portals.load, templates)
        with self._home.writing():
            self._store.add_templates(new)

    def note(self, name: str) -> str:
        """What is noted in the archive under a name, or nothing; see :meth:`set_note`."""
        return self._store.meta().get(f"note {name}", "")

    def set_note(self, name: str, text: str) -> None:
        """Note something in the archive, such as how far a harvest has come.

        Raises ArchiveLocked while another process writes.
        """
        with self._home.writing():
            self._store.set_meta(**{f"note {name}": text})

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id; returns how many were there.

        What was decided about their edits is kept for when they come back.
        """
        wanted = [ids] if isinstance(ids, str) else list(ids)
        with self._home.writing():
            return self._home.delete(wanted)

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
        tally = Tally(Added(), progress)
        home: Home
        if is_address(str(path)):
            home = _cluster().open_store(str(path))
        else:
            home = ArchiveFolder.open_store(Path(path))
        with closing(home):
            home.rebuild(engine, tally, processes)
        return cls.open(path)

    @classmethod
    def move(
        cls,
        source: str | PathLike[str],
        target: str | PathLike[str],
        *,
        engine: str = "",
        progress: bool | Progress = False,
        processes: int = 1,
    ) -> Moved:
        """Copy an archive to another place: a folder or a cluster, of the same engine or another.

        All goes along as it is: articles in their order, corrections, decisions, words, templates,
        notes, and which files were read, so that a :meth:`sync` with the new archive reads none
        anew; of other machines' files a folder notes nothing. Then both are compared, and some
        queries put to both. The source is left as it is. What is cut off goes on when it is called
        again; until its end the target can be searched, and not be written to: whoever was at work
        there, on a cluster, gets ArchiveLocked.

        Args:
            source: an archive's folder or address; nobody else may write to a folder meanwhile.
                What changes on a cluster meanwhile is copied, too, in at most three rounds.
            target: where to; an archive is made there, unless there is one.
            engine: of a new folder: ``tantivy``, which is the default, or ``whoosh``.
            progress, processes: as for :meth:`add`.

        Returns what became of it: see its ``differences``. Raises ArchiveExists where the target
        holds articles, decisions, words, templates or notes that the source does not, and what
        :meth:`open` and :meth:`add` do.

        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> with Archive.create(folder + "/one") as archive:
        ...     _ = archive.add([Article(id="1", body="Đảng bộ Sở Khoa học và Công nghệ.")])
        >>> moved = Archive.move(folder + "/one", folder + "/other", engine="whoosh")
        >>> moved.articles, moved.differences
        (1, ())
        """
        with cls.open(source) as one:
            try:
                other = cls.create(target, engine) if engine else cls.open(target)
            except ArchiveNotFound:
                other = cls.create(target)
            with other:
                if one._home.identity == other._home.identity:
                    raise ArchiveError(f"{target} is the archive itself: name another place")
                return move(one._home, other._home, Tally(Added(), progress), processes)

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
        tally = Tally(Added(), progress)
        read = partial(tally.ended, Added(unchanged=1))
        found = review.in_store(self._store, level, like, read)
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
            with self._home.writing():
                self._home.put(*review.with_decisions(self._store, batch, accept))
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
        with self._home.reporting():
            return self._home.searcher.search(query, filters, Marks(marks), *page)

    def similar(self, id: str, *, limit: int = 10) -> list[Hit]:
        """The articles that are most like the one of an id; none where there is no such article."""
        _check_limit(limit)
        with self._home.reporting():
            return self._home.searcher.similar(id, limit)

    def near_duplicates(self, id: str) -> list[Alike]:
        """The articles that are nearly the same as the one of an id, such as it elsewhere.

        The most similar come first; see :mod:`vnjournal.text.sketch`.
        """
        return self._store.like(id)

    def complete(self, typed: str, *, limit: int = 10) -> list[str]:
        """What a reader may be about to type, from the archive's own words, the commonest first.

        Args: ``typed``: the beginning of a query; its last word is completed. Marks that were typed
        are kept to; words typed without come back with marks.
        """
        _check_limit(limit)
        with self._home.reporting():
            return self._home.searcher.complete(typed, limit)

    def refresh(self) -> None:
        """See what other processes have written since the archive was opened."""
        self._home.refresh()

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
            **self._home.sizes(),
        }

    @classmethod
    def check(cls, path: str | PathLike[str]) -> list[str]:
        """Look for damage; returns what is wrong, each with the next step, or an empty list.

        Raises ArchiveNotFound and ArchiveOutdated as :meth:`open` does.
        """
        if is_address(str(path)):
            return _cluster().check(str(path))
        return ArchiveFolder.check(path)


def _cluster() -> type[ArchiveCluster]:
    with needing_client():
        from vnjournal.archive_cluster import ArchiveCluster
    return ArchiveCluster


def _check_limit(limit: int) -> None:
    if limit < 1:
        raise ValueError("limit must be at least 1")
