"""The model of surroundings: what it sees, and that it tells syllables apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnjournal.errors import DataError
from vnjournal.language.ngrams import BOUNDARY, ngram_model
from vnjournal.language.surroundings import REACH, surroundings, window
from vnjournal.text.fold import form

_PAD = [BOUNDARY] * REACH


@given(st.lists(st.integers(0, 4), min_size=1, max_size=20), st.data())
def test_nothing_is_seen_behind_a_boundary(words: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    (seen,) = window(np.array(_PAD + words + _PAD), np.array([place + REACH])).tolist()
    before, behind = words[:place][::-1] + _PAD, words[place + 1 :] + _PAD
    for side, around in ((seen[:REACH], before), (seen[REACH:], behind)):
        end = around.index(BOUNDARY)
        assert side == (around[:end] + _PAD)[:REACH]


@pytest.mark.parametrize(
    ("sentence", "right", "wrong"),
    [
        ("chương trình hành động của _ ủy đã được ban hành", "tỉnh", "tính"),
        ("nâng cao năng _ lao động của công nhân", "suất", "xuất"),
        ("các em học _ đến trường bằng xe đạp", "sinh", "sình"),
        ("trong lúc đó mưa rất to , _ anh vẫn đi", "nhưng", "những"),
    ],
)
def test_the_right_syllable_fits_better(sentence: str, right: str, wrong: str) -> None:
    numbers = ngram_model().numbers
    words = sentence.split()
    place = words.index("_")
    row = np.array(_PAD + [numbers.get(form(word), 0) for word in words] + _PAD)
    around = window(row, np.array([place + REACH]))
    wanted = np.array([numbers[form(right)], numbers[form(wrong)]])
    (better, worse), known = surroundings().scores(around, np.array([0, 0]), wanted)
    assert known.all()
    assert better > worse + 1


def test_a_word_that_is_no_syllable_has_no_score() -> None:
    scores, known = surroundings().scores(
        np.zeros((1, 2 * REACH), np.int64), np.array([0]), np.array([ngram_model().numbers["0"]])
    )
    assert (scores.tolist(), known.tolist()) == ([0], [False])


def test_damage_is_named(damage_data_file: Callable[[str, bytes], None]) -> None:
    damage_data_file("words.npy", b"damaged")
    with pytest.raises(DataError, match="install vnjournal again"):
        surroundings.__wrapped__()
