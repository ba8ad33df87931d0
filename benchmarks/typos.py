"""Part ``typos``: what the corrector finds, puts right, and wrongly touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import vnjournal as vj
from benchmarks import corpora, evaluation, peers, samples
from benchmarks.options import Options
from benchmarks.report import Cell, Chart, Figure, Progress, Report, Table
from benchmarks.scoring import Document, Score, count_syllables, only_spacing, score
from benchmarks.timing import alternated, median
from vnjournal.text.spans import Replacement

PART = "typos"
Level = Literal["safe", "suggest"]
LEVELS: tuple[Level, ...] = get_args(Level)

System = Callable[[str], Sequence[Replacement]]

_PEER = "underthesea"
_ROUNDS = 5
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
    scores, rows = _scored(documents, systems())
    report.tables.append(
        Table(
            f"Typos: Viwiki-Spelling dev, {len(documents)} documents, "
            f"{next(iter(scores.values())).marks} marked mistakes",
            _HEADER,
            rows,
            "The marks are incomplete, so that precision is a lower bound.",
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
    data = (evaluation.SPELLING,)
    for name, found in scores.items():
        if name != _PEER:
            report.figures += [
                Figure(PART, f"{name}: detection precision", found.detection[0], data),
                Figure(PART, f"{name}: detection F1", found.detection[2], data),
                Figure(PART, f"{name}: correction F1", found.correction[2], data),
            ]
    report.raw["viwiki-spelling-dev"] = {name: _raw(found) for name, found in scores.items()}


def _measure_clean(report: Report, paths: Sequence[Path], progress: Progress) -> None:
    rows: list[list[Cell]] = []
    raw = report.raw["held_out"] = {}
    for path in paths:
        progress(f"edits in held-out documents of {path.name}")
        texts = [text for _, text in corpora.held_out(path)]
        syllables = sum(map(count_syllables, texts))
        if not syllables:
            continue
        kinds = {
            level: Counter(edit.kind for text in texts for edit in vj.correct(text, level).edits)
            for level in LEVELS
        }
        rates = {level: kinds[level].total() / syllables * 10_000 for level in LEVELS}
        rows.append([path.name, len(texts), syllables, *rates.values()])
        raw[path.name] = {"documents": len(texts), "syllables": syllables, "edits_by_kind": kinds}
        report.figures += [
            Figure(
                PART,
                f"vnjournal {level}: edits per 10,000 syllables",
                rate,
                (f"corpora/{path.name}",),
                lower_is_better=True,
            )
            for level, rate in rates.items()
        ]
    report.tables.append(
        Table(
            "Typos: edits per 10,000 syllables of published text that nobody marked",
            ("corpus", "held-out documents", "syllables", *LEVELS),
            rows,
            "Some of these edits are right: news as scraped holds real typos.",
        )
    )
