"""Web archives (WARC, ISO 28500), plain or packed record by record: the pages that were fetched.

Each answer with a page, a PDF file or plain text is a document of its own, with the address that it
was fetched from. Other records (images, redirects, pages not found, what was fetched before) are
left aside and counted. Where a record is broken, reading goes on at the next one.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from vnjournal.articles.documents import Document, Problem, needing, reporting, too_large
from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_READ = frozenset(("text/html", "application/xhtml+xml", "application/pdf", "text/plain"))
#: How a record begins, packed or plain; in a plain file, what looks packed is a body.
_PACKED = re.compile(rb"\x1f\x8b\x08[\x00\x04\x08]")
_PLAIN = re.compile(rb"(?:\A|\n)WARC/\d\.\d\r?\n")
_GZIP = b"\x1f\x8b"
_CHUNK = re.compile(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_HEADERS = 65_536  # bytes that the head of an answer may have besides its body
_MOST_BROKEN = 1_000  # records, before a file is given up
_WINDOW = 1 << 20


def read(document: Document) -> Iterator[Document]:
    """The documents in a web archive. Raises SourceError for a file that is none."""
    left_aside: Counter[str] = Counter()
    for record in _records(document):
        url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
        kind = _left_aside(record, url)
        if kind:
            left_aside[kind] += 1
            continue
        source = f"{document.source}!/{url}"
        with reporting(source, document.report):
            raw = _body(record, document.max_size)
            yield replace(
                document,
                id=url,
                source=source,
                stream=io.BytesIO(raw),
                url=url,
                media_type=_media_type(record),
                charset=record.http_charset or "",
                depth=document.depth + 1,
            )
    if left_aside:
        counts = ", ".join(f"{number} {kind}" for kind, number in left_aside.most_common())
        document.report(Problem(document.source, f"records without a text: {counts}", True))


def _media_type(record: WarcRecord) -> str:
    if record.is_http:
        return (record.http_content_type or "").strip().lower()
    return (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def _left_aside(record: WarcRecord, url: str) -> str:
    """What a record is that is no document; empty for one that is, or is a broken one."""
    from fastwarc.warc import WarcRecordType

    if record.record_type not in (WarcRecordType.response, WarcRecordType.resource):
        return str(record.record_type).rpartition(".")[2]
    if not url:
        return "without an address"
    status, media_type = _status(record), _media_type(record)
    if record.record_type == WarcRecordType.response and status is None:
        return ""
    if status not in (200, None):
        return f"with status {status}"
    if url.endswith("/robots.txt"):
        return "robots.txt"
    return "" if media_type in _READ else media_type or "without a media type"


def _status(record: WarcRecord) -> int | None:
    return record.http_headers.status_code if record.http_headers is not None else None


def _body(record: WarcRecord, max_size: int) -> bytes:
    """The body of an answer, unpacked. Raises SourceError where it is too large or broken.

    Many a crawler unpacks bodies and leaves the header that says that they are packed: what does
    not look packed is taken as it is.
    """
    from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader
    from fastwarc.warc import WarcRecordType

    if (record.content_length or 0) > max_size + _HEADERS:
        raise too_large(max_size)
    if record.record_type == WarcRecordType.response and _status(record) is None:
        raise SourceError("its answer is broken")
    try:
        raw = record.reader.read(max_size + _HEADERS)
        if len(raw) < min(record.content_length or 0, max_size + _HEADERS):
            raise SourceError(f"cut off: {len(raw):,} bytes of {record.content_length:,}")
        headers = {} if record.http_headers is None else record.http_headers
        if "chunked" in (headers.get("Transfer-Encoding") or "") and _CHUNK.match(raw):
            raw = ChunkedReader(io.BytesIO(raw)).read(max_size + 1)
        if raw.startswith(_GZIP):
            raw = GzipReader(io.BytesIO(raw)).read(max_size + 1)
        elif "br" in (headers.get("Content-Encoding") or ""):
            with suppress(OSError):
                raw = BrotliReader(io.BytesIO(raw)).read(max_size + 1)
    except OSError as error:
        raise SourceError(f"its body is broken ({error})") from None
    if len(raw) > max_size:
        raise too_large(max_size)
    return raw


def _records(document: Document) -> Iterator[WarcRecord]:
    """Every record that can be read; broken ones are reported and passed over."""
    with needing("html"):
        from fastwarc.warc import ArchiveIterator, WarcRecordType

    stream = document.stream
    beginning = document.beginning()
    if not beginning:
        raise SourceError("empty file")
    mark = _PACKED if beginning.startswith(_GZIP) else _PLAIN
    if not mark.match(beginning):
        raise SourceError("not a web archive (WARC)")
    start = 0
    was_broken = False
    for _ in range(_MOST_BROKEN):
        stream.seek(start)
        last = start
        is_empty = True
        why = ""
        try:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.any_type):
                last = start + record.stream_pos
                is_empty = False
                yield record
        except OSError as error:
            why = str(error)
        following = _next(stream, last + 1, mark)
        why = why or ("its length is wrong" if following >= 0 else "")
        if why and not (was_broken and is_empty):  # else it was reported
            where = "at" if is_empty else "behind the record at"
            place = f"{document.source}, {where} byte {last}"
            document.report(Problem(place, f"a broken record ({why}): passed over"))
        was_broken = bool(why)
        if following < 0:
            return
        start = following
    raise SourceError(f"more than {_MOST_BROKEN:,} broken records: fetch the file again")


def _next(stream: BinaryIO, at: int, mark: re.Pattern[bytes]) -> int:
    """Where the next record may begin, from a place on; -1 where none does."""
    stream.seek(at)
    window = stream.read(_WINDOW)
    while window:
        if match := mark.search(window):
            return at + match.start() + window[match.start() :].startswith(b"\n")
        at += max(1, len(window) - 16)
        stream.seek(at)
        window = stream.read(_WINDOW) if len(window) == _WINDOW else b""
    return -1
