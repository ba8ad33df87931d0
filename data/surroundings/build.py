"""Train the model of this folder: which of several syllables stands among these words.

    python -m data.surroundings.build CORPUS_FOLDER

reads the corpora as ``data/language/build.py`` does, held-out documents left out, and trains
:class:`vnjournal.language.surroundings.Surroundings` to tell each syllable from those that are
written for it by a slip (:func:`vnjournal.correction.candidates.candidates`). Needs jax, and three
quarters of an hour on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from data.language.build import CORPORA, chunks
from vnjournal.correction.candidates import candidates
from vnjournal.correction.context import numbers_of_words
from vnjournal.language.lexicon import lexicon
from vnjournal.language.ngrams import BOUNDARY, UNKNOWN, ngram_model
from vnjournal.language.surroundings import REACH, window
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import units_of
from vnjournal.text.fold import form
from vnjournal.text.normalize import compose

HERE = Path(__file__).parent
SECONDS = 45 * 60
MOST_OTHERS = 31  # syllables that one is told from
INPUT, HIDDEN = 64, 192  # numbers that stand for a word, and for what surrounds a place
BATCH = 8192
BLOCK = 1 << 20  # words read in a row
FROM_BLOCK = 120_000
FREQUENT = 5e-4  # syllables that are a larger share of the text are learnt from more seldom
RATE = 4e-3

Parameters = dict[str, Any]


def read(path: Path) -> NDArray[np.uint16]:
    """The words of a corpus by number, with a boundary before each sentence."""
    found = []
    for chunk in chunks(path):
        for units in units_of(compose(chunk).text):
            found.append(np.insert(numbers_of_words.of(units), sentence_begins(units), BOUNDARY))
    return np.concatenate(found).astype(np.uint16)


def told_apart() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The numbers of all syllables, and for each those it is told from, itself first.

    The second array has a row a syllable, of places in the first; -1 where there are no more.
    """
    model = ngram_model()
    spellings = {model.numbers.get(form(s), UNKNOWN): s for s in lexicon.syllables}
    spellings.pop(UNKNOWN, None)
    numbers = np.array(sorted(spellings), np.int32)
    place_of = {number: place for place, number in enumerate(numbers.tolist())}
    rows = np.full((len(numbers), MOST_OTHERS + 1), -1, np.int32)
    for number, place in place_of.items():
        others = [n for n in candidates(spellings[number]).numbers.tolist() if n in place_of]
        others.sort(key=lambda other: -int(model.counts[other]))
        row = [place, *(place_of[other] for other in others[:MOST_OTHERS])]
        rows[place, : len(row)] = row
    return numbers, rows


