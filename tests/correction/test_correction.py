"""Corrections: cases, and the properties that every edit has."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm, lines, rows, shared
from vnjournal import EditedText, correct
from vnjournal.correction.corrector import Level, correct_each

pieces = st.sampled_from(
    [row[0] for row in rows("corrections.tsv") + rows("known_failures.tsv")]
    + [line.split("\t")[0] for line in lines("untouched.tsv")]
)
texts = st.one_of(
    st.lists(pieces, max_size=4).map(" ".join),
    st.lists(pieces, max_size=3).map(lambda parts: unicodedata.normalize("NFD", ". ".join(parts))),
    st.text(st.sampled_from("việctriển cơ sởtheo,.;:ĐƯỢC0123'\"-\n ")),
    st.text(max_size=60),
)


@pytest.mark.parametrize(("text", "fixed", "kinds"), rows("corrections.tsv"))
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_correction_cases(text: str, fixed: str, kinds: str, normal_form: NormalForm) -> None:
    correction = correct(unicodedata.normalize(normal_form, text))
    assert unicodedata.normalize("NFC", correction.text) == fixed
    assert [edit.kind for edit in correction.edits] == kinds.split()


@pytest.mark.parametrize(("text", "level"), rows("untouched.tsv"))
def test_what_must_be_left_alone(text: str, level: Level) -> None:
    assert correct(text, level).edits == ()


@pytest.mark.parametrize(("text", "fixed", "kinds"), rows("known_failures.tsv"))
@pytest.mark.xfail(strict=True)
def test_known_failures(text: str, fixed: str, kinds: str) -> None:
    assert correct(text).text == fixed


@given(texts, st.sampled_from(["safe", "suggest"]))
def test_edits_point_into_the_original_and_give_the_fixed_text(text: str, level: Level) -> None:
    correction = correct(text, level)
    done = 0
    for edit in correction.edits:
        assert text[edit.start : edit.end] == edit.before
        assert edit.before
        assert edit.before != edit.after
        assert done <= edit.start
        assert 0 < edit.confidence <= 1
        assert edit.reason
        done = edit.end
    assert EditedText(text, correction.edits).text == correction.text


@given(st.lists(pieces, min_size=1, max_size=3).map(" ".join))
def test_edits_cover_whole_syllables(text: str) -> None:
    for edit in correct(text).edits:
        assert not (edit.start and text[edit.start - 1].isalpha() and edit.before[0].isalpha())
        after = text[edit.end : edit.end + 1]
        assert not (after.isalpha() and edit.before[-1].isalpha())


def test_each_edit_comes_with_its_sentence() -> None:
    text = "Mở đầu. Có việctriển khai.Đảng bộ tòan tỉnh. Hết."
    found = [(edit.before, before, after) for edit, before, after in correct(text).in_sentences()]
    joined = "Có việctriển khai.Đảng bộ tòan tỉnh."
    fixed = "Có việc triển khai. Đảng bộ toàn tỉnh."
    assert found == [
        ("việctriển", "Có việctriển khai.", "Có việc triển khai."),
        ("khai.Đảng", joined, fixed),
        ("tòan", "Đảng bộ tòan tỉnh.", "Đảng bộ toàn tỉnh."),
    ]


def test_edits_of_the_seed() -> None:
    text = shared("seed/hai-duong-2018-02.txt").read_text(encoding="utf-8")
    assert {(edit.before, edit.after) for edit in correct(text).edits} == {
        ("sở,theo", "sở, theo"),
        ("bộ.Các", "bộ. Các"),
        ("ra.Đảng", "ra. Đảng"),
        ("tình", "trình"),
        ("việctriển", "việc triển"),
        ("trưởng", "trương"),
        ("xuất", "suất"),
        ("nhiềudoanh", "nhiều doanh"),
    }


@given(texts, st.sampled_from(["safe", "suggest"]))
def test_what_was_corrected_needs_no_more(text: str, level: Level) -> None:
    corrected = correct(text, level).text
    assert correct(corrected, level).edits == ()


@given(
    st.lists(st.one_of(texts, st.just("©\n© ©")), max_size=6), st.sampled_from(["safe", "suggest"])
)
def test_texts_corrected_together_do_not_hang_on_each_other(some: list[str], level: Level) -> None:
    assert correct_each(some, level) == [correct(text, level) for text in some]


def test_long_texts_corrected_together() -> None:
    long = "Chương trình hành động và việctriển khai ở cơ sở,theo quy định.\n" * 1500
    short = "Là tòan tỉnh"
    assert correct_each([short, long, short]) == [correct(short), correct(long), correct(short)]
    assert len(correct(long).edits) == 2 * 1500


@pytest.mark.parametrize("word", ["việctriển", "VIỆCTRIỂN", "có việctriển"])
def test_words_of_the_user_are_left_alone(word: str) -> None:
    text = "đặc biệt là có việctriển khai sâu rộng"
    assert correct(text).edits
    found = correct(text, "suggest", words=[word]).edits
    assert (not found) == (word != "VIỆCTRIỂN")  # a capital asks for a capital


def test_edits_meet_in_one() -> None:
    (edit,) = correct("Đảng bộ cơ sở ,thoe quy định", "suggest").edits
    assert (edit.before, edit.after) == ("sở ,thoe", "sở, theo")
    assert edit.confidence < 0.98  # as sure as its least sure part


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        correct("a", "bold")  # type: ignore[arg-type]
