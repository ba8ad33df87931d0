"""Word processors' files that are not read: each is reported, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.errors import SourceError


def read(document: Document) -> Iterator[Article]:
    """Nothing: raises SourceError, which names the kind of file and the next step."""
    raise SourceError(f"{_kind(document)}, which is not read: save it as .docx")
    yield


def _kind(document: Document) -> str:
    if document.beginning().startswith(b"{\\rtf"):
        return "rich text (RTF)"
    suffix = PurePosixPath(document.id).suffix.lower()
    if suffix == ".odt":
        return "an OpenDocument text"
    if suffix in (".docx", ".docm"):
        return "a Word file with a password, or an old one"
    return "an old Word file"
