"""Documents: the bytes that readers are given, and how they say what cannot be read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from vnjournal.articles.packed.bounds import Bounds
from vnjournal.articles.sites import Sites, Template
from vnjournal.errors import SourceError
from vnjournal.language import detect
from vnjournal.language.detect import Decoded

#: An article, or the file that holds it, may have this many bytes unless told otherwise.
MAX_SIZE = 20_000_000

#: Why a file that lies in a folder is left aside when its name is of no format that is read.
OTHER_KIND = "no format that is read here"

_CHUNK = 1_000_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LOOKED_AT = 4096  # bytes in which a file shows what it is


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read.

    ``skipped``: a file of another kind, left aside on purpose; ``passing``: it may be read another
    time, though it stays as it is.
    """

    path: str
    reason: str
    skipped: bool = False
    passing: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Report = Callable[[Problem], None]


class NotNow(SourceError):
    """It is not the file's own fault that it cannot be read: another time it may be."""


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
        bounds: what may come out of the outermost of these; None for a file that is packed in none.
        sites: gives what is furniture on the pages of its pile, if that is known.
        templates: of portals, besides those that ship.
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
    bounds: Bounds | None = None
    sites: Callable[[], Sites] = Sites
    templates: tuple[Template, ...] = ()
    readings: list[Decoded] = field(default_factory=list, init=False)

    def beginning(self) -> bytes:
        """Its first bytes, which are read again afterwards."""
        at = self.stream.tell()
        read = getattr(self.stream, "read1", self.stream.read)
        found = b""
        try:
            while len(found) < _LOOKED_AT and (part := read(_LOOKED_AT - len(found))):
                found += part
        except SourceError:  # damage further on is met when that is read
            if not found:
                raise
        self.stream.seek(at)
        return found

    def raw(self) -> bytes:
        """All its bytes. Raises SourceError when it is empty or larger than it may be."""
        if self._declared_size() > self.max_size:
            raise too_large(self.max_size)
        raw = bytearray()  # the size that is declared need not be true
        while part := self.stream.read(min(_CHUNK, self.max_size + 1 - len(raw))):
            raw += part
            if len(raw) > self.max_size:
                raise too_large(self.max_size)
        _refuse_blank(raw)
        return bytes(raw)

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

    def _declared_size(self) -> int:
        """The size of a file that lies on a disk, as the system gives it; else 0."""
        try:
            return os.fstat(self.stream.fileno()).st_size
        except OSError:  # no file of its own
            return 0


def escaped(text: str) -> str:
    r"""A name on one line: control characters, and those that turn the line about, as escapes.

    >>> escaped("hai\ndòng.txt")
    'hai\\ndòng.txt'
    """
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def too_large(max_size: int) -> SourceError:
    """The error for what has more bytes than it may have."""
    return SourceError(f"larger than {max_size:,} bytes: index it with a larger --max-size")


@contextmanager
def reporting(source: str, report: Report) -> Iterator[None]:
    """Report what keeps a file, or a part of one, from being read, and go on behind the block."""
    try:
        yield
    except SourceError as error:
        report(Problem(source, str(error), passing=isinstance(error, NotNow)))


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Importing the libraries of an extra; raises SourceError where they are not installed."""
    try:
        yield
    except ImportError as error:
        raise SourceError(
            f"{error.name} is not installed: run pip install 'vnjournal[{extra}]'"
        ) from error


def _refuse_blank(raw: bytes | bytearray) -> None:
    if not raw.strip():
        raise SourceError("empty file")


def decoded(raw: bytes) -> Decoded:
    """The text of a file and how it was read; Unicode keeps its characters as they are.

    Raises SourceError where it is empty, binary, or in no encoding that is known here.
    """
    _refuse_blank(raw)
    found = detect.read(raw)
    if found.encoding == detect.UNKNOWN:
        raise SourceError("text in an unknown encoding: convert it to UTF-8 first")
    return found
