"""RIS, as reference managers and publishers export it: a record an article, a line a field.

A line is two letters, two blanks, a hyphen and the text; what begins otherwise goes on with the
line before. ``TY`` begins a record, ``ER`` ends it. Read here line by line: rispy 0.10 loses a
record without ``ER`` and says nothing. What ``vnjournal export --format ris`` writes comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from vnjournal.articles import metadata, records
from vnjournal.articles.article import Article, Author
from vnjournal.articles.documents import Document, Problem, reporting
from vnjournal.errors import SourceError

_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}- ?(.*)")
#: Fields and the tags that may hold them, the better one first.
_TAGS = {
    "title": ("TI", "T1", "CT", "ST"),
    "journal": ("T2", "JF", "JO", "JA", "J2"),
    "volume": ("VL",),
    "issue": ("IS",),
    "issn": ("SN",),
    "doi": ("DO",),
    "url": ("UR", "LK", "L2"),
    "lang": ("LA",),
    "abstract": ("AB", "N2"),
}
_AUTHORS = ("AU", "A1")
_READ = frozenset(
    chain("TY ER ID SP EP PY Y1 DA KW".split(), _AUTHORS, chain.from_iterable(_TAGS.values()))
)
#: The tags as vnjournal.articles.references writes them: there the one keyword is the section.
_OUR_ORDER = "TY ID AU TI T2 VL IS SP EP PY DA SN DO UR LA KW".split()

_Fields = dict[str, list[str]]


def read(document: Document) -> Iterator[Article]:
    """The articles of a document, a record each; a record that is none is reported.

    A record without ``ER`` is reported and read as far as it goes. Raises SourceError for a
    document without any record.
    """
    number = 0
    given: set[str] = set()
    for number, (fields, is_whole) in enumerate(_records(document.text()), start=1):
        source = f"{document.source}, entry {number}"
        with reporting(source, document.report):
            yield _article(fields, f"{document.id}#{number}", document.source, given)
        if not is_whole:
            document.report(Problem(source, "a record without its last line, 'ER  - '"))
    if not number:
        raise SourceError("no RIS record: one begins with the line 'TY  - JOUR'")


def _records(text: str) -> Iterator[tuple[_Fields, bool]]:
    """The fields of each record, and whether it has an end."""
    fields: dict[str, list[list[str]]] = {}  # of each value its lines
    tag = ""
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match and match[1] == "TY":
            if fields:
                yield _joined(fields), False
            fields = {"TY": [[match[2]]]}
        elif match and match[1] == "ER" and fields:
            yield _joined(fields), True
            fields = {}
        elif match and fields:
            fields.setdefault(match[1], []).append([match[2]])
        elif fields and line.strip():
            fields[tag][-1].append(line)
        tag = match[1] if match else tag
    if fields:
        yield _joined(fields), False


def _joined(fields: dict[str, list[list[str]]]) -> _Fields:
    return {
        tag: [text for lines in values if (text := " ".join(" ".join(lines).split()))]
        for tag, values in fields.items()
    }


def _article(fields: _Fields, default_id: str, source: str, given: set[str]) -> Article:
    values = {name: _first(fields, *tags) for name, tags in _TAGS.items()}
    first, last = _first(fields, "SP"), _first(fields, "EP")
    ends_there = first.endswith(last)  # "45-52" and "52": some have all pages in the first
    values["pages"] = (first if ends_there else f"{first}-{last}") if first else last
    values["published"] = _date(_first(fields, "DA"), _first(fields, "PY", "Y1"))
    names = [name for tag in _AUTHORS for name in fields.get(tag, ())]
    extra: dict[str, Any] = {}
    if key := _first(fields, "ID"):
        extra["citation_key"] = key
    if keywords := fields.get("KW"):
        if len(keywords) == 1 and list(fields) == [tag for tag in _OUR_ORDER if tag in fields]:
            values["section"] = keywords[0]
        else:
            extra["keywords"] = keywords
    extra |= {tag: "; ".join(texts) for tag, texts in fields.items() if tag not in _READ and texts}
    authors = [Author(turned) for name in names if (turned := metadata.turned_name(name))]
    return records.article(values, default_id, source, given, authors, extra)


def _first(fields: _Fields, *tags: str) -> str:
    return next((text for tag in tags for text in fields.get(tag, ())), "")


def _date(date: str, year: str) -> str:
    """``DA`` where it goes with ``PY``; it may lack the year (``Apr 12``)."""
    known = metadata.date(year)
    for written in (date, f"{date} {known[:4]}"):
        found = metadata.date(written) if date else ""
        if found[:4] == known[:4] or (found and not known):
            return max(found, known, key=len)
    return known or year or date
