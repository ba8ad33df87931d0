"""Files with their text put right, all at once or not at all.

Only the edited stretches change: the site's heading and footer, line ends, a byte order mark, and
what cannot be read stay as they are, byte for byte.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vnjournal.articles.article import Article
from vnjournal.articles.sources import Edits, Piece
from vnjournal.errors import WriteError

#: Says which edits of an article are to be put in; called once for each, in order.
Choose = Callable[[Article], Edits]


def rewritten(pieces: Iterable[Piece], choose: Choose) -> Iterator[bytes]:
    """The pieces of a file with the chosen edits put in."""
    for piece in pieces:
        yield piece.raw if piece.article is None else piece.edited(choose(piece.article))


def rewrite(file: Path, pieces: Iterable[Piece], choose: Choose) -> bool:
    """Put the chosen edits into a file; returns whether it changed.

    The new file takes the old one's place in one step and keeps its permissions. A link stays a
    link to it. A file that needs no edit is not written.

    Raises WriteError where that cannot be, or when somebody else has changed the file meanwhile.
    """
    changed = False

    def noting(article: Article) -> Edits:
        nonlocal changed
        edits = choose(article)
        changed = changed or any(edits.values())
        return edits

    with _reporting(file):
        target = file.resolve()
        found = _state(target)
        if not os.access(target, os.W_OK):
            raise WriteError(f"{file}: it is write-protected: change its permissions first")
    with _draft(file, target.parent) as draft:
        _fill(file, draft, rewritten(pieces, noting))
        if changed:
            with _reporting(file):
                if _state(target) != found:
                    raise WriteError(f"{file}: it has changed since it was read: fix it once more")
                _put(draft, target, like=target)
    return changed


def write(target: Path, like: Path, pieces: Iterable[Piece], choose: Choose) -> None:
    """Write a file with the chosen edits put in to another place, all at once.

    Args: ``target``: where to; its folder is made; ``like``: the file whose permissions it gets.

    Raises WriteError where that cannot be, or when the target is the file itself.
    """
    with _reporting(target):
        if target.exists() and target.samefile(like):
            raise WriteError(f"{target}: it is the source itself: name another place for it")
        target.parent.mkdir(parents=True, exist_ok=True)
    with _draft(target, target.parent) as draft:
        _fill(target, draft, rewritten(pieces, choose))
        with _reporting(target):
            _put(draft, target, like=like)


@contextmanager
def _reporting(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{file}: cannot be written ({error.strerror or error})") from error


def _state(file: Path) -> tuple[int, ...]:
    found = file.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class _Draft:
    """A hidden new file that is to take a place."""

    path: Path
    stream: IO[bytes]


@contextmanager
def _draft(file: Path, folder: Path) -> Iterator[_Draft]:
    """A draft for a file; it is gone behind the block unless it was put in its place."""
    with _reporting(file):
        handle, name = tempfile.mkstemp(prefix=".vnjournal-", dir=folder)
    draft = _Draft(Path(name), os.fdopen(handle, "wb"))
    try:
        yield draft
    finally:
        with suppress(OSError):  # a full disk, which has been reported
            draft.stream.close()
        draft.path.unlink(missing_ok=True)


def _fill(file: Path, draft: _Draft, parts: Iterable[bytes]) -> None:
    for part in parts:  # an error in reading them is none in writing
        with _reporting(file):
            draft.stream.write(part)


def _put(draft: _Draft, target: Path, like: Path) -> None:
    """Bring a draft to the disk, then to its place."""
    draft.stream.flush()
    owner = like.stat()
    if hasattr(os, "chown"):
        with suppress(OSError):  # only the administrator may give files away
            os.chown(draft.path, owner.st_uid, owner.st_gid)
    shutil.copystat(like, draft.path)
    os.utime(draft.path)
    os.fsync(draft.stream.fileno())
    draft.stream.close()
    draft.path.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
