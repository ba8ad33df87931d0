"""PDFs of known content in the layouts of journals, and PDFs that are made to do harm."""

from __future__ import annotations

import io
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.articles.pdf_files import (
    BODY,
    BOLD,
    HEIGHT,
    ITALIC,
    WIDTH,
    Content,
    Layout,
    made,
    pdf,
    stream,
)
from tests.casefiles import NormalForm
from vnjournal import Article, Author, Problem, SourceError, read, resources
from vnjournal.articles.pdf import pages

HEADS = ("Tạp chí Khoa học và Đời sống, số 3/2018", "Nguyễn Văn An, Trần Thị Bình")
LAYOUTS = {
    "one column": Layout(heads=HEADS, size=11),
    "two columns": Layout(columns=2, heads=HEADS, indent=10),
    "three columns": Layout(columns=3, size=8.5, gutter=14, indent=8),
    "ragged blocks": Layout(indent=0, space_after=6, justified=False),
    "ragged columns": Layout(columns=2, indent=0, space_after=5, justified=False, heads=HEADS),
    "a figure across columns": Layout(columns=2, heads=HEADS, figure="Hình 1. Sơ đồ hệ thống"),
    "a letter-spaced masthead": Layout(heads=HEADS, letter_spaced="spaces"),
    "the same by position": Layout(columns=2, heads=HEADS, letter_spaced="positions"),
}


def _paragraphs() -> tuple[str, ...]:
    """Those of the sample articles."""
    articles = read(resources.data_folder() / "samples" / "articles")
    found = [" ".join(part.split()) for each in articles for part in each.body.split("\n\n")]
    return tuple(part for part in found if len(part) > 60)[:45]


CONTENT = Content(
    "Chuyển đổi số trong quản lý nhà nước: kinh nghiệm từ một tỉnh trung du và bài học cho "
    "những địa phương khác",
    "Nguyễn Văn An, Trần Thị Bình",
    _paragraphs(),
    abstract="Bài viết trình bày kết quả của ba năm chuyển đổi số tại một tỉnh trung du.",
    keywords="chuyển đổi số, quản lý, dữ liệu",
    notes=("1 Xem thêm báo cáo tổng kết năm 2017 của Sở.", "2 Số liệu do tác giả thu thập."),
    references=(
        "[1] Lê Văn Cường (2015), Kinh tế số ở Việt Nam trong thời kỳ hội nhập quốc tế sâu rộng, "
        "Nhà xuất bản Sông Thao, Hà Nội.",
        "[2] Hoàng Thị Dung (2016), Dữ liệu mở của cơ quan nhà nước, Nhà xuất bản Sông Thao.",
    ),
)


def problems_of(raw: bytes, tmp_path: Path) -> tuple[list[Article], list[str]]:
    """What is read from a folder with that PDF, and the reasons of what is not."""
    problems: list[Problem] = []
    (tmp_path / "a.pdf").write_bytes(raw)
    found = list(read(tmp_path, report=problems.append))
    assert all(problem.path == str(tmp_path / "a.pdf") for problem in problems)
    return found, [problem.reason for problem in problems]


def article(raw: bytes, tmp_path: Path) -> Article:
    """The article of a PDF that is read without a problem."""
    (found,), problems = problems_of(raw, tmp_path)
    assert not problems
    return found


