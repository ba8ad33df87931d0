"""Makes pages of sites whose furniture no rule knows by its name or its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from vnjournal import read, resources


@dataclass(frozen=True)
class Content:
    """What a page is made of: the truth that its reader should find again."""

    title: str
    paragraphs: tuple[str, ...]
    author: str
    day: int


@cache
def contents() -> tuple[Content, ...]:
    """The sample articles."""
    found = []
    for number, each in enumerate(read(resources.data_folder() / "samples" / "articles"), 1):
        paragraphs = tuple(" ".join(part.split()) for part in each.body.split("\n\n"))
        authors = ", ".join(author.name for author in each.authors)
        found.append(Content(each.title, paragraphs, authors, number % 28 + 1))
    return tuple(found)


def _paragraphs(content: Content) -> str:
    return "".join(f"<p>{each}</p>" for each in content.paragraphs)


def _greeting(content: Content) -> str:
    """A sentence above the title and two below the text, in the element of the article."""
    return f"""<title>{content.title}</title><div class="k1">
        <p>Chào bạn đọc ghé thăm trang tin của huyện, nơi gặp gỡ của những người yêu quê hương.</p>
        <h1>{content.title}</h1><p>{content.day}/5/2018</p>{_paragraphs(content)}
        <p>Mọi đóng góp cho trang tin xin chuyển tới phòng hành chính, nhà số 4, phố Bến.</p>
        <p>Hẹn gặp lại bạn đọc</p></div>"""


def _tables(content: Content) -> str:
    """One title for all pages, lines above the text, and a box in the middle of it."""
    half = len(content.paragraphs) // 2 or 1
    parts = [f"<p>{each}</p>" for each in content.paragraphs]
    box = "<p>Quý vị có thể đặt mua tạp chí tại mọi bưu cục trong tỉnh với giá mười nghìn đồng.</p>"
    return f"""<title>Cổng thông tin</title><table><tr><td>Nội dung chi tiết</td></tr><tr><td>
        <b>{content.title}</b><br><br>Cỡ chữ nhỏ vừa to</td></tr><tr><td>
        {"".join(parts[:half])}{box}{"".join(parts[half:])}</td></tr></table>"""


def _sections(content: Content) -> str:
    """Headings of sections that all articles have, and a licence."""
    first, *others = content.paragraphs
    rest = "".join(f"<p>{each}</p>" for each in others)
    return f"""<title>{content.title}</title><div><h1>{content.title}</h1><p>{content.author}</p>
        <h2>Tóm tắt</h2><p>{first}</p><h2>Kết quả và thảo luận</h2>{rest}
        <h2>Tài liệu tham khảo</h2><p>1. {content.author or "Đỗ An"}, {content.title}, 2018.</p>
        <p>Người đọc được sao chép và chia sẻ bài này với điều kiện ghi rõ tên tác giả.</p>
        </div>"""


def _plain(content: Content) -> str:
    """Nothing but the article, with the line of an editor who edits them all."""
    return f"""<title>{content.title}</title><h1>{content.title}</h1>
        <p>Thứ năm, {content.day}/5/2018</p>{_paragraphs(content)}<p><b>Nguyễn Văn Vóc</b></p>"""


SITES: Mapping[str, Callable[[Content], str]] = {
    "greeting": _greeting,
    "tables": _tables,
    "sections": _sections,
    "plain": _plain,
}
#: Headings that articles of a site share and that are theirs.
HEADINGS = {"sections": ("Tóm tắt", "Kết quả và thảo luận", "Tài liệu tham khảo")}
