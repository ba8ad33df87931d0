"""PDF with a text layer: one article, put together from what stands where on its pages.

See :mod:`vnjournal.articles.pdf` for the way from characters to paragraphs, and
:mod:`vnjournal.articles.front_matter` for title, authors and the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vnjournal.articles import front_matter
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, Problem
from vnjournal.articles.pdf import columns, pages, paragraphs, running_heads
from vnjournal.articles.pdf.fonts import PdfFonts
from vnjournal.articles.pdf.words import words
from vnjournal.errors import SourceError

_FRONT_PAGES = 3  # whose heads and feet are looked at for journal and issue


def read(document: Document) -> Iterator[Article]:
    """The article that a PDF holds.

    Running heads, page numbers and turned text are kept in ``extra["removed"]``; notes at the foot
    of pages come after the body. Pages that are only images, or cannot be read, are reported and
    named in ``extra["notes"]``. Raises SourceError for a PDF that is encrypted, damaged or nothing
    but images, or that asks for too much time or memory.
    """
    found = pages.read(document.raw())
    for reason in _unread(found.pages):
        document.report(Problem(document.source, reason))
    fonts = PdfFonts(found.pages)
    on_pages, heads = running_heads.parted([words(page, fonts) for page in found.pages])
    document.readings.extend(fonts.readings())
    lines = columns.lines(on_pages, [page.number for page in found.pages])
    text, notes = paragraphs.paragraphs(lines)
    if not text and not notes:
        raise SourceError("no text in it")
    article = front_matter.article(
        text,
        document.id,
        document.source,
        about=found.metadata,
        running=[line for page in heads[:_FRONT_PAGES] for line in page],
        notes=notes,
        pages=running_heads.page_range(heads),
        extra=_extra(found.pages, heads),
    )
    yield article


def _unread(found: tuple[pages.Page, ...]) -> list[str]:
    """What is wrong with some pages. Raises SourceError where all of them are images."""
    images = [page.number for page in found if page.images]
    damaged = [page.number for page in found if page.damaged]
    if not any(page.characters for page in found):
        if images:
            raise SourceError(f"no text layer ({len(images)} pages of images): run OCR on it first")
        raise SourceError("damaged: no page of it can be read" if damaged else "no text in it")
    reasons = []
    if images:
        reasons.append(f"no text layer on pages {_listed(images)}: run OCR on it first")
    if damaged:
        reasons.append(f"damaged on pages {_listed(damaged)}")
    return reasons


def _listed(numbers: list[int]) -> str:
    """Numbers as ranges: ``1-3, 7``."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ", ".join("-".join(map(str, each)) for each in ranges)


def _extra(found: tuple[pages.Page, ...], heads: list[list[str]]) -> dict[str, Any]:
    removed = {
        "running heads": "\n".join(line for page in heads for line in page),
        "sideways text": "\n".join(page.sideways for page in found if page.sideways),
    }
    extra: dict[str, Any] = {"removed": {what: text for what, text in removed.items() if text}}
    extra["notes"] = _unread(found)
    return {name: value for name, value in extra.items() if value}
