"""Part ``typos``: what the corrector finds, puts right, and wrongly touches."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from time import perf_counter
from typing import Literal, get_args
from unittest import mock

import vnjournal as vj
from benchmarks import corpora, evaluation, peers, samples
from benchmarks.injected import GLUED, SPLIT, injected
from benchmarks.options import Options
from benchmarks.report import Cell, Chart, Figure, Progress, Report, Table
from benchmarks.scoring import Document, Score, count_syllables, only_spacing, overlap, score
from benchmarks.timing import alternated, median
from data.correction.build import completed, joined, rows_of_words, trained
from vnjournal.correction import logistic
from vnjournal.correction.corrector import LEVELS as LEVEL_CONFIDENCES
from vnjournal.text.spans import Replacement

PART = "typos"
Level = Literal["safe", "suggest"]
LEVELS: tuple[Level, ...] = get_args(Level)

System = Callable[[str], Sequence[Replacement]]

_PEER = "underthesea"
_ROUNDS = 5
_FOLDS = 9
_SEED = 3
_INJECTED = 600  # documents of a corpus
_CONFIDENCES = (0.33, 0.5, 0.65, 0.8, 0.9, 0.95, 1.01)
_HEADER = (
    *("system", "edits", "detection P", "R", "F1", "correction P", "R", "F1"),
    "spacing elsewhere",
)
_NOTE = (
    "Detection: edits that overlap a marked mistake. Correction: the mark then reads as accepted. "
    "Edits of spacing or punctuation alone, outside the marks, are counted apart. underthesea "
    "(text_normalize) returns rewritten text: its edits come from aligning tokens, and tone "
    "placement is not held against it."
)


def systems() -> dict[str, System]:
    """vnjournal at each level, and the peer."""
    return {**own_systems(), _PEER: peers.text_normalize_edits}


def own_systems() -> dict[str, System]:
    """vnjournal at each level."""
    return {f"vnjournal {level}": partial(_edits, level) for level in LEVELS}


def _edits(level: Level, text: str) -> Sequence[Replacement]:
    return vj.correct(text, level).edits


def run(options: Options, progress: Progress) -> Report:
    """Measure on the samples, on marked documents, on held-out documents of corpora."""
    report = Report(PART)
    progress("typos in the samples")
    _measure_samples(report)
    marked = options.path_of(evaluation.SPELLING)
    if marked:
        progress("typos in Viwiki-Spelling")
        _measure_marked(report, marked)
    if options.corpora:
        _measure_clean(report, options.corpora, progress)
        _measure_injected(report, options.corpora, progress)
    return report


def _scored(
    documents: list[Document], systems: dict[str, System]
) -> tuple[dict[str, Score], list[list[Cell]]]:
    """The score of each system, and the rows of the table."""
    scores: dict[str, Score] = {}
    rows: list[list[Cell]] = []
    for name, system in systems.items():
        scores[name] = found = score(documents, system)
        rows.append([name, found.edits, *found.detection, *found.correction, found.spacing])
    return scores, rows


def _raw(found: Score) -> dict[str, object]:
    detection, correction = found.detection, found.correction
    return {
        "marks": found.marks,
        "edits": found.edits,
        "spacing_elsewhere": found.spacing,
        "detection": dict(zip(("precision", "recall", "f1"), detection, strict=True)),
        "correction": dict(zip(("precision", "recall", "f1"), correction, strict=True)),
    }


# --- the sample articles


def _measure_samples(report: Report) -> None:
    documents = samples.documents()
    scores, rows = _scored(documents, systems())
    marks = next(iter(scores.values())).marks
    report.tables.append(Table(f"Typos: the {marks} of the sample articles", _HEADER, rows, _NOTE))
    kinds = sorted(next(iter(scores.values())).marks_by_kind)
    report.tables.append(
        Table(
            "Typos: part put right, by kind",
            ("kind", "typos", *scores),
            [
                [
                    kind,
                    next(iter(scores.values())).marks_by_kind[kind],
                    *(found.correction_rate(kind) for found in scores.values()),
                ]
                for kind in kinds
            ],
        )
    )
    report.charts.append(
        Chart(
            "typos-samples",
            "Typos of the sample articles put right",
            "part of the typos",
            [kind.replace("-", "\n", 1) for kind in kinds],
            {name: [found.correction_rate(k) for k in kinds] for name, found in scores.items()},
        )
    )
    clean = {name: clean_edits(documents, system) for name, system in systems().items()}
    report.tables.append(
        Table(
            f"Typos: edits in the {len(_clean(documents))} sample articles that have none",
            ("system", "of words", "of spacing or punctuation"),
            [[name, *counts] for name, counts in clean.items()],
        )
    )
    speeds = _speeds(documents)
    report.tables.append(
        Table(
            "Typos: speed on the sample articles",
            ("system", "syllables/s", f"against {_PEER}"),
            [[name, speed, speed / speeds[_PEER]] for name, speed in speeds.items()],
            "Texts met before: the corrector remembers its candidates for each misspelling. What "
            "new text costs shows in the part 'index'.",
        )
    )
    report.figures += sample_figures(documents, {n: s for n, s in scores.items() if n != _PEER})
    report.raw["samples"] = {
        name: {
            **_raw(found),
            "syllables_per_second": speeds[name],
            "put_right_by_kind": {kind: found.correction_rate(kind) for kind in kinds},
            "not_put_right": found.missed,
            "edits_of_clean_articles": clean[name],
        }
        for name, found in scores.items()
    }


def _speeds(documents: list[Document]) -> dict[str, float]:
    """Syllables a second of each system; of the peer without the work of aligning its output."""
    from underthesea import text_normalize

    syllables = sum(count_syllables(document.text) for document in documents)

    def over_all(work: Callable[[str], object]) -> None:
        for document in documents:
            work(document.text)

    works: dict[str, Callable[[str], object]] = {**own_systems(), _PEER: text_normalize}
    seconds = alternated({name: partial(over_all, work) for name, work in works.items()}, _ROUNDS)
    return {name: syllables / median(times) for name, times in seconds.items()}


def sample_figures(documents: list[Document], scores: dict[str, Score]) -> list[Figure]:
    """The figures of the samples that have floors."""
    data = (samples.ARTICLES, samples.TYPOS)
    figures = []
    for name, found in scores.items():
        precision, recall, _ = found.detection
        figures += [
            Figure(PART, f"{name}: detection precision", precision, data),
            Figure(PART, f"{name}: detection recall", recall, data),
            *(
                Figure(PART, f"{name}: {kind} put right", found.correction_rate(kind), data)
                for kind in found.marks_by_kind
            ),
            Figure(
                PART,
                f"{name}: edits of clean articles",
                sum(clean_edits(documents, own_systems()[name])),
                data,
                lower_is_better=True,
            ),
        ]
    return figures


def _clean(documents: list[Document]) -> list[Document]:
    """The bodies of the articles without any known typo, with their titles."""
    faulty = {document.name for document in documents if document.marks}
    return [d for d in documents if d.name not in faulty and d.text.count(" ") > 50]


def clean_edits(documents: list[Document], system: System) -> tuple[int, int]:
    """Edits in articles that have no typo: of words, and of spacing or punctuation alone."""
    edits = [
        (document.text[edit.start : edit.end], edit.after)
        for document in _clean(documents)
        for edit in system(document.text)
    ]
    spacing = sum(only_spacing(before, after) for before, after in edits)
    return len(edits) - spacing, spacing


# --- documents that people marked, and documents that nobody marked


def _measure_marked(report: Report, path: Path) -> None:
    documents = evaluation.spelling(path)
    edits = _cross_validated(documents)
    of_text = {document.text: found for document, found in zip(documents, edits, strict=True)}
    systems_: dict[str, System] = {
        f"vnjournal {level}": partial(_at_least, of_text, LEVEL_CONFIDENCES[level])
        for level in LEVELS
    }
    scores, rows = _scored(documents, {**systems_, _PEER: peers.text_normalize_edits})
    marks = next(iter(scores.values())).marks
    report.tables.append(
        Table(
            f"Typos: Viwiki-Spelling dev, {len(documents)} documents, {marks} marked mistakes",
            _HEADER,
            rows,
            f"Cross-validated: the weights for each document were trained on {_FOLDS - 1} of "
            f"{_FOLDS} parts that it is not in. The marks are incomplete, so that precision is a "
            "lower bound.",
        )
    )
    report.charts.append(
        Chart(
            "typos-viwiki",
            "Viwiki-Spelling dev: correction",
            "",
            ("precision", "recall", "F1"),
            {name: found.correction for name, found in scores.items()},
        )
    )
    report.tables.append(_calibration(completed(documents), edits))
    data = (evaluation.SPELLING,)
    for name, found in scores.items():
        if name != _PEER:
            figures = {
                "detection precision": found.detection[0],
                "detection recall": found.detection[1],
                "detection F1": found.detection[2],
                "correction F1": found.correction[2],
                "detected put right": found.corrected / found.found,
            }
            report.figures += [
                Figure(PART, f"{name}: {what}", value, data) for what, value in figures.items()
            ]
    report.raw["viwiki-spelling-dev"] = {name: _raw(found) for name, found in scores.items()}


def _cross_validated(documents: list[Document]) -> list[tuple[vj.Edit, ...]]:
    """The edits of marked documents, each corrected with weights that it has no part in."""
    order = list(range(len(documents)))
    random.Random(_SEED).shuffle(order)
    rows = [rows_of_words([document]) for document in completed(documents)]
    found: list[tuple[vj.Edit, ...]] = [()] * len(documents)
    packaged = logistic.weights
    for fold in range(_FOLDS):
        left_out = order[fold::_FOLDS]
        of_words = trained("word", joined(row for at, row in enumerate(rows) if at not in left_out))
        weights = {model: packaged(model) for model in ("glued", "split")} | {"word": of_words}
        with mock.patch.object(logistic, "weights", weights.__getitem__):
            for at in left_out:
                found[at] = vj.correct(documents[at].text, "suggest").edits
    return found


def _at_least(edits: dict[str, tuple[vj.Edit, ...]], confidence: float, text: str) -> list[vj.Edit]:
    return [edit for edit in edits[text] if edit.confidence >= confidence]


def _calibration(documents: list[Document], edits: list[tuple[vj.Edit, ...]]) -> Table:
    """How many edits of words are right, by how sure they are said to be."""
    rows: list[list[Cell]] = []
    for low, high in pairwise(_CONFIDENCES):
        right = said = number = 0.0
        for document, found in zip(documents, edits, strict=True):
            for edit in found:
                spacing = only_spacing(edit.before, edit.after)
                if low <= edit.confidence < high and not spacing:
                    number += 1
                    said += edit.confidence
                    right += any(overlap(edit, mark) for mark in document.marks)
        if number:
            rows.append(
                [f"{low:.2f} to {min(high, 1):.2f}", int(number), said / number, right / number]
            )
    return Table(
        "Typos: calibration, Viwiki-Spelling dev with our own marks added",
        ("confidence", "edits", "mean confidence", "part right"),
        rows,
        "Cross-validated, edits of spacing left out.",
    )


def _measure_clean(report: Report, paths: Sequence[Path], progress: Progress) -> None:
    rows: list[list[Cell]] = []
    raw = report.raw["held_out"] = {}
    for path in paths:
        progress(f"edits in held-out documents of {path.name}")
        texts = [text for _, text in corpora.held_out(path)]
        syllables = sum(map(count_syllables, texts))
        if not syllables:
            continue
        cells: list[Cell] = []
        of_levels = {}
        for level in LEVELS:
            begin = perf_counter()
            edits = [edit for text in texts for edit in vj.correct(text, level).edits]
            seconds = perf_counter() - begin
            words = sum(not only_spacing(edit.before, edit.after) for edit in edits)
            per = 10_000 / syllables
            cells += [words * per, (len(edits) - words) * per, syllables / seconds]
            of_levels[level] = {"by_kind": Counter(e.kind for e in edits), "seconds": seconds}
            report.figures.append(
                Figure(
                    PART,
                    f"vnjournal {level}: edits of words per 10,000 syllables",
                    words * per,
                    (f"corpora/{path.name}",),
                    lower_is_better=True,
                )
            )
        rows.append([path.name, len(texts), syllables, *cells])
        raw[path.name] = {"documents": len(texts), "syllables": syllables, "edits": of_levels}
    columns = ("words", "blanks", "syllables/s")
    report.tables.append(
        Table(
            "Typos: edits per 10,000 syllables of published text that nobody marked",
            (
                *("corpus", "held-out documents", "syllables"),
                *(f"{level}: {column}" for level in LEVELS for column in columns),
            ),
            rows,
            "Most of these edits are right: reading.md beside the recorded run tells of a sample.",
        )
    )


def _measure_injected(report: Report, paths: Sequence[Path], progress: Progress) -> None:
    """Glued and split syllables put into held-out documents, at level safe."""
    rows: list[list[Cell]] = []
    for path in paths:
        progress(f"glued and split syllables in held-out documents of {path.name}")
        chance = random.Random(_SEED)
        texts = islice(corpora.held_out(path), _INJECTED)
        documents = [injected(name, text, chance) for name, text in texts]
        for kind in (GLUED, SPLIT):
            marks = [
                replace(document, marks=tuple(m for m in document.marks if m.kind == kind))
                for document in documents
            ]
            found = score(marks, partial(_of_kind, kind))
            precision, recall, _ = found.correction
            rows.append([path.name, kind, found.marks, precision, recall])
            data = (f"corpora/{path.name}",)
            report.figures += [
                Figure(PART, f"vnjournal safe: {kind}, precision", precision, data),
                Figure(PART, f"vnjournal safe: {kind}, recall", recall, data),
            ]
    report.tables.append(
        Table(
            "Typos: glued and split syllables put into published text, level safe",
            ("corpus", "mistake", "number", "P", "R"),
            rows,
            "Of other edits of that kind some are right: the text has such mistakes of its own.",
        )
    )


def _of_kind(kind: str, text: str) -> list[vj.Edit]:
    return [edit for edit in vj.correct(text).edits if edit.kind == kind]
