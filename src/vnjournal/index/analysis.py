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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from vnjournal.articles.article import Article
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import Memo, Units, units_of
from vnjournal.text.fold import form, index_key
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit, EditedText, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Fields whose text is searched; each is an attribute of :class:`Article`.
FIELDS = ("title", "body", "author", "section", "journal")
#: Fields that the corrector reads.
CORRECTED_FIELDS = ("title", "body")
#: What hits are counted by.
FACETS = ("year", "issue", "section", "author", "journal")
#: Fields of which pairs of terms are indexed.
PAIRED_FIELDS = ("title", "body", "author")
#: The extra field that holds edited stretches in their original spelling.
AS_WRITTEN = "as_written"
#: All fields that have terms.
TEXT_FIELDS = (*FIELDS, AS_WRITTEN)
#: Fields that a word without a field name is looked for in; author and body count together.
DEFAULT_FIELDS = ("title", "body", "author", AS_WRITTEN)
#: The term that stands at the end of each sentence; no key or form looks like it.
SENTENCE_END = "¶"
#: How many positions it takes: more than syllables may stand between the words of most queries.
SENTENCE_GAP = 4

_PARTS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_KEY_WORDS = regex.compile("[a-z0-9]+")
_SENTENCE_ENDS = (SENTENCE_END,) * SENTENCE_GAP
_NOWHERE = ((-1, -1),) * SENTENCE_GAP
_END = -1  # stands for the end of a sentence among types of units
_PAIR = "_"  # between its two keys
_LONGEST_KEY = 100  # characters; what is longer is no word, and engines limit terms
_AROUND = 6  # syllables kept on either side of an edited stretch


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


class Terms(NamedTuple):
    """The keys and forms of some terms, in order; :data:`SENTENCE_END` where a sentence ends."""

    keys: list[str]
    forms: list[str]


class Analysis:
    """A text in its corrected reading, as terms that can be led back to the original.

    Args: ``text``: the original, in any Unicode form; ``edits``: corrections of it.

    Attributes: ``keys`` and ``forms``: of each term, in order; :data:`SENTENCE_END` where one is.

    >>> edit = Edit(3, 12, "việctriển", "việc triển", "", 1, "")
    >>> analysis = Analysis("là việctriển khai", [edit])
    >>> analysis.keys
    ['la', 'viec', 'trien', 'khai', '¶', '¶', '¶', '¶']
    >>> analysis.original_span(2)
    (3, 12)
    """

    __slots__ = ("_composed", "_edited", "_places", "forms", "keys")

    def __init__(self, text: str, edits: Sequence[Edit] = ()) -> None:
        self._edited = EditedText(text, edits)
        self._composed = compose(self._edited.text)
        self._places: list[tuple[int, int]] = []
        ((self.keys, self.forms),) = terms_of([self._composed.text])

    def original_span(self, at: int) -> tuple[int, int]:
        """Where the term of a number stands in the original; an edited stretch is one whole."""
        if not self._places:
            units = units_of(self._composed.text)
            self._places = list(chain.from_iterable(map(_places, units)))
        return self._edited.original_span(*self._composed.original_span(*self._places[at]))


def unit_parts(text: str, kind: Kind) -> tuple[tuple[str, str, int, int], ...]:
    """Key, form and offsets of each term that a unit of composed text becomes."""
    is_word = kind is not Kind.PUNCTUATION and kind is not Kind.SYMBOL
    return term_parts(text) if is_word else ()


