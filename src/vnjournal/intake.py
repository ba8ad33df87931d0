"""What comes into an archive: which articles are new to it, and what is made of each.

An article is corrected and analysed before anything is written; that is most of the work, hangs on
nothing but the article and what was decided about it, and is what worker processes share.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from vnjournal import review
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Problem
from vnjournal.index.analysis import Document, documents
from vnjournal.index.engine import Engine
from vnjournal.store.decisions import Decision
from vnjournal.store.sqlite import FieldEdits, Store, Stored, content_hash
from vnjournal.store.writing import Added, Progress, batches
from vnjournal.workers import in_order

_TOGETHER = 100_000  # characters that a worker is given at a time: a second's work at most
_AHEAD = 40  # so many times that is read ahead: two batches

_Group = TypeVar("_Group")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its corrections, and what the engine is given of it."""

    stored: Stored
    document: Document


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker needs to know to prepare some articles."""

    articles: list[Article]
    decisions: dict[str, list[Decision]]
    words: Sequence[str]
    correct: bool


def prepared(
    groups: Iterable[tuple[_Group, list[Article]]], store: Store, correct: bool, processes: int
) -> Generator[tuple[_Group, list[Prepared]]]:
    """Groups of articles, one after the other, with what is made of each article.

    Args: ``groups``: anything, and its articles; ``correct``: False for no corrections, else those
    that are safe or accepted, and not rejected; ``processes``: see :func:`in_order`.
    """
    words = store.words() if correct else ()

    def tasks() -> Iterator[tuple[tuple[_Group, list[Article], bool], _Task]]:
        for group, articles in groups:
            parts = list(batches(articles, size, most_characters=_TOGETHER)) or [[]]
            for number, part in enumerate(parts, start=1):
                decisions = store.decisions([article.id for article in part]) if correct else {}
                task = _Task(part, decisions, words, correct)
                yield (group, part, number == len(parts)), task

    found: list[Prepared] = []
    with closing(in_order(_prepare, tasks(), processes, _AHEAD)) as answers:
        for (group, part, is_last), made in answers:
            for article, (edits, analysed) in zip(part, made, strict=True):
                found.append(Prepared(Stored(article, edits), analysed))
            if is_last:
                yield group, found
                found = []


def _prepare(task: _Task) -> list[tuple[FieldEdits, Document]]:
    edits: list[FieldEdits] = [{} for _ in task.articles]
    if task.correct:
        found = review.corrections(task.articles, words=task.words)
        edits = [
            review.reviewed(article, of_article, task.decisions.get(article.id, ()))
            for article, of_article in zip(task.articles, found, strict=True)
        ]
    made = documents(list(zip(task.articles, edits, strict=True)))
    return list(zip(edits, made, strict=True))


@dataclass(slots=True)
class Batch:
    """Articles that came together: how many were what, the ids of those that are there already."""

    counts: Added = field(default_factory=Added)
    unchanged: list[str] = field(default_factory=list)


def index_anew(
    store: Store, folder: Path, engine: type[Engine], report: Progress, processes: int
) -> None:
    """Correct every stored article anew, and index it in a folder of its own.

    Args: ``folder``: what is there goes; ``report``: called after each batch; ``processes``: see
    :func:`in_order`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    added = Added()
    groups = (
        (batch, [stored.article for stored in batch])
        for batch in batches(store, lambda stored: size(stored.article))
    )
    with (
        closing(engine.create(folder)) as native,
        closing(prepared(groups, store, True, processes)) as ready,
        ExitStack() as before,
    ):
        for batch, made in ready:
            again = [each.stored for each in made]
            if changed := [s for s, stored in zip(again, batch, strict=True) if s != stored]:
                store.put(changed, uuid.uuid4().hex)
            before.close()
            before.callback(native.write([each.document for each in made]).result)
            added.changed += len(made)
            report(added)


class Intake:
    """Tells which of the articles that come in one run are new to a store."""

    def __init__(self, store: Store) -> None:
        self.run = uuid.uuid4().hex
        self._store = store
        self._coming: dict[str, tuple[bytes, str]] = {}  # what is told apart and not yet stored

    def sort(self, articles: list[Article]) -> tuple[Batch, list[Article]]:
        """Tell articles apart; returns those that are to be stored besides."""
        known = self._store.known([article.id for article in articles]) | self._coming
        batch, fresh = Batch(), []
        came: dict[str, bytes] = {}
        for article in articles:
            digest = content_hash(article)
            if article.id in came:
                if digest != came[article.id]:
                    batch.counts.duplicates += (_duplicate(article),)
                continue
            came[article.id] = digest
            stored_digest, stored_run = known.get(article.id, (b"", ""))
            if digest == stored_digest:
                batch.counts.unchanged += stored_run != self.run
                batch.unchanged.append(article.id)
            elif stored_run == self.run:
                batch.counts.duplicates += (_duplicate(article),)
            else:
                batch.counts.new += article.id not in known
                batch.counts.changed += article.id in known
                fresh.append(article)
        self._coming |= {article.id: (came[article.id], self.run) for article in fresh}
        return batch, fresh

    def keep(self, batch: Batch, made: Sequence[Prepared]) -> None:
        """Store what was made of a batch."""
        if batch.unchanged:
            self._store.touch(batch.unchanged, self.run)
        if made:
            self._store.put([each.stored for each in made], self.run)
        for each in made:
            self._coming.pop(each.stored.article.id)
            batch.counts.edits += sum(map(len, each.stored.edits.values()))


def size(article: Article) -> int:
    """How many characters of an article are counted for the bounds of a batch."""
    return len(article.body)


def _duplicate(article: Article) -> Problem:
    reason = f"the id {article.id} came twice with different text: this one was not stored"
    return Problem(article.source or article.id, reason)
