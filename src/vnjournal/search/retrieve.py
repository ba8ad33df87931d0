"""Which articles answer a query: how many of the words must occur, and when to widen.

Up to five words: all must occur somewhere in the article. Longer: at least two thirds. When fewer
than ten articles do, those with fewer of the words are let in: after the others where all words
were asked for, in their place by score where two thirds were, since in a long question the number
of words says less than which words they are (MRR@10 on XQuAD 0.93 against 0.90, without marks 0.91
against 0.87). When nothing is found at all, marks that contradict the query's are let in. Phrases,
fields, filters and exclusions are never relaxed.
"""

from __future__ import annotations

from dataclasses import replace

from vnjournal.index.engine import Engine, Found, Sort
from vnjournal.index.query import Marks, Query
from vnjournal.search.parse import ParsedQuery

_ALL_UP_TO = 5
_ENOUGH = 10

FEWER_WORDS = "few articles have all the words: those with fewer of them are shown too"
OTHER_MARKS = "nothing has these diacritics: words with other diacritics are shown"


def retrieve(
    engine: Engine, parsed: ParsedQuery, marks: Marks, limit: int, offset: int, sort: Sort
) -> tuple[Query, Found, str]:
    """Ask the engine, wider and wider until something is found.

    Returns the query that was answered, the answer, and how it was widened, in words.
    """
    number = len(parsed.words)
    strict = number if number <= _ALL_UP_TO else -(-2 * number // 3)
    query = Query(
        words=parsed.words,
        at_least=strict,
        required=parsed.required,
        excluded=parsed.excluded,
        years=parsed.years,
        issue=parsed.issue,
        marks=marks,
    )
    found = engine.search(query, limit, offset, sort)
    if found.total < _ENOUGH and number > 1:
        wider = replace(query, at_least=1, first=number if number <= _ALL_UP_TO else 0)
        more = engine.search(wider, limit, offset, sort)
        if more.total > found.total:
            return wider, more, FEWER_WORDS
    if not found.total and marks is Marks.GRADED:
        loose = replace(query, marks=Marks.LOOSE)
        more = engine.search(loose, limit, offset, sort)
        if more.total:
            return loose, more, OTHER_MARKS
    return query, found, ""
