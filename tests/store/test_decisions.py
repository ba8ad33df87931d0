"""Decisions hold where the same stands between the same words, wherever that is."""

from __future__ import annotations

import sqlite3
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vnjournal.articles.article import Article
from vnjournal.review import Proposal
from vnjournal.store.decisions import Decision, decided
from vnjournal.store.sqlite import SqliteStore
from vnjournal.text.spans import Edit, EditedText

TEXT = "Đặc biệt là việctriển khai sâu rộng trong tòan tỉnh."


def _edit(text: str, before: str, after: str) -> Edit:
    start = text.index(before)
    return Edit(start, start + len(before), before, after, "kind", 0.6, "reason")


def _decision(text: str, before: str, after: str, accepted: bool) -> Decision:
    edit = _edit(text, before, after)
    return Proposal.of(Article("a", text), "body", edit).decision(accepted)


def _applied(text: str, edits: list[Edit], *decisions: Decision) -> str:
    found = decided(text, edits, decisions)
    return EditedText(text, [edit for edit, accepted in found if accepted is not False]).text


def test_an_accepted_edit_is_there_unasked() -> None:
    known = _decision(TEXT, "tòan", "toàn", True)
    ((edit, accepted),) = decided(TEXT, [], [known])
    assert accepted is True
    assert TEXT[edit.start : edit.end] == edit.before == "tòan"
    assert (edit.after, edit.kind, edit.confidence, edit.reason) == ("toàn", "kind", 0.6, "reason")


def test_a_rejected_edit_is_marked_and_no_other() -> None:
    edits = [_edit(TEXT, "việctriển", "việc triển"), _edit(TEXT, "tòan", "toàn")]
    known = _decision(TEXT, "tòan", "toàn", False)
    assert [accepted for _, accepted in decided(TEXT, edits, [known])] == [None, False]
    other = [_edit(TEXT, "tòan", "toán")]
    assert decided(TEXT, other, [known]) == [(other[0], None)]


def test_the_newest_decision_counts() -> None:
    yes, no = (_decision(TEXT, "tòan", "toàn", accepted) for accepted in (True, False))
    other = _decision(TEXT, "tòan", "toán", True)
    edits = [_edit(TEXT, "tòan", "toàn")]
    assert "toàn" in _applied(TEXT, edits, yes, no)
    assert "tòan" in _applied(TEXT, edits, no, yes)
    assert "toán" in _applied(TEXT, edits, other, yes)


def test_an_accepted_edit_takes_the_place_of_others() -> None:
    wide = _edit(TEXT, "trong tòan", "trong toán")
    known = _decision(TEXT, "tòan", "toàn", True)
    assert _applied(TEXT, [wide], known) == TEXT.replace("tòan", "toàn")


def test_some_of_the_words_around_may_change() -> None:
    known = _decision(TEXT, "tòan", "toàn", True)
    for changed in (
        "Việc triển khai sâu rộng trong tòan thành phố.",
        "Mở rộng trong tòan thành phố.",
        "Trong đó có tòan tỉnh.",
        f"Mở đầu. {TEXT} Kết luận.",
    ):
        assert "toàn" in _applied(changed, [], known), changed
    for changed in ("Cả tòan quốc.", "Ở tòan tỉnh ta.", "Vui trong tòan quốc."):
        assert _applied(changed, [], known) == changed


def test_of_two_places_the_one_meant_is_taken() -> None:
    text = "rộng trong tòan tỉnh và rộng trong tòan quốc"
    known = _decision("sâu rộng trong tòan tỉnh và", "tòan", "toàn", True)
    assert _applied(text, [], known) == "rộng trong toàn tỉnh và rộng trong tòan quốc"


def test_a_decision_is_about_whole_words() -> None:
    known = _decision("a b c toa d e f", "toa", "tòa", True)
    assert _applied("a b c toan d e f", [], known) == "a b c toan d e f"


_words = st.lists(st.sampled_from("tòan tỉnh sở,theo việctriển và của, cơ sở. Đảng".split()))


@given(left=_words, right=_words, elsewhere=_words, form=st.sampled_from(("NFC", "NFD")))
def test_decisions_survive_changes_elsewhere(
    left: list[str], right: list[str], elsewhere: list[str], form: str
) -> None:
    near_left, near_right = "một hai ba", "bốn năm sáu"
    old = " ".join([*left, near_left, "phhát", near_right, *right])
    new = " ".join([*elsewhere, near_left, "phhát", near_right, *elsewhere])
    new = unicodedata.normalize("NFD" if form == "NFD" else "NFC", new)
    known = _decision(old, "phhát", "phát", True)
    ((edit, accepted),) = decided(new, [], [known])
    assert accepted
    assert unicodedata.normalize("NFC", new[edit.start : edit.end]) == "phhát"
    rejected = _decision(old, "phhát", "phát", False)
    assert [state for _, state in decided(new, [edit], [rejected])] == [False]


def test_decisions_are_kept_and_replaced(tmp_path: Path) -> None:
    first, second = (_decision(TEXT, "tòan", "toàn", accepted) for accepted in (True, False))
    other = _decision(TEXT, "việctriển", "việc triển", True)
    with SqliteStore.create(tmp_path / "articles.sqlite", engine="whoosh") as store:
        assert store.decisions(["a"]) == {}
        store.put([], "run", [first, other])
        assert store.decisions(["a", "b"]) == {"a": [other, first]}
        store.put([], "run", [second])
        assert store.decisions(["a"]) == {"a": [second, other]}
    connection = sqlite3.connect(tmp_path / "articles.sqlite")
    assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (2,)
    connection.close()
