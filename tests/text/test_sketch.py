"""Sketches: texts that are nearly the same are found, and others are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import samples
from tests.places import folder_of
from vnjournal import Archive, Article
from vnjournal.store import sketches
from vnjournal.text.fold import fold
from vnjournal.text.sketch import SAME, bands, similarities, similarity, sketch

CHANCE = random.Random(5)
TEXTS = [fold(article.body).split() for article in samples.articles()]
TEXTS = [text for text in TEXTS if len(text) > 60]


def _typos(text: list[str]) -> list[str]:
    return [f"{word}x" if CHANCE.random() < 0.02 else word for word in text]


def _longer(text: list[str]) -> list[str]:
    return [*text, *(f"w{CHANCE.random()}" for _ in range(len(text) // 10))]


def _shorter(text: list[str]) -> list[str]:
    return text[: len(text) * 17 // 20]


@pytest.mark.parametrize("alter", [list, _typos, _longer, _shorter])
def test_what_is_nearly_the_same_is_found(alter: Callable[[list[str]], list[str]]) -> None:
    pairs = [(sketch(text), sketch(alter(text))) for text in TEXTS]
    found = sum(
        bool(set(bands(one)) & set(bands(other))) and similarity(one, other) >= SAME
        for one, other in pairs
    )
    assert found >= 0.95 * len(pairs) > 20


def test_other_texts_are_not_taken_for_the_same() -> None:
    sketches = [sketch(text) for text in TEXTS]
    for number, one in enumerate(sketches):
        assert all(similarity(one, other) < 0.2 for other in sketches[:number])


@given(st.lists(st.sampled_from(TEXTS[0]), max_size=90), st.integers(0, 90))
def test_similarity_is_about_the_share_of_shingles(text: list[str], cut: int) -> None:
    one, other = sketch(text), sketch(text[cut:])
    if one and other:
        sets = [{tuple(t[n : n + 4]) for n in range(len(t) - 3)} for t in (text, text[cut:])]
        share = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
        assert abs(similarity(one, other) - share) < 0.3
        assert similarity(one, one) == 1


def test_an_archive_knows_what_is_nearly_the_same(tmp_path: Path) -> None:
    bodies = [article.body for article in samples.articles()][:6]
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article(str(number), body) for number, body in enumerate(bodies)])
        added = archive.add([Article("again", f"{bodies[2]} Hết."), Article("short", "Ngắn quá.")])
        assert [(each.id, each.other) for each in added.near_duplicates] == [("again", "2")]
        assert [each.other for each in archive.near_duplicates("2")] == ["again"]
        assert [each.other for each in archive.near_duplicates("again")] == ["2"]
        assert archive.near_duplicates("0") == archive.near_duplicates("nobody") == []
        archive.add([Article("again", f"{bodies[3]} Hết.")])
        assert archive.near_duplicates("2") == []
        assert [each.other for each in archive.near_duplicates("again")] == ["3"]
        archive.delete(["3"])
        assert archive.near_duplicates("again") == []
        store = folder_of(archive).store._connection
        assert store.execute("SELECT count(*) FROM bands").fetchone() == (16 * 6,)
    with Archive.rebuild(tmp_path / "archive") as archive:
        archive.add([Article("3", bodies[3])])
        assert [each.other for each in archive.near_duplicates("3")] == ["again"]


def test_of_a_text_that_comes_often_only_the_first_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def counted(one: bytes, others: list[bytes]) -> list[float]:
        compared.append(len(others))
        return similarities(one, others)

    monkeypatch.setattr(sketches, "similarities", counted)
    body = " ".join(TEXTS[0])
    articles = [Article(id=f"{number:03}", body=f"{body} {number}") for number in range(90)]
    with Archive.create(tmp_path / "archive") as archive:
        added = archive.add(articles, correct=False)
        assert [each.id for each in added.near_duplicates] == [each.id for each in articles[1:]]
        assert max(compared) < 60
        assert len(archive.near_duplicates("050")) == 89
