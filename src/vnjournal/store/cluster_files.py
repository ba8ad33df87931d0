"""The files of a store on a cluster: notes of each, and of the articles that they brought.

Many machines may index into one archive: what one has read from its disks is a matter of its own.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from vnjournal.articles.documents import Problem
from vnjournal.cluster.bulk import Action
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import document_id, every, found
from vnjournal.store.files import Brought, FileNote, has_gone

_NUMBER = 15  # hexadecimal digits of a file's number


class ClusterFiles:
    """See :class:`vnjournal.store.files.Files`. Args: ``index``: of the notes."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._index = index
        self._host = socket.gethostname()
        self._begun = 0  # microseconds

    def begin(self) -> None:
        """Take what is brought from now on for that of this run, or of others at the same time."""
        self._begun = time.time_ns() // 1000

    def find(self, path: Path, id: str) -> FileNote | None:
        for note in self._notes({"term": {"path": _encoded(path)}}):
            return note
        for note in self._notes({"term": {"id": id}}):
            if has_gone(note.path):
                return note
        return None

    def has(self, id: str) -> bool:
        return next(self._notes({"term": {"id": id}}), None) is not None

    def is_whole(self, note: FileNote) -> bool:
        brought = [{"term": {"file": str(note.number)}}, {"term": {"file_run": note.run}}]
        with self._connection.reporting():
            count = self._connection.client.count(
                index=self._index, body={"query": {"bool": {"filter": brought}}}
            )["count"]
        return bool(count == note.articles)

    def owners(self, ids: Sequence[str], run: str) -> dict[str, Path]:
        wanted = [(self._index, document_id("origin", id), ["file", "file_run"]) for id in ids]
        origins = {
            id: origin
            for id, origin in zip(ids, found(self._connection, wanted), strict=True)
            if origin and "file" in origin
        }
        numbers = list({origin["file"] for origin in origins.values()})
        of_files = [(self._index, _id_of(number), ["path", "run"]) for number in numbers]
        files = dict(zip(numbers, found(self._connection, of_files), strict=True))
        return {
            id: _decoded(file["path"])
            for id, origin in origins.items()
            if (file := files[origin["file"]]) and origin["file_run"] in (file["run"], run)
        }

    def lost(self, source: Path) -> list[tuple[FileNote, list[str]]]:
        lost = []
        for note in self.below(source):
            if has_gone(note.path):
                lost.append((note, self._ids(note, "")))
            elif all(p.skipped for p in note.problems) and (ids := self._ids(note, note.run)):
                lost.append((note, ids))
        return lost

    def below(self, source: Path) -> Iterator[FileNote]:
        path = _encoded(source)
        below = [{"term": {"path": path}}, {"prefix": {"path": path.rstrip("/") + "/"}}]
        return self._notes({"bool": {"should": below}})

    def _ids(self, note: FileNote, run: str) -> list[str]:
        """The ids of a file's articles that neither it nor another file brought in a run.

        Nor has another process since this run began, which may not have come to the file's end.
        """
        brought = [{"term": {"file_run": run}}, {"term": {"run": run}}]
        since = {"range": {"number": {"gte": self._begun}}}
        query = {
            "bool": {
                "filter": [{"term": {"file": str(note.number)}}],
                "must_not": [*brought, since],
            }
        }
        hits = every(self._connection, self._index, ["article"], query=query)
        return [hit["sort"][0] for hit in hits]

    def every(self) -> Iterator[FileNote]:
        return self._found(["number"], {"term": {"kind": "file"}})

    def _notes(self, query: Mapping[str, Any]) -> Iterator[FileNote]:
        ours = [{"term": {"kind": "file"}}, {"term": {"host": self._host}}, query]
        return iter(list(self._found(["path"], {"bool": {"filter": ours}})))

    def _found(self, order: Sequence[str], query: Mapping[str, Any]) -> Iterator[FileNote]:
        for hit in every(self._connection, self._index, order, True, query):
            source = hit["_source"]
            value = source["value"]
            yield FileNote(
                _decoded(source["path"]),
                source["id"],
                bytes.fromhex(value["hash"]),
                value["reader"],
                value["articles"],
                value["encodings"],
                [Problem(*each) for each in value["problems"]],
                source["number"],
                source["run"],
                "" if source["host"] == self._host else source["host"],
            )

    # --- what is to be written

    def number(self, note: FileNote) -> None:
        """Give a file that is new a number."""
        if not note.number:
            place = document_id("file", self._host, _encoded(note.path))
            note.number = int(place[:_NUMBER], 16) + 1

    def document_id(self, note: FileNote) -> str:
        """The id of a file's note."""
        return _id_of(str(note.number))

    def taken(self, brought: Iterable[Brought], run: str) -> Iterator[Action]:
        """What files have brought in a run; with all of it, a file counts as read."""
        for each in brought:
            if each.is_all:
                yield "index", *self._written(each.file, run)
            else:
                begun = FileNote(each.file.path, each.file.id, number=each.file.number)
                yield "create", *self._written(begun, run)

    def moved(self, notes: Iterable[FileNote]) -> Iterator[Action]:
        """Notes of files as they are now, such as where they lie."""
        return (("index", *self._written(note, note.run)) for note in notes)

    def _written(self, note: FileNote, run: str) -> tuple[str, dict[str, Any]]:
        value = {
            "hash": note.digest.hex(),
            "reader": note.reader,
            "articles": note.articles,
            "encodings": note.encodings,
            "problems": [(p.path, p.reason, p.skipped) for p in note.problems],
        }
        body = {
            "kind": "file",
            "number": note.number,
            "host": note.host or self._host,
            "path": _encoded(note.path),
            "id": note.id,
            "run": run,
            "value": value,
        }
        return self.document_id(note), body


def _id_of(number: str) -> str:
    return document_id("file", number)


def _encoded(path: Path) -> str:
    return quote_from_bytes(os.fsencode(path))


def _decoded(path: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(path)))
