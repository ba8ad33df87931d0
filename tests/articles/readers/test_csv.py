"""Tables of articles, as spreadsheets and other programs write them."""

from __future__ import annotations

import pytest

from tests.articles.readers.documents_of import read
from vnjournal.articles.article import Author
from vnjournal.errors import SourceError
from vnjournal.text import encodings

TABLE = """Tiêu đề;Tác giả;Nội dung;Tóm tắt;Ngày đăng;Năm;Tạp chí;Tập;Số;Trang;ISSN;DOI;Lượt xem
Nuôi cá;TS. Nguyễn An, Lê Bình;"Một.

Hai; ba.";Ngắn.;12/05/2018 03:10;2018;Sông Thao;XII;2-2018;tr. 4–9;1859 4794;doi:10.1000/1;5
"""


def test_a_vietnamese_table() -> None:
    (article,), problems = read("a.csv", TABLE)
    assert not problems
    assert article.id == "https://doi.org/10.1000/1"
    assert (article.title, article.body) == ("Nuôi cá", "Một.\n\nHai; ba.")
    assert article.authors == (Author("Nguyễn An", "TS"), Author("Lê Bình"))
    assert (article.posted, article.published) == ("2018-05-12T03:10", "2018")
    assert (article.journal, article.volume, article.issue) == ("Sông Thao", "XII", "2-2018")
    assert (article.pages, article.issn, article.doi) == ("4-9", "1859-4794", "10.1000/1")
    assert article.extra == {
        "Lượt xem": "5",
        "abstract": "Ngắn.",
        "as_written": {
            "posted": "12/05/2018 03:10",
            "pages": "tr. 4–9",
            "issn": "1859 4794",
            "doi": "doi:10.1000/1",
        },
        "format": "csv",
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_delimiters_and_lines(delimiter: str, newline: str, before: str) -> None:
    rows = [("TITLE", "Body"), ("Một", '"a, b; c"'), ("", ""), ("Hai", "d")]
    found, problems = read("a.csv", before + newline.join(map(delimiter.join, rows)))
    assert [(each.title, each.body) for each in found] == [("Một", "a, b; c"), ("Hai", "d")]
    assert not problems
    assert [each.id for each in found] == ["a.csv#2", "a.csv#4"]


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3", "vni-windows"])
def test_headings_that_were_read_in_a_wrong_encoding(encoding: str) -> None:
    (article,), problems = read("a.csv", encodings.encode(TABLE, encoding).decode("latin-1"))
    assert not problems
    assert (article.title, article.published) == ("Nuôi cá", "2018")


def test_rows_that_were_read_in_a_wrong_encoding() -> None:
    text = "Mùa cạn, dòng chảy yếu làm thức ăn thừa tích tụ dưới đáy lồng."
    row = f'Nuôi cá,Lê Thị Hà; Đỗ Hùng,"{text}"'.encode().decode("latin-1")
    (article,), _ = read("a.csv", f"Title,Authors,Abstract\n{row}\n")
    assert (article.title, article.body) == ("Nuôi cá", text)
    assert article.authors == (Author("Lê Thị Hà"), Author("Đỗ Hùng"))
    assert article.extra["encoding"] == "utf-8 misread"


def test_excels_hint_of_the_delimiter() -> None:
    found, _ = read("a.csv", "sep=;\r\ntitle;body\r\nA, b;c\r\n")
    assert [(each.title, each.body) for each in found] == [("A, b", "c")]


def test_the_apostrophe_of_our_export_comes_off() -> None:
    found, _ = read("a.tsv", "title\tbody\n'=1+1\t'Tis\n''=1\t'-5\n")
    assert [each.title for each in found] == ["=1+1", "'=1"]
    assert [each.body for each in found] == ["'Tis", "-5"]


def test_an_abstract_or_a_title_will_do() -> None:
    found, problems = read("a.csv", "title,tóm tắt,year\nMột,Ngắn.,2018\nHai,,không rõ\n")
    assert [each.body for each in found] == ["Ngắn.", ""]
    assert "abstract" in found[0].extra["notes"][0]
    assert found[1].extra == {"as_written": {"published": "không rõ"}, "format": "csv"}
    assert not problems


def test_bad_rows_are_reported_with_their_line() -> None:
    table = 'title,body\n"a\nb",x\nMột,y,z\n,,\nHai,y,\n'
    found, problems = read("a.csv", table)
    assert [each.id for each in found] == ["a.csv#2", "a.csv#6"]
    assert problems == "a.csv, line 4: 3 cells in a table of 2 columns"


def test_an_address_that_is_not_the_articles_own_is_no_id() -> None:
    found, _ = read("a.csv", "title,url\nMột,http://a.example\nHai,http://a.example\n")
    assert [each.id for each in found] == ["http://a.example", "a.csv#3"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n1,2\n", "no column of titles or texts among 'a', 'b'"),
        ("", "empty file"),
        ("\n\n", "empty file"),
        ('title,body\nMột,"a\nHai,b\n', "line 2: a quote that is never closed"),
        ("title,body\nMột,\0\n", "binary"),
        ("title,body\n" + "x" * 2000 + ",y\n", "larger than 1,000 bytes"),
        ('title,body\n"' + "x\n" * 1000, "larger than 1,000 bytes"),
    ],
)
def test_tables_that_cannot_be_read(table: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read("a.csv", table, max_size=1000)


def test_a_large_cell_is_a_body() -> None:
    (article,), _ = read("a.csv", f"title,body\nMột,{'x' * 10_000_000}\n")
    assert len(article.body) == 10_000_000
