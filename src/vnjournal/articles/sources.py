"""Walking a pile of sources: files and folders in, articles out, nothing fatal."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from itertools import islice
from os import PathLike
from pathlib import Path

from vnjournal.articles import portals
from vnjournal.articles.article import Article
from vnjournal.articles.documents import (
    MAX_SIZE,
    OTHER_KIND,
    Document,
    NotNow,
    Problem,
    Report,
    escaped,
    reporting,
)
from vnjournal.articles.formats import HTML, PACKED, Format, format_of, is_read, of_name
from vnjournal.articles.misread import noted, put_right
from vnjournal.articles.packed.names import is_hidden
from vnjournal.articles.pieces import Piece
from vnjournal.articles.sites import LEAST, NO_SITES, SAMPLE, Sites, Template, sample
from vnjournal.errors import SourceError

_LOOKED_AT = 1000  # members of a packed file among which pages are looked for


def _warn(problem: Problem) -> None:
    if not problem.skipped:
        warnings.warn(str(problem), stacklevel=3)


def read(
    sources: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    max_size: int = MAX_SIZE,
    templates: Iterable[str | PathLike[str]] = (),
    report: Report = _warn,
) -> Iterator[Article]:
    """Read every article in files and folders.

    Folders are walked to the bottom in the order of their names; hidden files and folders, and what
    Word and macOS leave beside files, are left out, links to folders are not followed, links out of
    the folder are refused, and a file with several names is read once.
    :mod:`vnjournal.articles.formats` lists what is read; what is packed in ``.zip``, ``.tar`` and
    the like is read as if it lay there, and a file named outright that is none of these as plain
    text. Old encodings are recognised. Articles without an id get the path below the folder that
    was named; bytes in it that are no text become ``\\xff``.

    Args:
        sources: a path, or several.
        max_size: bytes that one article may have.
        templates: TOML files that say what is special to the pages of a site; see
            :mod:`vnjournal.articles.portals`. They count before those that ship.
        report: called with a :class:`Problem` for whatever cannot be read; by default a warning.

    A bad file or line never stops the others; a bad template raises SourceError.

    >>> from vnjournal import resources
    >>> articles = read(resources.data_folder() / "samples" / "articles")
    >>> len(list(articles)) >= 30
    True
    """
    if isinstance(sources, str | PathLike):
        sources = [sources]
    own = tuple(map(portals.load, templates))
    for source in map(Path, sources):
        sites = sites_in(source, max_size)
        for file, id in files(source, report):
            with (
                reporting(readable(file), report),
                opened(file, id, report, max_size, sites, own) as document,
            ):
                yield from articles(document)


def articles(document: Document) -> Iterator[Article]:
    """Every article in a document and in the files that are packed in it.

    How it was read stands in its ``extra``: ``format``, ``encoding`` and ``notes``. What cannot be
    read is reported. Raises SourceError for the whole document.
    """
    for part in parts(document):
        if isinstance(part, Article):
            yield part
        elif part is document:
            yield from whole(part)
        else:
            with reporting(part.source, part.report):
                yield from whole(part)


def parts(document: Document) -> Iterator[Article | Document]:
    """The articles of a document that is read bit by bit, and the documents in it that are not.

    It may be one of these itself; :func:`whole` reads them. What cannot be read is reported, or
    raised, as by :func:`articles`.
    """
    format = format_of(document)
    if format.is_whole:
        yield document
        return
    if format in PACKED and not document.depth:
        sites = HTML.sites(_packed_pages(document, format))
        document.stream.seek(0)
        document = replace(document, sites=lambda: sites)
    for found in format.read(document):
        if isinstance(found, Article):
            yield _as_meant(found, document, format)
        else:
            with reporting(found.source, found.report):
                yield from parts(found)


def whole(document: Document) -> Iterator[Article]:
    """The articles of a document that is read at once. Raises SourceError where it cannot be."""
    format = format_of(document)
    for found in format.read(document):
        if isinstance(found, Article):
            yield _as_meant(found, document, format)


def _as_meant(article: Article, document: Document, format: Format) -> Article:
    """The article with its text put right, and with how it was read."""
    for reading in document.readings:
        article = noted(article, reading)
    label = format.name if format.label is None else format.label
    if label:
        article = replace(article, extra={"format": label, **article.extra})
    return put_right(article)


def sites_in(source: Path, max_size: int) -> Callable[[], Sites]:
    """What is furniture on the sites whose pages lie in a source; found out at the first call.

    A sample of the pages is read for it, which hangs on nothing but their names: so a pile gives
    the same articles when reading it is cut and begun again.
    """

    @cache
    def sites() -> Sites:
        pages = ((id, (file, id)) for file, id in files(source, _ignore) if of_name(id) is HTML)
        some = list(sample(pages))
        return HTML.sites(_each_opened(some, max_size)) if len(some) >= LEAST else NO_SITES

    return sites


def _each_opened(some: Iterable[tuple[Path, str]], max_size: int) -> Iterator[Document]:
    for file, id in some:
        with suppress(SourceError), opened(file, id, _ignore, max_size) as document:
            yield document


def _packed_pages(document: Document, format: Format) -> Iterator[Document]:
    """The first of the pages that are packed in a document."""
    left = SAMPLE
    with suppress(SourceError):
        for found in islice(format.read(replace(document, report=_ignore)), _LOOKED_AT):
            if isinstance(found, Document) and format_of(found) is HTML:
                yield found
                left -= 1
            if not left:
                return


def _ignore(problem: Problem) -> None:
    """What is wrong is said when the file is read."""


@contextmanager
def opened(
    file: Path,
    id: str,
    report: Report,
    max_size: int = MAX_SIZE,
    sites: Callable[[], Sites] = Sites,
    templates: tuple[Template, ...] = (),
) -> Iterator[Document]:
    """A file as a document. Raises SourceError where it cannot be opened, or read in the block."""
    try:
        if not file.is_file():
            is_there = file.exists() or file.is_symlink()
            kind = "the link leads nowhere" if file.is_symlink() else "not a regular file"
            raise SourceError(kind) if is_there else NotNow("it has just gone: run it again")
        with file.open("rb") as stream:
            yield Document(
                *(id, readable(file), stream, report, max_size), sites=sites, templates=templates
            )
    except OSError as error:
        raise NotNow(_failure(error)) from error


def pieces(file: Path, id: str, report: Report, max_size: int = MAX_SIZE) -> Iterator[Piece]:
    """A file piece by piece, as it lies there.

    A line that cannot be read is reported. Raises SourceError for the whole file; what came before
    is then no complete file.
    """
    with opened(file, id, report, max_size) as document:
        found = format_of(document).pieces(document)
        if found is None:
            raise SourceError("only plain text and JSON Lines are written: index it")
        yield from found


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(readable(path), _failure(error))


def _failure(error: OSError) -> str:
    return f"cannot be read ({error.strerror or error})"


def readable(path: Path) -> str:
    """A path as text on one line: bytes that are not UTF-8 and control characters as escapes."""
    text = os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
    return escaped(text)


def files(source: Path, report: Report) -> Iterator[tuple[Path, str]]:
    """Each file of a source that may hold articles, with its path below the folder named."""
    try:
        is_folder = source.is_dir()
        is_there = source.exists() or source.is_symlink()
    except OSError as error:
        report(_unreadable(source, error))
        return
    if is_folder:
        yield from _below(source, report)
    elif is_there:
        yield source, id_of(source, source)
    else:
        report(Problem(readable(source), "no such file or folder: check the path"))


def id_of(path: Path, named: Path) -> str:
    """A file's path below what was named; its own name, if it was named itself.

    >>> id_of(Path("pile/2018/a.txt"), Path("pile")), id_of(Path("pile/a.txt"), Path("pile/a.txt"))
    ('2018/a.txt', 'a.txt')
    """
    return readable(path.relative_to(named) if path != named else Path(named.name))


def _below(top: Path, report: Report) -> Iterator[tuple[Path, str]]:
    waiting = [top]
    links = _Links(top)
    while waiting:
        path = waiting.pop()
        try:
            status = path.lstat()  # asked once: walking is most of a run that finds nothing new
            is_link = stat.S_ISLNK(status.st_mode)
            is_folder = path.is_dir() if is_link else stat.S_ISDIR(status.st_mode)
            if is_folder and is_link and path != top:  # it may lead to one above
                reason = "a link to a folder: name it to have it read"
                report(Problem(readable(path), reason, skipped=True))
            elif is_folder:
                entries = [entry for entry in path.iterdir() if not is_hidden(entry.name)]
                waiting += sorted(entries, reverse=True)
            elif not is_read(path.name):
                report(Problem(readable(path), OTHER_KIND, skipped=True))
            elif is_link and links.leads_out(path):
                report(Problem(readable(path), "a link out of the folder: name its target"))
            elif other := links.other_name(path, status):
                report(Problem(readable(path), f"the same file as {readable(other)}", skipped=True))
            else:
                yield path, id_of(path, top)
        except OSError as error:
            report(_unreadable(path, error))


class _Links:
    """Tells which files below a folder are links, symbolic or hard, to what is read elsewhere.

    A file is read once: under its own name where that is met too, else under its first.
    """

    def __init__(self, top: Path) -> None:
        self._top = _target(top)
        self._named = top
        self._first: dict[tuple[int, int], Path] = {}

    def leads_out(self, path: Path) -> bool:
        """Whether a link leads to a file that lies outside the folder."""
        return path.exists() and self._top not in _target(path).parents

    def other_name(self, path: Path, status: os.stat_result) -> Path | None:
        """The name under which the file is read, or was; None where that is this one.

        Args: ``status``: of the link, where it is one.
        """
        if stat.S_ISLNK(status.st_mode):
            if not path.exists():
                return None
            target = _target(path).relative_to(self._top)
            if is_read(target.name) and not is_hidden(target.as_posix()):
                return self._named / target
            status = path.stat()
        elif status.st_nlink == 1:
            return None
        first = self._first.setdefault((status.st_dev, status.st_ino), path)
        return None if first == path else first


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))
