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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise, starmap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from vnjournal.articles.article import Article
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import Look, Memo, Units, units_of
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
_ENDS = ((SENTENCE_END, SENTENCE_END),) * SENTENCE_GAP
_PAIR = "_"  # between its two keys
_OF_FORM = ":"  # between a key and its form
_LONGEST_KEY = 100  # characters; what is longer is no word, and engines limit terms
_AROUND = 6  # syllables kept on either side of an edited stretch


@lru_cache(maxsize=32768)
def term_parts(token: str) -> tuple[tuple[str, str, int, int], ...]:
    """Key, form and offsets of each part of one token of composed text.

    >>> term_parts("KH&CN")
    (('kh', 'kh', 0, 2), ('cn', 'cn', 3, 5))
    """
    parts: list[tuple[str, str, int, int]] = []
    spans = [(0, len(token))] if token.isalpha() else [m.span() for m in _PARTS.finditer(token)]
    for start, end in spans:
        part = token[start:end]
        key = index_key(part)
        if key.isalnum() and key.isascii():
            parts.append((key[:_LONGEST_KEY], form(part)[:_LONGEST_KEY], start, end))
        else:  # other scripts may be transliterated as several words
            words = _KEY_WORDS.findall(key)
            parts += [(w[:_LONGEST_KEY], w[:_LONGEST_KEY], start, end) for w in words]
    return tuple(parts)


def pair_term(left: str, right: str) -> str:
    """Two keys that stand side by side, as one term.

    >>> pair_term("khoa", "hoc")
    'khoa_hoc'
    """
    return _PAIR.join((left, right))


def form_term(key: str, form: str) -> str:
    """A form as a term of the index: the forms of a key stand side by side in the vocabulary.

    >>> form_term("hoc", "hocJ")
    'hoc:hocJ'
    """
    return _OF_FORM.join((key, form))


def key_and_form(term: str) -> tuple[str, str]:
    """What :func:`form_term` has joined.

    >>> key_and_form("hoc:hocJ")
    ('hoc', 'hocJ')
    """
    key, _, form = term.partition(_OF_FORM)
    return key, form


class Terms(NamedTuple):
    """The terms of a text, as engines are given them: one after the other, a blank behind each.

    ``keys``; ``forms``, each behind its key as :func:`form_term` writes it; and ``pairs``, see
    :func:`pair_term`, of those that stand side by side in a sentence. Where a sentence ends,
    :data:`SENTENCE_END` stands among keys and forms.
    """

    keys: str
    forms: str
    pairs: str

    def followed_by(self, more: Terms) -> Terms:
        """These terms and then some more."""
        return Terms(self.keys + more.keys, self.forms + more.forms, self.pairs + more.pairs)


_NO_TERMS = Terms("", "", "")


def _in_row(terms: Iterable[str]) -> str:
    return "".join([f"{term} " for term in terms])


def _unpaired(terms: Sequence[tuple[str, str]]) -> Terms:
    return Terms(_in_row(key for key, _ in terms), _in_row(starmap(form_term, terms)), "")


_END = _unpaired(_ENDS)


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
        parts = list(_terms_in(self._composed.text))
        self.keys = [key for key, *_ in parts]
        self.forms = [form_there for _, form_there, *_ in parts]
        self._places = [place for _, _, *place in parts]

    def original_span(self, at: int) -> tuple[int, int]:
        """Where the term of a number stands in the original; an edited stretch is one whole."""
        return self._edited.original_span(*self._composed.original_span(*self._places[at]))


def _terms_in(nfc: str) -> Iterator[tuple[str, str, int, int]]:
    """Key, form and offsets of each term of a composed text; the ends of sentences are nowhere."""
    for units in units_of(nfc):
        types = units.pieces.types
        begins, numbers = units.starts.tolist(), units.types.tolist()
        for first, last in pairwise([*sentence_begins(units).tolist(), len(units)]):
            for begin, number in zip(begins[first:last], numbers[first:last], strict=True):
                for key, form_there, start, end in unit_parts(*types[number]):
                    yield key, form_there, begin + start, begin + end
            for key, form_there in _ENDS:
                yield key, form_there, -1, -1


