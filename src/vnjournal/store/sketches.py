"""Which stored articles are nearly the same, by their sketches.

Tables: ``sketches`` (of each article that is long enough) and ``bands`` (the numbers by which the
likely ones are found).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from vnjournal.text.sketch import SAME, bands, similarity

TABLES = """
CREATE TABLE IF NOT EXISTS sketches (
    article INTEGER PRIMARY KEY REFERENCES articles (number) ON DELETE CASCADE,
    sketch BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS bands (
    number INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (number, article)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two articles that are nearly the same.

    Args:
        id: of one of them.
        other: of the other one.
        similarity: the share of their text that both have, from :data:`SAME` to 1, estimated.
        is_earlier: whether the other one was stored first.
    """

    id: str
    other: str
    similarity: float
    is_earlier: bool


class Sketches:
    """The sketches of a store; what is written belongs in a transaction of the store's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def like(self, id: str) -> list[Alike]:
        """Articles that are nearly the same as the one of an id, the most similar first."""
        number, of = self._sketch(id)
        if not of:
            return []
        numbers = bands(of)
        marks = ",".join("?" * len(numbers))
        rows = self._connection.execute(
            "SELECT articles.number, id, sketch FROM sketches JOIN articles "
            "ON article = articles.number WHERE article <> ? AND article IN "
            f"(SELECT article FROM bands WHERE number IN ({marks}))",
            (number, *numbers),
        )
        found = [
            Alike(id, other, similarity(of, sketch), its_number < number)
            for its_number, other, sketch in rows
        ]
        alike = [each for each in found if each.similarity >= SAME]
        return sorted(alike, key=lambda each: (-each.similarity, each.other))

    def _sketch(self, id: str) -> tuple[int, bytes]:
        """The number and the sketch of an article; nothing where it has none."""
        row: tuple[int, bytes] | None = self._connection.execute(
            "SELECT article, sketch FROM sketches JOIN articles ON article = articles.number "
            "WHERE id = ?",
            (id,),
        ).fetchone()
        return row or (0, b"")

    # --- in a transaction

    def put(self, id: str, sketch: bytes) -> None:
        """Keep the sketch of an article that is stored; an empty one is none."""
        self.drop(id)
        if sketch:
            (number,) = self._connection.execute(
                "INSERT INTO sketches SELECT number, ? FROM articles WHERE id = ? "
                "RETURNING article",
                (sketch, id),
            ).fetchone()
            self._connection.executemany(
                "INSERT OR IGNORE INTO bands VALUES (?, ?)",
                ((band, number) for band in bands(sketch)),
            )

    def drop(self, id: str) -> None:
        """Drop the sketch of an article."""
        number, of = self._sketch(id)
        if of:
            self._connection.executemany(
                "DELETE FROM bands WHERE number = ? AND article = ?",
                ((band, number) for band in bands(of)),
            )
            self._connection.execute("DELETE FROM sketches WHERE article = ?", (number,))
