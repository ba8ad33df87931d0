"""Articles as journals print them: Word files and PDF with a text layer."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.mixed_archive import dates
from benchmarks.mixed_archive.made import Made, authors
from benchmarks.mixed_archive.stories import Story
from benchmarks.mixed_archive.ways import FONTS, shown

_FONT = "DejaVuSerif"
_MARGIN = 60
_HEADS = ("1. ĐẶT VẤN ĐỀ", "2. NỘI DUNG", "3. KẾT LUẬN")


def word(story: Story, way: str, chance: random.Random) -> Made:
    """A Word file as authors send it in: the title by style or by its looks, then the authors."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    small, capital = FONTS[way][1:] if way in FONTS else ("Times New Roman", "Times New Roman")
    document = Document()
    document.styles["Normal"].font.name = small
    document.styles["Normal"].font.size = Pt(12)

    def add(text: str, *, centred: bool = False, bold: bool = False, font: str = small) -> Any:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
        run = paragraph.add_run(shown(text, way))
        run.bold, run.font.name = bold, font
        return run

    says = {"title": story.title}
    if chance.random() < 0.5:
        masthead, told = _masthead(story, chance)
        says |= told
        header = document.sections[0].header.paragraphs[0].add_run(shown(masthead, way))
        header.font.name = small
    kind = chance.choice(("style", "capitals", "bold", "size"))
    if kind == "style":
        document.add_paragraph(style="Title").add_run(shown(story.title, way)).font.name = small
    elif kind == "capitals":
        add(
            story.title.upper() if capital == small else story.title,
            centred=True,
            bold=True,
            font=capital,
        )
    else:
        run = add(story.title, centred=True, bold=True)
        run.font.size = Pt(16) if kind == "size" else None
    says["authors"] = authors(story)
    for line in _people(story, chance):
        add(line, centred=True)
    paragraphs = list(story.paragraphs)
    if chance.random() < 0.6:
        add(f"Tóm tắt: {paragraphs[0]}")
        add(f"Từ khóa: {', '.join(story.keywords)}")
        for head, part in _sections(paragraphs[1:]):
            add(head, bold=True)
            for each in part:
                add(each)
        add("TÀI LIỆU THAM KHẢO", bold=True)
        for line in _references(story):
            add(line)
    else:
        for each in paragraphs:
            add(each)
    stream = io.BytesIO()
    document.save(stream)
    return Made(stream.getvalue(), says, story.paragraphs)


def pdf(story: Story, way: str, chance: random.Random) -> Made:
    """A journal's PDF: one column or two, running heads, page numbers, references."""
    from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import (
        BaseDocTemplate,
        Frame,
        FrameBreak,
        NextPageTemplate,
        PageTemplate,
        Paragraph,
    )

    _fonts()
    masthead, told = _masthead(story, chance)
    says = {"title": story.title, "authors": authors(story)} | told
    width, height = A4
    columns = chance.choice((1, 2))
    title = story.title.upper() if chance.random() < 0.4 else story.title

    def style(size: float, alignment: int, font: str = _FONT, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(
            "", fontName=font, fontSize=size, leading=size * 1.3, alignment=alignment,
            embeddedHyphenation=1, **more,
        )  # fmt: skip

    def set_(text: str, looks: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(shown(text, way)), looks)

    body = style(10, TA_JUSTIFY, firstLineIndent=14, spaceAfter=3)
    head = style(10, TA_JUSTIFY, f"{_FONT}-Bold", spaceBefore=6, spaceAfter=3)
    top = [
        set_(masthead, style(9, TA_CENTER, f"{_FONT}-Italic", spaceAfter=14)),
        set_(title, style(15, TA_CENTER, f"{_FONT}-Bold", spaceAfter=8)),
        *(set_(each, style(10.5, TA_CENTER, f"{_FONT}-Italic")) for each in _people(story, chance)),
    ]
    flow = []
    paragraphs = list(story.paragraphs)
    if chance.random() < 0.7:
        top.append(set_(f"Tóm tắt: {paragraphs.pop(0)}", style(9, TA_JUSTIFY, spaceBefore=8)))
        top.append(set_(f"Từ khóa: {', '.join(story.keywords)}", style(9, TA_JUSTIFY)))
        for name, part in _sections(paragraphs):
            flow += [set_(name, head), *(set_(each, body) for each in part)]
        flow.append(set_("TÀI LIỆU THAM KHẢO", head))
        flow += [set_(each, style(9, TA_JUSTIFY)) for each in _references(story)]
    else:
        flow += [set_(each, body) for each in paragraphs]
    inner = width - 2 * _MARGIN
    taken = (
        sum(
            each.wrap(inner, height)[1] + each.getSpaceAfter() + each.getSpaceBefore()
            for each in top
        )
        + 16
    )
    running = (shown(story.journal.name, way), shown(story.people[0].name, way))

    def furniture(canvas: Any, _: Any) -> None:
        number = story.first_page + canvas.getPageNumber() - 1
        canvas.setFont(_FONT, 8)
        canvas.drawCentredString(width / 2, 32, str(number))
        if canvas.getPageNumber() > 1:
            canvas.setFont(f"{_FONT}-Italic", 8)
            canvas.drawCentredString(width / 2, height - 42, running[number % 2])

    def frames(below: float) -> list[Any]:
        gutter = 16
        column = (inner - (columns - 1) * gutter) / columns
        return [
            Frame(
                _MARGIN + n * (column + gutter),
                _MARGIN,
                column,
                height - 2 * _MARGIN - below,
                0,
                0,
                0,
                0,
            )
            for n in range(columns)
        ]

    stream = io.BytesIO()
    made = BaseDocTemplate(
        stream,
        pagesize=A4,
        title=chance.choice(("", "Microsoft Word - bai bao.doc", story.title)),
        author=chance.choice(("", "Admin")),
    )
    across = Frame(_MARGIN, height - _MARGIN - taken, inner, taken, 0, 0, 0, 0)
    made.addPageTemplates(
        [
            PageTemplate("first", [across, *frames(taken)], onPage=furniture),
            PageTemplate("others", frames(0), onPage=furniture),
        ]
    )
    made.build([NextPageTemplate("others"), *top, FrameBreak(), *flow])
    return Made(stream.getvalue(), says, story.paragraphs)


@cache
def _fonts() -> None:
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (_FONT, f"{_FONT}-Bold", f"{_FONT}-Italic"):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))


