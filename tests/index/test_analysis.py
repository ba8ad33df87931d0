"""Terms: what is indexed, and where it stands in the original."""

from __future__ import annotations

import unicodedata
from itertools import pairwise, starmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm, rows
from vnjournal import Article, Edit, correct, fold, index_key
from vnjournal.index.analysis import (
    SENTENCE_END,
    SENTENCE_GAP,
    Analysis,
    as_written,
    document,
    form_term,
    issue_key,
    pair_term,
    terms_of,
)
from vnjournal.index.query import syllables
from vnjournal.text.normalize import compose

pieces = st.sampled_from([row[0] for row in rows("corrections.tsv")] + ["Mác-Lênin", "KH&CN", "中"])
texts = st.one_of(
    st.lists(pieces, max_size=3).map(". ".join),
    st.lists(pieces, max_size=3).map(lambda p: unicodedata.normalize("NFD", " ".join(p))),
    st.text(max_size=40),
)


@given(texts)
def test_every_term_leads_back_to_what_it_came_from(text: str) -> None:
    edits = correct(text).edits
    analysis = Analysis(text, edits)
    for at, key in enumerate(analysis.keys):
        if key == SENTENCE_END:
            continue
        start, end = analysis.original_span(at)
        assert 0 <= start < end <= len(text)
        edited = any(edit.start < end and edit.end > start for edit in edits)
        assert edited or key in index_key(text[start:end]) or key in fold(text[start:end])


@given(texts)
def test_terms_hold_no_blanks_and_no_sentence_mark(text: str) -> None:
    analysis = Analysis(text)
    for key, form in zip(analysis.keys, analysis.forms, strict=True):
        assert key == SENTENCE_END or (key.isalnum() and key.isascii())
        assert (key == SENTENCE_END) == (form == SENTENCE_END)
        assert form == SENTENCE_END or form.isalnum()


@given(st.lists(texts, max_size=4))
def test_terms_of_many_texts_are_those_of_each(some: list[str]) -> None:
    composed = [compose(text).text for text in some]
    for text, terms in zip(composed, terms_of(composed), strict=True):
        analysis = Analysis(text)
        pairs = [pair for pair in pairwise(analysis.keys) if SENTENCE_END not in pair]
        assert terms.keys.split() == analysis.keys
        assert terms.forms.split() == list(map(form_term, analysis.keys, analysis.forms))
        assert terms.pairs.split() == list(starmap(pair_term, pairs))


@given(st.text(max_size=40))
def test_a_text_and_its_decomposed_form_give_the_same_terms(text: str) -> None:
    def keys(form: NormalForm) -> list[tuple[str, str]]:
        analysis = Analysis(unicodedata.normalize(form, text))
        return list(zip(analysis.keys, analysis.forms, strict=True))

    assert keys("NFC") == keys("NFD")


@pytest.mark.parametrize(
    "text", ["Mác-Lênin", "01/GP-STTTT", "KH&CN", "1.000,5", "a.b@c.vn", "7h30"]
)
def test_a_compound_is_the_same_terms_in_text_and_query(text: str) -> None:
    analysis = Analysis(text)
    indexed = list(zip(analysis.keys, analysis.forms, strict=True))[:-SENTENCE_GAP]
    assert indexed == [(asked.key, asked.form) for asked in syllables(text)]


def test_edited_stretches_are_kept_as_written() -> None:
    text = "Một hai ba bốn năm sáu bảy tám việctriển khai. Câu sau có cơ sở,theo quy định."
    edits = correct(text).edits
    assert [edit.before for edit in edits] == ["việctriển", "sở,theo"]
    keys = as_written(text, edits).keys.split(" ".join([SENTENCE_END] * SENTENCE_GAP))
    assert [part.strip() for part in keys] == [
        "ba bon nam sau bay tam viectrien khai",
        "cau sau co co so theo qui dinh",
        "",
    ]
    assert as_written(text, []) == ("", "", "")


def test_a_document_has_the_fields_that_the_article_has() -> None:
    article = Article(
        "a", "Là tòan tỉnh.", title="Đầu đề", issue="Số 02 - 2018", published="2018-04"
    )
    made = document(article, {"body": [Edit(3, 7, "tòan", "toàn", "misplaced-tone", 1, "")]})
    assert set(made.terms) == {"title", "body", "as_written"}
    ends = [form_term(SENTENCE_END, SENTENCE_END)] * SENTENCE_GAP
    assert made.terms["body"].forms.split() == ["la:laF", "toan:toanF", "tinh:tinhR", *ends]
    assert (made.year, made.date) == (2018, 20180400)
    assert made.values == {"issue": [issue_key("số 2-2018")]}
