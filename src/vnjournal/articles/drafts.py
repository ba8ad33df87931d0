"""Drafts: files that take their place all at once, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vnjournal.errors import WriteError

_NEW_FILE = 0o666  # less what the user's umask takes away


@contextmanager
def reporting(file: Path) -> Iterator[None]:
    """Report what keeps a file from being written as a WriteError."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"{file}: cannot be written ({error.strerror or error})") from error


def refuse_protected(file: Path, target: Path) -> None:
    """Raise WriteError where a file may not be written to: replacing it would get round that."""
    if not os.access(target, os.W_OK):
        raise WriteError(f"{file}: it is write-protected: change its permissions first")


def write(file: Path, parts: Iterable[bytes]) -> None:
    """Write a file, replacing in one step the one that is there; its permissions are kept.

    A link stays a link. What is no regular file, such as a pipe, is written to as it is. Raises
    WriteError where that cannot be; what was there is then untouched.
    """
    with reporting(file):
        is_there = file.exists()
        is_replaced = not is_there or file.is_file()
        target = Path(os.path.realpath(file)) if is_replaced else file
        if is_there:
            refuse_protected(file, target)
    if not is_replaced:
        with reporting(file), target.open("wb") as stream:
            for part in parts:
                stream.write(part)
        return
    with draft(file, target.parent) as new:
        new.fill(file, parts)
        with reporting(file):
            if is_there:
                new.put(target, like=target)
            else:
                new.path.chmod(_NEW_FILE & ~_umask())
                new.put(target)


def _umask() -> int:
    """The bits that new files do not get; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@dataclass(frozen=True, slots=True)
class Draft:
    """A hidden new file that is to take a place."""

    path: Path
    stream: IO[bytes]

    def fill(self, file: Path, parts: Iterable[bytes]) -> None:
        """Write parts into it. Args: ``file``: the place, named in a WriteError."""
        for part in parts:  # an error in reading them is none in writing
            with reporting(file):
                self.stream.write(part)

    def put(self, target: Path, like: Path | None = None) -> None:
        """Bring it to the disk, then to its place.

        Args: ``like``: the file whose owner and permissions it gets.
        """
        self.stream.flush()
        if like is not None:
            owner = like.stat()
            if hasattr(os, "chown"):
                with suppress(OSError):  # only the administrator may give files away
                    os.chown(self.path, owner.st_uid, owner.st_gid)
            shutil.copystat(like, self.path)
            os.utime(self.path)
        os.fsync(self.stream.fileno())
        self.stream.close()
        self.path.replace(target)
        if os.name == "posix":
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextmanager
def draft(file: Path, folder: Path) -> Iterator[Draft]:
    """A draft for a file; it is gone behind the block unless it was put in its place."""
    with reporting(file):
        handle, name = tempfile.mkstemp(prefix=".vnjournal-", dir=folder)
    made = Draft(Path(name), os.fdopen(handle, "wb"))
    try:
        yield made
    finally:
        with suppress(OSError):  # a full disk, which has been reported
            made.stream.close()
        made.path.unlink(missing_ok=True)
