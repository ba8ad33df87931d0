"""Words: units joined by a model of which syllables belong together.

Two models are known. ``vnjournal`` is our own (:mod:`vnjournal.segment.vnjournal_model`);
``underthesea`` has the weights of the installed package of that name
(:mod:`vnjournal.segment.underthesea_model`). Both are read by one tagger, see the units of
:mod:`vnjournal.segment.tokens`, and give words with our offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vnjournal.segment.locks import fork_safe_lock
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.tagger import CERTAIN, Tagger, decode
from vnjournal.segment.underthesea_model import underthesea_tagger
from vnjournal.segment.units import KINDS, Units, tokens_at, units_of
from vnjournal.segment.user_words import UserWords
from vnjournal.segment.vnjournal_model import vnjournal_tagger
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Token
from vnjournal.workers import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

ModelName = Literal["vnjournal", "underthesea"]

_TAGGERS: dict[ModelName, Callable[[], Tagger]] = {
    "vnjournal": vnjournal_tagger,
    "underthesea": underthesea_tagger,
}
_opening = fork_safe_lock()  # one thread opens a model, the others wait for it
_CHUNK = 1 << 17  # characters, of one text or of several, that are worked on at once
_MIXED = KINDS.index(Kind.WORD)  # what units of several kinds make together
_NOTHING = (np.zeros(0, np.int64),) * 3  # no words


def tokenize(
    text: str, *, words: Sequence[str] = (), model: ModelName = "vnjournal"
) -> list[Token]:
    """Split a text into words, numbers, other compounds and punctuation.

    Args:
        text: in any Unicode form.
        words: words of your own, of two or more syllables, that are kept whole wherever they
            stand. Tone placement and Unicode form do not matter; a capital asks for a capital, a
            small letter is content with either.
        model: what joins syllables: ``vnjournal``, or ``underthesea``.

    Each token points into the text as given, so a word of several syllables keeps the blanks that
    stand between them. Raises DataError when the model's data is missing, and ValueError for an
    unknown model.

    >>> [token.text for token in tokenize("Đảng bộ Sở triển khai khoa học.")]
    ['Đảng bộ', 'Sở', 'triển khai', 'khoa học', '.']
    >>> [token.text for token in tokenize("báo Khoa học Hải Dương", words=["Khoa học Hải Dương"])]
    ['báo', 'Khoa học Hải Dương']
    """
    (places,) = _words([text], UserWords.of(words), _tagger(model))
    return tokens_at(text, *places)


def tokenize_many(
    texts: Iterable[str],
    processes: int = 1,
    *,
    words: Sequence[str] = (),
    model: ModelName = "vnjournal",
) -> Iterator[list[Token]]:
    """Tokenize a stream of texts, in order; see :func:`tokenize`.

    Args: ``processes``: how many share the work.

    Short texts are worked on together, which is faster than one call for each. The stream is read
    ahead by some hundred thousand characters for each process, and no more is held in memory.

    >>> [len(tokens) for tokens in tokenize_many(["Đảng bộ Sở", "khoa học"])]
    [2, 1]
    """
    if isinstance(texts, str):
        raise TypeError("tokenize_many takes several texts: give it a list, or call tokenize")
    _tagger(model)  # what is wrong with the model is wrong before the first text
    work = partial(_places, words=tuple(words), model=model)
    return _many(texts, processes, work)


def _many(
    texts: Iterable[str], processes: int, work: Callable[[list[str]], list[_Places]]
) -> Iterator[list[Token]]:
    chunks = ((chunk, chunk) for chunk in _chunks(texts))
    with Pool(processes) as pool:
        for chunk, places in pool.in_order(work, chunks):
            yield from _tokens(chunk, places)


def _tagger(model: ModelName) -> Tagger:
    if model not in _TAGGERS:
        raise ValueError(f"there is no model {model!r}: choose of {', '.join(_TAGGERS)}")
    with _opening:
        return _TAGGERS[model]()


#: Where the words of a text stand, and the numbers of their kinds.
_Places = tuple["NDArray[Any]", "NDArray[Any]", "NDArray[Any]"]


def _words(texts: Sequence[str], user: UserWords, tagger: Tagger) -> Iterator[_Places]:
    """The words of texts in any Unicode form.

    They are read as the lines of one text, so that many short ones cost no more than a long one.
    """
    composed = compose("\n".join(texts))
    found = [_joined(units, user, tagger) for units in units_of(composed.text)]
    starts, ends, kinds = map(np.concatenate, zip(_NOTHING, *found, strict=True))
    starts, ends = composed.original_spans(starts, ends)
    offsets = [0, *accumulate(len(text) + 1 for text in texts)]
    for offset, (begin, end) in zip(offsets, pairwise(starts.searchsorted(offsets)), strict=False):
        yield starts[begin:end] - offset, ends[begin:end] - offset, kinds[begin:end]


def _joined(units: Units, user: UserWords, tagger: Tagger) -> _Places:
    """Join units to the words of a composed text; in any case those that the user wants kept."""
    kept = []
    begins = sentence_begins(units)
    if user:
        texts = units.texts()
        for line in map(slice, units.lines.tolist(), units.line_ends.tolist()):
            found = user.find(texts[line])
            kept += [(line.start + first, line.start + last) for first, last in found]
        inside = [at for first, last in kept for at in range(first + 1, last)]
        begins = np.setdiff1d(begins, inside)
    scores = tagger.scores(tagger.look.of(units), begins)
    scores[begins] = -CERTAIN
    for first, last in kept:
        scores[first] = -CERTAIN
        scores[first + 1 : last] = CERTAIN
        scores[last : last + 1] = -CERTAIN
    continues = decode(scores, begins, tagger.transitions)

    begin, end = ~continues, np.ones(len(units), np.bool_)
    end[:-1] = begin[1:]
    of_units, joined = units.kinds, continues.nonzero()[0]
    mixed = joined[of_units[joined] != of_units[joined - 1]]
    kinds = of_units[begin]
    if len(mixed):
        kinds[begin.cumsum()[mixed] - 1] = _MIXED
    return units.starts[begin], units.ends[end], kinds


def _places(texts: list[str], words: tuple[str, ...], model: ModelName) -> list[_Places]:
    """The words of some texts; places are smaller than tokens, and quicker to send."""
    return [
        (starts.astype(np.uint32), ends.astype(np.uint32), kinds.astype(np.uint8))
        for starts, ends, kinds in _words(texts, UserWords.of(words), _tagger(model))
    ]


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        chunk.append(text)
        size += len(text) + 1  # and the line break behind it: empty texts take room, too
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _tokens(texts: list[str], places: list[_Places]) -> Iterator[list[Token]]:
    for text, of_text in zip(texts, places, strict=True):
        yield tokens_at(text, *of_text)
