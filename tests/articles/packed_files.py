"""Packed files, made byte by byte where no honest program would make them."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DEFLATE = 8


@dataclass(frozen=True)
class Entry:
    """A member of a zip file. What is None is as it should be."""

    name: bytes
    data: bytes = b""
    method: int = DEFLATE
    flags: int = 0
    crc: int | None = None
    packed: bytes | None = None
    packed_size: int | None = None
    size: int | None = None
    header_at: int | None = None
    extra: bytes = b""
    made_by: int = 0
    attributes: int = 0

    @property
    def bytes(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == DEFLATE else self.data

    def numbers(self) -> tuple[int, int, int]:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        packed_size = len(self.bytes) if self.packed_size is None else self.packed_size
        return crc, packed_size, len(self.data) if self.size is None else self.size


def deflated(data: bytes) -> bytes:
    """Raw deflate."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zip_of(*entries: Entry, number: int | None = None) -> bytes:
    """A zip file of some entries; an entry with a place of its own has no bytes of its own."""
    written = io.BytesIO()
    places = []
    for entry in entries:
        places.append(written.tell() if entry.header_at is None else entry.header_at)
        if entry.header_at is None:
            head = (20, entry.flags, entry.method, 0, 0, *entry.numbers())
            lengths = (len(entry.name), len(entry.extra))
            written.write(struct.pack("<4s5H3I2H", b"PK\3\4", *head, *lengths))
            written.write(entry.name + entry.extra + entry.bytes)
    start = written.tell()
    for entry, place in zip(entries, places, strict=True):
        made_by = entry.made_by << 8 | 20
        numbers = (made_by, 20, entry.flags, entry.method, 0, 0, *entry.numbers())
        rest = (len(entry.name), len(entry.extra), 0, 0, 0, entry.attributes << 16, place)
        written.write(struct.pack("<4s6H3I5H2I", b"PK\1\2", *numbers, *rest))
        written.write(entry.name + entry.extra)
    written.write(end_of_zip(len(entries) if number is None else number, start, written.tell()))
    return written.getvalue()


def end_of_zip(number: int, start: int, end: int) -> bytes:
    """What ends a zip file whose directory lies between two places."""
    size = end - start
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, number, number, size, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    short = min(number, 0xFFFF)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, short, short, size, start, 0)
    return (record + locator if number > short else b"") + last


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An honest zip file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return written.getvalue()


def tarred(
    members: Iterable[tuple[tarfile.TarInfo | str, str]],
    format: int = tarfile.PAX_FORMAT,
) -> bytes:
    """A tar file. A member may be given with all its header, its size aside."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=format) as file:
        for member, data in members:
            header = tarfile.TarInfo(member) if isinstance(member, str) else member
            header.size = len(data.encode())
            file.addfile(header, io.BytesIO(data.encode()))
    return written.getvalue()


def tar_header(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """The header of a member that is no file."""
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, target
    return header
