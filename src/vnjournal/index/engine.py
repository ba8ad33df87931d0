"""What an engine does: the protocol behind which tantivy and Whoosh are alike.

An engine keeps :class:`~vnjournal.index.analysis.Document` objects by id and answers
:class:`~vnjournal.index.query.Query` objects. It brings no analyzer, no query parser and no
highlighter of its own to the work. The scores of two engines differ in detail; which articles
match, the order of tiers and the totals do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import log
from pathlib import Path
from typing import Protocol, Self

from vnjournal.index.analysis import AS_WRITTEN, Document
from vnjournal.index.query import CONTRADICTING, Marks, Query

#: Suffix of the field that holds the forms of another field's terms, position by position.
FORM_SUFFIX = "_form"
#: The field that holds the pairs of an article's terms.
PAIRS = "pairs"

#: How much a match in a field counts; 1 where nothing is said. ``as_written`` is small and its rare
#: terms would else outweigh the text proper.
FIELD_WEIGHTS = {"title": 2.0, AS_WRITTEN: 0.25}

#: How much a match of tier 1, 2 and 3 counts, and of contradicting marks where those are let in.
TIER_WEIGHTS = {1: 1.0, 2: 0.7, 3: 0.4, CONTRADICTING: 0.1}

#: How much the form that was probably meant counts besides, and a pair of the query's words: chosen
#: on XQuAD, see benchmarks/runs.
LIKELY_WEIGHT = 1.0
PAIR_WEIGHT = 0.8

#: Added per tier where tiers order the hits strictly, and for articles that come first; more than
#: any sum of term scores.
TIER_STEP = 1000.0
FIRST_STEP = 10_000.0

#: BM25's free parameters; Lucene's and tantivy's.
BM25_K1 = 1.2
BM25_B = 0.75


def inverse_frequency(documents: int, having: int) -> float:
    """How telling a term is that so many of the documents have; Lucene's, never negative."""
    return log(1 + (documents - having + 0.5) / (having + 0.5))


def tier_bonus(grade: int, marks: Marks) -> float:
    """What is added for a grade where tiers order the hits strictly."""
    return TIER_STEP * ((CONTRADICTING if marks is Marks.LOOSE else 3) - grade)


class Sort(StrEnum):
    """The order of the hits."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an engine's answer: how many articles match, and ids with scores, best first.

    A score is 0 where the order is by date.
    """

    total: int
    hits: list[tuple[str, float]]


class Engine(Protocol):
    """The index of an archive. Raises ArchiveDamaged when its files cannot be read, and ArchiveFull
    when they cannot be written for want of space."""

    name: str

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new empty index in an empty folder."""
        ...

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index that :meth:`create` made."""
        ...

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> None:
        """Insert or replace documents and drop ids, in one commit, visible when it returns."""
        ...

    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        """Answer a query: hits ``offset`` to ``offset + limit`` and the total."""
        ...

    def refresh(self) -> None:
        """See what other processes have written."""
        ...

    def forms(self) -> dict[tuple[str, str], int]:
        """Keys and forms, and in how many articles each stands in the field where it is commonest.

        Of the fields that a word without a field name is looked for in.
        """
        ...

    def ids(self) -> set[str]:
        """The id of every document."""
        ...

    def close(self) -> None:
        """Finish writing and let go of the files."""
        ...
