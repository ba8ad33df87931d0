"""Part ``words``: words, syllables and sentences; how right, how fast, and that nothing is lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from time import perf_counter

import vnjournal as vj
from benchmarks import corpora, evaluation, peers, samples
from benchmarks.options import Options
from benchmarks.report import Chart, Figure, Progress, Report, Table
from benchmarks.scoring import f1
from benchmarks.timing import alternated, in_child, median
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.tagger import Tagger
from vnjournal.segment.underthesea_model import underthesea_tagger
from vnjournal.segment.units import units_of
from vnjournal.segment.vnjournal_model import vnjournal_tagger

PART = "words"

_ROUNDS = 3
_PROCESSES = 2
_OWN = "vnjournal"
_SPEED_BYTES = 2_000_000  # of text, shared evenly by the corpora
_OFFSET_CHARACTERS = 1_000_000  # of each corpus
_MANY_BYTES = 500_000_000
_HOSTILE_BYTES = 1_000_000
_HOSTILE = {
    "one letter": "a",
    "one marked letter": "á",
    "the same, decomposed": "a\u0323\u0302",
    "full stops": ".",
    "combining marks": "\u0301",
    "marks out of order": "\u0301\u0323",
    "letters and full stops": "a.",
    "capitals and slashes": "A/",
    "letters and blanks": "a ",
}


def run(options: Options, progress: Progress) -> Report:
    """Measure speed on law and news or on the samples, and quality on a treebank given one."""
    report = Report(PART)
    progress("speed of words, syllables, sentences")
    _measure_speed(report, _texts(options))
    progress("the first text in a fresh process")
    _measure_start(report)
    progress("texts made to be hard")
    _measure_hostile(report)
    treebank = options.path_of(evaluation.TREEBANK)
    if treebank:
        progress("words of the treebank")
        _measure_quality(report, treebank)
    if options.corpora:
        progress("offsets")
        _measure_offsets(report, options)
        progress(f"{_MANY_BYTES // 10**6} MB as a stream")
        _measure_many(report, options)
    return report


def _texts(options: Options) -> list[str]:
    """Whole documents of every corpus, about as much of each; or the samples."""
    if not options.corpora:
        return [article.body for article in samples.articles()]
    found = []
    for path in options.corpora:
        size = 0
        for _, text in corpora.documents(path):
            found.append(text)
            size += len(text.encode())
            if size >= _SPEED_BYTES / len(options.corpora):
                break
    return found


def _measure_speed(report: Report, texts: list[str]) -> None:
    syllables = sum(len(text.split()) for text in texts)
    size = sum(len(text.encode()) for text in texts) / 1e6
    systems = peers.word_tokenizers()
    timed: dict[str, Callable[[], object]] = {
        name: partial(_each, cut, texts) for name, cut in systems.items()
    }
    timed |= {
        "vnjournal, as a stream": partial(_drain, texts),
        "vnjournal: rule tokenizer alone": partial(_each, vj.syllables, texts),
        "underthesea: rule tokenizer alone": partial(_each, peers.regex_tokenizer(), texts),
        "vnjournal: tagger alone": _tagging(vnjournal_tagger(), texts),
        "the same, underthesea's model": _tagging(underthesea_tagger(), texts),
        "vnjournal.sentences": partial(_each, vj.sentences, texts),
        "underthesea.sent_tokenize": partial(_each, peers.sentence_splitter(), texts),
    }
    seconds = {name: median(times) for name, times in alternated(timed, _ROUNDS).items()}
    whole = seconds["underthesea"]
    report.tables.append(
        Table(
            f"Words: speed on {size:.1f} MB, {len(texts)} texts",
            ("system", "thousand syllables/s", "MB/s", "times underthesea"),
            [
                [name, syllables / time / 1e3, size / time, whole / time]
                for name, time in seconds.items()
            ],
            "One process, warm, a call a text, or tokenize_many for the stream; runs between "
            "blanks are counted as syllables. The "
            "last column compares with underthesea.word_tokenize.",
        )
    )
    report.charts.append(
        Chart(
            "words-speed",
            "Word segmentation",
            "thousand syllables/s",
            list(systems),
            {"": [syllables / seconds[name] / 1e3 for name in systems]},
            log=True,
        )
    )
    report.raw |= {"bytes": size * 1e6, "texts": len(texts), "seconds": seconds}


def _each(cut: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        cut(text)


def _drain(texts: list[str]) -> None:
    for _ in vj.tokenize_many(texts):
        pass


def _tagging(tagger: Tagger, texts: list[str]) -> Callable[[], None]:
    """The tagger's part of the work: from what the units look like to their labels."""
    prepared = [
        (tagger.look.of(units), sentence_begins(units))
        for text in texts
        for units in units_of(text)
    ]

    def tag() -> None:
        for looks, begins in prepared:
            tagger.labels(looks, begins)

    return tag


