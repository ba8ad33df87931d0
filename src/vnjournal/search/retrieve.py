"""Which articles answer a query: how many of the words must occur, and when to widen.

Up to five words: all must occur somewhere in the article. When fewer than ten articles have them,
those with at least half of the words follow; where there is none, those with any.

Longer: at least two thirds. When fewer than ten articles have so many, those with fewer are let in,
in their place by score, since in a long question the number of words says less than which words
they are. For the same reason they are let in when one of them fits better than any article that has
two thirds (MRR@10 on XQuAD 0.960 against 0.957, without marks 0.956 against 0.947).

In order of date nothing can follow: fewer words do only where no article has enough. When nothing
is found at all, marks that contradict the query's are let in. Phrases, fields, filters and
exclusions are never relaxed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from vnjournal.index.engine import Engine, Found, Sort
from vnjournal.index.query import AllOf, AnyOf, Clause, Fuzzy, Marks, Prefix, Query
from vnjournal.search.acronyms import with_stand_ins
from vnjournal.search.parse import ParsedQuery
from vnjournal.search.reading import Reading, read
from vnjournal.search.vocabulary import Vocabulary

_ALL_UP_TO = 5
_ENOUGH = 10

FEWER_WORDS = "few articles have all the words: those with fewer of them are shown too"
OTHER_MARKS = "nothing is found with these diacritics: other diacritics are let in"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked of the engine in the end, and what it found.

    Attributes:
        relaxed: how the query was widened, in words.
        reading: as the query was probably meant, where that is not as it was typed.
        is_cut: whether there were more words of some prefix or spelling than are searched.
    """

    query: Query
    found: Found
    relaxed: str
    reading: str
    is_cut: bool


def retrieve(
    engine: Engine,
    vocabulary: Callable[[], Vocabulary],
    parsed: ParsedQuery,
    marks: Marks,
    limit: int,
    offset: int,
    sort: Sort,
) -> Answer:
    """Ask the engine, wider and wider until something is found."""
    if marks is Marks.EXACT:
        reading = Reading(tuple(dict.fromkeys(parsed.words)), (), "")
    else:
        parsed = with_stand_ins(parsed)
        reading = read(parsed, has=lambda key: vocabulary().count(key) > 0)
    number = len(reading.words)
    typed = Query(
        words=reading.words,
        at_least=number if number <= _ALL_UP_TO else -(-2 * number // 3),
        required=parsed.required,
        excluded=parsed.excluded,
        marks=marks,
        boosted=reading.boosted,
    )
    query, is_cut = _expanded(typed, vocabulary)
    search = partial(engine.search, limit=limit, offset=offset, sort=sort)
    found = search(query)
    relaxed = ""

    def best(asked: Query, page: Found) -> list[str]:
        """The article that fits best: the first of the first page."""
        return [id for id, _ in (engine.search(asked, 1) if offset else page).hits[:1]]

    if number > 1 and (sort is Sort.RELEVANCE or not found.total):
        wider, more = _with_fewer_words(query, found, search)
        if more.total > found.total and (
            number <= _ALL_UP_TO or found.total < _ENOUGH or best(query, found) != best(wider, more)
        ):
            query, found, relaxed = wider, more, FEWER_WORDS
    if not found.total and marks is Marks.GRADED:
        loose, is_loose_cut = _expanded(replace(typed, marks=Marks.LOOSE), vocabulary)
        more = search(loose)
        if more.total:
            query, found, relaxed, is_cut = loose, more, OTHER_MARKS, is_loose_cut
    return Answer(query, found, relaxed, reading.text, is_cut)


def _with_fewer_words(
    query: Query, found: Found, search: Callable[[Query], Found]
) -> tuple[Query, Found]:
    """A query that asks for fewer of the words, where that is to be asked, and what it finds."""
    number = len(query.words)
    if number > _ALL_UP_TO:
        wider = replace(query, at_least=1)
        return wider, search(wider)
    if found.total < _ENOUGH:
        for fewer in (-(-number // 2), 1):
            wider = replace(query, at_least=fewer, first=number)
            if (more := search(wider)).total:
                return wider, more
    return query, found


def _expanded(query: Query, vocabulary: Callable[[], Vocabulary]) -> tuple[Query, bool]:
    """A query with words for its prefixes and fuzzy words; and whether there were too many."""
    parts = (query.words, query.required, query.excluded)
    if not any(map(_is_open, chain.from_iterable(parts))):
        return query, False
    done = [vocabulary().expand(part, query.marks) for part in parts]
    words, required, excluded = (each.clauses for each in done)
    whole = replace(query, words=words, required=required, excluded=excluded)
    return whole, any(each.is_cut for each in done)


def _is_open(clause: Clause) -> bool:
    """Whether a clause holds a prefix or a fuzzy word."""
    if isinstance(clause, AnyOf | AllOf):
        return any(map(_is_open, (*clause.clauses, *getattr(clause, "excluded", ()))))
    return isinstance(clause, Prefix | Fuzzy)
