"""Furniture: what on a web page is no article, such as menus, footers and lists of other news.

The patterns stand in ``data/portals/furniture.tsv``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache, lru_cache

from vnjournal import resources
from vnjournal.articles.pages.markup import Element

_ARTICLE_LENGTH = 200  # characters beyond links that make an ``article`` one, no teaser
_MOST = 0.6  # of the page's text: what holds more than this is no furniture, whatever its name
_NAMES_LOOKED_AT = 20
_LONGEST_NAME = 80
_LONGEST_LINE = 200
_SEPARATOR = re.compile(r"\s*[|•·/]\s*")


@dataclass(frozen=True, slots=True)
class _Rules:
    tags: dict[str, str]
    roles: dict[str, str]
    names: list[tuple[str, re.Pattern[str]]]
    openings: list[tuple[str, re.Pattern[str]]]
    lines: list[tuple[str, re.Pattern[str]]]


@cache
def _rules() -> _Rules:
    rules = _Rules({}, {}, [], [], [])
    for kind, where, pattern in resources.rows("portals", "furniture.tsv"):
        if where == "tag":
            rules.tags[pattern] = kind
        elif where == "role":
            rules.roles.update(dict.fromkeys(pattern.split("|"), kind))
        elif where == "name":
            rules.names.append((kind, re.compile(pattern)))
        else:
            compiled = re.compile(pattern, re.IGNORECASE)
            (rules.openings if where == "opening" else rules.lines).append((kind, compiled))
    return rules


@lru_cache(maxsize=4096)
def _kind_of_name(name: str) -> str:
    return next((kind for kind, pattern in _rules().names if pattern.search(name)), "")


def opening(line: str) -> str:
    """The kind of list that a line announces, if it does.

    >>> opening("Các tin khác:"), opening("Tin khác thì hay hơn.")
    ('other news', '')
    """
    line = line[: _LONGEST_LINE + 1].strip(" :.»>-–…")
    return next((kind for kind, pattern in _rules().openings if pattern.fullmatch(line)), "")


def line(text: str) -> str:
    """The kind of furniture that a line is by itself, if it is.

    >>> line("In bài viết | Gửi email"), line("Lượt xem: 1.204"), line("In đậm là dòng này.")
    ('buttons', 'buttons', '')
    """
    if len(text) > _LONGEST_LINE:
        return ""
    kinds = {_kind_of_line(part) for part in _SEPARATOR.split(text) if part}
    return _kind_of_line(text) or (kinds.pop() if len(kinds) == 1 else "")


def _kind_of_line(text: str) -> str:
    return next((kind for kind, pattern in _rules().lines if pattern.fullmatch(text)), "")


@dataclass(slots=True)
class Furniture:
    """Tells the furniture of one page.

    Args:
        root: the page.
        removed: elements that a site's template names as furniture.
        kept: the element that it names as the article, which is none.
        by_name: whether classes and ids tell furniture.
    """

    root: Element
    removed: Collection[Element] = ()
    kept: Element | None = None
    by_name: bool = True
    _text: dict[Element, int] = field(default_factory=dict)
    _holds_title: set[Element] = field(default_factory=set)
    _holds_article: set[Element] = field(default_factory=set)

    def __post_init__(self) -> None:
        elements = list(self.root.iter())
        text = self._text
        for element in reversed(elements):
            own = len((element.text or "").strip())
            text[element] = (
                0 if element.tag in ("a", "script", "style") else (text.get(element, 0) + own)
            )
            if self._is_title(element):
                self._holds_title.add(element)
            if element.tag == "article" and text[element] >= _ARTICLE_LENGTH:
                self._holds_article.add(element)
            parent = element.getparent()
            if parent is not None:
                tail = len((element.tail or "").strip())
                text[parent] = text.get(parent, 0) + text[element] + tail
                for holders in (self._holds_title, self._holds_article):
                    if element in holders:
                        holders.add(parent)

    def _is_title(self, element: Element) -> bool:
        """Whether an element stands for the article, such as its heading or its text."""
        if element.tag == "h1":
            inner = element[0].text if len(element) else ""
            return not opening(" ".join(f"{element.text or ''}{inner or ''}".split()))
        return (
            element.tag == "main"
            or element.get("itemprop") == "articleBody"
            or element is self.kept
        )

    def kind(self, element: Element) -> str:
        """The kind of furniture that an element is by its tag, role, classes or id; or empty."""
        if element in self.removed:
            return "by the template"
        if element.tag in ("html", "body", "main") or element is self.kept:
            return ""
        kind = _rules().tags.get(element.tag) or _rules().roles.get(element.get("role", ""), "")
        if kind == "footer" and next(element.iterancestors("article"), None) is not None:
            kind = ""  # the article's own
        if not kind and self.by_name:
            names = f"{element.get('class', '')} {element.get('id', '')}".lower().split()
            kinds = (
                _kind_of_name(name)
                for name in names[:_NAMES_LOOKED_AT]
                if len(name) < _LONGEST_NAME
            )
            kind = next(filter(None, kinds), "")
        if not kind or element in self._holds_title:
            return ""
        if kind in ("comments", "footer"):
            return kind
        is_most = self._text[element] > _MOST * self._text[self.root]
        return "" if is_most or element in self._holds_article else kind
