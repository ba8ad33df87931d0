"""Tables with an article a row: CSV with commas, semicolons or tabs between the cells.

The first row names the columns, in Vietnamese or English (``data/metadata/columns.tsv``); a column
of another name goes to ``extra``. The file is read row by row. What ``vnjournal export --format
csv`` writes comes back as it was: the apostrophe before ``=1+1`` is taken off again.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import cache
from typing import Any, BinaryIO

from vnjournal import resources
from vnjournal.articles import metadata, misread, records
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, reporting, too_large
from vnjournal.errors import SourceError
from vnjournal.language.detect import is_plain

_DELIMITERS = ",;\t|"
_NEEDED = frozenset(("title", "body", "abstract"))
_APOSTROPHE = re.compile(r"'(?='*[=+\-@\t\r\n＝＋－＠])")  # as vnjournal.articles.export puts it
_PUNCTUATION = re.compile(r"[\s_.:*]+")
_SHOWN = 12  # columns in a message
_BLOCK = 1 << 16


def read(document: Document) -> Iterator[Article]:
    """The articles of a table, a row each; a row that is none is reported with its line.

    Raises SourceError for a table without a column of titles or texts, and for one whose quotes
    or encoding are broken: what follows cannot be told apart then.
    """
    with closing(_rows(document)) as rows:
        yield from _articles(rows, document)


def _articles(rows: Iterator[tuple[int, list[str]]], document: Document) -> Iterator[Article]:
    _, heading = next(rows, (0, []))
    if not heading:
        raise SourceError("empty file")
    columns = [_field(name) for name in heading]
    if not _NEEDED.intersection(columns):
        shown = ", ".join(repr(name[:40]) for name in heading[:_SHOWN])
        raise SourceError(
            f"no column of titles or texts among {shown}: name one 'title', 'abstract' or 'body'"
        )
    given: set[str] = set()
    for line, cells in rows:
        if not any(map(str.strip, cells)):
            continue
        with reporting(f"{document.source}, line {line}", document.report):
            if any(map(str.strip, cells[len(heading) :])):
                raise SourceError(f"{len(cells)} cells in a table of {len(heading)} columns")
            yield _article(zip(heading, columns, cells, strict=False), document, line, given)


def _article(
    row: Iterable[tuple[str, str, str]], document: Document, line: int, given: set[str]
) -> Article:
    """A row as an article. ``row``: of each cell the heading, the field that it is, the text."""
    values: dict[str, str] = {}
    extra: dict[str, Any] = {}
    rows = list(row)
    cells, reading = misread.as_meant([cell for _, _, cell in rows])
    for (name, column, _), cell in zip(rows, cells, strict=True):
        cell = _APOSTROPHE.sub("", cell, count=1) if _APOSTROPHE.match(cell) else cell
        if not cell.strip():
            continue
        if column and column not in values:
            values[column] = cell
        else:
            extra[name.strip() or "?"] = cell
    names = values.pop("authors", "")
    if keywords := values.pop("keywords", ""):
        extra["keywords"] = [word for each in re.split("[;,]", keywords) if (word := each.strip())]
    source = values.pop("source", "") or document.source
    default_id = f"{document.id}#{line}"
    made = records.article(values, default_id, source, given, metadata.authors(names), extra)
    return misread.noted(made, reading)


@cache
def _columns() -> dict[str, str]:
    return {_key(name): field for name, field in resources.rows("metadata", "columns.tsv")}


def _field(name: str) -> str:
    """The article's field that a heading names; empty for none."""
    return _columns().get(_key(name), "")


def _key(name: str) -> str:
    return _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", name).lower()).strip()


def _rows(document: Document) -> Generator[tuple[int, list[str]]]:
    """The rows of a table, each with the number of the line on which it begins."""
    with closing(_Lines(document)) as lines:
        yield from _numbered(document, lines)


def _numbered(document: Document, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=_delimiter(lines.beginning))
    while True:
        line = lines.number + 1
        lines.left = document.max_size
        row = _next(reader, line, document.max_size)
        if row is None:
            return
        if lines.at_end:  # a row that ends asks for no line more
            raise SourceError(
                f"line {line}: a quote that is never closed: close it, or leave it out"
            )
        if lines.number == 1 and row and row[0].lower().startswith("sep="):
            continue  # so files for Excel may begin
        if row:
            yield line, row


def _next(reader: Iterator[list[str]], line: int, max_size: int) -> list[str] | None:
    limit = csv.field_size_limit(max_size)  # one for all of Python
    try:
        return next(reader, None)
    except csv.Error as error:
        raise SourceError(f"line {line}: not CSV ({error})") from None
    finally:
        csv.field_size_limit(limit)


def _delimiter(beginning: str) -> str:
    """What parts the cells: that which parts the headings, best into such as are known."""
    if match := re.match(r"sep=(.)[\r\n]", beginning, re.IGNORECASE):
        return match[1]

    def fitting(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader(beginning.splitlines(keepends=True), delimiter=delimiter), [])
        return sum(bool(_field(cell)) for cell in cells), len(cells)

    return max(_DELIMITERS, key=fitting)


class _Lines(Iterator[str]):
    """The lines of a document as text; the row that is read may have ``left`` characters more."""

    def __init__(self, document: Document) -> None:
        self.number = 0
        self.left = self._max_size = document.max_size
        self.at_end = False
        self.beginning = document.beginning().decode("utf-8-sig", "replace")
        if _is_utf8(document.stream) and not _is_misread(self.beginning):
            self._text: io.TextIOBase = io.TextIOWrapper(document.stream, "utf-8-sig", newline="")
        else:
            text = document.text()
            self.beginning = text[: len(self.beginning)]
            self._text = io.StringIO(text, newline="")

    def __next__(self) -> str:
        line = self._text.readline(self.left + 1)
        if not line:
            self.at_end = True
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            raise too_large(self._max_size)
        self.number += 1
        return line

    def close(self) -> None:
        """Leave the document's stream open: it is not ours."""
        if isinstance(self._text, io.TextIOWrapper):
            self._text.detach()


def _is_misread(beginning: str) -> bool:
    """Whether the headings of a table in UTF-8 were read in a wrong encoding before."""
    heading = beginning.partition("\n")[0]
    names = re.split(f"[{_DELIMITERS}]", heading)
    return not is_plain(heading) and _NEEDED.isdisjoint(_field(name.strip('" ')) for name in names)


def _is_utf8(stream: BinaryIO) -> bool:
    """Whether all of it is UTF-8 text; read in blocks, and again from where it stood."""
    at = stream.tell()
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_BLOCK):
            if "\0" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(at)
    return True
