"""The sites that the pages of a pile are from, and what is special to each.

:mod:`vnjournal.articles.pages.repetition` finds out what is furniture there, from a sample of the
pages; a template, which :mod:`vnjournal.articles.portals` understands, tells what nobody can guess.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar
from urllib.parse import urlsplit

#: Pages of a packed file, or of a folder in a pile, that are looked at.
SAMPLE = 100
#: Pages of a site, of which fewer tell nothing.
LEAST = 4

#: Stands for a block of text, up to its numbers.
Key = bytes
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Repeated:
    """What is furniture on the pages of one site: sentences, and lines that are none."""

    sentences: frozenset[Key] = frozenset()
    lines: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Sites:
    """What is furniture on the pages of some sites, by :func:`site_of`."""

    repeated: Mapping[str, Repeated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """What is special to one site, as its file declares it.

    Args: ``name``: the file's, without suffix; ``text``: TOML.
    """

    name: str
    text: str


#: Nothing is known of any site.
NO_SITES = Sites()


def site_of(url: str, source: str) -> str:
    """The site of a page: the host of its address, else the folder that it lies in.

    Args: ``source``: where it lies, see :class:`~vnjournal.articles.documents.Document`.

    >>> site_of("https://WWW.bao.example/1.html", "x"), site_of("", "a/b.html")
    ('bao.example', 'a/')
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or source[: source.rfind("/") + 1]


def sample(pages: Iterable[tuple[str, _Item]], most: int = SAMPLE) -> Iterator[_Item]:
    """Some of the pages below a folder: so many of each folder in it, chosen by their names.

    Args: ``pages``: the path of each below the folder, and anything. No more are in memory.
    """
    chosen: dict[str, list[tuple[int, str, _Item]]] = {}
    for path, item in pages:
        folder = chosen.setdefault(path.partition("/")[0] if "/" in path else "", [])
        digest = blake2b(path.encode("utf-8", "replace"), digest_size=8).digest()
        entry = -int.from_bytes(digest), path, item  # on the top of the heap, the first to go
        if len(folder) < most:
            heapq.heappush(folder, entry)
        else:
            heapq.heappushpop(folder, entry)
    for name in sorted(chosen):
        for _, _, item in sorted(chosen[name], key=lambda entry: entry[1]):
            yield item
