"""The files of a store in SQLite.

Tables: ``files`` (each file that was read to its end, or is being read) and ``origins`` (the file
that brought an article, and in which run it did last).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from vnjournal.articles.documents import Problem
from vnjournal.store.chunks import chunks
from vnjournal.store.files import Brought, FileNote, has_gone

TABLES = """
CREATE TABLE IF NOT EXISTS files (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    id TEXT NOT NULL,
    hash BLOB NOT NULL,
    reader TEXT NOT NULL,
    run TEXT NOT NULL,
    articles INTEGER NOT NULL,
    encodings TEXT NOT NULL,
    problems TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS files_by_id ON files (id);
CREATE TABLE IF NOT EXISTS origins (
    article INTEGER PRIMARY KEY REFERENCES articles (number) ON DELETE CASCADE,
    file INTEGER NOT NULL REFERENCES files (number) ON DELETE CASCADE,
    run TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS origins_by_file ON origins (file, run);
"""
_COLUMNS = "number, path, id, hash, reader, run, articles, encodings, problems"


class SqliteFiles:
    """The files of a store; what is written belongs in a transaction of the store's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def look_ahead(self, files: Sequence[tuple[Path, str]]) -> None:
        """Nothing: each is looked up as fast by itself."""

    def find(self, path: Path, id: str) -> FileNote | None:
        """What is noted of the file at a path, or of one of its id that has gone from its own."""
        for note in self._notes("path = ?", _encoded(path)):
            return note
        for note in self.of_id(id):
            if has_gone(note.path):
                return note
        return None

    def of_id(self, id: str) -> Iterator[FileNote]:
        """The files of this id."""
        return self._notes("id = ?", id)

    def is_whole(self, note: FileNote) -> bool:
        """Whether every article that a file brought when it was read last is there."""
        (there,) = self._connection.execute(
            "SELECT count(*) FROM origins WHERE file = ? AND run = ?", (note.number, note.run)
        ).fetchone()
        return bool(there == note.articles)

    def owners(self, ids: Sequence[str], run: str) -> dict[str, Path]:
        """The files that brought the articles of these ids, in a run or when they were read last.

        None for what no file brought, or one that holds it no more.
        """
        found: dict[str, Path] = {}
        for chunk, marks in chunks(ids):
            for id, path in self._connection.execute(
                "SELECT articles.id, path FROM articles JOIN origins ON article = articles.number "
                "JOIN files ON file = files.number "
                f"WHERE origins.run IN (files.run, ?) AND articles.id IN {marks}",
                (run, *chunk),
            ):
                found[id] = _decoded(path)
        return found

    def lost(
        self, source: Path, is_ours: Callable[[FileNote], bool]
    ) -> Iterator[tuple[FileNote, list[str]]]:
        """Files below a source that have gone, with the ids of the articles that they brought.

        Also those that are there and hold some no more, with the ids of these, unless others
        brought them just then; but not those of which something could not be read: it may be just
        this. Args: ``is_ours``: of which files this is asked.
        """
        for note in list(filter(is_ours, self.below(source))):  # who asks may delete them meanwhile
            if has_gone(note.path):
                yield note, self._ids(note, "")
            elif all(p.skipped for p in note.problems) and (ids := self._ids(note, note.run)):
                yield note, ids

    def below(self, source: Path) -> Iterator[FileNote]:
        """What is noted of a file, or of all in a folder and in those below."""
        below = _encoded(source).rstrip(b"/") + b"/"
        behind = below[:-1] + b"0"  # which comes next to "/"
        return self._notes("path = ? OR path > ? AND path < ?", _encoded(source), below, behind)

    def every(self) -> Iterator[FileNote]:
        """What is noted of every file, in the order of their numbers."""
        return self._notes("number ORDER BY number")

    def _ids(self, note: FileNote, run: str) -> list[str]:
        """The ids of a file's articles that neither it nor another file brought in a run."""
        rows = self._connection.execute(
            "SELECT id FROM articles JOIN origins ON article = articles.number "
            "WHERE file = ? AND origins.run <> ? AND articles.run <> ? ORDER BY articles.number",
            (note.number, run, run),
        )
        return [id for (id,) in rows]

    def _notes(self, where: str, *values: object) -> Iterator[FileNote]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM files WHERE {where}", values)
        for number, path, id, digest, reader, run, articles, encodings, problems in rows:
            found = encodings.split(), [Problem(*each) for each in json.loads(problems)]
            yield FileNote(_decoded(path), id, digest, reader, articles, *found, number, run)

    # --- in a transaction

    def take(self, brought: Brought, run: str) -> None:
        """Note what a file has brought in a run; with all of it, the file counts as read."""
        note = brought.file
        if not note.number:
            (note.number,) = self._connection.execute(
                "INSERT INTO files (path, id, hash, reader, run, articles, encodings, problems) "
                "VALUES (?, ?, x'', '', ?, 0, '', '[]') RETURNING number",
                (_encoded(note.path), note.id, run),
            ).fetchone()
        self._connection.executemany(
            "INSERT INTO origins SELECT number, ?, ? FROM articles WHERE id = ? "
            "ON CONFLICT (article) DO UPDATE SET file = excluded.file, run = excluded.run",
            ((note.number, run, id) for id in brought.ids),
        )
        if brought.is_all:
            self._write(note, run)

    def _write(self, note: FileNote, run: str) -> None:
        problems = json.dumps([(p.path, p.reason, p.skipped) for p in note.problems])
        self._connection.execute(
            "UPDATE files SET path = ?, hash = ?, reader = ?, run = ?, articles = ?, "
            "encodings = ?, problems = ? WHERE number = ?",
            (
                *(_encoded(note.path), note.digest, note.reader, run, note.articles),
                *(" ".join(note.encodings), problems, note.number),
            ),
        )

    def copy(self, note: FileNote) -> None:
        """Note a file as another store has it."""
        path = _encoded(note.path)
        self._connection.execute(
            "DELETE FROM files WHERE path = ? AND number <> ?", (path, note.number)
        )
        self._connection.execute(
            "INSERT INTO files (number, path, id, hash, reader, run, articles, encodings, problems)"
            " VALUES (?, ?, ?, x'', '', '', 0, '', '[]') "
            "ON CONFLICT (number) DO UPDATE SET id = excluded.id",
            (note.number, path, note.id),
        )
        self._write(note, note.run)

    def move(self, notes: Iterable[FileNote]) -> None:
        """Note where files lie now."""
        self._connection.executemany(
            "UPDATE files SET path = ? WHERE number = ?",
            ((_encoded(note.path), note.number) for note in notes),
        )

    def forget(self, note: FileNote) -> None:
        """Drop a file."""
        self._connection.execute("DELETE FROM files WHERE number = ?", (note.number,))


def _encoded(path: Path) -> bytes:
    return os.fsencode(path)


def _decoded(path: bytes) -> Path:
    return Path(os.fsdecode(path))
