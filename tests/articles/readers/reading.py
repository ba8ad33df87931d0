"""Packed files as they are read: the ids of what is in them, and what is said of the rest."""

from __future__ import annotations

import io

from vnjournal.articles.documents import Document, Problem
from vnjournal.articles.sources import articles
from vnjournal.errors import SourceError


def read(raw: bytes, name: str, max_size: int = 10_000) -> tuple[list[str], list[str]]:
    """The ids of the articles without that of the file, and what is said of the rest."""
    problems: list[Problem] = []
    document = Document(name, name, io.BytesIO(raw), problems.append, max_size)
    found = []
    try:
        for article in articles(document):
            assert article.source.startswith(f"{name}!/")
            found.append(article.id.removeprefix(f"{name}!/"))
    except SourceError as error:
        problems.append(Problem(name, str(error)))
    said = [f"{'-' if problem.skipped else '!'} {problem}" for problem in problems]
    return found, said
