"""Rebuild the counted word lists of this folder from text corpora.

    python data/lexicon/build.py CORPUS_FOLDER

reads ``vietnews-train``, ``baomoi``, ``viwiki`` and ``laws`` (``*.txt.xz``: documents separated by
a line of U+001E and a name) and writes ``syllables.tsv``, ``words.tsv``, ``loanwords.tsv`` and
``acronyms.tsv``. Takes a few minutes on two cores. Every document whose name has a CRC-32 divisible
by 20 is held out, so that clean text remains to measure on.
"""

from __future__ import annotations

import lzma
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
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

ACRONYM_FLOOR = 3
ACRONYM_SHARE = 0.25  # of the long forms of an acronym; and of all that is said of it in brackets

_BREAK = re.compile(r"[^\w\s]|\d")
_IN_BRACKETS = re.compile(r"\(\s*([A-ZĐÂÊÔĂƠƯ][A-ZĐÂÊÔĂƠƯ&,–. -]{1,14}[A-ZĐÂÊÔĂƠƯ])\s*\)")
_BEFORE = 120  # characters in which a long form may stand
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]|\d+")
_SMALL_WORDS = frozenset(("và", "của", "các", "trong", "về", "cho", "với"))
_MOST_SMALL_WORDS = 2  # which an acronym has no letter for


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


@dataclass
class Counts:
    """How often each token of a corpus stands there, each word that the corpus joins, each
    ``(ACRONYM)``, and each acronym with the long form that stands before it."""

    tokens: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    acronyms: Counter[str] = field(default_factory=Counter)
    long_forms: Counter[tuple[str, str]] = field(default_factory=Counter)

    def update(self, other: Counts) -> None:
        self.tokens.update(other.tokens)
        self.words.update(other.words)
        self.acronyms.update(other.acronyms)
        self.long_forms.update(other.long_forms)


def count(path: Path) -> Counts:
    """Count a corpus."""
    counts = Counts()
    segmented = path.name.startswith("vietnews")
    for line in lines(path):
        text = compose(line).text
        if segmented:
            counts.words.update(w for w in text.split() if "_" in w and w[0].islower())
            text = text.replace("_", " ")
        counts.tokens.update(_BREAK.sub(" ", text.lower()).split())
        for match in _IN_BRACKETS.finditer(text):
            acronym = re.sub(r"[\s.,–-]+", "", match[1])
            before = _WORD.findall(text[max(0, match.start() - _BEFORE) : match.start()])
            counts.acronyms[acronym] += 1
            if words := long_form(acronym, before):
                counts.long_forms[acronym, " ".join(map(place_tone, words))] += 1
    return counts


def long_form(acronym: str, before: list[str]) -> list[str]:
    """The words at the end of some that an acronym has the initials of; none where there are none.

    After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
    biomedical text" (2003), by syllables instead of letters.
    """
    needed = list(acronym.lower())
    words: list[str] = []
    small = 0
    for word in map(str.lower, reversed(before)):
        if needed and needed[-1] == "&":
            needed.pop()
            if word == "và":
                words.append(word)
                continue
        if not needed:
            break
        if word in ",-–":
            continue
        initial = word[0]
        if initial == needed[-1] or (initial != "đ" and fold(initial) == needed[-1]):
            needed.pop()
        elif word in _SMALL_WORDS and small < _MOST_SMALL_WORDS:
            small += 1
        else:
            return []
        words.append(word)
    return [] if needed else words[::-1]


def main(folder: Path) -> None:
    counts = Counts()
    with ProcessPoolExecutor(2) as pool:
        for some in pool.map(count, [folder / f"{name}.txt.xz" for name in CORPORA]):
            counts.update(some)

    syllables: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for token, n in counts.tokens.items():
        if parse_syllable(token):
            syllables[place_tone(token)] += n
        elif not token.isascii():
            others[token] = n
    syllables = Counter({s: n for s, n in syllables.items() if n >= SYLLABLE_FLOOR})
    write("syllables.tsv", syllables.items())

    words: Counter[str] = Counter()
    for word, n in counts.words.items():
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
    write("acronyms.tsv", acronyms(counts, syllables))


def acronyms(counts: Counts, syllables: Counter[str]) -> Iterator[tuple[str, int]]:
    """Acronyms that stand for Vietnamese words and look like none, each with a long form."""
    well_formed = set(map(fold, syllables))
    forms: Counter[str] = Counter()
    for (acronym, _), n in counts.long_forms.items():
        forms[acronym] += n
    for (acronym, words), n in counts.long_forms.items():
        total = max(forms[acronym], counts.acronyms[acronym])
        is_meant = n >= ACRONYM_FLOOR and n >= ACRONYM_SHARE * total
        is_word = fold(acronym) in well_formed
        if is_meant and not is_word and all(w in syllables for w in words.split()):
            yield f"{acronym}\t{words}", n


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
