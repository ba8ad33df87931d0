"""Rebuild the word segmentation model of this folder.

    pip install '.[train]'
    python data/segmenter/build.py CORPUS_FOLDER EVALUATION_FOLDER

First it counts, in the machine-segmented news of ``CORPUS_FOLDER/vietnews-train.txt.xz``, how often
neighbouring tokens stand in one word. Then it trains a conditional random field with CRFsuite on
the treebank sentences of ``EVALUATION_FOLDER`` (``vtb10k-pos.txt``, ``vi_vtb-ud-train.conllu``);
its features are the templates of :mod:`vnjournal.segment.vnjournal_model` over those counts, and
whether a pair is an entry of the dictionary that comes with underthesea. Sentences that
share text with ``vi_vtb-ud-dev.conllu`` are left out, so that the model may be measured there.
Takes about three minutes and 5 GB of memory on two cores.
"""

from __future__ import annotations

import lzma
import math
import re
import sys
import tempfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from vnjournal.language.key_table import KeyTable
from vnjournal.segment.tagger import Transitions
from vnjournal.segment.units import Units, units_of
from vnjournal.segment.vnjournal_model import (
    KEY_FILES,
    ODDS_UNIT,
    PAIR_PLACES,
    SIZES,
    TEMPLATES,
    UNKNOWN,
    WEIGHT_UNIT,
    WORD_PLACES,
    Evidence,
    seen,
    tagger,
    template_table,
)
from vnjournal.text.normalize import compose, normalize
from vnjournal.text.spans import Kind

HERE = Path(__file__).parent
HELD_OUT_MODULUS = 20  # as in data/lexicon: documents that are in no count
FORM_FLOOR = 5  # how often a form, a pair, a triple must have been met
PAIR_FLOOR = 3
TRIPLE_FLOOR = 3
ODDS_LIMIT = 4.0  # logarithm; a triple need not tell what its pair is surer of than this
TRIPLE_STEP = 1.0  # a triple that moves the odds by less is not kept
PRIOR = 3.0  # how many observations the less specific estimate is worth
L2 = 1.0
ITERATIONS = 150
SHARED_GRAM = 6  # tokens; sentences that share this much text with the dev part are left out
SHARED_SHARE = 0.2


class Labelled(NamedTuple):
    """Segmented sentences: the tokens of all, where each sentence begins, what continues a word."""

    tokens: list[tuple[str, Kind]]
    begins: list[int]
    continues: NDArray[np.bool_]


# --- the text that a machine segmented -----------------------------------------------------------


class Silver(NamedTuple):
    """Forms by their number, and the running text: numbers (0 ends a line), labels."""

    forms: list[str]
    numbers: NDArray[np.uint16]
    continues: NDArray[np.uint8]


def forms(units: Units) -> list[str]:
    """The forms in which the model sees some units."""
    return [seen(*units.pieces.types[number])[0] for number in units.types.tolist()]


def silver(path: Path, gold_forms: set[str]) -> Silver:
    """Read the segmented corpus; forms met seldom, and in no gold sentence, are one."""
    words: dict[str, int] = {"": 0}
    stream = array("I")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        keep = True
        for line in lines:
            if line.startswith("\x1e"):
                keep = zlib.crc32(line[1:].strip().encode()) % HELD_OUT_MODULUS != 0
            elif keep and line.strip():
                stream.extend([words.setdefault(word, len(words)) for word in line.split()])
                stream.append(0)
    forms_of = [
        [form for units in units_of(compose(word).text.replace("_", " ")) for form in forms(units)]
        for word in words
    ]
    text = np.frombuffer(stream, np.uint32)
    counts: Counter[str] = Counter()
    for of_word, count in zip(forms_of, np.bincount(text).tolist(), strict=True):
        for form in of_word:
            counts[form] += count
    kept = sorted(
        form
        for form in counts | Counter(gold_forms)
        if counts[form] >= FORM_FLOOR or form in gold_forms
    )
    number = {form: at for at, form in enumerate(kept, start=UNKNOWN + 1)}

    lengths = np.array([max(len(of_word), 1) for of_word in forms_of])
    lengths[0] = 1
    flat = np.fromiter(
        (number.get(form, UNKNOWN) for of_word in forms_of for form in of_word or [""]), np.uint16
    )
    flat[0] = 0
    begins = lengths.cumsum() - lengths
    sizes = lengths[text]
    within = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes)
    return Silver(
        kept, flat[np.repeat(begins[text], sizes) + within], (within > 0).astype(np.uint8)
    )


