"""The analyzer in scikit-learn's real vectorizers, pipelines and searches."""

from __future__ import annotations

import io
import pickle
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnjournal import fold
from vnjournal.integrations.sklearn import VietnameseAnalyzer
from vnjournal.text.alphabet import LETTERS

vectorizers = pytest.importorskip("sklearn.feature_extraction.text")

TEXTS = ["Đảng bộ Sở Khoa học", "Sở Khoa học và Công nghệ", "mùa lúa ở xã", "giá lúa, giá cà phê"]
LABELS = [0, 0, 1, 1]

texts = st.one_of(
    st.text(),
    st.text(st.sampled_from(sorted(LETTERS) + list(" .,;-/&\n\u200b0123456789"))),
    st.lists(st.sampled_from(["Đảng bộ", "KH&CN", "Mác-Lênin", "29/06/2015", "中国", "…"])).map(
        " ".join
    ),
)


@given(texts)
def test_terms_hold_no_blank_and_no_capital(text: str) -> None:
    for term in VietnameseAnalyzer()(text):
        assert term
        assert term.lower() == term
        assert not any(character.isspace() for character in term)


@given(texts)
def test_a_text_and_its_decomposed_form_give_the_same_terms(text: str) -> None:
    for analyze in (VietnameseAnalyzer(), VietnameseAnalyzer(fold=True)):
        composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
        assert analyze(composed) == analyze(decomposed)


def test_words_are_written_one_way() -> None:
    text = "Toà soạn, tòa  soạn & KHOA HỌC (29/06/2015) – KH&CN…"
    found = VietnameseAnalyzer()(text)
    assert found == ["tòa_soạn", "tòa_soạn", "khoa_học", "29/06/2015", "kh&cn"]


def test_folded_terms_do_not_depend_on_marks() -> None:
    analyze = VietnameseAnalyzer(fold=True)
    text = "Đảng bộ Sở Khoa học kỹ thuật, chủ nghĩa Mác-Lênin"
    assert analyze(text) == "dang bo so khoa hoc ki thuat chu nghia mac-lenin".split()
    assert analyze(fold(text)) == analyze(text)
    assert analyze("中国 Ɂ ☆") == ["zhong_guo"]


@pytest.mark.parametrize("made", [VietnameseAnalyzer(), VietnameseAnalyzer(fold=True)])
def test_vectorizers_take_it(made: VietnameseAnalyzer) -> None:
    for vectorizer in (
        vectorizers.TfidfVectorizer(analyzer=made),
        vectorizers.CountVectorizer(analyzer=made, min_df=2),
    ):
        matrix = vectorizer.fit_transform(TEXTS)
        assert matrix.shape[0] == len(TEXTS)
        assert set(vectorizer.get_feature_names_out()) <= {t for text in TEXTS for t in made(text)}


def test_a_pipeline_is_searched_cloned_and_saved() -> None:
    import joblib
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    pipeline: Any = make_pipeline(
        vectorizers.TfidfVectorizer(analyzer=VietnameseAnalyzer()), LogisticRegression()
    )
    copied = clone(pipeline)
    assert copied.get_params()["tfidfvectorizer__analyzer"] == VietnameseAnalyzer()

    analyzers = [VietnameseAnalyzer(), VietnameseAnalyzer(fold=True)]
    search = GridSearchCV(pipeline, {"tfidfvectorizer__analyzer": analyzers}, cv=2)
    search.fit(TEXTS, LABELS)
    assert search.best_params_["tfidfvectorizer__analyzer"] in analyzers

    fitted = search.best_estimator_
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for loaded in (joblib.load(file), pickle.loads(pickle.dumps(fitted))):
        assert (loaded.predict(TEXTS) == fitted.predict(TEXTS)).all()


def test_words_have_no_place_among_syllables() -> None:
    with pytest.raises(ValueError, match="leave out words"):
        VietnameseAnalyzer(fold=True, words=["Khoa học Hải Dương"])


def test_words_of_ones_own_are_kept_whole() -> None:
    analyze = VietnameseAnalyzer(words=["Khoa học Hải Dương"])
    assert analyze("báo Khoa học Hải Dương") == ["báo", "khoa_học_hải_dương"]
