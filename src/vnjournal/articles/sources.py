"""Walking a pile of sources: files and folders in, articles out, nothing fatal."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from vnjournal.articles import json_lines, plain_text
from vnjournal.articles.article import Article
from vnjournal.errors import SourceError

#: An article, or the file that holds it, may have this many bytes unless told otherwise.
MAX_SIZE = 20_000_000

_JSON_LINES = frozenset((".jsonl", ".ndjson"))
_PLAIN_TEXT = frozenset((".txt", ".text"))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read. ``skipped``: a file of another kind, left aside on purpose."""

    path: str
    reason: str
    skipped: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Report = Callable[[Problem], None]


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
    get the path below the folder that was named.

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
        for file, id in _files(Path(source), report):
            try:
                yield from _articles(file, id, max_size, report)
            except SourceError as error:
                report(Problem(str(file), str(error)))
            except OSError as error:
                report(Problem(str(file), f"cannot be read ({error.strerror or error})"))


def _files(source: Path, report: Report) -> Iterator[tuple[Path, str]]:
    try:
        if source.is_dir():
            yield from _below(source, source, report)
        elif source.exists() or source.is_symlink():
            yield source, source.name
        else:
            report(Problem(str(source), "no such file or folder: check the path"))
    except OSError as error:
        report(Problem(str(source), f"cannot be read ({error.strerror or error})"))


def _below(folder: Path, top: Path, report: Report) -> Iterator[tuple[Path, str]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        report(Problem(str(folder), f"cannot be opened ({error.strerror or error})"))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink():  # a link to a folder above would never end
                yield from _below(entry, top, report)
        elif entry.suffix.lower() in _PLAIN_TEXT | _JSON_LINES:
            yield entry, entry.relative_to(top).as_posix()
        else:
            report(Problem(str(entry), "no format that is read here", skipped=True))


def _articles(file: Path, id: str, max_size: int, report: Report) -> Iterator[Article]:
    if not file.exists():
        raise SourceError("the link leads nowhere")
    if not file.is_file():
        raise SourceError("not a regular file")
    with file.open("rb") as stream:
        if file.suffix.lower() in _JSON_LINES:
            yield from _json_lines(stream, file, id, max_size, report)
        else:
            raw = stream.read(max_size + 1)
            yield plain_text.parse(_decoded(raw, max_size), id, str(file))


def _json_lines(
    stream: BinaryIO, file: Path, id: str, max_size: int, report: Report
) -> Iterator[Article]:
    number = 0
    while raw := stream.readline(max_size + 1):
        number += 1
        place = f"{file}, line {number}"
        try:
            if len(raw) > max_size:
                while raw and not raw.endswith(b"\n"):  # pass the rest of the line over
                    raw = stream.readline(max_size)
                raise _too_large(max_size)
            if raw.strip():
                yield json_lines.parse(_decoded(raw, max_size), f"{id}#{number}", str(file))
        except SourceError as error:
            report(Problem(place, str(error)))
    if not number:
        raise SourceError("empty file")


def _decoded(raw: bytes, max_size: int) -> str:
    if len(raw) > max_size:
        raise _too_large(max_size)
    if not raw.strip():
        raise SourceError("empty file")
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
    return SourceError(f"larger than {max_size:,} bytes: raise --max-size to read it")
