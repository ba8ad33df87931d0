"""Rebuild the language model of this folder from text corpora.

    python -m data.language.build CORPUS_FOLDER

reads ``vietnews-train``, ``baomoi``, ``viwiki`` and ``laws`` (``*.txt.xz``), leaves out every
document that is held out (:func:`benchmarks.corpora.held_out`), counts words, pairs and triples,
and writes their costs by interpolated, modified Kneser-Ney smoothing (Chen and Goodman, 1998): the
highest order by counts, lower ones by how many words they are met behind. Pairs and triples met
once are then dropped, and what they were worth goes to the shorter n-grams. Takes about five
minutes and 6 GB of memory on two cores.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpora
from vnjournal.language.key_table import FingerprintTable
from vnjournal.language.ngrams import BITS, BOUNDARY, STEPS, UNKNOWN, word
from vnjournal.segment.sentences import sentence_begins
from vnjournal.segment.units import Look, units_of
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Kind

HERE = Path(__file__).parent
CORPORA = ("vietnews-train", "baomoi", "viwiki", "laws")
WORD_FLOOR = 20  # how often a word, a pair, a triple must have been met
PAIR_FLOOR = 2
TRIPLE_FLOOR = 2
CHUNK = 1 << 18  # characters read together
RIGHT = (1 << BITS) - 1
SMALL, CAPITAL, OTHER = range(3)


class Text(NamedTuple):
    """Words by their number, and the running text: numbers, 0 where a sentence begins.

    ``cases`` has, for each word, how often it stood inside a sentence in small letters, and how
    often with a capital, other than in capitals throughout.
    """

    words: list[str]
    numbers: NDArray[np.uint32]
    cases: NDArray[np.int64]


class Joined(NamedTuple):
    """The known words, the commonest first; the texts of all corpora in their numbers; cases."""

    words: list[str]
    text: NDArray[np.uint64]
    cases: NDArray[np.int64]


def read(path: Path) -> Text:
    """The documents of a corpus that may be counted."""
    words: dict[str, int] = {"": BOUNDARY}

    def number(text: str, kind: Kind) -> int:
        return words.setdefault(word(text, kind), len(words))

    look, case = Look(number), Look(case_of)
    found = []
    cases = np.zeros(0, np.int64)
    for chunk in chunks(path):
        for units in units_of(compose(chunk).text):
            numbers, begins = look.of(units), sentence_begins(units)
            found.append(np.insert(numbers, begins, BOUNDARY).astype(np.uint32))
            of_case = case.of(units)
            of_case[begins] = OTHER
            keys = (3 * numbers + of_case)[of_case != OTHER]
            more = np.bincount(keys, minlength=3 * len(words))
            more[: len(cases)] += cases
            cases = more
    return Text(list(words), np.concatenate(found), cases.reshape(-1, 3)[:, :OTHER])


def case_of(text: str, kind: Kind) -> int:
    """Small letters, a capital, or another case, or no word."""
    if kind is not Kind.WORD:
        return OTHER
    return SMALL if text.islower() else CAPITAL if text.istitle() else OTHER


def chunks(path: Path) -> Iterator[str]:
    """The text of documents, some together."""
    lines: list[str] = []
    size = 0
    for _, text in corpora.counted(path):
        lines.append(text)
        size += len(text)
        if size > CHUNK:
            yield "\n".join(lines)
            lines, size = [], 0
    yield "\n".join(lines)


def joined(texts: list[Text]) -> Joined:
    """Put the corpora together, with one numbering of words."""
    counts: Counter[str] = Counter()
    for text in texts:
        for spelt, count in zip(text.words, np.bincount(text.numbers).tolist(), strict=True):
            counts[spelt] += count
    del counts[""]
    known = sorted(
        (spelt for spelt, count in counts.items() if count >= WORD_FLOOR),
        key=lambda spelt: (-counts[spelt], spelt),
    )
    numbers = {spelt: number for number, spelt in enumerate(known, start=UNKNOWN + 1)}
    numbers[""] = BOUNDARY
    assert len(numbers) < RIGHT
    parts = []
    cases = np.zeros((len(known) + UNKNOWN + 1, 2), np.int64)
    for text in texts:
        renumbered = np.array([numbers.get(spelt, UNKNOWN) for spelt in text.words], np.uint64)
        parts.append(renumbered[text.numbers])
        np.add.at(cases, renumbered[: len(text.cases)].astype(np.int64), text.cases)
    return Joined(known, np.concatenate(parts), cases)


def distinct(keys: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Distinct keys, sorted, and how often each stands there."""
    keys.sort()
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[first], np.diff(np.r_[first, len(keys)])


def discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is taken from each count: one amount for 1, for 2, and for more, after their number."""
    of_count = [int((counts == count).sum()) for count in range(1, 5)]
    share = of_count[0] / (of_count[0] + 2 * of_count[1])
    taken = [n - (n + 1) * share * of_count[n] / of_count[n - 1] for n in (1, 2, 3)]
    of_each: NDArray[np.float64] = np.array([0.0, *taken])[np.minimum(counts, 3)]
    return of_each


def smoothed(
    counts: NDArray[np.int64], contexts: NDArray[Any], lower: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probability of each n-gram's last word.

    Args: the n-gram's count, the number of the words before the last, and the probability of the
    same word with one word less before it.
    """
    totals = np.bincount(contexts, counts)
    taken = discounts(counts)
    left_over = np.bincount(contexts, taken) / np.maximum(totals, 1)
    found: NDArray[np.float64] = (counts - taken) / totals[contexts] + left_over[contexts] * lower
    return found


def backoffs(
    contexts: NDArray[Any],
    number: int,
    probabilities: NDArray[np.float64],
    lower: NDArray[np.float64],
) -> NDArray[np.float64]:
    """For each of ``number`` contexts: what an n-gram's shorter probability is to be multiplied by.

    So that all are one together, where the n-grams given, with their contexts, probabilities and
    shorter probabilities, are those that are kept.
    """
    rest = 1 - np.bincount(contexts, probabilities, number)
    lower_rest = 1 - np.bincount(contexts, lower, number)
    factors: NDArray[np.float64] = rest.clip(1e-6) / lower_rest.clip(1e-6)
    return factors


def costs(probabilities: NDArray[np.float64], kind: type[np.integer[Any]]) -> NDArray[Any]:
    """Costs as whole numbers, cut off at the limits of the type."""
    limits = np.iinfo(kind)
    found: NDArray[Any] = np.rint(-np.log(probabilities) * STEPS).clip(limits.min, limits.max)
    return found.astype(kind)


def main(folder: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        texts = list(pool.map(read, [folder / f"{name}.txt.xz" for name in CORPORA]))
    words, text, cases = joined(texts)
    del texts
    size = len(words) + UNKNOWN + 1
    bits, right = np.uint64(BITS), np.uint64(RIGHT)
    print(len(words), "words,", len(text), "counted")

    inside = text[1:-1] != BOUNDARY
    triples, triple_counts = distinct(
        (text[:-2] << (bits + bits) | text[1:-1] << bits | text[2:])[inside]
    )
    pairs, pair_counts = distinct(text[:-1] << bits | text[1:])
    word_counts = np.bincount(text.astype(np.int64), minlength=size)
    left, last = (pairs >> bits).astype(np.int64), (pairs & right).astype(np.int64)
    # the words before a triple's last are a pair, and so are the last two
    before = pairs.searchsorted(triples >> bits)
    shorter = pairs.searchsorted(triples & (right << bits | right))

    behind = np.maximum(np.bincount(shorter, minlength=len(pairs)), 1)
    behind = np.where(left == BOUNDARY, pair_counts, behind)  # nothing stands before a boundary
    of_words = np.bincount(last, minlength=size)
    of_word = (of_words - discounts(of_words)) / of_words.sum()
    of_word += (1 - of_word.sum()) / size
    of_pair = smoothed(behind, left, of_word[last])
    of_triple = smoothed(triple_counts, before, of_pair[shorter])

    kept = triple_counts >= TRIPLE_FLOOR
    pair_backoffs = backoffs(before[kept], len(pairs), of_triple[kept], of_pair[shorter[kept]])
    save_keys("triple", triples[kept], {"costs": costs(of_triple[kept], np.uint8)})
    kept = pair_counts >= PAIR_FLOOR
    word_backoffs = backoffs(left[kept], size, of_pair[kept], of_word[last[kept]])
    of_kept = {
        "costs": costs(of_pair[kept], np.uint8),
        "backoffs": costs(pair_backoffs[kept], np.int8),
    }
    save_keys("pair", pairs[kept], of_kept)
    of_case = (cases + 0.5) / (cases.sum(axis=1, keepdims=True) + 1)
    np.save(HERE / "word_case_costs.npy", costs(of_case, np.uint8))
    np.save(HERE / "word_counts.npy", word_counts.astype(np.uint32))
    np.save(HERE / "word_costs.npy", costs(of_word, np.int16))
    np.save(HERE / "word_backoffs.npy", costs(word_backoffs, np.int16))
    (HERE / "words.txt").write_text("".join(f"{spelt}\n" for spelt in words), encoding="utf-8")


def save_keys(name: str, keys: NDArray[np.uint64], columns: dict[str, NDArray[Any]]) -> None:
    """Write a table of keys, and what belongs to the keys by slot."""
    table = FingerprintTable.of(keys)
    slots, _ = table.find(keys)
    np.save(HERE / f"{name}_fingerprints.npy", table.fingerprints)
    np.save(HERE / f"{name}_displacements.npy", table.displacements)
    for column, values in columns.items():
        by_slot = np.zeros(len(table), values.dtype)
        by_slot[slots] = values
        np.save(HERE / f"{name}_{column}.npy", by_slot)
    print(len(keys), name, "keys")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m data.language.build CORPUS_FOLDER")
    main(Path(sys.argv[1]))
