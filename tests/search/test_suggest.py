"""Suggestions: what a query may have meant, and how it may go on, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casefiles import rows
from tests.places import ENGINES, Places
from vnjournal import Archive, Article
from vnjournal.index.query import Marks, Prefix, Syllable
from vnjournal.index.words import WordsInMemory
from vnjournal.search.vocabulary import Vocabulary

BODIES = (
    *["Sở Khoa học và Công nghệ. Khoa học công nghệ tỉnh Hải Dương."] * 5,
    *["Khoa học công nghệ phục vụ nông nghiệp."] * 3,
    "Học khoa nông.",
)


@pytest.fixture(scope="module", params=ENGINES)
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, places: Places
) -> Iterator[Archive]:
    with places.archive(request.param, tmp_path_factory.mktemp("suggest") / "archive") as archive:
        archive.add((Article(str(n), body) for n, body in enumerate(BODIES)), correct=False)
        yield archive


@pytest.mark.parametrize("row", rows("suggestions.tsv"), ids=lambda row: row[0])
def test_what_was_meant(archive: Archive, row: list[str]) -> None:
    query, meant = (*row, "")[:2]
    assert archive.search(query).suggestion == meant


@pytest.mark.parametrize("row", rows("completions.tsv"), ids=lambda row: row[0])
def test_how_it_goes_on(archive: Archive, row: list[str]) -> None:
    typed, expected = (*row, "")[:2]
    found = archive.complete(typed)
    assert found == (expected.split("|") if expected else [])
    assert archive.complete(typed, limit=1) == found[:1]


def test_a_suggestion_follows_what_is_added(archive: Archive) -> None:
    archive.add([Article("new", "Xoài cát.")], correct=False)
    assert archive.complete("xoà") == ["xoài"]
    archive.delete(["new"])
    archive.refresh()
    assert archive.search("xoài").total == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_story_told_elsewhere_is_the_likest(
    places: Places, engine: str, tmp_path: Path
) -> None:
    stories = {
        "bridge": "Cầu dây văng qua sông Lăng thông xe sáng nay, nối hai xã ven đê với quốc lộ.",
        "again": "Hai xã ven đê nay có đường ra quốc lộ: cầu dây văng trên sông Lăng thông xe.",
        "river": "Nuôi cá lồng trên sông Lăng cho thu nhập khá, nhưng nước sông sáng nay đục.",
        "school": "Trường tiểu học ven đê khai giảng sáng nay với hai lớp mới.",
    }
    with places.archive(engine, tmp_path / "archive") as archive:
        archive.add((Article(id, body) for id, body in stories.items()), correct=False)
        assert next(hit.id for hit in archive.similar("bridge")) == "again"
        assert [hit.id for hit in archive.similar("again", limit=1)] == ["bridge"]
        assert "bridge" not in [hit.id for hit in archive.similar("bridge")]
        assert archive.similar("no such id") == []


@settings(max_examples=50)
@given(st.text(max_size=30))
def test_any_text_can_be_completed(archive: Archive, text: str) -> None:
    archive.complete(text)
    assert isinstance(archive.search(text).suggestion, str)


def test_a_prefix_stands_for_so_many_words_at_most(archive: Archive) -> None:
    words = Vocabulary(WordsInMemory({(f"a{n:03}", f"a{n:03}"): n for n in range(200)}))
    clauses = (Prefix(Syllable("a", "a"), ("body",)),)
    assert words.expand(clauses, Marks.GRADED).is_cut
    assert not archive.search("kh*").total_is_least
