"""What the lines beside an article's title and text say of it: date, authors, section, keywords."""

from __future__ import annotations

from dataclasses import replace
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
