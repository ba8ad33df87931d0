"""How the text of an article was read stands in it, whatever the format of its file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.articles.readers.documents_of import read
from tests.articles.readers.test_docx import packed, paragraph, run
from vnjournal.text.encodings import encode

TEXT = "Sáng nay, đoàn công tác đã về thăm mô hình trồng nấm của xã và hỏi chuyện các hộ nuôi cá."
CAPITALS = "TCVN3 has no capitals with a tone mark: they are read as small letters"


def in_font(text: str, encoding: str) -> str:
    """What a file holds whose font shows that text."""
    return encode(text, encoding).decode("cp1252")


def _html(font: str, encoding: str) -> bytes:
    shown = f"<p><font face='{font}'>{in_font(TEXT, encoding)}</font></p>"
    return f"<title>x</title><h1>Mushrooms</h1>{shown}".encode()


def _docx(font: str, encoding: str) -> bytes:
    looks = f'<w:rFonts w:ascii="{font}"/>'
    return packed(paragraph(run(in_font(TEXT, encoding), looks)))


@pytest.mark.parametrize(
    ("font", "encoding"),
    [(".VnTime", "tcvn3"), ("VNI-Times", "vni-windows"), ("VPS Times", "vps")],
)
@pytest.mark.parametrize(("name", "made"), [("a.html", _html), ("a.docx", _docx)])
def test_old_fonts(name: str, made: Callable[[str, str], bytes], font: str, encoding: str) -> None:
    (found,), problems = read(name, made(font, encoding))
    assert (found.body, problems) == (TEXT, "")
    assert found.extra["encoding"] == encoding
    assert found.extra.get("notes", []) == ([CAPITALS] if encoding == "tcvn3" else [])


@pytest.mark.parametrize("name", ["a.html", "a.docx"])
def test_fonts_of_unicode_are_not_spoken_of(name: str) -> None:
    made = packed(paragraph(run(TEXT))) if name == "a.docx" else f"<h1>x</h1><p>{TEXT}".encode()
    (found,), _ = read(name, made)
    assert found.body == TEXT
    assert not {"encoding", "notes"} & set(found.extra)


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times"])
@pytest.mark.parametrize("name", ["a.html", "a.docx"])
def test_text_that_was_converted_and_kept_its_font(name: str, font: str) -> None:
    """Also words of which each letter is one of an old font's, in runs of their own."""
    words = TEXT.split()
    if name == "a.docx":
        looks = f'<w:rFonts w:ascii="{font}"/>'
        plain = '<w:rFonts w:ascii="Arial"/>'
        made: str | bytes = packed(
            paragraph(*(part for word in words for part in (run(word, looks), run(" ", plain))))
        )
    else:
        shown = " ".join(f"<span style='font-family: {font}'>{word}</span>" for word in words)
        made = f"<h1>x</h1><p>{shown}</p>"
    (found,), _ = read(name, made)
    assert found.body == TEXT
    assert not {"encoding", "notes"} & set(found.extra)


def test_a_page_that_mixes_fonts() -> None:
    old = f"<p><font face='.VnTime'>{in_font(TEXT, 'tcvn3')}</font></p>"
    (found,), _ = read("a.html", f"<h1>Trồng nấm</h1>{old * 2}<p>{TEXT}</p>")
    assert found.body == "\n\n".join([TEXT] * 3)
    assert found.extra["encoding"] == "tcvn3"
    assert found.extra["notes"] == ["mixes encodings: tcvn3, utf-8", CAPITALS]


def test_a_table_with_a_column_of_notes() -> None:
    (found,), _ = read("a.csv", encode(f'title,body,notes\nMột,"{TEXT}",hay\n', "tcvn3"))
    assert found.extra["notes"] == ["hay", CAPITALS]


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.txt", TEXT, "plain_text"),
        ("a.html", f"<h1>x</h1><p>{TEXT}</p>", "html"),
        ("a.docx", packed(paragraph(run(TEXT))), "docx"),
        ("a.csv", f'title,body\nMột,"{TEXT}"\n', "csv"),
        ("a.jsonl", '{"id": "a", "body": "x"}', None),
        ("a.jsonl", '{"id": "a", "body": "x", "extra": {"format": "pdf"}}', "pdf"),
        ("a.ris", "TY  - JOUR\nTI  - Một\nAB  - Hai\nER  - \n", "ris"),
        ("a.bib", "@article{a, title={Một}, abstract={Hai}}", "bibtex"),
    ],
)
def test_the_format_of_the_file(name: str, content: str | bytes, format: str | None) -> None:
    (found,), _ = read(name, content)
    assert found.extra.get("format") == format


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (encode(f"<h1>x</h1><p>{TEXT}</p>", "tcvn3"), "tcvn3"),
        (encode(f"<h1>x</h1><p>{TEXT}</p>", "windows-1258"), "windows-1258"),
        (encode(f"<meta charset=windows-1258><p>{TEXT}</p>", "windows-1258"), "windows-1258"),
        (f"<h1>x</h1><p>{TEXT}</p>".encode("utf-16"), "utf-16-le"),
        (f"<h1>x</h1><p>{TEXT}</p>".encode("utf-16-be"), "utf-16-be"),
        (f"<h1>x</h1><p>{in_font(TEXT, 'tcvn3')}</p>".encode(), "tcvn3 misread"),
    ],
)
def test_the_encoding_of_a_page(raw: bytes, encoding: str) -> None:
    (found,), _ = read("a.html", raw)
    assert found.body == TEXT
    assert found.extra["encoding"] == encoding
