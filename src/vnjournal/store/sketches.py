"""Which stored articles are nearly the same, by their sketches.

Tables: ``sketches`` (of each article that is long enough) and ``bands`` (the numbers by which the
likely ones are found).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from vnjournal.store.chunks import chunks
from vnjournal.text.sketch import SAME, bands, similarities

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

_FIRST = 20  # articles of a band


@dataclass(frozen=True, slots=True)
class Alike:
    """Two articles that are nearly the same.

    Args:
        id: of one of them.
        other: of the other one.
        similarity: the share of their text that both have, from :data:`SAME` to 1, estimated.
    """

    id: str
    other: str
    similarity: float


class Sketches:
    """The sketches of a store; what is written belongs in a transaction of the store's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def like(self, id: str) -> list[Alike]:
        """Articles that are nearly the same as the one of an id, the most similar first."""
        number, of = self._sketch(id)
        found = {each for band in bands(of) for each in self._in_band(band)} if of else set()
        return self._alike(id, of, found - {number})

    def like_earlier(self, id: str) -> Alike | None:
        """One that was stored before the article of an id and is nearly the same, if any is.

        Where a text came a thousand times, only the first of them are looked at.
        """
        number, of = self._sketch(id)
        numbers = bands(of) if of else []
        if not self._is_known(numbers, number):  # as of most articles: asked at once
            return None
        found = {each for band in numbers for each in self._in_band(band, number)}
        return next(iter(self._alike(id, of, found)), None)

    def _is_known(self, bands: Sequence[int], before: int) -> bool:
        """Whether an article before one is in any of some bands."""
        return any(
            self._connection.execute(
                f"SELECT 1 FROM bands WHERE number IN {marks} AND article < ? LIMIT 1",
                (*chunk, before),
            ).fetchone()
            for chunk, marks in chunks(bands)
        )

    def _in_band(self, band: int, before: int | None = None) -> Iterator[int]:
        """The numbers of articles of a band; of those before one only the first."""
        bound, values = "", [band]
        if before is not None:
            bound, values = f"AND article < ? ORDER BY article LIMIT {_FIRST}", [band, before]
        rows = self._connection.execute(
            f"SELECT article FROM bands WHERE number = ? {bound}", values
        )
        return (article for (article,) in rows)

    def _alike(self, id: str, of: bytes, numbers: Collection[int]) -> list[Alike]:
        """Those of some articles that are nearly the same as one, the most similar first."""
        found = []
        for chunk, marks in chunks(sorted(numbers)):
            rows = self._connection.execute(
                "SELECT id, sketch FROM sketches JOIN articles ON article = articles.number "
                f"WHERE article IN {marks}",
                chunk,
            ).fetchall()
            shares = similarities(of, [sketch for _, sketch in rows])
            found += [
                Alike(id, other, share)
                for (other, _), share in zip(rows, shares, strict=True)
                if share >= SAME
            ]
        return sorted(found, key=lambda each: (-each.similarity, each.other))

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