def _of_unit(text: str, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys and forms of the terms that a unit of composed text becomes."""
    parts = unit_parts(text, kind)
    return tuple(key for key, *_ in parts), tuple(form_there for _, form_there, *_ in parts)


_terms = Memo(_of_unit, {_END: (_SENTENCE_ENDS, _SENTENCE_ENDS)})


def terms_of(texts: Sequence[str]) -> list[Terms]:
    """The terms of each of some composed texts.

    All are looked at together, line after line: to begin with a text costs as much as a hundred
    words of it.

    >>> [terms.keys for terms in terms_of(["Sở KH&CN", "", "họp"])]
    [['so', 'kh', 'cn', '¶', '¶', '¶', '¶'], [], ['hop', '¶', '¶', '¶', '¶']]
    """
    found = [Terms([], []) for _ in texts]
    begins = np.fromiter(accumulate((len(text) + 1 for text in texts), initial=0), np.int64)
    for units in units_of("\n".join(texts)):
        of_type = _terms.of(units)
        ends = _sentence_ends(units)
        types = np.insert(units.types, ends, _END).tolist()
        cuts = units.starts.searchsorted(begins)
        held = np.flatnonzero(np.diff(cuts))  # texts that have units here
        cuts += ends.searchsorted(cuts, side="right")
        for text, begin, end in zip(
            *map(np.ndarray.tolist, (held, cuts[held], cuts[held + 1])), strict=True
        ):
            run = [of_type[number] for number in types[begin:end]]
            found[text].keys.extend(chain.from_iterable([keys for keys, _ in run]))
            found[text].forms.extend(chain.from_iterable([forms for _, forms in run]))
    return found


def _sentence_ends(units: Units) -> NDArray[np.intp]:
    """The number of the unit behind each sentence."""
    return np.append(sentence_begins(units)[1:], len(units))


def _places(units: Units) -> Iterator[tuple[int, int]]:
    """Where each term stands in the composed text; nowhere the end of a sentence."""
    types = units.pieces.types
    starts = iter(units.starts.tolist())
    for number in np.insert(units.types, _sentence_ends(units), _END).tolist():
        if number == _END:
            yield from _NOWHERE
        else:
            begin = next(starts)
            for _, _, start, end in unit_parts(*types[number]):
                yield begin + start, begin + end


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine is given of an article: terms by field, and values to filter and sort by.

    ``pairs``: each pair of terms that stand side by side in a sentence, see :func:`pair_term`.
    ``values``: what the article is counted under, by the names of :data:`FACETS` but for the year.
    """

    id: str
    terms: dict[str, Terms]
    pairs: list[str]
    year: int
    date: int
    values: dict[str, list[str]]


def document(article: Article, edits: Mapping[str, Sequence[Edit]]) -> Document:
    """Analyse an article for an engine; many at once take less time with :func:`documents`.

    Args: ``edits``: safe corrections by name of the field that they belong to.
    """
    return documents([(article, edits)])[0]


def documents(
    articles: Sequence[tuple[Article, Mapping[str, Sequence[Edit]]]],
) -> list[Document]:
    """Analyse articles, each with its edits, as :func:`document` does."""
    fields = [
        (number, name, text, edits.get(name, ()))
        for number, (article, edits) in enumerate(articles)
        for name in FIELDS
        if (text := getattr(article, name))
    ]
    of_fields = terms_of([compose(EditedText(text, done).text).text for _, _, text, done in fields])
    terms: list[dict[str, Terms]] = [{} for _ in articles]
    for (number, name, _, _), found in zip(fields, of_fields, strict=True):
        terms[number][name] = found
    for number, _, text, done in fields:
        if (written := as_written(text, done)).keys:
            of_article = terms[number].setdefault(AS_WRITTEN, Terms([], []))
            of_article.keys.extend(written.keys)
            of_article.forms.extend(written.forms)
    return [
        _document(article, of_article)
        for (article, _), of_article in zip(articles, terms, strict=True)
    ]


def _document(article: Article, terms: dict[str, Terms]) -> Document:
    values = {
        "issue": _value(issue_key(article.issue)),
        "section": _value(article.section),
        "author": list(dict.fromkeys(v for each in article.authors for v in _value(each.name))),
        "journal": _value(article.journal),
    }
    return Document(
        id=article.id,
        terms=terms,
        pairs=[
            pair
            for name in PAIRED_FIELDS
            if name in terms
            for pair in map(_PAIR.join, pairwise(terms[name].keys))
            if SENTENCE_END not in pair
        ],
        year=article.year or 0,
        date=article.date_number,
        values={name: found for name, found in values.items() if found},
    )


def _value(text: str) -> list[str]:
    """A text as articles are counted under it: composed, with single blanks; none where empty."""
    words = compose(text).text.split()
    return [" ".join(words)] if words else []


def pair_term(left: str, right: str) -> str:
    """Two keys that stand side by side, as one term.

    >>> pair_term("khoa", "hoc")
    'khoa_hoc'
    """
    return _PAIR.join((left, right))


def as_written(text: str, edits: Sequence[Edit]) -> Terms:
    """Terms of each edited stretch in its original spelling, with its neighbours.

    >>> edit = Edit(3, 12, "việctriển", "việc triển", "", 1, "")
    >>> as_written("là việctriển khai", [edit]).keys
    ['la', 'viectrien', 'khai', '¶', '¶', '¶', '¶']
    """
    found = Terms([], [])
    if not edits:
        return found
    analysis = Analysis(text)
    places = [at for at, key in enumerate(analysis.keys) if key != SENTENCE_END]
    spans = [analysis.original_span(at) for at in places]
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    kept: set[int] = set()
    for edit in edits:
        first, last = bisect_right(ends, edit.start), bisect_left(starts, edit.end) - 1
        if first <= last:
            kept.update(range(max(places[first] - _AROUND, 0), places[last] + _AROUND + 1))
    for at, (key, form_there) in enumerate(zip(analysis.keys, analysis.forms, strict=True)):
        if at in kept and key != SENTENCE_END:
            found.keys.append(key)
            found.forms.append(form_there)
        elif found.keys and found.keys[-1] != SENTENCE_END:
            _end_sentence(found)
    if not found.keys or found.keys[-1] != SENTENCE_END:
        _end_sentence(found)
    return found


def _end_sentence(terms: Terms) -> None:
    terms.keys.extend(_SENTENCE_ENDS)
    terms.forms.extend(_SENTENCE_ENDS)


def issue_key(issue: str) -> str:
    """An issue's number as it is compared: folded, without ``số``, blanks and leading zeros.

    >>> issue_key("Số 02 - 2018"), issue_key("2-2018")
    ('2-2018', '2-2018')
    """
    return regex.sub(r"^\s*so\b|(?<!\d)0+(?=\d)|\s+", "", index_key(issue)) if issue else ""