def unit_parts(text: str, kind: Kind) -> tuple[tuple[str, str, int, int], ...]:
    """Key, form and offsets of each term that a unit of composed text becomes."""
    is_word = kind is not Kind.PUNCTUATION and kind is not Kind.SYMBOL
    return term_parts(text) if is_word else ()


class _TypesByKey(dict[str, list[int]]):
    """The types of units that have a term of some key; ``known`` types are looked at already."""

    known = 0


def types_by_key(units: Units) -> Mapping[str, Sequence[int]]:
    """By key: which types of units, all that were ever met, have a term of it.

    >>> for units in units_of("Sở KH&CN, so"):
    ...     "KH&CN" in [units.pieces.types[number][0] for number in types_by_key(units)["cn"]]
    True
    """
    types = units.pieces.types
    found: _TypesByKey = units.pieces.memos.setdefault(_TypesByKey, _TypesByKey())
    for number in range(found.known, len(types)):
        for key in {key for key, *_ in unit_parts(*types[number])}:
            found.setdefault(key, []).append(number)
    found.known = len(types)
    return found


class _OfUnit(NamedTuple):
    """What a unit adds to the :class:`Terms` of its text.

    To the pairs it adds the right half of the pair with the word before, the pairs of its own
    parts, and the left half of the pair with the word behind: ``b b_`` or ``kh kh_cn cn_``. The
    ``first`` of a sentence adds no right half, the ``last`` no left half, the ``only`` one neither.
    """

    keys: str
    forms: str
    pairs: str
    first: str
    last: str
    only: str


_NO_TERM = _OfUnit(*[""] * 6)


def _of_unit(text: str, kind: Kind) -> _OfUnit:
    parts = unit_parts(text, kind)
    if not parts:
        return _NO_TERM
    keys = [key for key, *_ in parts]
    forms = [form_term(key, form_there) for key, form_there, *_ in parts]
    within = _in_row(starmap(pair_term, pairwise(keys)))
    right, left = _in_row(keys[:1]), pair_term(keys[-1], "")
    return _OfUnit(
        keys=_in_row(keys),
        forms=_in_row(forms),
        pairs=right + within + left,
        first=within + left,
        last=right + within,
        only=within,
    )


_terms_of_units = Memo(_of_unit)
_is_word = Look(lambda text, kind: bool(unit_parts(text, kind)))


def terms_of(texts: Sequence[str]) -> list[Terms]:
    """The terms of each of some composed texts.

    All are looked at together, line after line: to begin with a text costs as much as a hundred
    words of it.

    >>> terms_of(["Sở KH&CN"])  # doctest: +NORMALIZE_WHITESPACE
    [Terms(keys='so kh cn ¶ ¶ ¶ ¶ ', forms='so:sơR kh:kh cn:cn ¶:¶ ¶:¶ ¶:¶ ¶:¶ ',
           pairs='so_kh kh_cn ')]
    """
    found = [_NO_TERMS] * len(texts)
    begins = np.fromiter(accumulate((len(text) + 1 for text in texts), initial=0), np.int64)
    for units in units_of("\n".join(texts)):
        cuts = units.starts.searchsorted(begins)
        held = np.flatnonzero(np.diff(cuts))  # texts that have units here
        for text, more in zip(held.tolist(), _terms(units, cuts[held]), strict=True):
            found[text] = found[text].followed_by(more)
    return found