def count(
    keys: NDArray[Any], *labels: NDArray[np.uint8]
) -> tuple[NDArray[Any], NDArray[np.int64], list[NDArray[np.int64]]]:
    """Distinct keys, sorted; how often each stands there; and how often with each label."""
    order = keys.argsort(kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    joined = [np.add.reduceat(label[order], first, dtype=np.int64) for label in labels]
    return keys[first], np.diff(np.r_[first, len(keys)]), joined


def log_odds(
    joined: NDArray[Any], counted: NDArray[Any], prior: NDArray[Any] | float
) -> NDArray[np.float64]:
    """The logarithm of the odds of being joined; ``prior`` is the same, less specific."""
    expected = 1 / (1 + np.exp(-np.asarray(prior)))
    ratio = (joined + PRIOR * expected) / (counted - joined + PRIOR * (1 - expected))
    odds: NDArray[np.float64] = np.log(ratio)
    return odds


def classes(values: NDArray[np.float64], low: float, high: float, step: float) -> NDArray[np.int64]:
    """Cut a quantity into classes of equal width, numbered from 1."""
    return np.rint((values.clip(low, high) - low) / step).astype(np.int64) + 1


def count_pairs(
    text: Silver,
) -> tuple[NDArray[np.int8], NDArray[np.uint32], NDArray[np.float64], dict[str, NDArray[np.int64]]]:
    """The odds of tokens; keys of all pairs, their odds, and classes of how often they stand."""
    numbers, label = text.numbers, text.continues
    size = len(text.forms) + UNKNOWN + 1
    both = (numbers[:-1] > 0) & (numbers[1:] > 0)
    left, right, joined = numbers[:-1][both], numbers[1:][both], label[1:][both]
    before, behind = (np.bincount(side, minlength=size) for side in (left, right))
    base = float(log_odds(joined.sum(keepdims=True), np.array([len(joined)]), 0.0)[0])
    after_left = log_odds(np.bincount(left, joined, size), before, base)
    before_right = log_odds(np.bincount(right, joined, size), behind, base)

    keys, counted, (joined_counts,) = count(left.astype(np.uint32) << 16 | right, joined)
    lefts, rights = keys >> 16, keys & 0xFFFF
    prior = after_left[lefts] + before_right[rights] - base
    share_of_left = np.log(counted / before[lefts])
    share_of_right = np.log(counted / behind[rights])
    often = classes(np.log2(counted), 0, 15, 1.5)
    mutual = classes(np.log(len(left)) + share_of_left - np.log(behind[rights]), -4, 14, 1)
    shares = 20 * classes(share_of_left, -9, 0, 0.75) + classes(share_of_right, -9, 0, 0.75)
    odds = log_odds(joined_counts, counted, prior)
    return (
        whole(np.stack([after_left - base, before_right]), ODDS_UNIT),
        keys,
        odds,
        {
            "counted": counted,
            "mutual": mutual,
            "shares": shares,
            "mutual_count": 20 * mutual + often,
            "odds_count": 20 * classes(odds, -6, 6, 0.75) + often,
        },
    )


def count_triples(
    text: Silver, pair_keys: NDArray[np.uint32], pair_odds: NDArray[np.float64]
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Keys of the triples that tell more than their pairs, and what they add to their odds."""
    left, middle, right = (
        text.numbers[at : len(text.numbers) - 2 + at].astype(np.uint64) for at in range(3)
    )
    inside = (middle > 0) & ((left > 0) | (right > 0))
    keys, counted, (first, second) = count(
        (left << 32 | middle << 16 | right)[inside],
        text.continues[1:-1][inside],
        text.continues[2:][inside],
    )
    often = counted >= TRIPLE_FLOOR
    keys, counted, first, second = keys[often], counted[often], first[often], second[often]

    def adds(pair: NDArray[np.uint64], joined: NDArray[np.int64]) -> NDArray[np.float64]:
        """What the third token adds to the odds of a pair; a line's end joins nothing."""
        at = pair_keys.searchsorted(pair.astype(np.uint32)).clip(max=len(pair_keys) - 1)
        odds = np.where(pair_keys[at] == pair, pair_odds[at], 0.0)
        with_third = log_odds(joined, counted, odds)
        added: NDArray[np.float64] = with_third.clip(-ODDS_LIMIT, ODDS_LIMIT)
        added -= odds.clip(-ODDS_LIMIT, ODDS_LIMIT)
        return added

    added = np.stack(
        [adds(keys & np.uint64(0xFFFFFFFF), second), adds(keys >> np.uint64(16), first)]
    )
    kept = abs(added).max(axis=0) >= TRIPLE_STEP
    return keys[kept], added[:, kept]


def evidence(
    text: Silver, gold_pairs: NDArray[np.uint32], entries: NDArray[np.uint32]
) -> tuple[Evidence, dict[str, Any]]:
    """Count pairs and triples.

    Pairs met seldom are kept where they are dictionary entries. Gold pairs have a column in any
    case, as a place for their weights.

    Returns the evidence without weights, and the classes of counts by the columns of pairs, 0
    where there was too little to count.
    """
    tokens, keys, odds, of_pairs = count_pairs(text)
    kept = (of_pairs.pop("counted") >= PAIR_FLOOR) | np.isin(keys, entries)
    pair_keys = KeyTable.of(np.union1d(keys[kept], gold_pairs))
    columns, _ = pair_keys.find(keys[kept])
    classes_by_column = {}
    for name, values in of_pairs.items():
        classes_by_column[name] = np.zeros(len(pair_keys) + 1, np.int64)
        classes_by_column[name][columns] = values[kept]
    pairs = np.zeros((2, len(pair_keys) + 1), np.int8)
    pairs[0, columns] = whole(odds[kept], ODDS_UNIT)
    pairs[1] = classes_by_column.pop("mutual")

    triple_numbers, added = count_triples(text, keys, odds)
    triple_keys = KeyTable.of(triple_numbers)
    triples = np.zeros((2, len(triple_keys) + 1), np.int8)
    triples[:, triple_keys.find(triple_numbers)[0]] = whole(added, ODDS_UNIT)
    return Evidence(tokens, pair_keys, pairs, triple_keys, triples), classes_by_column


def whole(values: NDArray[np.float64], unit: float, kind: type[Any] = np.int8) -> NDArray[Any]:
    """Values as whole steps of a unit, cut off at the limits of the type."""
    limits = np.iinfo(kind)
    return np.rint(values / unit).clip(limits.min, limits.max).astype(kind)


# --- the text that people segmented --------------------------------------------------------------


def treebank(path: Path) -> Iterator[list[str]]:
    """The words of each sentence of a CoNLL-U file; a word may hold spaces."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line[:1].isdigit()]
        words = [row[1] for row in rows if row[0].isdigit()]
        if words:
            yield words


def tagged(path: Path) -> Iterator[list[str]]:
    """The words of each line ``word_word/POS``; a last ``...`` is an artefact of the file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = [token.rsplit("/", 1)[0].replace("_", " ").strip() for token in line.split()]
        words = [word for word in words if word]
        if words and words[-1] == "...":
            words.pop()
        if words:
            yield words


def grams(words: list[str]) -> set[tuple[str, ...]]:
    syllables = " ".join(words).lower().split()
    return {
        tuple(syllables[at : at + SHARED_GRAM]) for at in range(len(syllables) - SHARED_GRAM + 1)
    }


def letters(words: list[str]) -> str:
    return re.sub(r"[\W_]+", "", normalize("".join(words)).lower())


def gold(folder: Path) -> list[list[str]]:
    """Every sentence to train on: none that is in the dev part, or shares much of its text."""
    dev = list(treebank(folder / "vi_vtb-ud-dev.conllu"))
    dev_letters = set(map(letters, dev))
    dev_grams = set[tuple[str, ...]]().union(*map(grams, dev))
    kept = []
    for words in (*tagged(folder / "vtb10k-pos.txt"), *treebank(folder / "vi_vtb-ud-train.conllu")):
        own = grams(words)
        if letters(words) in dev_letters or len(own & dev_grams) > SHARED_SHARE * len(own):
            continue
        kept.append(words)
    return kept


def labelled(sentences: list[list[str]]) -> Labelled:
    """The units of the sentences' running text, and whether each continues a word."""
    tokens: list[tuple[str, Kind]] = []
    begins: list[int] = []
    continues: list[bool] = []
    for words in sentences:
        text = compose(" ".join(words)).text
        starts = set()
        at = 0
        for word in words:
            starts.add(at)
            at += len(compose(word).text) + 1
        begins.append(len(tokens))
        for units in units_of(text):
            tokens += (units.pieces.types[number] for number in units.types.tolist())
            continues += (start not in starts for start in units.starts.tolist())
    return Labelled(tokens, begins, np.array(continues))


def dictionary() -> Iterator[tuple[str, str]]:
    """The forms of the entries of two syllables of the word list that comes with underthesea."""
    spec = find_spec("underthesea")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0], "corpus", "data", "Viet74K.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        found = [form for units in units_of(compose(line).text) for form in forms(units)]
        if len(found) == 2:
            yield found[0], found[1]


# --- training ------------------------------------------------------------------------------------


class FeatureKind(NamedTuple):
    """One kind of feature: what numbers it has, and where its weights belong.

    ``by_column`` gives the number for each column of tokens or pairs; 0 is no feature. The column
    is that of ``view`` at ``place``; the weights are added to ``row`` of that view's weights.
    """

    name: str
    view: str
    place: int
    row: int
    by_column: NDArray[np.int64]


def own_kinds(
    found: Evidence,
    pair_classes: dict[str, NDArray[np.int64]],
    entry_keys: NDArray[np.uint32],
) -> list[FeatureKind]:
    """The features of single tokens and of pairs."""
    entries = np.append(np.isin(found.pair_keys.keys, entry_keys), False) & (found.pairs[1] > 0)
    pair_classes = pair_classes | {"entry_count": entries * pair_classes["mutual_count"] % 20}
    tokens, pairs = np.arange(found.tokens.shape[1]), np.arange(1, found.pairs.shape[1] + 1)
    pairs[-1] = 0
    kinds = [
        FeatureKind(f"word{at}", "word", at, row, tokens) for row, at in enumerate(WORD_PLACES)
    ]
    for row, place in enumerate(PAIR_PLACES):
        kinds.append(FeatureKind(f"pair{place}", "pair", place, row, pairs))
        kinds.append(FeatureKind(f"entry{place}", "pair", place, row, entries.astype(np.int64)))
    row = PAIR_PLACES.index(-1)
    kinds += (FeatureKind(name, "pair", -1, row, numbers) for name, numbers in pair_classes.items())
    return kinds


def names_of_features(
    views: dict[str, NDArray[Any]], places: NDArray[np.int64], kinds: list[FeatureKind]
) -> list[list[str]]:
    """A list a kind: the name of each token's feature, ``kind=number``; "" where it has none."""
    numbers = {}
    for name, cells in TEMPLATES.items():
        table = template_table(cells, {})
        numbers[name] = table.numbers(views)[places + cells[0][1]]
    for kind in kinds:
        numbers[kind.name] = kind.by_column[views[kind.view][places + kind.place]]
    return [
        [f"{name}={number}" if number else "" for number in found.tolist()]
        for name, found in numbers.items()
    ]


def train(sentences: Labelled, columns: list[list[str]]) -> tuple[Counter[str], list[float]]:
    """Train with CRFsuite.

    Returns for each feature how much more it weighs for "continues"; weights of the transitions.
    """
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.0, "c2": L2, "max_iterations": ITERATIONS})
    labels = np.where(sentences.continues, "I", "B").tolist()
    tokens = [[name for name in names if name] for names in zip(*columns, strict=True)]
    for begin, end in pairwise([*sentences.begins, len(labels)]):
        trainer.append(tokens[begin:end], labels[begin:end])
    with tempfile.NamedTemporaryFile(suffix=".crfsuite") as file:
        trainer.train(file.name)
        trained = pycrfsuite.Tagger()
        trained.open(file.name)
        info = trained.info()
    weights: Counter[str] = Counter()
    for (name, label), weight in info.state_features.items():
        weights[name] += weight if label == "I" else -weight
    order = [("B", "B"), ("B", "I"), ("I", "B"), ("I", "I")]
    return weights, [info.transitions.get(pair, 0.0) for pair in order]


