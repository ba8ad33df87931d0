"""Templates of portals: those that ship, one's own, and mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vnjournal import SourceError
from vnjournal.articles import portals
from vnjournal.articles.pages import markup
from vnjournal.articles.readers import html

TEXT = "Sáng nay, đoàn công tác đã về thăm mô hình trồng nấm của xã."
PAGE = f"""<div class=post><h2>Trồng nấm</h2><p class=by>Lê An</p><p>Số 3, tháng 5/2019</p>
<p>{TEXT}</p><p class=hot>Mua nấm ở quầy số 5 của chợ đầu mối, giá rẻ bất ngờ.</p>
<p>Bản quyền của tạp chí.</p></div>"""
TEMPLATE = r"""
lines = ['Số (?P<issue>\d+), (?P<published>tháng \d+/\d{4})']
[applies]
hosts = ["tapchi.example"]
[where]
title = ".post h2"
body = "//div[@class='post']"
authors = ".by"
[remove]
elements = [".hot"]
lines = ['Bản quyền .*']
[fixed]
journal = "Tạp chí ABC"
"""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(portals, "_own", [])
    return tmp_path / "portal.toml"


def test_ones_own_template_is_used_for_its_host(template: Path) -> None:
    template.write_text(TEMPLATE, "utf-8")
    assert portals.load(template).name == "portal"
    article = html.parse(PAGE, "a", url="https://www.tapchi.example/1")
    assert (article.title, article.body) == ("Trồng nấm", TEXT)
    assert [author.name for author in article.authors] == ["Lê An"]
    assert (article.issue, article.published, article.journal) == ("3", "2019-05", "Tạp chí ABC")
    assert "Mua nấm" in article.extra["removed"]["by the template"]
    other = html.parse(PAGE, "a", url="https://example.com/1")
    assert other.journal == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = [", "portal.toml"),
        ("[aplies]\nhosts = 'a'", "aplies: no such key"),
        ("applies = 'x'", "applies: a table is needed"),
        ("[applies]\nhost = 'a'", r"applies\.host: no such key"),
        ("[applies]\nhosts = 5", r"applies\.hosts: text"),
        ("[applies]\nmarks = 'a['", r"applies\.marks: no selector"),
        ("[applies]\nmarks = '//a['", r"applies\.marks: no selector"),
        ("[applies]\ntext = '('", r"applies\.text: not a regular expression"),
        ("lines = '(?P<isue>x)'\n[applies]\nhosts = 'a'", "lines: no field 'isue'"),
        ("[where]\ntitle = 'h1'", "applies: name hosts, marks or text"),
    ],
)
def test_mistakes_are_named_by_file_and_key(template: Path, text: str, said: str) -> None:
    template.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=said) as error:
        portals.load(template)
    assert str(template) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_template_that_is_not_there() -> None:
    with pytest.raises(SourceError, match=r"no-such\.toml"):
        portals.load("no-such.toml")


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("<meta name=generator content='Joomla! 1.5'><p>a", "joomla"),
        ("<meta name=generator content='Open Journal Systems 3.3'><p>a", "ojs"),
        ("<p>Tạp chí Khoa học và Công nghệ Hải Dương", "hai_duong"),
        ("<p>a", "none"),
    ],
)
def test_those_that_ship_tell_their_pages(page: str, name: str) -> None:
    assert portals.of(markup.tree(page), "").name == name
