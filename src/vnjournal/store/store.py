"""What a store does: the protocol behind which an archive's articles are kept.

A store has the original text of articles and their metadata, the corrections beside them, what
people decided about these, which files the articles were read from, and the archive's settings.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vnjournal.articles.article import Article
from vnjournal.articles.sites import Template
from vnjournal.store.decisions import Decision
from vnjournal.store.files import FileNote, Files
from vnjournal.store.sketches import Alike
from vnjournal.text.spans import Edit

#: The setting that says from where an archive's articles are being moved, while they are.
MOVING = "moving from"

#: Settings that say how an archive is kept, and do not go along where its articles are moved.
_OWN = {"format", "analysis", "engine", "index", "rebuilding", MOVING}

#: Corrections of an article by the name of the field they belong to.
FieldEdits = dict[str, list[Edit]]


@dataclass(frozen=True, slots=True)
class Stored:
    """An article together with the edits that are applied to it in the index."""

    article: Article
    edits: FieldEdits


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is kept of an article.

    Args:
        number: its place in the archive's order; no two have the same.
        stored: the article, and the edits that are indexed with it.
        digest: see :func:`content_hash`.
        run: in which it came last.
        sketch: see :mod:`vnjournal.text.sketch`; empty where it has none.
        origin: the number of the file that brought it, and in which run that did last; None for
            what no file brought.
    """

    number: int
    stored: Stored
    digest: bytes
    run: str
    sketch: bytes
    origin: tuple[int, str] | None

    @property
    def id(self) -> str:
        """The article's id."""
        return self.stored.article.id


def content_hash(article: Article) -> bytes:
    """A digest of everything the article says, wherever it was read from.

    Equal digests need no second indexing.
    """
    values = json.dumps(article.to_dict() | {"source": ""}, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(values.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Settings(ABC):
    """Settings of an archive, which are texts."""

    @abstractmethod
    def meta(self) -> dict[str, str]:
        """Versions and settings of the archive."""

    @abstractmethod
    def set_meta(self, **values: str) -> None:
        """Write settings of the archive; one that is empty is dropped."""

    def settings(self) -> dict[str, str]:
        """The settings that go along where the articles are moved: words, templates and notes."""
        return {name: text for name, text in self.meta().items() if text and name not in _OWN}

    def words(self) -> tuple[str, ...]:
        """The words that are never corrected."""
        return tuple(self.meta().get("words", "").splitlines())

    def templates(self) -> tuple[Template, ...]:
        """Templates of portals, by which web pages are read."""
        named = json.loads(self.meta().get("templates", "{}"))
        return tuple(Template(name, text) for name, text in named.items())

    def change(self, name: str, to: Callable[[str], str]) -> None:
        """Make a setting of what it is: again, where another changes it just then."""
        self.set_meta(**{name: to(self.meta().get(name, ""))})

    def add_words(self, words: Iterable[str]) -> None:
        """Have the corrector leave these words alone, too."""
        named = list(words)
        self.change("words", lambda text: "\n".join(dict.fromkeys((*text.splitlines(), *named))))

    def add_templates(self, templates: Iterable[Template]) -> None:
        """Have web pages read by these templates, too; one of the same name is replaced."""
        named = {each.name: each.text for each in templates}
        self.change(
            "templates",
            lambda text: json.dumps(json.loads(text or "{}") | named, ensure_ascii=False),
        )


class Store(Protocol):
    """Articles and edits by id, in the order in which they first came."""

    @property
    def files(self) -> Files:
        """The files that the articles were read from."""
        ...

    def meta(self) -> dict[str, str]:
        """Versions and settings of the archive."""
        ...

    def set_meta(self, **values: str) -> None:
        """Write settings of the archive; one that is empty is dropped."""
        ...

    def settings(self) -> dict[str, str]:
        """The settings that go along where the articles are moved: words, templates and notes."""
        ...

    def words(self) -> tuple[str, ...]:
        """The words that are never corrected."""
        ...

    def templates(self) -> tuple[Template, ...]:
        """Templates of portals, by which web pages are read."""
        ...

    def add_words(self, words: Iterable[str]) -> None:
        """Have the corrector leave these words alone, too."""
        ...

    def add_templates(self, templates: Iterable[Template]) -> None:
        """Have web pages read by these templates, too; one of the same name is replaced."""
        ...

    def known(self, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
        """Content hash and run of those ids that are stored."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The stored articles of those ids that are there."""
        ...

    def __iter__(self) -> Iterator[Stored]:
        """Every article, in order."""
        ...

    def __len__(self) -> int:
        """How many articles are stored."""
        ...

    def ids_in_order(self) -> Iterator[str]:
        """Every stored id, in the order in which they first came.

        The store may be written to meanwhile; what comes to it then may be left out.
        """
        ...

    def note_places(self, files: Iterable[FileNote]) -> None:
        """Note where files lie that were moved."""
        ...

    def decisions(self, ids: Sequence[str]) -> dict[str, list[Decision]]:
        """What was decided about edits of the articles of these ids, the newest first."""
        ...

    def like(self, id: str) -> list[Alike]:
        """Articles that are nearly the same as one, the most similar first."""
        ...

    def like_earlier(self, ids: Sequence[str]) -> dict[str, Alike]:
        """For some articles one that is nearly the same and was stored before, if any was."""
        ...

    def edit_counts(self) -> dict[str, int]:
        """How many edits there are of each kind."""
        ...

    def years(self) -> dict[str, int]:
        """How many articles each year has; an empty year stands for undated ones."""
        ...

    # --- all that there is, for where it is moved

    def entries(self) -> Iterator[Entry]:
        """All that is kept of every article, in order; the store may be written to meanwhile."""
        ...

    def decided(self) -> Iterator[tuple[int, Decision]]:
        """Every decision, in the order in which they were taken, each with its number in this."""
        ...

    def take_decisions(self, decisions: Sequence[tuple[int, Decision]]) -> None:
        """Keep decisions as another store has them."""
        ...

    def take_files(self, files: Sequence[FileNote], gone: Sequence[FileNote]) -> None:
        """Keep notes of files as another store has them, and drop those of files that it has not.

        A store in a folder takes those of this machine alone.
        """
        ...