def drawn(*draws: Callable[[Canvas], None], **options: Any) -> bytes:
    """A PDF with a page for each way of drawing."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(WIDTH, HEIGHT), **options)
    for draw in draws:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def write(
    canvas: Canvas, text: str, x: float, y: float, font: str = BODY, size: float = 10
) -> float:
    """Write a text; gives where it ends."""
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
    return x + float(canvas.stringWidth(text, font, size))


# --- layouts


def test_heads_that_differ_on_the_pages_of_a_short_article(tmp_path: Path) -> None:
    """Each stands on one page only, but the first page names the journal and the authors."""
    paragraphs = _paragraphs()[:36]
    content = Content("Chuyển đổi số ở một tỉnh", "Nguyễn Văn An, Trần Thị Bình", paragraphs)
    heads = ("TẠP CHÍ KHOA HỌC VÀ ĐỜI SỐNG", "Nguyễn Văn An")
    (tmp_path / "a.pdf").write_bytes(made(content, Layout(heads=heads)))
    (article,) = read(tmp_path)
    assert article.extra["removed"]["running heads"].count("Nguyễn Văn An") == 1
    assert article.body.split() == " ".join(paragraphs).split()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_all_is_found_again(layout: Layout, tmp_path: Path) -> None:
    found = article(made(CONTENT, layout), tmp_path)
    assert found.title == CONTENT.title
    assert [author.name for author in found.authors] == CONTENT.authors.split(", ")
    assert found.journal.casefold() == "tạp chí khoa học và đời sống"
    assert found.issue == "3"
    assert found.published[:7] == "2018-04"
    assert found.extra["abstract"] == CONTENT.abstract
    assert found.extra["keywords"] == CONTENT.keywords.split(", ")
    assert found.extra["references"] == list(CONTENT.references)
    expected = [
        f"Tóm tắt: {CONTENT.abstract}",
        f"Từ khóa: {CONTENT.keywords}",
        *CONTENT.paragraphs,
        "Tài liệu tham khảo",
        *CONTENT.references,
        *CONTENT.notes,
    ]
    paragraphs = found.body.split("\n\n")
    if layout.figure:
        paragraphs.remove(layout.figure)
    assert paragraphs == expected
    if layout.heads:
        assert found.pages.startswith("45-")
        assert HEADS[0] in found.extra["removed"]["running heads"]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_hyphens_at_line_ends(columns: int, tmp_path: Path) -> None:
    hyphens = {
        "transformation": "trans|formation",
        "international": "inter|national",
        "nghiên": "nghi|ên",
        "Mác-Lênin": "Mác-|Lênin",
        "2015-2020": "2015-|2020",
        "KH-CN": "KH-|CN",
    }
    filling = "Đảng bộ tỉnh lãnh đạo toàn diện công tác khoa học và công nghệ ở cơ sở".split()
    texts = []
    for start in range(12):  # so that every word comes to stand at a line's end
        words = [*filling[:start]]
        for number, word in enumerate([*hyphens, "kinh", "tế", "-", "xã", "hội"] * 3):
            words += [word] if word in "-tếhội" else [filling[(start * 5 + number) % 17], word]
        texts.append(f"Kết {' '.join(words)}.")
    content = Content("Dấu nối ở cuối dòng", "Lê Văn Cường", tuple(texts))
    layout = Layout(columns=columns, size=9, indent=10, hyphens=hyphens)
    assert article(made(content, layout), tmp_path).body.split("\n\n") == texts


# --- pages


def test_superscripts_words_in_parts_and_turned_text(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, "Quản lý đất đai ở vùng cao", 60, 760, BOLD, 16)
        x = write(canvas, "Lê Văn Cường", 60, 735, ITALIC)
        x = write(canvas, "1", x, 739, ITALIC, 6.5)
        x = write(canvas, ", Hoàng Thị Dung", x, 735, ITALIC)
        write(canvas, "2,*", x, 739, ITALIC, 6.5)
        for mark, place, y in (("1", "Trường Đại học Sông Thao", 719), ("2", "Viện Hải", 709)):
            write(canvas, mark, 60, y + 3, BODY, 5.5)
            write(canvas, place, 64, y, BODY, 8)
        x = 60.0
        for part in ("Phương pháp nghi", "ên c", "ứu"):
            x = write(canvas, part, x, 680, BOLD) + 0.4
        x = write(canvas, "Chúng tôi hỏi ba trăm hộ", 60, 650)
        write(canvas, "12", x, 654, BODY, 6)
        write(canvas, "dân ở năm xã.", x + 12, 650)
        canvas.rotate(90)
        write(canvas, "Bên lề", 300, -20)

    found = article(drawn(draw), tmp_path)
    assert found.title == "Quản lý đất đai ở vùng cao"
    assert found.authors == (
        Author("Lê Văn Cường", place="Trường Đại học Sông Thao"),
        Author("Hoàng Thị Dung", place="Viện Hải"),
    )
    assert found.body == "Phương pháp nghiên cứu\n\nChúng tôi hỏi ba trăm hộ¹² dân ở năm xã."
    assert found.extra["removed"]["sideways text"] == "Bên lề"


@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_combining_marks_stay_with_their_letters(normal_form: NormalForm, tmp_path: Path) -> None:
    text = "Đường lối ấy được thực hiện ở thời kỳ đổi mới, từ những năm tám mươi."
    raw = unicodedata.normalize(normal_form, text)

    def draw(canvas: Canvas) -> None:
        write(canvas, raw, 60, 700)

    found = article(drawn(draw), tmp_path)
    assert unicodedata.normalize("NFC", found.body) == text


def test_ligatures_and_letters_printed_twice(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for shift in (0, 0.3):
            write(canvas, "Học hỏi 1100 điều", 60 + shift, 700)
        write(canvas, "ﬁnal oﬃce", 60, 660)

    assert article(drawn(draw), tmp_path).body == "Học hỏi 1100 điều\n\nfinal office"


def test_turned_pages(tmp_path: Path) -> None:
    lines = ("Dòng thứ nhất của trang nằm ngang này dài hơn", "dòng thứ hai và hết.")

    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        for number, line in enumerate(lines):
            write(canvas, line, 60, 500 - 14 * number)

    assert article(drawn(draw), tmp_path).body == " ".join(lines)


def test_tables_are_read_row_by_row(tmp_path: Path) -> None:
    rows = [("Năm", "Số hộ"), ("2015", "120"), ("2016", "140"), ("2017", "160"), ("2018", "180")]

    def draw(canvas: Canvas) -> None:
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                write(canvas, cell, 60 + 150 * x, 700 - 14 * y)

    found = article(drawn(draw), tmp_path)
    assert found.body.split() == " ".join(cell for row in rows for cell in row).split()


@pytest.mark.parametrize(
    ("own", "title"), [("Đất và nước", "Đất và nước"), ("Microsoft Word - a.doc", "")]
)
def test_the_files_own_title_is_used_where_it_is_one(own: str, title: str, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle(own)
        write(canvas, "Nội dung của bài này không có đầu đề nào cả, chỉ có một câu.", 60, 700)

    assert article(drawn(draw), tmp_path).title == title


# --- what cannot be read


def _scan(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (8, 8)), 0, 0, 500, 700)


def _text(canvas: Canvas) -> None:
    write(canvas, "Chỉ trang này có chữ.", 60, 700)


def test_scans(tmp_path: Path) -> None:
    found, problems = problems_of(drawn(_scan, _scan, _scan), tmp_path)
    assert not found
    assert problems == ["no text layer (3 pages of images): run OCR on it first"]
    (found_one,), problems = problems_of(drawn(_scan, _text, _scan, _scan), tmp_path)
    assert found_one.body == "Chỉ trang này có chữ."
    assert problems == ["no text layer on pages 1, 3-4: run OCR on it first"]
    assert found_one.extra["notes"] == problems


def test_encrypted(tmp_path: Path) -> None:
    found, problems = problems_of(drawn(_text, encrypt=StandardEncryption("x")), tmp_path)
    assert (found, problems) == ([], ["encrypted: save it without a password first"])
    open_to_all = StandardEncryption("", ownerPassword="x")
    assert article(drawn(_text, encrypt=open_to_all), tmp_path).body == "Chỉ trang này có chữ."


_CATALOG = {1: b"<</Type/Catalog/Pages 2 0 R>>"}
_ONE_PAGE = _CATALOG | {
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>",
    4: stream(b"/X Do"),
    5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
}
_WORD = b"BT /F 9 Tf 10 10 Td (a) Tj ET "


def _form(raw: bytes, inner: int) -> bytes:
    entries = b"/Resources<</Font<</F 5 0 R>>/XObject<</X %d 0 R>>>>" % inner
    return stream(raw, b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]" + entries)


def _deflated(raw: bytes, times: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(raw) for _ in range(times)) + packer.flush()


def _drawing(objects: dict[int, bytes]) -> Callable[[], bytes]:
    return lambda: pdf(_ONE_PAGE | objects)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page tree that holds itself": (
        lambda: pdf(_CATALOG | {2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 900>>"}),
        "no page of it can be read",
    ),
    "pages that are not there": (
        lambda: pdf(_CATALOG | {2: b"<</Type/Pages/Kids[]/Count 2000000000>>"}),
        "no text in it",
    ),
    "10,000 pages": (
        _drawing({2: b"<</Type/Pages/Kids[%s]/Count 10000>>" % (b"3 0 R " * 10_000)}),
        "10,000 pages, more than 1,000: split it first",
    ),
    "a drawing that draws itself": (
        _drawing({6: _form(_WORD + b"/X Do /X Do", 6)}),
        "print it to a new PDF",
    ),
    "drawings that draw drawings": (
        _drawing({n: _form(b"/X Do " * 20, n + 1) for n in range(6, 15)} | {15: _form(_WORD, 15)}),
        "print it to a new PDF",
    ),
    "a gigabyte of blanks": (
        lambda: pdf(
            _ONE_PAGE | {4: stream(_deflated(b" " * 1_000_000, 1_000), b"/Filter/FlateDecode")}
        ),
        "print it to a new PDF",
    ),
    "nothing but a signature": (lambda: b"%PDF-1.4\n", "damaged, or no PDF"),
    "cut off": (lambda: made(CONTENT, Layout())[:20_000], "damaged, or no PDF"),
    "a million brackets": (_drawing({4: stream(b"[" * 1_000_000)}), "no text in it"),
}


@pytest.mark.parametrize(("make", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files(make: Callable[[], bytes], reason: str, tmp_path: Path) -> None:
    found, problems = problems_of(make(), tmp_path)
    assert not found
    (problem,) = problems
    assert reason in problem
    assert "\n" not in problem


def test_reading_ends_at_the_deadline() -> None:
    with pytest.raises(SourceError, match="takes more than 0 seconds"):
        pages.read(drawn(_text), deadline=0.01)


def test_the_signature_tells_apdf(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(drawn(_text))
    (found,) = read(tmp_path)
    assert found.body == "Chỉ trang này có chữ."
