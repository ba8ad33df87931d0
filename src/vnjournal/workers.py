"""Worker processes: a stream of work is shared among them, and the answers are taken in order.

Each worker has a pipe of its own, so that one that dies is noticed at once, whatever it was doing,
and one whose parent dies ends with it.
"""

from __future__ import annotations

import os
import signal
import stat
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, Process, get_start_method
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Self, TypeVar

from vnjournal.errors import WorkerLost

_Kept = TypeVar("_Kept")
_Sent = TypeVar("_Sent")
_Answer = TypeVar("_Answer")

_STDERR = 2
_LOST = (
    "a worker process has ended before its work was done (killed, or out of memory): run it again, "
    "with fewer processes if memory is short"
)


class Pool:
    """Some processes that share work; as a context manager it ends them.

    They are started when there is something to do; with one alone, it is done in this one. Several
    streams may be worked on at a time, and one may feed on another.

    >>> with Pool(1) as pool:
    ...     list(pool.in_order(len, [("first", "abc"), ("second", "de")]))
    [('first', 3), ('second', 2)]
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def in_order(
        self,
        work: Callable[[_Sent], _Answer],
        items: Iterable[tuple[_Kept, _Sent]],
        ahead: int = 0,
    ) -> Generator[tuple[_Kept, _Answer]]:
        """Do work on a stream of items, each what is kept here and what is worked on.

        Gives what was kept and the answer, in the order of the items.

        Args:
            work: a function of a module, which other processes can import.
            ahead: how many items are read ahead, at least two for each process; no more are in
                memory.

        Raises what ``work`` raises, and WorkerLost when a worker dies. When reading the items
        raises an Exception, the answers to those read before come first.
        """
        if self._processes <= 1:
            for kept, sent in items:
                yield kept, work(sent)
            return
        waiting: deque[tuple[_Kept, _Worker, int]] = deque()
        failures: list[Exception] = []
        for number, (kept, sent) in enumerate(_until_failure(items, failures)):
            worker = self._worker(number % self._processes)
            waiting.append((kept, worker, worker.send(work, sent)))
            most = max(ahead, 2 * self._processes)
            while waiting and (len(waiting) > most or waiting[0][1].has(waiting[0][2])):
                kept, worker, ticket = waiting.popleft()
                yield kept, worker.answer(ticket)
        for kept, worker, ticket in waiting:
            yield kept, worker.answer(ticket)
        if failures:
            raise failures[0]

    def _worker(self, number: int) -> _Worker:
        while len(self._workers) <= number:
            self._workers.append(_Worker())
        return self._workers[number]


def _until_failure(items: Iterable[_Kept], failures: list[Exception]) -> Iterator[_Kept]:
    try:
        yield from items
    except Exception as error:
        failures.append(error)


class _Worker:
    """A process, and this end of the pipe to it."""

    def __init__(self) -> None:
        self._pipe, its_end = Pipe()
        self._sent = self._came = 0
        self._answers: dict[int, tuple[bool, Any]] = {}  # that came and nobody has asked for yet
        self._process = Process(target=_serve, args=(its_end, self._pipe), daemon=True)
        with _interrupts_held_back():
            self._process.start()
        its_end.close()  # the worker's copy is the only one now: when it dies, the pipe ends

    def send(self, work: Callable[[Any], Any], item: object) -> int:
        """Have work done on an item; gives the number by which to ask for the answer."""
        try:
            self._pipe.send((work, item))
        except OSError as error:
            raise WorkerLost(_LOST) from error
        self._sent += 1
        return self._sent

    def has(self, ticket: int) -> bool:
        """Whether an answer has come already; one that never will has, too."""
        try:
            while self._came < ticket and self._pipe.poll():
                self._take()
        except WorkerLost:
            return True
        return self._came >= ticket

    def _take(self) -> None:
        """Take in what comes next."""
        try:
            came = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerLost(_LOST) from error
        self._came += 1
        self._answers[self._came] = came

    def answer(self, ticket: int) -> Any:
        while self._came < ticket:
            self._take()
        failed, answer = self._answers.pop(ticket)
        if failed:
            raise answer
        return answer

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._pipe.close()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal: one that is just starting leaves it to us."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the worker


def _serve(pipe: Connection, other_end: Connection) -> None:
    """Work on what comes until the pipe or the process is ended from the other side."""
    other_end.close()  # a copy of the parent's, which would keep the pipe open when that has died
    if get_start_method() == "fork":
        _let_go_of_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    items: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(pipe, items), daemon=True).start()
    while True:
        answer: tuple[bool, Any]
        work, item = items.get()
        try:
            answer = False, work(item)
        except Exception as error:
            error.add_note("".join(traceback.format_exception(error)))  # where it was raised
            answer = True, error
        pipe.send(answer)


def _let_go_of_files() -> None:
    """Close what files a fork has copied from the parent.

    A thread of its engine may have held a lock on one just then: with the copy, nobody would ever
    get it again, and the parent would wait forever.
    """
    for number in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        with suppress(OSError):  # the listing's own
            if number > _STDERR and stat.S_ISREG(os.fstat(number).st_mode):
                os.close(number)


def _receive(pipe: Connection, items: SimpleQueue[Any]) -> None:
    """Take in what is sent, at once: the sender never waits, and is missed when it has died."""
    try:
        while True:
            items.put(pipe.recv())
    finally:
        os._exit(1)