def save(
    forms: list[str],
    found: Evidence,
    kinds: list[FeatureKind],
    weights: Counter[str],
    transitions: list[float],
) -> None:
    """Write the data files, without pairs that were not counted and weigh nothing."""

    def of_kind(name: str, size: int) -> NDArray[np.float64]:
        return np.array([weights[f"{name}={number}"] for number in range(size)])

    own = {
        "word": np.zeros((len(WORD_PLACES), found.tokens.shape[1])),
        "pair": np.zeros((len(PAIR_PLACES), found.pairs.shape[1])),
    }
    for kind in kinds:
        values = of_kind(kind.name, int(kind.by_column.max()) + 1)
        values[0] = 0.0
        own[kind.view][kind.row] += values[kind.by_column]
    tokens = np.vstack([found.tokens, whole(own["word"], WEIGHT_UNIT)])
    pairs = np.vstack([found.pairs, whole(own["pair"], WEIGHT_UNIT)])
    kept = np.flatnonzero(pairs[1:, :-1].any(axis=0))
    pair_keys = KeyTable.of(found.pair_keys.keys[kept])
    by_slot = np.zeros((len(pairs), len(pair_keys) + 1), np.int8)
    by_slot[:, pair_keys.find(found.pair_keys.keys[kept])[0]] = pairs[:, kept]
    of_keys = [
        array
        for table in (pair_keys, found.triple_keys)
        for array in (table.keys, table.displacements)
    ]
    files: dict[str, NDArray[Any]] = {
        "tokens": tokens,
        "pairs": by_slot,
        "triples": found.triples,
        **dict(zip(KEY_FILES, of_keys, strict=True)),
    }
    for name, values in files.items():
        np.save(HERE / f"{name}.npy", np.ascontiguousarray(values))
    tables: dict[str, Any] = {"transitions": np.array(transitions)}
    for name, cells in TEMPLATES.items():
        size = math.prod(SIZES[view] for view, _ in cells)
        tables[name] = whole(of_kind(name, size), WEIGHT_UNIT, np.int16)
    np.savez(HERE / "weights.npz", **tables)
    (HERE / "tokens.txt").write_text("".join(f"{form}\n" for form in forms), encoding="utf-8")


