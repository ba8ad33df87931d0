"""Zip files, member by member.

Headers are read as the format's description has them (PKWARE, APPNOTE.TXT 6.3.10). Python's own
``zipfile`` reads the whole directory into memory before anything is counted, refuses all of a file
whose end is missing or that has one name in a wrong encoding, and knows no overlapping members
before Python 3.11.8.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import BinaryIO

from vnjournal.articles.documents import Document, Problem
from vnjournal.articles.packed import streams
from vnjournal.articles.packed.bounds import Bounds
from vnjournal.articles.packed.members import Member, bounds_of, documents_in
from vnjournal.articles.packed.names import decoded_name
from vnjournal.errors import SourceError

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_END_64_MARK, _LOCATOR_64_MARK = b"PK\6\6", b"PK\6\7"
_LONGEST_COMMENT = 0xFFFF
_FULL = 0xFFFFFFFF  # the true number is in the extra field
_ZIP_64, _UNICODE_PATH = 0x0001, 0x7075  # kinds of extra fields

_ENCRYPTED, _HAS_END, _SIZES_FOLLOW, _IS_UTF8 = 0x1, 0x2, 0x8, 0x800  # flags; LZMA has an end
_UNIX = 3

_STORED, _DEFLATE, _BZIP2, _LZMA = 0, 8, 12, 14
_METHODS = {_STORED: streams.stored, _DEFLATE: streams.deflate, _BZIP2: streams.bzip2}
_NOT_READ = {9: "Deflate64", 93: "Zstandard", 95: "xz", 98: "PPMd", 99: "AES encryption"}
_LARGEST = 1 << 42  # bytes; no disk holds more
_CHUNK = 1 << 20


class _Damaged(SourceError):
    """The directory is not there, or not what it should be."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the directory says of a member. ``packed``: None where its size is not known."""

    name: str
    flags: int
    method: int
    crc: int | None
    packed: int | None
    size: int | None
    header_at: int
    attributes: int = 0

    @property
    def refused(self) -> str:
        if self.attributes and not stat.S_ISREG(self.attributes):
            return "a link or a device: it is not followed"
        if self.flags & _ENCRYPTED:
            return "encrypted: unpack it with its password first"
        if self.method not in (*_METHODS, _LZMA):
            how = _NOT_READ.get(self.method, f"method {self.method}")
            return f"packed with {how}, which is not read here: unpack it first"
        return ""


def read(document: Document) -> Iterator[Document]:
    """The members of a document; what of them cannot be read is reported.

    Where the directory at the end is missing, members are looked for. Raises SourceError for a
    document that is no zip file, or does what only a bomb does.
    """
    bounds = bounds_of(document)
    if document.depth == 0:
        yield from _members(document, document.stream, bounds)
    else:  # members lie anywhere, and going back in what is packed is slow
        with streams.spooled(document.stream) as stream:
            yield from _members(document, stream, bounds)


def _members(document: Document, stream: BinaryIO, bounds: Bounds) -> Iterator[Document]:
    try:
        entries = list(_directory(stream, bounds))
    except _Damaged as error:
        entries = list(_found(stream, bounds))
        if not entries:
            raise
        document.report(Problem(document.source, f"{error}: what was found in it was read"))
    if not entries:
        raise SourceError("no files are packed in it")
    _refuse_overlapping(entries, bounds)
    files = (entry for entry in entries if not entry.name.endswith("/"))
    members = (
        Member(entry.name, entry.size, partial(_opened, stream, entry, bounds), entry.refused)
        for entry in files
    )
    yield from documents_in(document, bounds, members)


def _opened(stream: BinaryIO, entry: _Entry, bounds: Bounds) -> BinaryIO:
    """What a member unpacks to. Raises SourceError where the directory was wrong about it."""
    stream.seek(entry.header_at)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MARK):
        raise SourceError("damaged: it is not where the directory says")
    *_, name_size, extra_size = _LOCAL.unpack(header)
    start = entry.header_at + _LOCAL.size + name_size + extra_size
    packed = entry.packed
    how: Callable[[], streams.Decompressor]
    if entry.method == _LZMA:
        stream.seek(start)
        how = partial(streams.zip_lzma, stream.read(streams.ZIP_LZMA_HEADER))
        start += streams.ZIP_LZMA_HEADER
        packed = None if packed is None else packed - streams.ZIP_LZMA_HEADER
    else:
        how = _METHODS[entry.method]
    stretch = streams.Stretch(stream, start, packed)
    marks_end = entry.method != _STORED and (entry.method != _LZMA or bool(entry.flags & _HAS_END))
    return streams.buffered(
        streams.Unpacked(stretch, how, bounds, entry.crc, is_one=True, marks_end=marks_end)
    )


def _refuse_overlapping(entries: list[_Entry], bounds: Bounds) -> None:
    """Members that share bytes make a bomb of any size (D. Fifield, A better zip bomb, 2019)."""
    spans = sorted((entry.header_at, entry.packed or 0) for entry in entries)
    for (start, size), (following, _) in pairwise(spans):
        if start + _LOCAL.size + size > following:
            raise bounds.exceeded("files in it overlap, as in a bomb")


