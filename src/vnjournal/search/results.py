"""What a search gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from vnjournal.articles.article import Article
from vnjournal.index.analysis import FACETS, FIELDS
from vnjournal.index.engine import Facets
from vnjournal.index.query import Query
from vnjournal.search.highlights import Highlight, highlights
from vnjournal.search.snippets import Snippet, snippet
from vnjournal.text.spans import Edit, Span

#: What stands in a snippet where sentences are left out.
ELLIPSIS = " … "


@dataclass(frozen=True)
class Hit:
    """One article that was found.

    ``edits`` are the corrections that are indexed with it, ``query`` is what it answers: of these
    the highlights and the snippet are made when they are asked for.
    """

    article: Article
    edits: Mapping[str, Sequence[Edit]] = field(repr=False)
    query: Query = field(repr=False)
    score: float

    @cached_property
    def highlights(self) -> tuple[Highlight, ...]:
        """What answers the query in the article's fields, in order."""
        return tuple(
            highlight
            for name in FIELDS
            for highlight in highlights(
                getattr(self.article, name), self.edits.get(name, ()), name, self.query
            )
        )

    @property
    def snippet(self) -> str:
        """The sentences of the body that answer best, with an ellipsis where something is left out.

        That is between sentences, and where the first or last is cut.
        """
        return "".join(text for text, _ in self.snippet_parts())

    @property
    def snippet_spans(self) -> tuple[Span, ...]:
        """The stretches of the body that the snippet is made of."""
        return self._snippet.spans

    @cached_property
    def _snippet(self) -> Snippet:
        return snippet(self.article.body, self.highlights)

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
        if self._snippet.is_cut_before:
            yield ELLIPSIS.lstrip(), False
        for number, span in enumerate(self.snippet_spans):
            if number:
                yield ELLIPSIS, False
            yield from self._parts("body", span.start, span.end)
        if self._snippet.is_cut_behind:
            yield ELLIPSIS.rstrip(), False

    def title_parts(self) -> Iterator[tuple[str, bool]]:
        """The title in pieces, each with whether it is highlighted."""
        if self.article.title:
            yield from self._parts("title", 0, len(self.title))
        else:
            yield self.title, False

    def _parts(self, field: str, begin: int, end: int) -> Iterator[tuple[str, bool]]:
        text = getattr(self.article, field)
        done = begin
        spans = [
            (h.start, h.end)
            for h in self.highlights
            if h.field == field and begin <= h.start and h.end <= end
        ]
        while spans:
            start, stop = spans.pop(0)
            while spans and text[stop : spans[0][0]].isspace():
                stop = spans.pop(0)[1]
            yield text[done:start], False
            yield text[start:stop], True
            done = stop
        yield text[done:end], False


def _no_values() -> Facets:
    return {name: {} for name in FACETS}


@dataclass(frozen=True)
class Results:
    """The answer to a query: one page of hits, best first.

    ``total`` counts every article that was found; where ``total_is_least`` there may be more, since
    a prefix or a fuzzy word stands for more words than are searched. ``relaxed`` is empty, or says
    in words how the query was widened because it found too little. ``reading`` is empty, or how the
    query was probably meant: with its marks. ``notes`` say what of the query was not understood and
    therefore searched as words. ``count``, ``suggest``: give the facets and the suggestion.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    relaxed: str = ""
    notes: tuple[str, ...] = ()
    reading: str = ""
    total_is_least: bool = False
    count: Callable[[], Facets] = field(default=_no_values, repr=False, compare=False)
    suggest: Callable[[], str] = field(default=str, repr=False, compare=False)

    @cached_property
    def suggestion(self) -> str:
        """The plain words of the query as they may have been meant; empty where that is as typed.

        Found when it is asked for: see :mod:`vnjournal.search.suggest`.
        """
        return self.suggest()

    @cached_property
    def facets(self) -> Facets:
        """How many of all hits have which year, issue, section, author and journal.

        The commonest values come first. Counted when it is asked for.
        """
        return self.count()

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)
