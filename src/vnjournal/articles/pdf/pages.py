"""The pages of a PDF as characters with fonts and places, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from vnjournal.articles.documents import NotNow, needing
from vnjournal.articles.pdf import extraction
from vnjournal.errors import SourceError

#: Seconds in which a PDF must be read.
DEADLINE = 120.0

_NEAR = 0.5  # how far from its letter a mark may be placed, in parts of its size

_REFUSED = {
    "encrypted": "encrypted: save it without a password first",
    "damaged": "damaged, or no PDF at all: open it in a PDF viewer and save it anew",
    "too much text": f"more than {extraction.MOST_CHARACTERS:,} characters: split it first",
}


class Character(NamedTuple):
    """A character on a page with the combining marks behind it, in points; y grows upwards.

    ``font``: number of its font; ``spaced``: the PDF has a space before it, perhaps one that
    takes no room.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: int
    spaced: bool = False


class Font(NamedTuple):
    """A font as the PDF names it, such as ``ABCDEF+.VnTimeH``."""

    name: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page. ``images``: it has no text but does show something. ``sideways``: turned text."""

    number: int
    characters: tuple[Character, ...] = ()
    fonts: tuple[Font, ...] = ()
    images: bool = False
    sideways: str = ""
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a PDF, and what it says of itself (``Title``, ``Author`` ...)."""

    pages: tuple[Page, ...]
    metadata: dict[str, str] = field(default_factory=dict)


def read(raw: bytes, deadline: float = DEADLINE) -> Pages:
    """The pages of a PDF, read in a process of its own (about 0.1 s more than in this one).

    Raises SourceError for one that is encrypted or damaged, has too many pages or too much text,
    or takes more than ``deadline`` seconds or the memory that it may have.
    """
    with needing("pdf"):
        import pypdfium2  # noqa: F401
    program = [sys.executable, "-P", str(Path(extraction.__file__))]
    try:
        done = subprocess.run(
            program, input=raw, capture_output=True, timeout=deadline, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotNow(
            f"reading it takes more than {deadline:.0f} seconds: open it in a PDF viewer and "
            "print it to a new PDF"
        ) from None
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.endswith(b"}")]
    for line in lines:
        if "refused" in line:
            raise SourceError(_REFUSED[line["refused"]])
    if done.returncode or not lines:
        raise SourceError(
            "reading it takes too much memory, or it is damaged: open it in a PDF viewer and "
            "print it to a new PDF"
        )
    about, *pages = lines
    if about["pages"] > extraction.MOST_PAGES:
        raise SourceError(
            f"{about['pages']:,} pages, more than {extraction.MOST_PAGES:,}: split it first"
        )
    found = tuple(_page(number, page) for number, page in enumerate(pages, 1))
    return Pages(found, about["metadata"])


def _page(number: int, found: dict[str, Any]) -> Page:
    if "damaged" in found:
        return Page(number, damaged=True)
    return Page(
        number,
        tuple(_letters(Character(*each) for each in found["characters"])),
        tuple(Font(*each) for each in found["fonts"]),
        found["images"],
        found["sideways"],
    )


def _letters(characters: Iterable[Character]) -> list[Character]:
    """Each letter with its combining marks, which follow it in the PDF wherever they are drawn.

    The letters that a ligature stands for have one place and are one too.
    """
    found: list[Character] = []
    for each in characters:
        before = found[-1] if found else None
        if (before and before[1:4] == each[1:4]) or (
            before
            and unicodedata.combining(each.text[0])
            and abs(each.baseline - before.baseline) < before.size
            and before.left - _NEAR * each.size < each.left < before.right + _NEAR * each.size
        ):
            found[-1] = before._replace(text=before.text + each.text)
        else:
            found.append(each)
    return found