def _masthead(story: Story, chance: random.Random) -> tuple[str, dict[str, str]]:
    """The line with journal and issue at the head of a page, and what it says."""
    journal, when = story.journal, dates.of_issue(story.published, chance)
    says = {"journal": journal.name, "issue": story.issue, "year": str(story.published.year)}
    forms: tuple[Callable[[], tuple[str, dict[str, str]]], ...] = (
        lambda: (f"{journal.name.upper()}, Số {story.issue}, {when}", {}),
        lambda: (
            f"{journal.name}, Tập {story.volume}, Số {story.issue} ({story.published.year}), "
            f"tr. {story.first_page}-{story.last_page}",
            {"volume": story.volume, "pages": f"{story.first_page}-{story.last_page}"},
        ),
        lambda: (
            f"{journal.name} - Số {story.issue}/{story.published.year} - ISSN {journal.issn}",
            {"issn": journal.issn},
        ),
        lambda: (
            f"{journal.name} | ISSN: {journal.issn} | Tập {story.volume}, số {story.issue}, "
            f"{story.published.year} | DOI: {story.doi}",
            {"issn": journal.issn, "volume": story.volume, "doi": story.doi},
        ),
    )
    line, more = chance.choice(forms)()
    return line, says | more


def _people(story: Story, chance: random.Random) -> Iterator[str]:
    """The lines of authors and affiliations below a title."""
    titled = [f"{each.title} {each.name}".strip() for each in story.people]
    kind = chance.choice(("numbered", "plain", "post"))
    if kind == "numbered" and len(titled) > 1:
        yield ", ".join(f"{each}{'¹²³⁴'[n]}" for n, each in enumerate(titled))
        for n, each in enumerate(story.people):
            yield f"{'¹²³⁴'[n]}{each.place}"
    elif kind == "post" and story.people[0].post:
        yield ", ".join(titled)
        yield story.people[0].place
    else:
        yield ", ".join(titled)


def _sections(paragraphs: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Paragraphs in parts with headings."""
    share = -(-len(paragraphs) // len(_HEADS)) or 1
    for number, head in enumerate(_HEADS):
        if part := paragraphs[number * share : (number + 1) * share]:
            yield head, part


def _references(story: Story) -> Iterator[str]:
    for number, title in enumerate(story.other_titles[:4], 1):
        name = story.people[0].name
        yield f"[{number}] {name} ({story.published.year - number}), {title}, NXB Khoa học, Hà Nội."
