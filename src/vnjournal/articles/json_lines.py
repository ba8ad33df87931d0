"""JSON Lines: one article a line, with the fields of :class:`Article` as keys."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from vnjournal.articles.article import Article
from vnjournal.errors import SourceError


def parse(line: str, default_id: str, source: str = "") -> Article:
    """Read one line as an article.

    ``text`` or ``content`` is taken for ``body``, ``author`` for ``authors``, and ``date`` for
    ``published`` where the proper field is missing. Without an ``id`` the ``url`` serves, else
    ``default_id``. Raises SourceError for a line that is no JSON object or no article.

    >>> parse('{"title": "Đầu đề", "text": "Nội dung.", "author": "An"}', "x#1").authors
    (Author(name='An', role='', place=''),)
    """
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise SourceError("not an article: nested too deeply") from None
    if not isinstance(values, dict):
        raise SourceError("not a JSON object")
    for other, proper in (
        ("text", "body"),
        ("content", "body"),
        ("author", "authors"),
        ("date", "published"),
    ):
        if other in values and not values.get(proper):
            values[proper] = values.pop(other)
    identity: Any = values.get("id") or values.get("url") or default_id
    article = Article.from_dict(values | {"id": str(identity)})
    return replace(article, source=article.source or source)