def _terms(units: Units, cuts: NDArray[np.intp]) -> Iterator[Terms]:
    """The terms of texts, of each the number of its first unit; the last is the last one's."""
    begins = sentence_begins(units)
    ends = np.append(begins[1:], len(units))
    words = np.flatnonzero(_is_word.of(units))
    types = units.types[words]
    keys_of, forms_of, pairs_of, first_of, last_of, only_of = _terms_of_units.of(units)
    is_begin = np.zeros(len(words) + 1, np.bool_)  # of a sentence; one behind the last
    is_begin[words.searchsorted(np.append(begins, len(units)))] = True
    is_first, is_last = is_begin[:-1], is_begin[1:]
    pairs = pairs_of.take(types)
    pairs[is_first] = first_of.take(types[is_first])
    pairs[is_last] = last_of.take(types[is_last])
    pairs[is_first & is_last] = only_of.take(types[is_first & is_last])
    ended = words.searchsorted(ends)
    keys = np.insert(keys_of.take(types), ended, _END.keys).tolist()
    forms = np.insert(forms_of.take(types), ended, _END.forms).tolist()
    in_pairs = pairs.tolist()
    at_words = words.searchsorted(cuts)
    at_terms = at_words + ends.searchsorted(cuts, side="right")
    for (begin, end), (first, last) in zip(
        pairwise([*at_terms.tolist(), len(keys)]),
        pairwise([*at_words.tolist(), len(in_pairs)]),
        strict=True,
    ):
        runs = keys[begin:end], forms[begin:end], in_pairs[first:last]
        yield Terms(*map("".join, runs))


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine is given of an article: terms by field, and values to filter and sort by.

    ``pairs``: those of :data:`PAIRED_FIELDS`, in a row as in :class:`Terms`.
    ``values``: what the article is counted under, by the names of :data:`FACETS` but for the year.
    """

    id: str
    terms: dict[str, Terms]
    pairs: str
    year: int
    date: int
    values: dict[str, list[str]]

    @property
    def digest(self) -> str:
        """Of all that it holds."""
        texts = [f"{name}\n{of.keys}\n{of.forms}" for name, of in self.terms.items()]
        parts = [self.id, *texts, self.pairs, str((self.year, self.date, self.values))]
        return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


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
            before = terms[number].get(AS_WRITTEN, _NO_TERMS)
            terms[number][AS_WRITTEN] = before.followed_by(written)
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
        pairs="".join([terms[name].pairs for name in PAIRED_FIELDS if name in terms]),
        year=article.year or 0,
        date=article.date_number,
        values={name: found for name, found in values.items() if found},
    )


def _value(text: str) -> list[str]:
    """A text as articles are counted under it: composed, with single blanks; none where empty."""
    words = compose(text).text.split()
    return [" ".join(words)] if words else []


def as_written(text: str, edits: Sequence[Edit]) -> Terms:
    """Terms of each edited stretch in its original spelling, with its neighbours; no pairs.

    >>> edit = Edit(3, 12, "việctriển", "việc triển", "", 1, "")
    >>> as_written("là việctriển khai", [edit]).keys
    'la viectrien khai ¶ ¶ ¶ ¶ '
    """
    found: list[tuple[str, str]] = []
    if edits:
        analysis = Analysis(text)
        places = [at for at, key in enumerate(analysis.keys) if key != SENTENCE_END]
        spans = [analysis.original_span(at) for at in places]
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        kept: set[int] = set()
        for edit in edits:
            first, last = bisect_right(ends, edit.start), bisect_left(starts, edit.end) - 1
            if first <= last:
                kept.update(range(max(places[first] - _AROUND, 0), places[last] + _AROUND + 1))
        for at, term in enumerate(zip(analysis.keys, analysis.forms, strict=True)):
            if at in kept and term not in _ENDS:
                found.append(term)
            elif found and found[-1] not in _ENDS:
                found += _ENDS
        if not found or found[-1] not in _ENDS:
            found += _ENDS
    return _unpaired(found)


def issue_key(issue: str) -> str:
    """An issue's number as it is compared: folded, without ``số``, blanks and leading zeros.

    >>> issue_key("Số 02 - 2018"), issue_key("2-2018")
    ('2-2018', '2-2018')
    """
    return regex.sub(r"^\s*so\b|(?<!\d)0+(?=\d)|\s+", "", index_key(issue)) if issue else ""
