"""Tar files, compressed or not, member by member.

Headers are read as POSIX (pax) and GNU tar have them, from the first to the last, so that nothing
but the member at hand is in memory. Python's own ``tarfile`` takes a damaged header for the end and
says nothing, reads headers of any size, and keeps all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from vnjournal.articles.documents import Document, Problem
from vnjournal.articles.packed import streams
from vnjournal.articles.packed.bounds import Bounds
from vnjournal.articles.packed.members import Member, bounds_of, documents_in
from vnjournal.articles.packed.names import decoded_name
from vnjournal.errors import SourceError

_BLOCK = 512
_LONGEST_HEADER = 100_000  # bytes of names and the like
_LARGEST = 1 << 42  # bytes; no disk holds more
_DIGITS = 12  # of a number that is given in decimal ones
_FOLDER, _SPARSE = b"5", b"S"
_FILES = frozenset([b"0", b"\0", b"7"])
_REFUSED = {
    b"1": "a hard link: it is not followed",
    b"2": "a link: it is not followed",
    b"3": "a device: it is not read",
    b"4": "a device: it is not read",
    b"6": "a FIFO: it is not read",
    _SPARSE: "a sparse file: unpack it first",
}
_WITHOUT_DATA = frozenset([b"1", b"2", b"3", b"4", b"5", b"6"])
_GNU_NAME, _PAX = b"L", b"x"
_ABOUT_OTHERS = frozenset([_GNU_NAME, _PAX, b"K", b"g"])


@dataclass(frozen=True, slots=True)
class _Header:
    """What a block says of the member behind it."""

    name: bytes
    kind: bytes
    size: int
    is_continued: bool


def read(document: Document) -> Iterator[Document]:
    """The members of a document; what of them cannot be read is reported.

    Behind a damaged header, reading goes on at the next one. Raises SourceError for a document that
    is no tar file.
    """
    bounds = bounds_of(document)
    stream = document.stream
    if how := streams.decompressor_of(document.beginning()):
        stream = streams.buffered(streams.Unpacked(stream, how, bounds))
    yield from documents_in(document, bounds, _members(document, stream, bounds))


def _members(document: Document, stream: BinaryIO, bounds: Bounds) -> Iterator[Member]:
    """The members but for folders. Raises SourceError where the end is missing."""
    at = 0
    said: dict[str, bytes] = {}  # of the member that is to come
    is_damaged = False
    while True:
        stream.seek(at)
        block = stream.read(_BLOCK)
        if len(block) < _BLOCK or not block.strip(b"\0"):
            break
        try:
            header = _header(block)
        except SourceError as error:
            if at == 0:
                raise SourceError("no tar file, as its name says") from None
            if not is_damaged:
                reason = f"{error} at byte {at:,}: read again from the next one"
                document.report(Problem(document.source, reason))
            is_damaged = True
            at += _BLOCK
            continue
        is_damaged = False
        start = _behind_sparse_map(stream, at + _BLOCK) if header.is_continued else at + _BLOCK
        digits = said.get("size", b"")
        size = int(digits) if digits.isdigit() and len(digits) <= _DIGITS else header.size
        at = start + -(-size // _BLOCK) * _BLOCK
        if header.kind in _ABOUT_OTHERS:
            said |= _said(stream, header.kind, start, size)
            continue
        bounds.add_members(1)
        if member := _member(stream, header, said, start, size):
            yield member
        said = {}
    if not at and not block.strip(b"\0"):
        raise SourceError("no files are packed in it")
    if not block:
        raise SourceError("it ends without an end mark, as when it is cut short")
    if len(block) < _BLOCK:
        raise SourceError(streams.CUT_SHORT)


def _member(
    stream: BinaryIO, header: _Header, said: dict[str, bytes], start: int, size: int
) -> Member | None:
    """The member that a header is of; None for a folder."""
    raw_name = said.get("path", header.name)
    refused = "" if header.kind in _FILES else _REFUSED.get(header.kind, "of no kind that is read")
    if any(key.startswith("GNU.sparse.") for key in said):
        refused = _REFUSED[_SPARSE]
        raw_name = said.get("GNU.sparse.name", raw_name)
    if header.kind == _FOLDER or raw_name.endswith(b"/"):
        return None

    def opened() -> BinaryIO:
        return streams.buffered(streams.Stretch(stream, start, size))

    return Member(decoded_name(raw_name), size, opened, refused)


def _header(block: bytes) -> _Header:
    """Raises SourceError for a block that is no header."""
    checksum = _number(block[148:156])
    if checksum != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise SourceError("a damaged header")
    kind = block[156:157]
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    size = 0 if kind in _WITHOUT_DATA else _number(block[124:136])
    return _Header(name, kind, size, kind == _SPARSE and block[482] != 0)


def _number(field: bytes) -> int:
    """A number in octal digits, or, beyond these, in base 256. Raises SourceError for none."""
    try:
        is_binary = field[0] == 0x80
        number = int.from_bytes(field[1:]) if is_binary else int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        number = -1
    if not 0 <= number < _LARGEST:
        raise SourceError("a damaged header")
    return number


def _said(stream: BinaryIO, kind: bytes, start: int, size: int) -> dict[str, bytes]:
    """What a header says of the next member. Raises SourceError for one that is too long."""
    if size > _LONGEST_HEADER:
        raise SourceError(f"a header of more than {_LONGEST_HEADER:,} bytes: unpack it first")
    stream.seek(start)
    raw = stream.read(size)
    if kind == _GNU_NAME:
        return {"path": raw.rstrip(b"\0")}
    return _records(raw) if kind == _PAX else {}


def _records(raw: bytes) -> dict[str, bytes]:
    """The records ``length key=value`` of a pax header, as far as they are such."""
    found = {}
    while raw:
        digits = raw[:_DIGITS].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = raw[:length]
        key, is_record, value = record[len(digits) + 1 : -1].partition(b"=")
        if not is_record:
            break
        found[key.decode("utf-8", "replace")] = value
        raw = raw[length:]
    return found


def _behind_sparse_map(stream: BinaryIO, at: int) -> int:
    """Where the data of a sparse file begins: blocks that say where its holes are come first."""
    while True:
        stream.seek(at)
        block = stream.read(_BLOCK)
        at += _BLOCK
        if len(block) < _BLOCK or not block[504]:
            return at
