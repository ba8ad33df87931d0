"""Text -> terms: the one joining point of index, query and highlighter.

Every syllable, and every part of a compound (``Mác-Lênin``, ``01/GP-STTTT``, ``KH&CN``), becomes
one term at a position of its own, so that a compound is found whole, as a phrase of its parts, and
by any part. A term has a *key*, shared by all spellings that differ in marks only, and a *form*,
which keeps the marks (:mod:`vnjournal.text.fold`). A sentence's end takes positions too, so that
no phrase reaches across it; commas and dashes take none. Terms that stand side by side make a
*pair* besides, for ranking.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import regex

from vnjournal.articles.article import Article
from vnjournal.segment.sentences import sentence_units
from vnjournal.text.fold import form, index_key
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit, EditedText, Kind

#: Fields whose text is searched; each is an attribute of :class:`Article`.
FIELDS = ("title", "body", "author", "section", "journal")
#: Fields that the corrector reads.
CORRECTED_FIELDS = ("title", "body")
#: Fields of which pairs of terms are indexed.
PAIRED_FIELDS = ("title", "body", "author")
#: The extra field that holds edited stretches in their original spelling.
AS_WRITTEN = "as_written"
#: Fields that a word without a field name is looked for in; author and body count together.
DEFAULT_FIELDS = ("title", "body", "author", AS_WRITTEN)
#: The term that stands at the end of each sentence; no key or form looks like it.
SENTENCE_END = "¶"
#: How many positions it takes: more than syllables may stand between the words of most queries.
SENTENCE_GAP = 4

_PARTS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_KEY_WORDS = regex.compile("[a-z0-9]+")
_LONGEST_KEY = 100  # characters; what is longer is no word, and engines limit terms
_AROUND = 6  # syllables kept on either side of an edited stretch


class Term(NamedTuple):
    """One indexed syllable and its place in the analysed text; see :class:`Analysis`."""

    key: str
    form: str
    start: int
    end: int


#: What stands between two sentences in a list of terms.
BOUNDARY = Term(SENTENCE_END, SENTENCE_END, -1, -1)
_BOUNDARIES = (BOUNDARY,) * SENTENCE_GAP


@lru_cache(maxsize=32768)
def term_parts(token: str) -> tuple[tuple[str, str, int, int], ...]:
    """Key, form and offsets of each part of one token of composed text.

    >>> term_parts("KH&CN")
    (('kh', 'kh', 0, 2), ('cn', 'cn', 3, 5))
    """
    parts: list[tuple[str, str, int, int]] = []
    for match in _PARTS.finditer(token):
        part = match.group()
        key = index_key(part)
        words = _KEY_WORDS.findall(key)
        if words == [key]:
            parts.append((key[:_LONGEST_KEY], form(part)[:_LONGEST_KEY], *match.span()))
        else:  # other scripts may be transliterated as several words
            parts += [(w[:_LONGEST_KEY], w[:_LONGEST_KEY], *match.span()) for w in words]
    return tuple(parts)


def _terms(nfc: str) -> Iterator[Term]:
    for sentence in sentence_units(nfc):
        for text, start, _, kind in sentence:
            if kind is not Kind.PUNCTUATION and kind is not Kind.SYMBOL:
                for key, marked, part_start, part_end in term_parts(text):
                    yield Term(key, marked, start + part_start, start + part_end)
        yield from _BOUNDARIES


class Analysis:
    """A text in its corrected reading, as terms that can be led back to the original.

    Args: ``text``: the original, in any Unicode form; ``edits``: corrections of it.

    >>> edit = Edit(3, 12, "việctriển", "việc triển", "", 1, "")
    >>> analysis = Analysis("là việctriển khai", [edit])
    >>> [term.key for term in analysis.terms]
    ['la', 'viec', 'trien', 'khai', '¶', '¶', '¶', '¶']
    >>> analysis.original_span(analysis.terms[2])
    (3, 12)
    """

    __slots__ = ("_composed", "_edited", "terms")

    def __init__(self, text: str, edits: Sequence[Edit] = ()) -> None:
        self._edited = EditedText(text, edits)
        self._composed = compose(self._edited.text)
        self.terms = list(_terms(self._composed.text))

    def original_span(self, term: Term) -> tuple[int, int]:
        """Where a term stands in the original; an edited stretch counts as a whole."""
        return self._edited.original_span(*self._composed.original_span(term.start, term.end))


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine is given of an article: terms by field, and values to filter and sort by.

    ``pairs``: each pair of terms that stand side by side in a sentence, see :func:`pair_term`.
    """

    id: str
    terms: dict[str, list[Term]]
    pairs: list[str]
    year: int
    date: int
    issue: str


def document(article: Article, edits: dict[str, list[Edit]]) -> Document:
    """Analyse an article for an engine.

    Args: ``edits``: safe corrections by name of the field that they belong to.
    """
    terms: dict[str, list[Term]] = {AS_WRITTEN: []}
    for name in FIELDS:
        text = getattr(article, name)
        if text:
            terms[name] = Analysis(text, edits.get(name, ())).terms
            terms[AS_WRITTEN] += as_written(text, edits.get(name, ()))
    return Document(
        id=article.id,
        terms={name: found for name, found in terms.items() if found},
        pairs=[
            pair_term(left.key, right.key)
            for name in PAIRED_FIELDS
            for left, right in pairwise(terms.get(name, ()))
            if left is not BOUNDARY and right is not BOUNDARY
        ],
        year=article.year or 0,
        date=article.date_number,
        issue=issue_key(article.issue),
    )


def pair_term(left: str, right: str) -> str:
    """Two keys that stand side by side, as one term.

    >>> pair_term("khoa", "hoc")
    'khoa_hoc'
    """
    return f"{left}_{right}"


def as_written(text: str, edits: Sequence[Edit]) -> list[Term]:
    """Terms of each edited stretch in its original spelling, with its neighbours.

    >>> edit = Edit(3, 12, "việctriển", "việc triển", "", 1, "")
    >>> [term.key for term in as_written("là việctriển khai", [edit])]
    ['la', 'viectrien', 'khai', '¶', '¶', '¶', '¶']
    """
    if not edits:
        return []
    analysis = Analysis(text)
    terms = analysis.terms
    places = [at for at, term in enumerate(terms) if term is not BOUNDARY]
    spans = [analysis.original_span(terms[at]) for at in places]
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    kept: set[int] = set()
    for edit in edits:
        first, last = bisect_right(ends, edit.start), bisect_left(starts, edit.end) - 1
        if first <= last:
            kept.update(range(max(places[first] - _AROUND, 0), places[last] + _AROUND + 1))
    found: list[Term] = []
    for at, term in enumerate(terms):
        if at in kept and term is not BOUNDARY:
            found.append(term)
        elif found and found[-1] is not BOUNDARY:
            found += _BOUNDARIES
    return found if found and found[-1] is BOUNDARY else [*found, *_BOUNDARIES]


def issue_key(issue: str) -> str:
    """An issue's number as it is compared: folded, without ``số``, blanks and leading zeros.

    >>> issue_key("Số 02 - 2018"), issue_key("2-2018")
    ('2-2018', '2-2018')
    """
    return regex.sub(r"^\s*so\b|(?<!\d)0+(?=\d)|\s+", "", index_key(issue)) if issue else ""
