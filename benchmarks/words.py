"""Part ``words``: words, syllables and sentences; how right and how fast."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from pathlib import Path

import vnjournal as vj
from benchmarks import evaluation, peers, samples
from benchmarks.options import Options
from benchmarks.report import Chart, Figure, Progress, Report, Table
from benchmarks.scoring import count_syllables, f1
from benchmarks.timing import alternated, median

PART = "words"

_ROUNDS = 5
_OWN = "vnjournal"


def run(options: Options, progress: Progress) -> Report:
    """Measure speed on the samples, and quality on a treebank when there is one."""
    report = Report(PART)
    progress("speed of words, syllables, sentences")
    _measure_speed(report)
    treebank = options.path_of(evaluation.TREEBANK)
    if treebank:
        progress("words of the treebank")
        _measure_quality(report, treebank)
    return report


def _measure_speed(report: Report) -> None:
    text = "\n\n".join(article.body for article in samples.articles())
    syllables, megabytes = count_syllables(text), len(text.encode()) / 1e6
    words = alternated(
        {name: partial(cut, text) for name, cut in peers.word_tokenizers().items()}, _ROUNDS
    )
    rates = {name: syllables / median(seconds) for name, seconds in words.items()}
    report.tables.append(
        Table(
            "Words: speed on the sample articles",
            ("system", "syllables/s", "against underthesea"),
            [[name, rate, rate / rates["underthesea"]] for name, rate in rates.items()],
            "Whole articles, one process; the same text in syllables for all.",
        )
    )
    scans = alternated(
        {
            "vnjournal.syllables": partial(vj.syllables, text),
            "underthesea regex_tokenize": partial(peers.regex_tokenizer(), text),
            "vnjournal.sentences": partial(vj.sentences, text),
            "underthesea sent_tokenize": partial(peers.sentence_splitter(), text),
        },
        _ROUNDS,
    )
    speeds = {name: megabytes / median(seconds) for name, seconds in scans.items()}
    report.tables.append(
        Table("Syllables and sentences: speed", ("system", "MB/s"), list(speeds.items()))
    )
    report.charts.append(
        Chart(
            "words-speed",
            "Word segmentation on the sample articles",
            "syllables/s",
            list(rates),
            {"": list(rates.values())},
            log=True,
        )
    )
    report.raw |= {"syllables_per_second": rates, "mb_per_second": speeds, "rounds": _ROUNDS}


def _measure_quality(report: Report, path: Path) -> None:
    sentences = evaluation.treebank(path)
    scores = {
        name: word_f1(sentences, cut) for name, cut in sorted(peers.word_tokenizers().items())
    }
    report.tables.append(
        Table(
            f"Words: UD-VTB dev, {len(sentences):,} sentences",
            ("system", "P", "R", "F1"),
            [[name, *scores[name]] for name in peers.word_tokenizers()],
            "Character spans of words. The training data of underthesea's model (vnjournal's too) "
            "and of pyvi may overlap with the treebank.",
        )
    )
    report.charts.append(
        Chart(
            "words-treebank",
            "Words of UD-VTB dev",
            "F1",
            list(peers.word_tokenizers()),
            {"": [scores[name][2] for name in peers.word_tokenizers()]},
        )
    )
    report.figures.append(Figure(PART, f"{_OWN}: word F1", scores[_OWN][2], (evaluation.TREEBANK,)))
    report.raw["ud_vtb_dev"] = {
        name: dict(zip(("precision", "recall", "f1"), values, strict=True))
        for name, values in scores.items()
    }


def word_f1(sentences: list[list[str]], cut: peers.Tokenizer) -> tuple[float, float, float]:
    """Precision, recall and F1 of the character spans of words; gold words joined by a space."""
    right = found = expected = 0
    for gold in sentences:
        wanted, got = word_spans(gold), word_spans(cut(" ".join(gold)))
        right += len(wanted & got)
        found += len(got)
        expected += len(wanted)
    precision, recall = right / found, right / expected
    return precision, recall, f1(precision, recall)


def word_spans(words: list[str]) -> set[tuple[int, int]]:
    """Where each word stands, counting letters and signs but no blanks.

    Peers return words without places, with other blanks than the text; so counted, the same cut
    has the same span. None of them changes the number of characters.

    >>> sorted(word_spans(["Đảng bộ", "Sở"]))
    [(0, 6), (6, 8)]
    """
    ends = list(accumulate(len("".join(word.split())) for word in words))
    return set(zip([0, *ends], ends, strict=False))
