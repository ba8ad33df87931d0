"""Many files read, with the work shared among processes.

Documents that are read at once go to them: files by their paths, what was packed in others by its
bytes. Documents of any size are read here, bit by bit.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from vnjournal.articles import sources
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, Problem, Report, reporting
from vnjournal.articles.formats import HTML, format_of
from vnjournal.articles.packed.bounds import Bounds
from vnjournal.articles.sites import NO_SITES, Sites
from vnjournal.workers import Pool

_TOGETHER = 1_000_000  # bytes that a process is given at a time
_MOST_TOGETHER = 100  # documents

_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is to be read. Args: ``sites``: see :func:`sources.sites_in`."""

    path: Path
    id: str
    sites: Callable[[], Sites]


@dataclass(frozen=True, slots=True)
class _Unread:
    """A document on its way to another process.

    ``raw``: None for a file, which lies at ``path``. For the rest see :class:`Document`.
    """

    path: Path
    id: str
    source: str
    max_size: int
    raw: bytes | None = None
    url: str = ""
    media_type: str = ""
    charset: str = ""
    depth: int = 0
    bounds: Bounds | None = None
    sites: Sites = NO_SITES

    def opened(self, report: Report) -> AbstractContextManager[Document]:
        if self.raw is None:
            return sources.opened(self.path, self.id, report, self.max_size, lambda: self.sites)
        return nullcontext(
            Document(
                *(self.id, self.source, io.BytesIO(self.raw), report, self.max_size),
                *(self.url, self.media_type, self.charset, self.depth, self.bounds),
                lambda: self.sites,
            )
        )


def read_files(
    files: Iterable[tuple[_Kept, File]], pool: Pool, max_size: int
) -> Generator[tuple[_Kept, Article | Problem | None]]:
    """Read files, each with something that is kept here.

    Gives, in order, what was kept with everything that the file holds or that is wrong with it, and
    at its end with None. :func:`vnjournal.articles.sources.read` finds the same.
    """
    chunks = (
        (chunk, [part for _, part in chunk if isinstance(part, _Unread)])
        for chunk in _chunks(files, max_size)
    )
    for chunk, answers in pool.in_order(_read, chunks):
        answer = iter(answers)
        for kept, part in chunk:
            if isinstance(part, _Unread):
                yield from ((kept, found) for found in next(answer))
            else:
                yield kept, part


_Part = Article | Problem | _Unread | None


def _chunks(
    files: Iterable[tuple[_Kept, File]], max_size: int
) -> Iterator[list[tuple[_Kept, _Part]]]:
    chunk: list[tuple[_Kept, _Part]] = []
    total = 0
    for kept, file in files:
        for size, part in _parts(file, max_size):
            chunk.append((kept, part))
            total += size
            if total >= _TOGETHER or len(chunk) >= _MOST_TOGETHER:
                yield chunk
                chunk, total = [], 0
    yield chunk


def _parts(file: File, max_size: int) -> Iterator[tuple[int, _Part]]:
    """What a file holds as far as it is read here, each with its size, and None at its end."""
    problems: list[Problem] = []
    report = problems.append
    with (
        reporting(sources.readable(file.path), report),
        sources.opened(file.path, file.id, report, max_size, file.sites) as document,
    ):
        for part in sources.parts(document):
            while problems:
                yield 0, problems.pop(0)
            if isinstance(part, Article):
                yield len(part.body), part
            elif part is document:
                size = os.fstat(document.stream.fileno()).st_size
                unread = _Unread(file.path, file.id, document.source, max_size)
                yield size, replace(unread, sites=_sites_of(document))
            else:
                with reporting(part.source, report):
                    unread = _packed(file.path, part)
                    yield len(unread.raw or b""), unread
    yield from ((0, problem) for problem in problems)
    yield 0, None


def _packed(path: Path, document: Document) -> _Unread:
    return _Unread(
        *(path, document.id, document.source, document.max_size, document.raw()),
        *(document.url, document.media_type, document.charset, document.depth, document.bounds),
        _sites_of(document),
    )


def _sites_of(document: Document) -> Sites:
    """What a page's reader is to know of sites."""
    return document.sites() if format_of(document) is HTML else NO_SITES


def _read(documents: list[_Unread]) -> list[list[Article | Problem]]:
    """What each of some documents holds."""
    return [_whole(document) for document in documents]


def _whole(unread: _Unread) -> list[Article | Problem]:
    found: list[Article | Problem] = []
    with reporting(unread.source, found.append), unread.opened(found.append) as document:
        for article in sources.whole(document):
            found.append(article)  # what is wrong comes between them
    return found
