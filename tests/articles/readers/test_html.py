"""Saved web pages: the cases of ``tests/cases/pages``, encodings, and pages that mean harm."""

from __future__ import annotations

import io
import re
import tomllib
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import CASES
from vnjournal import Article, SourceError, read
from vnjournal.articles.documents import Document, Problem
from vnjournal.articles.readers import html
from vnjournal.articles.sources import articles
from vnjournal.text import encodings

PAGES = CASES / "pages"
FOUND = {file.stem: file for file in PAGES.iterdir() if file.suffix != ".toml"}
EXPECTED: dict[str, dict[str, Any]] = {
    name: tomllib.loads((PAGES / f"{name}.toml").read_text("utf-8")) for name in sorted(FOUND)
}
TEXT = "Sáng nay, đoàn công tác đã về thăm mô hình trồng nấm của xã."
PAGE = f"<html><head><title>Trồng nấm</title></head><body><h1>Trồng nấm</h1><p>{TEXT}</p></body>"


def document(raw: bytes, **known: Any) -> Document:
    problems: list[Problem] = []
    return Document("a.html", "a.html", io.BytesIO(raw), problems.append, **known)


def article(page: str | bytes, **known: Any) -> Article:
    raw = page.encode() if isinstance(page, str) else page
    (found,) = articles(document(raw, **known))
    return found


@pytest.mark.parametrize("name", [name for name in EXPECTED if "refused" not in EXPECTED[name]])
def test_pages(name: str) -> None:
    (found,) = read(FOUND[name])
    expected = EXPECTED[name]
    extra = found.extra
    for field, value in expected.items():
        if field == "authors":
            assert [author.name for author in found.authors] == value
        elif field in ("keywords", "references"):
            assert extra[field] == value
        elif field == "removed":
            assert set(value) <= set(extra["removed"])
        else:
            given = unicodedata.normalize("NFC", getattr(found, field))
            assert given == value.rstrip("\n"), field
    assert found.id == (expected.get("url") or found.url or FOUND[name].name)


@pytest.mark.parametrize("name", [name for name in EXPECTED if "refused" in EXPECTED[name]])
def test_pages_without_an_article_are_refused(name: str) -> None:
    problems: list[Problem] = []
    assert list(read(FOUND[name], report=problems.append)) == []
    (problem,) = problems
    assert "no article" in problem.reason
    assert EXPECTED[name]["refused"] in problem.reason
    assert not problem.skipped


def test_there_are_enough_pages() -> None:
    assert len(EXPECTED) >= 40
    assert {file.stem for file in PAGES.glob("*.toml")} == set(EXPECTED)


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        (PAGE.encode(), ""),
        (PAGE.encode(), "iso-8859-1"),  # what it says is wrong
        (PAGE.encode("utf-8-sig"), ""),
        (PAGE.encode("utf-16"), ""),
        (PAGE.encode("utf-16-le"), ""),
        (PAGE.replace("<p>", "<p>\0").encode(), ""),
        (PAGE.replace("<html>", '<meta charset="windows-1252"><html>').encode(), ""),
        (PAGE.replace("<html>", '<meta charset="no-such">').encode(), "nor-this"),
    ],
)
def test_encodings(raw: bytes, charset: str) -> None:
    found = article(raw, charset=charset)
    assert (found.title, found.body) == ("Trồng nấm", TEXT)


def test_the_encoding_that_came_with_a_page_counts_before_the_one_it_names() -> None:
    page = '<meta charset="koi8-r"><h1>Caf\xe9</h1><p>' + "Caf\xe9 phin pha ch\xe2m, hai ly. " * 3
    assert article(page.encode("cp1258"), charset="windows-1258").title == "Café"


def _disguised(text: str, encoding: str) -> str:
    """Text of an old encoding, or of UTF-8, that a program took for windows-1252."""
    raw = text.encode() if encoding == "utf-8" else encodings.encode(text, encoding)
    return raw.decode("latin-1")


DATED = """<html><head><meta charset="{}"><title>Chi tiết tin</title>
<meta name="citation_journal_title" content="Tạp chí Nghiên cứu"></head><body>
<h1>Làng nghề và thương hiệu</h1><p>Cập nhật: Thứ Tư, ngày 12 tháng 5 năm 2004</p>
<p>Sáng nay, đoàn công tác đã về thăm làng nghề và trao đổi với các hộ sản xuất.</p>
<p>Tác giả: Vũ Thành Hà</p></body></html>"""


OTHERS = """<div><b>Các tin đã đưa:</b><br>- <a href="/1">Khai trương điểm bán nông sản an toàn</a>
(11/07/2012)</div><div>HỘI NÔNG DÂN XÃ<br>Trưởng Ban biên tập: ThS. Lê An<br>
Giấy phép số: 14/GP-STTTT do Sở TT&TT cấp ngày 29/06/2015.</div></body>"""


