"""Reads the folder of evaluation data that ``--eval`` names."""

from __future__ import annotations

import json
import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scoring import Document, Mark

SPELLING = "eval/viwiki-spelling-dev.jsonl"
TREEBANK = "eval/vi_vtb-ud-dev.conllu"
QUESTIONS = "eval/xquad.vi.json"

_SEED = 20
_TONES = frozenset("\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING HOOK ABOVE}")
_TONES |= frozenset("\N{COMBINING TILDE}\N{COMBINING DOT BELOW}")


def spelling(path: Path) -> list[Document]:
    """Viwiki-Spelling: whole Wikipedia documents with the mistakes that people marked."""
    documents = []
    with path.open(encoding="utf-8") as stream:
        for line in map(json.loads, stream):
            marks = tuple(
                Mark(m["start"], m["start"] + len(m["text"]), tuple(m["suggest"]))
                for m in line["mistakes"]
            )
            documents.append(Document(line["id"], line["text"], marks))
    return documents


def treebank(path: Path) -> list[list[str]]:
    """The sentences of a treebank in CoNLL-U, each as its words; a word may hold spaces."""
    sentences: list[list[str]] = [[]]
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            columns = line.rstrip("\n").split("\t")
            if line.startswith("#") or (len(columns) > 1 and not columns[0].isdigit()):
                continue
            if len(columns) > 1:
                sentences[-1].append(columns[1])
            elif sentences[-1]:
                sentences.append([])
    return [words for words in sentences if words]


@dataclass(frozen=True, slots=True)
class Questions:
    """Passages, and questions each with the number of the passage that answers it."""

    passages: list[str]
    questions: list[tuple[str, int]]


def questions(path: Path) -> Questions:
    """XQuAD: paragraphs and questions in SQuAD's form."""
    passages: list[str] = []
    asked: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            asked += ((entry["question"], len(passages)) for entry in paragraph["qas"])
            passages.append(paragraph["context"])
    return Questions(passages, asked)


def ways_of_typing(texts: list[str]) -> dict[str, list[str]]:
    """The same texts as people type them: with their marks, without, and with some of them."""
    chance = random.Random(_SEED)
    halves = [
        " ".join(
            without_marks(syllable) if chance.random() < 0.5 else syllable
            for syllable in text.split()
        )
        for text in texts
    ]
    return {
        "as written": texts,
        "no marks": [without_marks(text) for text in texts],
        "half the marks": halves,
        "no tones": [without_tones(text) for text in texts],
    }


def without_marks(text: str) -> str:
    """Every diacritic off, on purpose not by vnjournal's own fold.

    >>> without_marks("Đảng bộ Sở"), without_tones("Đảng bộ Sở")
    ('Dang bo So', 'Đang bô Sơ')
    """
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def without_tones(text: str) -> str:
    """The tone marks off; the letters with their circumflexes, breves and horns stay."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
