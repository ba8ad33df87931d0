"""Highlights and snippets: where in the original text an article answers a query.

They come from the stored text and the stored edits by the same analysis as the index, so what is
highlighted is what was matched, in decomposed and in corrected text too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vnjournal.articles.article import Article
from vnjournal.index.analysis import AS_WRITTEN, BOUNDARY, FIELDS, Analysis, Term
from vnjournal.index.query import Clause, Marks, Phrase, Query, Syllable
from vnjournal.search.results import Highlight, Hit
from vnjournal.text.fold import fold
from vnjournal.text.spans import Edit

_SNIPPET_LENGTH = 240  # characters, give or take a word


def matches(syllable: Syllable, term: Term, marks: Marks) -> bool:
    """Whether a term of a text answers a typed syllable."""
    if term.key != syllable.key:
        return False
    if marks is Marks.EXACT:
        return term.form == syllable.form
    return marks is Marks.LOOSE or syllable.tier(term.form) > 0


def hit(article: Article, edits: Mapping[str, Sequence[Edit]], score: float, query: Query) -> Hit:
    """An article that was found, with what in it answers the query."""
    spans = [
        highlight
        for field in FIELDS
        for highlight in highlights(getattr(article, field), edits.get(field, ()), field, query)
    ]
    text, start = snippet(article.body, spans)
    return Hit(article, score, text, start, tuple(spans))


def highlights(text: str, edits: Sequence[Edit], field: str, query: Query) -> list[Highlight]:
    """The spans of one field's original text that answer the query, in order, not overlapping."""
    clauses = [c for c in query.clauses if field in c.fields or _in_as_written(c, field, edits)]
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


def _in_as_written(clause: Clause, field: str, edits: Sequence[Edit]) -> bool:
    return AS_WRITTEN in clause.fields and field in FIELDS and bool(edits)


def _spans(analysis: Analysis, clauses: Sequence[Clause], marks: Marks) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    by_key: dict[str, list[Clause]] = {}
    for clause in clauses:
        first = clause.syllables[0] if isinstance(clause, Phrase) else clause.syllable
        by_key.setdefault(first.key, []).append(clause)
    for at, term in enumerate(analysis.terms):
        for clause in by_key.get(term.key, ()):
            asked = clause.syllables if isinstance(clause, Phrase) else (clause.syllable,)
            run = analysis.terms[at : at + len(asked)]
            if len(run) == len(asked) and all(
                matches(syllable, each, marks) for syllable, each in zip(asked, run, strict=True)
            ):
                found.update(analysis.original_span(each) for each in run if each is not BOUNDARY)
    return found


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