@pytest.mark.parametrize("encoding", ["utf-8", "tcvn3", "vni-windows", "windows-1258"])
def test_what_a_misread_page_says_of_the_article_is_read(encoding: str) -> None:
    found = article(_disguised(DATED.format("utf-8"), encoding))
    assert (found.title, found.posted) == ("Làng nghề và thương hiệu", "2004-05-12")
    assert found.journal == "Tạp chí Nghiên cứu"
    assert [author.name for author in found.authors] == ["Vũ Thành Hà"]
    assert found.extra["encoding"] == f"{encoding} misread"


@pytest.mark.parametrize("encoding", ["tcvn3", "vni-windows", "windows-1258"])
@pytest.mark.parametrize("charset", ["windows-1258", "windows-1252", "utf-8", "x-user-defined"])
def test_pages_in_old_encodings_say_that_they_are_in_any(encoding: str, charset: str) -> None:
    found = article(encodings.encode(DATED.format(charset), encoding))
    assert (found.title, found.posted) == ("Làng nghề và thương hiệu", "2004-05-12")


def test_a_short_lead_in_a_heading_is_text() -> None:
    lead = "Hợp tác xã nấm của xã vừa giao chuyến hàng đầu tiên cho siêu thị."
    page = f"<div><h1>Trồng nấm</h1><h2 class=sapo>{lead}</h2><div><p>{TEXT}</p><p>{TEXT}</p></div>"
    assert article(page).body.startswith(lead)


def test_a_title_that_ends_in_a_year_is_whole() -> None:
    title = "Chương trình học bổng 2017 - 2018"
    page = (
        f"<title>{title}</title><table><tr><td>{title}</td></tr></table><p>{TEXT}</p><p>{TEXT}</p>"
    )
    assert article(page).title == title


def test_pages_in_decomposed_unicode() -> None:
    page = DATED.format("utf-8").replace(
        "</head>", '<meta property="og:title" content="{}"></head>'
    )
    page = page.format("Làng nghề và thương hiệu").replace("</body>", OTHERS)
    found = article(unicodedata.normalize("NFD", page))
    assert unicodedata.normalize("NFC", found.title) == "Làng nghề và thương hiệu"
    assert found.posted == "2004-05-12"
    assert [unicodedata.normalize("NFC", a.name) for a in found.authors] == ["Vũ Thành Hà"]
    assert found.extra["removed"]["other news"]
    assert "Giấy phép" not in unicodedata.normalize("NFC", found.body)


def test_bytes_that_are_not_utf_8_are_noted() -> None:
    found = article(PAGE.encode().replace(b"</p>", b"\xe1\xbb</p>"))
    assert found.body == f"{TEXT}\ufffd"
    assert found.extra["notes"] == ["1 character cannot be read"]


@pytest.mark.parametrize(
    ("markup", "body"),
    [
        ("một<br>hai", "một\nhai"),
        ("một<br><br>hai<br>&nbsp;<br />ba", "một\n\nhai\n\nba"),
        ("<p>một\n  hai&nbsp; ba</p><p></p>", "một hai ba"),
        ("<div>một<div>hai</div>ba</div>", "một\n\nhai\n\nba"),
        ("<ul><li>một<li>hai<ol><li>ba</ol></ul>", "một\n\nhai\n\nba"),
        ("<pre>một\n  hai</pre>", "một\nhai"),
        ("<p>x<sup>2</sup> &lt; 3&agrave;&#7843;&#x1EA3;&#150;</p>", "x2 < 3àảả–"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
        (
            "<table><caption>Bảng 1</caption><tr><th>a<th>b<tr><td><td>d</table>",
            "Bảng 1\n\na\tb\n\td",
        ),
        ("<table><tr><td><p>một</p><p>hai</p></td></tr></table>", "một\n\nhai"),
        ("<p>một</p><script>x</script><!-- y --><style>z</style><p hidden>t</p>", "một"),
        ("<p>một <span style='display: none'>x</span>hai</p>", "một hai"),
    ],
)
def test_paragraphs(markup: str, body: str) -> None:
    found = article(f"<h1>Đầu đề</h1><p>{TEXT}</p>{markup}<p>{TEXT}</p>")
    assert found.body == f"{TEXT}\n\n{body}\n\n{TEXT}"


@pytest.mark.parametrize("page", ["<title>x</title>", "", "<head></head>", "<html><head>"])
def test_tags_may_be_left_out(page: str) -> None:
    found = article(f"{page}<nav>Trang chủ</nav><main><h1>Trồng nấm</h1><p>{TEXT}</p></main>")
    assert (found.title, found.body) == ("Trồng nấm", TEXT)
    assert found.extra["removed"] == {"menu": "Trang chủ"}


@pytest.mark.parametrize(
    "parts",
    [
        [f"<p>{TEXT * 20}</p>", "<p>Hết.</p>"],
        ["<p>Vào đề.</p>", f"<ul><li>{TEXT * 20}</li><li>{TEXT}</li></ul>", "<p>Kết.</p>"],
        ["<p>Vào đề.</p>", f"<blockquote><p>{TEXT * 20}</p></blockquote>", f"<p>{TEXT}</p>"],
        [f"<div>{TEXT * 20}</div>", "<div>Hết.</div>"],
        [
            "<p>Bảng:</p>",
            f"<table>{'<tr><td>số</td><td>lượng</td></tr>' * 50}</table>",
            "<p>Hết.</p>",
        ],
    ],
)
def test_short_paragraphs_beside_a_long_one_stay(parts: list[str]) -> None:
    found = article(f"<nav>Trang chủ</nav><div class=x><h1>Trồng nấm</h1>{''.join(parts)}</div>")
    for part in parts:
        for words in re.findall(r">([^<>]+)<", part):
            assert words in found.body
    assert found.title == "Trồng nấm"


def test_what_a_page_declares_counts_by_trust() -> None:
    head = """<meta property="og:title" content="OG | Báo"><meta name="DC.Title" content="DC">
        <meta name="citation_title" content="Citation"><meta name="citation_date" content="2019/5">
        <script type="application/ld+json">{"@type": "Article", "headline": "LD",
        "datePublished": "2020-01-02", "author": "An Bình"}</script>"""
    found = article(f"{head}<h2>LD</h2><p>{TEXT}</p>")
    assert (found.title, found.posted, found.published) == ("LD", "2020-01-02", "2019-05")
    assert found.authors[0].name == "An Bình"
    assert found.extra["as_written"] == {"published": "2019/5"}


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="/bai/1.html">', "https://a.example/bai/1.html"),
        ('<link rel="canonical" href="https://a.example/">', "https://a.example/tin.php?id=2"),
        ('<meta property="og:url" content="https://b.example/x">', "https://b.example/x"),
        ('<link rel="canonical" href="http://[">', "https://a.example/tin.php?id=2"),
    ],
)
def test_addresses(head: str, url: str) -> None:
    found = article(f"<head>{head}</head><p>{TEXT}</p>", url="https://a.example/tin.php?id=2")
    assert (found.id, found.url) == (url, url)


