"""RIS records as reference managers write them."""

from __future__ import annotations

import pytest

from tests.articles.readers.documents_of import read
from vnjournal.errors import SourceError

RECORDS = """
TY  - JOUR
AU  - Nguyễn, Văn An
AU  - An, Nguyễn Văn
A1  - Smith, John, Jr.
AU  - Hội Y học,
T1  - Nuôi cá
  trên sông
JO  - Sông Thao
VL  - 12
IS  - 3
SP  - 45
EP  - 52
PY  - 2018/04//
SN  - 18594794
DO  - https://doi.org/10.1000/1
AB  - Cá lớn nhanh.
KW  - cá
KW  - sông
LA  - Vietnamese
N1  - ghi chú
ER  -\x20

TY  - JOUR
TI  - Hai
DA  - Apr 12
PY  - 2018
UR  - https://a.example/2
ER  - \r
"""


def test_records() -> None:
    (first, second), problems = read("a.ris", RECORDS)
    assert not problems
    names = ["Nguyễn Văn An", "Nguyễn Văn An", "Hội Y học", "John Smith, Jr."]
    assert [author.name for author in first.authors] == names
    assert (first.title, first.body) == ("Nuôi cá trên sông", "Cá lớn nhanh.")
    assert (first.journal, first.volume, first.issue) == ("Sông Thao", "12", "3")
    assert (first.pages, first.issn, first.doi) == ("45-52", "1859-4794", "10.1000/1")
    assert (first.published, first.lang, first.id) == ("2018-04", "vi", "https://doi.org/10.1000/1")
    assert first.extra["keywords"] == ["cá", "sông"]
    assert first.extra["N1"] == "ghi chú"
    assert (second.published, second.id, second.body) == ("2018-04-12", "https://a.example/2", "")


@pytest.mark.parametrize(
    ("date", "year", "published"),
    [
        ("2018/04/30/", "2018", "2018-04-30"),
        ("2018/04/30", "", "2018-04-30"),
        ("", "2018///Spring", "2018"),
        ("Apr", "2018", "2018-04"),
        ("2017/04/30", "2018", "2018"),
        ("", "n.d.", ""),
    ],
)
def test_dates(date: str, year: str, published: str) -> None:
    record = f"TY  - JOUR\nTI  - x\nDA  - {date}\nPY  - {year}\nER  - "
    (article,), _ = read("a.ris", record)
    assert article.published == published


@pytest.mark.parametrize(
    ("first", "last", "pages"),
    [
        ("45", "52", "45-52"),
        ("45-52", "", "45-52"),
        ("45-52", "52", "45-52"),
        ("45", "45", "45"),
        ("", "52", "52"),
    ],
)
def test_pages(first: str, last: str, pages: str) -> None:
    (found,), _ = read("a.ris", f"TY  - JOUR\nTI  - x\nSP  - {first}\nEP  - {last}\nER  - \n")
    assert found.pages == pages


def test_a_record_without_an_end_is_read_and_reported() -> None:
    found, problems = read("a.ris", "TY  - JOUR\nTI  - Một\nTY  - JOUR\nTI  - Hai\n")
    assert [each.title for each in found] == ["Một", "Hai"]
    assert problems.splitlines() == [
        "a.ris, entry 1: a record without its last line, 'ER  - '",
        "a.ris, entry 2: a record without its last line, 'ER  - '",
    ]


def test_a_record_without_text_is_reported() -> None:
    found, problems = read("a.ris", "TY  - JOUR\nER  - \nTY  - JOUR\nTI  - Hai\nER  - \n")
    assert [each.id for each in found] == ["a.ris#2"]
    assert problems == "a.ris, entry 1: article a.ris#1 has no text"


@pytest.mark.parametrize("text", ["", "Bài báo", "AU  - An\nTI  - x\nER  - \n", "\0"])
def test_what_is_no_ris_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        read("a.ris", text)


def test_many_lines_and_records_are_read_in_bounded_time() -> None:
    (article,), _ = read("a.ris", "TY  - JOUR\nAB  - x\n" + "y\n" * 500_000 + "ER  - ")
    assert len(article.body) == 1_000_001
    assert read("a.ris", "TY  - " * 500_000)[0] == []
