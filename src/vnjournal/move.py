"""An archive copied to another place, of whatever engine, just as it is.

Nothing is corrected anew. Files, articles and decisions have numbers, in the order of which both
archives are gone through side by side: what the target has already, and the same, is not written
again, so that a move that was cut off goes on where it was. The same comparison, without writing,
is the proof at the end; see also :mod:`vnjournal.answers`.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from vnjournal.answers import Answers
from vnjournal.archive_home import Home
from vnjournal.articles.sources import readable
from vnjournal.cluster.address import Address
from vnjournal.errors import ArchiveExists
from vnjournal.index.analysis import Document, documents
from vnjournal.intake import size
from vnjournal.store.decisions import Decision
from vnjournal.store.files import FileNote
from vnjournal.store.store import MOVING, Entry, Stored
from vnjournal.store.writing import Added, Tally, batches
from vnjournal.workers import Pool

_TOGETHER = 100_000  # characters that a worker is given at a time
_AHEAD = 20  # so many times that is read ahead: a batch
_ROUNDS = 3  # in which what others changed meanwhile is copied
_TOLD = 500  # articles that were there already, after which progress is told
_NAMED = 3  # things that differ

_Item = TypeVar("_Item")
#: What the source has, and what the target has, of the same number.
_Pair = tuple[_Item | None, _Item | None]
#: A decision and its number.
_Decided = tuple[int, Decision]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of an :meth:`Archive.move`.

    Args:
        articles: how many the target has.
        copied: how many of these were written, and not there already.
        seconds: how long it took.
        queries: how many were put to both archives.
        shared: the share of the best ten hits of these that both have, on average; hits of equal
            score count for each other.
        differences: what is not the same in both, each a line; empty when all is well.
    """

    articles: int
    copied: int
    seconds: float
    queries: int
    shared: float
    differences: tuple[str, ...]


def move(source: Home, target: Home, tally: Tally, processes: int) -> Moved:
    """Copy all of an archive to another, and compare the two; see :meth:`Archive.move`."""
    started = time.monotonic()
    with source.writing(), target.held():
        _begin(source, target)
        both = _Both(source, target)
        copied, shared = 0, 0.0
        for _ in range(_ROUNDS):
            copied += both.copy(tally, processes)
            target.refresh()
            answers = Answers(len(source.store))
            differences = both.differences(answers)
            is_copied = not differences
            if is_copied:
                differences, shared = answers.compared(source, target)
            if not differences or isinstance(source.place, Path):  # nobody else writes there
                break
            source.refresh()
            tally = Tally(Added(), False)  # what was counted, is not counted again
        else:
            if is_copied and both.differences(Answers(0)):
                is_copied = False
                differences = [
                    f"{source.place} is being written to: run it again, which copies what has come"
                ]
        if is_copied:  # what is wrong with an index then, a rebuild cures
            target.store.set_meta(**{MOVING: ""})
        return Moved(
            articles=len(target.store),
            copied=copied,
            seconds=time.monotonic() - started,
            queries=len(answers),
            shared=shared,
            differences=tuple(differences),
        )


def _begin(source: Home, target: Home) -> None:
    """Have nobody else write to a target, unless it holds what the source does not.

    On a cluster somebody may be at work there. What that one has been told is stored, a second look
    finds, when the mark is set; what comes later is never told to be stored, see
    :meth:`Home.writing`. Until then the mark says so, for a move that goes on to look, too.
    """
    origin = _origin(source, target)
    looking = f"{origin} (nothing is copied yet)"
    before = target.store.meta().get(MOVING, "")
    if before == origin:
        return
    if before not in ("", looking):
        raise ArchiveExists(
            f"{target.place} is an unfinished move from {before}: run that to its end, or name "
            "another place"
        )
    try:
        _refuse_others(source, target)  # those who are at work where it is refused are left to it
        target.store.set_meta(**{MOVING: looking})
        target.refresh()
        _refuse_others(source, target)
    except ArchiveExists:
        target.store.set_meta(**{MOVING: ""})
        raise
    target.store.set_meta(**{MOVING: origin})


