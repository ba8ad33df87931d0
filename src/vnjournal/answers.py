"""Whether two archives of the same articles answer alike: queries drawn from the articles.

Which articles match and how many have which year, author or journal, is the same in every engine.
Scores differ in rounding, and so may the last of the best hits.
"""

from __future__ import annotations

import re
from math import isclose

from vnjournal.archive_home import Home
from vnjournal.articles.article import Article
from vnjournal.index.engine import Sort
from vnjournal.index.query import Marks, Query
from vnjournal.search.results import Results
from vnjournal.text.fold import fold
from vnjournal.text.normalize import compose

#: The share of the best hits that must be the same, on average.
ENOUGH = 0.9

_QUERIES = 50
_PLACES = 10  # of a body from which they are drawn, where there are few articles
_BEST = 10  # hits
_ALIKE = 1e-3  # scores that differ by less count as equal
_NAMED = 3  # queries with other answers

_WORD = re.compile(r"[^\W\d_]{2,}")
_SIDE_BY_SIDE = re.compile(r"[^\W\d_]+ [^\W\d_]+")


class Answers:
    """Queries to be put to two archives.

    Args: ``articles``: how many there are, of which some are drawn, always the same.

    >>> from vnjournal.articles.article import Article
    >>> answers = Answers(1)
    >>> answers.look(Article("1", "Nuôi cá lồng trên sông", title="Hội nghị", published="2018"))
    >>> answers.queries[:5]
    ['hội nghị', 'hoi nghi', '"nuôi cá"', 'nghị*', 'nghị year:2018']
    """

    def __init__(self, articles: int) -> None:
        self._step = max(articles // _QUERIES, 1)
        self._places = max(_PLACES // max(articles, 1), 1)
        self._seen = 0
        self._drawn: dict[str, tuple[int, int]] = {}  # in which order they are asked

    @property
    def queries(self) -> list[str]:
        """What is asked: of each article one kind first, and another of the next."""
        return sorted(self._drawn, key=lambda query: self._drawn[query])[:_QUERIES]

    def __len__(self) -> int:
        return min(len(self._drawn), _QUERIES)

    def look(self, article: Article) -> None:
        """Draw queries from an article, if it is one of those; all are to be shown in order."""
        number, left = divmod(self._seen, self._step)
        self._seen += 1
        if not left and number < _QUERIES:
            found = _drawn(article, self._places)
            for at in range(len(found)):
                query = found[(at + number) % len(found)]
                self._drawn.setdefault(query, (at, number))

    def compared(self, source: Home, target: Home) -> tuple[list[str], float]:
        """What differs in the answers, each a line; the share of best hits that is the same."""
        shares: list[float] = []
        others: list[str] = []
        for query in self.queries:
            one, other = _answer(source, query), _answer(target, query)
            if one.total != other.total:
                others.append(f"{query!r} finds {other.total}, and not {one.total}")
            elif one.facets != other.facets:
                others.append(f"{query!r} finds other years, authors or journals")
            if one.hits:
                shares.append(_shared(one, other))
        shared = sum(shares) / len(shares) if shares else 1.0
        lines = _counted(source, target)
        if others:
            more = "; …" if others[_NAMED:] else ""
            named = "; ".join(others[:_NAMED])
            lines.append(f"{len(others)} of {len(self)} queries differ: {named}{more}")
        if shared < ENOUGH:
            lines.append(f"of the best {_BEST} hits only {shared:.0%} are the same on average")
        return lines, shared


def _counted(source: Home, target: Home) -> list[str]:
    """Where the indices differ in how many articles they have, or of which years, authors …"""
    (one, of_one), (other, of_other) = (
        (home.engine.search(Query(), 1).total, home.engine.facets(Query()))
        for home in (source, target)
    )
    if one != other:
        return [f"the index has {other:,} articles, and not {one:,}: rebuild it"]
    return [] if of_one == of_other else ["the index has other years, authors …: rebuild it"]


def _answer(home: Home, query: str) -> Results:
    with home.reporting():
        results = home.searcher.search(query, (), Marks.GRADED, _BEST, 0, Sort.RELEVANCE)
        _ = results.facets  # counted while we know which archive it is
    return results


def _shared(one: Results, other: Results) -> float:
    """The share of the hits of one answer that another has, or that might as well be others."""
    there = {hit.id for hit in other}
    last = one.hits[-1].score
    shared = (hit.id in there or isclose(hit.score, last, rel_tol=_ALIKE) for hit in one)
    return sum(shared) / len(one)


def _drawn(article: Article, places: int) -> list[str]:
    """Queries of every kind; no more than four words, so that scores do not decide what is found.

    Args: ``places``: of the body from which they are drawn.
    """
    body, year = compose(article.body).text.lower(), article.date[:4]
    title = _WORD.findall(compose(article.title).text.lower())
    found: list[str] = []
    for at in range(places):
        part = body[len(body) * at // places :]
        words = title if title and not at else _WORD.findall(part)
        if not words:
            continue
        some = " ".join(words[:4])
        found += [some, fold(some)]
        if phrase := _SIDE_BY_SIDE.search(part):
            found.append(f'"{phrase.group()}"')
        found.append(f"{max(words, key=len)[:4]}*")
        found.append(f"{words[-1]} year:{year}" if year else f"{words[0]} OR {words[-1]}")
    return found
