"""JSON Lines: one article a line, with the fields of :class:`Article` as keys."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from vnjournal.articles.article import Article
from vnjournal.errors import SourceError

_DEEPEST = 50  # tables and lists within one another; an article needs three


def parse(line: str, default_id: str, source: str = "") -> Article:
    """Read one line as an article.

    ``text`` or ``content`` is taken for ``body``, ``author`` for ``authors``, and ``date`` for
    ``published`` where the proper field is missing. Without an ``id`` the ``url`` serves, else
    ``default_id``. Raises SourceError for a line that is no JSON object or no article.

    >>> parse('{"title": "Đầu đề", "text": "Nội dung.", "author": "An"}', "x#1").authors
    (Author(name='An', role='', place=''),)
    """
    try:
        values = json.loads(
            line, object_pairs_hook=_table, parse_float=_number, parse_constant=_number
        )
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
        ("text", "body"),
        ("content", "body"),
        ("author", "authors"),
        ("date", "published"),
    ):
        if other in values and not values.get(proper):
            values[proper] = values.pop(other)
    if values.get("id") in (None, ""):
        values["id"] = values.get("url") or default_id
    article = Article.from_dict(values)
    return replace(article, source=article.source or source)


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
