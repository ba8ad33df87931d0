"""Templates of portals: what is special to one site's pages, declared in a TOML file.

The packaged ones stand in ``data/portals``; ``docs/portals.md`` tells how to write one's own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vnjournal import resources
from vnjournal.articles import documents
from vnjournal.articles.sites import Template
from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from vnjournal.articles.pages.markup import Element

_FIELDS = frozenset(
    "title section authors published posted journal issue volume pages issn doi lang".split()
)
_KEYS = {
    "applies": frozenset(("hosts", "marks", "text")),
    "where": _FIELDS | {"body", "keywords", "references"},
    "lines": None,
    "fixed": _FIELDS,
    "remove": frozenset(("elements", "lines")),
}


@dataclass(frozen=True, slots=True)
class Portal:
    """What is special to the pages of one site.

    ``name``: of its file; ``hosts``, ``marks``, ``text``: the pages that it is for; ``where``:
    where each field stands; ``lines``: patterns of lines that tell fields, in named groups;
    ``fixed``: fields that are the same on all pages; ``removed``: elements that are no article, and
    ``removed_lines`` such lines.
    """

    name: str
    hosts: tuple[str, ...] = ()
    marks: tuple[Any, ...] = ()
    text: re.Pattern[str] | None = None
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    lines: tuple[re.Pattern[str], ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[Any, ...] = ()
    removed_lines: tuple[re.Pattern[str], ...] = ()

    def applies(self, root: Element, url: str) -> bool:
        """Whether a page is one of the site's: by its host, an element, or a text in it."""
        host = _host(url)
        if any(host == each or host.endswith(f".{each}") for each in self.hosts):
            return True
        if any(selector(root) for selector in self.marks):
            return True
        return self.text is not None and bool(self.text.search(" ".join(root.itertext())))

    def elements(self, root: Element, name: str) -> list[Element]:
        """The elements in which a field stands: those of the first selector that finds any."""
        return next(filter(None, (_found(each, root) for each in self.where.get(name, ()))), [])

    def removed_elements(self, root: Element) -> set[Element]:
        """The elements of a page that are no article."""
        return {element for selector in self.removed for element in _found(selector, root)}

    def said(self, line: str) -> dict[str, str]:
        """The fields that a line tells by one of the template's patterns."""
        for pattern in self.lines:
            if match := pattern.fullmatch(line):
                return {name: value for name, value in match.groupdict().items() if value}
        return {}


NONE = Portal("none")


def _found(selector: Any, root: Element) -> list[Element]:
    return [each for each in selector(root) if not isinstance(each, str)]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def of(root: Element, url: str, own: Sequence[Template] = ()) -> Portal:
    """What a page's template says: the first that applies of one's own, then of those that ship."""
    known = (*map(portal, own), *_packaged())
    return next((each for each in known if each.applies(root, url)), NONE)


def load(path: str | PathLike[str]) -> Template:
    """Read a template. Raises SourceError, which names file and key, for one that is wrong."""
    file = Path(path)
    try:
        template = Template(file.stem, file.read_text("utf-8-sig"))
        portal(template)
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror}: check the path") from None
    except (SourceError, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: {error}") from None
    return template


@cache
def _packaged() -> tuple[Portal, ...]:
    folder = resources.data_folder() / "portals"
    files = (file for file in sorted(folder.glob("*.toml")) if file.name != "SOURCE.toml")
    return tuple(portal(load(file)) for file in files)


@cache
def portal(template: Template) -> Portal:
    """What a template says. Raises SourceError, which names the key, for one that is wrong."""
    try:
        values = tomllib.loads(template.text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(str(error)) from None
    for table, keys in values.items():
        if table not in _KEYS:
            raise SourceError(f"{table}: no such key: one of {_listed(_KEYS)}")
        if table == "lines":
            continue
        if not isinstance(keys, dict):
            raise SourceError(f"{table}: a table is needed: write [{table}]")
        for key in keys:
            if key not in (known := _KEYS[table] or ()):
                raise SourceError(f"{table}.{key}: no such key: one of {_listed(known)}")
    applies = _Table("applies", values)
    where = _Table("where", values)
    remove = _Table("remove", values)
    fixed = _Table("fixed", values)
    lines = _Table("lines", {"lines": values})
    found = Portal(
        name=template.name,
        hosts=tuple(host.lower() for host in applies.texts("hosts")),
        marks=applies.selectors("marks"),
        text=next(iter(applies.patterns("text")), None),
        where={key: where.selectors(key) for key in where.values},
        lines=lines.patterns("lines"),
        fixed={key: "".join(fixed.texts(key)[:1]) for key in fixed.values},
        removed=remove.selectors("elements"),
        removed_lines=remove.patterns("lines"),
    )
    for pattern in found.lines:
        for name in pattern.groupindex:
            if name not in _FIELDS:
                raise SourceError(f"lines: no field {name!r}: one of {_listed(_FIELDS)}")
    if not (found.hosts or found.marks or found.text):
        raise SourceError("applies: name hosts, marks or text, or it is never used")
    return found


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


class _Table:
    """A table of a template, which says where in it something is wrong."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name, self.values = name, values.get(name, {})

    def texts(self, key: str) -> list[str]:
        value = self.values.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self._wrong(key, "text, or a list of texts, is needed")
        return found

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        try:
            return tuple(re.compile(each, re.IGNORECASE) for each in self.texts(key))
        except re.error as error:
            raise self._wrong(key, f"not a regular expression ({error})") from None

    def selectors(self, key: str) -> tuple[Any, ...]:
        with documents.needing("html"):
            from cssselect import SelectorError
            from lxml import etree
            from lxml.cssselect import CSSSelector
        found = []
        for each in self.texts(key):
            try:
                found.append(
                    etree.XPath(each) if each.startswith(("/", ".//")) else CSSSelector(each)
                )
            except (SelectorError, etree.XPathError) as error:
                raise self._wrong(key, f"no selector: {each!r} ({error})") from None
        return tuple(found)

    def _wrong(self, key: str, reason: str) -> SourceError:
        return SourceError(f"{self.name}.{key}: {reason}")
