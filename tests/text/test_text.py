"""Letters, spans, normal forms and folding."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import rows
from vnjournal import fold, index_key, normalize
from vnjournal.text.alphabet import LETTERS, parse_syllable, split_tone
from vnjournal.text.fold import fold_mapped, form
from vnjournal.text.normalize import compose, place_tone
from vnjournal.text.spans import Change, EditedText

vietnamese = st.text(st.sampled_from(sorted(LETTERS) + list(" .,-Ðð\u00a0\u0309\u0323\u200b")))
any_text = st.one_of(vietnamese, st.text())


@pytest.mark.parametrize(("text", "folded"), rows("fold.tsv"))
def test_fold_cases(text: str, folded: str) -> None:
    for form_of_text in (text, unicodedata.normalize("NFD", text)):
        assert fold(form_of_text) == folded


@given(any_text)
def test_folding_is_idempotent_ascii_and_blind_to_composition(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(any_text)
def test_mapped_folding_folds_alike_and_leads_back(text: str) -> None:
    folded = fold_mapped(text)
    assert folded.text == fold(text)
    assert folded.original == text
    for at in range(len(folded.text)):
        start, end = folded.original_span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert folded.text[at] in fold(text[start:end])


@pytest.mark.parametrize(("relation", "left", "right"), rows("index_key.tsv"))
def test_index_key_cases(relation: str, left: str, right: str) -> None:
    assert (index_key(left) == index_key(right)) is (relation == "same")


@given(vietnamese)
def test_keys_are_forms_without_marks(text: str) -> None:
    for word in compose(text).text.split():
        assert index_key(form(word).translate(dict.fromkeys(map(ord, "SFRXJ")))) == index_key(word)


@given(st.sampled_from(["hòa", "thủy", "khỏe", "kỹ", "Đảng", "nghệ"]))
def test_forms_do_not_depend_on_how_a_syllable_is_written(word: str) -> None:
    spellings = {word, place_tone(word, "new"), word.upper(), unicodedata.normalize("NFD", word)}
    assert len({form(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(("text", "normalized"), rows("normalize.tsv"))
def test_normalize_cases(text: str, normalized: str) -> None:
    def read(escaped: str) -> str:
        parts = escaped.split("\\u")
        return parts[0] + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts[1:])

    assert normalize(read(text)) == read(normalized)


@given(any_text)
def test_normalizing_is_idempotent(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(any_text)
def test_composing_is_normal_and_maps_back(text: str) -> None:
    composed = compose(text)
    assert unicodedata.is_normalized("NFC", composed.text) or not unicodedata.is_normalized(
        "NFC", text
    )
    assert composed.original_span(0, len(composed.text))[1] <= len(text)


@pytest.mark.parametrize(("verdict", "syllable"), rows("syllables.tsv"))
def test_syllable_cases(verdict: str, syllable: str) -> None:
    assert (parse_syllable(syllable) is not None) is (verdict == "valid")


@given(st.sampled_from([row[1] for row in rows("syllables.tsv") if row[0] == "valid"]))
def test_a_parsed_syllable_spells_itself(syllable: str) -> None:
    parsed = parse_syllable(syllable)
    assert parsed is not None
    assert syllable in (parsed.spell("old"), parsed.spell("new"))
    assert split_tone(syllable) == (parsed.onset + parsed.rime, parsed.tone)


@st.composite
def edited_texts(draw: st.DrawFn) -> EditedText:
    original = draw(st.text(max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(original)), max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return EditedText(
        original,
        [Change(a, b, draw(st.text(min_size=1, max_size=4))) for a, b in pairs if a < b],
    )


@given(edited_texts(), st.data())
def test_edited_text_maps_both_ways(edited: EditedText, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(edited.text)))
    end = data.draw(st.integers(start, len(edited.text)))
    original_start, original_end = edited.original_span(start, end)
    assert 0 <= original_start <= len(edited.original)
    assert 0 <= original_end <= len(edited.original)
    if start < end:
        assert original_start <= original_end
        back_start, back_end = edited.edited_span(original_start, original_end)
        assert back_start <= start
        assert end <= back_end


@given(edited_texts())
def test_many_spans_are_mapped_as_one_is(edited: EditedText) -> None:
    spans = list(combinations(range(len(edited.text) + 1), 2))
    starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
    firsts, lasts = edited.original_spans(starts, ends)
    mapped = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
    assert mapped == [edited.original_span(start, end) for start, end in spans]


@given(st.text(max_size=20), st.data())
def test_unedited_stretches_keep_their_characters(original: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(original)))
    edited = EditedText(original, [Change(at, at, "§§")])
    assert edited.text == original[:at] + "§§" + original[at:]
    for place in range(len(original)):
        start, end = edited.edited_span(place, place + 1)
        assert edited.text[start:end].replace("§", "") in (original[place], "")
        assert original[place] == "§" or original[place] in edited.text[start:end]


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        EditedText("abcdef", [Change(0, 3, ""), Change(2, 4, "")])
    with pytest.raises(ValueError, match="outside"):
        EditedText("abc", [Change(2, 9, "")])


@pytest.mark.parametrize("left", ["\x1f", "\u200b", "\ufeff"])
def test_a_mark_does_not_take_what_is_no_letter_with_it(left: str) -> None:
    """Whether other parts of the text are composed makes no difference."""
    for text in (f"{left}\u0302a", f"{left}\u0302a e\u0301"):
        composed = compose(text)
        at = composed.text.index("\u0302")
        assert composed.original_span(at, at + 1) == (1, 2)
