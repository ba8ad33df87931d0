"""Train the logistic models of this folder.

    python -m data.correction.build EVALUATION_FOLDER CORPUS_FOLDER

The model of words is trained on documents whose mistakes people marked, of ``EVALUATION_FOLDER``,
with the marks they left out (``added_marks.tsv``). Those of glued and split syllables are trained
on mistakes put into documents of ``CORPUS_FOLDER`` (:mod:`benchmarks.injected`). Writes
``weights.tsv``. Takes a minute.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks import corpora, evaluation
from benchmarks.injected import GLUED, SPLIT, injected
from benchmarks.scoring import Document, Mark
from vnjournal import resources
from vnjournal.correction.boundaries import glued, split
from vnjournal.correction.logistic import CONSTANT, Features
from vnjournal.correction.passage import passages
from vnjournal.correction.wrong_words import Occurrences, judge
from vnjournal.segment.units import Units
from vnjournal.text.fold import form
from vnjournal.text.normalize import compose

HERE = Path(__file__).parent
#: How strongly weights are kept small, on features of unit variance.
STRENGTH = {"word": 0.1, "glued": 1.0, "split": 1.0}
#: Documents of each corpus that mistakes are put into.
INJECTED = {"vietnews-train": 400, "baomoi": 600, "viwiki": 300}


class Rows(NamedTuple):
    """Features, a row a candidate, and whether it is right."""

    names: tuple[str, ...]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def completed(documents: Sequence[Document]) -> list[Document]:
    """Marked documents with the marks of our own (``added_marks.tsv``)."""
    added: dict[str, list[Mark]] = {}
    for name, start, end, meant in resources.rows("correction", "added_marks.tsv"):
        added.setdefault(name, []).append(Mark(int(start), int(end), (meant,)))
    return [
        Document(document.name, document.text, (*document.marks, *added.get(document.name, ())))
        for document in documents
    ]


def rows_of_words(documents: Iterable[Document]) -> Rows:
    """Candidates for words, right where a mark covers the very word and suggests it."""
    found: list[tuple[Features, list[bool]]] = []
    for document in documents:
        composed = compose(document.text)
        meant = {(m.start, m.end): {form(s) for s in m.suggestions} for m in document.marks}
        for passage in passages(composed.text):
            occurrences = Occurrences(passage)
            for units, context in passage:
                if (judged := judge(units, context, occurrences)) is not None:
                    starts, ends = composed.original_spans(
                        units.starts[judged.units], units.ends[judged.units]
                    )
                    places = zip(starts.tolist(), ends.tolist(), strict=True)
                    right = [
                        form(spelling) in meant.get(place, ())
                        for place, spelling in zip(places, judged.spellings, strict=True)
                    ]
                    found.append((judged.features, right))
    return _stacked(found)


def rows_of_boundaries(documents: Iterable[Document], kind: str) -> Rows:
    """Places where syllables may be glued, or split, right where that was put in."""
    found = []
    for document in documents:
        marks = {(mark.start, mark.end): mark.suggestions[0] for mark in document.marks}
        for passage in passages(document.text):
            for units, context in passage:
                judged = (glued if kind == GLUED else split)(units, context)
                if judged:
                    right = [
                        marks.get(place) == reading
                        for place, reading in _readings(units, judged.units, judged.sizes)
                    ]
                    found.append((judged.features, right))
    return _stacked(found)


def _readings(
    units: Units, at: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Iterator[tuple[tuple[int, int], str]]:
    for number, size in zip(at.tolist(), sizes.tolist(), strict=True):
        start, end = int(units.starts[number]), int(units.ends[number if size else number + 1])
        text = units.nfc[start:end]
        yield (start, end), f"{text[:size]} {text[size:]}" if size else text.replace(" ", "")


def joined(rows: Iterable[Rows]) -> Rows:
    """Several rows of the same features together."""
    every = list(rows)
    features = np.concatenate([each.features for each in every])
    return Rows(every[0].names, features, np.concatenate([each.right for each in every]))


def _stacked(found: list[tuple[Features, list[bool]]]) -> Rows:
    names = tuple(found[0][0])
    columns = [np.column_stack(list(features.values())).astype(float) for features, _ in found]
    right = [value for _, values in found for value in values]
    return Rows(names, np.concatenate(columns), np.array(right))


def trained(model: str, rows: Rows) -> dict[str, float]:
    """The weights of a logistic model by the names of its features, for features as they are."""
    scaler = StandardScaler().fit(rows.features)
    regression = LogisticRegression(C=STRENGTH[model], max_iter=5000)
    regression.fit(scaler.transform(rows.features), rows.right)
    weights = regression.coef_[0] / scaler.scale_
    constant = regression.intercept_[0] - weights @ scaler.mean_
    return {CONSTANT: constant, **dict(zip(rows.names, weights.tolist(), strict=True))}


def documents_with_mistakes(folder: Path) -> Iterator[Document]:
    """Documents of the corpora with mistakes put in."""
    chance = random.Random(1)
    for corpus, number in INJECTED.items():
        for name, text in islice(corpora.counted(folder / f"{corpus}.txt.xz"), number):
            yield injected(name, text, chance)


def main(evaluation_folder: Path, corpus_folder: Path) -> None:
    marked = evaluation.spelling(evaluation_folder / Path(evaluation.SPELLING).name)
    models = {"word": trained("word", rows_of_words(completed(marked)))}
    with_mistakes = list(documents_with_mistakes(corpus_folder))
    for model, kind in (("glued", GLUED), ("split", SPLIT)):
        models[model] = trained(model, rows_of_boundaries(with_mistakes, kind))
    with (HERE / "weights.tsv").open("w", encoding="utf-8") as stream:
        stream.write("# Model, feature, weight: data/correction/build.py\n")
        for model, weights in models.items():
            for name, weight in weights.items():
                stream.write(f"{model}\t{name}\t{weight:.5g}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m data.correction.build EVALUATION_FOLDER CORPUS_FOLDER")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
