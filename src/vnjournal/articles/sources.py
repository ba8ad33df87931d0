"""Walking a pile of sources: files and folders in, articles out, nothing fatal."""

from __future__ import annotations

import codecs
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from os import PathLike
from pathlib import Path

from vnjournal.articles import json_lines, plain_text
from vnjournal.articles.article import Article
from vnjournal.errors import SourceError
from vnjournal.text.spans import EditedText, Replacement

#: An article, or the file that holds it, may have this many bytes unless told otherwise.
MAX_SIZE = 20_000_000

_LOOKED_AT = 4096  # bytes in which a binary file shows itself
_JSON_LINES = frozenset((".jsonl", ".ndjson"))
_PLAIN_TEXT = frozenset((".txt", ".text"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read. ``skipped``: a file of another kind, left aside on purpose."""

    path: str
    reason: str
    skipped: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Report = Callable[[Problem], None]

#: Edits of an article by the name of the field they belong to.
Edits = Mapping[str, Sequence[Replacement]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file as it lies there: an article, or bytes that are none.

    ``layout`` puts edits into the text that the bytes stand for. All pieces of a file together are
    the file.
    """

    raw: bytes
    article: Article | None = None
    layout: Callable[[str, Edits], str] = plain_text.edited

    def edited(self, edits: Edits) -> bytes:
        """The bytes with edits of the article put in; a byte order mark stays."""
        if not edits:
            return self.raw
        mark = codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""
        return mark + self.layout(decoded(self.raw), edits).encode()


def nameless(raw: bytes) -> Piece:
    """What standard input gives: all of it is the body of an article with the id ``-``."""
    return Piece(raw, Article(id="-", body=decoded(raw)), _edited_body)


def _edited_body(text: str, edits: Edits) -> str:
    return EditedText(text, edits.get("body", ())).text


def _warn(problem: Problem) -> None:
    if not problem.skipped:
        warnings.warn(str(problem), stacklevel=3)


def read(
    sources: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    max_size: int = MAX_SIZE,
    report: Report = _warn,
) -> Iterator[Article]:
    """Read every article in files and folders.

    Folders are walked to the bottom in the order of their names; hidden files and folders are left
    out. ``.txt`` is read as plain text in a portal's layout, ``.jsonl`` and ``.ndjson`` as JSON
    Lines; a file named outright is read as plain text whatever its suffix. Articles without an id
    get the path below the folder that was named; bytes in it that are no text become ``\\xff``.

    Args:
        sources: a path, or several.
        max_size: bytes that one article may have.
        report: called with a :class:`Problem` for whatever cannot be read; by default a warning.

    A bad file or line never stops the others.

    >>> from vnjournal import resources
    >>> articles = read(resources.data_folder() / "samples" / "articles")
    >>> len(list(articles)) >= 30
    True
    """
    if isinstance(sources, str | PathLike):
        sources = [sources]
    for source in sources:
        for file, id in files(Path(source), report):
            with reporting(file, report):
                for piece in pieces(file, id, report, max_size):
                    if piece.article is not None:
                        yield piece.article


@contextmanager
def reporting(file: Path, report: Report) -> Iterator[None]:
    """Report what keeps a file from being read, and go on behind the block."""
    try:
        yield
    except SourceError as error:
        report(Problem(_readable(file), str(error)))


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(_readable(path), _failure(error))


def _failure(error: OSError) -> str:
    return f"cannot be read ({error.strerror or error})"


def _readable(path: Path) -> str:
    """A path as text on one line: bytes that are not UTF-8 and control characters as escapes."""
    text = os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


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
        yield source, _readable(Path(source.name))
    else:
        report(Problem(_readable(source), "no such file or folder: check the path"))


def _below(top: Path, report: Report) -> Iterator[tuple[Path, str]]:
    waiting = [top]
    while waiting:
        path = waiting.pop()
        try:
            if not path.is_dir():
                if path.suffix.lower() in _PLAIN_TEXT | _JSON_LINES:
                    yield path, _readable(path.relative_to(top))
                else:
                    report(Problem(_readable(path), "no format that is read here", skipped=True))
            elif path.is_symlink() and path != top:  # it may lead to a folder above
                report(Problem(_readable(path), "a link to a folder: name it", skipped=True))
            else:
                entries = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
                waiting += sorted(entries, reverse=True)
        except OSError as error:
            report(_unreadable(path, error))


def pieces(file: Path, id: str, report: Report, max_size: int = MAX_SIZE) -> Iterator[Piece]:
    """A file piece by piece; see :func:`read`.

    A line that cannot be read is reported. Raises SourceError for the whole file; what came before
    is then no complete file.
    """
    try:
        if not file.exists():
            raise SourceError("the link leads nowhere")
        if not file.is_file():
            raise SourceError("not a regular file")
        source = _readable(file)
        with file.open("rb") as stream:
            if file.suffix.lower() in _JSON_LINES:
                yield from _json_lines(stream, source, id, max_size, report)
            elif os.fstat(stream.fileno()).st_size > max_size:
                raise _too_large(max_size)
            else:
                raw = stream.read()
                yield Piece(raw, plain_text.parse(decoded(raw), id, source))
    except OSError as error:
        raise SourceError(_failure(error)) from error


def _json_lines(
    stream: BufferedReader, source: str, id: str, max_size: int, report: Report
) -> Iterator[Piece]:
    if b"\0" in stream.peek(_LOOKED_AT)[:_LOOKED_AT]:
        raise SourceError("binary file, or not UTF-8 text")
    number = 0
    is_empty = True
    while raw := stream.readline(max_size + 2):  # the line's end does not count
        number += 1
        article = None
        try:
            if len(raw.rstrip(b"\r\n")) > max_size:
                while raw and not raw.endswith(b"\n"):  # pass the rest of the line over
                    yield Piece(raw)
                    raw = stream.readline(max_size)
                raise _too_large(max_size)
            if raw.strip():
                is_empty = False
                article = json_lines.parse(decoded(raw), f"{id}#{number}", source)
        except SourceError as error:
            is_empty = False
            report(Problem(f"{source}, line {number}", str(error)))
        yield Piece(raw, article, json_lines.edited)
    if is_empty:
        raise SourceError("empty file")


def decoded(raw: bytes) -> str:
    """The text of a file. Raises SourceError where it is empty, binary or not UTF-8."""
    if not raw.strip():
        raise SourceError("empty file")
    if raw.startswith(_UTF16_MARKS):
        raise SourceError("UTF-16 text: convert it to UTF-8 first")
    if b"\0" in raw:
        raise SourceError("binary file, not text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8 text (byte {raw[error.start]:#04x} at position {error.start}): "
            "convert it to UTF-8 first"
        ) from None


def _too_large(max_size: int) -> SourceError:
    return SourceError(f"larger than {max_size:,} bytes: index it with a larger --max-size")
