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
from functools import partial
from pathlib import Path
from typing import TypeVar

from vnjournal.articles import sources
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, Problem, reporting
from vnjournal.articles.formats import HTML, format_of
from vnjournal.articles.sites import NO_SITES, Sites, Template
from vnjournal.workers import Pool

_TOGETHER = 1_000_000  # bytes that a process is given at a time
_MOST_TOGETHER = 100  # documents

_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is to be read.

    Args: ``sites``: see :func:`sources.sites_in`; ``templates``: of portals; ``at``: called with
    how many of its bytes have been read, where it is read bit by bit.
    """

    path: Path
    id: str
    sites: Callable[[], Sites]
    templates: tuple[Template, ...]
    at: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """A file on its way to another process, which opens it."""

    path: Path
    id: str
    max_size: int
    sites: Sites
    templates: tuple[Template, ...]


#: What another process is to read: a file, or a document that was packed in one, with its bytes.
_Unread = _OnDisk | Document


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
        sources.opened(
            *(file.path, file.id, report, max_size), file.sites, file.templates
        ) as document,
    ):
        for part in sources.parts(document):
            file.at(document.stream.tell())
            while problems:
                yield 0, problems.pop(0)
            if isinstance(part, Article):
                yield len(part.body), part
            elif part is document:
                size = os.fstat(document.stream.fileno()).st_size
                sites = _sites_of(document)
                yield size, _OnDisk(file.path, file.id, max_size, sites, file.templates)
            else:
                with reporting(part.source, report):
                    raw = part.raw()
                    yield len(raw), _carried(part, raw)
    yield from ((0, problem) for problem in problems)
    yield 0, None


def _carried(document: Document, raw: bytes) -> Document:
    """A document that can go to another process, where it is given whom to report to."""
    sites = partial(Sites, _sites_of(document).repeated)
    return replace(document, stream=io.BytesIO(raw), report=_nobody, sites=sites)


def _nobody(problem: Problem) -> None:
    raise AssertionError(f"nobody is told that {problem}")


def _sites_of(document: Document) -> Sites:
    """What a page's reader is to know of sites."""
    return document.sites() if format_of(document) is HTML else NO_SITES


def _read(documents: list[_Unread]) -> list[list[Article | Problem]]:
    """What each of some documents holds."""
    return [_whole(document) for document in documents]


def _whole(unread: _Unread) -> list[Article | Problem]:
    found: list[Article | Problem] = []
    report = found.append
    opened: AbstractContextManager[Document]
    if isinstance(unread, _OnDisk):
        source, sites = sources.readable(unread.path), unread.sites
        where = unread.path, unread.id
        opened = sources.opened(*where, report, unread.max_size, lambda: sites, unread.templates)
    else:
        source, opened = unread.source, nullcontext(replace(unread, report=report))
    with reporting(source, report), opened as document:
        for article in sources.whole(document):
            found.append(article)  # what is wrong comes between them
    return found