def _directory(stream: BinaryIO, bounds: Bounds) -> Iterator[_Entry]:
    """The entries of the central directory. Raises _Damaged where it is not whole."""
    number, size, start, shift = _end(stream)
    bounds.add_members(number)
    stream.seek(start)
    end = start + size
    for _ in range(number):
        header = stream.read(_CENTRAL.size)
        if len(header) < _CENTRAL.size or not header.startswith(_CENTRAL_MARK):
            raise _Damaged("its directory is damaged")
        (_, made_by, _, flags, method, _, _, crc, packed, size, *lengths, _, _, external, at) = (
            _CENTRAL.unpack(header)
        )
        raw_name, extra, _ = (stream.read(length) for length in lengths)
        if stream.tell() > end:
            raise _Damaged("its directory is damaged")
        fields = _extra_fields(extra)
        size, packed, at = _true_numbers(fields.get(_ZIP_64, b""), size, packed, at)
        attributes = external >> 16 if made_by >> 8 == _UNIX else 0
        name = _name(raw_name, flags, fields)
        at += shift
        yield _Entry(name, flags, method, crc, packed, size, at, stat.S_IFMT(attributes))
    if stream.read(len(_CENTRAL_MARK)) == _CENTRAL_MARK:
        raise _Damaged("its directory has more entries than it says")


def _end(stream: BinaryIO) -> tuple[int, int, int, int]:
    """Where the directory lies: entries, size, start, and by how much every place is shifted."""
    file_size = stream.seek(0, os.SEEK_END)
    tail_at = max(0, file_size - _END.size - _LONGEST_COMMENT)
    stream.seek(tail_at)
    tail = stream.read()
    place = tail.rfind(_END_MARK, 0, len(tail) - _END.size + len(_END_MARK))
    if place < 0:
        raise _Damaged("its directory is missing, as when it is cut short")
    _, _, _, _, number, size, start, _ = _END.unpack_from(tail, place)
    end = tail_at + place
    locator_at = end - _LOCATOR_64.size
    if locator_at >= _END_64.size:
        stream.seek(locator_at)
        mark, _, at, _ = _LOCATOR_64.unpack(stream.read(_LOCATOR_64.size))
        if mark == _LOCATOR_64_MARK:
            for end in (
                min(at, locator_at),
                locator_at - _END_64.size,
            ):  # bytes may stand before the zip file
                stream.seek(end)
                record = stream.read(_END_64.size)
                if record.startswith(_END_64_MARK) and len(record) == _END_64.size:
                    *_, number, size, start = _END_64.unpack(record)
                    break
            else:
                raise _Damaged("its directory is damaged")
    shift = end - size - start
    if shift < 0:
        raise _Damaged("its directory is damaged")
    return number, size, start + shift, shift


def _found(stream: BinaryIO, bounds: Bounds) -> Iterator[_Entry]:
    """The members of a file without a directory, by the headers before them."""
    stream.seek(0)
    at = 0 if stream.read(len(_LOCAL_MARK)) == _LOCAL_MARK else None
    while at is not None:
        stream.seek(at)
        header = stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size:
            return
        _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(header)
        raw_name, extra = stream.read(name_size), stream.read(extra_size)
        start = stream.tell()
        fields = _extra_fields(extra)
        known = not flags & _SIZES_FOLLOW
        try:
            size, packed, _ = _true_numbers(fields.get(_ZIP_64, b""), size, packed, 0)
        except _Damaged:
            known = False
        bounds.add_members(1)
        if known or method != _STORED:  # else nobody can tell where it ends
            entry = _Entry(_name(raw_name, flags, fields), flags, method, None, None, None, at)
            yield replace(entry, crc=crc, packed=packed, size=size) if known else entry
        at = _next_header(stream, start + packed if known else start)


def _next_header(stream: BinaryIO, at: int) -> int | None:
    """Where the next header of a member begins; most often it is there at once."""
    overlap = len(_LOCAL_MARK) - 1
    stream.seek(at)
    before, wanted = b"", len(_LOCAL_MARK)
    while part := stream.read(wanted):
        part = before + part
        if (place := part.find(_LOCAL_MARK)) >= 0:
            return at + place
        before, wanted = part[-overlap:], _CHUNK
        at += len(part) - len(before)
    return None


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    fields = {}
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        fields[kind] = extra[at + 4 : at + 4 + size]
        at += 4 + size
    return fields


def _true_numbers(field: bytes, size: int, packed: int, at: int) -> tuple[int, int, int]:
    """Sizes and place; those that need 64 bits are in a field, in this order."""
    numbers = [size, packed, at]
    large = [place for place, number in enumerate(numbers) if number == _FULL]
    for place, start in zip(large, range(0, len(field) - 7, 8), strict=False):
        numbers[place] = int.from_bytes(field[start : start + 8], "little")
    if max(numbers) > _LARGEST:
        raise _Damaged("its directory is damaged")
    return numbers[0], numbers[1], numbers[2]


def _name(raw: bytes, flags: int, fields: dict[int, bytes]) -> str:
    field = fields.get(_UNICODE_PATH, b"")
    if field[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
        name = decoded_name(field[5:], is_utf8=True)
    else:
        name = decoded_name(raw.replace(b"\\", b"/"), is_utf8=bool(flags & _IS_UTF8))
    return name
