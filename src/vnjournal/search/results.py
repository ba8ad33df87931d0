"""What a search gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vnjournal.articles.article import Article


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of the original text: ``getattr(article, field)[start:end]`` answers the query."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that was found.

    ``snippet`` is the stretch ``article.body[snippet_start:snippet_start + len(snippet)]``, the
    part of the body that answers best. ``highlights`` lie in the article's fields, in order.
    """

    article: Article
    score: float
    snippet: str
    snippet_start: int
    highlights: tuple[Highlight, ...]

    @property
    def id(self) -> str:
        """The article's id."""
        return self.article.id

    @property
    def title(self) -> str:
        """The article's title, or its first words followed by an ellipsis where it has none."""
        return self.article.heading

    def snippet_parts(self) -> Iterator[tuple[str, bool]]:
        """The snippet in pieces, each with whether it is highlighted.

        Highlights with nothing but blanks between them come as one piece.
        """
        body = self.article.body
        done = self.snippet_start
        end = self.snippet_start + len(self.snippet)
        spans = [
            (h.start, h.end)
            for h in self.highlights
            if h.field == "body" and done <= h.start and h.end <= end
        ]
        while spans:
            start, stop = spans.pop(0)
            while spans and body[stop : spans[0][0]].isspace():
                stop = spans.pop(0)[1]
            yield body[done:start], False
            yield body[start:stop], True
            done = stop
        yield body[done:end], False


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a query: one page of hits, best first.

    ``total`` counts every article that was found. ``relaxed`` is empty, or says in words how the
    query was widened because it found too little. ``notes`` say what of the query was not
    understood and therefore searched as words.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    relaxed: str = ""
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)
