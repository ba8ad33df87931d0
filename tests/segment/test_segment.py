"""Tokens, sentences and words: cases, and that everything points into the original."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm, lines
from vnjournal import Span, Token, sentences, syllables
from vnjournal.text.alphabet import LETTERS

texts = st.one_of(
    st.text(),
    st.text(st.sampled_from(sorted(LETTERS) + list(" .,;:-/&()\n…“”'’0123456789\u0309\u0323"))),
    st.lists(
        st.sampled_from(["Đảng", "bộ", "TP.", "01/GP-STTTT", "1.000,5", ".", ",", "Các", "…"])
    ).map(" ".join),
)


@pytest.mark.parametrize("case", lines("tokens.txt"))
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_token_cases(case: str, normal_form: NormalForm) -> None:
    expected = [part for part in case.split("|") if part.strip()]
    text = unicodedata.normalize(normal_form, case.replace("|", ""))
    found = [unicodedata.normalize("NFC", token.text) for token in syllables(text)]
    assert found == expected


@pytest.mark.parametrize("case", lines("sentences.txt"))
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_sentence_cases(case: str, normal_form: NormalForm) -> None:
    expected = [part.replace("↵", "\n").strip() for part in case.split("‖")]
    text = unicodedata.normalize(normal_form, case.replace("‖", "").replace("↵", "\n"))
    found = [unicodedata.normalize("NFC", span.text) for span in sentences(text)]
    assert found == expected


def _point_into(text: str, spans: list[Token] | list[Span]) -> None:
    done = 0
    for span in spans:
        assert text[span.start : span.end] == span.text
        assert done <= span.start < span.end <= len(text)
        done = span.end


@given(texts)
def test_tokens_point_into_the_original_and_leave_nothing_out(text: str) -> None:
    found = syllables(text)
    _point_into(text, found)
    left = "".join(
        text[start:end]
        for start, end in zip(
            [0, *(token.end for token in found)],
            [*(token.start for token in found), len(text)],
            strict=True,
        )
    )
    assert not re.sub(r"[\s\u00ad\u200b-\u200d\u2060\ufeff\x00-\x1f\x7f-\x9f]", "", left)


@given(texts)
def test_sentences_point_into_the_original(text: str) -> None:
    found = sentences(text)
    _point_into(text, found)
    for span in found:
        assert span.text == span.text.strip()


def test_a_letter_that_decomposes_does_not_swallow_its_neighbour() -> None:
    assert [(token.start, token.end) for token in syllables("0\ufb2a")] == [(0, 1), (1, 2)]
