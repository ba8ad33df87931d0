"""Queries of each kind, of the words of some articles."""

from __future__ import annotations

import random
from collections.abc import Sequence

import vnjournal as vj
from benchmarks.evaluation import without_marks

_QUERIES = 150  # of each kind


def kinds(articles: Sequence[vj.Article], chance: random.Random) -> dict[str, list[str]]:
    """Queries of each kind, of words that stand side by side in an article; and its titles."""

    def stretches(number: int) -> list[str]:
        found = []
        for article in chance.choices(articles, k=_QUERIES):
            words = [word for word in article.body.split() if word.isalpha()] or ["không"]
            at = chance.randrange(max(1, len(words) - number))
            found.append(" ".join(words[at : at + number]))
        return found

    words, phrases = stretches(3), stretches(3)
    titles = [
        article.title or article.body[:60] for article in chance.choices(articles, k=_QUERIES)
    ]
    return {
        "one word": stretches(1),
        "three words": words,
        "three words, no marks": list(map(without_marks, words)),
        "phrase": [f'"{phrase}"' for phrase in phrases],
        "phrase, no marks": [f'"{without_marks(phrase)}"' for phrase in phrases],
        "prefix": [f"{word[:3]}*" for word in stretches(1)],
        "title": titles,
        "title, no marks": list(map(without_marks, titles)),
    }
