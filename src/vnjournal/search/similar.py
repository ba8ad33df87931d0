"""Articles that are like another one: a query made of what is telling in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log1p

from vnjournal.articles.article import Article
from vnjournal.index.analysis import CORRECTED_FIELDS, SENTENCE_END, Analysis, pair_term
from vnjournal.index.query import Pair, Query, Syllable, Word
from vnjournal.search.reading import rarity
from vnjournal.text.spans import Edit

_WORDS = 25  # the most telling ones
_AT_LEAST = 8  # of these must occur
_PAIRS = 40


def query_like(article: Article, edits: Mapping[str, Sequence[Edit]]) -> Query:
    """A query for articles that have the most telling words and pairs of this one.

    A word tells the more, the oftener it stands in the article and the rarer it is in Vietnamese.

    >>> query = query_like(Article("a", "Cầu dây văng đầu tiên. Cầu dây văng dài nhất."), {})
    >>> [word.syllable.form for word in query.words][:3]
    ['văng', 'dây', 'câuF']
    """
    words: Counter[tuple[str, str]] = Counter()
    pairs: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    for field in CORRECTED_FIELDS:
        analysis = Analysis(getattr(article, field), edits.get(field, ()))
        terms = list(zip(analysis.keys, analysis.forms, strict=True))
        words.update(term for term in terms if term[0] != SENTENCE_END)
        pairs.update(
            (left, right)
            for left, right in pairwise(terms)
            if SENTENCE_END not in (left[0], right[0])
        )
    weights = {term: log1p(count) * rarity(term[1]) for term, count in words.items()}
    told = sorted(weights, key=lambda term: (-weights[term], term))[:_WORDS]
    by_weight = {
        pair: log1p(count) * (rarity(pair[0][1]) + rarity(pair[1][1]))
        for pair, count in pairs.items()
    }
    paired = sorted(by_weight, key=lambda pair: (-by_weight[pair], pair))[:_PAIRS]
    return Query(
        words=tuple(Word(Syllable(key, form), CORRECTED_FIELDS, form) for key, form in told),
        at_least=min(_AT_LEAST, len(told)),
        boosted=tuple(dict.fromkeys(Pair(pair_term(left[0], right[0])) for left, right in paired)),
    )
