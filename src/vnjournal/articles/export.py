"""Articles written for other programs: JSON Lines, CSV, BibTeX, RIS and CSL-JSON.

- JSON Lines has everything, and :func:`vnjournal.read` reads it again. For references see
  :mod:`vnjournal.articles.references`.
- CSV is a table to look at, sort and count in a spreadsheet: a row an article, in RFC 4180's
  quoting and line ends, UTF-8 with the byte order mark by which Excel knows it; authors' names in
  one cell, parted by ``; ``.
- CSV has no body: a cell holds 32,767 characters, and spreadsheets cut what is longer.
- A cell that a spreadsheet would compute, since it begins with ``=``, ``+``, ``-`` or ``@`` (or a
  full-width one), a tab or a line end, has an apostrophe before it: the text of an archive is other
  people's. So has a cell that begins so behind apostrophes: take one away, and it is the text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from vnjournal.articles import drafts
from vnjournal.articles.article import Article
from vnjournal.articles.references import REFERENCES

#: At the beginning of a table: by it Excel knows UTF-8.
BYTE_ORDER_MARK = "\ufeff"
_COLUMNS = (
    *("id", "title", "authors", "journal", "volume", "issue", "pages", "published", "posted"),
    *("section", "issn", "doi", "url", "lang", "source"),
)
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def write(articles: Iterable[Article], format: str, file: str | PathLike[str] | BinaryIO) -> int:
    r"""Write articles in a format, one after the other as they come; returns how many.

    Args:
        articles: any iterable, such as an archive, or ``hit.article`` of a search's hits.
        format: ``jsonl``, ``csv``, ``bibtex``, ``ris`` or ``csl-json``.
        file: a path, where the new file takes its place in one step when all is written; or a file
            that is open for bytes.

    Raises ValueError for another format, WriteError where the path cannot be written to.

    >>> from vnjournal import Article, Author
    >>> article = Article(id="1", body="Toàn văn.", title="Nuôi cá lồng", published="2016-08",
    ...                   authors=(Author("Hoàng Văn Thuật"),), journal="Tạp chí Sông Thao")
    >>> file = io.BytesIO()
    >>> write([article], "bibtex", file)
    1
    >>> print(file.getvalue().decode().strip())
    @article{hoang-van-thuat-2016-nuoi-ca,
      author = {{Hoàng Văn Thuật}},
      title = {{Nuôi cá lồng}},
      journal = {Tạp chí Sông Thao},
      year = {2016},
      month = aug,
      language = {vi},
    }
    """
    if format not in FORMATS:
        raise ValueError(f"{format!r} is no format: name one of {', '.join(FORMATS)}")
    count = 0

    def counted() -> Iterator[Article]:
        nonlocal count
        for article in articles:
            count += 1
            yield article

    parts = (part.encode() for part in FORMATS[format](counted()))
    if isinstance(file, str | PathLike):
        drafts.write(Path(file), parts)
    else:
        file.writelines(parts)
    return count


def _json_lines(articles: Iterable[Article]) -> Iterator[str]:
    for article in articles:
        yield json.dumps(article.to_dict(), ensure_ascii=False) + "\n"


def _csv(articles: Iterable[Article]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + row(_COLUMNS)
    for article in articles:
        yield row(_shown(article, column) for column in _COLUMNS)


def _shown(article: Article, column: str) -> str:
    if column == "title":
        return article.heading
    if column == "authors":
        return "; ".join(author.name for author in article.authors)
    text: str = getattr(article, column)
    return text


def row(cells: Iterable[str]) -> str:
    r"""A line of a table for spreadsheets; see above.

    >>> row(["lúa, ngô", "=1+1"])[:-2]
    '"lúa, ngô",\'=1+1'
    """
    line = io.StringIO(newline="")
    guarded = (f"'{text}" if _FORMULA.match(text) else text for text in cells)
    csv.writer(line).writerow(guarded)
    return line.getvalue()


#: Writers by the format's name; each gives the file piece by piece.
FORMATS: dict[str, Callable[[Iterable[Article]], Iterator[str]]] = {
    "jsonl": _json_lines,
    "csv": _csv,
    **REFERENCES,
}
