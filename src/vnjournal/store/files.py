"""Which files an archive's articles were read from, so that none is read twice unchanged."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vnjournal.articles.documents import Problem


@dataclass(slots=True)
class FileNote:
    """A file as it was read.

    Args:
        path: where it lies, absolute.
        id: the path below the folder that was named when it first came.
        digest: of its bytes; empty until all of it was read.
        reader: what read it: the version, and the settings on which its articles hang; empty where
            it is to be read again.
        articles: how many articles it brought that no other file had.
        encodings: of its articles, but for plain UTF-8.
        problems: what of it was not read.
        number: its row, once it has one.
        run: in which it was read last.
        host: the name of the machine on whose disks it lies, where that is not this one.
        noted: when it was read last, in microseconds, where the store has that.
    """

    path: Path
    id: str
    digest: bytes = b""
    reader: str = ""
    articles: int = 0
    encodings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    number: int = 0
    run: str = ""
    host: str = ""
    noted: int = field(default=0, compare=False)

    @property
    def is_failed(self) -> bool:
        """Whether nothing of it was read."""
        return not self.articles and any(not problem.skipped for problem in self.problems)


@dataclass(slots=True)
class Brought:
    """What came of a file in a batch: ids of articles that are stored, and whether that was all."""

    file: FileNote
    ids: list[str] = field(default_factory=list)
    is_all: bool = False


class Files(Protocol):
    """The files of an archive."""

    def look_ahead(self, files: Sequence[tuple[Path, str]]) -> None:
        """Look some files up together, which are soon to be found by path and id one by one."""
        ...

    def find(self, path: Path, id: str) -> FileNote | None:
        """What is noted of the file at a path, or of one of its id that has gone from its own."""
        ...

    def of_id(self, id: str) -> Iterable[FileNote]:
        """The files of this id, of other machines too."""
        ...

    def is_whole(self, note: FileNote) -> bool:
        """Whether every article that a file brought when it was read last is there."""
        ...

    def owners(self, ids: Sequence[str], run: str) -> dict[str, Path]:
        """The files that brought the articles of these ids, in a run or when they were read last.

        None for what no file brought, or one that holds it no more.
        """
        ...

    def lost(
        self, source: Path, is_ours: Callable[[FileNote], bool]
    ) -> Iterator[tuple[FileNote, list[str]]]:
        """Files below a source that have gone, with the ids of the articles that they brought.

        Also those that are there and hold some no more, with the ids of these, unless others
        brought them just then; but not those of which something could not be read: it may be just
        this. Args: ``is_ours``: of which files this is asked.
        """
        ...

    def below(self, source: Path) -> Iterator[FileNote]:
        """What is noted of a file, or of all in a folder and in those below."""
        ...

    def every(self) -> Iterator[FileNote]:
        """What is noted of every file, of other machines too, in the order of their numbers."""
        ...


def has_gone(path: Path) -> bool:
    """Whether there is no file there; not where nobody can tell, as in a folder without entry.

    A folder of its name is none.
    """
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
