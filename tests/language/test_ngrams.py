"""The trigram model: probabilities are what they should be, and a damaged file is named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vnjournal import DataError
from vnjournal.language.ngrams import BOUNDARY, STEPS, UNKNOWN, ngram_model, word
from vnjournal.text.spans import Kind

MODEL = ngram_model()


@pytest.mark.parametrize(
    ("first", "second"),
    [("cuaR", "tinhR"), ("khoa", "hocJ"), ("trong", "0"), ("hocJ", "khoa"), ("uyR", "ban")],
)
def test_the_probabilities_of_all_words_are_one_together(first: str, second: str) -> None:
    words = np.delete(np.arange(len(MODEL.word_costs)), UNKNOWN)
    one, two = (np.full(len(words), MODEL.numbers[spelt]) for spelt in (first, second))
    for costs in (MODEL.after_two(one, two, words), MODEL.after_one(two, words)):
        assert np.exp(-costs / STEPS).sum() == pytest.approx(1, abs=0.06)


def test_the_right_word_costs_less_than_one_that_looks_like_it() -> None:
    chuong, trinh, tinh, hanh = (
        np.array([MODEL.numbers[word(text, Kind.WORD)]])
        for text in ("chương", "trình", "tình", "hành")
    )
    assert MODEL.after_two(chuong, trinh, hanh) + 2 * STEPS < MODEL.after_two(chuong, tinh, hanh)
    assert MODEL.after_one(chuong, trinh) + 2 * STEPS < MODEL.after_one(chuong, tinh)


def test_a_full_stop_ends_a_sentence_and_begins_none() -> None:
    stop, boundary = np.array([MODEL.numbers["."]]), np.array([BOUNDARY])
    assert MODEL.after_one(stop, boundary) + 2 * STEPS < MODEL.after_one(boundary, stop)


def test_case_costs_tell_names_from_words() -> None:
    small, capital = MODEL.word_case_costs[MODEL.numbers["nguyênX"]]
    assert capital < small
    small, capital = MODEL.word_case_costs[MODEL.numbers["nhưng"]]
    assert small < capital


@pytest.mark.parametrize("name", ["pair_costs.npy", "words.txt"])
def test_a_damaged_data_file_is_named(
    name: str, damage_data_file: Callable[[str, bytes], None]
) -> None:
    damage_data_file(name, b"\xff damaged")
    with pytest.raises(DataError, match="install vnjournal again"):
        ngram_model.__wrapped__()
