"""The words of an archive: what a prefix or a misspelt word may stand for.

One vocabulary serves every engine: the keys of an archive with the forms of each, and in how many
articles each form stands. A prefix or fuzzy word becomes the most frequent of the words that fit,
up to a fixed number; what is found is then a lower bound where there were more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain

from vnjournal.index.query import (
    CONTRADICTING,
    AllOf,
    AnyOf,
    Clause,
    Fuzzy,
    Marks,
    Prefix,
    Syllable,
    Variants,
)
from vnjournal.index.words import Words
from vnjournal.text.fold import TELEX_TONES, index_key

#: Words that a prefix or fuzzy word is made of at most; one more is looked for, to know of more.
MOST_VARIANTS = 64

_SHORT = 3  # letters of a word that has one wrong letter at most; longer ones may have two
_LONG = 7
_TONES = "".join(TELEX_TONES)
_NEARLY = (0, 3, CONTRADICTING)  # grades of words, by how many wrong letters they have


@dataclass(frozen=True, slots=True)
class Expanded:
    """Clauses without prefixes and fuzzy words; ``is_cut``: whether there were too many words."""

    clauses: tuple[Clause, ...]
    is_cut: bool


class Vocabulary:
    """Keys and forms of an archive.

    Args: ``words``: of its index.

    >>> from vnjournal.index.words import WordsInMemory
    >>> counts = {("nghien", "nghiên"): 3, ("nghi", "nghiR"): 1, ("nghe", "nghêJ"): 2}
    >>> words = Vocabulary(WordsInMemory(counts))
    >>> words.beginning(Syllable("nghi", "nghi"), Marks.GRADED)
    [('nghien', 'nghiên', 2), ('nghi', 'nghiR', 2)]
    >>> words.near(Syllable("nghein", "nghein"), Marks.GRADED)
    [('nghien', 'nghiên', 3)]
    """

    def __init__(self, words: Words) -> None:
        self._words = words

    def expand(self, clauses: tuple[Clause, ...], marks: Marks) -> Expanded:
        """Put words in the place of prefixes and fuzzy words."""
        is_cut = False

        def expanded(clause: Clause) -> Clause:
            nonlocal is_cut
            match clause:
                case Prefix(syllable, fields):
                    found = self.beginning(syllable, marks)
                case Fuzzy(syllable, fields):
                    found = self.near(syllable, marks)
                case AnyOf(clauses):
                    return AnyOf(tuple(map(expanded, clauses)))
                case AllOf(clauses, excluded):
                    return AllOf(tuple(map(expanded, clauses)), tuple(map(expanded, excluded)))
                case _:
                    return clause
            is_cut |= len(found) > MOST_VARIANTS
            return Variants(tuple(found[:MOST_VARIANTS]), fields)

        done = tuple(map(expanded, clauses))
        return Expanded(done, is_cut)

    def count(self, key: str) -> int:
        """In how many articles the commonest form of a key stands."""
        return max(self._forms(key).values(), default=0)

    def has(self, key: str, form: str) -> bool:
        """Whether a form of a key stands in the archive."""
        return form in self._forms(key)

    def commonest_form(self, key: str) -> str:
        """The form of a key that most articles have; empty for a key that none has."""
        forms = self._forms(key)
        return max(forms, key=lambda form: (forms[form], form), default="")

    def _forms(self, key: str) -> Mapping[str, int]:
        return self._words.forms_of([key]).get(key, {})

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        """In how many articles the commonest form of each key stands that the archive has."""
        return {key: max(forms.values()) for key, forms in self._words.forms_of(keys).items()}

    def beginning(
        self, prefix: Syllable, marks: Marks, most: int = MOST_VARIANTS + 1
    ) -> list[tuple[str, str, int]]:
        """The key, form and grade of the words that begin so, the most frequent first."""
        length = len(prefix.key)
        other = index_key(prefix.key)  # ky* finds kỳ, whose key is ki
        whole = self._words.forms_of([other] if not other.startswith(prefix.key) else [])
        found = (
            (key, form, grade, count)
            for key, forms in chain(whole.items(), self._words.beginning(prefix.key))
            for form, count in forms.items()
            if (grade := prefix.grade(_shortened(form, length), marks)) is not None
        )
        return [word[:3] for word in nlargest(most, found, key=_frequency)]

    def near(self, asked: Syllable, marks: Marks) -> list[tuple[str, str, int]]:
        """The key, form and grade of words that are spelt nearly so, the nearest first."""
        most = (len(asked.key) >= _SHORT) + (len(asked.key) >= _LONG)
        distances = dict(self.keys_near(asked.key, most))
        found = (
            (key, form, grade, count)
            for key, forms in self._words.forms_of(distances).items()
            for form, count in forms.items()
            if (grade := _NEARLY[distances[key]] or asked.grade(form, marks)) is not None
        )
        nearest = nlargest(MOST_VARIANTS + 1, found, key=lambda word: (-word[2], _frequency(word)))
        return [word[:3] for word in nearest]

    def keys_near(self, key: str, most: int) -> Iterator[tuple[str, int]]:
        """See :meth:`vnjournal.index.words.Words.near`."""
        return self._words.near(key, most)


def _frequency(word: tuple[str, str, int, int]) -> tuple[int, tuple[str, str, int]]:
    """How many articles have a word; of two alike the order is always the same."""
    key, form, grade, count = word
    return count, (key, form, grade)


def _shortened(form: str, length: int) -> str:
    """The first letters of a form, with its tone.

    >>> _shortened("khoangS", 4)
    'khoaS'
    """
    letters = form.rstrip(_TONES)
    return letters[:length] + form[len(letters) :]
