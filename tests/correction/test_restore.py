"""Marks put back: cases, keystrokes, and what holds for any text."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import samples
from benchmarks.evaluation import without_marks
from benchmarks.restore import WAYS, compared
from tests.casefiles import NormalForm, rows
from vnjournal import fold, restore_diacritics
from vnjournal.correction.restore import readings
from vnjournal.correction.typed import Method, read_keystrokes
from vnjournal.language.lexicon import lexicon
from vnjournal.text.alphabet import parse_syllable
from vnjournal.text.spans import Kind


@pytest.mark.parametrize(("text", "restored"), rows("restore.tsv"))
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_restoring_cases(text: str, restored: str, normal_form: NormalForm) -> None:
    found = restore_diacritics(unicodedata.normalize(normal_form, text))
    assert unicodedata.normalize("NFC", found) == restored


@pytest.mark.parametrize("method", ["telex", "vni"])
def test_every_syllable_can_be_typed(method: Method) -> None:
    way = WAYS["Telex" if method == "telex" else "VNI"]
    wrong = []
    for syllable in lexicon.syllables:
        keys = way(syllable, random.Random())
        read = read_keystrokes(keys, method) or keys
        if parse_syllable(read) != parse_syllable(syllable):
            wrong.append(syllable)
    # to Telex oo is ô, and oeo is ôe
    assert all("oo" in fold(syllable) or "oeo" in fold(syllable) for syllable in wrong)
    assert method == "telex" or not wrong


def test_readings_are_few_and_have_the_letters_that_were_typed() -> None:
    found = readings("dang", Kind.WORD)
    assert 5 < len(found) <= 16
    assert {fold(reading.spelling) for reading in found if reading.spelling} == {"dang"}


_texts = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from([*lexicon.syllables, ".", ",", "\n", "2018", "Tokyo"]), max_size=12
    ).map(" ".join),
)


@given(_texts)
def test_only_marks_are_put_on_letters(text: str) -> None:
    bare = " ".join(without_marks(piece) for piece in text.split(" "))
    keystrokes = (*"fjwzsrx0123456789", "aa", "dd", "ee", "oo")
    if not any(keys in bare.lower() for keys in keystrokes):  # else it may be Telex
        assert fold(restore_diacritics(bare)) == fold(bare)


@given(_texts)
def test_blanks_and_the_number_of_words_stay(text: str) -> None:
    restored = restore_diacritics(text)
    assert len(restored.split()) == len(text.split())


def test_most_syllables_of_the_samples_come_back() -> None:
    texts = [article.body for article in samples.articles()][:12]
    bare = [" ".join(without_marks(w) for w in t.split()) for t in texts]
    right, words = compared(texts, [restore_diacritics(text) for text in bare])
    assert right / words > 0.87  # short texts, each on a matter of its own
