"""Rebuild the counted word lists of this folder from text corpora.

    python data/lexicon/build.py CORPUS_FOLDER

reads ``vietnews-train``, ``baomoi``, ``viwiki`` and ``laws`` (``*.txt.xz``: documents separated by
a line of U+001E and a name) and writes ``syllables.tsv``, ``words.tsv``, ``loanwords.tsv``,
``pairs.npy`` and ``pair_counts.npy``. Takes about ten minutes on two cores. Every document whose
name has a CRC-32 divisible by 20 is held out, so that clean text remains to measure on.
"""

from __future__ import annotations

import lzma
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from vnjournal.text.alphabet import parse_letters, parse_syllable, split_tone
from vnjournal.text.fold import fold
from vnjournal.text.normalize import compose, place_tone

CORPORA = ("vietnews-train", "baomoi", "viwiki", "laws")
HERE = Path(__file__).parent
HELD_OUT_MODULUS = 20
SYLLABLE_FLOOR = 20
WORD_FLOOR = 10
SLIPS = 1000  # a syllable so much commoner was meant: nguời is no loanword
LOANWORD_FLOOR = 50
PAIR_FLOOR = 3

_BREAK = re.compile(r"[^\w\s]|\d")
_CHUNK = 4_000_000


def held_out(name: str) -> bool:
    """Whether the document of this name belongs to the part that is never counted."""
    return zlib.crc32(name.encode()) % HELD_OUT_MODULUS == 0


def lines(path: Path) -> Iterator[str]:
    """The lines of every document that may be counted."""
    keep = True
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("\x1e"):
                keep = not held_out(line[1:].strip())
            elif keep:
                yield line


class Counts:
    """Counts of one corpus: syllables, ordered pairs of neighbours, joined words, other tokens."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.syllables: list[str] = [""]
        self.pairs: Counter[int] = Counter()
        self.frequency = np.zeros(65536, dtype=np.int64)
        self.words: Counter[str] = Counter()
        self.others: Counter[str] = Counter()
        self._spelt: dict[str, int] = {}
        self._keys = np.empty(0, dtype=np.uint32)
        self._counts = np.empty(0, dtype=np.int64)

    def identify(self, token: str) -> int:
        known = self._spelt.get(token)
        if known is None:
            spelt = place_tone(token)
            known = 0
            if parse_syllable(token) is not None:
                known = self.ids.setdefault(spelt, len(self.syllables))
                if known == len(self.syllables):
                    self.syllables.append(spelt)
            self._spelt[token] = known
        return known

    def add_run(self, run: array[int]) -> None:
        ids = np.frombuffer(run, dtype=np.uint16)
        self.frequency += np.bincount(ids, minlength=65536)
        left, right = ids[:-1].astype(np.uint32), ids[1:].astype(np.uint32)
        keys, counts = np.unique(
            ((left << 16) | right)[(left > 0) & (right > 0)], return_counts=True
        )
        self._keys, self._counts = merge(self._keys, self._counts, keys, counts)

    def result(
        self,
    ) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, Counter[str], Counter[str]]:
        return self.syllables, self.frequency, self._keys, self._counts, self.words, self.others


def merge(
    keys: np.ndarray, counts: np.ndarray, more_keys: np.ndarray, more_counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    both, inverse = np.unique(np.concatenate([keys, more_keys]), return_inverse=True)
    total = np.zeros(len(both), dtype=np.int64)
    np.add.at(total, inverse, np.concatenate([counts, more_counts]))
    return both, total


def count(
    path: Path,
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, Counter[str], Counter[str]]:
    counts = Counts()
    segmented = path.name.startswith("vietnews")
    run = array("H")
    for line in lines(path):
        text = compose(line).text
        if segmented:
            for word in text.split():
                if "_" in word and word[0].islower():
                    counts.words[word] += 1
            text = text.replace("_", " ")
        for stretch in _BREAK.split(text.lower()):
            tokens = stretch.split()
            ids = [counts.identify(token) for token in tokens]
            if 0 in ids:
                for token, known in zip(tokens, ids, strict=True):
                    if not known and not token.isascii():
                        counts.others[token] += 1
            run.extend(ids)
            run.append(0)
        if len(run) > _CHUNK:
            counts.add_run(run)
            run = array("H")
    counts.add_run(run)
    return counts.result()


def main(folder: Path) -> None:
    frequency: Counter[str] = Counter()
    words: Counter[str] = Counter()
    others: Counter[str] = Counter()
    pairs: list[tuple[list[str], np.ndarray, np.ndarray]] = []
    with ProcessPoolExecutor(2) as pool:
        for syllables, seen, keys, counts, joined, rest in pool.map(
            count, [folder / f"{name}.txt.xz" for name in CORPORA]
        ):
            for number, syllable in enumerate(syllables[1:], start=1):
                frequency[syllable] += int(seen[number])
            words.update(joined)
            others.update(rest)
            pairs.append((syllables, keys, counts))

    kept = sorted(syllable for syllable, n in frequency.items() if n >= SYLLABLE_FLOOR)
    write("syllables.tsv", ((syllable, frequency[syllable]) for syllable in kept))
    numbers = {syllable: number for number, syllable in enumerate(kept, start=1)}

    all_keys = np.empty(0, dtype=np.uint32)
    all_counts = np.empty(0, dtype=np.int64)
    for syllables, keys, counts in pairs:
        renumber = np.array([numbers.get(s, 0) for s in syllables], dtype=np.uint32)
        left, right = renumber[keys >> 16], renumber[keys & 0xFFFF]
        known = (left > 0) & (right > 0)
        all_keys, all_counts = merge(
            all_keys, all_counts, ((left << 16) | right)[known], counts[known]
        )
    frequent = all_counts >= PAIR_FLOOR
    np.save(HERE / "pairs.npy", all_keys[frequent])
    # eight steps an octave: 3 .. 2**32 in one byte, at most 5 % off
    np.save(HERE / "pair_counts.npy", np.rint(8 * np.log2(all_counts[frequent])).astype(np.uint8))

    spelt: Counter[str] = Counter()
    for word, n in words.items():
        parts = [place_tone(part.lower()) for part in word.split("_")]
        if 2 <= len(parts) <= 4 and all(part in numbers for part in parts):
            spelt[" ".join(parts)] += n
    write("words.tsv", sorted((w, n) for w, n in spelt.items() if n >= WORD_FLOOR))
    commonest: Counter[str] = Counter()
    for syllable in kept:
        commonest[fold(syllable)] = max(commonest[fold(syllable)], frequency[syllable])
    loanwords = (
        (token, n)
        for token, n in sorted(others.items())
        if n >= LOANWORD_FLOOR and is_loanword(token)
        if commonest[fold(token)] < SLIPS * n
    )
    write("loanwords.tsv", loanwords)


def is_loanword(token: str) -> bool:
    """Whether a frequent token is a word of its own, not a syllable with its tone mark wrong."""
    split = split_tone(token)
    return token.isalpha() and (split is None or parse_letters(split[0], tone=1) is None)


def write(name: str, rows: object) -> None:
    with (HERE / name).open("w", encoding="utf-8") as stream:
        stream.writelines(f"{key}\t{n}\n" for key, n in rows)  # type: ignore[attr-defined]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} CORPUS_FOLDER")
    main(Path(sys.argv[1]))
