"""A document as it was made, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.mixed_archive.stories import Story


@dataclass(frozen=True, slots=True)
class Made:
    """The content of a document, and what a reader should find in it.

    ``says``: the fields that the document tells, as an article has them; ``authors`` are names
    parted by "; ", and ``year`` stands for dates. ``paragraphs``: of its text. ``id``: one of its
    own, such as an address; else it has the path of its file.
    """

    content: str | bytes
    says: Mapping[str, str]
    paragraphs: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A document that can be read: the id of its article, what it is, and what it says."""

    id: str
    format: str
    encoding: str
    says: Mapping[str, str]
    paragraphs: tuple[str, ...]


@dataclass(slots=True)
class Truth:
    """What is known of an archive: its documents, and why each other file cannot be read."""

    documents: list[Known] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)


def recorded(story: Story) -> dict[str, str]:
    """What a full record of a story in its journal says of it."""
    return {
        "title": story.title,
        "authors": authors(story),
        "year": str(story.published.year),
        "journal": story.journal.name,
        "volume": story.volume,
        "issue": story.issue,
        "pages": f"{story.first_page}-{story.last_page}",
        "issn": story.journal.issn,
        "doi": story.doi,
    }


def authors(story: Story) -> str:
    """The names of its authors, as :class:`Made` has them."""
    return "; ".join(person.name for person in story.people)
