"""How an archive is written to: by one process at a time, in batches of bounded size."""

from __future__ import annotations

import ctypes
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from vnjournal.articles.documents import Problem
from vnjournal.errors import ArchiveLocked
from vnjournal.store.sketches import Alike

#: The file in an archive's folder that is locked while somebody writes.
LOCK = "writer.lock"
#: The most items of a batch.
BATCH = 1000

_BATCH_CHARACTERS = 2_000_000

_T = TypeVar("_T")


@dataclass(slots=True)
class Added:
    """What became of the articles of one :meth:`Archive.add`.

    ``under_way`` counts those that are corrected and analysed, and wait to be stored;
    ``near_duplicates`` says which that are new or changed are nearly the same as one that came
    before; ``duplicates``, which ids came twice in the run with different text: the first was kept.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    edits: int = 0
    under_way: int = 0
    near_duplicates: tuple[Alike, ...] = ()
    duplicates: tuple[Problem, ...] = ()

    @property
    def total(self) -> int:
        """How many articles are now stored as they came."""
        return self.new + self.changed + self.unchanged

    @property
    def done(self) -> int:
        """How many articles have no work before them, but that some must be written."""
        return self.total + self.under_way


#: Called every second or so of an add or rebuild with the counts so far.
Progress = Callable[[Added], None]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The right to write to an archive; raises ArchiveLocked while another process has it."""
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ArchiveLocked(
            f"another process is writing to {folder}: try again when it has finished"
        ) from None
    try:
        yield
    finally:
        lock.release()


def batches(
    items: Iterable[_T],
    length: Callable[[_T], int],
    most_characters: int = _BATCH_CHARACTERS,
    most_seconds: float = math.inf,
) -> Iterator[list[_T]]:
    """Batches bounded in number and in size, so that memory does not grow with the archive.

    Args: ``length``: characters of an item; ``most_seconds``: for which a batch waits for more.

    >>> list(batches(["a", "bc", "d"], len, most_characters=3))
    [['a', 'bc'], ['d']]
    >>> list(batches(["a", "b"], len, most_seconds=0.0))
    [['a'], ['b']]
    """
    batch: list[_T] = []
    size = 0
    begun = time.monotonic()
    for item in items:
        batch.append(item)
        size += length(item)
        is_late = time.monotonic() - begun >= most_seconds
        if len(batch) >= BATCH or size >= most_characters or is_late:
            yield batch
            batch, size, begun = [], 0, time.monotonic()
    if batch:
        yield batch


def return_freed_memory() -> None:
    """Give the system back what the C library keeps of memory that is free again.

    An engine's threads come and go with each batch and leave their heaps behind: without this a
    process that had indexed 8,600 articles held 161 MB, with it 86 MB.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


class Tally:
    """Counts what becomes of articles, and tells how far it is.

    Args: ``counts``: which go up; ``progress``: what is called with them; True for a counter on
    stderr.
    """

    def __init__(self, counts: Added, progress: bool | Progress) -> None:
        self.counts = counts
        self._report = progress if callable(progress) else _on_stderr if progress else None

    def begun(self, articles: int) -> None:
        """Count articles that are under way from now on."""
        self.counts.under_way += articles
        self.tell()

    def ended(self, more: Added) -> None:
        """Count what became of some articles, of which the new and changed were under way."""
        for each in fields(more):
            name = each.name
            setattr(self.counts, name, getattr(self.counts, name) + getattr(more, name))
        self.counts.under_way -= more.new + more.changed
        self.tell()

    def tell(self) -> None:
        """Tell the counts."""
        if self._report:
            self._report(self.counts)


def _on_stderr(added: Added) -> None:
    print(f"\r{added.done} articles", end="", file=sys.stderr, flush=True)
