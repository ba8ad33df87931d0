"""Acronyms and their long forms, joined at query time: ``KH&CN`` and ``khoa học và công nghệ``.

What says the same as a word, or as a run of words, becomes a stand-in of each of them
(:class:`vnjournal.index.query.Word`): where the query has ``UBND tỉnh``, an article with ``Ủy ban
nhân dân tỉnh`` has both words, and the other way round. How an acronym is cut does not matter:
``KH&CN``, ``KH-CN`` and ``KHCN`` are one, and so are ``khoa học và công nghệ`` and ``khoa học công
nghệ``. Quoted phrases and exclusions mean what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from vnjournal.index.query import AllOf, AnyOf, Clause, Phrase, Syllable, Word, syllables
from vnjournal.language.lexicon import lexicon
from vnjournal.search.parse import ParsedQuery

_AND = "va"  # the key of "và", which long forms may do without

_MORE_MARKS = 2  # the tier of a form that has all the marks typed, and more

_Run = tuple[str, ...]  # of keys


@dataclass(frozen=True, slots=True)
class _Acronym:
    """The ways in which an acronym is cut, and its long forms."""

    cuts: dict[_Run, None] = field(default_factory=dict)
    long_forms: dict[tuple[Syllable, ...], None] = field(default_factory=dict)

    def stand_ins(self) -> Iterator[_Run]:
        """All that stands for it, but for itself."""
        yield from (cut for cut in self.cuts if len(cut) > 1)
        yield from (tuple(s.key for s in long_form) for long_form in self.long_forms)


def is_acronym(key: str) -> bool:
    """Whether a key is that of an acronym whose long form is known.

    >>> is_acronym("ubnd"), is_acronym("lua")
    (True, False)
    """
    return key in _acronyms()


@lru_cache(maxsize=1)
def _acronyms() -> dict[str, _Acronym]:
    """By the key of all its letters."""
    found: dict[str, _Acronym] = defaultdict(_Acronym)
    for acronym, words in sorted(lexicon.acronyms):
        cut = tuple(syllable.key for syllable in syllables(acronym))
        long_form = syllables(words)
        entry = found["".join(cut)]
        entry.cuts.update({("".join(cut),): None, cut: None})
        entry.long_forms[long_form] = None
        entry.long_forms[tuple(s for s in long_form if s.key != _AND)] = None
    return dict(found)


@lru_cache(maxsize=1)
def _long_forms() -> dict[str, list[tuple[tuple[Syllable, ...], _Acronym]]]:
    """Long forms with their acronyms, by the key of the first syllable."""
    found: dict[str, list[tuple[tuple[Syllable, ...], _Acronym]]] = defaultdict(list)
    for acronym in _acronyms().values():
        for long_form in acronym.long_forms:
            found[long_form[0].key].append((long_form, acronym))
    return found


def with_stand_ins(parsed: ParsedQuery) -> ParsedQuery:
    """The same query, its words with what else says the same.

    >>> from vnjournal.search.parse import parse
    >>> [word.stand_ins for word in with_stand_ins(parse("UBND tỉnh")).words]
    [(('uy', 'ban', 'nhan', 'dan'),), ()]
    >>> [word.stand_ins for word in with_stand_ins(parse("cong nghe thong tin")).words][0]
    (('cntt',),)
    """
    quoted = {phrase for phrase, _ in parsed.phrases}
    return replace(
        parsed,
        words=_joined(parsed.words, quoted),
        required=_joined(parsed.required, quoted),
    )


def _joined(clauses: Sequence[Clause], quoted: Container[Clause]) -> tuple[Clause, ...]:
    found = [clause if clause in quoted else _with_long_forms(clause, quoted) for clause in clauses]
    for at, first in enumerate(clauses):
        if isinstance(first, Word):
            for long_form, acronym in _long_forms().get(first.syllable.key, ()):
                run = found[at : at + len(long_form)]
                if len(run) == len(long_form) and _say(run, first.fields, long_form):
                    found[at : at + len(run)] = [_with(word, acronym.cuts) for word in run]
    return tuple(found)


def _with_long_forms(clause: Clause, quoted: Container[Clause]) -> Clause:
    match clause:
        case Word(syllable) if is_acronym(syllable.key):
            return _with(clause, _acronyms()[syllable.key].stand_ins())
        case Phrase(parts, fields) if is_acronym(key := "".join(part.key for part in parts)):
            return _with(Word(Syllable(key, key), fields), _acronyms()[key].stand_ins())
        case AnyOf(clauses):
            return AnyOf(_joined(clauses, quoted))
        case AllOf(clauses, excluded):
            return AllOf(_joined(clauses, quoted), excluded)
    return clause


def _say(run: Sequence[Clause], fields: tuple[str, ...], long_form: Sequence[Syllable]) -> bool:
    """Whether words say a long form, maybe with fewer marks."""
    return all(
        isinstance(word, Word)
        and word.fields == fields
        and word.syllable.key == meant.key
        and (word.syllable.form == meant.form or word.syllable.tier(meant.form) == _MORE_MARKS)
        for word, meant in zip(run, long_form, strict=True)
    )


def _with(word: Clause, stand_ins: Iterable[_Run]) -> Clause:
    if not isinstance(word, Word):
        return word
    return replace(word, stand_ins=tuple(dict.fromkeys((*word.stand_ins, *stand_ins))))
