"""Reads corpora: documents separated by a line of U+001E and the document's name, xz or plain."""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import vnjournal as vj
from benchmarks import samples
from vnjournal import Article

_SEPARATOR = "\x1e"
_SEGMENTED = ".seg"  # how the names of vietnews' machine-segmented documents end
_HELD_OUT_MODULUS = 20  # as in data/lexicon/SOURCE.toml
_LONGEST_TITLE = 200
_YEARS = range(2015, 2021)

_SPACE_BEFORE = re.compile(r" +([,.;:!?…)\]}”’»%])")
_SPACE_AFTER = re.compile(r"([(\[{“‘«]) +")
_QUOTED = re.compile(r'" ([^"\n]*?) "')


def documents(path: Path) -> Iterator[tuple[str, str]]:
    """The name and text of each document, as a stream; a file without separators is one document.

    Machine-segmented documents are brought back to running text.
    """
    name, lines = path.name, list[str]()
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            if line.startswith(_SEPARATOR):
                yield from _document(name, lines)
                name, lines = line[1:].strip(), []
            else:
                lines.append(line)
        yield from _document(name, lines)


def _document(name: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    text = "".join(lines).strip()
    if text:
        yield name, unsegmented(text) if name.endswith(_SEGMENTED) else text


def unsegmented(text: str) -> str:
    """Running text from machine-segmented text.

    >>> unsegmented('Khởi_tố ( SN 1989 , TP. Hưng_Yên ) : " ma_tuý " .')
    'Khởi tố (SN 1989, TP. Hưng Yên): "ma tuý".'
    """
    text = _SPACE_BEFORE.sub(r"\1", text.replace("_", " "))
    return _QUOTED.sub(r'"\1"', _SPACE_AFTER.sub(r"\1", text))


def held_out(path: Path) -> Iterator[tuple[str, str]]:
    """The documents that no count in ``data`` has seen."""
    return ((name, text) for name, text in documents(path) if _is_held_out(name))


def counted(path: Path) -> Iterator[tuple[str, str]]:
    """The documents that counts in ``data`` are made of: all others."""
    return ((name, text) for name, text in documents(path) if not _is_held_out(name))


def _is_held_out(name: str) -> bool:
    return zlib.crc32(name.encode()) % _HELD_OUT_MODULUS == 0


def articles(corpora: Sequence[Path], limit: int) -> Iterator[Article]:
    """The first ``limit`` articles of the corpora, or the samples again and again under new ids.

    News comes without dates: the years 2015 to 2020 are dealt out in turn, so that a filter has
    something to do.
    """
    found = _from_corpora(corpora) if corpora else _from_samples()
    for number, article in enumerate(islice(found, limit)):
        yield replace(article, published=str(_YEARS[number % len(_YEARS)]))


def unpack(corpora: Sequence[Path], limit: int, file: Path) -> int:
    """Write so many articles as JSON Lines, so that what is timed need not unpack them.

    When the corpora are used up, their articles come again under new ids. Returns how many are
    written before any comes again.
    """
    with file.open("wb") as stream:
        written = distinct = vj.write(articles(corpora, limit), "jsonl", stream)
        copy = 2
        while 0 < written < limit:
            again = articles(corpora, limit - written)
            renamed = (replace(article, id=f"{copy}/{article.id}") for article in again)
            written += vj.write(renamed, "jsonl", stream)
            copy += 1
    return distinct


def _from_corpora(corpora: Sequence[Path]) -> Iterator[Article]:
    for path in corpora:
        for name, text in documents(path):
            first, _, rest = text.partition("\n")
            titled = rest.strip() and len(first) <= _LONGEST_TITLE
            yield Article(id=name, title=first if titled else "", body=rest if titled else text)


def _from_samples() -> Iterator[Article]:
    for copy in count(1):
        for article in samples.articles():
            yield replace(article, id=f"{copy}/{article.id}")
