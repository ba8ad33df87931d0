"""The store of an archive on one machine: SQLite with a write-ahead log.

Tables: ``articles`` (original text and metadata), ``edits`` (corrections beside it), ``pending``
(ids whose change the index may not have seen yet) and ``meta`` (versions and the engine's name). A
batch is one transaction; it is on the disk when :meth:`Store.put` returns.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vnjournal.articles.article import Article
from vnjournal.errors import ArchiveDamaged, ArchiveError, ArchiveFull
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
_FULL = ("database or disk is full", "disk I/O error", "File too large")
_CHUNK = 500

#: Corrections of an article by the name of the field they belong to.
FieldEdits = dict[str, list[Edit]]


@dataclass(frozen=True, slots=True)
class Stored:
    """An article together with the edits that are applied to it in the index."""

    article: Article
    edits: FieldEdits


def content_hash(article: Article) -> bytes:
    """A digest of everything the article says; equal digests need no second indexing."""
    values = json.dumps(article.to_dict(), ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(values.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn what SQLite raises into the package's own errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if any(sign in str(error) for sign in _FULL):
            raise ArchiveFull(
                "the disk is full or a file may not grow: make room, then run the command again"
            ) from error
        raise ArchiveError(f"the archive's store says: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ArchiveDamaged(
            f"articles.sqlite cannot be read ({error}): restore it from a copy"
        ) from error


class Store:
    """Articles and edits by id, in the order in which they first came."""

    @_reporting()
    def __init__(self, file: Path, *, create: bool = False) -> None:
        mode = "rwc" if create else "rw"
        self._connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30
        )
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA synchronous = FULL")
        if create:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(f"BEGIN;{_TABLES}COMMIT;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @_reporting()
    def meta(self) -> dict[str, str]:
        """Versions and settings of the archive."""
        return dict(self._connection.execute("SELECT key, value FROM meta"))

    @_reporting()
    def set_meta(self, **values: str) -> None:
        """Write settings of the archive."""
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    @_reporting()
    def known(self, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
        """Content hash and run of those ids that are stored."""
        found: dict[str, tuple[bytes, str]] = {}
        for at in range(0, len(ids), _CHUNK):
            chunk = ids[at : at + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found |= {
                id: (hash, run)
                for id, hash, run in self._connection.execute(
                    f"SELECT id, hash, run FROM articles WHERE id IN ({marks})", chunk
                )
            }
        return found

    @_reporting()
    def put(self, batch: Iterable[Stored], run: str) -> None:
        """Insert or replace articles in one transaction and mark them as pending for the index."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                for stored in batch:
                    self._put(cursor, stored, run)
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    def _put(self, cursor: sqlite3.Cursor, stored: Stored, run: str) -> None:
        article = stored.article
        metadata = article.to_dict()
        for column in ("id", "title", "body"):
            metadata.pop(column, None)
        (number,) = cursor.execute(
            "INSERT INTO articles (id, hash, run, date, title, body, metadata) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "hash = excluded.hash, run = excluded.run, date = excluded.date, "
            "title = excluded.title, body = excluded.body, metadata = excluded.metadata "
            "RETURNING number",
            (
                article.id,
                content_hash(article),
                run,
                article.date,
                article.title,
                article.body,
                json.dumps(metadata, ensure_ascii=False),
            ),
        ).fetchone()
        cursor.execute("DELETE FROM edits WHERE article = ?", (number,))
        cursor.executemany(
            "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, field, e.start, e.end, e.before, e.after, e.kind, e.confidence, e.reason)
                for field, edits in stored.edits.items()
                for e in edits
            ),
        )
        cursor.execute("INSERT OR IGNORE INTO pending VALUES (?)", (article.id,))

    @_reporting()
    def touch(self, ids: Iterable[str], run: str) -> None:
        """Note that articles came again, unchanged, in a run."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "UPDATE articles SET run = ? WHERE id = ?", ((run, id) for id in ids)
        )
        self._connection.execute("COMMIT")

    @_reporting()
    def delete(self, ids: Sequence[str]) -> int:
        """Delete articles, mark them as pending, and say how many were there."""
        self._connection.execute("BEGIN IMMEDIATE")
        count = 0
        for id in ids:
            deleted = self._connection.execute("DELETE FROM articles WHERE id = ?", (id,)).rowcount
            count += deleted
            if deleted:
                self._connection.execute("INSERT OR IGNORE INTO pending VALUES (?)", (id,))
        self._connection.execute("COMMIT")
        return count

    @_reporting()
    def pending(self) -> list[str]:
        """Ids whose last change the index may not have seen."""
        return [id for (id,) in self._connection.execute("SELECT id FROM pending")]

    @_reporting()
    def clear_pending(self, ids: Iterable[str] | None = None) -> None:
        """Note that the index has seen the change of these ids, or of all."""
        self._connection.execute("BEGIN IMMEDIATE")
        if ids is None:
            self._connection.execute("DELETE FROM pending")
        else:
            self._connection.executemany("DELETE FROM pending WHERE id = ?", ((id,) for id in ids))
        self._connection.execute("COMMIT")

    @_reporting()
    def get(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The stored articles of those ids that are there."""
        found: dict[str, Stored] = {}
        for at in range(0, len(ids), _CHUNK):
            chunk = ids[at : at + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found |= {s.article.id: s for s in self._stored(f"WHERE id IN ({marks})", chunk)}
        return found

    def __iter__(self) -> Iterator[Stored]:
        with _reporting():
            yield from self._stored("ORDER BY number", ())

    def _stored(self, where: str, values: Sequence[str]) -> Iterator[Stored]:
        rows = self._connection.execute(
            f"SELECT number, id, title, body, metadata FROM articles {where}", values
        )
        for number, id, title, body, metadata in rows:
            article = Article.from_dict(
                {"id": id, "title": title, "body": body, **json.loads(metadata)}
            )
            edits: FieldEdits = {}
            for field, *edit in self._connection.execute(
                'SELECT field, start, "end", before, after, kind, confidence, reason FROM edits '
                "WHERE article = ? ORDER BY field, start",
                (number,),
            ):
                edits.setdefault(field, []).append(Edit(*edit))
            yield Stored(article, edits)

    @_reporting()
    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM articles").fetchone()
        return int(count)

    @_reporting()
    def ids(self) -> set[str]:
        """Every stored id."""
        return {id for (id,) in self._connection.execute("SELECT id FROM articles")}

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
        """What SQLite finds wrong with its file."""
        found = [line for (line,) in self._connection.execute("PRAGMA quick_check(10)")]
        return [] if found == ["ok"] else found