def _origin(source: Home, target: Home) -> str:
    """What the source is known by at the target: paths mean nothing to other machines."""
    if not isinstance(source.place, Path):
        address = Address.parse(source.place)
        return f"{address.cluster}/{address.name}"
    path = os.fsencode(os.path.realpath(source.place)).decode("utf-8", "backslashreplace")
    return path if isinstance(target.place, Path) else f"{socket.gethostname()}:{path}"


def _refuse_others(source: Home, target: Home) -> None:
    """Raises ArchiveExists where a target holds what the source does not.

    Not for notes of files: what they are dropped for is only read again.
    """
    settings = source.store.settings().items()
    if named := [each[0] for each in target.store.settings().items() if each not in settings]:
        raise _holds_others(source, target, "words, templates or notes", named[0])
    for batch in batches(target.store.entries(), _characters):
        ours = source.store.get([entry.id for entry in batch])
        if other := [entry.id for entry in batch if ours.get(entry.id) != entry.stored]:
            raise _holds_others(source, target, "articles", other[0])
    for taken in batches(target.store.decided(), lambda each: len(each[1].left)):
        known = source.store.decisions([decision.id for _, decision in taken])
        if other := [each.id for _, each in taken if each not in known.get(each.id, ())]:
            raise _holds_others(source, target, "decisions about typos", f"of {other[0]}")


def _holds_others(source: Home, target: Home, what: str, such: str) -> ArchiveExists:
    return ArchiveExists(
        f"{target.place} holds other {what} than {source.place}, such as {such}: name a place "
        "where there is no archive yet, or delete that one first"
    )


class _Both:
    """Two archives side by side."""

    def __init__(self, source: Home, target: Home) -> None:
        self._source = source
        self._target = target
        self._is_to_folder = isinstance(target.place, Path)

    # --- what there is on both sides

    def files(self) -> Iterator[_Pair[FileNote]]:
        """The files of both, side by side; a folder notes none of other machines."""
        ours = (
            file
            for file in self._source.store.files.every()
            if not (self._is_to_folder and file.host)
        )
        theirs = self._target.store.files.every()
        return _side_by_side(ours, theirs, lambda file: (file.number, ""))

    def entries(self) -> Iterator[_Pair[Entry]]:
        """The articles of both, side by side, when the target has the files."""
        ours = self._source.store.entries()
        if self._is_to_folder:
            noted = {file.number for file in self._target.store.files.every()}
            ours = (_from_noted(entry, noted) for entry in ours)
        theirs = self._target.store.entries()
        return _side_by_side(ours, theirs, lambda entry: (entry.number, entry.id))

    def decisions(self) -> Iterator[_Pair[_Decided]]:
        """The decisions of both, side by side."""
        return _side_by_side(
            self._source.store.decided(),
            self._target.store.decided(),
            lambda each: (each[0], each[1].id),
        )

    # --- copying

    def copy(self, tally: Tally, processes: int) -> int:
        """Write to the target what it has not, and drop what it has besides.

        Returns how many articles were written.
        """
        source, target = self._source.store, self._target.store
        target.set_meta(**dict.fromkeys(target.settings(), "") | source.settings())
        for files in batches(_differing(self.files()), lambda _: 1):
            new = [ours for ours, _ in files if ours]
            target.take_files(new, [theirs for ours, theirs in files if theirs and not ours])
        copied = self._articles(tally, processes)
        for decisions in batches(_differing(self.decisions()), lambda _: 1):
            target.take_decisions([ours for ours, _ in decisions if ours])
        return copied

    def _articles(self, tally: Tally, processes: int) -> int:
        besides: list[str] = []
        copied = 0
        with Pool(processes) as pool, ExitStack() as before:
            parts = batches(self._missing(besides, tally), _characters, _TOGETHER)
            tasks = ((part, [entry.stored for entry in part]) for part in parts)
            analysed = (
                pair
                for part, made in pool.in_order(_analysed, tasks, _AHEAD)
                for pair in zip(part, made, strict=True)
            )
            for batch in batches(analysed, lambda pair: _characters(pair[0])):
                before.close()
                before.callback(self._target.take(batch))
                copied += len(batch)
                tally.ended(Added(new=len(batch), under_way=len(batch)))
        for ids in batches(besides, len):
            there = self._source.store.known(ids)  # at another place in the order
            self._target.delete([id for id in ids if id not in there])
        return copied

    def _missing(self, besides: list[str], tally: Tally) -> Iterator[Entry]:
        """The articles that the target has not, or not as they are.

        Args: ``besides``: gets the ids of those that it has where the source has none.
        """
        unchanged = 0
        for ours, theirs in self.entries():
            if ours is None and theirs is not None:
                besides.append(theirs.id)
            elif ours is not None and ours != theirs:
                yield ours
            else:
                unchanged += 1
            if unchanged == _TOLD:
                tally.ended(Added(unchanged=unchanged))
                unchanged = 0
        tally.ended(Added(unchanged=unchanged))

    # --- comparing

    def differences(self, answers: Answers) -> list[str]:
        """What is not the same in both, each a line. Args: ``answers``: looks at the articles."""
        found = [
            *_different("article", self._looked_at(answers), lambda entry: entry.id),
            *_different("file", self.files(), lambda file: readable(file.path)),
            *_different("decision", self.decisions(), lambda each: each[1].id),
        ]
        if self._source.store.settings() != self._target.store.settings():
            found.append("words, templates or notes of the archive differ")
        return found

    def _looked_at(self, answers: Answers) -> Iterator[_Pair[Entry]]:
        for ours, theirs in self.entries():
            if ours:
                answers.look(ours.stored.article)
            yield ours, theirs


