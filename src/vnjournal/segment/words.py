"""Words: units joined by a model of which syllables belong together.

Two models are known. ``vnjournal`` is our own (:mod:`vnjournal.segment.vnjournal_model`);
``underthesea`` has the weights of the installed package of that name
(:mod:`vnjournal.segment.underthesea_model`). Both are read by one tagger, see the units of
:mod:`vnjournal.segment.tokens`, and give words with our offsets.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import compress
from typing import Literal

from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.tagger import CERTAIN, Tagger, decode
from vnjournal.segment.tokens import collection_paused, in_original, units_of_lines
from vnjournal.segment.underthesea_model import underthesea_tagger
from vnjournal.segment.user_words import UserWords
from vnjournal.segment.vnjournal_model import vnjournal_tagger
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind, Token

ModelName = Literal["vnjournal", "underthesea"]

_TAGGERS: dict[ModelName, Callable[[], Tagger]] = {
    "vnjournal": vnjournal_tagger,
    "underthesea": underthesea_tagger,
}
_BATCH = 1 << 14  # units scored at once: enough for speed, few enough to stay in the cache
_CHUNK = 1 << 17  # characters sent to a process at once
_MIXED = Kind.WORD  # what units of several kinds make together
_KINDS = list(Kind)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}


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
    composed = compose(text)
    user, tagger = UserWords.of(words), _tagger(model)
    with collection_paused():
        return in_original(composed, _words(composed.text, user, tagger))


def tokenize_many(
    texts: Iterable[str],
    processes: int = 1,
    *,
    words: Sequence[str] = (),
    model: ModelName = "vnjournal",
) -> Iterator[list[Token]]:
    """Tokenize a stream of texts, in order; see :func:`tokenize`.

    Args: ``processes``: how many share the work. Texts are taken from the stream as they are
    needed: only a few for each process, and their tokens, are in memory at a time.

    >>> [len(tokens) for tokens in tokenize_many(["Đảng bộ Sở", "khoa học"])]
    [2, 1]
    """
    _tagger(model)  # what is wrong with the model is wrong before the first text
    if processes <= 1:
        return (tokenize(text, words=words, model=model) for text in texts)
    return _shared(texts, processes, partial(_spans, words=tuple(words), model=model))


def _tagger(model: ModelName) -> Tagger:
    if model not in _TAGGERS:
        raise ValueError(f"there is no model {model!r}: choose of {', '.join(_TAGGERS)}")
    return _TAGGERS[model]()


def _words(nfc: str, user: UserWords, tagger: Tagger) -> list[Token]:
    """The words of a composed text."""
    words: list[Token] = []
    units: list[Token] = []
    begins: list[int] = []
    kept: list[tuple[int, int]] = []
    for line in units_of_lines(nfc):
        done = len(units)
        found = user.find(line)
        kept += ((done + first, done + last) for first, last in found)
        for at in sentence_begins(line):
            if not any(first < at < last for first, last in found):
                begins.append(done + at)
        units += line
        if len(units) >= _BATCH:
            words += _joined(nfc, units, begins, kept, tagger)
            units, begins, kept = [], [], []
    if units:
        words += _joined(nfc, units, begins, kept, tagger)
    return words


def _joined(
    nfc: str,
    units: list[Token],
    begins: list[int],
    kept: list[tuple[int, int]],
    tagger: Tagger,
) -> list[Token]:
    """Join the units of some sentences, and those of each stretch of ``kept`` in any case."""
    scores = tagger.scores([unit[0] for unit in units], begins)
    scores[begins] = -CERTAIN
    for first, last in kept:
        scores[first] = -CERTAIN
        scores[first + 1 : last] = CERTAIN
        scores[last : last + 1] = -CERTAIN
    continues = decode(scores.tolist(), begins, tagger.transitions)
    words: list[Token] = []
    done = 0
    for at in compress(range(len(units)), continues):
        if at < done:
            continue  # in the word before
        last = at
        while last + 1 < len(units) and continues[last + 1]:
            last += 1
        words += units[done : at - 1]
        start, end = units[at - 1].start, units[last].end
        kinds = {unit.kind for unit in units[at - 1 : last + 1]}
        words.append(Token(nfc[start:end], start, end, kinds.pop() if len(kinds) == 1 else _MIXED))
        done = last + 1
    words += units[done:]
    return words


#: The words of one text as they travel between processes: starts, ends, numbers of kinds.
_Spans = tuple["array[int]", "array[int]", bytes]


def _spans(texts: list[str], words: tuple[str, ...], model: ModelName) -> list[_Spans]:
    """What a process sends back: places are smaller than tokens and quicker to send."""
    return [
        (
            array("I", [token.start for token in tokens]),
            array("I", [token.end for token in tokens]),
            bytes(_NUMBERS[token.kind] for token in tokens),
        )
        for tokens in (tokenize(text, words=words, model=model) for text in texts)
    ]


def _shared(
    texts: Iterable[str], processes: int, work: Callable[[list[str]], list[_Spans]]
) -> Iterator[list[Token]]:
    """Give chunks of a stream to processes, at most two ahead for each, and take them in order."""
    waiting: deque[tuple[list[str], Future[list[_Spans]]]] = deque()
    with ProcessPoolExecutor(processes) as pool:
        for chunk in _chunks(texts):
            waiting.append((chunk, pool.submit(work, chunk)))
            if len(waiting) > 2 * processes:
                yield from _received(*waiting.popleft())
        while waiting:
            yield from _received(*waiting.popleft())


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        chunk.append(text)
        size += len(text)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _received(texts: list[str], answer: Future[list[_Spans]]) -> Iterator[list[Token]]:
    for text, (starts, ends, kinds) in zip(texts, answer.result(), strict=True):
        yield [
            Token(text[start:end], start, end, _KINDS[kind])
            for start, end, kind in zip(starts, ends, kinds, strict=True)
        ]
