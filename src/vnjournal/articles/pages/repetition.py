"""Furniture that no rule knows: what stands again and again on the pages of one site.

Before the pages of a pile are read, a sample of them is looked at. A sentence is taken for
furniture wherever it stands when it is on so many pages that it can be no article's; a line, which
may be the heading of a section, only before and behind the article's own sentences, and only when
it is on half of the pages. What says something of the article (a date, an author, keywords) stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from statistics import median

from vnjournal.articles.front_matter import label
from vnjournal.articles.pages.blocks import Block
from vnjournal.articles.sites import LEAST, Key, Repeated, Sites

#: The kind of furniture that is found here.
KIND = "repeated on the site"

_MOST_BLOCKS = 1000  # of a page that are looked at
_SENTENCE = 40  # characters beyond links that one has
_OF_SENTENCES, _OF_LINES = 0.3, 0.5  # the share of pages that one is on, of LEAST at the least
# The part of a page's sentences that are its own, on most pages of a site: where it is less, it is
# one article that was saved many times; and on any page that something is taken off.
_OWN, _LEAST_OWN = 0.5, 0.2
_NUMBER = re.compile(r"\d+")


def learned(pages: Iterable[tuple[str, Sequence[Block]]]) -> Sites:
    """What stands on many pages. Args: ``pages``: the site and the blocks of each."""
    by_site: dict[str, list[_Page]] = {}
    seen: dict[str, set[Key]] = {}
    for site, found in pages:
        page = _Page([block for block in found[:_MOST_BLOCKS] if not block.kind])
        before = seen.setdefault(site, set())
        if not page.sentences.keys() <= before:  # else it is one of those once more
            by_site.setdefault(site, []).append(page)
        before.update(page.sentences)
    repeated = {site: _repeated(found) for site, found in by_site.items()}
    return Sites({site: each for site, each in repeated.items() if each != Repeated()})


class _Page:
    """The keys of a page: ``sentences`` with their lengths, and ``lines``."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.sentences: dict[Key, int] = {}
        self.lines: set[Key] = set()
        for block in blocks:
            if _is_sentence(block):
                self.sentences[_key(block)] = len(block.text)
            else:
                self.lines.add(_key(block))

    def own_share(self, repeated: Collection[Key]) -> float:
        """Which part of its sentences is not repeated."""
        own = sum(length for key, length in self.sentences.items() if key not in repeated)
        return own / sum(self.sentences.values())


def _repeated(pages: Sequence[_Page]) -> Repeated:
    sentences = Counter(key for page in pages for key in page.sentences)
    lines = Counter(key for page in pages for key in page.lines)
    on_many = _frequent(sentences, max(LEAST, _OF_SENTENCES * len(pages)))
    if median(page.own_share(on_many) for page in pages) < _OWN:
        on_many = frozenset()
    return Repeated(on_many, _frequent(lines, max(LEAST, _OF_LINES * len(pages))))


def _frequent(counts: Counter[Key], least: float) -> frozenset[Key]:
    return frozenset(key for key, times in counts.items() if times >= least)


def marked(
    found: Sequence[Block], repeated: Repeated, keeps: Callable[[Block], bool]
) -> list[Block]:
    """The blocks of a page, with what is furniture on its site marked.

    Args: ``keeps``: tells a line that says something of the article, such as its date.
    """
    if repeated == Repeated():
        return list(found)
    sentences = [n for n, block in enumerate(found) if not block.kind and _is_sentence(block)]
    own = [n for n in sentences if _key(found[n]) not in repeated.sentences]
    if not own or _length(found, own) < _LEAST_OWN * _length(found, sentences):
        return list(found)
    result = list(found)
    for number, block in enumerate(found):
        is_inside = own[0] < number < own[-1]
        if not block.kind and _is_furniture(block, repeated, is_inside) and not keeps(block):
            result[number] = replace(block, kind=KIND)
    return result


def trim(body: list[Block], repeated: Repeated, keeps: Callable[[Block], bool]) -> list[Block]:
    """Take what is furniture off both ends of a text; returns that, marked."""
    taken: list[Block] = []
    for at in (-1, 0):
        while len(body) > 1 and _is_furniture(body[at], repeated, False) and not keeps(body[at]):
            taken.append(replace(body.pop(at), kind=KIND))
    return taken


def _is_furniture(block: Block, repeated: Repeated, is_inside: bool) -> bool:
    """Args: ``is_inside``: whether sentences of the article stand before the block and behind."""
    if label(block.line):
        return False
    key = _key(block)
    return key in repeated.sentences or (key in repeated.lines and not is_inside)


def _length(found: Sequence[Block], numbers: Iterable[int]) -> int:
    return sum(len(found[number].text) for number in numbers)


def _is_sentence(block: Block) -> bool:
    return block.unlinked >= _SENTENCE and not block.heading


def _key(block: Block) -> Key:
    text = _NUMBER.sub("#", " ".join(block.text.split()).casefold())
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
