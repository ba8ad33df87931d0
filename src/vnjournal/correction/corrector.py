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

_PASSAGE_LENGTH = 200_000  # characters looked at together


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
    edits = [
        _edit(composed, offset, passage, group)
        for offset, passage in _passages(composed.text)
        for group in _grouped(passage, _proposals(passage, LEVELS[level]))
    ]
    return Correction(text, tuple(edits))


def _passages(nfc: str) -> Iterator[tuple[int, Passage]]:
    """The text in whole lines, as many together as bounds the memory; no rule crosses a line."""
    start = 0
    while start < len(nfc):
        end = nfc.find("\n", start + _PASSAGE_LENGTH) + 1 or len(nfc)
        yield start, Passage(nfc[start:end])
        start = end


def _proposals(passage: Passage, least: float) -> list[Proposal]:
    """What the rules ask for, by place; of two for the same characters the earlier rule's stays."""
    kept: list[Proposal] = []
    places: list[tuple[int, int]] = []
    for rule in RULES:
        for proposal in rule(passage):
            place = (proposal.start, proposal.end)
            at = bisect_left(places, place)
            fits = (at == 0 or places[at - 1][1] <= place[0]) and (
                at == len(places) or place[1] <= places[at][0]
            )
            if fits and place not in places[at : at + 1] and proposal.confidence >= least:
                places.insert(at, place)
                kept.insert(at, proposal)
    return kept


@dataclass(frozen=True, slots=True)
class _Group:
    """Proposals that touch the same whole syllables, from ``start`` to ``end``."""

    start: int
    end: int
    proposals: tuple[Proposal, ...]


def _grouped(passage: Passage, proposals: Sequence[Proposal]) -> list[_Group]:
    groups: list[_Group] = []
    for proposal in proposals:
        start, end = _whole_syllables(passage, proposal)
        if groups and start < groups[-1].end:
            last = groups.pop()
            groups.append(_Group(last.start, max(last.end, end), (*last.proposals, proposal)))
        else:
            groups.append(_Group(start, end, (proposal,)))
    return groups


def _whole_syllables(passage: Passage, proposal: Proposal) -> tuple[int, int]:
    """The stretch from the unit of letters or digits before a change to the one after it."""
    units = passage.units
    first = last = bisect_left(units, proposal.start, key=lambda unit: unit.end)
    while first > 0 and units[first].kind is Kind.PUNCTUATION:
        first -= 1
    while units[last].end < proposal.end or (
        last + 1 < len(units)
        and (units[last].end <= proposal.start or units[last].kind is Kind.PUNCTUATION)
        and proposal.start == proposal.end
    ):
        last += 1
    return units[first].start, units[last].end


def _edit(composed: EditedText, offset: int, passage: Passage, group: _Group) -> Edit:
    """One edit of the original text for a group of changes in a passage of its composed form."""
    after = EditedText(
        passage.text[group.start : group.end],
        [Change(p.start - group.start, p.end - group.start, p.after) for p in group.proposals],
    ).text
    start, end = composed.original_span(offset + group.start, offset + group.end)
    return Edit(
        start,
        end,
        composed.original[start:end],
        after,
        group.proposals[0].kind,
        min(p.confidence for p in group.proposals),
        "; ".join(dict.fromkeys(p.reason for p in group.proposals)),
    )
