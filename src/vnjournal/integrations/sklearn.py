"""An analyzer for scikit-learn's vectorizers: ``TfidfVectorizer(analyzer=VietnameseAnalyzer())``.

>>> from sklearn.feature_extraction.text import TfidfVectorizer
>>> vectorizer = TfidfVectorizer(analyzer=VietnameseAnalyzer())
>>> vectorizer.fit(["Đảng bộ Sở Khoa học.", "Sở Y tế"]).get_feature_names_out().tolist()
['khoa_học', 'sở', 'y_tế', 'đảng_bộ']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vnjournal.segment.units import syllables
from vnjournal.segment.words import tokenize
from vnjournal.text.fold import index_key
from vnjournal.text.normalize import normalize
from vnjournal.text.spans import Kind, Token

_LEFT_OUT = (Kind.PUNCTUATION, Kind.SYMBOL)


@dataclass(frozen=True)
class VietnameseAnalyzer:
    """Text in, list of terms out; punctuation and symbols are left out.

    Args:
        fold: False gives words in lower case with ``_`` between their syllables, in one Unicode
            form and tone placement. True gives syllables without marks, so that text that has lost
            its marks gives the same terms; where one word ends and the next begins cannot be told
            from such text.
        words: words of your own to keep whole; they have no place among syllables, so with
            ``fold`` they raise ValueError.

    An analyzer can be pickled, cloned and compared. It needs no scikit-learn itself.

    >>> VietnameseAnalyzer()("Đảng bộ Sở Khoa học, 29/06/2015")
    ['đảng_bộ', 'sở', 'khoa_học', '29/06/2015']
    >>> VietnameseAnalyzer(fold=True)("Đảng bộ Sở") == VietnameseAnalyzer(fold=True)("dang bo so")
    True
    """

    fold: bool = False
    words: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.fold and self.words:
            raise ValueError("fold=True gives syllables and keeps no words whole: leave out words")

    def __call__(self, text: str) -> list[str]:
        tokens = syllables(text) if self.fold else tokenize(text, words=self.words)
        terms = (self._term(token) for token in tokens if token.kind not in _LEFT_OUT)
        return [term for term in terms if term]  # of some characters folding leaves nothing

    def _term(self, token: Token) -> str:
        spelt = index_key(token.text) if self.fold else normalize(token.text).lower()
        return "_".join(spelt.split())
