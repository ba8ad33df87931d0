"""Reads bytes as a file of a name, for the tests of readers."""

from __future__ import annotations

import io

from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.articles.sources import articles


def read(name: str, content: str | bytes, max_size: int = 20_000_000) -> tuple[list[Article], str]:
    """The articles of a file, and what was reported, a line each."""
    raw = content.encode() if isinstance(content, str) else content
    problems: list[str] = []
    document = Document(name, name, io.BytesIO(raw), lambda p: problems.append(str(p)), max_size)
    found = list(articles(document))
    return found, "\n".join(problems)
