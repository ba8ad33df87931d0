"""Many ids asked for in a few statements: SQLite takes so many values at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

_SIZE = 500

_Id = TypeVar("_Id")


def chunks(ids: Sequence[_Id]) -> Iterator[tuple[Sequence[_Id], str]]:
    """Parts of some ids, each with the marks that stand for them behind ``IN``.

    >>> list(chunks(["a", "b"]))
    [(['a', 'b'], '(?,?)')]
    """
    for at in range(0, len(ids), _SIZE):
        chunk = ids[at : at + _SIZE]
        yield chunk, f"({','.join('?' * len(chunk))})"
