"""Threads that tokenize at the same time, processes forked meanwhile, and what is cut short."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from benchmarks import samples
from vnjournal import sentences, tokenize
from vnjournal.segment import units, words
from vnjournal.segment.vnjournal_model import vnjournal_tagger

THREADS = 8


def _all_at_once(work: Callable[[int], object]) -> list[object]:
    """What each thread returns for its number; all begin together."""
    ready = threading.Barrier(THREADS)

    def begin(number: int) -> object:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def test_threads_do_not_disturb_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [article.body for article in samples.articles()]
    expected = [(tokenize(text), sentences(text)) for text in texts]
    # so that what is remembered is emptied again and again
    monkeypatch.setattr(units._Pieces, "_MOST_PIECES", 300)

    def work(number: int) -> object:
        order = [*range(number, len(texts)), *range(number)]
        found = {at: (tokenize(texts[at]), sentences(texts[at])) for at in order}
        return [found[at] for at in range(len(texts))]

    assert all(found == expected for found in _all_at_once(work))


def test_a_model_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    def slow() -> object:
        if not opened:
            time.sleep(0.1)
            opened.append(threading.get_ident())
        return vnjournal_tagger()

    monkeypatch.setitem(words._TAGGERS, "vnjournal", slow)
    _all_at_once(lambda _: tokenize("Đảng bộ"))
    assert len(opened) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_forked_meanwhile_tokenizes_too() -> None:
    adding, done = threading.Event(), threading.Event()

    def add() -> None:
        with units._adding:
            adding.set()
            done.wait(0.2)

    thread = threading.Thread(target=add)
    thread.start()
    assert adding.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(len(tokenize("Đảng bộ chưatừngthấy")))
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2


def test_what_is_cut_short_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = units._Pieces()
    with monkeypatch.context() as patched:
        patched.setattr(np, "empty", _fail)
        with pytest.raises(MemoryError):
            pieces["(" * 2000]
    assert pieces["(" * 2000] == 2000


def _fail(*_: object) -> None:
    raise MemoryError
