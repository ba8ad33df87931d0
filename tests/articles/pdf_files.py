"""Makes PDFs of known content, set as journals set theirs: columns, running heads, notes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
for _name in ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"):
    pdfmetrics.registerFont(TTFont(_name, _FONTS / f"{_name}.ttf"))

BODY, BOLD, ITALIC = "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"
WIDTH, HEIGHT = 595, 842
MARGIN = 60


@dataclass(frozen=True)
class Content:
    """What is set: the truth that a reader should find again."""

    title: str
    authors: str
    paragraphs: tuple[str, ...]
    masthead: str = "TẠP CHÍ KHOA HỌC VÀ ĐỜI SỐNG, Số 3, tháng 4 năm 2018"
    abstract: str = ""
    keywords: str = ""
    references: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # one at the foot of each page, as long as there are some


@dataclass(frozen=True)
class Layout:
    """How it is set."""

    columns: int = 1
    size: float = 10.0
    leading: float = 1.3
    indent: float = 15.0
    space_after: float = 0.0
    justified: bool = True
    gutter: float = 16.0
    heads: tuple[str, str] = ()  # type: ignore[assignment]  # of even and odd pages
    first_page: int = 45
    letter_spaced: str = ""  # "spaces" or "positions": the masthead
    hyphens: dict[str, str] = field(default_factory=dict)  # word: the word with | where it may part
    figure: str = ""  # a caption across all columns in the middle of the second page


class _Setter:
    def __init__(self, content: Content, layout: Layout) -> None:
        self.content, self.layout = content, layout
        self.stream = io.BytesIO()
        self.canvas = Canvas(self.stream, pagesize=(WIDTH, HEIGHT))
        self.page = 0
        self.notes = list(content.notes)
        self.column = 0
        self.top = self.y = 0.0
        self.foot = 0.0
        self.below_figure: tuple[float, float] | None = None
        self.begin_page()

    def begin_page(self) -> None:
        if self.page:
            self.canvas.showPage()
        self.page += 1
        self.y = HEIGHT - MARGIN - 20
        self.foot = MARGIN
        self.column = 0
        number = self.layout.first_page + self.page - 1
        if self.layout.heads and self.page > 1:
            head = self.layout.heads[number % 2]
            self.canvas.setFont(ITALIC, 8)
            self.canvas.drawString(MARGIN, HEIGHT - 45, head)
        self.canvas.setFont(BODY, 8)
        if self.layout.heads:
            at = MARGIN if number % 2 == 0 else WIDTH - MARGIN - 15
            self.canvas.drawString(at, 35, str(number))
        if self.notes:
            note = self.notes.pop(0)
            lines = list(self.broken(note.split(), WIDTH - 2 * MARGIN, BODY, 7.5, 0))
            self.foot += 10 * len(lines) + 8
            self.canvas.line(MARGIN, self.foot, MARGIN + 100, self.foot)
            for number, words in enumerate(lines):
                self.canvas.setFont(BODY, 7.5)
                self.canvas.drawString(MARGIN, self.foot - 10 * (number + 1), " ".join(words))
            self.foot += 6
        self.top = self.y
        self.below_figure = None
        if self.layout.figure and self.page == 2:
            middle = HEIGHT / 2
            self.canvas.rect(MARGIN, middle, WIDTH - 2 * MARGIN, 60)
            self.canvas.setFont(ITALIC, 9)
            self.canvas.drawCentredString(WIDTH / 2, middle - 14, self.layout.figure)
            self.below_figure = middle - 24, self.foot
            self.foot = middle + 66

    def full_width(self, text: str, font: str, size: float, *, centred: bool = False) -> None:
        for words in self.broken(text.split(), WIDTH - 2 * MARGIN, font, size, 0):
            self.y -= size * 1.3
            self.canvas.setFont(font, size)
            if centred:
                self.canvas.drawCentredString(WIDTH / 2, self.y, " ".join(words))
            else:
                self.canvas.drawString(MARGIN, self.y, " ".join(words))
        self.y -= size * 0.5
        self.top = self.y

    def masthead(self) -> None:
        text = self.content.masthead
        if self.layout.letter_spaced == "spaces":
            self.y -= 13
            self.canvas.setFont(BOLD, 7)
            self.canvas.drawString(MARGIN, self.y, "   ".join(map(" ".join, text.split())))
            self.y -= 5
        elif self.layout.letter_spaced == "positions":
            self.y -= 13
            line = self.canvas.beginText(MARGIN, self.y)
            line.setFont(BOLD, 9)
            line.setCharSpace(3)
            line.textOut(text)
            line.setCharSpace(0)
            self.canvas.drawText(line)
            self.y -= 5
        elif text:
            self.full_width(text, BODY, 9)

    @property
    def column_width(self) -> float:
        layout = self.layout
        return (WIDTH - 2 * MARGIN - (layout.columns - 1) * layout.gutter) / layout.columns

    def line_place(self) -> tuple[float, float]:
        """Where the next line begins: in this column, the next one, or on a new page."""
        layout = self.layout
        step = layout.size * layout.leading
        while self.y - step < self.foot:
            self.column += 1
            self.y = self.top
            if self.column == layout.columns and self.below_figure:
                self.top, self.foot = self.below_figure
                self.y, self.column, self.below_figure = self.top, 0, None
            elif self.column == layout.columns:
                self.begin_page()
        self.y -= step
        x = MARGIN + self.column * (self.column_width + layout.gutter)
        return x, self.y

    def paragraph(self, text: str, *, hanging: bool = False) -> None:
        layout = self.layout
        first, others = (0.0, layout.indent) if hanging else (layout.indent, 0.0)
        width = self.column_width - others
        lines = list(self.broken(text.split(), width, BODY, layout.size, first - others))
        for number, words in enumerate(lines):
            x, y = self.line_place()
            indent = others if number else first
            self.canvas.setFont(BODY, layout.size)
            room = self.column_width - indent - self.width(words, BODY, layout.size)
            gap = self.canvas.stringWidth(" ", BODY, layout.size)
            if layout.justified and number < len(lines) - 1 and len(words) > 1:
                gap += room / (len(words) - 1)
            x += indent
            for word in words:
                self.canvas.drawString(x, y, word)
                x += self.canvas.stringWidth(word, BODY, layout.size) + gap
        self.y -= layout.space_after

    def width(self, words: list[str], font: str, size: float) -> float:
        return float(self.canvas.stringWidth(" ".join(words), font, size))

    def broken(
        self, words: list[str], width: float, font: str, size: float, indent: float
    ) -> Iterator[list[str]]:
        line: list[str] = []
        room = width - indent
        for word in words:
            if line and self.width([*line, word], font, size) > room:
                parted = self.layout.hyphens.get(word.strip(".,;"))
                if parted:
                    first, second = parted.split("|")
                    head = first if first.endswith("-") else f"{first}-"
                    tail = second + word[len(word.rstrip(".,;")) :]
                    if self.width([*line, head], font, size) <= room:
                        line.append(head)
                        word = tail
                yield line
                line, room = [], width
            line.append(word)
        if line:
            yield line

    def set(self) -> bytes:
        content, layout = self.content, self.layout
        self.masthead()
        self.full_width(content.title, BOLD, 15, centred=True)
        if content.authors:
            self.full_width(content.authors, ITALIC, 10.5, centred=True)
        if content.abstract:
            self.full_width(f"Tóm tắt: {content.abstract}", BODY, 9)
        if content.keywords:
            self.full_width(f"Từ khóa: {content.keywords}", BODY, 9)
        self.y -= 6
        self.top = self.y
        for paragraph in content.paragraphs:
            self.paragraph(paragraph)
        if content.references:
            x, y = self.line_place()
            self.canvas.setFont(BOLD, layout.size)
            self.canvas.drawString(x, y, "Tài liệu tham khảo")
        for reference in content.references:
            self.paragraph(reference, hanging=True)
        self.canvas.save()
        return self.stream.getvalue()


def made(content: Content, layout: Layout) -> bytes:
    """A PDF of the content in that layout."""
    return _Setter(content, layout).set()


def pdf(objects: dict[int, bytes]) -> bytes:
    """A PDF of objects by their numbers, the first of which is the catalog."""
    out = b"%PDF-1.5\n"
    places = {}
    for number, each in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    last = max(objects)
    table = b"".join(b"%010d 00000 n \n" % places.get(n, 0) for n in range(1, last + 1))
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (last + 1, table)
        + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (last + 1, len(out))
    )


def stream(raw: bytes, entries: bytes = b"") -> bytes:
    """A stream as an object; ``entries``: of its dictionary."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(raw), raw)
