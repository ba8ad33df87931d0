"""Highlights: where in the original text an article answers a query.

They come from the stored text and the stored edits by the same analysis as the index, so what is
highlighted is what was matched, in decomposed and in corrected text too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vnjournal.index.analysis import AS_WRITTEN, FIELDS, Analysis, types_by_key, unit_parts
from vnjournal.index.query import Marks, Phrase, Query, Syllable, Variants, Word
from vnjournal.segment.units import units_of
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit, EditedText, Kind

_MOST_SAID = 1024


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of the original text: ``getattr(article, field)[start:end]`` answers the query."""

    field: str
    start: int
    end: int


def highlights(text: str, edits: Sequence[Edit], field: str, query: Query) -> list[Highlight]:
    """The spans of one field's original text that answer the query, in order, not overlapping."""
    clauses = [c for c in query.sought() if field in c.fields or _in_as_written(c, field, edits)]
    if not clauses or not text:
        return []
    finder = _finder(tuple(clauses), query.marks)
    spans = finder.spans(text, edits)
    if edits:  # the original spelling is searched too
        spans |= finder.spans(text, ())
    merged: list[Highlight] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1].end:
            end = max(end, merged[-1].end)
            start = merged.pop().start
        merged.append(Highlight(field, start, end))
    return merged


def _in_as_written(clause: Word | Phrase | Variants, field: str, edits: Sequence[Edit]) -> bool:
    return AS_WRITTEN in clause.fields and field in FIELDS and bool(edits)


#: Whether a form answers a syllable of its key.
_Answers = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What stands at each place, and how many other terms may stand between."""

    places: list[tuple[str, _Answers]]
    gap: int


@dataclass(frozen=True, slots=True)
class _Said:
    """Of a unit of text: what in it answers a word, and which keys of phrases it has."""

    spans: list[tuple[int, int]]
    keys: frozenset[str]


class _Finder:
    """Finds what answers some clauses of a query.

    A text is looked through for the types of units that have a wanted key, and what such a unit
    says is remembered. Only phrases need all terms in their order, and only where the text has all
    their keys.
    """

    def __init__(self, clauses: Iterable[Word | Phrase | Variants], marks: Marks) -> None:
        self._words: dict[str, list[_Answers]] = {}
        self._phrases: list[_Phrase] = []
        for clause in clauses:
            match clause:
                case Word(syllable):
                    self._add((syllable,), marks)
                    for keys in clause.stand_ins:
                        self._add(tuple(map(Syllable, keys, keys)), marks)
                case Variants(forms):
                    for key, form, _ in forms:
                        self._words.setdefault(key, []).append(form.__eq__)
                case Phrase(asked, _, gap):
                    self._add(asked, marks, gap)
        self._keys = frozenset(key for phrase in self._phrases for key, _ in phrase.places)
        self._wanted = self._keys.union(self._words)
        self._said = lru_cache(maxsize=_MOST_SAID)(self._what_it_says)

    def _add(self, asked: Sequence[Syllable], marks: Marks, gap: int = 0) -> None:
        places = [(syllable.key, _answers(syllable, marks)) for syllable in asked]
        if len(places) == 1:
            key, answers = places[0]
            self._words.setdefault(key, []).append(answers)
        else:
            self._phrases.append(_Phrase(places, gap))

    def spans(self, text: str, edits: Sequence[Edit]) -> set[tuple[int, int]]:
        """Where the reading of a text that some edits make answers, in the original."""
        found: set[tuple[int, int]] = set()
        edited = EditedText(text, edits)
        composed = compose(edited.text)
        keys: set[str] = set()
        for units in units_of(composed.text):
            by_key = types_by_key(units)
            types = units.pieces.types
            is_wanted = np.zeros(len(types), np.bool_)
            for key in self._wanted:
                is_wanted[by_key.get(key, [])] = True
            for at in is_wanted.take(units.types).nonzero()[0].tolist():
                said = self._said(*types[units.types[at]])
                keys |= said.keys
                begin = int(units.starts[at])
                for start, end in said.spans:
                    place = composed.original_span(begin + start, begin + end)
                    found.add(edited.original_span(*place))
        phrases = [each for each in self._phrases if all(key in keys for key, _ in each.places)]
        if phrases:
            analysis = Analysis(text, edits)
            for at, key in enumerate(analysis.keys):
                for phrase in phrases:
                    if phrase.places[0][0] == key:
                        run = _run(analysis, at, phrase.places, phrase.gap)
                        found.update(map(analysis.original_span, run))
        return found

    def _what_it_says(self, text: str, kind: Kind) -> _Said:
        parts = unit_parts(text, kind)
        spans = [
            (start, end)
            for key, form, start, end in parts
            if any(answers(form) for answers in self._words.get(key, ()))
        ]
        return _Said(spans, self._keys.intersection(part[0] for part in parts))


_finder = lru_cache(maxsize=32)(_Finder)


def _answers(syllable: Syllable, marks: Marks) -> _Answers:
    return lambda form: syllable.grade(form, marks) is not None


def _run(
    analysis: Analysis, at: int, places: Sequence[tuple[str, _Answers]], gap: int
) -> list[int]:
    """The terms from one on that answer all places, the nearest ones; none where they do not."""
    key, answers = places[0]
    if analysis.keys[at] != key or not answers(analysis.forms[at]):
        return []
    if len(places) == 1:
        return [at]
    for between in range(min(gap + 1, len(analysis.keys) - at - 1)):
        if rest := _run(analysis, at + 1 + between, places[1:], gap - between):
            return [at, *rest]
    return []
