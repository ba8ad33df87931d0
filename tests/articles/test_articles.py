"""Articles, the portal's layout, JSON Lines, and walking folders."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.casefiles import NormalForm, shared
from vnjournal import Article, Author, Problem, SourceError, read
from vnjournal.articles.readers import json_lines, plain_text

FOOTER = """Tin khác

SỞ KHOA HỌC VÀ CÔNG NGHỆ TỈNH A

Trưởng Ban biên tập: ThS. Phạm Văn B - Giám đốc

Giấy phép số: 01/GP-STTTT do Sở TT&TT cấp ngày 29/06/2015.
"""
PORTAL = f"""Những vấn đề chung (số 2-2018) 2018-05-12 03:10:58

Xây dựng Đảng bộ vững mạnh

Đảng bộ Sở là Đảng bộ cơ sở, có nhiều chức năng.

Đoạn thứ hai của bài viết.

Bài của Nguyễn Văn Vóc - Phó bí thư Đảng ủy

Đăng trên Tạp chí Khoa học số 2 ra tháng 4 năm 2018

{FOOTER}"""


def test_the_seed() -> None:
    (article,) = read(shared("seed"))
    assert article.id == "hai-duong-2018-02.txt"
    assert article.section == "Những vấn đề chung"
    assert article.issue == "2-2018"
    assert article.posted == "2018-05-12T03:10:58"
    assert article.published == "2018-04"
    assert article.journal == "Tạp chí Khoa học và Công nghệ Hải Dương"
    role = "Phó bí thư Đảng ủy Sở Khoa học và Công nghệ"
    assert article.authors == (Author("Nguyễn Văn Vóc", role),)
    assert article.title == ""
    assert article.heading == "Đảng bộ Sở Khoa học và Công nghệ là Đảng bộ cơ…"
    assert article.body.startswith("Đảng bộ Sở Khoa học")
    assert article.body.endswith("Ủy ban nhân dân tỉnh.")
    assert "Joomla" in article.extra["removed"]["footer"]


@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_portals_layout(normal_form: NormalForm, newline: str) -> None:
    raw = unicodedata.normalize(normal_form, PORTAL).replace("\n", newline)
    article = plain_text.parse(raw, "a")
    assert article.section == "Những vấn đề chung"
    assert (article.issue, article.posted) == ("2-2018", "2018-05-12T03:10:58")
    assert unicodedata.normalize("NFC", article.title) == "Xây dựng Đảng bộ vững mạnh"
    assert article.authors == (Author("Nguyễn Văn Vóc", "Phó bí thư Đảng ủy"),)
    assert (article.journal, article.published) == ("Tạp chí Khoa học", "2018-04")
    assert article.body in raw
    assert article.title in raw
    assert "Tin khác" not in unicodedata.normalize("NFC", article.body)
    assert "Bài của" not in unicodedata.normalize("NFC", article.body)
    assert unicodedata.normalize("NFC", article.body).endswith("Đoạn thứ hai của bài viết.")


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Bài của An Bình", (Author("An Bình"),)),
        ("Bài của An Bình - Giám đốc", (Author("An Bình", "Giám đốc"),)),
        ("Bài của A - Giám đốc; B – Phó", (Author("A", "Giám đốc"), Author("B", "Phó"))),
        ("Bài và ảnh: An, Bình", (Author("An"), Author("Bình"))),
        ("Tác giả: An và Bình", (Author("An"), Author("Bình"))),
    ],
)
def test_bylines(byline: str, authors: tuple[Author, ...]) -> None:
    assert plain_text.parse(f"Nội dung bài.\n\n{byline}\n", "a").authors == authors


@pytest.mark.parametrize(
    ("line", "posted"),
    [
        ("Thứ Ba, 12/5/2018", "2018-05-12"),
        ("Cập nhật lúc 08:05, Thứ Hai, 14/05/2018 (GMT+7)", "2018-05-14T08:05"),
        ("12 Tháng Năm, 2018", "2018-05-12"),
        ("Ngày đăng: 12-05-2018", "2018-05-12"),
    ],
)
@pytest.mark.parametrize("title", ["Nuôi cá", "NUÔI CÁ LỒNG TRÊN SÔNG VÀ BÀI TOÁN DÒNG CHẢY"])
def test_a_dateline_above_or_below_the_title(title: str, line: str, posted: str) -> None:
    body = "Mùa cạn, dòng chảy yếu làm thức ăn thừa tích tụ dưới đáy lồng."
    for above in ([title, line], [line, title]):
        article = plain_text.parse("\n".join([*above, body, body]), "a")
        assert (article.title, article.posted) == (title, posted)
        assert article.body == f"{body}\n{body}"


@pytest.mark.parametrize("line", ["Ngày 12/5/2018, tại Hà Nội", "Tháng 5 năm 2018", "1945"])
def test_a_line_that_says_more_than_a_day_or_less_is_text(line: str) -> None:
    article = plain_text.parse(f"Nuôi cá\n{line}\nMùa cạn, dòng chảy yếu.", "a")
    assert line in article.body
    assert not article.posted


@pytest.mark.parametrize(
    ("citation", "journal", "issue", "published"),
    [
        ("Đăng trên Tạp chí A số 2 ra tháng 4 năm 2018", "Tạp chí A", "2-2018", "2018-04"),
        ("(Đăng trên Tạp chí A, số 3, tháng 12/2019)", "Tạp chí A", "3-2019", "2019-12"),
        ("Đăng trên Báo B số 5-2017 ra ngày 2 tháng 9 năm 2017", "Báo B", "5-2017", "2017-09-02"),
        ("Đăng trên Báo B số 6 năm 2016.", "Báo B", "6-2016", "2016"),
        ("Đăng trên Báo B số 7", "Báo B", "7", ""),
    ],
)
def test_citations(citation: str, journal: str, issue: str, published: str) -> None:
    article = plain_text.parse(f"Nội dung bài.\n\n{citation}\n", "a")
    assert (article.journal, article.issue, article.published) == (journal, issue, published)
    assert article.body == "Nội dung bài."


@pytest.mark.parametrize(
    "body",
    [
        "Chỉ một dòng.",
        "Một đoạn.\n\nĐịa chỉ: số 5, phố Huế.",  # one line that speaks of a place is no footer
        "Tin khác cho hay\nlà có.",
        "Bài của tôi viết không hay.\nNhưng thật.",
        "không có gì cả\n" * 3,
    ],
)
def test_a_text_with_none_of_the_parts_is_all_body(body: str) -> None:
    article = plain_text.parse(body, "a")
    assert (article.title + "\n" + article.body).split() == body.split()
    assert not article.extra
    assert not article.authors


@given(st.text(min_size=1).filter(str.strip))
@example("\x1f\r0")  # a line of what is white space to Python only
def test_any_text_gives_stretches_of_itself(raw: str) -> None:
    try:
        article = plain_text.parse(raw, "a")
    except SourceError:
        return
    assert article.body in raw
    assert article.title in raw


def test_an_impossible_date_in_the_heading_is_dropped_not_the_text() -> None:
    article = plain_text.parse("Tin tức (số 2-2018) 31/02/2018 03:10\n\nNội dung.", "a")
    assert (article.section, article.issue, article.posted) == ("Tin tức", "2-2018", "")
    assert article.body == "Nội dung."


def test_json_lines_take_fields_and_keep_the_rest() -> None:
    line = '{"id": 7, "text": "Nội dung.", "author": ["An", {"name": "Bình"}], "views": 3}'
    article = json_lines.parse(line, "x#1", "x.jsonl")
    assert article.id == "7"
    assert article.authors == (Author("An"), Author("Bình"))
    assert article.extra == {"views": 3}
    assert article.source == "x.jsonl"


article_values = st.fixed_dictionaries(
    {"id": st.text("abc/.", min_size=1), "body": st.text(min_size=1).filter(str.strip)},
    optional={
        "title": st.text(),
        "section": st.text(),
        "published": st.sampled_from(["2018", "2018-04", "2018-04-30", "2018-05-12T03:10:58"]),
        "authors": st.lists(
            st.builds(lambda n, r: {"name": n, "role": r, "place": ""}, st.text(), st.text())
        ),
        "extra": st.dictionaries(st.text(), st.integers()),
    },
)


@given(article_values)
def test_articles_survive_json(values: dict[str, object]) -> None:
    article = Article.from_dict(values)
    again = Article.from_dict(json.loads(json.dumps(article.to_dict())))
    assert again == article


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": " "}, "id"),
        ({"body": "\n"}, "no text"),
        ({"published": "04/2018"}, "ISO date"),
        ({"title": ["x"]}, "title must be text"),
        ({"authors": 3}, "authors must be"),
        ({"authors": [{"role": "x"}]}, "an author must be"),
    ],
)
def test_wrong_values_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        Article.from_dict({"id": "a", "body": "b", **changes})


def test_dates_and_headings() -> None:
    assert Article("a", "b", posted="2018-05-12T03:10:58").year == 2018
    assert Article("a", "b", published="2017", posted="2018").date == "2017"
    assert Article("a", "b").year is None
    assert Article("a", "b", posted="2018-05-12T03:10:58").date_number == 20180512
    assert Article("a", "một hai").heading == "một hai"
    assert Article("a", "b", title="Đầu  đề").heading == "Đầu đề"


def test_folders_are_walked_in_order_and_ids_are_paths(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.txt", "a/d.jsonl", ".hidden/x.txt", "a/.y.txt", "e.exe"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text('{"body": "x"}' if name.endswith("jsonl") else "văn bản", "utf-8")
    problems: list[Problem] = []
    found = [article.id for article in read(tmp_path, report=problems.append)]
    assert found == ["a/c.txt", "a/d.jsonl#1", "b.txt"]
    assert [(Path(p.path).name, p.skipped) for p in problems] == [("e.exe", True)]
    assert [article.id for article in read([tmp_path / "b.txt", tmp_path / "a"])] == [
        "b.txt",
        "c.txt",
        "d.jsonl#1",
    ]
