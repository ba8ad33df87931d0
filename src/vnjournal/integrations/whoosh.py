"""An analyzer for Whoosh: its own parser and highlighter, with or without diacritics.

>>> from whoosh.fields import TEXT, Schema
>>> from whoosh.filedb.filestore import RamStorage
>>> from whoosh.qparser import QueryParser
>>> schema = Schema(body=TEXT(stored=True, analyzer=VietnameseAnalyzer()))
>>> index = RamStorage().create_index(schema)
>>> with index.writer() as writer:
...     writer.add_document(body="Đảng bộ Sở Khoa học")
>>> with index.searcher() as searcher:
...     hits = searcher.search(QueryParser("body", schema).parse("dang bo so khoa hoc"))
...     hits[0].highlights("body").count("</b>")
5
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vnjournal.index.analysis import SENTENCE_END, Analysis
from vnjournal.text.normalize import normalize

if TYPE_CHECKING:
    from whoosh.analysis import CompositeAnalyzer, Token


@dataclass(frozen=True)
class VietnameseAnalyzer:
    """Text in, Whoosh tokens out: one for each syllable and each part of a compound.

    Args: ``fold``: True leaves the marks out, in the index and in queries; False keeps them.

    The terms and positions are those of :mod:`vnjournal.index.analysis`: ``Mác-Lênin`` is found by
    ``lenin`` and as a phrase, and no phrase reaches across the end of a sentence. ``startchar`` and
    ``endchar`` point into the text as given, in any Unicode form, so Whoosh highlights what the
    author wrote. Filters may follow (``VietnameseAnalyzer() | StopFilter(...)``).

    >>> [(token.text, token.startchar, token.endchar) for token in VietnameseAnalyzer()("Sở KH&CN")]
    [('so', 0, 2), ('kh', 3, 5), ('cn', 6, 8)]
    >>> [token.text for token in VietnameseAnalyzer(fold=False)("Toà soạn")]
    ['tòa', 'soạn']
    """

    fold: bool = True

    is_morph = False  # Whoosh asks every analyzer whether it stems

    def has_morph(self) -> bool:
        """False: terms are what stands in the text, not stems of it."""
        return self.is_morph

    def __call__(
        self, value: str, *, start_pos: int = 0, start_char: int = 0, **options: Any
    ) -> Iterator[Token]:
        """Analyse a text, as Whoosh asks for it.

        Args: ``start_pos``, ``start_char``: added to positions and offsets; ``options``: whatever
        else Whoosh passes on to the tokens.
        """
        from whoosh.analysis import Token

        analysis = Analysis(value)
        for at, key in enumerate(analysis.keys):
            if key == SENTENCE_END:
                continue  # takes positions, which keeps phrases within a sentence
            start, end = analysis.original_span(at)
            token = Token(**options)
            token.original = value[start:end]
            token.text = key if self.fold else normalize(token.original).lower()
            token.pos = start_pos + at
            token.startchar, token.endchar = start_char + start, start_char + end
            yield token

    def __or__(self, filters: Callable[[Iterable[Token]], Iterable[Token]]) -> CompositeAnalyzer:
        from whoosh.analysis import CompositeAnalyzer

        return CompositeAnalyzer(self, filters)
