"""An archive on an OpenSearch cluster: the same as in a folder, for more than one machine.

The cluster is the truth: an article's document has its text and its terms, so that there is nothing
to be kept in step, and any number of machines may write at a time. Under the archive's name lies an
index of articles, beside it one of words and one of notes (``NAME-words``, ``NAME-notes``); the
first two are aliases, ``NAME`` for ``NAME-1`` to begin with.

A rebuild blocks writing, makes ``NAME-2`` beside ``NAME-1``, and puts it in its place in one step,
so that searching goes on. What is left of one that was cut off is thrown away by the next.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from typing import Self

from vnjournal.archive_home import Home
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.layout import Layout, about, next_alias
from vnjournal.errors import (
    ArchiveError,
    ArchiveLocked,
    ArchiveOutdated,
    ClusterUnreachable,
)
from vnjournal.index.analysis import Document, documents
from vnjournal.index.opensearch_engine import (
    WORDS_KIND,
    WORDS_SUFFIX,
    OpenSearchEngine,
    articles_kind,
)
from vnjournal.intake import Prepared, index_anew, sketch_of
from vnjournal.review import reviewed
from vnjournal.store.cluster import (
    NOTES_KIND,
    NOTES_SUFFIX,
    PROPERTIES,
    SEARCHED_ONLY,
    ClusterStore,
)
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote
from vnjournal.store.store import Entry, Stored
from vnjournal.store.writing import Tally
from vnjournal.version import ANALYSIS_VERSION, FORMAT_VERSION

#: The kinds of documents that a rebuild makes anew.
_BUILT = (articles_kind(PROPERTIES, SEARCHED_ONLY), WORDS_KIND)
_REBUILDING = "rebuilding"  # the setting that says who does, and when that one was last seen
_GIVEN_UP = 300  # seconds after which one that was not seen is taken for dead


class ArchiveCluster(Home):
    """An archive on a cluster: makes and opens it, and writes to it."""

    place: str

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.place = str(connection.address)
        self._connection = connection
        self._name = connection.address.name
        self._built = Layout(connection, _BUILT)
        self._store = ClusterStore(connection, self._name)
        self._engine: OpenSearchEngine | None = None

    # --- making and opening

    @classmethod
    def create(cls, address: str) -> Self:
        """Make a new archive, or open the one that is there.

        Several may do so at a time: whatever one of them has made is taken by the others.
        """
        with Connection(Address.parse(address)).open() as connection:
            built, notes = Layout(connection, _BUILT), Layout(connection, [NOTES_KIND])
            if not built.published():
                notes.make(1)
                notes.publish(1)
                ClusterStore(connection, connection.address.name).set_meta(
                    format=str(FORMAT_VERSION)
                )
                built.make(1)
                built.publish(1)
        return cls.open(address)

    @classmethod
    def open(cls, address: str) -> Self:
        """Open an archive."""
        archive = cls.open_store(address)
        try:
            version = about(archive._connection, archive._name).get("analysis")
            if version != ANALYSIS_VERSION:
                raise ArchiveOutdated(
                    f"{archive.place} was indexed by version {version} of the analysis, this is "
                    f"version {ANALYSIS_VERSION}: {archive._how_to_rebuild}"
                )
            archive._engine = OpenSearchEngine(
                archive._connection, archive._name, f"{archive._name}{WORDS_SUFFIX}"
            )
            archive._repair()
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def open_store(cls, address: str) -> Self:
        """Open the store only; the index may be outdated."""
        archive = cls(Connection(Address.parse(address)).open())
        try:
            archive._look_at_health()
            found = archive._store.meta().get("format", "?")
            if found != str(FORMAT_VERSION):
                raise ArchiveOutdated(
                    f"{archive.place} has format version {found}, this program reads version "
                    f"{FORMAT_VERSION}: use the vnjournal that wrote it, or index anew"
                )
        except BaseException:
            archive.close()
            raise
        return archive

    @property
    def _names(self) -> str:
        """The aliases of all indices, as requests name them."""
        return ",".join(f"{self._name}{suffix}" for suffix in ("", WORDS_SUFFIX, NOTES_SUFFIX))

    def _look_at_health(self) -> str:
        """How the archive's indices are.

        Raises ArchiveNotFound where there are none, ClusterUnreachable where a part is on no node
        that runs.
        """
        about(self._connection, self._name)
        health = self._connection.health(self._names)
        if health == "red":
            raise ClusterUnreachable(
                f"{self.place}: a part of it is on no node that runs (red): see that all nodes "
                "run, and GET _cluster/allocation/explain"
            )
        return health

    def _repair(self) -> None:
        """Write what was decided, where a crash came between."""
        if decisions := self._store.pending():
            with suppress(ArchiveLocked):  # by a rebuild, which does the same
                self._write_as_decided(known.id for known in decisions)
                self._store.note_as_written(decisions)

    @property
    def _how_to_rebuild(self) -> str:
        return f"run 'vnjournal rebuild --archive {self.place}'"

    @property
    def store(self) -> ClusterStore:
        return self._store

    @property
    def engine(self) -> OpenSearchEngine:
        if self._engine is None:
            raise ArchiveError("the archive is closed: open it again")
        return self._engine

    @property
    def engine_name(self) -> str:
        return OpenSearchEngine.name

    def reporting(self) -> AbstractContextManager[None]:
        return nullcontext()  # whatever asks the cluster knows which archive it is for

    def close(self) -> None:
        try:
            if self._engine is not None:
                self._engine.close()
        finally:
            self._engine = self._searcher = None
            self._connection.close()

    # --- writing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whoever comes may write, but for when the archive is being rebuilt."""
        if by := self._store.meta().get(_REBUILDING):
            raise ArchiveLocked(self._is_rebuilt(by))
        self._store.files.begin()
        self.refresh()
        yield

    def _is_rebuilt(self, by: str) -> str:
        who, _ = by.rsplit(" ", 1)
        return (
            f"{self.place} is being rebuilt by {who}: try again when it has finished; if it was "
            f"cut off, {self._how_to_rebuild} again"
        )

    def keep(
        self,
        made: Sequence[Prepared],
        run: str,
        unchanged: Sequence[str] = (),
        files: Sequence[Brought] = (),
    ) -> Callable[[], None]:
        stored = self._store.fields([(each.stored, each.sketch) for each in made])
        changed = [each.document.id for each in made]
        done = self.engine.put(
            [(each.document, stored[each.document.id]) for each in made],
            then=lambda: self._store.note(run, changed, unchanged, files),
        )

        def finish() -> None:
            done.result()
            self._heed_decisions(made)
            self._searcher = None

        return finish

    def put(self, batch: Sequence[Stored], decisions: Sequence[Decision]) -> None:
        self._store.note_decisions(decisions)
        self._write_as_decided(each.article.id for each in batch)
        self._store.note_as_written(decisions)
        self._searcher = None

    def take(self, batch: Sequence[tuple[Entry, Document]]) -> Callable[[], None]:
        entries = [entry for entry, _ in batch]
        stored = self._store.take_fields(entries)
        done = self.engine.put(
            [(document, stored[document.id]) for _, document in batch],
            then=lambda: self._store.take_origins(entries),
        )

        def finish() -> None:
            done.result()
            self._searcher = None

        return finish

    def _heed_decisions(self, made: Sequence[Prepared]) -> None:
        """Write articles again about which was decided after they were prepared."""
        heeded = {each.document.id: each.decisions for each in made if each.decisions is not None}
        now = self._store.decisions(list(heeded))
        self._write_as_decided(
            id for id, decisions in heeded.items() if now.get(id, []) != list(decisions)
        )

    def _write_as_decided(self, ids: Iterable[str]) -> None:
        """Write articles as was decided, and as their text is, whoever changes that meanwhile."""
        waiting = list(dict.fromkeys(ids))
        while waiting:
            decisions = self._store.decisions(waiting)
            held = self._store.versions(waiting)
            batch = [
                Stored(each.article, reviewed(each.article, each.edits, decisions.get(id, ())))
                for id, (each, _) in held.items()
            ]
            made = documents([(each.article, each.edits) for each in batch])
            stored = self._store.fields(list(zip(batch, map(sketch_of, made), strict=True)))
            waiting = self.engine.put(
                [(each, stored[each.id]) for each in made],
                versions={id: version for id, (_, version) in held.items()},
            ).result()

    def delete(self, ids: Sequence[str]) -> int:
        there = list(self._store.known(ids))
        self.engine.put([], there, then=lambda: self._store.forget(there)).result()
        self._searcher = None
        return len(there)

    def prune(self, lost: Sequence[tuple[FileNote, list[str]]]) -> None:
        ids = [id for _, of_file in lost for id in of_file]
        files = [file for file, _ in lost]
        self.engine.put([], ids, then=lambda: self._store.forget(ids, files)).result()
        self._searcher = None

    def refresh(self) -> None:
        self.engine.refresh()
        with self._connection.reporting():
            self._connection.client.indices.refresh(index=self._name + NOTES_SUFFIX)
        self._searcher = None

    # --- building anew

    def rebuild(self, engine: str, tally: Tally, processes: int) -> None:
        if engine:
            raise ArchiveError(
                f"{self.place} is on a cluster: 'vnjournal move' brings it to another engine"
            )
        number = self._built.published() + 1
        with self._alone() as still_at_it:
            self._built.drop(number)
            self._built.make(number)
            names = next_alias(self._name), next_alias(f"{self._name}{WORDS_SUFFIX}")
            with closing(OpenSearchEngine(self._connection, *names)) as native:

                def write(made: Sequence[Prepared], _: Sequence[Stored]) -> Callable[[], object]:
                    still_at_it()
                    fields = self._store.fields([(each.stored, each.sketch) for each in made])
                    bodies = [(each.document, fields[each.document.id]) for each in made]
                    return native.put(bodies).result

                index_anew(self._store, write, tally, processes)
            self._built.publish(number)

    @contextmanager
    def _alone(self) -> Iterator[Callable[[], None]]:
        """Nobody else writes to the archive, or rebuilds it; gives what says that we still do."""
        us = f"{socket.gethostname()} (process {os.getpid()})"
        if by := self._store.meta().get(_REBUILDING):
            _, seen = by.rsplit(" ", 1)
            if time.time() - float(seen) < _GIVEN_UP:
                raise ArchiveLocked(self._is_rebuilt(by))

        def still_at_it() -> None:
            self._store.set_meta(**{_REBUILDING: f"{us} {time.time():.0f}"})

        still_at_it()
        self._block(True)
        try:
            yield still_at_it
        finally:
            self._block(False)
            self._store.set_meta(**{_REBUILDING: ""})

    def _block(self, is_blocked: bool) -> None:
        """Have what is found under the archive's name take no articles, or take them again."""
        with self._connection.reporting():
            self._connection.client.indices.put_settings(
                index=self._name, body={"index.blocks.write": is_blocked or None}
            )

    def sizes(self) -> dict[str, int]:
        with self._connection.reporting():
            found = self._connection.client.indices.stats(index=self._names, metric="store")
        return {
            "index_bytes": found["_all"]["primaries"]["store"]["size_in_bytes"],
            "copies_bytes": found["_all"]["total"]["store"]["size_in_bytes"],
        }

    # --- checking

    @classmethod
    def check(cls, address: str) -> list[str]:
        """What is wrong with an archive; see :meth:`Archive.check`."""
        with closing(cls.open(address)) as archive:
            wrong = []
            if archive._look_at_health() != "green":
                wrong.append(
                    f"{archive.place}: not every part has its copies: see that all nodes run, and "
                    "GET _cluster/allocation/explain"
                )
            return [*wrong, *archive._store.check()]
