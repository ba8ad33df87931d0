"""The files of a store on a cluster: notes of each, and of the articles that they brought.

Many machines may index into one archive: what one has read from its disks is a matter of its own.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from vnjournal.articles.documents import Problem
from vnjournal.cluster.bulk import Action
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import answers, document_id, every, found
from vnjournal.store.files import Brought, FileNote, has_gone

_DIGITS = 16  # hexadecimal ones of a file's number, but for a bit: OpenSearch has 63
_KNOWN = 60.0  # seconds for which what was looked up ahead is taken for what there is
_TOGETHER = 200  # files, of which is asked at a time whether they have lost anything
_FEW = 100  # articles that a file may have lost, before they are asked for by themselves


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What was looked up of files, by path and by id, and how many of their articles are there."""

    paths: dict[Path, list[FileNote]] = field(default_factory=dict)
    ids: dict[str, list[FileNote]] = field(default_factory=dict)
    articles: dict[int, int] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)


class ClusterFiles:
    """See :class:`vnjournal.store.files.Files`. Args: ``index``: of the notes."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._index = index
        self._host = socket.gethostname()
        self._begun = 0  # microseconds
        self._ahead = _Ahead()

    def begin(self) -> None:
        """Take what is brought from now on for that of this run, or of others at the same time."""
        self._begun = time.time_ns() // 1000
        self._ahead = _Ahead()

    def look_ahead(self, files: Sequence[tuple[Path, str]]) -> None:
        ahead = _Ahead()
        for path, id in files:
            ahead.paths[path] = []
            ahead.ids[id] = []
        paths = self._ours({"terms": {"path": list(map(_encoded, ahead.paths))}})
        which = {"bool": {"should": [paths, {"terms": {"id": list(ahead.ids)}}]}}
        notes: list[FileNote] = []
        for note in self._of_files(which):
            ahead.ids.get(note.id, []).append(note)
            if not note.host:
                ahead.paths.get(note.path, []).append(note)
                notes.append(note)
        counting = {"size": 0, "track_total_hits": True}
        questions = [counting | {"query": _brought(note)} for note in notes]
        counts = answers(self._connection, self._index, questions)
        for note, answer in zip(notes, counts, strict=True):
            ahead.articles[note.number] = answer["hits"]["total"]["value"]
        self._ahead = ahead

    def _by_path(self, path: Path) -> Iterable[FileNote]:
        known = self._known().paths.get(path)
        return self._notes({"term": {"path": _encoded(path)}}) if known is None else known

    def of_id(self, id: str) -> Iterable[FileNote]:
        known = self._known().ids.get(id)
        return self._of_files({"term": {"id": id}}) if known is None else known

    def _known(self) -> _Ahead:
        if time.monotonic() - self._ahead.at > _KNOWN:
            self._ahead = _Ahead()
        return self._ahead

    def find(self, path: Path, id: str) -> FileNote | None:
        for note in self._by_path(path):
            return note
        for note in self.of_id(id):
            if not note.host and has_gone(note.path):
                return note
        return None

    def is_whole(self, note: FileNote) -> bool:
        count = self._known().articles.pop(note.number, None)
        if count is None:
            with self._connection.reporting():
                count = self._connection.client.count(
                    index=self._index, body={"query": _brought(note)}
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

    def lost(
        self, source: Path, is_ours: Callable[[FileNote], bool]
    ) -> Iterator[tuple[FileNote, list[str]]]:
        notes = filter(is_ours, self.below(source))
        while some := list(islice(notes, _TOGETHER)):
            yield from self._lost(some)

    def _lost(self, notes: Sequence[FileNote]) -> Iterator[tuple[FileNote, list[str]]]:
        gone = {note.number for note in notes if has_gone(note.path)}
        asked = [
            (note, self._not_brought(note, note.number in gone))
            for note in notes
            if note.number in gone or all(problem.skipped for problem in note.problems)
        ]
        order = {"size": _FEW, "sort": [{"article": "asc"}], "_source": False}
        found = answers(self._connection, self._index, [order | {"query": q} for _, q in asked])
        for (note, query), answer in zip(asked, list(found), strict=True):
            hits = answer["hits"]["hits"]
            if len(hits) == _FEW:
                hits = every(self._connection, self._index, ["article"], query=query)
            ids = [hit["sort"][0] for hit in hits]
            if ids or note.number in gone:
                yield note, ids

    def below(self, source: Path) -> Iterator[FileNote]:
        path = _encoded(source)
        below = [{"term": {"path": path}}, {"prefix": {"path": path.rstrip("/") + "/"}}]
        return self._notes({"bool": {"should": below}})

    def _not_brought(self, note: FileNote, is_gone: bool) -> dict[str, Any]:
        """Asks for a file's articles that were not there when it was read last, or for all of them.

        Not for what another file brought in the same run, nor for what has been brought since this
        run began, or since the file was read: another process may not have come to its end.
        """
        run, since = "" if is_gone else note.run, self._begun
        if note.noted and not is_gone:
            since = min(since, note.noted)
        brought: list[dict[str, Any]] = [{"term": {"file_run": run}}, {"term": {"run": run}}]
        brought.append({"range": {"number": {"gte": since}}})
        file = [{"term": {"file": str(note.number)}}]
        return {"bool": {"filter": file, "must_not": brought}}

    def every(self) -> Iterator[FileNote]:
        return self._found(["number"], {"term": {"kind": "file"}})

    def _notes(self, query: Mapping[str, Any]) -> Iterator[FileNote]:
        """Files of this machine."""
        return self._of_files(self._ours(query))

    def _ours(self, query: Mapping[str, Any]) -> dict[str, Any]:
        return {"bool": {"filter": [{"term": {"host": self._host}}, query]}}

    def _of_files(self, query: Mapping[str, Any]) -> Iterator[FileNote]:
        which = {"bool": {"filter": [{"term": {"kind": "file"}}, query]}}
        return self._found(["path", "number"], which)

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
                value.get("noted", 0),
            )

    # --- what is to be written

    def number(self, notes: Sequence[FileNote]) -> None:
        """Give files that are new numbers: of the place where each lies, or the next one after.

        One that was read there before, and lies elsewhere now, keeps that number.
        """
        new = [note for note in notes if not note.number]
        for tried in count():
            if not new:
                break
            for note in new:
                place = document_id("file", self._host, _encoded(note.path), *["next"] * tried)
                note.number = int(place[:_DIGITS], 16) >> 1
            wanted = [(self._index, self.document_id(note), ["host", "path"]) for note in new]
            held = found(self._connection, wanted)
            new = [
                note
                for note, other in zip(new, held, strict=True)
                if other and (other["host"], other["path"]) != (self._host, _encoded(note.path))
            ]

    def document_id(self, note: FileNote) -> str:
        """The id of a file's note."""
        return _id_of(str(note.number))

    def taken(self, brought: Iterable[Brought], run: str) -> Iterator[Action]:
        """What files have brought in a run; with all of it, a file counts as read."""
        for each in brought:
            self._forget_ahead(each.file)
            if each.is_all:
                each.file.noted = time.time_ns() // 1000
                yield "index", *self._written(each.file, run)
            else:
                begun = FileNote(each.file.path, each.file.id, number=each.file.number)
                yield "create", *self._written(begun, run)

    def moved(self, notes: Iterable[FileNote]) -> Iterator[Action]:
        """Notes of files as they are now, such as where they lie."""
        for note in notes:
            self._forget_ahead(note)
            yield "index", *self._written(note, note.run)

    def _forget_ahead(self, note: FileNote) -> None:
        self._ahead.paths.pop(note.path, None)
        self._ahead.ids.pop(note.id, None)
        self._ahead.articles.pop(note.number, None)

    def _written(self, note: FileNote, run: str) -> tuple[str, dict[str, Any]]:
        value = {
            "hash": note.digest.hex(),
            "reader": note.reader,
            "articles": note.articles,
            "encodings": note.encodings,
            "noted": note.noted,
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


def _brought(note: FileNote) -> dict[str, Any]:
    """Asks for the articles that a file brought when it was read last."""
    parts = {"file": str(note.number), "file_run": note.run}
    return {"bool": {"filter": [{"term": {name: value}} for name, value in parts.items()]}}


def _id_of(number: str) -> str:
    return document_id("file", number)


def _encoded(path: Path) -> str:
    return quote_from_bytes(os.fsencode(path))


def _decoded(path: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(path)))
