"""Every format is read back by a library of somebody else that reads it."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import NameParts, SeparateCoAuthors, SplitNameParts
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from tests.casefiles import rows
from vnjournal import Article, Author, WriteError, read, write
from vnjournal.articles.export import FORMATS
from vnjournal.articles.references import CitationKeys

FULL = Article(
    id="2018/bai.txt",
    body="Toàn văn.\n\nĐoạn hai.",
    title="Nuôi cá lồng: 50% & hơn",
    section="Nông nghiệp, nông thôn",
    authors=(Author("Nguyễn Văn An", "Giám đốc"), Author("Ban Tuyên giáo"), Author("A, B and C")),
    published="2018-05-12",
    posted="2018-06-01T03:10:58",
    journal="Tạp chí Khoa học {Sông Thao}",
    issue="2-2018",
    volume="7",
    pages="12-20",
    issn="1859-0012",
    doi="10.1000/a_b(1)<2>",
    url="https://example.vn/bai_viet?id=1&x=%C4%90#a~b",
    source="bai.txt",
    lang="vi",
    extra={"footer": "Địa chỉ"},
)
BARE = Article(id="0", body="Một bài không có gì khác.", lang="")

_ODD = "{}\\%$#&_~^\"'`,;:<>?!=+-–@|/. \n\r\t\x0b\x00\u2028\u00a0Đườngaăâ12"
_PIECES = (" and ", "ER  - ", "\nTY  - JOUR", "\\n", "--", "{{", "}}", "\\textbf{", "\n\n@misc{a,")
text = st.lists(st.text(_ODD) | st.text(max_size=5) | st.sampled_from(_PIECES)).map("".join)
lines = text | st.just("") | st.just("Đảng bộ " * 40)
dates = st.sampled_from(["", "2018", "2018-04", "2018-05-12", "2018-05-12T03:10:58"])
articles = st.builds(
    Article,
    id=st.text(min_size=1).filter(str.strip),
    body=lines.map(lambda body: f"x{body}"),
    title=lines,
    section=lines,
    authors=st.lists(st.builds(Author, lines, lines, lines), max_size=3).map(tuple),
    published=dates,
    posted=dates,
    journal=lines,
    issue=lines,
    volume=lines,
    pages=lines | st.sampled_from(["12-20", "12–20", "3, 7-9"]),
    issn=lines,
    doi=lines,
    url=lines,
    source=lines,
    lang=lines,
    extra=st.dictionaries(st.text(), lines, max_size=2),
)
lists = st.lists(articles, max_size=2, unique_by=lambda article: article.id)


def written(some: list[Article], format: str) -> bytes:
    file = io.BytesIO()
    assert write(some, format, file) == len(some)
    return file.getvalue()


def one_line(text: str) -> str:
    """Text as a reference has it."""
    spaced = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join(spaced.split())


def names(article: Article) -> list[str]:
    return [name for author in article.authors if (name := one_line(author.name))]


def plain(pages: str) -> str:
    """Pages without blanks and dashes, of which each format has its own."""
    return re.sub(r"[ –-]", "", one_line(pages))


def known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


# --- JSON Lines and CSV

_COMPUTED = r"[=+\-@\t\r\n＝＋－＠]"  # how a cell begins that a spreadsheet would compute


@given(lists)
def test_json_lines_are_read_again(some: list[Article]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.jsonl"
        assert write(some, "jsonl", file) == len(some)
        if some:
            again = list(read(file))
            sources = [article.source or str(file) for article in some]
            assert [article.source for article in again] == sources
            assert [{**a.to_dict(), "source": ""} for a in again] == [
                {**a.to_dict(), "source": ""} for a in some
            ]


@given(lists)
def test_a_table_is_read_again(some: list[Article]) -> None:
    raw = written(some, "csv")
    assert raw.startswith(codecs.BOM_UTF8)
    table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
    for article, row in zip(some, table, strict=True):
        assert not any(re.match(_COMPUTED, cell) for cell in row.values())
        cells = {name: re.sub(rf"^'(?='*{_COMPUTED})", "", cell) for name, cell in row.items()}
        assert cells.pop("title") == article.heading
        assert cells.pop("authors") == "; ".join(author.name for author in article.authors)
        assert cells == {name: getattr(article, name) for name in cells}


def test_a_table_has_lines_and_quotes_of_rfc_4180() -> None:
    article = Article(id="1", body="x", title='"Lúa", ngô', journal="=HYPERLINK(1)", issue="-1")
    header, row, end = written([article], "csv").decode("utf-8-sig").split("\r\n")
    assert header.startswith("id,title,authors,journal,")
    assert row == '1,"""Lúa"", ngô",,\'=HYPERLINK(1),,\'-1,,,,,,,,vi,'
    assert end == ""


# --- BibTeX


