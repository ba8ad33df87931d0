"""The corrector: rules in, explained edits out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vnjournal.correction.passage import Passage, Proposal
from vnjournal.correction.rules import RULES
from vnjournal.segment.sentences import sentences
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, Edit, EditedText, Kind

Level = Literal["safe", "suggest"]

#: The least confidence of an edit of each level.
LEVELS: dict[Level, float] = {"safe": 0.9, "suggest": 0.5}


@dataclass(frozen=True, slots=True)
class Correction:
    """A text and its corrections: ``edits`` are in order and do not overlap."""

    original: str
    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """The original with every edit applied."""
        return EditedText(self.original, self.edits).text

    def in_sentences(self) -> Iterator[tuple[Edit, str, str]]:
        """Each edit with the sentence it stands in, as written and with all its edits applied."""
        spans = sentences(self.original) if self.edits else []
        starts = [span.start for span in spans]
        for edit in self.edits:
            first = max(bisect_right(starts, edit.start) - 1, 0)
            last = max(bisect_left(starts, edit.end) - 1, first)  # an edit may part two sentences
            start, end = spans[first].start, spans[last].end
            inside = [
                Change(e.start - start, e.end - start, e.after)
                for e in self.edits
                if start <= e.start and e.end <= end
            ]
            before = self.original[start:end]
            yield edit, before, EditedText(before, inside).text


def correct(text: str, level: Level = "safe") -> Correction:
    """Find typos and say how to put them right.

    Args:
        text: in any Unicode form; it is not altered.
        level: ``safe`` for edits that may be applied unread, ``suggest`` for those and less certain
            ones, for a person to review.

    Raises ValueError for another level.

    >>> correction = correct("Chương tình hành động và việctriển khai ở cơ sở,theo quy định")
    >>> correction.text
    'Chương trình hành động và việc triển khai ở cơ sở, theo quy định'
    >>> [(edit.before, edit.after, edit.kind) for edit in correction.edits]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('tình', 'trình', 'wrong-word'), ('việctriển', 'việc triển', 'glued-syllables'),
     ('sở,theo', 'sở, theo', 'space-after-punctuation')]
    """
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")
    composed = compose(text)
    passage = Passage(composed.text)
    proposals = _without_overlaps(
        [p for rule in RULES for p in rule(passage) if p.confidence >= LEVELS[level]]
    )
    edits = []
    for group in _grouped(passage, proposals):
        start, end, changes = group
        after = EditedText(
            passage.text[start:end],
            [Change(p.start - start, p.end - start, p.after) for p in changes],
        ).text
        original_start, original_end = composed.original_span(start, end)
        edits.append(
            Edit(
                original_start,
                original_end,
                text[original_start:original_end],
                after,
                changes[0].kind,
                min(p.confidence for p in changes),
                "; ".join(dict.fromkeys(p.reason for p in changes)),
            )
        )
    return Correction(text, tuple(edits))


def _without_overlaps(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Proposals by place; of two that touch the same characters the earlier rule's stays."""
    kept: list[Proposal] = []
    for proposal in proposals:
        if all(p.end <= proposal.start or proposal.end <= p.start for p in kept):
            kept.append(proposal)
    return sorted(kept, key=lambda p: p.start)


def _grouped(
    passage: Passage, proposals: Sequence[Proposal]
) -> list[tuple[int, int, list[Proposal]]]:
    """Proposals with the whole syllables that they touch; those that share one become one edit."""
    groups: list[tuple[int, int, list[Proposal]]] = []
    for proposal in proposals:
        start, end = _whole_syllables(passage, proposal)
        if groups and start < groups[-1][1]:
            previous_start, previous_end, changes = groups[-1]
            groups[-1] = (previous_start, max(previous_end, end), [*changes, proposal])
        else:
            groups.append((start, end, [proposal]))
    return groups


def _whole_syllables(passage: Passage, proposal: Proposal) -> tuple[int, int]:
    """The stretch from the unit of letters or digits before a change to the one after it."""
    units = passage.units
    first = last = next(at for at, unit in enumerate(units) if unit.end >= proposal.start)
    while first > 0 and units[first].kind is Kind.PUNCTUATION:
        first -= 1
    while units[last].end < proposal.end or (
        last + 1 < len(units)
        and (units[last].end <= proposal.start or units[last].kind is Kind.PUNCTUATION)
        and proposal.start == proposal.end
    ):
        last += 1
    return units[first].start, units[last].end
