"""Documents: the bytes that readers are given, and how they say what cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from vnjournal.errors import SourceError
from vnjournal.language import detect
from vnjournal.language.detect import Decoded

#: An article, or the file that holds it, may have this many bytes unless told otherwise.
MAX_SIZE = 20_000_000

_LOOKED_AT = 4096  # bytes in which a file shows what it is


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read. ``skipped``: a file of another kind, left aside on purpose."""

    path: str
    reason: str
    skipped: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Report = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is to be read, or one that lay packed in another.

    Args:
        id: the path below the folder that was named, ``a.zip!/x.txt`` inside a packed file; the id
            of an article that has none of its own.
        source: where it lies, as messages name it.
        stream: its bytes, at their beginning; it can be sought in.
        report: called for each part that cannot be read.
        max_size: bytes that one article may have, or a file that is one.
        url: the address it was fetched from, if known.
        media_type: such as ``text/html``, if known; else the suffix of the id tells.
        charset: the encoding that came with it, if any; it may be wrong.
        depth: how many packed files it lies in.
        readings: how its text was decoded, as far as it was.
    """

    id: str
    source: str
    stream: BinaryIO
    report: Report
    max_size: int = MAX_SIZE
    url: str = ""
    media_type: str = ""
    charset: str = ""
    depth: int = 0
    readings: list[Decoded] = field(default_factory=list)

    def beginning(self) -> bytes:
        """Its first bytes, which are read again afterwards."""
        at = self.stream.tell()
        found = self.stream.read(_LOOKED_AT)
        self.stream.seek(at)
        return found

    def raw(self) -> bytes:
        """All its bytes. Raises SourceError when it is empty or larger than it may be."""
        at = self.stream.tell()
        if self.stream.seek(0, os.SEEK_END) - at > self.max_size:
            raise too_large(self.max_size)
        self.stream.seek(at)
        raw = self.stream.read()
        if not raw.strip():
            raise SourceError("empty file")
        return raw

    def text(self) -> str:
        """All its text; Unicode keeps its characters as they are.

        Raises SourceError as :meth:`raw` and :func:`decoded` do.
        """
        return self.text_of(self.raw())

    def text_of(self, raw: bytes) -> str:
        """The text of some of its bytes. Raises SourceError as :func:`decoded` does."""
        found = decoded(raw)
        self.readings.append(found)
        return found.text


def too_large(max_size: int) -> SourceError:
    """The error for what has more bytes than it may have."""
    return SourceError(f"larger than {max_size:,} bytes: index it with a larger --max-size")


@contextmanager
def reporting(source: str, report: Report) -> Iterator[None]:
    """Report what keeps a file, or a part of one, from being read, and go on behind the block."""
    try:
        yield
    except SourceError as error:
        report(Problem(source, str(error)))


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Importing the libraries of an extra; raises SourceError where they are not installed."""
    try:
        yield
    except ImportError as error:
        raise SourceError(
            f"{error.name} is not installed: run pip install 'vnjournal[{extra}]'"
        ) from error


def decoded(raw: bytes) -> Decoded:
    """The text of a file and how it was read; Unicode keeps its characters as they are.

    Raises SourceError where it is empty, binary, or in no encoding that is known here.
    """
    if not raw.strip():
        raise SourceError("empty file")
    found = detect.read(raw)
    if found.encoding == detect.UNKNOWN:
        raise SourceError("text in an unknown encoding: convert it to UTF-8 first")
    return found
