"""Lines in which a journal's portal says something of an article, in whatever file they stand.

A heading line above the text, a byline and a citation line below it, and the site's footer. The
lines are composed text on one line each, without white space around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import regex

from vnjournal.articles import metadata
from vnjournal.articles.article import Author

_HEADING = regex.compile(
    r"""(?P<section>\S.{0,120}?) \s* \( \s* (?i:số) \s+ (?P<issue>[^()]{1,30}?) \s* \)
        (?: \s+ (?P<posted> (?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})
            (?: \s+ \d{1,2}:\d{2}(?::\d{2})? )? ) )?""",
    regex.VERBOSE,
)
_BYLINE = regex.compile(
    r"""(?i: (?:tin|bài|bài\ viết|bài\ và\ ảnh|bài,\ ảnh) \s+ của
           | (?:bài\ và\ ảnh|bài,\ ảnh|bài|(?:nhóm\ )?tác\ giả(?:\ bài\ viết)?|người\ viết) \s* : )
        \s*
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
# What a line that tells a date may hold besides: the words in which dates are given.
_OF_DATES = regex.compile(
    r"""\d+ | [^\p{L}\d]+ | (?:
        thứ|th|ngày|tháng|năm|giờ|phút|lúc|hồi|vào|cập|nhật|lần|cuối|đăng|được|gửi|xuất|bản|tạo|viết
      | tin|bài|thời|gian|chủ|hai|ba|tư|sáu|bảy|cn|t\d|gmt|am|pm|sa|ch|sáng|chiều|tối|trưa|utc|một
      | tám|chín|mười|giêng|chạp|posted|on|published|updated|date|created|last|at|h|t|p|g|st|nd|rd
      | mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday
      | jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?
      | sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|lượt|xem|views?|đọc|bởi|by
      ) (?!\p{L})""",
    regex.VERBOSE | regex.IGNORECASE,
)
TITLE_LENGTH = 200
_DATE_LENGTH = 80
_TITLE_ENDS = frozenset(".:;,…")
_FOOTER_AT_LEAST = 2  # lines that must speak of the site before a tail is taken for its footer


def heading(line: str) -> dict[str, str]:
    """Section, issue and time of posting that a heading line gives; nothing for another line.

    >>> heading("Tin tức (số 2-2018) 2018-05-12 03:10:58")["posted"]
    '2018-05-12T03:10:58'
    """
    match = _HEADING.fullmatch(line)
    if match is None:
        return {}
    posted = metadata.date(match["posted"] or "")
    if len(posted) < len("2018-05-12"):  # a day that the calendar lacks
        posted = ""
    return {"section": match["section"], "issue": match["issue"], "posted": posted}


def is_of_dates(text: str) -> bool:
    """Whether a text has no words but those in which dates and times are given."""
    return not _OF_DATES.sub("", text).strip()


def dateline(line: str) -> str:
    """When the text was posted, of a line that tells that and no more; else empty.

    >>> dateline("Cập nhật lúc 10:30, Thứ Hai, 14/05/2018 (GMT+7)"), dateline("Ngày 2/9/1945, tại")
    ('2018-05-14T10:30', '')
    """
    if len(line) > _DATE_LENGTH or not is_of_dates(line):
        return ""
    posted = metadata.date(line)
    return posted if len(posted) >= len("2018-05-12") else ""


def closing(lines: Sequence[str]) -> tuple[int, dict[str, Any]]:
    """Byline and citation line, in either order, at the end of a text.

    Returns how many lines come before them, one at least, and what they say.

    >>> number, found = closing(["Nội dung.", "Bài của An", "Đăng trên Báo B số 7"])
    >>> number, found["journal"], found["authors"][0].name
    (1, 'Báo B', 'An')
    """
    found: dict[str, Any] = {}
    number = len(lines)
    while number > 1:
        line = lines[number - 1]
        if "journal" not in found and (said := citation(line)):
            found |= said
        elif "authors" not in found and (authors := byline(line)):
            found["authors"] = authors
        else:
            break
        number -= 1
    return number, found


def citation(line: str) -> dict[str, str]:
    """Journal, issue and date that a citation line gives; nothing for another line.

    >>> citation("(Đăng trên Tạp chí A, số 3, tháng 12/2019)")["published"]
    '2019-12'
    """
    match = _CITATION.fullmatch(line)
    if match is None:
        return {}
    published = metadata.date(match["date"] or "")
    year = published[:4]
    issue = match["issue"]
    if year and year not in issue:
        issue = f"{issue}-{year}"
    return {"journal": match["journal"], "issue": issue, "published": published}


def byline(line: str) -> tuple[Author, ...]:
    """The authors that a byline names; none for another line.

    >>> byline("Bài của An - Giám đốc"), byline("Bài của tôi")
    ((Author(name='An', role='Giám đốc', place=''),), ())
    """
    match = _BYLINE.fullmatch(line)
    return metadata.authors(match["authors"]) if match else ()


def has_title(lines: Sequence[str]) -> bool:
    """A first line is a title when it is short, does not end a sentence, and more text follows."""
    return (
        len(lines) > 1
        and len(lines[0]) <= TITLE_LENGTH
        and lines[0][-1] not in _TITLE_ENDS
        and len(lines[1]) > len(lines[0]) / 2
    )


def footer_start(lines: Sequence[str]) -> int:
    """Number of the line at which the site's footer begins; the number of lines if there is none.

    A footer begins at a line that announces other news, or at the first of the closing lines that
    speak of the site; the agency's name in capitals before them belongs to it. One such line alone
    is no footer: an article may well end with an address.
    """
    last_text = len(lines)
    site_lines = 0
    while last_text > 1:
        text = lines[last_text - 1]
        if _SITE_LINE.match(text):
            site_lines += 1
        elif not (site_lines and text.isupper()):
            break
        last_text -= 1
    footer = last_text if site_lines >= _FOOTER_AT_LEAST else len(lines)
    for number, line in enumerate(lines):
        if number and _OTHER_NEWS.fullmatch(line) and _ends_here(lines, number, footer):
            return number
    return footer


def _ends_here(lines: Sequence[str], number: int, footer: int) -> bool:
    """Between ``Tin khác`` and the footer stand headlines only, no sentences of an article."""
    return all(len(line) <= TITLE_LENGTH for line in lines[number + 1 : footer])
