"""What the lines beside an article's title and text say of it: date, authors, section, keywords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import regex

from vnjournal.articles import metadata, portal_lines
from vnjournal.articles.article import Author
from vnjournal.articles.pages.blocks import Block

_LONGEST = 160
_SHORT_NAME = 40
_NAMED_AUTHOR = regex.compile(r"tac_?-?gia|author|byline|nguoi_?-?viet", regex.IGNORECASE)
_NAME = r"\p{Lu}[\p{L}'.-]*(?:\s+\p{Lu}[\p{L}'.-]*){1,5}"
_AUTHOR = regex.compile(
    rf"""(?i: (?:được\s+)? (?:viết|đăng|soạn|gửi) \s+ bởi | người\s+(?:viết|đăng|gửi)
           | tác\s+giả (?:\s+bài\s+viết)? | bởi | posted\ by | written\ by | author | by )
        \s* :? \s* (?P<authors> {_NAME} (?:\s*(?:,|;|\s+và\s)\s*{_NAME})* )""",
    regex.VERBOSE,
)
_NAMED_DATE = regex.compile(
    r"(?<![a-z])(?:date|datum|time|ngay|ngaydang|publish(?:ed)?|posted|created?|pubdate)(?![a-z])"
    r"|(?:post|publish|create|article|news|entry)_?-?(?:date|time)",
    regex.IGNORECASE,
)
_DAY = len("2018-05-12")
_MOST_ELEMENTS = 60  # of a block that are looked at
_ONE_NAME = regex.compile(_NAME)
_NAME_IN_LINE = regex.compile(rf"(?<!\p{{L}})(?P<authors>{_NAME})")
_PERSON = regex.compile(
    rf"(?:(?:PGS|GS|TS|ThS|KS|CN|BS|Bác sĩ|Th\.?S|TSKH)[.,\s]*)*{_NAME}", regex.VERSION1
)
_SECTION = regex.compile(
    r"(?:chuyên\s*mục|danh\s*mục|thể\s*loại|category|section)\s*:\s*(?P<section>.{2,100})",
    regex.IGNORECASE,
)
_KEYWORDS = regex.compile(
    r"(?:từ\s*kho[áa]|từ\s*khóa|thẻ|tags?|nhãn|keywords?)[^:]{0,15}:\s*(?P<words>.+)",
    regex.IGNORECASE | regex.DOTALL,
)


def said_beside(block: Block) -> dict[str, Any]:
    """Fields of the article that a line beside it tells; nothing for a line that tells none.

    ``posted`` is as written there. A line in which more stands than labels, date and names is text.
    """
    line = block.line
    if len(line) > _LONGEST:
        return {}
    if heading := portal_lines.heading(line):
        return heading
    found: dict[str, Any] = {}
    for element in block.element.iter("time"):
        if stamp := element.get("datetime"):
            found.setdefault("posted", stamp)
    if section := _SECTION.fullmatch(line):
        return found | {"section": section["section"]}
    rest = line
    if block.element.tag == "address" or _NAMED_AUTHOR.search(block.names):
        found["authors"] = person(block)
        if found["authors"]:
            return found
    if named := _AUTHOR.search(line) or _name_by_date(line):
        found["authors"] = tuple(Author(name) for name in _split(named["authors"]))
        rest = line[: named.start()] + " " + line[named.end() :]
    elif authors := portal_lines.byline(line):
        return {"authors": authors}
    if metadata.date(rest):
        found.setdefault("posted", rest.strip(" |-–,;()"))
    if not portal_lines.is_of_dates(rest):
        return {}
    return found


def day(blocks: Iterable[Block]) -> str:
    """The first day that is marked up as a date, or is a line by itself; as written there.

    Where the same day is told with the time, too, as it is written there.
    """
    found = [(written, metadata.date(written)) for written in _dates(blocks)]
    days = [(written, known) for written, known in found if len(known) >= _DAY]
    same = [each for each in days if each[1][:_DAY] == days[0][1][:_DAY]]
    return max(same, key=lambda each: len(each[1]), default=("", ""))[0]


def _dates(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        for element in islice(block.element.iter(), _MOST_ELEMENTS):
            names = f"{element.get('class') or ''} {element.get('id') or ''}"
            if element.tag != "time" and not _NAMED_DATE.search(names):
                continue
            text = " ".join("".join(element.itertext()).split())
            if len(text) <= _LONGEST and text in " ".join(block.text.split()):
                yield from filter(None, (element.get("datetime"), element.get("title"), text))
        if portal_lines.dateline(block.line):
            yield block.line


def _name_by_date(line: str) -> regex.Match[str] | None:
    """The name in a line that holds a date and a name, no more."""
    if not metadata.date(line):
        return None
    for match in _NAME_IN_LINE.finditer(line):
        rest = line[: match.start()] + " " + line[match.end() :]
        if portal_lines.is_of_dates(rest) and not portal_lines.is_of_dates(match["authors"]):
            return match
    return None


def person(block: Block) -> tuple[Author, ...]:
    """The author whose name stands by itself: at the right, in bold, as an address, or named so."""
    first, *places = block.text.split("\n") if block.element.tag == "address" else (block.line,)
    if _NAMED_AUTHOR.search(block.names) and (several := _several(block.line)):
        return several
    line = first.strip(" ()*./")
    looks = block.right or block.bold or block.element.tag == "address"
    if (
        not (looks or _NAMED_AUTHOR.search(block.names))
        or len(line) > _SHORT_NAME
        or line.isupper()
    ):
        return ()
    if not _PERSON.fullmatch(line):
        return ()
    return tuple(replace(each, place=", ".join(places)) for each in metadata.authors(line))


def _several(line: str) -> tuple[Author, ...]:
    """The authors of a line of nothing but names, two at the least, with their titles."""
    found = metadata.authors(line)
    are_names = all(_ONE_NAME.fullmatch(author.name) for author in found)
    return found if len(found) > 1 and are_names else ()


def _split(names: str) -> list[str]:
    return [name for name in regex.split(r"\s*[,;]\s*|\s+và\s+", names) if name]


def keywords(line: str) -> list[str]:
    """The keywords that a line lists behind ``Từ khóa:``, ``Thẻ:`` or the like.

    >>> keywords("Từ khóa: lúa, giống mới")
    ['lúa', 'giống mới']
    """
    match = _KEYWORDS.fullmatch(line)
    words = regex.split(r"\s*[,;]\s*", match["words"]) if match else []
    return [word.strip() for word in words if word.strip()]