def examples(
    text: NDArray[np.uint16], kept: NDArray[np.float64], chance: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Batches without end: the words around some places, and the words there."""
    while True:
        around, there = [], []
        for begin in chance.integers(0, len(text) - BLOCK, 4).tolist():
            block = text[begin : begin + BLOCK].astype(np.int64)
            places = np.flatnonzero(chance.random(BLOCK) < kept[block])
            places = places[(places >= REACH) & (places < BLOCK - REACH)]
            places = chance.permutation(places)[:FROM_BLOCK]
            around.append(window(block, places))
            there.append(block[places])
        inputs, targets = np.concatenate(around), np.concatenate(there)
        order = chance.permutation(len(targets))
        for at in range(0, len(order) - BATCH, BATCH):
            yield inputs[order[at : at + BATCH]], targets[order[at : at + BATCH]]


def initial(words: int, syllables: int) -> Parameters:
    keys = jax.random.split(jax.random.PRNGKey(0), 3)
    width = 2 * REACH * INPUT
    return {
        "words": jax.random.normal(keys[0], (words, INPUT)) * 0.1,
        "hidden": jax.random.normal(keys[1], (width, HIDDEN)) / width**0.5,
        "hidden_bias": jnp.zeros(HIDDEN),
        "syllables": jax.random.normal(keys[2], (syllables, HIDDEN)) * 0.05,
        "syllable_bias": jnp.zeros(syllables),
    }


def loss(parameters: Parameters, rows: Any, around: Any, there: Any) -> tuple[Any, Any]:
    """Cross-entropy among the syllables told apart, and the share that is right."""
    surrounding = jnp.tanh(
        parameters["words"][around].reshape(len(around), -1) @ parameters["hidden"]
        + parameters["hidden_bias"]
    )
    others = rows[there]
    scores = jnp.einsum("bkh,bh->bk", parameters["syllables"][others], surrounding)
    scores = jnp.where(others >= 0, scores + parameters["syllable_bias"][others], -1e9)
    right = scores.argmax(1) == 0
    return (jax.nn.logsumexp(scores, 1) - scores[:, 0]).mean(), right.mean()


@partial(jax.jit, donate_argnums=(0, 1, 2))
def step(
    parameters: Parameters,
    first: Parameters,
    second: Parameters,
    number: Any,
    rate: Any,
    rows: Any,
    around: Any,
    there: Any,
) -> Any:
    """One step of Adam (Kingma and Ba, 2015)."""
    (value, right), gradient = jax.value_and_grad(loss, has_aux=True)(
        parameters, rows, around, there
    )
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)
    parameters = jax.tree.map(
        lambda p, m, v: (
            p - rate * m / (1 - 0.9**number) / (jnp.sqrt(v / (1 - 0.99**number)) + 1e-7)
        ),
        parameters,
        first,
        second,
    )
    return parameters, first, second, value, right


def trained(text: NDArray[np.uint16], seconds: float) -> tuple[NDArray[np.int32], Parameters]:
    """Syllables by number, and the parameters after so long."""
    model = ngram_model()
    numbers, rows = told_apart()
    place = np.full(len(model.counts), -1)
    place[numbers] = np.arange(len(numbers))
    shares = np.bincount(text, minlength=len(model.counts)) / len(text)
    kept = np.where(place >= 0, np.minimum(1, np.sqrt(FREQUENT / np.maximum(shares, 1e-12))), 0)
    parameters = initial(len(model.counts), len(numbers))
    first, second = (jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))
    on_device = jnp.array(rows)
    begin = monotonic()
    for number, (around, there) in enumerate(
        examples(text, kept, np.random.default_rng(0)), start=1
    ):
        done = (monotonic() - begin) / seconds
        if done > 1:
            break
        rate = RATE * min(1, number / 200) * (1 - done) + 2e-5
        parameters, first, second, value, right = step(
            parameters, first, second, float(number), rate, on_device, around, place[there]
        )
        if number % 500 == 0:
            print(f"{done:.0%} {number * BATCH:,} {value:.3f} {right:.3f}", flush=True)
    return numbers, parameters


def save(numbers: NDArray[np.int32], parameters: Parameters) -> None:
    """Write the model; the rows of the two large tables as whole numbers of eight bits."""
    plain = {name: np.asarray(values, np.float32) for name, values in parameters.items()}
    for name in ("words", "syllables"):
        rows = plain[name]
        scales = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
        np.save(HERE / f"{name}.npy", np.rint(rows / scales[:, None]).astype(np.int8))
        np.save(HERE / f"{name[:-1]}_scales.npy", scales.astype(np.float32))
    np.save(HERE / "hidden.npy", plain["hidden"].astype(np.float16))
    np.save(HERE / "hidden_bias.npy", plain["hidden_bias"])
    np.save(HERE / "syllable_bias.npy", plain["syllable_bias"])
    np.save(HERE / "syllable_numbers.npy", numbers.astype(np.uint16))


def main(folder: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        texts = list(pool.map(read, [folder / f"{name}.txt.xz" for name in CORPORA]))
    save(*trained(np.concatenate(texts), SECONDS))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m data.surroundings.build CORPUS_FOLDER")
    main(Path(sys.argv[1]))
