"""Snippets: the sentences of an article that answer a query best."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vnjournal.search.highlights import Highlight
from vnjournal.segment.sentences import sentences
from vnjournal.text.fold import index_key
from vnjournal.text.spans import Span

_LENGTH = 250  # characters of a snippet, give or take a word
_LEAST = 80  # characters: less room is not worth another sentence


@dataclass(frozen=True, slots=True)
class _Mark:
    """A highlight, and what it says: its word, and the pair with the one that it stands beside."""

    start: int
    end: int
    says: frozenset[object]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Stretches of a body, and whether the first begins, and the last ends, within a sentence."""

    spans: tuple[Span, ...] = ()
    is_cut_before: bool = False
    is_cut_behind: bool = False


def snippet(body: str, found: Iterable[Highlight]) -> Snippet:
    """The sentences of a body that answer best, in their order, some 250 characters in all.

    First the one with the most different words of the query, words that stand together counting
    twice; then those with the most that is not said yet; then what follows the first one, as far as
    there is room. Of a long sentence the best stretch is taken, cut between words. Without
    highlights it is the beginning of the body, and a short body is its own snippet.

    >>> body = 20 * "Trời đã sang thu. " + "Nông dân gặt lúa."
    >>> snippet(body, [Highlight("body", 373, 376)]).spans
    (Span(text='Nông dân gặt lúa.', start=360, end=377),)
    """
    whole = [(span.start, span.end) for span in sentences(body)]
    if not whole:
        return Snippet()
    starts, ends = map(set, zip(*whole, strict=True))
    if whole[-1][1] - whole[0][0] <= _LENGTH:
        whole = [(whole[0][0], whole[-1][1])]
    marks = _by_sentence(whole, _marks(body, found))
    says = [_said(some) for some in marks]
    told: set[object] = set()
    room = _LENGTH
    chosen: list[tuple[int, int]] = []
    while room >= _LEAST:
        best = max(range(len(whole)), key=lambda at: len(says[at] - told))
        if not says[best] - told:
            break
        start, end = _stretch(body, whole[best], marks[best], room)
        chosen.append((start, end))
        told |= says[best]
        room -= end - start
    start, end = chosen[0] if chosen else (whole[0][0], whole[0][0])
    further = _between_words(body, min(end + room, whole[-1][1]), backwards=True)
    end += len(body[end:further].rstrip())
    chosen[:1] = [(start, end)]
    spans = tuple(Span(body[start:end], start, end) for start, end in _merged(body, chosen))
    return Snippet(spans, spans[0].start not in starts, spans[-1].end not in ends)


def _marks(body: str, found: Iterable[Highlight]) -> list[_Mark]:
    marks: list[_Mark] = []
    before, end_before = "", 0
    for highlight in found:
        if highlight.field == "body":
            start, end = highlight.start, highlight.end
            word = index_key(body[start:end])
            beside = marks and body[end_before:start].isspace()
            says = {word, (before, word)} if beside else {word}
            marks.append(_Mark(start, end, frozenset[object](says)))
            before, end_before = word, end
    return marks


def _by_sentence(whole: Sequence[tuple[int, int]], marks: Iterable[_Mark]) -> list[list[_Mark]]:
    found: list[list[_Mark]] = [[] for _ in whole]
    starts = [start for start, _ in whole]
    for mark in marks:
        found[max(bisect_right(starts, mark.start) - 1, 0)].append(mark)
    return found


def _said(marks: Iterable[_Mark]) -> frozenset[object]:
    return frozenset[object]().union(*(mark.says for mark in marks))


def _stretch(
    body: str, sentence: tuple[int, int], marks: Sequence[_Mark], room: int
) -> tuple[int, int]:
    """A sentence, or as much of it as there is room for: the part where its marks say most."""
    start, end = sentence
    if end - start <= room:
        return sentence
    best: frozenset[object] = frozenset()
    middle = start
    first = 0
    for last, mark in enumerate(marks):
        while mark.end - marks[first].start > room and first < last:
            first += 1
        says = _said(marks[first : last + 1])
        if len(says) > len(best):
            best = says
            middle = (marks[first].start + mark.end) // 2
    begin = min(max(start, middle - room // 2), end - room)
    begin = _between_words(body, begin, backwards=True)
    return begin, _between_words(body, begin + room, backwards=False)


def _merged(body: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in their order, those as one that have nothing but blanks between them."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and not body[merged[-1][1] : start].strip():
            start, before = merged.pop()
            end = max(end, before)
        merged.append((start, end))
    return merged


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
