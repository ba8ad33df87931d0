"""Part ``restore``: syllables whose marks are put back right, by how the text lost them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from time import perf_counter

import vnjournal as vj
from benchmarks import corpora, samples
from benchmarks.evaluation import without_marks, without_tones
from benchmarks.options import Options
from benchmarks.report import Cell, Figure, Progress, Report, Table
from vnjournal.correction.proposal import in_case_of
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.fold import form
from vnjournal.text.normalize import compose

PART = "restore"

_SENTENCES = 2000
_DOCUMENTS = 400  # of each corpus that they are taken from
_WORDS = range(8, 61)  # in a sentence
_SEED = 11
_TELEX = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}

Way = Callable[[str, random.Random], str]


def run(options: Options, progress: Progress) -> Report:
    """Measure on the sample articles, and on sentences of held-out documents of the corpora."""
    report = Report(PART)
    progress("marks of the samples")
    of_samples = [_of_text(article.body) for article in samples.articles()]
    _measure(report, "samples", list(chain.from_iterable(of_samples)), (samples.ARTICLES,))
    if options.corpora:
        progress("marks of held-out sentences")
        data = tuple(f"corpora/{path.name}" for path in options.corpora)
        _measure(report, "held-out documents", _held_out(options.corpora), data)
    return report


def _measure(report: Report, what: str, sentences: list[str], data: tuple[str, ...]) -> None:
    rows: list[list[Cell]] = []
    raw = report.raw[what] = {}
    for name, way in WAYS.items():
        chance = random.Random(_SEED)
        altered = [_altered(sentence, way, chance) for sentence in sentences]
        begin = perf_counter()
        restored = [vj.restore_diacritics(text) for text in altered]
        seconds = perf_counter() - begin
        right, words = compared(sentences, restored)
        right_before, _ = compared(sentences, altered)
        rows.append([name, right / words, right_before / words, words / seconds])
        report.figures.append(Figure(PART, f"{name}: words right", right / words, data))
        raw[name] = {"right": right, "words": words, "seconds": seconds}
    report.tables.append(
        Table(
            f"Marks put back: {len(sentences):,} sentences of {what}, a call a sentence",
            ("text", "words right", "right before", "words/s"),
            rows,
            "Words between blanks that have letters; letter case and tone placement do not count. "
            "Names of people and places are among them.",
        )
    )


def _held_out(paths: Sequence[Path]) -> list[str]:
    """As many sentences of each corpus, drawn from documents that the model has not seen."""
    chance = random.Random(_SEED)
    sentences: list[str] = []
    for path in paths:
        documents = [text for _, text in corpora.held_out(path)]
        documents = chance.sample(documents, min(_DOCUMENTS, len(documents)))
        found = list(chain.from_iterable(map(_of_text, documents)))
        sentences += chance.sample(found, min(_SENTENCES // len(paths), len(found)))
    return sentences


def _of_text(text: str) -> list[str]:
    spans = vj.sentences(compose(text).text)
    return [span.text for span in spans if len(span.text.split()) in _WORDS]


def _altered(sentence: str, way: Way, chance: random.Random) -> str:
    pieces = []
    done = 0
    for token in vj.syllables(sentence):
        pieces.append(sentence[done : token.start])
        pieces.append(way(token.text, chance))
        done = token.end
    return "".join([*pieces, sentence[done:]])


def _half(token: str, chance: random.Random) -> str:
    return without_marks(token) if chance.random() < 0.5 else token


def _typed(token: str, letters: dict[str, str], tones: str) -> str:
    syllable = parse_syllable(token)
    if syllable is None:
        return token
    keys = "".join(letters.get(letter, letter) for letter in syllable.onset + syllable.rime)
    return in_case_of(token, keys + tones[syllable.tone].strip())


WAYS: dict[str, Way] = {
    "without marks": lambda token, _: without_marks(token),
    "half the syllables without": _half,
    "without tones": lambda token, _: without_tones(token),
    "Telex": lambda token, _: _typed(token, _TELEX, " sfrxj"),
    "VNI": lambda token, _: _typed(token, _VNI, " 12345"),
    "with its marks": lambda token, _: token,
}


def compared(sentences: list[str], others: list[str]) -> tuple[int, int]:
    """How many words between blanks read as they should, and how many there are.

    >>> compared(["Hoà bình 2018."], ["hòa binh 2018."])
    (1, 2)
    """
    right = words = 0
    for sentence, other in zip(sentences, others, strict=True):
        for wanted, found in zip(sentence.split(), other.split(), strict=True):
            if any(map(str.isalpha, wanted)):
                words += 1
                right += form(wanted) == form(found)
    return right, words
