"""What is exported as CSV, BibTeX or RIS comes back with the fields that the format carries."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.readers.documents_of import read
from tests.casefiles import lines
from vnjournal.articles.article import Article, Author
from vnjournal.articles.export import write

SUFFIXES = {"csv": ".csv", "bibtex": ".bib", "ris": ".ris"}
CARRIED = (
    *("title", "section", "published", "journal", "issue", "volume", "pages", "issn", "doi"),
    *("url", "lang"),
)
SMALL_ARCHIVE = [Article.from_dict(json.loads(line)) for line in lines("small_archive.jsonl")]
FULL = Article(
    id="x1",
    body="Toàn văn.",
    title="50% & {ngoặc} \\ ~ ^ # $ _ -- ``nháy'' =1+1",
    section="Y tế, sức khỏe; đời sống",
    authors=(Author("Nguyễn Văn An", "Giám đốc", "Hà Nội"), Author("Ban Tuyên giáo")),
    published="2018-04-30",
    journal="Tạp chí Khoa học & Công nghệ",
    issue="2-2018",
    volume="12",
    pages="45-52",
    issn="1859-4794",
    doi="10.15625/0866-7144(2018)0032",
    url="https://journal.example/a_b%20c?d=1&e=~f",
)
ARTICLES = [
    *SMALL_ARCHIVE,
    FULL,
    replace(FULL, title="=1+1", pages="45", published="2018-04", lang="en"),
    replace(FULL, title="'-5", published="", posted="2018-05-12", section="", journal="", url=""),
    replace(FULL, title="", body="Một hai ba.", authors=(), pages="e12", section="Tin"),
]


@pytest.mark.parametrize("format", SUFFIXES)
def test_our_own_exports_come_back(format: str) -> None:
    file = io.BytesIO()
    write(ARTICLES, format, file)
    found, problems = read("a" + SUFFIXES[format], file.getvalue())
    assert not problems
    assert len(found) == len(ARTICLES)
    for before, after in zip(ARTICLES, found, strict=True):
        expected = replace(before, title=before.heading)
        if format != "csv":  # one date, the one that counts
            expected = replace(expected, published=before.date[:10])
        for name in CARRIED:
            assert getattr(after, name) == getattr(expected, name), name
        assert [a.name for a in after.authors] == [a.name for a in before.authors]
    if format == "csv":
        assert [each.posted for each in found] == [each.posted for each in ARTICLES]


#: Texts on one line, as the formats have them.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")).map(
    lambda text: " ".join(text.split())
)


@pytest.mark.parametrize("format", ["bibtex", "ris", "csv"])
@given(title=TEXTS.filter(bool), journal=TEXTS)
@settings(max_examples=60)
def test_any_title_comes_back(format: str, title: str, journal: str) -> None:
    file = io.BytesIO()
    write([Article(id="a", body="", title=title, journal=journal)], format, file)
    (found,), _ = read("a" + SUFFIXES[format], file.getvalue())
    assert (found.title, found.journal) == (title, journal)
