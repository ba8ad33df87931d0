"""A harvest kept as a file of JSON Lines, each article once.

Beside ``FILE`` lies ``FILE.harvest``, a journal: each page of a list is added at its end, and then
how far the harvest has come. A page without that line, as a crash leaves it, does not count. When
the harvest ends, in whichever way, the pages are brought into the file, which is replaced in one
step, and the journal is left with the state alone. A crash in between does no harm: bringing them
in twice changes nothing.

The line of an article that the server has deleted is dropped, so that the file is what the server
has, and can be read by what reads JSON Lines.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from vnjournal.articles import drafts
from vnjournal.articles.article import Article
from vnjournal.errors import SourceError, WriteError
from vnjournal.harvest.harvester import Counts

_GONE = -1


class JsonLines:
    """A keeper of a harvest, and a context manager that brings the file up to date at its end.

    Raises WriteError where the file or its journal cannot be written, or another process does.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._journal = file.with_name(f"{file.name}.harvest")
        self._known: dict[str, bytes] = {}  # digests of the lines, by id
        self._states: dict[str, str] = {}
        self._places: dict[str, int] = {}  # where the journal has an article's line, or _GONE
        self._lock = FileLock(f"{self._journal}.lock", timeout=0)
        with drafts.reporting(file):
            try:
                self._lock.acquire()
            except Timeout:
                raise WriteError(
                    f"{file}: another harvest is writing it: try again when that has finished"
                ) from None
            if file.exists():
                with file.open("rb") as stream:
                    for line in stream:
                        self._known[_id(line)] = _digest(line)
        with drafts.reporting(self._journal):
            self._read_journal()

    def __len__(self) -> int:
        return len(self._known.keys() - {""})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._states:
                self._bring_in()
        finally:
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()

    def state(self, name: str) -> str:
        """What was kept last under a harvest's name, or nothing."""
        return self._states.get(name, "")

    def keep(self, articles: list[Article], deleted: list[str], name: str, state: str) -> Counts:
        """Keep a page of a list in the journal, on the disk when this returns."""
        counts = Counts()
        with drafts.reporting(self._journal), self._journal.open("ab") as stream:
            for article in articles:
                line = _line(article.to_dict())
                digest = _digest(line)
                known = self._known.get(article.id)
                counts.new += known is None
                counts.unchanged += known == digest
                counts.changed += known not in (None, digest)
                if known != digest:
                    self._places[article.id] = stream.tell()
                    self._known[article.id] = digest
                    stream.write(line)
            for id in deleted:
                if self._known.pop(id, None) is not None:
                    counts.deleted += 1
                    self._places[id] = _GONE
                    stream.write(_line({"deleted": id}))
            stream.write(_line({"harvest": name, "state": state}))
            stream.flush()
            if counts != Counts(unchanged=counts.unchanged):  # a state alone may get lost
                os.fsync(stream.fileno())
        self._states[name] = state
        return counts

    def _read_journal(self) -> None:
        if not self._journal.exists():
            return
        end = at = 0
        page: dict[str, tuple[int, bytes]] = {}
        with self._journal.open("rb") as stream:
            for line in stream:
                values = _values(line) if line.endswith(b"\n") else {}
                if "harvest" in values:
                    self._states[values["harvest"]] = values["state"]
                    for id, (place, digest) in page.items():
                        self._places[id] = place
                        self._known.pop(id, None)
                        if place != _GONE:
                            self._known[id] = digest
                    page = {}
                    end = at + len(line)
                elif "deleted" in values:
                    page[values["deleted"]] = _GONE, b""
                elif "id" in values:
                    page[values["id"]] = at, _digest(line)
                elif not at:
                    raise SourceError(f"{self._journal} is no journal of a harvest: remove it")
                at += len(line)
        if end < at:
            os.truncate(self._journal, end)

    def _bring_in(self) -> None:
        if self._places or not self._file.exists():
            with drafts.reporting(self._journal), self._journal.open("rb") as journal:

                def written(place: int) -> bytes:
                    journal.seek(place)
                    return journal.readline()

                drafts.write(self._file, self._lines(written))
            self._places.clear()
        states = (_line({"harvest": name, "state": state}) for name, state in self._states.items())
        drafts.write(self._journal, states)

    def _lines(self, written: Callable[[int], bytes]) -> Iterator[bytes]:
        """The lines of the file, those that the journal has in the place of the old ones."""
        new = dict(self._places)
        if self._file.exists():
            with self._file.open("rb") as stream:
                for line in stream:
                    place = new.pop(id := _id(line), None)
                    if place is None and id not in self._places:
                        yield line.rstrip(b"\r\n") + b"\n"
                    elif place not in (None, _GONE):
                        yield written(place)
        yield from (written(place) for place in new.values() if place != _GONE)


def _line(values: dict[str, Any]) -> bytes:
    return f"{json.dumps(values, ensure_ascii=False)}\n".encode()


def _values(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _id(line: bytes) -> str:
    """The id of a line; empty where it has none."""
    id = _values(line).get("id", "")
    return id if isinstance(id, str) else ""


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line.strip(), digest_size=16).digest()
