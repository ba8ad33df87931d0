"""Rebuild the counted word lists of this folder from text corpora.

    python data/lexicon/build.py CORPUS_FOLDER

reads ``vietnews-train``, ``baomoi``, ``viwiki`` and ``laws`` (``*.txt.xz``: documents separated by
a line of U+001E and a name) and writes ``syllables.tsv``, ``words.tsv`` and ``loanwords.tsv``.
Takes a few minutes on two cores. Every document whose name has a CRC-32 divisible by 20 is held
out, so that clean text remains to measure on.
"""

from __future__ import annotations

import lzma
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from vnjournal.text.alphabet import parse_letters, parse_syllable, split_tone
from vnjournal.text.fold import fold
from vnjournal.text.normalize import compose, place_tone

CORPORA = ("vietnews-train", "baomoi", "viwiki", "laws")
HERE = Path(__file__).parent
HELD_OUT_MODULUS = 20
SYLLABLE_FLOOR = 20
WORD_FLOOR = 10
LOANWORD_FLOOR = 50
SLIPS = 1000  # a syllable so much commoner was meant: nguời is no loanword

_BREAK = re.compile(r"[^\w\s]|\d")


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


def count(path: Path) -> tuple[Counter[str], Counter[str]]:
    """How often each token of a corpus stands there, and each word that the corpus joins."""
    tokens: Counter[str] = Counter()
    words: Counter[str] = Counter()
    segmented = path.name.startswith("vietnews")
    for line in lines(path):
        text = compose(line).text
        if segmented:
            words.update(word for word in text.split() if "_" in word and word[0].islower())
            text = text.replace("_", " ")
        tokens.update(_BREAK.sub(" ", text.lower()).split())
    return tokens, words


def main(folder: Path) -> None:
    tokens: Counter[str] = Counter()
    joined: Counter[str] = Counter()
    with ProcessPoolExecutor(2) as pool:
        for some_tokens, some_words in pool.map(
            count, [folder / f"{name}.txt.xz" for name in CORPORA]
        ):
            tokens.update(some_tokens)
            joined.update(some_words)

    syllables: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for token, n in tokens.items():
        if parse_syllable(token):
            syllables[place_tone(token)] += n
        elif not token.isascii():
            others[token] = n
    syllables = Counter({s: n for s, n in syllables.items() if n >= SYLLABLE_FLOOR})
    write("syllables.tsv", syllables.items())

    words: Counter[str] = Counter()
    for word, n in joined.items():
        parts = [place_tone(part.lower()) for part in word.split("_")]
        if 2 <= len(parts) <= 4 and all(part in syllables for part in parts):
            words[" ".join(parts)] += n
    write("words.tsv", ((word, n) for word, n in words.items() if n >= WORD_FLOOR))

    commonest: Counter[str] = Counter()
    for syllable, n in syllables.items():
        commonest[fold(syllable)] = max(commonest[fold(syllable)], n)
    loanwords = (
        (token, n)
        for token, n in others.items()
        if n >= LOANWORD_FLOOR and is_loanword(token) and commonest[fold(token)] < SLIPS * n
    )
    write("loanwords.tsv", loanwords)


def is_loanword(token: str) -> bool:
    """Whether a frequent token is a word of its own, not a syllable with its tone mark wrong."""
    split = split_tone(token)
    return token.isalpha() and (split is None or parse_letters(split[0], tone=1) is None)


def write(name: str, counts: Iterable[tuple[str, int]]) -> None:
    with (HERE / name).open("w", encoding="utf-8") as stream:
        stream.writelines(f"{key}\t{n}\n" for key, n in sorted(counts))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python data/lexicon/build.py CORPUS_FOLDER")
    main(Path(sys.argv[1]))
