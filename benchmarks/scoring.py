"""How corrections are scored against marked mistakes; one rule for every system and data set.

**Detection**: an edit that overlaps a marked mistake is a hit; precision is hits among edits,
recall the marked mistakes that were hit. **Correction**: the text with the edits applied reads, at
the mark, as an accepted suggestion would make it read, compared in lower case with the tone
placement unified; an edit and a mark need not cover the same syllables for that. Edits that change
only spacing or punctuation outside a marked mistake are left out of precision and counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import vnjournal as vj
from vnjournal.text.spans import EditedText, Replacement


@dataclass(frozen=True, slots=True)
class Mark:
    """A mistake that a person marked, with what would be accepted in its place."""

    start: int
    end: int
    suggestions: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text and the mistakes that are known to stand in it."""

    name: str
    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Score:
    """Counts over some documents. ``spacing`` edits are in none of the others."""

    marks: int = 0
    found: int = 0
    corrected: int = 0
    edits: int = 0
    hits: int = 0
    right: int = 0
    spacing: int = 0
    marks_by_kind: Counter[str] = field(default_factory=Counter)
    corrected_by_kind: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def detection(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of finding mistakes."""
        return _precision_recall_f1(self.hits, self.edits, self.found, self.marks)

    @property
    def correction(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of putting them right."""
        return _precision_recall_f1(self.right, self.edits, self.corrected, self.marks)

    def correction_rate(self, kind: str) -> float:
        """The part of the mistakes of one kind that were put right."""
        return self.corrected_by_kind[kind] / self.marks_by_kind[kind]


def _precision_recall_f1(
    good: int, edits: int, found: int, marks: int
) -> tuple[float, float, float]:
    precision = good / edits if edits else 1.0
    recall = found / marks if marks else 1.0
    return precision, recall, f1(precision, recall)


def f1(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score(documents: Iterable[Document], edits_of: Callable[[str], Sequence[Replacement]]) -> Score:
    """Score a system, given as a function from a text to its edits."""
    total = Score()
    for document in documents:
        _add(total, document, edits_of(document.text))
    return total


def _add(total: Score, document: Document, edits: Sequence[Replacement]) -> None:
    text = document.text
    right: set[int] = set()
    for mark in document.marks:
        touching = [at for at, edit in enumerate(edits) if overlap(edit, mark)]
        total.marks += 1
        total.marks_by_kind[mark.kind] += 1
        total.found += bool(touching)
        if touching and _is_corrected(text, mark, [edits[at] for at in touching]):
            total.corrected += 1
            total.corrected_by_kind[mark.kind] += 1
            right.update(touching)
        else:
            total.missed.append(f"{document.name}: {text[mark.start : mark.end]}")
    for at, edit in enumerate(edits):
        hit = any(overlap(edit, mark) for mark in document.marks)
        if not hit and only_spacing(text[edit.start : edit.end], edit.after):
            total.spacing += 1
        else:
            total.edits += 1
            total.hits += hit
            total.right += at in right


def overlap(edit: Replacement, mark: Mark) -> bool:
    """Whether an edit touches a marked mistake."""
    return edit.start < mark.end and mark.start < edit.end


def _is_corrected(text: str, mark: Mark, edits: Sequence[Replacement]) -> bool:
    start = min(mark.start, *(edit.start for edit in edits))
    end = max(mark.end, *(edit.end for edit in edits))
    edited = EditedText(text, edits)
    after_start, after_end = edited.edited_span(start, end)
    reading = _comparable(edited.text[after_start:after_end])
    return any(
        reading == _comparable(text[start : mark.start] + suggestion + text[mark.end : end])
        for suggestion in mark.suggestions
    )


def _comparable(text: str) -> str:
    return vj.normalize(text).lower()


def only_spacing(before: str, after: str) -> bool:
    """Whether two texts differ in nothing but spacing and punctuation."""
    return _letters(before) == _letters(after)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def count_syllables(text: str) -> int:
    """How many stretches between blanks hold a letter: the measure that rates are given in."""
    return sum(any(map(str.isalpha, token)) for token in text.split())
