"""One file that is compressed by gzip, bzip2 or xz: ``x.txt.gz``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from vnjournal.articles.documents import Document
from vnjournal.articles.packed import streams
from vnjournal.articles.packed.members import Member, bounds_of, documents_in
from vnjournal.errors import SourceError


def read(document: Document) -> Iterator[Document]:
    """The file that is compressed, named as the document is without its last suffix.

    Raises SourceError for a document that is not compressed.
    """
    how = streams.decompressor_of(document.beginning())
    if how is None:
        raise SourceError("no gzip, bzip2 or xz file, as its name says")
    bounds = bounds_of(document)
    name = PurePosixPath(document.id).stem
    stream = streams.buffered(streams.Unpacked(document.stream, how, bounds))
    yield from documents_in(document, bounds, [Member(name, None, lambda: stream)])
