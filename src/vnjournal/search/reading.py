"""How a query is read: the marks it was probably meant with, and how telling its words are.

A query in which marks may be missing is read through the language model
(:func:`vnjournal.correction.restore.restore_diacritics`). The reading is never forced: what answers
the words as they were typed answers the query, but the forms of the reading count besides, and so
do the pairs of words that stand side by side. On XQuAD that brings MRR@10 from 0.91 to 0.96 for
questions typed without any mark.

A word counts the more, the rarer it is in Vietnamese at large. An archive of a few hundred articles
says too little about that: there ``nào`` may be as rare as ``oxy``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from math import sqrt

from vnjournal.correction.restore import restore_diacritics
from vnjournal.correction.typed import METHODS, read_keystrokes
from vnjournal.index.analysis import pair_term
from vnjournal.index.query import Clause, Pair, Phrase, Syllable, Word, syllables
from vnjournal.language.ngrams import STEPS, ngram_model
from vnjournal.search.parse import ParsedQuery

_USUAL_RARITY = 8.0  # nats: a word of this rarity has the weight 1
_RAREST = 20.5  # of a word that is not known: it has the greatest weight
_EXPRESSION = range(3, 6)  # words of a query that may be one
_EXPRESSION_WEIGHT = 4.0  # how much that counts: as often as all its words
_SHORTEST_TYPED = 3  # keystrokes: A4 is no ã
_LEAST_WEIGHT, _MOST_WEIGHT = 0.3, 1.6


@dataclass(frozen=True, slots=True)
class Reading:
    """A query with what is known of its words.

    Attributes:
        words: each once, with its weight and the form that it was probably meant in.
        boosted: the pairs of words that stand side by side, and phrases as they were meant.
        text: as it was probably meant; empty where that is as it was typed.
    """

    words: tuple[Clause, ...]
    boosted: tuple[Clause, ...]
    text: str


def read(parsed: ParsedQuery, has: Callable[[str], bool]) -> Reading:
    """Read the words and phrases of a query.

    Args: ``has``: whether the archive has a key. A word that it has not, and that is a syllable in
    Telex or VNI keystrokes, is searched as that syllable. Else a single word stays as it is:
    without neighbours nothing says which form is meant.

    >>> from vnjournal.search.parse import parse
    >>> reading = read(parse("dang bo so khoa hoc"), lambda key: True)
    >>> reading.text, [word.likely for word in reading.words]
    ('đảng bộ sở khoa học', ['đangR', 'bôJ', 'sơR', 'khoa', 'hocJ'])
    >>> read(parse("hoas"), lambda key: False).words[0].syllable
    Syllable(key='hoa', form='hoaS')
    """
    words = parsed.words
    boosted: list[Clause] = []
    typed, meant = [], []
    if len(words) > 1 or (words and _may_be_typed(parsed.spoken)):
        spoken = parsed.spoken.split()
        said = [
            after if _is_meant(before, after, len(spoken), has) else before
            for before, after in zip(spoken, restore_diacritics(parsed.spoken).split(), strict=True)
        ]
        typed.append(parsed.spoken)
        meant.append(" ".join(said))
        words = tuple(map(_as_keyed, words, said))
    if len(words) > 1:
        words = tuple(chain.from_iterable(map(_known, words, said)))
        boosted += dict.fromkeys(
            Pair(pair_term(left.syllable.key, right.syllable.key))
            for left, right in pairwise(words)
            if isinstance(left, Word) and isinstance(right, Word)
        )
        boosted += _whole(words)
        words = _each_once(words)
    for phrase, text in parsed.phrases:
        restored = restore_diacritics(text)
        typed.append(text)
        meant.append(restored)
        asked = syllables(restored)
        if asked != phrase.syllables:
            boosted.append(replace(phrase, syllables=asked))
    return Reading(
        words=words,
        boosted=tuple(boosted),
        text=" ".join(meant) if typed != meant else "",
    )


def _may_be_typed(word: str) -> bool:
    """Whether a single word may be keystrokes: of letters that is known without restoring."""
    if not word.isalpha():
        return True
    return word.isascii() and any(read_keystrokes(word.lower(), method) for method in METHODS)


def _is_meant(typed: str, restored: str, number: int, has: Callable[[str], bool]) -> bool:
    """Whether a word of so many is searched as it may be restored."""
    key, key_meant = ([s.key for s in syllables(text)] for text in (typed, restored))
    if key == key_meant:
        return number > 1
    is_typed = len(key) == len(key_meant) == 1 and len(key[0]) >= _SHORTEST_TYPED
    return is_typed and not has(key[0])


def _as_keyed(word: Clause, meant: str) -> Clause:
    """A word that was typed in keystrokes as what they say."""
    asked = syllables(meant)
    if isinstance(word, Word) and len(asked) == 1 and word.syllable.key != asked[0].key:
        return replace(word, syllable=asked[0])
    return word


def _known(clause: Clause, meant: str) -> Iterator[Clause]:
    """A word or the parts of a compound, with what is known of each.

    Among other words the parts of a compound are words too, which pairs hold together.
    """
    asked = syllables(meant)
    match clause:
        case Word(syllable):
            is_whole = len(asked) == 1  # else an acronym that is cut
            yield _weighed(clause, asked[0].form if is_whole else syllable.form)
        case Phrase(parts, fields) if len(parts) == len(asked):
            for syllable, read in zip(parts, asked, strict=True):
                yield _weighed(Word(syllable, fields), read.form)
        case _:
            yield clause


def _weighed(word: Word, likely: str) -> Word:
    weight = sqrt(rarity(likely) / _USUAL_RARITY)
    return replace(word, likely=likely, weight=min(max(weight, _LEAST_WEIGHT), _MOST_WEIGHT))


def _whole(clauses: tuple[Clause, ...]) -> Iterator[Phrase]:
    """A short query as one expression: ``sở khoa học`` is more than a ``sở`` and ``khoa học``.

    Of two words the pair says as much. On fragments of titles, looked for in the bodies of 20,000
    news articles, MRR@10 rises from 0.307 to 0.316, without marks from 0.288 to 0.296.
    """
    words = [clause for clause in clauses if isinstance(clause, Word)]
    if len(clauses) == len(words) and len(words) in _EXPRESSION:
        meant = tuple(Syllable(word.syllable.key, word.likely) for word in words)
        yield Phrase(meant, words[0].fields, weight=_EXPRESSION_WEIGHT)


def _each_once(words: Iterable[Clause]) -> tuple[Clause, ...]:
    found: dict[Clause | Syllable, Clause] = {}
    for word in words:
        if isinstance(word, Word):
            before = found.get(word.syllable)
            stand_ins = before.stand_ins if isinstance(before, Word) else ()
            merged = tuple(dict.fromkeys((*stand_ins, *word.stand_ins)))
            found[word.syllable] = replace(word, stand_ins=merged)
        else:
            found[word] = word
    return tuple(found.values())


def rarity(form: str) -> float:
    """How rare a form is in Vietnamese at large, in nats; of one that is not known, very rare.

    >>> rarity("va") < rarity("oxy") < rarity("xyzzy")
    True
    """
    model = ngram_model()
    number = model.numbers.get(form)
    return int(model.word_costs[number]) / STEPS if number is not None else _RAREST
