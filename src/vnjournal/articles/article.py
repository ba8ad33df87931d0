"""The article: what is stored, indexed and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from vnjournal.errors import SourceError

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:T\d{2}:\d{2}(?::\d{2})?)?)?)?"
)
_FIRST_WORDS = 12
_LONGEST_ID = 4_000  # characters: engines sort by ids, and limit what they sort by


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who wrote an article, as the article names them."""

    name: str
    role: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a journal. Every field but ``id`` and ``body`` may be empty.

    ``published`` (when the issue came out) and ``posted`` (when the web page did) are ISO dates
    only as precise as known: ``2018``, ``2018-04``, ``2018-04-30`` or ``2018-05-12T03:10:58``.
    ``body`` and ``title`` are the original text, untouched. ``source`` says where the article was
    read from; ``extra`` holds whatever else the source said and is not searched.

    Raises SourceError for an empty id, an empty body together with an empty title, and for a date
    that is none.

    >>> Article(id="a", body="Toàn văn.", published="2018-04").year
    2018
    """

    id: str
    body: str
    title: str = ""
    section: str = ""
    authors: tuple[Author, ...] = ()
    published: str = ""
    posted: str = ""
    journal: str = ""
    issue: str = ""
    volume: str = ""
    pages: str = ""
    issn: str = ""
    doi: str = ""
    url: str = ""
    source: str = ""
    lang: str = "vi"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise SourceError("an article needs an id that is not empty")
        if len(self.id) > _LONGEST_ID:
            raise SourceError(
                f"the id {self.id[:40]}… has more than {_LONGEST_ID:,} characters: shorten it"
            )
        if not self.body.strip() and not self.title.strip():
            raise SourceError(f"article {self.id} has no text")
        for name in ("published", "posted"):
            value = getattr(self, name)
            if value and not _DATE.fullmatch(value):
                raise SourceError(
                    f"article {self.id}: {name} {value!r} is no ISO date such as 2018, 2018-04 "
                    "or 2018-05-12T03:10:58"
                )

    @property
    def author(self) -> str:
        """The authors as one line, as a byline gives them: ``name - role, place; name``."""
        return "; ".join(
            " - ".join(filter(None, (a.name, ", ".join(filter(None, (a.role, a.place))))))
            for a in self.authors
        )

    @property
    def date(self) -> str:
        """The date that counts for years and order: ``published``, else ``posted``, else empty."""
        return self.published or self.posted

    @property
    def year(self) -> int | None:
        """The year of :attr:`date`."""
        return int(self.date[:4]) if self.date else None

    @property
    def date_number(self) -> int:
        """:attr:`date` as a number that sorts: year, month, day as ``yyyymmdd``; 0 when unknown.

        >>> Article(id="a", body="b", published="2018-04").date_number
        20180400
        """
        digits = self.date[:10].replace("-", "")
        return int(digits.ljust(8, "0")) if digits else 0

    @property
    def heading(self) -> str:
        """The title, or for an untitled article its first words followed by an ellipsis."""
        if self.title.strip():
            return " ".join(self.title.split())
        words = self.body.split(maxsplit=_FIRST_WORDS)
        return " ".join(words[:_FIRST_WORDS]) + ("…" if len(words) > _FIRST_WORDS else "")

    def to_dict(self) -> dict[str, Any]:
        """The fields that are not empty, as plain values that JSON can hold; ``lang`` always."""
        values: dict[str, Any] = {
            name: value
            for name in _NAMES
            if (value := getattr(self, name)) or name in ("id", "body", "lang")  # "" is not "vi"
        }
        if self.authors:
            values["authors"] = [asdict(author) for author in self.authors]
        if self.extra:
            values["extra"] = deepcopy(dict(self.extra))
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Article:
        """Build an article from plain values, the inverse of :meth:`to_dict`.

        An author may be a name or a table of name, role and place; a key that is no field of an
        article goes to ``extra``. Raises SourceError for a field of the wrong type.
        """
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for key, value in values.items():
            if key == "authors":
                known[key] = _authors(value)
            elif key == "extra":
                if not isinstance(value, Mapping):
                    raise SourceError("extra must be a table of names and values")
                extra |= value
            elif key not in _TEXT_FIELDS:
                extra[key] = value
            elif isinstance(value, str):
                known[key] = value
            elif isinstance(value, int) and not isinstance(value, bool):
                known[key] = str(value)
            elif value is not None:
                raise SourceError(f"{key} must be text, not {type(value).__name__}")
        for name in ("id", "body"):
            known.setdefault(name, "")
        return cls(**known, extra=extra)


_NAMES = tuple(each.name for each in fields(Article))
_TEXT_FIELDS = frozenset(_NAMES) - {"authors", "extra"}


def _authors(value: Any) -> tuple[Author, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        raise SourceError("authors must be a list of names or of tables with name, role, place")
    authors = []
    for entry in value:
        if isinstance(entry, str):
            authors.append(Author(entry))
        elif isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            authors.append(
                Author(entry["name"], str(entry.get("role", "")), str(entry.get("place", "")))
            )
        else:
            raise SourceError("an author must be a name or a table with name, role, place")
    return tuple(authors)
