"""Plain text as a journal's web portal gives it, taken apart into an article.

The layout, each part optional::

    Những vấn đề chung (số 2-2018) 2018-05-12 03:10:58      heading line
    Xây dựng Đảng bộ vững mạnh                              title
    ...                                                     body
    Bài của Nguyễn Văn Vóc - Phó bí thư Đảng ủy Sở          byline
    Đăng trên Tạp chí Khoa học số 2 ra tháng 4 năm 2018     citation line
    Tin khác, licence, address, telephone ...               the site's footer

What is not recognised stays in the body: a text with none of these parts is an article whose body
is the whole text. The footer is kept in ``extra["footer"]``, out of the search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex

from vnjournal.articles import metadata
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, decoded
from vnjournal.articles.misread import noted
from vnjournal.articles.pieces import Edits, Piece, decoded_utf8
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Change, EditedText

_HEADING = regex.compile(
    r"""(?P<section>\S.{0,120}?) \s* \( \s* (?i:số) \s+ (?P<issue>[^()]{1,30}?) \s* \)
        (?: \s+ (?P<posted> (?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})
            (?: \s+ \d{1,2}:\d{2}(?::\d{2})? )? ) )?""",
    regex.VERBOSE,
)
_BYLINE = regex.compile(
    r"""(?i: (?:tin|bài|bài\ viết|bài\ và\ ảnh|bài,\ ảnh) \s+ của
           | (?:bài\ và\ ảnh|bài,\ ảnh|bài|tác\ giả) \s* : ) \s*
        (?P<authors>\p{Lu}.{1,300})""",
    regex.VERBOSE,
)
_CITATION = regex.compile(
    r"""\(? \s* (?:đã\s+)? đăng \s+ (?:trên|tại|trong) \s+
        (?P<journal>.{3,150}?) ,? \s+ số \s+ (?P<issue>[\w./-]+)
        (?: ,? \s* (?:ra\s+)? (?P<date>
                (?: ngày \s+ \d{1,2} \s* ,? \s* )? tháng \s+ \d{1,2} (?:\s+năm\s+|[/-]) \d{4}
              | (?:năm\s+)? \d{4} ) )?
        \s* [.)]*""",
    regex.VERBOSE | regex.IGNORECASE,
)
_OTHER_NEWS = regex.compile(
    r"(?:các\s+)?(?:tin|bài|bài viết|tin bài)\s+(?:khác|liên quan|cùng chuyên mục)\s*:?",
    regex.IGNORECASE,
)
_SITE_LINE = regex.compile(
    r"""(?: trưởng\ ban\ biên\ tập | tổng\ biên\ tập | chịu\ trách\ nhiệm(?:\ chính|\ nội\ dung)?
          | giấy\ phép(?:\ số)? | địa\ chỉ | website | trang\ chủ | điện\ thoại | đt | tel | fax
          | email | e-mail | bản\ quyền | copyright | © | (?:số\ )?lượt\ truy\ cập ) \b .*""",
    regex.VERBOSE | regex.IGNORECASE,
)
_LINE = regex.compile(r"[^\r\n]*\S[^\r\n]*")
_TITLE_ENDS = frozenset(".:;,…")
_TITLE_LENGTH = 200
_FOOTER_AT_LEAST = 2  # lines that must speak of the site before a tail is taken for its footer


@dataclass(frozen=True, slots=True)
class _Line:
    text: str  # without the white space around it
    start: int
    end: int


def read(document: Document) -> Iterator[Article]:
    """The article that a document is."""
    found = decoded(document.raw())
    yield noted(parse(found.text, document.id, document.source), found)


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
    footer_at = _footer_start(lines)
    if footer_at < len(lines):
        known["extra"] = {
            "footer": raw[
                composed.original_span(lines[footer_at].start, len(composed.text))[0] :
            ].strip()
        }
    lines = lines[:footer_at]
    if lines and (heading := _HEADING.fullmatch(lines[0].text)):
        known |= _heading(heading)
        del lines[0]
    lines, found = _closing_lines(lines)
    known |= {name: value for name, value in found.items() if value and not known.get(name)}
    if lines and _is_title(lines):
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


def _heading(match: regex.Match[str]) -> dict[str, str]:
    posted = metadata.date(match["posted"] or "")
    if len(posted) < len("2018-05-12"):  # a day that the calendar lacks
        posted = ""
    return {"section": match["section"], "issue": match["issue"], "posted": posted}


def _closing_lines(lines: list[_Line]) -> tuple[list[_Line], dict[str, Any]]:
    """Take byline and citation line, in either order, off the end of the text."""
    found: dict[str, Any] = {}
    while len(lines) > 1:
        line = lines[-1].text
        if "journal" not in found and (citation := _CITATION.fullmatch(line)):
            found |= _citation(citation)
        elif "authors" not in found and (byline := _BYLINE.fullmatch(line)):
            found["authors"] = metadata.authors(byline["authors"])
        else:
            break
        lines = lines[:-1]
    return lines, found


def _citation(match: regex.Match[str]) -> dict[str, str]:
    published = metadata.date(match["date"] or "")
    year = published[:4]
    issue = match["issue"]
    if year and year not in issue:
        issue = f"{issue}-{year}"
    return {"journal": match["journal"], "issue": issue, "published": published}


def _is_title(lines: list[_Line]) -> bool:
    """A first line is a title when it is short, does not end a sentence, and more text follows."""
    first = lines[0].text
    return (
        len(lines) > 1
        and len(first) <= _TITLE_LENGTH
        and first[-1] not in _TITLE_ENDS
        and len(lines[1].text) > len(first) / 2
    )


def _footer_start(lines: list[_Line]) -> int:
    """Number of the line at which the site's footer begins; the number of lines if there is none.

    A footer begins at a line that announces other news, or at the first of the closing lines that
    speak of the site; the agency's name in capitals before them belongs to it. One such line alone
    is no footer: an article may well end with an address.
    """
    last_text = len(lines)
    site_lines = 0
    while last_text > 1:
        text = lines[last_text - 1].text
        if _SITE_LINE.match(text):
            site_lines += 1
        elif not (site_lines and text.isupper()):
            break
        last_text -= 1
    footer = last_text if site_lines >= _FOOTER_AT_LEAST else len(lines)
    for number, line in enumerate(lines):
        if number and _OTHER_NEWS.fullmatch(line.text) and _ends_here(lines, number, footer):
            return number
    return footer


def _ends_here(lines: list[_Line], number: int, footer: int) -> bool:
    """Between ``Tin khác`` and the footer stand headlines only, no sentences of an article."""
    return all(len(line.text) <= _TITLE_LENGTH for line in lines[number + 1 : footer])
