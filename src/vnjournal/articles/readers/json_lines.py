"""JSON Lines: one article a line, with the fields of :class:`Article` as keys."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, Problem, too_large
from vnjournal.articles.pieces import Edits, Piece, decoded_utf8
from vnjournal.errors import SourceError
from vnjournal.text.spans import Change, EditedText

_DEEPEST = 50  # tables and lists within one another; an article needs three
_BODY = ("body", "text", "content")  # keys of the body; of several, the first that is not empty
_BLANKS = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(  # as a string of JSON has it; one beyond U+FFFF may be written as two
    r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|."
)


def read(document: Document) -> Iterator[Article]:
    """The articles of a document, a line each; a line that is none is reported."""
    return (piece.article for piece in pieces(document) if piece.article is not None)


def pieces(document: Document) -> Iterator[Piece]:
    """The document line by line; one that is no article is reported.

    Raises SourceError for a document that holds no line, or is no text.
    """
    stream, max_size = document.stream, document.max_size
    if b"\0" in document.beginning():
        raise SourceError("binary file, or not UTF-8 text")
    number = 0
    is_empty = True
    while raw := stream.readline(max_size + 2):  # the line's end does not count
        number += 1
        article = None
        is_large = len(raw.rstrip(b"\r\n")) > max_size
        while is_large and raw and not raw.endswith(b"\n"):  # pass the rest of the line over
            yield Piece(raw, None, edited)
            raw = stream.readline(max_size)
        try:
            if is_large:
                raise too_large(max_size)
            if raw.strip():
                is_empty = False
                article = parse(decoded_utf8(raw), f"{document.id}#{number}", document.source)
        except SourceError as error:
            is_empty = False
            document.report(Problem(f"{document.source}, line {number}", str(error)))
        yield Piece(raw, article, edited)
    if is_empty:
        raise SourceError("empty file")


def parse(line: str, default_id: str, source: str = "") -> Article:
    """Read one line as an article.

    ``text`` or ``content`` is taken for ``body``, ``author`` for ``authors``, and ``date`` for
    ``published`` where the proper field is missing. Without an ``id`` the ``url`` serves, else
    ``default_id``. Raises SourceError for a line that is no JSON object or no article.

    >>> parse('{"title": "Đầu đề", "text": "Nội dung.", "author": "An"}', "x#1").authors
    (Author(name='An', role='', place=''),)
    """
    try:
        values = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise SourceError("nested too deeply for an article") from None
    except ValueError:  # Python's limit of digits
        raise SourceError("not JSON (a number with too many digits)") from None
    if not isinstance(values, dict):
        raise SourceError("not a JSON object")
    if _is_deep(values, _DEEPEST):
        raise SourceError("nested too deeply for an article")
    if "\\ud" in line.lower():
        _refuse_half_characters(values)
    for other, proper in (
        *((name, "body") for name in _BODY[1:]),
        ("author", "authors"),
        ("date", "published"),
    ):
        if other in values and not values.get(proper):
            values[proper] = values.pop(other)
    if values.get("id") in (None, ""):
        values["id"] = values.get("url") or default_id
    if values.get("source") in (None, ""):
        values["source"] = source
    return Article.from_dict(values)


def edited(line: str, edits: Edits) -> str:
    r"""The line with edits of title and body put in; every other character of it stays.

    Args: ``line``: what :func:`parse` was given; ``edits``: by field, placed in that field's text.

    >>> line = '{"text" :"s\\u1edf,theo", "n": 1.0}'
    >>> edited(line, {"body": [Change(0, 7, "sở, theo")]})
    '{"text" :"s\\u1edf, theo", "n": 1.0}'
    """
    values = _values(line)
    changes: list[Change] = []
    for name, found in edits.items():
        keys = _BODY if name == "body" else (name,)
        start, end = next(values[key][1:] for key in keys if key in values and values[key][0])
        string = line[start + 1 : end - 1]
        wanted = {place for edit in found for place in (edit.start, edit.end)}
        characters = enumerate(_CHARACTER.finditer(string))
        places = {n: start + 1 + match.start() for n, match in characters if n in wanted}
        for edit in found:
            after = json.dumps(edit.after, ensure_ascii=line.isascii())[1:-1]
            changes.append(Change(places[edit.start], places.get(edit.end, end - 1), after))
    return EditedText(line, changes).text


def _values(line: str) -> dict[str, tuple[Any, int, int]]:
    """The values of a line that is a JSON object, by key, each with its place in the line."""
    decoder = json.JSONDecoder()
    found: dict[str, tuple[Any, int, int]] = {}
    at = _behind_blanks(line, line.index("{") + 1)
    while line[at] != "}":
        key, at = decoder.raw_decode(line, at)
        start = _behind_blanks(line, _behind_blanks(line, at) + 1)
        value, end = decoder.raw_decode(line, start)
        found[key] = (value, start, end)
        at = _behind_blanks(line, end)
        at = _behind_blanks(line, at + (line[at] == ","))
    return found


def _behind_blanks(line: str, at: int) -> int:
    match = _BLANKS.match(line, at)
    return match.end() if match else at


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise SourceError(f"the key {key!r} stands there twice: leave one of them")
        values[key] = value
    return values


def _number(written: str) -> float:
    value = float(written)
    if not math.isfinite(value):
        raise SourceError(f"not JSON ({written} is no number)")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_table, parse_float=_number, parse_constant=_number)


def _is_deep(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(_is_deep(each, levels - 1) for each in inner)


def _refuse_half_characters(values: dict[str, Any]) -> None:
    r"""Half of an emoji, say, as ``\ud83d`` alone: no text can hold it."""
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("unicode_escape").decode()
        raise SourceError(f"{half} is half a character: write both halves, or neither") from None
