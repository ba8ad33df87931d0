"""Highlights and snippets: where in the original text an article answers a query.

They come from the stored text and the stored edits by the same analysis as the index, so what is
highlighted is what was matched, in decomposed and in corrected text too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vnjournal.index.analysis import AS_WRITTEN, FIELDS, Analysis, Term
from vnjournal.index.query import Marks, Phrase, Query, Syllable, Variants, Word
from vnjournal.text.fold import fold
from vnjournal.text.spans import Edit

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
    spans = _spans(Analysis(text, edits), clauses, query.marks)
    if edits:  # the original spelling is searched too
        spans |= _spans(Analysis(text), clauses, query.marks)
    merged: list[Highlight] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1].end:
            end = max(end, merged[-1].end)
            start = merged.pop().start
        merged.append(Highlight(field, start, end))
    return merged


def _in_as_written(clause: Word | Phrase | Variants, field: str, edits: Sequence[Edit]) -> bool:
    return AS_WRITTEN in clause.fields and field in FIELDS and bool(edits)


#: What stands at one place of a clause: whether a form of a key answers it.
_Place = tuple[str, Callable[[str], bool]]


def _spans(
    analysis: Analysis, clauses: Sequence[Word | Phrase | Variants], marks: Marks
) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    begun_by: dict[str, list[tuple[list[_Place], int]]] = {}
    for clause in clauses:
        for places, gap in _ways(clause, marks):
            begun_by.setdefault(places[0][0], []).append((places, gap))
    for at, term in enumerate(analysis.terms):
        for places, gap in begun_by.get(term.key, ()):
            run = _run(analysis.terms, at, places, gap)
            found.update(analysis.original_span(each) for each in run)
    return found


def _ways(clause: Word | Phrase | Variants, marks: Marks) -> Iterator[tuple[list[_Place], int]]:
    """The places of each way to answer a clause, and how many other terms may stand between."""
    match clause:
        case Word(syllable):
            yield [_place(syllable, marks)], 0
        case Phrase(syllables):
            yield [_place(syllable, marks) for syllable in syllables], clause.gap
        case Variants(forms):
            for key, form, _ in forms:
                yield [(key, form.__eq__)], 0


def _place(syllable: Syllable, marks: Marks) -> _Place:
    return syllable.key, lambda form: syllable.grade(form, marks) is not None


def _run(terms: Sequence[Term], at: int, places: Sequence[_Place], gap: int) -> list[Term]:
    """The terms from one on that answer all places, the nearest ones; none where they do not."""
    key, answers = places[0]
    if terms[at].key != key or not answers(terms[at].form):
        return []
    if len(places) == 1:
        return [terms[at]]
    for between in range(min(gap + 1, len(terms) - at - 1)):
        if rest := _run(terms, at + 1 + between, places[1:], gap - between):
            return [terms[at], *rest]
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
