"""What a reader may have meant to type, from the archive's own words: "did you mean", completion.

Both rest on the pairs of words that stand side by side in the archive. A word of a query is
doubtful when the archive does not have it, or has it beside none of its neighbours in the query;
it is replaced by one that is spelt nearly so and stands beside them. A beginning is completed by
the words that follow the word before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log1p

import numpy as np

from vnjournal.correction.restore import restore_diacritics
from vnjournal.index.analysis import pair_term
from vnjournal.index.engine import Engine
from vnjournal.index.query import Marks, Syllable, Word, syllables
from vnjournal.language.ngrams import BOUNDARY, STEPS, UNKNOWN, ngram_model
from vnjournal.search.acronyms import is_acronym
from vnjournal.search.parse import ParsedQuery
from vnjournal.search.vocabulary import Vocabulary
from vnjournal.text.fold import spelling

_LEAST_SURE = 3  # articles that have a pair with which a word that there is may be replaced
_MORE = 2  # times as frequent is what replaces a word that there is
_OF_A_PAIR = 2.0  # how much more a pair says than a word
_SHORTEST = 2  # letters of a word that is glued to another
_LONG = 7  # letters of a word in which two may be wrong
_OF_A_LETTER = 3.0  # what the second wrong letter costs
_KEPT_MARKS = 2  # the worst grade of a form that has the marks that were typed
_MOST_FORMS = 200  # that a beginning may be completed to
_MOST_WORDS = 12  # of a query that are looked at


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of a query between its neighbours, as keys; empty where it has none."""

    before: str
    key: str
    after: str

    def pairs(self) -> Iterator[str]:
        """The pairs that the word makes with its neighbours."""
        if self.before:
            yield pair_term(self.before, self.key)
        if self.after:
            yield pair_term(self.key, self.after)