def _bibtex(raw: bytes) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, key and fields of each entry."""
    middlewares = [SeparateCoAuthors(), SplitNameParts()]
    library = parse_string(raw.decode(), append_middleware=middlewares)
    assert not library.failed_blocks
    assert library.blocks == library.entries
    for entry in library.entries:
        yield entry.entry_type, entry.key, {field.key: field.value for field in entry.fields}


_MISREAD = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
_CONTEXT = get_default_latex_context_db()
_CONTEXT.add_context_category(
    "vnjournal",
    prepend=True,
    macros=[MacroTextSpec(name, sign) for name, sign in _MISREAD.items()],
)


def _as_printed(latex: str | NameParts) -> str:
    if isinstance(latex, NameParts):
        assert [latex.first, latex.von, latex.jr] == [[], [], []], "the name was taken apart"
        (latex,) = latex.last
    return str(LatexNodes2Text(latex_context=_CONTEXT).latex_to_text(latex))


@given(lists)
def test_bibtex_is_read_again(some: list[Article]) -> None:
    entries = _bibtex(written(some, "bibtex"))
    for article, (kind, _, fields) in zip(some, entries, strict=True):
        assert kind == ("article" if one_line(article.journal) else "misc")
        date = [fields.pop(name, "") for name in ("year", "month", "day")]
        assert date[:1] == [article.date[:4]]
        assert date[1] == {"04": "apr", "05": "may", "": ""}[article.date[5:7]]
        assert date[2] == article.date[8:10]
        title = fields.get("title", "{}")
        assert (title[0], title[-1]) == ("{", "}")
        for name, text in (("doi", article.doi), ("url", article.url)):
            address = fields.pop(name, "")
            assert not re.search(r"[{}\\\s]", address)
            if re.search(r"[{}\\\s\x00-\x1f\x7f-\x9f%]", text) is None:
                assert address == text
            else:
                assert unquote(address) == unquote(text.strip())
        assert plain(_as_printed(fields.pop("pages", ""))) == plain(article.pages)
        authors = [_as_printed(name) for name in fields.pop("author", [])]
        assert authors == names(article)
        assert {name: _as_printed(value) for name, value in fields.items()} == known(
            {
                "title": one_line(article.heading),
                "journal": one_line(article.journal),
                "volume": one_line(article.volume),
                "number": one_line(article.issue),
                "issn": one_line(article.issn),
                "language": one_line(article.lang),
                "keywords": one_line(article.section),
            }
        )


# --- RIS


def _ris(raw: bytes) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = rispy.loads(raw.decode(), newline="\r\n")
    return records


@given(lists)
def test_ris_is_read_again(some: list[Article]) -> None:
    for article, record in zip(some, _ris(written(some, "ris")), strict=True):
        record.pop("id")
        if "start_page" in record:
            pages = "-".join(filter(None, (record.pop("start_page"), record.pop("end_page", ""))))
            assert plain(pages) == plain(article.pages)
        date = article.date[:10]
        kind = "ELEC" if one_line(article.url) else "GEN"
        urls = [part.strip() for part in one_line(article.url).split(";")]
        assert record == known(
            {
                "type_of_reference": "JOUR" if one_line(article.journal) else kind,
                "title": one_line(article.heading),
                "authors": [f"{name}," for name in names(article)],
                "secondary_title": one_line(article.journal),
                "volume": one_line(article.volume),
                "number": one_line(article.issue),
                "year": date[:4],
                "date": f"{date.replace('-', '/')}{'/' * (4 - len(date.split('-')))}"
                if len(date) > 4
                else "",
                "issn": one_line(article.issn),
                "doi": one_line(article.doi),
                "urls": urls if one_line(article.url) else [],
                "language": one_line(article.lang),
                "keywords": list(filter(None, [one_line(article.section)])),
            }
        )


# --- CSL-JSON


@given(lists)
def test_csl_json_is_read_again(some: list[Article]) -> None:
    items = json.loads(written(some, "csl-json"))
    source = CiteProcJSON(items)
    assert len(source) == len(some)
    for article, item in zip(some, items, strict=True):
        reference = source[item["id"]]
        other = "webpage" if one_line(article.url) else "document"
        assert reference.type == ("article-journal" if one_line(article.journal) else other)
        fields = dict(reference)
        for name in ("key", "type"):
            fields.pop(name)
        date = fields.pop("issued", {})
        parts = [date[name] for name in ("year", "month", "day") if name in date]
        assert parts == [int(part) for part in filter(None, article.date[:10].split("-"))]
        assert [name["literal"] for name in fields.pop("author", [])] == names(article)
        assert {name: str(value) for name, value in fields.items()} == known(
            {
                "title": one_line(article.heading),
                "container_title": one_line(article.journal),
                "volume": one_line(article.volume),
                "issue": one_line(article.issue),
                "page": one_line(article.pages),
                "ISSN": one_line(article.issn),
                "DOI": one_line(article.doi),
                "URL": one_line(article.url),
                "language": one_line(article.lang),
                "keyword": one_line(article.section),
            }
        )


def test_a_style_prints_names_as_they_stand() -> None:
    source = CiteProcJSON(json.loads(written([FULL], "csl-json")))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    (key,) = source
    bibliography.register(Citation([CitationItem(key)]))
    (printed,) = map(str, bibliography.bibliography())
    assert "Nguyễn Văn An" in printed
    assert "Ban Tuyên giáo" in printed
    assert FULL.title in printed


# --- whole articles and empty ones


def test_every_field_of_a_reference() -> None:
    ((kind, key, fields),) = _bibtex(written([FULL], "bibtex"))
    assert (kind, key) == ("article", "nguyen-van-an-2018-nuoi-ca")
    assert [_as_printed(name) for name in fields["author"]] == names(FULL)
    assert (fields["doi"], fields["url"]) == (FULL.doi, FULL.url)
    assert (fields["pages"], _as_printed(fields["journal"])) == ("12--20", FULL.journal)
    (record,) = _ris(written([FULL], "ris"))
    assert (record["start_page"], record["end_page"]) == ("12", "20")
    assert record["date"] == "2018/05/12/"
    assert record["authors"] == ["Nguyễn Văn An,", "Ban Tuyên giáo,", "A, B and C,"]
    (item,) = json.loads(written([FULL], "csl-json"))
    assert (item["id"], item["page"], item["URL"]) == (key, "12-20", FULL.url)


def test_an_article_without_anything() -> None:
    assert written([BARE], "bibtex").decode() == (
        "@misc{mot-bai-khong-co,\n  title = {{Một bài không có gì khác.}},\n}\n\n"
    )
    assert written([BARE], "ris").decode() == (
        "TY  - GEN\r\nID  - mot-bai-khong-co\r\nTI  - Một bài không có gì khác.\r\nER  - \r\n\r\n"
    )
    (item,) = json.loads(written([BARE], "csl-json"))
    assert item == {"id": "mot-bai-khong-co", "type": "document", "title": BARE.body}


def test_no_articles() -> None:
    assert json.loads(written([], "csl-json")) == []
    assert [written([], format) for format in ("jsonl", "bibtex", "ris")] == [b"", b"", b""]
    assert written([], "csv").count(b"\r\n") == 1


# --- citation keys


@pytest.mark.parametrize(("authors", "title", "year", "key"), rows("citation_keys.tsv"))
def test_citation_keys(authors: str, title: str, year: str, key: str) -> None:
    writers = tuple(map(Author, filter(None, authors.split("; "))))
    article = Article(id="a", body="x", title=title, authors=writers, published=year)
    assert CitationKeys().key(article) == key


@given(st.lists(st.sampled_from(["Lúa", "Lúa B", "lua", "b", "Lúa 2018 b", "!"]), max_size=40))
def test_no_two_keys_are_alike(titles: list[str]) -> None:
    keys = CitationKeys()
    given_keys = [keys.key(Article(id="a", body="x", title=title)) for title in titles]
    assert len(set(given_keys)) == len(titles)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in given_keys)


def test_letters_behind_z() -> None:
    keys = CitationKeys()
    given_keys = [keys.key(BARE) for _ in range(28)]
    assert [key[len("mot-bai-khong-co") :] for key in given_keys[:3]] == ["", "-b", "-c"]
    assert [key[-3:] for key in given_keys[25:]] == ["o-z", "-aa", "-ab"]


# --- files


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_has_what_a_stream_has(format: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert write([FULL, BARE], format, str(file)) == 2
    assert file.read_bytes() == written([FULL, BARE], format)


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'xml' is no format: name one of jsonl, csv, bibtex"):
        write([FULL], "xml", tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_a_new_file_has_the_permissions_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write([FULL], "csv", tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_is_replaced_when_all_is_written(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    write([FULL, BARE], "jsonl", file)
    file.chmod(0o640)
    (tmp_path / "link").symlink_to(file)

    def fails() -> Iterator[Article]:
        yield FULL
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(fails(), "csv", file)
    assert write(read(file), "jsonl", tmp_path / "link") == 2  # read while it is written
    assert [article.id for article in read(file)] == [FULL.id, BARE.id]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "link"]


def test_a_link_in_a_circle_gives_way(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    assert write([FULL], "jsonl", tmp_path / "link") == 1
    assert len((tmp_path / "link").read_text(encoding="utf-8").splitlines()) == 1


def test_what_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"no/file: cannot be written \(No such file"):
        write([FULL], "csv", tmp_path / "no" / "file")
    with pytest.raises(WriteError, match="cannot be written"):
        write([FULL], "csv", tmp_path)
    with pytest.raises(WriteError, match="No space left"):
        write([FULL], "csv", "/dev/full")
    assert Path("/dev/full").is_char_device()