def main(corpora: Path, evaluation: Path) -> None:
    sentences = labelled(gold(evaluation))
    print(len(sentences.begins), "sentences,", len(sentences.tokens), "tokens to train on")
    forms_of_gold = [seen(*token)[0] for token in sentences.tokens]
    text = silver(corpora / "vietnews-train.txt.xz", set(forms_of_gold))
    print(len(text.forms), "forms,", len(text.numbers), "tokens counted")
    numbers = {form: number for number, form in enumerate(text.forms, start=UNKNOWN + 1)}
    words = np.array([numbers[form] for form in forms_of_gold], np.uint32)
    gold_pairs: NDArray[np.uint32] = words[:-1] << np.uint32(16) | words[1:]
    entries = np.array(
        [numbers[a] << 16 | numbers[b] for a, b in dictionary() if a in numbers and b in numbers],
        np.uint32,
    )
    found, pair_classes = evidence(text, gold_pairs, entries)
    print(len(found.pair_keys), "slots of pairs,", len(found.triple_keys), "of triples")
    kinds = own_kinds(found, pair_classes, entries)
    bare = tagger(numbers, found, (), Transitions(0, 0, 0, 0))
    looks = np.array([bare.look.function(*token) for token in sentences.tokens])
    views, places = bare.views(looks, np.array(sentences.begins))
    weights, transitions = train(sentences, names_of_features(views, places, kinds))
    print(len(weights), "features")
    save(text.forms, found, kinds, weights, transitions)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: python {sys.argv[0]} CORPUS_FOLDER EVALUATION_FOLDER")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
