"""What the suite reads, and how it prints, is what it says."""

from __future__ import annotations

import doctest
import lzma
from importlib import import_module
from pathlib import Path

import pytest

import vnjournal as vj
from benchmarks import corpora, evaluation, samples
from benchmarks.report import Table


@pytest.mark.parametrize("name", ["corpora", "evaluation", "mixed", "report", "scale", "words"])
def test_examples(name: str) -> None:
    results = doctest.testmod(import_module(f"benchmarks.{name}"))
    assert results.attempted
    assert not results.failed


def test_documents_of_a_corpus(tmp_path: Path) -> None:
    corpus = tmp_path / "some.txt.xz"
    text = "\x1ea.txt\nMột\n\nhai\n\x1eb.txt\n\n\x1ec.txt.seg\nKhoa_học , công_nghệ .\n"
    corpus.write_bytes(lzma.compress(text.encode()))
    assert list(corpora.documents(corpus)) == [
        ("a.txt", "Một\n\nhai"),
        ("c.txt.seg", "Khoa học, công nghệ."),
    ]
    first, second = corpora.articles([corpus], 5)
    assert (first.title, first.body.strip(), first.year) == ("Một", "hai", 2015)
    assert (second.title, second.body, second.year) == ("", "Khoa học, công nghệ.", 2016)


def test_a_plain_file_is_one_document(tmp_path: Path) -> None:
    corpus = tmp_path / "plain.txt"
    corpus.write_text("Toàn văn.", encoding="utf-8")
    assert list(corpora.documents(corpus)) == [("plain.txt", "Toàn văn.")]


def test_the_samples_are_repeated_under_new_ids() -> None:
    wanted = len(samples.articles()) + 2
    assert len({article.id for article in corpora.articles([], wanted)}) == wanted


def test_a_corpus_is_unpacked_again_under_new_ids(tmp_path: Path) -> None:
    corpus = tmp_path / "some.txt"
    corpus.write_text("\x1ea\nMột\n\x1eb\nHai\n", encoding="utf-8")
    file = tmp_path / "some.jsonl"
    assert corpora.unpack([corpus], 5, file) == 2
    assert [(article.id, article.body) for article in vj.read(file)] == [
        ("a", "Một"),
        ("b", "Hai"),
        ("2/a", "Một"),
        ("2/b", "Hai"),
        ("3/a", "Một"),
    ]


def test_words_of_a_treebank(tmp_path: Path) -> None:
    treebank = tmp_path / "dev.conllu"
    treebank.write_text("# text\n1\tĐảng bộ\t_\n2\tSở\t_\n\n1\tVâng\t_\n", encoding="utf-8")
    assert evaluation.treebank(treebank) == [["Đảng bộ", "Sở"], ["Vâng"]]


def test_tables_line_up() -> None:
    table = Table("Title", ("name", "F1"), [["a", 0.5], ["longer", None]], "Note.")
    assert table.as_text().splitlines()[2:] == [
        "name       F1",
        "------  -----",
        "a       0.500",
        "longer       ",
        "Note.",
    ]
    assert "| a | 0.500 |" in table.as_markdown()
