"""PDFs in the fonts of before Unicode, whose codes no PDF says how to read."""

from __future__ import annotations

import pytest

from tests.articles.pdf_files import pdf, stream
from tests.articles.readers.documents_of import read
from vnjournal import Article
from vnjournal.articles.pdf.fonts import PdfFonts
from vnjournal.text.encodings import encode

LINES = (
    "Đường lối đổi mới của Đảng được nhân dân cả nước thực hiện từ năm 1986 đến nay.",
    "Chủ nghĩa Mác-Lênin, tư tưởng Hồ Chí Minh: nền tảng của thời kỳ 1996-2000, KH-CN",
    "- Ở các xã, phường, bộ phận phụ trách hướng dẫn người dân kỹ lưỡng, nhất là nữ, cử tri.",
    "Tỉnh ủy, Ủy ban nhân dân đã chỉ đạo các sở, ngành giữ vững kết quả cũ của những vụ trước.",
)
NONE, WESTERN, STANDARD = "", "/Encoding/WinAnsiEncoding", "/Encoding/StandardEncoding"


def made(font: str, encoding: str, entries: str = "", subtype: str = "TrueType") -> bytes:
    """A PDF of the lines in a font whose letters have an old encoding."""
    shown = b"".join(b"<%s> Tj 0 -14 Td " % encode(line, encoding).hex().encode() for line in LINES)
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 500]/Contents 4 0 R"
            b"/Resources<</Font<</F 5 0 R>>>>>>",
            4: stream(b"BT /F 10 Tf 50 300 Td %s ET" % shown),
            5: f"<</Type/Font/Subtype/{subtype}/BaseFont/{font}{entries}>>".encode(),
        }
    )


def article(raw: bytes) -> Article:
    (found,), problems = read("a.pdf", raw)
    assert problems == ""
    return found


def text(found: Article) -> str:
    return " ".join(f"{found.title} {found.body}".split())


@pytest.mark.parametrize("subtype", ["TrueType", "Type1"])
@pytest.mark.parametrize("entries", [NONE, WESTERN, STANDARD])
@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", "tcvn3"),
        ("ABCDEF+.VnArial", "tcvn3"),
        ("VNI-Times", "vni-windows"),
        ("TimesNewRoman", "tcvn3"),
        ("TimesNewRoman", "vni-windows"),
        ("TimesNewRoman", "windows-1258"),
    ],
)
def test_old_fonts(font: str, encoding: str, entries: str, subtype: str) -> None:
    found = article(made(font, encoding, entries, subtype))
    lines = " ".join(LINES)
    if encoding == "tcvn3":  # which has no capitals with a tone mark
        lines = lines.replace("Ủ", "ủ").replace("Ở", "ở")
    assert text(found) == lines
    assert found.extra["encoding"] == encoding


def test_capitals_of_a_font_of_capitals() -> None:
    assert LINES[1].upper() in text(article(made(".VnTimeH", "tcvn3", WESTERN)))


def test_bullets_of_symbol_fonts() -> None:
    entries = PdfFonts(()).read_letters(["\uf0b7"], "Symbol")
    assert entries == "•"
    assert PdfFonts(()).read_letters(["\uf061"], "Symbol") == "\uf061"
