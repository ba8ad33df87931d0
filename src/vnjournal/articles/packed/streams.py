"""Packed bytes as streams of what they unpack to: nothing is held that was not asked for.

The streams can be sought in, as files can; to go back costs unpacking once more from the beginning.
What is damaged raises SourceError where it is read; what comes before is given.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol

from vnjournal.articles.packed.bounds import Bounds
from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 16
_PIECE = 1 << 12  # packed bytes at a time: where they are damaged, no more is lost
_IN_MEMORY = 4_000_000  # bytes of a file on its way that are not put on the disk
_MOST_MEMORY = 1 << 27  # that a decompressor may take: xz -9 needs half of it

CUT_SHORT = "it is cut short"
ZIP_LZMA_HEADER = 9  # bytes


class Decompressor(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflater:
    """zlib's decompressor with the manners of the others."""

    def __init__(self, wbits: int) -> None:
        self._inflater = zlib.decompressobj(wbits)
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inflater.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inflater.decompress(self._inflater.unconsumed_tail + data, max_length)
        self._is_full = len(found) == max_length
        return found


class _Copier:
    """For what is stored as it is."""

    eof = False
    needs_input = True
    unused_data = b""

    def decompress(self, data: bytes, max_length: int) -> bytes:  # noqa: ARG002
        return data


def deflate() -> Decompressor:
    """Raw deflate, as zip files have it."""
    return _Inflater(-zlib.MAX_WBITS)


def gzip() -> Decompressor:
    """Deflate with a header and a checksum that is looked at."""
    return _Inflater(zlib.MAX_WBITS | 16)


def xz() -> Decompressor:
    """LZMA in its own container, of a dictionary that memory has room for."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)


def stored() -> Decompressor:
    """Bytes as they are."""
    return _Copier()


bzip2: Callable[[], Decompressor] = bz2.BZ2Decompressor


def zip_lzma(header: bytes) -> Decompressor:
    """LZMA as zip files have it: a raw stream behind a header of nine bytes (APPNOTE, 5.8.8)."""
    properties, dictionary = header[4], int.from_bytes(header[5:9], "little")
    if header[2:4] != b"\x05\0" or properties >= 225:
        raise SourceError("damaged packed data (a wrong LZMA header)")
    if dictionary > _MOST_MEMORY:
        raise SourceError(f"unpacking it takes {dictionary:,} bytes of memory: unpack it first")
    lzma1 = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": dictionary,
        "lc": properties % 9,
        "lp": properties // 9 % 5,
        "pb": properties // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[lzma1])


_SIGNATURES = ((b"\x1f\x8b", gzip), (b"BZh", bzip2), (b"\xfd7zXZ\0", xz))


def decompressor_of(beginning: bytes) -> Callable[[], Decompressor] | None:
    """How a file is compressed that begins so; None for one that is not.

    >>> decompressor_of(b"BZh91AY&SY") is bzip2, decompressor_of(b"bz") is None
    (True, True)
    """
    return next((how for mark, how in _SIGNATURES if beginning.startswith(mark)), None)


class _Stream(io.RawIOBase):
    """A stream that is read in one direction, and sought in by reading."""

    def __init__(self) -> None:
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at


class Stretch(_Stream):
    """Some bytes of another stream. Args: ``size``: how many; None for all that follow."""

    def __init__(self, stream: BinaryIO, start: int, size: int | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._read = getattr(stream, "read1", stream.read)  # all that comes before damage
        self._start = start
        self._size = size

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        wanted = len(view)
        if self._size is not None:
            wanted = min(wanted, self._size - self._at)
            if wanted <= 0:
                return 0
        self._stream.seek(self._start + self._at)
        found = self._read(wanted)
        if not found and self._size is not None:
            raise SourceError(CUT_SHORT)
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            end = self._size
            if end is None:
                end = self._stream.seek(0, os.SEEK_END) - self._start
            offset += end
        self._at = offset
        return offset


class Unpacked(_Stream):
    """What some packed bytes unpack to.

    Args:
        packed: the packed bytes, at their beginning.
        how: makes a decompressor.
        bounds: what is told how much came out.
        crc: the checksum of all that comes out, where the decompressor does not look at one.
        is_one: whether nothing but one packed stream is there; else others may follow it.
        marks_end: whether the packed stream says where it ends; else it does so with the bytes.
    """

    def __init__(
        self,
        packed: BinaryIO | Stretch,
        how: Callable[[], Decompressor],
        bounds: Bounds,
        crc: int | None = None,
        *,
        is_one: bool = False,
        marks_end: bool = True,
    ) -> None:
        super().__init__()
        self._packed = packed
        self._start = packed.tell()
        self._how = how
        self._bounds = bounds
        self._expected = crc
        self._is_one = is_one
        self._marks_end = marks_end
        self._rewind()

    def _rewind(self) -> None:
        self._at = 0
        self._packed_read = 0
        self._crc = 0
        self._decompressor = self._how()
        self._unused = b""
        self._is_over = False

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        started = time.monotonic()
        try:
            found = self._next(min(len(view), _CHUNK))
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise SourceError(
                f"damaged behind byte {self._at:,} of what is packed ({error})"
            ) from None
        self._at += len(found)
        self._bounds.add_bytes(len(found), time.monotonic() - started)
        self._bounds.check_ratio(self._at, self._packed_read)
        view[: len(found)] = found
        return len(found)

    def _next(self, most: int) -> bytes:
        """The next bytes, none at the end."""
        found = b""
        while not found and not self._is_over:
            if self._decompressor.eof:
                self._next_stream()
            elif self._decompressor.needs_input:
                data = self._unused or self._packed_bytes(min(most, _PIECE))
                self._unused = b""
                if data:
                    found = self._decompressor.decompress(data, most)
                elif not self._marks_end:
                    self._is_over = True
                else:
                    raise SourceError(CUT_SHORT)
            else:
                found = self._decompressor.decompress(b"", most)
        if self._expected is not None:
            self._crc = zlib.crc32(found, self._crc)
            if self._is_over and self._crc != self._expected:
                raise SourceError("damaged: its checksum is wrong")
        return found

    def _next_stream(self) -> None:
        """gzip, bzip2 and xz files may be put one behind the other, with zeros between them."""
        rest = self._decompressor.unused_data
        while not self._is_one and not rest.lstrip(b"\0"):
            rest = self._packed_bytes(_CHUNK)
            if not rest:
                break
        self._unused = rest.lstrip(b"\0")
        self._is_over = self._is_one or not self._unused
        if not self._is_over:
            self._decompressor = self._how()

    def _packed_bytes(self, most: int) -> bytes:
        found = self._packed.read(most) or b""
        self._packed_read += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            while self.read(_CHUNK):
                pass
            offset += self._at
        if offset < self._at:
            self._packed.seek(self._start)
            self._rewind()
        while self._at < offset and self.read(min(_CHUNK, offset - self._at)):
            pass
        return self._at


def buffered(stream: Stretch | Unpacked) -> BinaryIO:
    """A stream as files are; to go back a little costs nothing."""
    return io.BufferedReader(stream, _CHUNK)


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """A copy in which going back costs nothing, on the disk if it is large; gone at the end."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        while part := stream.read(_CHUNK):
            copy.write(part)
        copy.seek(0)
        yield copy  # type: ignore[misc]
