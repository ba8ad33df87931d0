"""The corrector: what its parts propose, made into explained edits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from vnjournal.correction.boundaries import glued_syllables, split_syllables
from vnjournal.correction.doubled_words import doubled_words
from vnjournal.correction.keystrokes import left_keystrokes
from vnjournal.correction.passage import (
    Part,
    in_lines,
    is_doubtful,
    is_foreign,
    is_protected,
    passages,
)
from vnjournal.correction.proposal import Proposal
from vnjournal.correction.spacing import wrong_blanks
from vnjournal.correction.spelling_rules import broken_rules
from vnjournal.correction.wrong_words import Occurrences, wrong_words
from vnjournal.segment.sentences import sentences
from vnjournal.segment.units import Units
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, Edit, EditedText

if TYPE_CHECKING:
    from numpy.typing import NDArray

_T = TypeVar("_T")

Level = Literal["safe", "suggest"]

#: The least confidence of an edit of each level.
LEVELS: dict[Level, float] = {"safe": 0.8, "suggest": 0.33}

_DOUBT = 0.7  # the most confidence of an edit where one is never safe
_APART = 2  # units that are judged by each other
_FEW = 3  # edits in a line that are never too many
_SHARE = 0.2  # of the units of a line, beyond which it is left alone: old spelling, lost marks
_MOST_ROUNDS = 8
_DIGITS = 4  # of a confidence: the last ones of a sum hang on what else is summed at the same time
# Stands before, between and behind texts, so that none hangs on another: a line of signs in which
# there is nothing to correct, and so many that what is at its one end is not near the other.
_WALL = "\n© © © © © ©\n"
_TOGETHER = 60_000  # characters: what is cut into units at a time is never cut into two


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


def correct(text: str, level: Level = "safe", *, words: Sequence[str] = ()) -> Correction:
    """Find typos and say how to put them right.

    Args:
        text: in any Unicode form; it is not altered.
        level: ``safe`` for edits that may be applied unread, ``suggest`` for those and less certain
            ones, for a person to review.
        words: words of your own that are never edited; see :func:`vnjournal.tokenize`.

    Correcting the corrected text finds nothing more. Raises ValueError for another level.

    >>> correction = correct("Chương tình hành động và việctriển khai ở cơ sở,theo quy định")
    >>> correction.text
    'Chương trình hành động và việc triển khai ở cơ sở, theo quy định'
    >>> [(edit.before, edit.after, edit.kind) for edit in correction.edits]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('tình', 'trình', 'wrong-word'), ('việctriển', 'việc triển', 'glued-syllables'),
     ('sở,theo', 'sở, theo', 'space-after-punctuation')]
    """
    return correct_each([text], level, words=words)[0]


def correct_each(
    texts: Sequence[str], level: Level = "safe", *, words: Sequence[str] = ()
) -> list[Correction]:
    """Correct several texts, each as :func:`correct` does, in less than half the time.

    >>> [correction.text for correction in correct_each(["là tòan tỉnh", "cơ sở,theo"])]
    ['là toàn tỉnh', 'cơ sở, theo']
    """
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")
    composed = [compose(text) for text in texts]
    edits: list[list[Edit]] = [[] for _ in texts]
    waiting = list(range(len(texts)))
    for _ in range(_MOST_ROUNDS):
        edited = [EditedText(composed[number].text, edits[number]) for number in waiting]
        found = chain.from_iterable(
            _edits(group, LEVELS[level], words) for group in _groups([e.text for e in edited])
        )
        again = []
        for number, before, more in zip(waiting, edited, found, strict=True):
            if more:
                edits[number] = _joined(before, edits[number], more)
                again.append(number)
        waiting = again
    return [
        Correction(text, tuple(_in_original(nfc, edit) for edit in of_text))
        for text, nfc, of_text in zip(texts, composed, edits, strict=True)
    ]


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts that are looked at together; one that is long stands alone."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) + len(_WALL) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text) + len(_WALL)
    if group:
        yield group


def _edits(texts: Sequence[str], least: float, words: Sequence[str]) -> list[list[Edit]]:
    """The edits of each composed text that can be decided without each other."""
    lengths = (len(text) + len(_WALL) for text in texts)
    begins = list(accumulate(lengths, initial=len(_WALL)))
    found: list[list[Edit]] = [[] for _ in texts]
    for passage in passages(_WALL.join(["", *texts, ""])):
        occurrences = Occurrences(passage, begins)
        for part in passage:
            for edit in _grouped(part.units, _accepted(part, occurrences, least, words)):
                number = bisect_right(begins, edit.start) - 1
                begin = begins[number]
                found[number].append(replace(edit, start=edit.start - begin, end=edit.end - begin))
    return found


def _accepted(
    part: Part, occurrences: Occurrences, least: float, words: Sequence[str]
) -> list[Proposal]:
    """What is proposed, is sure enough, and does not hang on anything more sure beside it."""
    units, context = part
    others = [
        *broken_rules(units),
        *doubled_words(units, context),
        *left_keystrokes(units, context),
        *glued_syllables(units, context, least),
        *split_syllables(units, context, least),
    ]
    of_words = list(wrong_words(units, context, occurrences, least))
    if of_words:
        foreign, doubtful = is_foreign(units), is_doubtful(units)
        doubtful |= _many_in_line(units, of_words)
        of_words = [
            proposal._replace(confidence=min(proposal.confidence, _DOUBT))
            if doubtful[proposal.first]
            else proposal
            for proposal in of_words
            if not foreign[proposal.first]
        ]
    accepted = [proposal for proposal in wrong_blanks(units) if proposal.confidence >= least]
    if others or of_words:
        taken = is_protected(units, words)
        for proposal in sorted((*others, *of_words), key=lambda proposal: -proposal.confidence):
            units_of_it = slice(proposal.first, proposal.last + 1)
            if proposal.confidence >= least and not taken[units_of_it].any():
                taken[max(proposal.first - _APART, 0) : proposal.last + _APART + 1] = True
                accepted.append(proposal)
    return sorted(accepted)


def _grouped(units: Units, proposals: list[Proposal]) -> Iterator[Edit]:
    """Edits for proposals, in order; those that share a unit become one."""
    for group in _runs(proposals, lambda last, following: following.first <= last.last):
        first, last = group[0].first, max(proposal.last for proposal in group)
        start, end = int(units.starts[first]), int(units.ends[last])
        before = units.nfc[start:end]
        changes = [Change(p.start - start, p.end - start, p.after) for p in group]
        yield _one_edit(start, end, before, EditedText(before, changes).text, group)


def _joined(edited: EditedText, edits: list[Edit], more: list[Edit]) -> list[Edit]:
    """Edits of a text, and more of the text that they give, as edits of the first text."""
    final = EditedText(edited.text, more)
    moved = []
    for edit in more:
        start, end = edited.original_span(edit.start, edit.end)
        moved.append(replace(edit, start=start, end=end))
    joined = []
    every = sorted((*edits, *moved), key=lambda edit: (edit.start, edit.end))
    for group in _runs(every, lambda last, following: following.start < last.end):
        start, end = group[0].start, max(edit.end for edit in group)
        after_start, after_end = final.edited_span(*edited.edited_span(start, end))
        before, after = edited.original[start:end], final.text[after_start:after_end]
        if before != after:
            joined.append(_one_edit(start, end, before, after, group))
    return joined


def _one_edit(
    start: int, end: int, before: str, after: str, group: Sequence[Proposal | Edit]
) -> Edit:
    """The edit that several come to: as sure as the least sure of them, for all their reasons."""
    sure = round(min(each.confidence for each in group), _DIGITS)
    reasons = "; ".join(dict.fromkeys(each.reason for each in group))
    return Edit(start, end, before, after, group[0].kind, sure, reasons)


def _runs(items: Iterable[_T], go_together: Callable[[_T, _T], bool]) -> Iterator[list[_T]]:
    """Items in order, those together that go together with one before."""
    run: list[_T] = []
    for item in items:
        if run and not any(go_together(other, item) for other in reversed(run)):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _many_in_line(units: Units, proposals: list[Proposal]) -> NDArray[np.bool_]:
    """Whether each unit is in a line of which so much would be edited that it may be meant so."""
    edited = np.zeros(len(units), np.bool_)
    edited[[proposal.first for proposal in proposals]] = True
    sizes = units.line_ends - units.lines
    many: NDArray[np.bool_] = in_lines(units, edited) > np.maximum(_FEW, sizes * _SHARE)
    return many.repeat(sizes)


def _in_original(composed: EditedText, edit: Edit) -> Edit:
    start, end = composed.original_span(edit.start, edit.end)
    return replace(edit, start=start, end=end, before=composed.original[start:end])
