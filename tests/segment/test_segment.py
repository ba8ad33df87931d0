"""Tokens, sentences and words: cases, and that everything points into the original."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm, lines
from vnjournal import Span, Token, sentences, syllables
from vnjournal.segment.sentences import RULES, deciding
from vnjournal.text.alphabet import LETTERS
from vnjournal.text.spans import Kind

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


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        (Kind.WORD, "Đảng H'Mông K’Ho Mác-Lênin in-tơ-nét ô-dôn Ki-ốt children's"),
        (Kind.NUMBER, "7 1.000,5 60.542.000 0912.345.678 2,850,000"),
        (Kind.DATE, "29/06/2015 2-9-1945 2/9 12/2017 9-2009 2018-05-12 28.4.69"),
        (Kind.TIME, "7h 7h30 7g30' 22h30’ 10:20 23:59:59"),
        (Kind.CODE, "01/GP-STTTT 2551/QĐ-TTg 35/2018 5945:2010 CO2 H5N1 m2 km² 4G X-37B Su-30MK2"),
        (Kind.ABBREVIATION, "UBND KH&CN TP. Th. U.S. T.Ư v.v. A. Ltd. đ/c"),
        (Kind.ADDRESS, "www.most.gov.vn https://a.vn/b?c=1 kh@gov.vn baomoi.com VOV.VN a-b.pdf"),
        (Kind.PUNCTUATION, ". , … ... ” - / !"),
        (Kind.SYMBOL, "% ‰ & @ # $ ° + = →"),
    ],
)
def test_kinds(kind: Kind, examples: str) -> None:
    for example in examples.split():
        assert [(token.text, token.kind) for token in syllables(example)] == [(example, kind)]


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


def test_each_rule_of_sentences_decides_a_case() -> None:
    text = "\n".join(lines("sentences.txt")).replace("‖", "").replace("↵", "\n")
    decided = dict(deciding(text))
    assert set(decided.values()) == {"plain_stop", *(rule.__name__ for rule in RULES)}
    begins = {span.start for span in sentences(text)}
    assert {start for start in begins if text[start - 1 : start] not in ("", "\n")} <= set(decided)


@pytest.mark.parametrize("piece", 'a.|A. |1. |.|… |. " |"|(|www.|A/|1A-|a-|Th.|a@|000. '.split("|"))
def test_hostile_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    sentences(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 5  # a second; ten where time grows with the square
