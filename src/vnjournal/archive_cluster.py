"""An archive on an OpenSearch cluster: the same as in a folder, for more than one machine.

The cluster is the truth: an article's document has its text and its terms, so that there is nothing
to be kept in step, and any number of machines may write at a time. Under the archive's name lies an
index of articles, beside it one of words and one of notes (``NAME-words``, ``NAME-notes``); see
:mod:`vnjournal.cluster.layout`.

A rebuild blocks writing, makes new indices of articles and words beside the old ones, and puts them
in their place in one step, so that searching goes on. One at a time does so, see
:mod:`vnjournal.store.cluster_claim`. What is left of one that was cut off is thrown away by the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from typing import Self

from vnjournal.archive_home import Home
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.layout import Layout, about, next_alias
from vnjournal.errors import (
    AccessDenied,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveOutdated,
    ClusterBusy,
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
from vnjournal.store.cluster_claim import GIVEN_UP, Claim, Holder
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote
from vnjournal.store.store import Entry, Stored
from vnjournal.store.writing import Tally
from vnjournal.version import FORMAT_VERSION

#: The kinds of documents that a rebuild makes anew.
_BUILT = (articles_kind(PROPERTIES, SEARCHED_ONLY), WORDS_KIND)
#: What keeps one from writing, and not from reading.
_MAY_NOT_WRITE = (AccessDenied, ArchiveFull, ArchiveLocked)

_CLOSED = "the archive is closed: open it again"


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
        self._is_closed = False

    # --- making and opening

    @classmethod
    def create(cls, address: str) -> Self:
        """Make a new archive, or open the one that is there.

        Several may do so at a time: whatever one of them has made is taken by the others. Raises
        ArchiveExists where there is something else.
        """
        with Connection(Address.parse(address)).open() as connection:
            built, notes = Layout(connection, _BUILT), Layout(connection, [NOTES_KIND])
            Layout(connection, [*_BUILT, NOTES_KIND]).look_for_others()  # before anything is made
            if not built.published():
                notes.make_first()
                ClusterStore(connection, connection.address.name).set_meta(
                    format=str(FORMAT_VERSION)
                )
                built.make_first()
        return cls.open(address)

    @classmethod
    def open(cls, address: str) -> Self:
        """Open an archive."""
        archive = cls.open_store(address)
        try:
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
        """Write what was decided, where a crash came between; who may not leaves it to others."""
        if decisions := self._store.pending():
            with suppress(*_MAY_NOT_WRITE):
                self._write_as_decided(known.id for known in decisions)
                self._store.note_as_written(decisions)

    @property
    def _how_to_rebuild(self) -> str:
        return f"run 'vnjournal rebuild --archive {self.place}'"

    @property
    def store(self) -> ClusterStore:
        if self._is_closed:
            raise ArchiveError(_CLOSED)
        return self._store

    @property
    def engine(self) -> OpenSearchEngine:
        if self._engine is None:
            raise ArchiveError(_CLOSED)
        return self._engine

    @property
    def engine_name(self) -> str:
        return OpenSearchEngine.name

    @property
    def identity(self) -> str:
        with self._connection.reporting():
            return f"{self._connection.client.info()['cluster_uuid']}/{self._name}"

    def reporting(self) -> AbstractContextManager[None]:
        return nullcontext()  # whatever asks the cluster knows which archive it is for

    def close(self) -> None:
        try:
            if self._engine is not None:
                self._engine.close()
        finally:
            self._engine = self._searcher = None
            self._is_closed = True
            self._connection.close()

    # --- writing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whoever comes may write, but for when the archive is being rebuilt."""
        store = self.store
        if by := self._claim().holder():
            raise self._is_rebuilt(by)
        store.files.begin()
        self.refresh()
        yield

    def _claim(self) -> Claim:
        """A claim to be the one that builds the archive anew."""

        def is_done(token: str) -> bool:
            return bool(token) and self._built.published().endswith(f"-{token}")

        return Claim(self._connection, self._name + NOTES_SUFFIX, is_done)

    def _is_rebuilt(self, by: Holder) -> ArchiveLocked:
        return ArchiveLocked(
            f"{self.place} is being rebuilt by {by.who}: try again when it has finished; if it was "
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
        decisions: list[Decision] = []

        def note() -> None:
            decisions.extend(self._decided_meanwhile(made))
            self._store.note_as_pending(decisions)  # so they are heeded, whatever ends this
            self._store.note(run, changed, unchanged, files)

        done = self.engine.put(
            [(each.document, stored[each.document.id]) for each in made], then=note
        )

        def finish() -> None:
            done.result()
            self._write_as_decided(known.id for known in decisions)
            self._store.note_as_written(decisions)
            self._searcher = None
            self._look_for_move()  # before it counts as kept

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

    def _decided_meanwhile(self, made: Sequence[Prepared]) -> list[Decision]:
        """The decisions about articles of which they have changed since these were prepared.

        What is decided from now on meets the articles as they are written.
        """
        heeded = {each.document.id: each.decisions for each in made if each.decisions is not None}
        now = self._store.decisions(list(heeded))
        return [
            decision
            for id, known in heeded.items()
            if now.get(id, []) != list(known)
            for decision in now.get(id, [])
        ]

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
        # Those that are gone, too: it may have been killed before it forgot where they came from.
        self.engine.put([], there, then=lambda: self._store.forget(ids)).result()
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
        with self._alone() as claim:
            build = self._built.following(claim.token)
            self._built.drop_others()
            try:
                self._built.make(build)
                self._fill(build, claim, tally, processes)
                self._keep(claim)
                self._built.publish(build)
            except BaseException:
                with suppress(ArchiveError):
                    self._built.drop(build)
                raise

    def _fill(self, build: str, claim: Claim, tally: Tally, processes: int) -> None:
        """Index every article anew. Raises ArchiveError where not all of them are there then."""
        index, words = (
            next_alias(alias, build) for alias in (self._name, f"{self._name}{WORDS_SUFFIX}")
        )
        native = OpenSearchEngine(self._connection, index, words)

        def write(made: Sequence[Prepared], _: Sequence[Stored]) -> Callable[[], object]:
            self._keep(claim)
            fields = self._store.fields([(each.stored, each.sketch) for each in made])
            bodies = [(each.document, fields[each.document.id]) for each in made]
            return native.put(bodies).result

        try:
            index_anew(self._store, write, tally, processes)
        except BaseException:
            native.give_up()
            raise
        native.close(lambda: self._keep(claim))
        with self._connection.reporting():
            made = int(self._connection.client.count(index=index)["count"])
        if made != (stored := len(self._store)):
            raise ArchiveError(
                f"{self.place}: of {stored} articles {made} were indexed anew, so that nothing was "
                f"changed: {self._how_to_rebuild} again"
            )

    def _keep(self, claim: Claim) -> None:
        """Say that we are still at it; raises ArchiveLocked where another has taken over."""
        if not claim.renew():
            raise self._is_taken_over()

    def _is_taken_over(self) -> ArchiveLocked:
        return ArchiveLocked(
            f"{self.place}: another rebuilds it, since nothing was heard of us for {GIVEN_UP} s: "
            "leave it to that one"
        )

    @contextmanager
    def _alone(self) -> Iterator[Claim]:
        """Nobody else writes to the archive, or rebuilds it, as long as the claim is renewed."""
        claim = self._claim()
        if by := claim.take():
            raise self._is_rebuilt(by)
        try:
            try:
                self._block()
                yield claim
            except ArchiveError as error:
                if not claim.renew():
                    raise self._is_taken_over() from error
                raise
            finally:
                if claim.renew():
                    self._unblock()
        finally:
            claim.release()

    @property
    def _written(self) -> str:
        """What is not written to while the archive is built anew, as requests name it."""
        return f"{self._name},{self._name}{WORDS_SUFFIX}"

    def _block(self) -> None:
        """Have the archive take no articles; what is under way is waited for, and can be found."""
        with self._connection.reporting():
            indices = self._connection.client.indices
            answer = indices.add_block(index=self._written, block="write")
            if not all(each["blocked"] for each in answer["indices"]) or not answer["acknowledged"]:
                raise ClusterBusy(
                    f"{self.place}: not every node has stopped writing in time: try again later"
                )
            indices.refresh(index=self._written)

    def _unblock(self) -> None:
        with self._connection.reporting():
            self._connection.client.indices.put_settings(
                index=self._written, body={"index.blocks.write": None}
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
