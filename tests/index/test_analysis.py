"""Terms: what is indexed, and where it stands in the original."""

from __future__ import annotations

import unicodedata
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casefiles import NormalForm, rows
from vnjournal import Article, Edit, correct, fold, index_key
from vnjournal.index.analysis import (
    BOUNDARY,
    SENTENCE_END,
    SENTENCE_GAP,
    Analysis,
    as_written,
    document,
    issue_key,
)
from vnjournal.index.query import syllables

pieces = st.sampled_from([row[0] for row in rows("corrections.tsv")] + ["Mác-Lênin", "KH&CN", "中"])
texts = st.one_of(
    st.lists(pieces, max_size=3).map(". ".join),
    st.lists(pieces, max_size=3).map(lambda p: unicodedata.normalize("NFD", " ".join(p))),
    st.text(max_size=40),
)


@given(texts)
@settings(deadline=None)
def test_every_term_leads_back_to_what_it_came_from(text: str) -> None:
    edits = correct(text).edits
    analysis = Analysis(text, edits)
    for term in analysis.terms:
        if term is BOUNDARY:
            continue
        start, end = analysis.original_span(term)
        assert 0 <= start < end <= len(text)
        edited = any(edit.start < end and edit.end > start for edit in edits)
        assert edited or term.key in index_key(text[start:end]) or term.key in fold(text[start:end])


@given(texts)
@settings(deadline=None)
def test_terms_hold_no_blanks_and_no_sentence_mark(text: str) -> None:
    for term in Analysis(text).terms:
        assert term is BOUNDARY or (term.key.isalnum() and term.key.isascii())
        assert term is BOUNDARY or (term.form.isalnum() and term.form)


@given(st.text(max_size=40))
def test_a_text_and_its_decomposed_form_give_the_same_terms(text: str) -> None:
    def keys(form: NormalForm) -> list[tuple[str, str]]:
        terms = Analysis(unicodedata.normalize(form, text)).terms
        return [(term.key, term.form) for term in terms]

    assert keys("NFC") == keys("NFD")


@pytest.mark.parametrize(
    "text", ["Mác-Lênin", "01/GP-STTTT", "KH&CN", "1.000,5", "a.b@c.vn", "7h30"]
)
def test_a_compound_is_the_same_terms_in_text_and_query(text: str) -> None:
    indexed = [(term.key, term.form) for term in Analysis(text).terms if term is not BOUNDARY]
    assert indexed == [(asked.key, asked.form) for asked in syllables(text)]


def test_edited_stretches_are_kept_as_written() -> None:
    text = "Một hai ba bốn năm sáu bảy tám việctriển khai. Câu sau có cơ sở,theo quy định."
    edits = correct(text).edits
    assert [edit.before for edit in edits] == ["việctriển", "sở,theo"]
    keys = " ".join(term.key for term, _ in groupby(as_written(text, edits)))
    assert keys == "ba bon nam sau bay tam viectrien khai ¶ cau sau co co so theo qui dinh ¶"
    assert as_written(text, []) == []


def test_a_document_has_the_fields_that_the_article_has() -> None:
    article = Article(
        "a", "Là tòan tỉnh.", title="Đầu đề", issue="Số 02 - 2018", published="2018-04"
    )
    made = document(article, {"body": [Edit(3, 7, "tòan", "toàn", "misplaced-tone", 1, "")]})
    assert set(made.terms) == {"title", "body", "as_written"}
    ends = [SENTENCE_END] * SENTENCE_GAP
    assert [term.form for term in made.terms["body"]] == ["laF", "toanF", "tinhR", *ends]
    assert (made.year, made.date) == (2018, 20180400)
    assert made.issue == issue_key("số 2-2018")
