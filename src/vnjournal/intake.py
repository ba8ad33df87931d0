"""What comes into an archive: which articles are new to it, and what is made of each.

An article is corrected and analysed before anything is written; that is most of the work, hangs on
nothing but the article and what was decided about it, and is what worker processes share.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from vnjournal import review
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Problem
from vnjournal.index.analysis import CORRECTED_FIELDS, SENTENCE_END, Document, documents
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote
from vnjournal.store.store import FieldEdits, Store, Stored, content_hash
from vnjournal.store.writing import Added, Tally, batches
from vnjournal.text.sketch import sketch
from vnjournal.workers import Pool

_TOGETHER = 100_000  # characters that a worker is given at a time: a second's work at most
_WAIT = 10.0  # seconds for a batch to be read, where that is slow: what is stored is not lost
_AHEAD = 40  # so many times that is read ahead: two batches

_Group = TypeVar("_Group")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its corrections, and what the engine is given of it.

    ``decisions`` are those that its corrections heed; None where it is not corrected.
    """

    stored: Stored
    document: Document
    sketch: bytes
    decisions: Sequence[Decision] | None = None


class Keeper(Protocol):
    """What keeps articles: a store, and an index that is in step with it."""

    @property
    def store(self) -> Store:
        """Where the articles are."""
        ...

    def keep(
        self,
        made: Sequence[Prepared],
        run: str,
        unchanged: Sequence[str] = (),
        files: Sequence[Brought] = (),
    ) -> Callable[[], None]:
        """Begin to store and index articles, and note which came again, and in which files.

        Args: ``unchanged``: ids of those that are as they were. Returns what waits until they are
        there; it may be called after the next ones have been given to keep.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker needs to know to prepare some articles."""

    articles: list[Article]
    decisions: dict[str, list[Decision]]
    words: Sequence[str]
    correct: bool


def prepared(
    groups: Iterable[tuple[_Group, list[Article]]],
    store: Store,
    correct: bool,
    pool: Pool,
    tally: Tally,
) -> Generator[tuple[_Group, list[Prepared]]]:
    """Groups of articles, one after the other, with what is made of each article.

    Args: ``groups``: anything, and its articles; ``correct``: False for no corrections, else those
    that are safe or accepted, and not rejected; ``pool``: what does the work; ``tally``: counts
    them as under way.
    """
    words = store.words() if correct else ()

    def tasks() -> Iterator[tuple[tuple[_Group, _Task, bool], _Task]]:
        for group, articles in groups:
            parts = list(batches(articles, size, most_characters=_TOGETHER)) or [[]]
            for number, part in enumerate(parts, start=1):
                decisions = store.decisions([article.id for article in part]) if correct else {}
                task = _Task(part, decisions, words, correct)
                yield (group, task, number == len(parts)), task

    found: list[Prepared] = []
    for (group, task, is_last), made in pool.in_order(_prepare, tasks(), _AHEAD):
        for article, (edits, analysed, of) in zip(task.articles, made, strict=True):
            heeded = task.decisions.get(article.id, ()) if correct else None
            found.append(Prepared(Stored(article, edits), analysed, of, heeded))
        tally.begun(len(task.articles))
        if is_last:
            yield group, found
            found = []


def _prepare(task: _Task) -> list[tuple[FieldEdits, Document, bytes]]:
    edits: list[FieldEdits] = [{} for _ in task.articles]
    if task.correct:
        found = review.corrections(task.articles, words=task.words)
        edits = [
            review.reviewed(article, of_article, task.decisions.get(article.id, ()))
            for article, of_article in zip(task.articles, found, strict=True)
        ]
    made = documents(list(zip(task.articles, edits, strict=True)))
    return list(zip(edits, made, map(sketch_of, made), strict=True))


def sketch_of(document: Document) -> bytes:
    """The sketch of an article; see :mod:`vnjournal.text.sketch`."""
    keys = " ".join(
        document.terms[name].keys for name in CORRECTED_FIELDS if name in document.terms
    )
    return sketch(keys.replace(SENTENCE_END, "").split())


#: An article that comes in and the file that brings it, if one does; None at the file's end.
Arrival = tuple[Article | None, FileNote | None]


@dataclass(slots=True)
class Batch:
    """What came together.

    Args:
        counts: how many articles were what.
        unchanged: the ids of those that are there already.
        files: what came of which file.
    """

    counts: Added = field(default_factory=Added)
    unchanged: list[str] = field(default_factory=list)
    files: dict[int, Brought] = field(default_factory=dict)

    def brought_by(self, file: FileNote) -> Brought:
        return self.files.setdefault(id(file), Brought(file))


