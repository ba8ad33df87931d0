"""What is packed in a file, as documents; what is said of the members that are not read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from vnjournal.articles.documents import Document, Problem, escaped
from vnjournal.articles.formats import is_read
from vnjournal.articles.packed.bounds import DEEPEST, Bounds
from vnjournal.articles.packed.names import is_hidden, safe_name
from vnjournal.errors import SourceError

_NAMED = 3  # members that are named of those that are not read for one reason
_SHOWN = 200  # characters of a name
_KINDS = 12  # suffixes that are named, and the characters of each


@dataclass(frozen=True, slots=True)
class Member:
    """A file that is packed in another.

    Args:
        name: its path, with slashes.
        size: how many bytes it is said to have; 0 only for one that is empty.
        open: gives what it unpacks to. Raises SourceError where that cannot be.
        refused: why it is not to be read, if so.
    """

    name: str
    size: int | None
    open: Callable[[], BinaryIO]
    refused: str = ""


def bounds_of(document: Document) -> Bounds:
    """The bounds of the outermost packed file, which it may be itself.

    Raises SourceError for one that is packed too many times over.
    """
    if document.depth >= DEEPEST:
        raise SourceError("packed too many times over: unpack it first")
    if document.bounds is not None:
        return document.bounds
    size = document.stream.seek(0, os.SEEK_END)
    document.stream.seek(0)
    return Bounds(size)


def member_document(
    document: Document, bounds: Bounds, name: str, open: Callable[[], BinaryIO]
) -> Document:
    """A member of a packed document as a document. ``name``: a safe one."""
    return replace(
        document,
        id=f"{document.id}!/{name}",
        source=f"{document.source}!/{name}",
        stream=open(),
        url="",
        media_type="",
        charset="",
        depth=document.depth + 1,
        bounds=bounds,
    )


def documents_in(
    document: Document, bounds: Bounds, members: Iterable[Member]
) -> Iterator[Document]:
    """The members that may be articles.

    Those that are refused, or of a format that is not read, are reported at the end, in one line
    for each reason. Raises SourceError where the members do, or for too many of them.
    """
    tally = _Tally(document)
    try:
        for member in members:
            if is_hidden(member.name):
                continue
            try:
                name = safe_name(member.name)
                if not is_read(name):
                    tally.add_other(name)
                    continue
                if member.refused:
                    raise SourceError(member.refused)
                if member.size == 0:
                    raise SourceError("empty file")
                found = member_document(document, bounds, name, member.open)
            except SourceError as error:
                tally.add(str(error), member.name)
                continue
            yield found
            if bounds.is_over:  # whoever came to the bound said so
                return
    finally:
        tally.report()


class _Tally:
    """Members that are not read, by reason: a packed file with many gets a few lines, not many."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[str, list[str]] = {}
        self._numbers: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def add(self, reason: str, name: str) -> None:
        self._numbers[reason] += 1
        names = self._names.setdefault(reason, [])
        if len(names) < _NAMED:
            names.append(escaped(name)[:_SHOWN])

    def add_other(self, name: str) -> None:
        kind = PurePosixPath(name).suffix.lower() or "no suffix"
        known = kind in self._kinds or len(self._kinds) < _KINDS
        self._kinds[kind[:_KINDS] if known else "…"] += 1

    def report(self) -> None:
        source, report = self._document.source, self._document.report
        for reason, names in self._names.items():
            number = self._numbers[reason]
            if number == 1:
                report(Problem(f"{source}!/{names[0]}", reason))
            else:
                listed = ", ".join(names) + (", …" if number > len(names) else "")
                report(Problem(source, f"{number:,} files: {reason} ({listed})"))
        if self._kinds:
            kinds = ", ".join(sorted(self._kinds))
            number = self._kinds.total()
            files = "file in it is" if number == 1 else "files in it are"
            reason = f"{number:,} {files} of other kinds ({kinds})"
            report(Problem(source, reason, skipped=True))
