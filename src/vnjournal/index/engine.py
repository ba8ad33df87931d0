"""What an engine does: the protocol behind which tantivy, Whoosh and OpenSearch are alike.

An engine keeps :class:`~vnjournal.index.analysis.Document` objects by id and answers
:class:`~vnjournal.index.query.Query` objects. It brings no analyzer, no query parser and no
highlighter of its own to the work. The scores of two engines differ in detail; which articles
match, the order of tiers and the totals do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from vnjournal.index.analysis import AS_WRITTEN, SENTENCE_END, Document, key_and_form
from vnjournal.index.query import CONTRADICTING, Choice, Marks, Query, Word
from vnjournal.index.words import Words

#: Suffix of the field that holds the forms of another field's terms, position by position.
FORM_SUFFIX = "_form"
#: The field that holds the pairs of an article's terms.
PAIRS = "pairs"

#: Suffix of the fields that hits are counted by.
VALUE_SUFFIX = "_value"


def counted_forms(terms: Iterable[tuple[str, int]]) -> dict[tuple[str, str], int]:
    """Keys and forms, each with its highest count, from terms of forms and their counts.

    >>> counted_forms([("hoc:hocJ", 2), ("¶:¶", 9), ("hoc:hocJ", 5)])
    {('hoc', 'hocJ'): 5}
    """
    found: dict[tuple[str, str], int] = {}
    for term, count in terms:
        key, form = key_and_form(term)
        if key != SENTENCE_END:
            found[key, form] = max(count, found.get((key, form), 0))
    return found


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

#: The field that holds :attr:`Document.digest`.
DIGEST = "digest"
#: BM25's free parameters; Lucene's and tantivy's.
BM25_K1 = 1.2
BM25_B = 0.75


def inverse_frequency(documents: int, having: int) -> float:
    """How telling a term is that so many of the documents have; Lucene's, never negative."""
    return log(1 + (documents - having + 0.5) / (having + 0.5))


def tier_bonus(grade: int, marks: Marks) -> float:
    """What is added for a grade where tiers order the hits strictly."""
    return TIER_STEP * ((CONTRADICTING if marks is Marks.LOOSE else 3) - grade)


def stand_in_worth(word: Word) -> float:
    """How often a stand-in weighs what the word's key does: as often as the form that is meant."""
    return TIER_WEIGHTS[1] + (LIKELY_WEIGHT if word.likely else 0.0)


class Sort(Choice):
    """The order of the hits."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an engine's answer: how many articles match, and ids with scores, best first.

    A score is 0 where the order is by date. Where two articles are equal, the smaller id is first.
    """

    total: int
    hits: list[tuple[str, float]]


#: By name (:data:`vnjournal.index.analysis.FACETS`): how many articles have which value.
Facets = dict[str, dict[str, int]]

#: Values of a facet that are counted: the commonest.
MOST_VALUES = 100


def commonest(counts: Mapping[str, int], most: int = MOST_VALUES) -> dict[str, int]:
    """The commonest values, those of equal count in their own order.

    >>> commonest({"b": 2, "a": 2, "c": 5})
    {'c': 5, 'a': 2, 'b': 2}
    """
    ordered = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return dict(ordered[:most])


def counted(buckets: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The commonest values, from the buckets of an aggregation; an empty one, or 0, is none.

    >>> counted([{"key": 2018, "doc_count": 3}, {"key": 0, "doc_count": 9}])
    {'2018': 3}
    """
    return commonest({str(each["key"]): each["doc_count"] for each in buckets if each["key"]})


_Reference = TypeVar("_Reference")


def page(
    ranked: Sequence[tuple[float, _Reference]],
    id_of: Callable[[_Reference], str],
    limit: int,
    offset: int,
) -> list[tuple[str, float]]:
    """Ids and values from ``offset`` on; documents of equal value stand in the order of their ids.

    Args: ``ranked``: the value of each document and what is known of it, the best first; it must
    hold all that are equal to the last on the page.

    >>> page([(2.0, "c"), (1.0, "b"), (1.0, "a")], str, limit=1, offset=1)
    [('a', 1.0)]
    """
    end = min(offset + limit, len(ranked))
    at = min(offset, end)
    while 0 < at < end and ranked[at - 1][0] == ranked[at][0]:
        at -= 1
    skipped = offset - at
    found: list[tuple[str, float]] = []
    while at < end:
        value = ranked[at][0]
        alike = []
        while at < len(ranked) and ranked[at][0] == value:
            alike.append(id_of(ranked[at][1]))
            at += 1
        found += [(id, value) for id in sorted(alike)]
    return found[skipped : skipped + limit]


class Engine(Protocol):
    """The index of an archive.

    Raises ArchiveDamaged when it cannot be read, ArchiveFull when it cannot be written for want of
    space.
    """

    name: str

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> Future[None]:
        """Insert or replace documents and drop ids, in one commit.

        Returns what is done when all are on the disk and visible; only then may more be written.
        """
        ...

    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        """Answer a query: hits ``offset`` to ``offset + limit`` and the total."""
        ...

    def facets(self, query: Query) -> Facets:
        """How many of the articles that answer a query have which year, issue, section …"""
        ...

    def refresh(self) -> None:
        """See what other processes have written."""
        ...

    def words(self) -> Words:
        """The keys and forms that stand in it."""
        ...

    def pair_counts(self, pairs: Sequence[str]) -> list[int]:
        """How many articles have each pair, see :func:`vnjournal.index.analysis.pair_term`."""
        ...

    def following(self, key: str, beginning: str, limit: int) -> dict[str, int]:
        """The keys that begin so and stand right behind a key, and in how many articles each does.

        Args: ``limit``: of these the commonest.
        """
        ...

    def ids(self) -> set[str]:
        """The id of every document."""
        ...

    def close(self) -> None:
        """Finish writing and let go of what it holds open."""
        ...


class FolderEngine(Engine, Protocol):
    """One that keeps the index in a folder."""

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new empty index in an empty folder."""
        ...

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index that :meth:`create` made."""
        ...

    def held(self, documents: Iterable[Document]) -> set[str]:
        """The ids of those of some documents that are in the index just as they are."""
        ...
