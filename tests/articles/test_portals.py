"""Templates of portals: those that ship, one's own, and mistakes in them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import vnjournal as vj
from tests.program import refused, run
from vnjournal import Fate, FileReport, SourceError
from vnjournal.articles import portals
from vnjournal.articles.pages import markup
from vnjournal.articles.readers import html
from vnjournal.articles.sites import Template

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
def template(tmp_path: Path) -> Path:
    return tmp_path / "portal.toml"


def test_ones_own_template_is_used_for_its_host(template: Path) -> None:
    template.write_text(TEMPLATE, "utf-8")
    own = [portals.load(template)]
    assert own[0].name == "portal"
    article = html.parse(PAGE, "a", url="https://www.tapchi.example/1", templates=own)
    assert (article.title, article.body) == ("Trồng nấm", TEXT)
    assert [author.name for author in article.authors] == ["Lê An"]
    assert (article.issue, article.published, article.journal) == ("3", "2019-05", "Tạp chí ABC")
    assert "Mua nấm" in article.extra["removed"]["by the template"]
    other = html.parse(PAGE, "a", url="https://example.com/1", templates=own)
    assert other.journal == ""


def test_ones_own_templates_count_before_those_that_ship_in_their_order() -> None:
    page = markup.tree("<meta name=generator content='Joomla! 1.5'><p>a")
    mine = [Template(name, "[applies]\nmarks = 'p'") for name in ("first", "second")]
    assert portals.of(page, "").name == "joomla"
    assert portals.of(page, "", mine).name == "first"


def test_pages_on_disk_and_packed_are_read_by_it(template: Path, tmp_path: Path) -> None:
    template.write_text(TEMPLATE.replace('hosts = ["tapchi.example"]', 'marks = ".by"'), "utf-8")
    page = tmp_path / "page.html"
    page.write_text(PAGE, "utf-8")
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as packed:
        packed.write(page, "packed.html")
    files = [page, tmp_path / "pages.zip"]
    assert {article.journal for article in vj.read(files)} == {""}
    articles = list(vj.read(files, templates=[template]))
    assert [article.journal for article in articles] == ["Tạp chí ABC"] * 2


def _journal(archive: vj.Archive) -> str:
    article = archive.get("page.html")
    assert article is not None
    return article.journal


def test_an_archive_remembers_it(template: Path, tmp_path: Path) -> None:
    template.write_text(TEMPLATE.replace('hosts = ["tapchi.example"]', 'marks = ".by"'), "utf-8")
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "page.html").write_text(PAGE, "utf-8")
    (pages / "text.txt").write_text(TEXT, "utf-8")
    told: list[FileReport] = []
    for processes in (1, 2):
        with vj.Archive.create(tmp_path / f"archive.{processes}") as archive:
            archive.sync(pages)
            assert _journal(archive) == ""
            archive.use_templates([template])
        with vj.Archive.open(archive.place) as archive:
            told.clear()
            archive.sync(pages, report=told.append, processes=processes)
            assert _journal(archive) == "Tạp chí ABC"
            assert {Path(f.path).name: f.fate for f in told} == {
                "page.html": Fate.CHANGED,
                "text.txt": Fate.UNCHANGED,
            }
            assert archive.sync(pages).unchanged == 2
            template.write_text(template.read_text("utf-8").replace("ABC", "XYZ"), "utf-8")
            archive.use_templates([template])
            archive.sync(pages, processes=processes)
            assert _journal(archive) == "Tạp chí XYZ"
        template.write_text(template.read_text("utf-8").replace("XYZ", "ABC"), "utf-8")


def test_the_program_names_mistakes_before_it_makes_anything(
    template: Path, tmp_path: Path
) -> None:
    template.write_text("[aplies]\nhosts = 'a'", "utf-8")
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    archive = tmp_path / "archive"
    index = ("index", tmp_path / "text.txt", "--archive", archive, "--template")
    refused(run(*index, template), "portal.toml: aplies: no such key")
    refused(run(*index, tmp_path / "none.toml"), "none.toml: No such file or directory")
    assert not archive.exists()
    template.write_text(TEMPLATE, "utf-8-sig")  # as Notepad does
    assert run(*index, template).code == 0


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
