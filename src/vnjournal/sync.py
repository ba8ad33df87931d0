"""An archive kept in step with the files that it is made of: what has changed, and what has gone.

A file is known by its place, or, when it has gone from there, by its path below the folder that was
named, so that a folder may be moved; but one that has changed as well only with others that have
not, else it is another file of that name. It is read again when its bytes have changed, when the
readers have, or when articles that it brought are missing from the archive.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from vnjournal.articles import reading, sources
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Problem, reporting
from vnjournal.articles.formats import may_hold_pages, reader
from vnjournal.intake import Arrival
from vnjournal.store.files import Brought, FileNote, has_gone
from vnjournal.store.store import Store
from vnjournal.store.writing import Added, batches
from vnjournal.workers import Pool

_LOOKED_AT = 100  # files of a folder that has gone, by which it is known again elsewhere
_TOGETHER = 200  # files that are looked up in the archive at a time
_TOLD = 500  # unchanged files, after which progress is told


class Fate(StrEnum):
    """What became of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    LEFT_OUT = "left out"
    VANISHED = "vanished"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file.

    Args:
        path: as it was named, or where it lay.
        fate: FAILED only where nothing of it was read.
        articles: how many it holds, or held.
        encodings: of its articles that were not plain UTF-8.
        problems: what of it was not read.
    """

    path: str
    fate: Fate
    articles: int = 0
    encodings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


#: Called for each file when what it holds is stored.
Report = Callable[[FileReport], None]


def warn(file: FileReport) -> None:
    """A warning for whatever could not be read."""
    for problem in file.problems:
        if not problem.skipped:
            warnings.warn(str(problem), stacklevel=2)


@dataclass(slots=True)
class Synced(Added):
    """What became of the files of one :meth:`Archive.sync`, besides what became of the articles.

    Args:
        files: how many were looked at.
        bytes: how large these are; of one that is being read, what has been read of it.
        articles_read: how many they hold.
        failed: how many of them could not be read at all.
        vanished: articles whose files have gone, or do not hold them any more, and are kept.
        pruned: those that were deleted for this.
    """

    files: int = 0
    bytes: int = 0
    articles_read: int = 0
    failed: int = 0
    vanished: int = 0
    pruned: int = 0

    @property
    def bytes_done(self) -> int:
        """About how many bytes hold the articles that are done: reading is ahead of the rest."""
        share = self.done / self.articles_read if self.articles_read else 1.0
        return int(self.bytes * min(share, 1.0))


@dataclass(slots=True)
class _Reading:
    """A file that is being read."""

    note: FileNote
    shown: str
    fate: Fate


class Sources:
    """Files and folders that an archive is to be in step with.

    Args:
        named: paths of files and folders.
        max_size: bytes that one article may have.
        report: called for each file.
        counts: what is counted.
        shard: one of some parts, of which alone the files are read.
    """

    def __init__(
        self,
        store: Store,
        named: Iterable[Path],
        max_size: int,
        report: Report,
        counts: Synced,
        shard: tuple[int, int] | None = None,
    ) -> None:
        self._store = store
        self._named = list(named)
        self._max_size = max_size
        self._templates = store.templates()
        self._reader = reader(max_size)
        self._reader_of_pages = reader(max_size, self._templates)
        self._report = report
        self._counts = counts
        self._shard = shard or (1, 1)
        self._being_read: dict[Path, _Reading] = {}
        self._ids: set[str] = set()  # of these
        self._moved: list[FileNote] = []
        self._found: set[int] = set()  # the numbers of files that lie elsewhere than they did
        self._is_moved: dict[tuple[Path, Path], bool] = {}  # folders: from where, to where
        self._met: set[Path] = set()  # where one may be named twice, as by a folder and one in it

    def arrivals(self, pool: Pool, tell: Callable[[], None]) -> Iterator[Arrival]:
        """The articles of every file that has changed, and the files' ends.

        Args: ``tell``: called now and then while nothing comes, since nothing has changed.
        """
        for file, found in reading.read_files(self._changed(tell), pool, self._max_size):
            if isinstance(found, Article):
                self._counts.articles_read += 1
                encoding = found.extra.get("encoding", "")
                if encoding and encoding not in file.note.encodings:
                    file.note.encodings.append(encoding)
                yield found, file.note
            elif found is None:
                yield None, file.note
            else:
                file.note.problems.append(found)
                if found.passing:
                    file.note.reader = ""
        if self._moved:
            self._store.note_places(self._moved)

    def has(self, path: Path) -> bool:
        """Whether there is such a file among them."""
        tops = (Path(os.path.realpath(named)) for named in self._named)
        return any(path == top or top in path.parents for top in tops) and not has_gone(path)

    def finished(self, files: Iterable[Brought]) -> None:
        """Report files all of which is stored."""
        for each in files:
            if each.is_all:
                being = self._being_read.pop(each.file.path)
                self._ids.discard(each.file.id)
                self._counts.failed += each.file.is_failed
                self._tell_of(each.file, being.shown, being.fate)

    def _tell_of(self, file: FileNote, shown: str, fate: Fate) -> None:
        if file.is_failed:
            fate = Fate.FAILED
        what = file.articles, tuple(file.encodings), tuple(file.problems)
        self._report(FileReport(shown, fate, *what))

    def _changed(self, tell: Callable[[], None]) -> Iterator[tuple[_Reading, reading.File]]:
        for named in self._named:
            sites = sources.sites_in(named, self._max_size)
            for files in batches(self._places(named), lambda _: 1, most_characters=_TOGETHER):
                self._store.files.look_ahead([(place, id) for _, place, id in files])
                for path, place, id in files:
                    shown = sources.readable(path)
                    found, before, size = None, self._counts.bytes, 0
                    with (
                        reporting(shown, self._left),
                        sources.opened(path, id, self._left) as opened,
                    ):
                        digest = _digest(opened.stream)
                        size = opened.stream.tell()
                        self._counts.files += 1
                        found = self._compared(place, id, digest, shown)
                    if found is not None:
                        self._being_read[place] = found
                        self._ids.add(found.note.id)
                        at = partial(self._at, before)
                        yield found, reading.File(path, found.note.id, sites, self._templates, at)
                    self._counts.bytes = before + size
                    if self._counts.files % _TOLD == 0:
                        tell()

    def _places(self, named: Path) -> Iterator[tuple[Path, Path, str]]:
        """The files of what was named that are of our part: each one's path, place and id."""
        top = Path(os.path.realpath(named))
        for path, id in sources.files(named, self._left):
            if not _is_in(self._shard, id):
                continue
            place = top if path == named else top / path.relative_to(named)
            if len(self._named) > 1:
                if place in self._met:
                    continue
                self._met.add(place)
            yield path, place, id

    def _at(self, before: int, position: int) -> None:
        """Count how far a file has been read, before which so many bytes have."""
        self._counts.bytes = before + position

    def _compared(self, path: Path, id: str, digest: bytes, shown: str) -> _Reading | None:
        """A file as it is to be read; None where it is as it was, which is reported."""
        noted = self._store.files.find(path, id)
        reader = self._reader_of_pages if may_hold_pages(id) else self._reader
        if noted is None or noted.number in self._found or not self._is_that(noted, path, digest):
            file = FileNote(path, self._free(id, path, digest), digest, reader)
            return _Reading(file, shown, Fate.NEW)
        if noted.path != path:
            self._found.add(noted.number)
        is_same = noted.digest == digest
        if is_same and noted.reader == reader and self._store.files.is_whole(noted):
            if noted.path != path:
                noted.path = path
                self._moved.append(noted)
            self._counts.failed += noted.is_failed
            self._counts.unchanged += noted.articles
            self._counts.articles_read += noted.articles
            self._tell_of(noted, shown, Fate.UNCHANGED)
            return None
        file = FileNote(path, noted.id, digest, reader, number=noted.number)
        is_same &= noted.reader in ("", reader)
        if not noted.digest or (is_same and noted.is_failed):
            fate = Fate.NEW
        else:
            fate = Fate.UNCHANGED if is_same else Fate.CHANGED
        return _Reading(file, shown, fate)

    def _is_that(self, noted: FileNote, path: Path, digest: bytes) -> bool:
        """Whether a file is the one that was noted, perhaps elsewhere."""
        if path == noted.path or digest == noted.digest:
            return True
        left, right = noted.path, path
        while left.name == right.name and left.name:
            left, right = left.parent, right.parent
        if (left, right) not in self._is_moved:
            others = (
                (each.digest, right / each.path.relative_to(left))
                for each in islice(self._store.files.below(left), _LOOKED_AT)
                if has_gone(each.path)
            )
            self._is_moved[left, right] = any(_has(other, digest) for digest, other in others)
        return self._is_moved[left, right]

    def _free(self, id: str, path: Path, digest: bytes) -> str:
        """An id for a new file: with the folders above where another file has it already.

        Files of two folders that were named can have the same path below them, and so can those of
        two machines. But what is the same on both is one file: machines may share a pile.
        """

        def is_taken() -> bool:
            return id in self._ids or any(
                not other.host or (other.path != path and other.digest != digest)
                for other in self._store.files.of_id(id)
            )

        folders = id.count("/") + 2
        while is_taken() and folders < len(path.parts):
            id = sources.readable(Path(*path.parts[-folders:]))
            folders += 1
        return id

    def _left(self, problem: Problem) -> None:
        """Report what no file was made of."""
        fate = Fate.LEFT_OUT if problem.skipped else Fate.FAILED
        self._counts.failed += not problem.skipped
        self._report(FileReport(problem.path, fate, problems=(problem,)))

    def lost(self, prune: bool) -> Iterator[list[tuple[FileNote, list[str]]]]:
        """Files that have gone, or hold articles no more, with the ids of these, in batches.

        Each batch is reported when the next one is asked for. Args: ``prune``: whether they are to
        be deleted. A folder that is empty now is then reported and left alone: its disk may be
        missing.
        """
        fate = Fate.PRUNED if prune else Fate.VANISHED
        for batch in batches(self._lost(prune), lambda lost: len(lost[1])):
            yield batch
            for file, ids in batch:
                if prune:
                    self._counts.pruned += len(ids)
                else:
                    self._counts.vanished += len(ids)
                self._report(FileReport(sources.readable(file.path), fate, len(ids)))

    def _lost(self, prune: bool) -> Iterator[tuple[FileNote, list[str]]]:
        told: set[int] = set()  # a folder may have been named, and one in it
        for named in self._named:
            try:
                is_there = named.exists()
                is_empty = is_there and named.is_dir() and not any(named.iterdir())
            except OSError:
                is_there = False
            if not is_there:
                continue  # which was reported
            top = Path(os.path.realpath(named))
            for file, ids in self._store.files.lost(top, partial(self._is_ours, named, top)):
                if prune and is_empty:
                    reason = (
                        "empty, but files were read from it: nothing is pruned; is its disk there?"
                    )
                    self._left(Problem(sources.readable(named), reason))
                    break
                if file.number not in told:
                    told.add(file.number)
                    yield file, ids

    def _is_ours(self, named: Path, top: Path, file: FileNote) -> bool:
        """Whether a file is of our part: those of others may just be being read by them.

        That is told by where it lies, as when it is read; its id may be longer.
        """
        path = named / file.path.relative_to(top)
        return _is_in(self._shard, sources.id_of(path, named))


def _is_in(shard: tuple[int, int], id: str) -> bool:
    """Whether a file belongs to one of some parts.

    >>> [part for part in (1, 2, 3) if _is_in((part, 3), "2018/bai-viet.txt")]
    [3]
    """
    part, parts = shard
    return crc32(id.encode("utf-8", "surrogatepass")) % parts == part - 1


def _has(path: Path, digest: bytes) -> bool:
    """Whether there is a file with these contents."""
    try:
        with path.open("rb") as stream:
            return _digest(stream) == digest
    except OSError:
        return False


def _digest(stream: BinaryIO) -> bytes:
    """Of all that is in a stream, which is read to its end."""
    new = partial(hashlib.blake2b, digest_size=16)
    return hashlib.file_digest(stream, new).digest()  # type: ignore[arg-type]
