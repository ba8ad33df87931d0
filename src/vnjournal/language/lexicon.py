"""Counted syllables and words, from the packaged ``lexicon`` data set.

Keys are lower-case, composed, with the old tone placement (``hòa``); :func:`spelling` brings a
token there. Counts say how often a thing stood in the corpora that the data was made from.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import chain

from vnjournal import resources
from vnjournal.text.normalize import place_tone


@lru_cache(maxsize=16384)
def spelling(token: str) -> str:
    """The spelling under which the lexicon knows a composed token.

    >>> spelling("Hoà"), spelling("TUỲ")
    ('hòa', 'tùy')
    """
    return place_tone(token.lower())


class Lexicon:
    """The counts, each table opened when it is first asked for.

    >>> lexicon = Lexicon()
    >>> lexicon.words["chương trình"] > 1000, "chương tình" in lexicon.words
    (True, False)
    """

    @cached_property
    def syllables(self) -> dict[str, int]:
        """Attested well-formed syllables and their counts."""
        return {syllable: int(n) for syllable, n in resources.rows("lexicon", "syllables.tsv")}

    @cached_property
    def words(self) -> dict[str, int]:
        """Words of two to four syllables, joined by spaces, and their counts."""
        return {word: int(n) for word, n in resources.rows("lexicon", "words.tsv")}

    @cached_property
    def loanwords(self) -> frozenset[str]:
        """Tokens with Vietnamese letters that are in use though no well-formed syllable."""
        return frozenset(word for word, _ in resources.rows("lexicon", "loanwords.tsv"))

    @cached_property
    def acronyms(self) -> frozenset[tuple[str, str]]:
        """Acronyms, each with a long form that it stands for."""
        tables = ("acronyms.tsv", "more_acronyms.tsv")
        rows = chain.from_iterable(resources.rows("lexicon", table) for table in tables)
        return frozenset((acronym, words) for acronym, words, *_ in rows)


lexicon = Lexicon()