class Suggester:
    """Suggests queries. Args: ``engine``, ``words``: of the archive."""

    def __init__(self, engine: Engine, words: Vocabulary) -> None:
        self._engine = engine
        self._words = words

    def meant(self, parsed: ParsedQuery, found_few: bool) -> str:
        """The plain words of a query with the doubtful ones replaced; empty where none is.

        Words typed without marks come back with marks. Args: ``found_few``: whether the query
        found so little that words may be doubted which the archive has.
        """
        typed = parsed.spoken.split()[:_MOST_WORDS]
        words = parsed.words[:_MOST_WORDS]
        keys = [word.syllable.key if isinstance(word, Word) else "" for word in words]
        is_known = [isinstance(word, Word) and self._knows(word.syllable) for word in words]
        better = list(typed)
        for known in (False, True)[: 1 + found_few]:  # unknown ones first: they mislead the others
            for at, key in enumerate(keys):
                if key and is_known[at] == known:
                    sides = [
                        keys[n] if 0 <= n < len(keys) and self._words.count(keys[n]) else ""
                        for n in (at - 1, at + 1)
                    ]
                    if found := self._replacement(_Place(sides[0], key, sides[1]), known):
                        better[at] = found
                        keys[at] = found
        return self._with_marks(" ".join(better)) if better != typed else ""

    def _knows(self, typed: Syllable) -> bool:
        """Whether the archive has a word with the marks that were typed, if any were."""
        if typed.is_bare:
            return self._words.count(typed.key) > 0
        return self._words.has(typed.key, typed.form)

    def _with_marks(self, text: str) -> str:
        """Words with the marks they probably have, which are such as the archive has them."""
        return " ".join(map(self._as_in_archive, restore_diacritics(text).split()))

    def _as_in_archive(self, word: str) -> str:
        asked = syllables(word)
        if len(asked) != 1 or self._words.has(asked[0].key, asked[0].form):
            return word
        return spelling(self._words.commonest_form(asked[0].key)) or word

    def _replacement(self, place: _Place, is_known: bool) -> str:
        """What was probably meant at a place, as keys; empty where nothing else was.

        What is not known may be meant with other marks only.
        """
        if not place.key.isalpha() or is_acronym(place.key):
            return ""
        has_neighbours = bool(place.before or place.after)
        if is_known and (not has_neighbours or any(self._beside([place])[0])):
            return ""
        candidates = dict(self._candidates(place.key))
        if is_known:
            candidates.pop(place.key, None)
        others = [_Place(place.before, key, place.after) for key in candidates]
        counts = self._words.counts([place.key, *candidates])
        own = counts.get(place.key, 0)
        scored = []
        for (key, distance), beside in zip(candidates.items(), self._beside(others), strict=True):
            count = counts.get(key, 0)
            if is_known and (min(beside) < _LEAST_SURE or count < _MORE * own):
                continue
            score = _OF_A_PAIR * sum(map(log1p, beside)) + log1p(count)
            scored.append((score - _OF_A_LETTER * (distance - 1), key))
        if not is_known:
            scored += self._cut(place.key)
        return max(scored)[1] if scored else ""

    def _cut(self, key: str) -> Iterator[tuple[float, str]]:
        """The words that may have been glued to each other, with their scores."""
        ends = range(_SHORTEST, len(key) - _SHORTEST + 1)
        pairs = [(key[:at], key[at:]) for at in ends]
        counts = self._engine.pair_counts([pair_term(*pair) for pair in pairs])
        for (left, right), count in zip(pairs, counts, strict=True):
            if count:
                yield _OF_A_PAIR * log1p(count), f"{left} {right}"

    def _candidates(self, key: str) -> Iterator[tuple[str, int]]:
        most = 2 if len(key) >= _LONG else 1
        for other, distance in self._words.keys_near(key, most):
            if other.isalpha():
                yield other, distance

    def _beside(self, places: Sequence[_Place]) -> list[list[int]]:
        """In how many articles the word of each place stands beside each of its neighbours."""
        pairs = [list(place.pairs()) for place in places]
        counts = iter(self._engine.pair_counts([*chain.from_iterable(pairs)]))
        return [[next(counts) for _ in of_place] for of_place in pairs]

    def completions(self, typed: str, limit: int) -> list[str]:
        """What was typed with its last word completed: by what often stands there in the archive,
        and in Vietnamese; the first word, by how common it is.

        Marks that were typed are kept to; words that were typed without come back with marks.
        """
        done, _, begun = typed.rpartition(" ")
        before, asked = syllables(done), syllables(begun)
        if len(asked) != 1:
            return []
        begun_key = asked[0].key
        counts = self._engine.following(before[-1].key, begun_key, _MOST_FORMS) if before else {}
        forms = [
            (key, form)
            for key, form, grade in self._words.beginning(asked[0], Marks.GRADED, _MOST_FORMS)
            if grade <= _KEPT_MARKS and spelling(form) and (not before or key in counts)
        ]
        if before:
            costs = dict(zip(forms, _costs(restore_diacritics(done), forms), strict=True))
            forms.sort(key=lambda form: costs[form] - log1p(counts[form[0]]))
        if asked[0].is_bare:
            keys = list(dict.fromkeys(key for key, _ in forms))[:limit]
            written = [self._with_marks(f"{done} {key}") for key in keys]
        else:
            written = [f"{done} {spelling(form)}".strip() for _, form in forms[:limit]]
        return list(dict.fromkeys(written))


def _costs(before: str, forms: Sequence[tuple[str, str]]) -> list[float]:
    """What each form costs behind some words by the language model, in nats."""
    model = ngram_model()
    read = [model.numbers.get(syllable.form, UNKNOWN) for syllable in syllables(before)]
    first, second = [BOUNDARY, *read][-2:]
    words = np.array([model.numbers.get(form, UNKNOWN) for _, form in forms], np.int64)
    costs = model.after_two(np.full_like(words, first), np.full_like(words, second), words)
    return [cost / STEPS for cost in costs.tolist()]
