"""The spaCy tokenizer in real pipelines: nothing of the text is lost, nor of the tokenizer."""

from __future__ import annotations

import pickle
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm
from vnjournal import tokenize
from vnjournal.integrations.spacy import VietnameseTokenizer
from vnjournal.text.alphabet import LETTERS

spacy = pytest.importorskip("spacy")

NAMED = {"nlp": {"tokenizer": {"@tokenizers": "vnjournal.VietnameseTokenizer.v1"}}}
BLANKS = list(" \n\t\r\u00a0\u2003\u200b\u00ad\ufeff\x00\x1f")

texts = st.one_of(
    st.text(),
    st.text(st.sampled_from(sorted(LETTERS) + BLANKS + list(".,;-/…0123456789\u0309\u0323"))),
    st.lists(
        st.sampled_from(["Đảng", "bộ", "khoa", "học", "TP.", "01/GP-STTTT", ".", "…", *BLANKS])
    ).map("".join),
    st.lists(st.sampled_from(["Đảng bộ", "Sở", "Khoa học", ",", *BLANKS])).map(" ".join),
)


@pytest.fixture(scope="module")
def nlp() -> Any:
    return spacy.blank("vi", config=NAMED)


@given(text=texts, normal_form=st.sampled_from(["NFC", "NFD", None]))
def test_a_doc_is_the_text_and_its_tokens_are_ours(
    nlp: Any, text: str, normal_form: NormalForm | None
) -> None:
    if normal_form:
        text = unicodedata.normalize(normal_form, text)
    doc = nlp(text)
    assert doc.text == text
    assert all(text.startswith(token.text, token.idx) for token in doc)
    ours = [(token.start, token.text) for token in tokenize(text)]
    starts = {start for start, _ in ours}
    assert [(token.idx, token.text) for token in doc if token.idx in starts] == ours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ", [" "]),
        ("Đảng bộ Sở", ["Đảng bộ", "Sở"]),
        ("  Đảng bộ ", ["  ", "Đảng bộ"]),
        ("Sở\n", ["Sở", "\n"]),
        ("Sở \n khoa học", ["Sở", "\n ", "khoa học"]),
        ("Sở\u00a0khoa học", ["Sở", "\u00a0", "khoa học"]),
        ("Sở\u200b khoa học", ["Sở", "\u200b", "khoa học"]),
        ("Sở, khoa học.", ["Sở", ",", "khoa học", "."]),
    ],
)
def test_what_stands_between_words_is_a_plain_space_or_a_token(
    nlp: Any, text: str, expected: list[str]
) -> None:
    assert [token.text for token in nlp(text)] == expected


def test_white_space_is_cut_as_spacy_cuts_it(nlp: Any) -> None:
    plain = spacy.blank("xx")
    for text in (" ab", "ab  cd", "ab \n cd", "ab\ncd", "ab\t\tcd ", "  ", "ab \n"):
        ours, theirs = nlp(text), plain(text)
        assert [(t.text, t.whitespace_) for t in ours] == [(t.text, t.whitespace_) for t in theirs]


def test_a_pipeline_that_names_it_is_saved_and_loaded(tmp_path: Path) -> None:
    config = {"nlp": {"tokenizer": {**NAMED["nlp"]["tokenizer"], "words": ["Sở Khoa học"]}}}
    nlp = spacy.blank("vi", config=config)
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert type(loaded.tokenizer) is VietnameseTokenizer
    assert loaded.tokenizer.words == ("Sở Khoa học",)
    assert loaded.tokenizer.vocab is loaded.vocab
    from_bytes = spacy.blank("vi", config=NAMED).from_bytes(nlp.to_bytes())
    assert from_bytes.tokenizer.words == ("Sở Khoa học",)


def test_a_pipeline_that_does_not_name_it_is_not_loaded_with_another(tmp_path: Path) -> None:
    nlp = spacy.blank("xx")
    nlp.tokenizer = VietnameseTokenizer(nlp.vocab)
    nlp.to_disk(tmp_path)
    with pytest.raises(ValueError, match="data"):
        spacy.load(tmp_path)


def test_a_pipeline_is_pickled_and_reads_a_stream(nlp: Any) -> None:
    copied = pickle.loads(pickle.dumps(nlp))
    docs = list(copied.pipe(["Đảng bộ Sở", "", "khoa học"], batch_size=2))
    assert [[token.text for token in doc] for doc in docs] == [["Đảng bộ", "Sở"], [], ["khoa học"]]


def test_words_of_ones_own_are_kept_whole() -> None:
    nlp = spacy.blank("xx")
    nlp.tokenizer = VietnameseTokenizer(nlp.vocab, words=["Khoa học Hải Dương"])
    assert [token.text for token in nlp("báo Khoa học Hải Dương")] == ["báo", "Khoa học Hải Dương"]


def test_without_spacy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, nlp: Any) -> None:
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    with pytest.raises(ImportError, match="pip install spacy"):
        VietnameseTokenizer(nlp.vocab)("Đảng bộ")