def taken_in(
    keeper: Keeper,
    arrivals: Iterable[Arrival],
    correct: bool,
    pool: Pool,
    tally: Tally,
    stands: Callable[[Path], bool] = lambda _: False,
) -> Generator[Batch]:
    """Store and index what comes in one run; gives each batch when it is there, and counted.

    Args: ``correct``, ``pool``: as for :func:`prepared`; ``tally``: counts; ``stands``: see
    :class:`Intake`.
    """
    intake = Intake(keeper.store, stands)
    groups = map(intake.sort, batches(arrivals, _characters, most_seconds=_WAIT))
    before: _Kept | None = None  # the index is still at work on it
    try:
        for batch, made in prepared(groups, keeper.store, correct, pool, tally):
            done, before = before, _Kept(batch, made, _keep(keeper, intake.run, batch, made))
            if done:
                yield _ended(done, intake, tally)
        done, before = before, None
        if done:
            yield _ended(done, intake, tally)
    finally:
        if before:
            before.finish()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A batch that is being kept, and what waits until it is there."""

    batch: Batch
    made: list[Prepared]
    finish: Callable[[], None]


def _keep(keeper: Keeper, run: str, batch: Batch, made: Sequence[Prepared]) -> Callable[[], None]:
    files = list(batch.files.values())
    if not made and not batch.unchanged and not files:
        return lambda: None
    return keeper.keep(made, run, batch.unchanged, files)


def _ended(kept: _Kept, intake: Intake, tally: Tally) -> Batch:
    """Wait until a batch is there, and count it."""
    kept.finish()
    intake.ended(kept.batch, kept.made)
    tally.ended(kept.batch.counts)
    return kept.batch


def index_anew(
    store: Store,
    write: Callable[[Sequence[Prepared], Sequence[Stored]], Callable[[], object]],
    tally: Tally,
    processes: int,
) -> None:
    """Correct every stored article anew, and index it elsewhere.

    Args: ``write``: begins to index some articles, which were stored otherwise, and gives what
    waits until that is done; ``tally``: counts; ``processes``: how many share the work.
    """
    groups = (
        (batch, [stored.article for stored in batch])
        for batch in batches(store, lambda stored: size(stored.article))
    )
    with Pool(processes) as pool, ExitStack() as before:
        for batch, made in prepared(groups, store, True, pool, tally):
            before.close()
            before.callback(write(made, batch))
            tally.ended(Added(changed=len(made)))


class Intake:
    """Tells which of the articles that come in one run are new to a store.

    Of articles with the same id, the first that came is stored.

    Args: ``stands``: whether what a file has brought stands against other files of this run.
    """

    def __init__(self, store: Store, stands: Callable[[Path], bool]) -> None:
        self.run = uuid.uuid4().hex
        self._store = store
        self._stands = stands
        # what is told apart and not yet stored: digests and runs, and the files that bring it
        self._coming: dict[str, tuple[bytes, str]] = {}
        self._bringing: dict[str, Path] = {}
        self._ended: set[Path] = set()  # files that were read to their end, which is not stored

    def sort(self, arrivals: list[Arrival]) -> tuple[Batch, list[Article]]:
        """Tell articles apart; returns those that are to be stored besides."""
        ids = [article.id for article, _ in arrivals if article]
        known = self._store.known(ids) | self._coming
        owners: dict[str, Path] = {}
        if any(file for _, file in arrivals):
            owners = self._store.files.owners(ids, self.run) | self._bringing
        batch, fresh = Batch(), []
        for article, file in arrivals:
            if article is None:
                if file is not None:
                    batch.brought_by(file).is_all = True
                    self._ended.add(file.path)
                continue
            digest = content_hash(article)
            stored_digest, stored_run = known.get(article.id, (b"", ""))
            is_again = stored_run == self.run
            owner = owners.get(article.id)
            if owner in self._ended and not is_again:
                owner = None  # it was read in this run, and holds the article no more
            is_others = bool(file and owner and owner != file.path and self._stands(owner))
            if file is not None and is_others:
                file.reader = ""  # it is read again, for when the other file has gone
            if digest == stored_digest:
                if not is_again:
                    batch.counts.unchanged += not is_others  # else the other file counts it
                    batch.unchanged.append(article.id)
            elif is_again or is_others:
                batch.counts.duplicates += (_duplicate(article, file),)
                continue
            else:
                batch.counts.new += article.id not in known
                batch.counts.changed += article.id in known
                fresh.append(article)
            known[article.id] = self._coming[article.id] = digest, self.run
            if file is not None and not is_again and not is_others:
                batch.brought_by(file).ids.append(article.id)
                file.articles += 1
                owners[article.id] = self._bringing[article.id] = file.path
        return batch, fresh

    def ended(self, batch: Batch, made: Sequence[Prepared]) -> None:
        """Count what was made of a batch, which is stored."""
        for id in (*batch.unchanged, *(each.stored.article.id for each in made)):
            self._coming.pop(id)
        for each in made:
            batch.counts.edits += sum(map(len, each.stored.edits.values()))
        alike = self._store.like_earlier([each.stored.article.id for each in made])
        batch.counts.near_duplicates += tuple(alike.values())
        for file in batch.files.values():
            for id in file.ids:
                self._bringing.pop(id)
            if file.is_all:
                self._ended.discard(file.file.path)


def size(article: Article) -> int:
    """How many characters of an article are counted for the bounds of a batch."""
    return len(article.body)


def _characters(arrival: Arrival) -> int:
    article, _ = arrival
    return size(article) if article else 0


def _duplicate(article: Article, file: FileNote | None) -> Problem:
    reason = f"the id {article.id} came twice with different text: this one was not stored"
    problem = Problem(article.source or article.id, reason)
    if file is not None:
        file.problems.append(problem)
    return problem
