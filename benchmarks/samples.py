"""The sample archive of ``data/samples``: its articles, its known typos, its queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import vnjournal as vj
from benchmarks.scoring import Document, Mark
from vnjournal import resources
from vnjournal.text.normalize import compose

ARTICLES = "samples/articles"
TYPOS = "samples/typos.jsonl"
QUERIES = "samples/queries.jsonl"


@dataclass(frozen=True, slots=True)
class Query:
    """A query as a reader types it, with the ids of the articles that answer it."""

    text: str
    relevant: frozenset[str]
    kind: str


@cache
def articles() -> tuple[vj.Article, ...]:
    """The sample articles as the reader gives them."""
    return tuple(vj.read(resources.data_folder() / ARTICLES))


def queries() -> list[Query]:
    """The sample queries."""
    return [
        Query(line["query"], frozenset(line["relevant"]), line["kind"]) for line in _lines(QUERIES)
    ]


def documents() -> list[Document]:
    """Title and body of each article, with the typos that are known to stand there.

    Raises ValueError for a typo whose place is not found: scores would be wrong without a word.
    """
    typos = list(_lines(TYPOS))
    found = []
    placed = 0
    for article in articles():
        for field in ("title", "body"):
            text = getattr(article, field)
            composed = compose(text)
            marks = []
            for typo in typos:
                at = composed.text.find(typo["context"])
                if typo["article"] != article.id or at < 0:
                    continue
                at += typo["context"].index(typo["before"])
                start, end = composed.original_span(at, at + len(typo["before"]))
                marks.append(Mark(start, end, (typo["after"],), typo["kind"]))
            placed += len(marks)
            found.append(Document(article.id, text, tuple(marks)))
    if placed != len(typos):
        raise ValueError(
            f"{len(typos) - placed} of {len(typos)} sample typos are not in their place"
        )
    return found


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (resources.data_folder() / name).open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)
