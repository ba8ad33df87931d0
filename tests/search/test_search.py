"""The seed article, found and not found, on every engine; and the query language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import shared
from vnjournal import Archive, Article, fold, read
from vnjournal.index.engines import NAMES
from vnjournal.search.parse import parse

FOUND = [
    ("dang bo so khoa hoc", "Đảng bộ Sở Khoa học"),
    ('"chương trình hành động"', "Chương tình hành động"),
    ('"chương tình hành động"', "Chương tình hành động"),
    ('"việc triển khai sâu rộng"', "việctriển khai sâu rộng"),
    ("việctriển", "việctriển"),
    ('"nhiều doanh nghiệp"', "nhiềudoanh nghiệp"),
    ("lenin", "Lênin"),
    ('author:"nguyen van voc"', "Nguyễn Văn Vóc"),
]
NOT_FOUND = ["Joomla", "GP-STTTT", '"tin khác"', 'author:"Phạm Văn Bình"']


@pytest.fixture(scope="module", params=NAMES)
def seed_archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    seed = shared("seed")
    with Archive.create(tmp_path_factory.mktemp("seed") / "archive", request.param) as archive:
        archive.add(read(seed))
        yield archive


@pytest.mark.parametrize(("query", "shown"), FOUND)
def test_the_seed_is_found(seed_archive: Archive, query: str, shown: str) -> None:
    results = seed_archive.search(query)
    assert results.total == 1
    assert not results.relaxed
    (hit,) = results
    highlighted = " ".join(getattr(hit.article, h.field)[h.start : h.end] for h in hit.highlights)
    assert shown in highlighted


@pytest.mark.parametrize("query", NOT_FOUND)
def test_the_seed_is_not_found_by_the_sites_footer(seed_archive: Archive, query: str) -> None:
    assert seed_archive.search(query).total == 0


@pytest.mark.parametrize("engine", NAMES)
def test_highlights_point_into_decomposed_and_corrected_text(engine: str, tmp_path: Path) -> None:
    import unicodedata

    body = unicodedata.normalize("NFD", "Mở đầu. Là việctriển khai ở cơ sở,theo Đảng bộ. Hết.")
    with Archive.create(tmp_path / "archive", engine) as archive:
        archive.add([Article("a", body)])
        (hit,) = archive.search("trien khai dang bo")
        shown = [unicodedata.normalize("NFC", body[h.start : h.end]) for h in hit.highlights]
        assert shown == ["việctriển", "khai", "Đảng", "bộ"]
        assert hit.snippet == body
        pieces = "".join(text for text, _ in hit.snippet_parts())
        assert pieces == hit.snippet


def test_a_snippet_shows_where_the_words_stand_together(tmp_path: Path) -> None:
    filler = "Một câu chẳng nói gì về đảng hay bộ môn nào. " * 30
    body = f"{filler}Đảng bộ Sở Khoa học họp. {filler}"
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article("a", body)])
        (hit,) = archive.search("dang bo so khoa hoc")
    assert "Đảng bộ Sở Khoa học" in hit.snippet
    assert hit.snippet == body[hit.snippet_start :][: len(hit.snippet)]
    assert len(hit.snippet) < 350
    assert ("Đảng bộ Sở Khoa học", True) in list(hit.snippet_parts())


@pytest.mark.parametrize(
    ("text", "words", "required", "excluded", "notes"),
    [
        ("dang bo", 2, 0, 0, 0),
        ('"khoa học" lúa', 1, 1, 0, 0),
        ("-lúa gạo", 1, 0, 1, 0),
        ('-"vụ mùa" gạo', 1, 0, 1, 0),
        ("Mác-Lênin", 0, 1, 0, 0),
        ("01/GP-STTTT", 0, 1, 0, 0),
        ("title:lúa author:“van voc”", 0, 2, 0, 0),
        ("lúa lúa", 1, 0, 0, 0),
        ("tựa:lúa", 0, 1, 0, 0),  # no field name in letters with marks: a compound
        ("foo:bar", 2, 0, 0, 1),
        ("https://a.vn", 0, 1, 0, 0),
        ('"chưa đóng', 2, 0, 0, 1),
        ("year:abc", 2, 0, 0, 1),
        ("a - b", 2, 0, 0, 0),
        ("-", 0, 0, 0, 0),
        ("", 0, 0, 0, 0),
        ("()[]", 0, 0, 0, 0),
        ('""', 0, 0, 0, 0),
    ],
)
def test_queries_are_read(text: str, words: int, required: int, excluded: int, notes: int) -> None:
    parsed = parse(text)
    found = (len(parsed.words), len(parsed.required), len(parsed.excluded), len(parsed.notes))
    assert found == (words, required, excluded, notes)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("year:2018", (2018, 2018)),
        ("year:2015..2018", (2015, 2018)),
        ("year:2015..", (2015, 9999)),
        ("year:..2018", (0, 2018)),
        ("year:2015-2018", (2015, 2018)),
    ],
)
def test_years_are_read(text: str, years: tuple[int, int]) -> None:
    parsed = parse(text)
    assert parsed.years == years
    assert not parsed.asks_nothing


@given(st.text())
def test_no_query_is_an_error(text: str) -> None:
    parse(text)


@given(st.lists(st.sampled_from(["Đảng", "bộ", "khoa", "học"]), min_size=1, max_size=5))
def test_words_are_asked_for_by_their_keys(words: list[str]) -> None:
    asked = [word.syllable.key for word in parse(" ".join(words)).words]
    assert asked == list(dict.fromkeys(fold(word) for word in words))
