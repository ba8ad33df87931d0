"""The store of an archive on one machine: SQLite with a write-ahead log.

Tables: ``articles`` (original text and metadata), ``edits`` (corrections beside it), ``pending``
(ids whose change the index may not have seen yet), ``decisions`` (what people said to edits; kept
when the article goes, for when it comes back), those of :mod:`vnjournal.store.sqlite_files` and
:mod:`vnjournal.store.sketches`, and ``meta`` (versions and the engine's name).
A batch is one transaction; it is on the disk when :meth:`SqliteStore.keep` or
:meth:`SqliteStore.put` returns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import Self

from vnjournal.articles.article import Article
from vnjournal.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    SourceError,
    half_a_character,
)
from vnjournal.store import sketches, sqlite_files
from vnjournal.store.chunks import chunks
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote, has_gone
from vnjournal.store.sketches import Alike, Sketches
from vnjournal.store.sqlite_files import SqliteFiles
from vnjournal.store.store import Entry, FieldEdits, Settings, Stored, content_hash
from vnjournal.text.spans import Edit

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    run TEXT NOT NULL,
    date TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    metadata TEXT NOT NULL
);
CREATE TABLE edits (
    article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
    field TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    kind TEXT NOT NULL,
    confidence REAL NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX edits_by_article ON edits (article, field, start);
CREATE TABLE pending (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# since archives were first made: an older one gets them when it is written to
_LATER_TABLES = f"""
CREATE TABLE IF NOT EXISTS decisions (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    field TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    words_left TEXT NOT NULL,
    words_right TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    kind TEXT NOT NULL,
    confidence REAL NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (id, field, before, after, words_left, words_right)
);
{sqlite_files.TABLES}
{sketches.TABLES}
"""
_STORED = (
    "number, id, title, body, metadata, EXISTS (SELECT 1 FROM edits WHERE edits.article = number)"
)
_PAGE = 1_000  # ids that are read together
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE")
_NO_ENTRY = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn what SQLite raises into the package's own errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        name = error.sqlite_errorname
        if name.startswith(_FULL):
            raise ArchiveFull(
                "the disk is full or a file may not grow: make room, then run the command again"
            ) from error
        if name.startswith(_NO_ENTRY):
            raise ArchiveError(
                "the archive's folder cannot be written, which searching needs too: "
                "change its permissions, or copy it to a folder of your own"
            ) from error
        if name.startswith("SQLITE_BUSY"):
            raise ArchiveLocked(
                "another program keeps articles.sqlite locked: try again when it has finished"
            ) from error
        raise _damaged(error) from error
    except sqlite3.ProgrammingError as error:
        raise ArchiveError("the archive is closed: open it again") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(error) from error
    except UnicodeEncodeError as error:
        raise half_a_character(error) from error


def _damaged(error: Exception) -> ArchiveDamaged:
    return ArchiveDamaged(f"articles.sqlite cannot be read ({error}): restore it from a copy")


class SqliteStore(Settings):
    """Articles and edits by id, in the order in which they first came."""

    @_reporting()
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30
        )
        try:
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            self._connection.close()
            raise
        self.files = SqliteFiles(self._connection)
        self.sketches = Sketches(self._connection)

    @classmethod
    @_reporting()
    def create(cls, file: Path, **meta: str) -> Self:
        """Make an empty store with these settings; the file is there all at once or not at all."""
        new = file.with_name(f"{file.name}.new")
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES + _LATER_TABLES)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        new.rename(file)
        return cls(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @_reporting()
    def prepare(self) -> None:
        """Make the tables that an older archive has not yet; to be called before writing."""
        self._connection.executescript(_LATER_TABLES)

    @_reporting()
    def meta(self) -> dict[str, str]:
        """Versions and settings of the archive."""
        return dict(self._connection.execute("SELECT key, value FROM meta"))

    def set_meta(self, **values: str) -> None:
        """Write settings of the archive; one that is empty is dropped."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
            connection.execute("DELETE FROM meta WHERE value = ''")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it is on the disk afterwards, or, when an error leaves the block, nothing."""
        with _reporting():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    @_reporting()
    def known(self, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
        """Content hash and run of those ids that are stored."""
        found: dict[str, tuple[bytes, str]] = {}
        for chunk, marks in chunks(ids):
            found |= {
                id: (hash, run)
                for id, hash, run in self._connection.execute(
                    f"SELECT id, hash, run FROM articles WHERE id IN {marks}", chunk
                )
            }
        return found

    def put(self, batch: Iterable[Stored], run: str, decisions: Sequence[Decision] = ()) -> None:
        """Insert or replace articles in one transaction and mark them as pending for the index.

        Args: ``decisions``: what led to it; each takes the place of an earlier one about the same.
        """
        with self._transaction() as connection:
            for stored in batch:
                self._put(connection, stored, run)
            if decisions:
                connection.executemany(
                    "INSERT OR REPLACE INTO decisions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    map(astuple, decisions),
                )

    def _put(
        self, connection: sqlite3.Connection, stored: Stored, run: str, number: int | None = None
    ) -> None:
        """Insert or replace an article. Args: ``number``: of a new one; None for the next."""
        article = stored.article
        metadata = article.to_dict()
        for column in ("id", "title", "body"):
            metadata.pop(column, None)
        (number,) = connection.execute(
            "INSERT INTO articles (number, id, hash, run, date, title, body, metadata) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "hash = excluded.hash, run = excluded.run, date = excluded.date, "
            "title = excluded.title, body = excluded.body, metadata = excluded.metadata "
            "RETURNING number",
            (
                number,
                article.id,
                content_hash(article),
                run,
                article.date,
                article.title,
                article.body,
                json.dumps(metadata, ensure_ascii=False),
            ),
        ).fetchone()
        connection.execute("DELETE FROM edits WHERE article = ?", (number,))
        connection.executemany(
            "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, field, e.start, e.end, e.before, e.after, e.kind, e.confidence, e.reason)
                for field, edits in stored.edits.items()
                for e in edits
            ),
        )
        connection.execute("INSERT OR IGNORE INTO pending VALUES (?)", (article.id,))

    def keep(
        self,
        batch: Iterable[Stored],
        run: str,
        sketches: Mapping[str, bytes],
        unchanged: Iterable[str] = (),
        files: Sequence[Brought] = (),
    ) -> None:
        """Put articles, as :meth:`put` does, and note which came again, and in which files.

        Args: ``sketches``: of these articles, by id; ``unchanged``: ids of those that are as they
        were.
        """
        with self._transaction() as connection:
            for stored in batch:
                self._put(connection, stored, run)
            for id, sketch in sketches.items():
                self.sketches.put(id, sketch)
            connection.executemany(
                "UPDATE articles SET run = ? WHERE id = ?", ((run, id) for id in unchanged)
            )
            for file in files:
                self.files.take(file, run)

    def take(self, entries: Sequence[Entry]) -> list[str]:
        """Keep articles just as another store has them, in one transaction, marked as pending.

        Returns the ids of others that had their numbers, and were deleted.
        """
        others: list[str] = []
        with self._transaction() as connection:
            for entry in entries:
                known = connection.execute(
                    "SELECT id FROM articles WHERE (id = ?) <> (number = ?) "
                    "AND (id = ? OR number = ?)",
                    (entry.id, entry.number) * 2,
                ).fetchall()
                self._delete(id for (id,) in known)
                others += (id for (id,) in known if id != entry.id)
                self._put(connection, entry.stored, entry.run, entry.number)
                self.sketches.put(entry.id, entry.sketch)
                connection.execute("DELETE FROM origins WHERE article = ?", (entry.number,))
                if entry.origin:
                    connection.execute(
                        "INSERT INTO origins VALUES (?, ?, ?)", (entry.number, *entry.origin)
                    )
        return others

    def take_decisions(self, decisions: Sequence[tuple[int, Decision]]) -> None:
        """Keep decisions as another store has them."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((number, *astuple(known)) for number, known in decisions),
            )

    def take_files(self, files: Sequence[FileNote], gone: Sequence[FileNote]) -> None:
        """Keep notes of files as another store has them, and drop those of files it has not."""
        with self._transaction():
            for file in gone:
                self.files.forget(file)
            for file in files:
                self.files.copy(file)

    def note_places(self, files: Iterable[FileNote]) -> None:
        """Note where files lie that were moved."""
        with self._transaction():
            self.files.move(files)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles, mark them as pending, and say how many were there."""
        with self._transaction():
            return self._delete(ids)

    def prune(self, lost: Iterable[tuple[FileNote, list[str]]]) -> None:
        """Delete articles of files, and what is noted of those that have gone."""
        with self._transaction():
            for file, ids in lost:
                self._delete(ids)
                if has_gone(file.path):
                    self.files.forget(file)

    def _delete(self, ids: Iterable[str]) -> int:
        count = 0
        for id in ids:
            self.sketches.drop(id)
            deleted = self._connection.execute("DELETE FROM articles WHERE id = ?", (id,)).rowcount
            count += deleted
            if deleted:
                self._connection.execute("INSERT OR IGNORE INTO pending VALUES (?)", (id,))
        return count

    @_reporting()
    def pending(self) -> list[str]:
        """Ids whose last change the index may not have seen."""
        return [id for (id,) in self._connection.execute("SELECT id FROM pending")]

    def clear_pending(self, ids: Iterable[str] | None = None) -> None:
        """Note that the index has seen the change of these ids, or of all."""
        with self._transaction() as connection:
            if ids is None:
                connection.execute("DELETE FROM pending")
            else:
                connection.executemany("DELETE FROM pending WHERE id = ?", ((id,) for id in ids))

    @_reporting()
    def decisions(self, ids: Sequence[str]) -> dict[str, list[Decision]]:
        """What was decided about edits of the articles of these ids, the newest first."""
        found: dict[str, list[Decision]] = {}
        for chunk, marks in chunks(ids):
            for _, decision in self._decisions(f"WHERE id IN {marks} ORDER BY number DESC", chunk):
                found.setdefault(decision.id, []).append(decision)
        return found

    def decided(self) -> Iterator[tuple[int, Decision]]:
        """Every decision, in the order in which they were taken, with its number in this."""
        with _reporting():
            yield from self._decisions("ORDER BY number", ())

    def _decisions(self, where: str, values: Sequence[str]) -> Iterator[tuple[int, Decision]]:
        if not self._has("decisions"):
            return
        for number, accepted, *rest in self._connection.execute(
            "SELECT number, accepted, id, field, before, after, words_left, words_right, kind, "
            f"confidence, reason FROM decisions {where}",
            values,
        ):
            rest[6:6] = [bool(accepted)]
            yield number, Decision(*rest)

    @_reporting()
    def like(self, id: str) -> list[Alike]:
        """Articles that are nearly the same as one; see :meth:`Sketches.like`."""
        return self.sketches.like(id) if self._has("sketches") else []

    @_reporting()
    def like_earlier(self, ids: Sequence[str]) -> dict[str, Alike]:
        """For some articles one of these that was stored before; see :class:`Sketches`."""
        alike = ((id, self.sketches.like_earlier(id)) for id in ids)
        return {id: each for id, each in alike if each is not None}

    def _has(self, table: str) -> bool:
        tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self._connection.execute(tables, (table,)).fetchone() is not None

    @_reporting()
    def get(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The stored articles of those ids that are there."""
        found: dict[str, Stored] = {}
        for chunk, marks in chunks(ids):
            found |= {s.article.id: s for s in self._stored(f"WHERE id IN {marks}", chunk)}
        return found

    def __iter__(self) -> Iterator[Stored]:
        with _reporting():
            yield from self._stored("ORDER BY number", ())

    def entries(self) -> Iterator[Entry]:
        """All that is kept of every article, in order; :meth:`prepare` must have been called."""
        with _reporting():
            rows = self._connection.execute(
                f"SELECT {_STORED}, hash, articles.run, sketch, file, origins.run FROM articles "
                "LEFT JOIN sketches ON sketches.article = number "
                "LEFT JOIN origins ON origins.article = number ORDER BY number"
            )
            for number, *stored, digest, run, sketch, file, file_run in rows:
                origin = None if file is None else (file, file_run)
                article = self._of_row(number, *stored)
                yield Entry(number, article, digest, run, sketch or b"", origin)

    def _stored(self, where: str, values: Sequence[str]) -> Iterator[Stored]:
        rows = self._connection.execute(f"SELECT {_STORED} FROM articles {where}", values)
        return (self._of_row(*row) for row in rows)

    def _of_row(
        self, number: int, id: str, title: str, body: str, metadata: str, is_corrected: int
    ) -> Stored:
        try:
            article = Article.from_dict(
                {"id": id, "title": title, "body": body, **json.loads(metadata)}
            )
        except (ValueError, TypeError, SourceError) as error:
            raise _damaged(error) from error
        return Stored(article, self._edits(number) if is_corrected else {})

    def _edits(self, number: int) -> FieldEdits:
        edits: FieldEdits = {}
        for field, *edit in self._connection.execute(
            'SELECT field, start, "end", before, after, kind, confidence, reason FROM edits '
            "WHERE article = ? ORDER BY field, start",
            (number,),
        ):
            edits.setdefault(field, []).append(Edit(*edit))
        return edits

    @_reporting()
    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM articles").fetchone()
        return int(count)

    @_reporting()
    def ids(self) -> set[str]:
        """Every stored id."""
        return {id for (id,) in self._connection.execute("SELECT id FROM articles")}

    def ids_in_order(self) -> Iterator[str]:
        """Every stored id, in the order in which they first came.

        It is read in pages, between which this and others may write: what comes then is left out.
        """
        with _reporting():
            (last,) = self._connection.execute("SELECT max(number) FROM articles").fetchone()
            number = 0
            while last is not None:
                rows = self._connection.execute(
                    "SELECT number, id FROM articles WHERE number > ? AND number <= ? "
                    "ORDER BY number LIMIT ?",
                    (number, last, _PAGE),
                ).fetchall()
                yield from (id for _, id in rows)
                if len(rows) < _PAGE:
                    return
                number = rows[-1][0]

    @_reporting()
    def edit_counts(self) -> dict[str, int]:
        """How many edits there are of each kind."""
        return dict(
            self._connection.execute(
                "SELECT kind, count(*) FROM edits GROUP BY kind ORDER BY 2 DESC"
            )
        )

    @_reporting()
    def years(self) -> dict[str, int]:
        """How many articles each year has; an empty year stands for undated ones."""
        return dict(
            self._connection.execute(
                "SELECT substr(date, 1, 4), count(*) FROM articles GROUP BY 1 ORDER BY 1"
            )
        )

    @_reporting()
    def check(self) -> list[str]:
        """What SQLite finds wrong with its file, and articles that are not what was stored."""
        found = [line for (line,) in self._connection.execute("PRAGMA quick_check(10)")]
        if found != ["ok"]:
            return found
        digests = self._connection.execute("SELECT hash FROM articles ORDER BY number")
        return [
            f"the text of article {stored.article.id} has changed: index it again"
            for stored, (digest,) in zip(self, digests, strict=True)
            if content_hash(stored.article) != digest
        ]
