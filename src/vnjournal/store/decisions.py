"""What people decided about edits, and where in a text it holds.

A decision belongs to an article, a field, what stands there and what it should read, and to a few
words on either side: to no position, since the text may change elsewhere. Where too many of these
words have changed, it waits, and the edit is a new question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit, EditedText

#: Characters before and behind an edit in which the words around it are looked for.
REACH = 120

_WORDS_AROUND = 3
_ALIKE = 2  # of the words around, so many must still be there
_WORD = re.compile(r"\w+")
_TEXT_END = "¶"  # stands for a word where the text begins or ends


@dataclass(frozen=True, slots=True)
class Decision:
    """An edit that somebody accepted or rejected.

    All text in it is composed; ``left`` and ``right`` are the nearest words on either side.
    """

    id: str
    field: str
    before: str
    after: str
    left: str
    right: str
    accepted: bool
    kind: str
    confidence: float
    reason: str


def words_around(left: str, right: str) -> tuple[str, str]:
    """The last words of what stands before a place, and the first of what stands behind it.

    >>> words_around("Quy chế làm việc của chi bộ.", " Các quy chế được phổ biến")
    ('của chi bộ', 'Các quy chế')
    """
    before = [_TEXT_END, *_WORD.findall(compose(left[-REACH:]).text)][-_WORDS_AROUND:]
    behind = [*_WORD.findall(compose(right[:REACH]).text), _TEXT_END][:_WORDS_AROUND]
    return " ".join(before), " ".join(behind)


def decided(
    text: str, edits: Sequence[Edit], decisions: Sequence[Decision]
) -> list[tuple[Edit, bool | None]]:
    """Edits of a text in order, each with whether it was accepted; None where nobody has decided.

    Args: ``edits``: what the corrector asks for; ``decisions``: those of the text, the newest
    first. Accepted edits are there even if the corrector does not ask for them, and what it asks
    for in their place is not.
    """
    if not decisions:
        return [(edit, None) for edit in edits]
    composed = compose(text)
    accepted: list[Edit] = []
    rejected: set[tuple[int, int, str]] = set()
    for known in decisions:
        for start, end in _places(composed, known):
            place = (start, end, known.after)
            if not known.accepted:
                rejected.add(place)
            elif place not in rejected and not _is_taken(start, end, accepted):
                evidence = (known.kind, known.confidence, known.reason)
                accepted.append(Edit(start, end, text[start:end], known.after, *evidence))
    found: list[tuple[Edit, bool | None]] = [(edit, True) for edit in accepted]
    for edit in edits:
        if not _is_taken(edit.start, edit.end, accepted):
            place = (edit.start, edit.end, compose(edit.after).text)
            found.append((edit, False if place in rejected else None))
    return sorted(found, key=lambda each: each[0].start)


def _is_taken(start: int, end: int, edits: Sequence[Edit]) -> bool:
    return any(edit.start < end and start < edit.end for edit in edits)


def _places(composed: EditedText, known: Decision) -> list[tuple[int, int]]:
    """Where in the original text a decision holds.

    That is where most of the words next to it are those it was taken between, and at least two.
    """
    found = [
        (
            span,
            _alike(left.split()[::-1], known.left.split()[::-1])
            + _alike(right.split(), known.right.split()),
        )
        for span, left, right in _occurrences(composed.text, known.before)
    ]
    most = max((alike for _, alike in found), default=0)
    return [composed.original_span(*span) for span, alike in found if alike == most >= _ALIKE]


def _alike(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words are the same, from the first on."""
    pairs = enumerate(zip(words, others, strict=False))
    different = (at for at, (word, other) in pairs if word != other)
    return next(different, min(len(words), len(others)))


def _occurrences(nfc: str, before: str) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Each place where ``before`` stands by itself, with the words around it."""
    start = nfc.find(before)
    while start >= 0:
        end = start + len(before)
        if not nfc[max(start - 1, 0) : start].isalnum() and not nfc[end : end + 1].isalnum():
            left, right = nfc[max(start - REACH, 0) : start], nfc[end : end + REACH]
            yield (start, end), *words_around(left, right)
        start = nfc.find(before, end)
