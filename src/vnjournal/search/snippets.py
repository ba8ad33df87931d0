"""Highlights and snippets: where in the original text an article answers a query.

They come from the stored text and the stored edits by the same analysis as the index, so what is
highlighted is what was matched, in decomposed and in corrected text too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vnjournal.index.analysis import AS_WRITTEN, FIELDS, Analysis, unit_parts
from vnjournal.index.query import Marks, Phrase, Query, Syllable, Variants, Word
from vnjournal.segment.units import units_of
from vnjournal.text.fold import fold
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit, EditedText

_SNIPPET_LENGTH = 240  # characters, give or take a word


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


class _Finder:
    """Finds what answers some clauses of a query.

    Words are looked for unit by unit, and what a unit of text says is remembered; only phrases need
    all terms in their order.
    """

    def __init__(self, clauses: Iterable[Word | Phrase | Variants], marks: Marks) -> None:
        self._words: dict[str, list[_Answers]] = {}
        self._phrases: dict[str, list[_Phrase]] = {}
        self._seen: tuple[object, dict[int, list[tuple[int, int]]]] = (None, {})
        for clause in clauses:
            match clause:
                case Word(syllable):
                    self._words.setdefault(syllable.key, []).append(_answers(syllable, marks))
                    for keys in clause.stand_ins:
                        self._add_phrase(map(Syllable, keys, keys), marks)
                case Variants(forms):
                    for key, form, _ in forms:
                        self._words.setdefault(key, []).append(form.__eq__)
                case Phrase(asked, _, gap):
                    self._add_phrase(asked, marks, gap)

    def _add_phrase(self, asked: Iterable[Syllable], marks: Marks, gap: int = 0) -> None:
        places = [(syllable.key, _answers(syllable, marks)) for syllable in asked]
        self._phrases.setdefault(places[0][0], []).append(_Phrase(places, gap))

    def spans(self, text: str, edits: Sequence[Edit]) -> set[tuple[int, int]]:
        """Where the reading of a text that some edits make answers, in the original."""
        found: set[tuple[int, int]] = set()
        if self._words:
            edited = EditedText(text, edits)
            composed = compose(edited.text)
            found.update(
                edited.original_span(*composed.original_span(start, end))
                for start, end in self._words_in(composed.text)
            )
        if self._phrases:
            analysis = Analysis(text, edits)
            for at, key in enumerate(analysis.keys):
                for phrase in self._phrases.get(key, ()):
                    run = _run(analysis, at, phrase.places, phrase.gap)
                    found.update(map(analysis.original_span, run))
        return found

    def _words_in(self, nfc: str) -> Iterator[tuple[int, int]]:
        for units in units_of(nfc):
            pieces, seen = self._seen
            if pieces is not units.pieces:  # the numbers of units have begun anew
                seen = {}
                self._seen = units.pieces, seen
            numbers = units.types.tolist()
            for number in set(numbers).difference(seen):
                seen[number] = [
                    (start, end)
                    for key, form, start, end in unit_parts(*units.pieces.types[number])
                    if key in self._words and any(has(form) for has in self._words[key])
                ]
            for at in [at for at, number in enumerate(numbers) if seen[number]]:
                begin = int(units.starts[at])
                for start, end in seen[numbers[at]]:
                    yield begin + start, begin + end


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


def snippet(body: str, found: Sequence[Highlight]) -> tuple[str, int]:
    """The stretch of the body that answers best, and where it starts.

    That is the one with the most different words of the query, words that stand together counting
    twice. Without highlights it is the beginning. The stretch begins and ends between words.
    """
    spans = [(h.start, h.end) for h in found if h.field == "body"]
    words = [fold(body[start:end]) for start, end in spans]
    beside = [
        at > 0 and body[spans[at - 1][1] : start].isspace() for at, (start, _) in enumerate(spans)
    ]
    start = best = first = 0
    for last, (_, end) in enumerate(spans):
        while end - spans[first][0] > _SNIPPET_LENGTH and first < last:
            first += 1
        pairs = {(words[at - 1], words[at]) for at in range(first + 1, last + 1) if beside[at]}
        score = len(set(words[first : last + 1])) + len(pairs)
        if score > best:
            best = score
            margin = max(0, _SNIPPET_LENGTH - (end - spans[first][0])) // 2
            start = spans[first][0] - margin
    start = max(0, min(start, len(body) - _SNIPPET_LENGTH))
    start = _between_words(body, start, backwards=True)
    end = _between_words(body, min(len(body), start + _SNIPPET_LENGTH + 20), backwards=False)
    return body[start:end], start


def _between_words(text: str, at: int, *, backwards: bool) -> int:
    """The nearest place at or before (after) a position where a word begins (has ended)."""
    step = -1 if backwards else 1
    limit = 40  # characters; a longer run without a blank is cut
    moved = at
    while 0 < moved < len(text) and abs(moved - at) < limit:
        edge = moved - 1 if backwards else moved
        if text[edge].isspace():
            return moved
        moved += step
    return moved if moved in (0, len(text)) else at
