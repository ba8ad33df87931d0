"""Plain text as a journal's web portal gives it, taken apart into an article.

The layout, each part optional::

    Những vấn đề chung (số 2-2018) 2018-05-12 03:10:58      heading line
    Xây dựng Đảng bộ vững mạnh                              title
    Thứ Bảy, 12/05/2018 03:10                               date, before the title or after it
    ...                                                     body
    Bài của Nguyễn Văn Vóc - Phó bí thư Đảng ủy Sở          byline
    Đăng trên Tạp chí Khoa học số 2 ra tháng 4 năm 2018     citation line
    Tin khác, licence, address, telephone ...               the site's footer

What is not recognised stays in the body: a text with none of these parts is an article whose body
is the whole text. The footer is kept in ``extra["removed"]``, out of the search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex

from vnjournal.articles import portal_lines
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.articles.pieces import Edits, Piece, decoded_utf8
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, EditedText

_LINE = regex.compile(
    r"""(?: trưởng\ ban\ biên\ tập | tổng\ biên\ tập | chịu\ trách\ nhiệm(?:\ chính|\ nội\ dung)?
          | giấy\ phép(?:\ số)? | địa\ chỉ | website | trang\ chủ | điện\ thoại | đt | tel | fax
          | email | e-mail | bản\ quyền | copyright | © | (?:số\ )?lượt\ truy\ cập ) \b .*""",
    regex.VERBOSE | regex.IGNORECASE,
)
_LINE = regex.compile(r"[^\r\n]*\S[^\r\n]*")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str  # without the white space around it
    start: int
    end: int


def read(document: Document) -> Iterator[Article]:
    """The article that a document is."""
    yield parse(document.text(), document.id, document.source)


def pieces(document: Document) -> Iterator[Piece]:
    """The document as the one piece that it is."""
    raw = document.raw()
    yield Piece(raw, parse(decoded_utf8(raw), document.id, document.source), edited)


def parse(raw: str, id: str, source: str = "") -> Article:
    """Read a plain text as an article.

    Args: ``raw``: the whole text in any Unicode form; ``id``: the article's id; ``source``: where
    it came from. Title and body are stretches of ``raw``, unchanged. Raises SourceError when
    nothing but white space is left for a body.

    >>> article = parse("Tin tức (số 2-2018) 2018-05-12 03:10:58\\n\\nNội dung bài báo.", "a.txt")
    >>> article.section, article.issue, article.posted, article.body
    ('Tin tức', '2-2018', '2018-05-12T03:10:58', 'Nội dung bài báo.')
    """
    known, places = _taken_apart(raw)
    known |= {name: raw[start:end] for name, (start, end) in places.items()}
    return Article(**{"id": id, "body": "", "source": source} | known)


def edited(raw: str, edits: Edits) -> str:
    """The whole text with edits of title and body put in; everything else stays as it is.

    Args: ``raw``: what :func:`parse` was given; ``edits``: by field, placed in that field's text.

    >>> edited("Tin tức (số 2-2018)\\r\\nở cơ sở,theo", {"body": [Change(5, 12, "sở, theo")]})
    'Tin tức (số 2-2018)\\r\\nở cơ sở, theo'
    """
    _, places = _taken_apart(raw)
    changes = [
        Change(places[name][0] + edit.start, places[name][0] + edit.end, edit.after)
        for name, found in edits.items()
        for edit in found
    ]
    return EditedText(raw, changes).text


def _taken_apart(raw: str) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
    """What the text says of the article, and where in it title and body stand."""
    composed = compose(raw)
    stripped = map(_stripped, _LINE.finditer(composed.text))
    lines = [line for line in stripped if line.text]  # Python knows more white space than \S does
    known: dict[str, Any] = {}
    places: dict[str, tuple[int, int]] = {}
    footer_at = portal_lines.footer_start([line.text for line in lines])
    if footer_at < len(lines):
        start, _ = composed.original_span(lines[footer_at].start, len(composed.text))
        known["extra"] = {"removed": {"footer": raw[start:].strip()}}
    lines = lines[:footer_at]
    if lines and (heading := portal_lines.heading(lines[0].text)):
        known |= heading
        del lines[0]
    for number in range(min(2, len(lines) - 1)):  # above the title, or below it
        if posted := portal_lines.dateline(lines[number].text):
            known["posted"] = known.get("posted") or posted
            del lines[number]
            break
    end, found = portal_lines.closing([line.text for line in lines])
    lines = lines[:end]
    known |= {name: value for name, value in found.items() if value and not known.get(name)}
    if portal_lines.has_title([line.text for line in lines]):
        places["title"] = composed.original_span(lines[0].start, lines[0].end)
        del lines[0]
    if lines:
        places["body"] = composed.original_span(lines[0].start, lines[-1].end)
    return known, places


def _stripped(match: regex.Match[str]) -> _Line:
    text = match.group()
    start = match.start() + len(text) - len(text.lstrip())
    text = text.strip()
    return _Line(" ".join(text.split()), start, start + len(text))