def test_the_address_that_a_browser_saved_is_the_articles() -> None:
    page = f"<!-- saved from url=(0022)https://a.example/x/1 --><html><p>{TEXT}</p>"
    assert article(page).id == "https://a.example/x/1"
    assert article(f"<p>{TEXT}</p>").id == "a.html"


def test_what_is_removed_is_kept_by_kind() -> None:
    found = article((PAGES / "wordpress_comments.html").read_bytes())
    removed = found.extra["removed"]
    assert "Bạn đọc 1" in removed["comments"]
    assert "Trang chủ" in removed["menu"]
    assert "Twitter" in removed["share"]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<div>" * 100_000 + TEXT, "nested too deeply"),
        ("<a" * 9_000_000, "too many for a page"),
        ("<a" * 300_000, "no text"),
        ("<!-- x -->" * 100_000, "no text"),
        ("\0" * 100_000, "no text"),
        ("<p>x" * 100_001, "too many for a page"),
        ("<p> </p>", "no text"),
        ("", "empty file"),
    ],
)
def test_pages_that_are_none_are_refused_with_a_reason(page: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        article(page)


def test_a_page_may_not_be_too_large() -> None:
    with pytest.raises(SourceError, match="larger than"):
        article("<a" * 1000, max_size=1000)


@pytest.mark.parametrize(
    "page",
    [
        f"<title>{'a | ' * 100_000}</title><p>{TEXT}",
        f"{'<h1>' * 1500}{'chữ ' * 100_000}<p>{TEXT}",
        f"<div class='{'nav-' * 100_000}'><p>{TEXT}",
        f"<script type=application/ld+json>{'[' * 100_000}</script><p>{TEXT}",
        f"<script type=application/ld+json>*/{'/*' * 100_000}</script><p>{TEXT}",
        f"{'<font face=.VnTime>' * 1500}<p>{TEXT}",
        f"<font face=.VnTime>§¶ng\1 bé</font><p>{TEXT}",
        f"<h1>Bảng</h1><p>{TEXT}</p><table>{'<tr><td>1</td><td>2</td></tr>' * 20_000}</table>",
    ],
)
def test_pages_that_swell_are_read(page: str) -> None:
    assert TEXT in article(page).body


@given(st.text(alphabet="<>/apdivh1=\"' chữ&;\n", max_size=200))
def test_no_markup_breaks_the_reader(markup: str) -> None:
    try:
        found = html.parse(f"{markup}<p>{TEXT}</p>", "a")
    except SourceError:
        return
    assert found.body.strip()


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with suppress(SourceError):
        list(html.read(document(raw)))


def test_pages_lie_in_folders_beside_other_formats(tmp_path: Path) -> None:
    (tmp_path / "a.htm").write_text(PAGE, "utf-8")
    (tmp_path / "b.txt").write_text(TEXT, "utf-8")
    assert [each.id for each in read(tmp_path)] == ["a.htm", "b.txt"]