def _from_noted(entry: Entry, noted: Container[int]) -> Entry:
    """An article, without the file that brought it where that is not noted."""
    return replace(entry, origin=None) if entry.origin and entry.origin[0] not in noted else entry


def _side_by_side(
    ours: Iterator[_Item], theirs: Iterator[_Item], key: Callable[[_Item], tuple[int, str]]
) -> Iterator[_Pair[_Item]]:
    """Two streams in order as one; what is of equal key comes together.

    >>> list(_side_by_side(iter("ac"), iter("bc"), lambda letter: (ord(letter), "")))
    [('a', None), (None, 'b'), ('c', 'c')]
    """
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        is_first = other is None or (one is not None and key(one) <= key(other))
        is_second = one is None or (other is not None and key(other) <= key(one))
        yield one if is_first else None, other if is_second else None
        if is_first:
            one = next(ours, None)
        if is_second:
            other = next(theirs, None)


def _differing(pairs: Iterator[_Pair[_Item]]) -> Iterator[_Pair[_Item]]:
    return (pair for pair in pairs if pair[0] != pair[1])


def _different(
    what: str, pairs: Iterator[_Pair[_Item]], name: Callable[[_Item], str]
) -> Iterator[str]:
    """A line for each way in which things differ."""
    ways: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for ours, theirs in _differing(pairs):
        one = ours if ours is not None else theirs
        assert one is not None
        way = "missing" if theirs is None else "besides" if ours is None else "not the same"
        counts[way] = counts.get(way, 0) + 1
        named = ways.setdefault(way, [])
        if len(named) < _NAMED:
            named.append(name(one))
    for way, named in ways.items():
        more = ", …" if counts[way] > len(named) else ""
        plural = "" if counts[way] == 1 else "s"
        yield f"{counts[way]:,} {what}{plural} {way} ({', '.join(named)}{more})"


def _analysed(batch: Sequence[Stored]) -> list[Document]:
    return documents([(each.article, each.edits) for each in batch])


def _characters(entry: Entry) -> int:
    return size(entry.stored.article)