def _measure_start(report: Report) -> None:
    text = samples.articles()[0].body
    systems = peers.word_tokenizers()
    seconds = {
        name: [
            in_child("benchmarks.words_job", {"do": "first", "system": name, "text": text})[
                "seconds"
            ]
            for _ in range(_ROUNDS)
        ]
        for name in systems
    }
    report.tables.append(
        Table(
            "Words: cold start, milliseconds from importing to the words of one article",
            ("system", "median"),
            [[name, median(times) * 1e3] for name, times in seconds.items()],
            f"{_ROUNDS} fresh processes of each, warm disk.",
        )
    )
    report.raw["first_text_seconds"] = seconds


def _measure_hostile(report: Report) -> None:
    rows: list[list[str | float]] = []
    for name, unit in _HOSTILE.items():
        half, full = (
            _seconds(vj.tokenize, unit * (size // len(unit.encode())))
            for size in (_HOSTILE_BYTES // 2, _HOSTILE_BYTES)
        )
        rows.append([name, half, full, full / half])
    report.tables.append(
        Table(
            f"Words: texts made to be hard, seconds for {_HOSTILE_BYTES / 2e6:g} and "
            f"{_HOSTILE_BYTES / 1e6:g} MB",
            ("text", "half", "full", "ratio"),
            rows,
            "A ratio of 2 is linear.",
        )
    )
    report.raw["hostile_seconds"] = {str(name): times[:2] for name, *times in rows}


def _seconds(action: Callable[[str], object], text: str) -> float:
    begin = perf_counter()
    action(text)
    return perf_counter() - begin


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
            "Character spans of words. vnjournal's model was trained on no sentence that is here "
            "or shares a fifth of its runs of six tokens with it (data/segmenter/build.py). The "
            "training data of underthesea and pyvi may overlap with the treebank.",
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


def _measure_offsets(report: Report, options: Options) -> None:
    rows: list[list[str | int]] = []
    for path in options.corpora:
        characters = 0
        wrong = dict.fromkeys(("NFC", "NFD"), 0)
        for _, text in corpora.documents(path):
            for form in wrong:
                written = unicodedata.normalize(form, text)  # type: ignore[arg-type]
                wrong[form] += misplaced(written, vj.tokenize(written))
            characters += len(text)
            if characters >= _OFFSET_CHARACTERS:
                break
        rows.append([path.name, characters, wrong["NFC"], wrong["NFD"]])
        name = f"tokens misplaced or characters lost, {path.name}"
        found = float(sum(wrong.values()))
        report.figures.append(Figure(PART, name, found, (f"corpora/{path.name}",), True))
    report.tables.append(
        Table(
            "Words: tokens that are not where they say, and characters that no token has",
            ("corpus", "characters", "composed", "decomposed"),
            rows,
        )
    )


def misplaced(text: str, tokens: list[vj.Token]) -> int:
    """How many tokens are not the text at their place, and characters that no token holds.

    White space, control characters and invisible ones belong to no token.

    >>> misplaced("Sở KH", vj.tokenize("Sở KH")), misplaced("Sở KH", vj.tokenize("Sở"))
    (0, 2)
    """
    wrong = done = 0
    for token in tokens:
        wrong += text[token.start : token.end] != token.text or token.start < done
        wrong += sum(map(_counts, text[done : token.start]))
        done = token.end
    return wrong + sum(map(_counts, text[done:]))


def _counts(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf")


def _measure_many(report: Report, options: Options) -> None:
    job = {
        "do": "many",
        "paths": [str(path) for path in options.corpora],
        "size": _MANY_BYTES,
        "processes": _PROCESSES,
    }
    found = in_child("benchmarks.words_job", job)
    report.raw["tokenize_many"] = found
    row = [
        _PROCESSES,
        found["bytes"] / 1e6,
        found["tokens"] / 1e6,
        found["seconds"],
        found["peak_bytes"] / 1e6,
        found["child_peak_bytes"] / 1e6,
    ]
    report.tables.append(
        Table(
            "Words: tokenize_many over a stream",
            ("processes", "MB", "million tokens", "seconds", "peak MB", "peak MB of a child"),
            [row],
            "Reading and unpacking the corpora is counted too.",
        )
    )
