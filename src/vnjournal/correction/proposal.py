"""What the parts of the corrector ask for."""

from __future__ import annotations

from typing import NamedTuple


class Proposal(NamedTuple):
    """A replacement that would put something right, in a composed text.

    ``start:end`` is the least that changes, and ``first:last`` the whole units around it, which the
    edit will cover.
    """

    start: int
    end: int
    after: str
    first: int
    last: int
    kind: str
    confidence: float
    reason: str


def in_case_of(written: str, word: str) -> str:
    """A lower-case word in the letter case of what was written.

    >>> in_case_of("Tòan", "toàn"), in_case_of("TÒAN", "toàn")
    ('Toàn', 'TOÀN')
    """
    if len(written) > 1 and written.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if written[:1].isupper() else word
