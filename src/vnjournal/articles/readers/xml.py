"""XML documents: the root element tells what they are, and which module reads them.

Each of those modules has ``articles(root, document)``. A new kind of XML is a line in ``_READERS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from vnjournal.articles import xml
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.errors import SourceError

#: Modules of this package by the root element of what they read.
_READERS = {
    "article": "jats",
    "articles": "jats",
    "pmc-articleset": "jats",
}


def read(document: Document) -> Iterator[Article]:
    """The articles of a document. Raises SourceError for XML that is broken, or of another kind."""
    root = xml.parse(document.raw())
    kind = xml.name(root)
    if kind not in _READERS:
        raise SourceError(f"no JATS article (the XML's root element is {kind[:80]!r})")
    found: Iterator[Article] = import_module(f"{__package__}.{_READERS[kind]}").articles(
        root, document
    )
    yield from found
