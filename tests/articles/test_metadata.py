"""Dates, numbers and bylines as journals write them: ``tests/cases/metadata.tsv``."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import casefiles
from vnjournal.articles import metadata
from vnjournal.articles.article import Article

CASES = casefiles.rows("metadata.tsv")


def _authors(text: str) -> str:
    found = metadata.authors(text)
    return "; ".join(" / ".join((a.name, a.role, a.place)).rstrip(" /") for a in found)


READINGS: dict[str, Callable[[str], str]] = {
    "date": metadata.date,
    "issue": lambda text: " / ".join(metadata.volume_and_issue(text)),
    "pages": metadata.pages,
    "issn": metadata.issn,
    "doi": metadata.doi,
    "authors": _authors,
}


@pytest.mark.parametrize(("kind", "written", "normalised"), CASES)
def test_cases(kind: str, written: str, normalised: str) -> None:
    assert READINGS[kind](written) == normalised
    assert READINGS[kind](unicodedata.normalize("NFD", written)) == normalised


@pytest.mark.parametrize("kind", ["date", "pages", "issn", "doi"])
def test_a_normal_form_is_its_own(kind: str) -> None:
    for each, _, normalised in CASES:
        if each == kind:
            assert READINGS[kind](normalised) == normalised


#: Texts of what these functions look for, in any order.
PARTS = st.lists(
    st.one_of(
        st.sampled_from([word for _, written, _ in CASES for word in written.split()]),
        st.text(max_size=4),
        st.integers(0, 40).map(str),
    ),
    max_size=8,
)
TEXTS = st.builds(lambda joint, parts: joint.join(parts), st.sampled_from(["", " ", "/"]), PARTS)


@given(TEXTS)
def test_any_text_gives_a_value_or_none(text: str) -> None:
    Article(id="a", body="b", published=metadata.date(text))  # takes ISO dates only
    assert metadata.issn(text) in ("", metadata.issn(metadata.issn(text)))
    assert metadata.doi(text) in ("", metadata.doi(metadata.doi(text)))
    assert not any(map(str.isspace, metadata.pages(text).replace(", ", "")))
    assert all(part == part.strip() for part in metadata.volume_and_issue(text))
    for author in metadata.authors(text):
        assert any(map(str.isalpha, author.name))
        assert [*author.name.split()] == author.name.split(" ")


@pytest.mark.parametrize("part", [" ", "\n", "1", "A1,", "TS.", "và ", "(", "- ", "2018", "tr. "])
def test_long_texts_are_read_in_bounded_time(part: str) -> None:
    for reading in READINGS.values():
        reading(part * 100_000)


@pytest.mark.parametrize(
    ("family", "given_name", "whole"),
    [
        ("Nguyễn", "Văn An", "Nguyễn Văn An"),
        ("An", "Nguyễn Văn", "Nguyễn Văn An"),
        ("Nguyễn Văn", "An", "Nguyễn Văn An"),
        ("Hà", "Nguyễn Thị", "Nguyễn Thị Hà"),
        ("Lê", "Trần Minh", "Lê Trần Minh"),
        ("NGUYỄN", "VĂN AN", "NGUYỄN VĂN AN"),
        ("Smith", "John K.", "John K. Smith"),
        ("Rougier", "Émile", "Émile Rougier"),
        ("", "Plato", "Plato"),
        ("Ban Tuyên giáo", "", "Ban Tuyên giáo"),
        ("  Đỗ \n", "Bình", "Đỗ Bình"),
    ],
)
def test_full_names(family: str, given_name: str, whole: str) -> None:
    assert metadata.full_name(family, given_name) == whole
    parts = (unicodedata.normalize("NFD", part) for part in (family, given_name))
    assert unicodedata.normalize("NFC", metadata.full_name(*parts)) == whole
