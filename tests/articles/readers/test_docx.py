"""Word files of known content, and files that are made to do harm."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from vnjournal import Article, Author, Problem, read
from vnjournal.text import encodings

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = f"""<w:styles {W}>
<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="26"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Ten"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Muc"><w:name w:val="heading 1"/>
  <w:basedOn w:val="Muc"/></w:style>
<w:style w:type="character" w:styleId="Dam"><w:name w:val="x"/><w:rPr><w:b/></w:rPr></w:style>
</w:styles>"""
BODY = (
    "Kinh tế tập thể của tỉnh đã có bước phát triển mới trong mười năm qua, nhất là ở nông thôn.",
    "Số hợp tác xã tăng gấp đôi, thu nhập của thành viên tăng ba lần so với thời kỳ trước.",
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*runs: str, style: str = "") -> str:
    """Texts that do not begin with a bracket become runs."""
    inner = "".join(each if each.startswith("<") else run(each) for each in runs)
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{inner}</w:p>"


def packed(*blocks: str, **parts: str | bytes) -> bytes:
    """A Word file; ``parts`` by name, with ``__`` for a slash and ``_xml`` at the end."""
    stream = io.BytesIO()
    files: Mapping[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {W}><w:body>{''.join(blocks)}</w:body></w:document>",
        "word/styles.xml": STYLES,
        **{name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()},
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return stream.getvalue()


def problems_of(
    raw: bytes, tmp_path: Path, name: str = "a.docx"
) -> tuple[list[Article], list[str]]:
    problems: list[Problem] = []
    (tmp_path / name).write_bytes(raw)
    found = list(read(tmp_path, report=problems.append))
    assert all(problem.path == str(tmp_path / name) for problem in problems)
    assert not any(problem.skipped for problem in problems)
    return found, [problem.reason for problem in problems]


def article(raw: bytes, tmp_path: Path) -> Article:
    (found,), problems = problems_of(raw, tmp_path)
    assert not problems
    return found


# --- front matter

FRONT = (
    "TẠP CHÍ NGHIÊN CỨU VĂN HÓA, Số 4, tháng 7 năm 2004",
    "Lê Văn Cường, Hoàng Thị Hương",
    "Trường Đại học Thao Giang",
    "Tóm tắt: Bài viết bàn về những đường hướng của phường hội.",
    "Từ khóa: phường hội; đường hướng",
)


@pytest.mark.parametrize("font", [".VnTime", "Times New Roman", "NFD"])
def test_front_matter_in_disguise(font: str, tmp_path: Path) -> None:
    """In TCVN3 the letter ư is what Unicode calls a soft hyphen."""

    def shown(text: str) -> str:
        if font == "NFD":
            return paragraph(run(unicodedata.normalize("NFD", text)))
        face = f'<w:rFonts w:ascii="{font}"/>'
        return paragraph(run(encodings.encode(text, "tcvn3").decode("latin-1"), face))

    masthead, *others = map(shown, FRONT)
    title = shown("Phường hội và đường hướng").replace("<w:rPr>", "<w:rPr><w:b/>")
    found = article(packed(masthead, title, *others, *map(shown, BODY)), tmp_path)
    assert found.title == "Phường hội và đường hướng"
    assert (found.journal.casefold(), found.issue) == ("tạp chí nghiên cứu văn hóa", "4")
    assert found.published == "2004-07"
    assert [author.name for author in found.authors] == ["Lê Văn Cường", "Hoàng Thị Hương"]
    assert found.extra["abstract"] == FRONT[3].removeprefix("Tóm tắt: ")
    assert unicodedata.normalize("NFC", found.body).endswith(BODY[-1])


def test_sentences_that_begin_like_a_journal_or_a_place_are_text(tmp_path: Path) -> None:
    sentences = (
        "Báo Pháp luật đưa tin, tối 17/10, Công an thị xã Buôn Hồ vừa khám nghiệm hiện trường.",
        "Trung tâm Khuyến nông của tỉnh đã hướng dẫn các hộ nuôi giãn khoảng cách giữa các lồng.",
    )
    title = paragraph(run(TITLE, "<w:b/>"))
    found = article(packed(title, *map(paragraph, ("Lê Văn Cường", *sentences, *BODY))), tmp_path)
    assert [author.name for author in found.authors] == ["Lê Văn Cường"]
    assert found.body == "\n\n".join((*sentences, *BODY))


def test_soft_hyphens_of_sound_text_are_dropped(tmp_path: Path) -> None:
    found = article(packed(*map(paragraph, BODY), paragraph("kinh\u00adtế của tỉnh")), tmp_path)
    assert found.body.endswith("kinhtế của tỉnh")


LARGE = '<w:sz w:val="36"/>'
TITLE = "Kinh tế tập thể ở một tỉnh trung du"
TITLES = {
    "by its style": (paragraph("Chuyên mục", "", style="Muc"), paragraph(TITLE, style="Ten")),
    "by a heading": (paragraph(TITLE, style="Muc"),),
    "by size": (paragraph(run(TITLE, LARGE)),),
    "in two sizes": (paragraph(run(TITLE[:17], LARGE)), paragraph(run(TITLE[18:], LARGE))),
    "by weight": (paragraph(run(TITLE, "<w:b/>")),),
    "by a character style": (paragraph(run(TITLE, '<w:rStyle w:val="Dam"/>')),),
    "behind a masthead": (
        paragraph(run("TẠP CHÍ SÔNG THAO, Số 4, tháng 7 năm 2019", LARGE)),
        paragraph(run(TITLE, LARGE)),
    ),
}


@pytest.mark.parametrize("blocks", TITLES.values(), ids=TITLES)
def test_titles(blocks: tuple[str, ...], tmp_path: Path) -> None:
    found = article(packed(*blocks, *map(paragraph, BODY)), tmp_path)
    assert found.title == TITLE
    assert found.body == "\n\n".join(BODY)


@pytest.mark.parametrize(
    ("names", "places", "expected"),
    [
        ("Lê An1, Đỗ Chi1,2", ("1 Viện Lúa", "2 Viện Ngô"), ["Viện Lúa", "Viện Lúa; Viện Ngô"]),
        ("Lê An*, Đỗ Chi**", ("* Viện Lúa", "** Viện Ngô"), ["Viện Lúa", "Viện Ngô"]),
        ("Lê An1*, Đỗ Chi10", ("10 Viện Lúa", "1 Viện Ngô"), ["Viện Ngô", "Viện Lúa"]),
    ],
)
def test_authors_have_the_places_of_their_marks(
    names: str, places: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    blocks = (run(TITLE, LARGE), names, *places, "Tóm tắt: Bài viết bàn về lúa.", *BODY)
    found = article(packed(*map(paragraph, blocks)), tmp_path)
    assert [author.place for author in found.authors] == expected


def test_the_title_of_a_report_is_no_newspaper(tmp_path: Path) -> None:
    found = article(
        packed(paragraph(run("Báo cáo năm 2018", LARGE)), *map(paragraph, BODY)), tmp_path
    )
    assert (found.title, found.extra.get("removed")) == ("Báo cáo năm 2018", None)


def test_a_line_that_ends_in_a_year_names_nobody(tmp_path: Path) -> None:
    blocks = (run(TITLE, LARGE), "Kết Quả Năm 2018", *BODY)
    found = article(packed(*map(paragraph, blocks)), tmp_path)
    assert (found.authors, found.body.split("\n")[0]) == ((), "Kết Quả Năm 2018")


def test_titles_in_capitals_and_of_the_file(tmp_path: Path) -> None:
    found = article(packed(paragraph(TITLE.upper()), *map(paragraph, BODY)), tmp_path)
    assert found.title == TITLE.upper()
    for own, title in (("Đất và nước", "Đất và nước"), ("Document1.docx", "")):
        core = f'<c:p xmlns:c="c" xmlns:d="d"><d:title>{own}</d:title></c:p>'
        found = article(packed(*map(paragraph, BODY), docProps__core_xml=core), tmp_path)
        assert (found.title, found.body) == (title, "\n\n".join(BODY))


@pytest.mark.parametrize(
    "raised",
    ['<w:vertAlign w:val="superscript"/>', '<w:position w:val="8"/><w:sz w:val="19"/>'],
)
def test_authors_above_the_dates_of_the_work(raised: str, tmp_path: Path) -> None:
    found = article(
        packed(
            paragraph("Nước giếng ở ba xã ven sông", style="Ten"),
            paragraph("Lê Thị Hạnh", run("1", raised), ", Trần Quốc Bảo", run("2,*", raised)),
            paragraph(run("1", raised), "Trường Đại học Sông Thao"),
            paragraph("Ngày nhận bài: 12/03/2019; ngày chấp nhận đăng: 20/05/2019"),
            paragraph("Tóm tắt: Bài viết trình bày kết quả khảo sát một trăm giếng khoan."),
            paragraph(BODY[0]),
        ),
        tmp_path,
    )
    assert found.authors == (
        Author("Lê Thị Hạnh", place="Trường Đại học Sông Thao"),
        Author("Trần Quốc Bảo", place="Trường Đại học Sông Thao"),
    )


def test_the_whole_front_matter(tmp_path: Path) -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    found = article(
        packed(
            paragraph("TẠP CHÍ KHOA HỌC SÔNG THAO, Tập 12, Số 4, tháng 7 năm 2019"),
            paragraph(run(TITLE, LARGE)),
            paragraph("PGS.TS. Lê Văn Cường", run("1", raised), ", Hoàng Dung", run("2", raised)),
            paragraph(run("1", raised), "Trường Đại học Sông Thao"),
            paragraph(run("2", raised), "Viện Nghiên cứu Trung du"),
            paragraph(run("Tóm tắt: ", "<w:b/>"), "Bài viết bàn về hợp tác xã."),
            paragraph("Từ khóa: hợp tác xã; nông thôn, thu nhập."),
            *map(paragraph, BODY),
            paragraph("Tài liệu tham khảo", style="Muc"),
            paragraph("Nguyễn Văn Bình (2015), Kinh tế nông thôn."),
            word__header1_xml=f"<w:hdr {W}>{paragraph('ISSN 1859-4794')}</w:hdr>",
        ),
        tmp_path,
    )
    assert found.title == TITLE
    assert found.authors == (
        Author("Lê Văn Cường", "PGS.TS", "Trường Đại học Sông Thao"),
        Author("Hoàng Dung", "", "Viện Nghiên cứu Trung du"),
    )
    assert found.journal == "TẠP CHÍ KHOA HỌC SÔNG THAO"
    assert (found.volume, found.issue, found.published[:7]) == ("12", "4", "2019-07")
    assert found.issn == "1859-4794"
    assert found.extra["abstract"] == "Bài viết bàn về hợp tác xã."
    assert found.extra["keywords"] == ["hợp tác xã", "nông thôn", "thu nhập"]
    assert found.extra["references"] == ["Nguyễn Văn Bình (2015), Kinh tế nông thôn."]
    assert found.extra["removed"]["running heads"] == "ISSN 1859-4794"
    assert found.body.startswith("Tóm tắt: Bài viết")


# --- text

INLINE = {
    "runs that part a word": (paragraph("ki", "nh", " tế"), "kinh tế"),
    "an insertion and a deletion": (
        paragraph("Tăng ", f"<w:del>{run('hai')}</w:del>", f"<w:ins>{run('ba')}</w:ins>", " lần"),
        "Tăng ba lần",
    ),
    "a move": (
        paragraph(f"<w:moveFrom>{run('cũ')}</w:moveFrom>", f"<w:moveTo>{run('mới')}</w:moveTo>"),
        "mới",
    ),
    "a link and a field": (
        paragraph(
            "Xem ",
            f"<w:hyperlink>{run('trang này')}</w:hyperlink>",
            "<w:r><w:instrText>PAGE</w:instrText></w:r>",
            f"<w:fldSimple>{run(' nhé')}</w:fldSimple>",
        ),
        "Xem trang này nhé",
    ),
    "a break, a tab, hyphens": (
        paragraph(
            "a", "<w:r><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:softHyphen/></w:r>",
            "d\u00adđ", "<w:r><w:noBreakHyphen/><w:t>e</w:t></w:r>",
        ),
        "a\nb cdđ-e",
    ),
    "hidden text": (paragraph("thấy", run(" ẩn", "<w:vanish/>")), "thấy"),
    "a symbol": (
        paragraph("a ", '<w:r><w:sym w:font="Arial" w:char="2265"/></w:r>', " 5"),
        "a ≥ 5",
    ),
    "a text box, once": (
        paragraph(
            "Trước.",
            '<w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:txbxContent>'
            + paragraph("Trong khung.")
            + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
            + paragraph("Trong khung.")
            + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>",
        ),
        "Trước.\n\nTrong khung.",
    ),
    "a table": (
        "<w:tbl>"
        + "".join(
            "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
            for row in (("Năm", "Số hộ"), ("2018", "180"))
        )
        + "</w:tbl>",
        "Năm\tSố hộ\n2018\t180",
    ),
    "a content control": (
        f"<w:sdt><w:sdtContent>{paragraph('bên trong')}</w:sdtContent></w:sdt>",
        "bên trong",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("block", "text"), INLINE.values(), ids=INLINE)
def test_text(block: str, text: str, tmp_path: Path) -> None:
    found = article(packed(paragraph(BODY[0]), block, paragraph(BODY[1])), tmp_path)
    assert found.body == "\n\n".join((BODY[0], text, BODY[1]))


def test_notes_are_numbered_as_they_are_referred_to(tmp_path: Path) -> None:
    def reference(kind: str, id: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{id}"/></w:r>'

    def notes(kind: str, **texts: str) -> str:
        inner = (f'<w:{kind} w:id="{id[1:]}">{paragraph(t)}</w:{kind}>' for id, t in texts.items())
        return f"<w:{kind}s {W}>{''.join(inner)}</w:{kind}s>"

    found = article(
        packed(
            paragraph(BODY[0], reference("footnote", 2)),
            paragraph(BODY[1], reference("endnote", 1)),
            word__footnotes_xml=notes("footnote", _0="gạch", _2="Theo báo cáo."),
            word__endnotes_xml=notes("endnote", _1="Xem thêm."),
        ),
        tmp_path,
    )
    expected = [f"{BODY[0]}¹", f"{BODY[1]}²", "¹ Theo báo cáo.", "² Xem thêm."]
    assert found.body.split("\n\n") == expected


# --- what cannot be read


def _lies(size: int) -> bytes:
    """A file whose directory says that its text is smaller than it is."""
    raw = packed(paragraph("a" * 2_000_000))
    place = raw.rindex(b"word/document.xml") - 46
    return raw[: place + 24] + size.to_bytes(4, "little") + raw[place + 28 :]


def _damaged_lzma() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "a" * 2_000)
    raw = bytearray(stream.getvalue())
    raw[30 + len("word/document.xml") + 4] = 0xFF  # the properties of the packed data
    return bytes(raw)


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]><x>&i;</x>"  # fmt: skip
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
HOSTILE = {
    "no zip": (b"not a zip at all", "damaged, or no Word file"),
    "cut off": (packed(*map(paragraph, BODY))[:-60], "damaged, or no Word file"),
    "damaged inside": (packed(paragraph("a"))[:120] + bytes(40) + packed(paragraph("a"))[160:], ""),
    "a zip of something else": (packed(word__document_xml="<html/>"), "no word/document.xml"),
    "no text": (packed(paragraph(" ")), "no text in it"),
    "a zip bomb": (packed(paragraph("a" * 15_000_000)), "a trap, not a text"),
    "a zip bomb in parts": (
        packed(
            "a", **{f"word__header{n}_xml": f"<x><!--{'a' * 900_000}--></x>" for n in range(23)}
        ),
        "larger than 20,000,000 bytes",
    ),
    "packed data of no kind": (_damaged_lzma(), "damaged, or no Word file"),
    "a size that is a lie": (_lies(500), "damaged, or no Word file"),
    "an XML bomb": (packed(word__document_xml=BOMB), "declares entities of its own"),
    "an entity from outside": (packed(word__document_xml=OUTSIDE), "declares entities of its own"),
    "not XML": (packed(word__document_xml="<w:p>"), "not well-formed XML"),
    "ten thousand deep": (packed("<w:x>" * 10_000 + "</w:x>" * 10_000), "nested too deeply"),
    "many parts": (packed(**{f"x{n}": "" for n in range(10_001)}), "more than a Word file has"),
    "a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "Word file with a password"),
}


@pytest.mark.parametrize(("raw", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files(raw: bytes, reason: str, tmp_path: Path) -> None:
    found, problems = problems_of(raw, tmp_path)
    assert not found
    (problem,) = problems
    assert reason in problem
    assert "\n" not in problem


def test_parts_with_names_that_lead_elsewhere_are_not_touched(tmp_path: Path) -> None:
    raw = packed(*map(paragraph, BODY), **{"../../outside.xml": "x", "/etc/x.xml": "x"})
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert article(raw, inside).body == "\n\n".join(BODY)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.docx"]


def test_deep_nesting_within_the_limit_of_the_parser(tmp_path: Path) -> None:
    depth = 80
    blocks = "<w:tbl><w:tr><w:tc>" * depth + paragraph("sâu") + "</w:tc></w:tr></w:tbl>" * depth
    found, problems = problems_of(packed(blocks), tmp_path)
    assert [each.body for each in found] == ["sâu"] or problems == [
        "nested too deeply for an article"
    ]


@pytest.mark.parametrize(
    ("name", "beginning", "kind"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word file"),
        ("a.rtf", b"{\\rtf1\\ansi}", "rich text (RTF)"),
        ("a.doc", b"{\\rtf1\\ansi}", "rich text (RTF)"),
        ("a.odt", b"PK\3\4", "an OpenDocument text"),
        ("a.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word file"),
    ],
)
def test_other_files_are_reported(name: str, beginning: bytes, kind: str, tmp_path: Path) -> None:
    found, problems = problems_of(beginning + bytes(100), tmp_path, name)
    assert (found, problems) == ([], [f"{kind}, which is not read: save it as .docx"])


def test_macros_are_left_alone(tmp_path: Path) -> None:
    raw = packed(*map(paragraph, BODY), word__vbaProject={"bin": b""}["bin"])
    (found,), problems = problems_of(raw, tmp_path, "a.docm")
    assert (found.body, problems) == ("\n\n".join(BODY), [])
