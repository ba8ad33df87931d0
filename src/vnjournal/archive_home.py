"""Where an archive is kept: a store and an index in step, in a folder or on a cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from vnjournal.articles.article import Article
from vnjournal.errors import ArchiveLocked
from vnjournal.index.analysis import Document
from vnjournal.index.engine import Engine
from vnjournal.intake import Prepared
from vnjournal.search.searcher import Searcher
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote
from vnjournal.store.store import MOVING, Entry, FieldEdits, Store, Stored
from vnjournal.store.writing import Tally


class Home(ABC):
    """What :class:`vnjournal.archive.Archive` works on; see also :class:`vnjournal.intake.Keeper`.

    Attributes: ``place``: the folder, or the address.
    """

    place: Path | str

    def __init__(self) -> None:
        self._searcher: Searcher | None = None

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where the articles are."""

    @property
    @abstractmethod
    def engine(self) -> Engine:
        """The index; raises ArchiveDamaged where there is none."""

    @property
    @abstractmethod
    def engine_name(self) -> str:
        """``tantivy``, ``whoosh`` or ``opensearch``."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """The same for one archive by all the names of its place, and for no other."""

    @property
    def searcher(self) -> Searcher:
        """Searches the index as it was seen last."""
        if self._searcher is None:
            self._searcher = Searcher(self.engine, self._fetch)
        return self._searcher

    def _fetch(self, ids: Sequence[str]) -> dict[str, tuple[Article, FieldEdits]]:
        return {id: (each.article, each.edits) for id, each in self.store.get(ids).items()}

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write; raises ArchiveLocked while there is none to be had.

        Nor is there where articles are being moved to. Who was at work on a cluster when that began
        is told so at the end: the move drops what it does not know.
        """
        with self.held():
            self._look_for_move()
            yield
            self._look_for_move()

    def _look_for_move(self) -> None:
        """Raises ArchiveLocked where articles are being moved to."""
        if source := self.store.meta().get(MOVING):
            raise ArchiveLocked(
                f"{self.place} is being moved from {source}: run 'vnjournal move' again to the "
                "end if it was cut off"
            )

    @abstractmethod
    def held(self) -> AbstractContextManager[None]:
        """The right to write for who moves articles here, or repairs; see :meth:`writing`."""

    @abstractmethod
    def reporting(self) -> AbstractContextManager[None]:
        """Has what goes wrong in the index be told with the cure."""

    @abstractmethod
    def keep(
        self,
        made: Sequence[Prepared],
        run: str,
        unchanged: Sequence[str] = (),
        files: Sequence[Brought] = (),
    ) -> Callable[[], None]:
        """See :meth:`vnjournal.intake.Keeper.keep`."""

    @abstractmethod
    def put(self, batch: Sequence[Stored], decisions: Sequence[Decision]) -> None:
        """Store and index articles that are there already, with the decisions that led to it."""

    @abstractmethod
    def take(self, batch: Sequence[tuple[Entry, Document]]) -> Callable[[], None]:
        """Begin to store and index articles just as another archive has them.

        Returns what waits until they are there, as :meth:`keep` does.
        """

    @abstractmethod
    def delete(self, ids: Sequence[str]) -> int:
        """Delete articles by id; returns how many were there."""

    @abstractmethod
    def prune(self, lost: Sequence[tuple[FileNote, list[str]]]) -> None:
        """Delete articles of files, and what is noted of those that have gone."""

    @abstractmethod
    def refresh(self) -> None:
        """See what others have written."""

    @abstractmethod
    def rebuild(self, engine: str, tally: Tally, processes: int) -> None:
        """Correct and index every article anew, and put the new index in the old one's place."""

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Bytes of what is stored, by what it is."""

    @abstractmethod
    def close(self) -> None:
        """Finish writing and let go of what is held open."""
