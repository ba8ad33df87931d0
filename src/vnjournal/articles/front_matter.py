"""The front matter of an article in paragraphs: title, authors, abstract, keywords, the issue.

For formats that have only looks to tell a title by: PDF, word processors' files. What is not
recognised stays in the body, where it is searched; abstract and keywords stay there too.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import regex as re

from vnjournal.articles import metadata, misread
from vnjournal.articles.article import Article, Author


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with how it looks.

    ``size``: of its letters in points, 0 where not known; ``style``: ``title``, ``heading`` or "";
    ``page``: where it begins, 0 where not known.
    """

    text: str
    size: float = 0.0
    bold: bool = False
    style: str = ""
    page: int = 0


@dataclass(slots=True)
class _Front:
    known: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)  # paragraphs that are not part of the body
    title_end: int = 0  # number of the paragraph behind the title; 0 without one
    masthead: list[str] = field(default_factory=list)


_SOFT_HYPHEN = "\u00ad"  # in TCVN3 that was misread it is a letter, ư
_LOOKED_AT = 15  # paragraphs in which a title is looked for
_TITLE_LENGTH = 300
_MASTHEAD_LENGTH = 250
_SENTENCE_LENGTH = 60
_LARGER = 1.08  # times the size of the body: a title's letters
_NO_TITLE = re.compile(
    r"(?:microsoft word|untitled|\(?anonymous)|.*\.(?:docx?|pdf|indd|qxd|rtf)$", re.I
)
_LABEL = re.compile(
    r"(?P<label>tóm\s+tắt|tóm\s+lược|abstract|summary|từ\s+kh(?:óa|oá)|key\s?words?"
    r"|tài\s+liệu\s+tham\s+khảo|references)(?=\s*[:.–—-]|\s*$|\s+(?=(?-i:[\p{Lu}“])))"
    r"\s*(?:\([^)]{1,40}\))?\s*[:.–—-]*\s*(?P<text>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MASTHEAD = re.compile(
    r"""(?: (?:tạp\ chí|nội\ san|kỷ\ yếu|tập\ san|bản\ tin|thông\ tin\ khoa\ học|chuyên\ san
            |journal\ of|vietnam\ journal|[\w ]{3,60}\ journal\ of
            |báo(?!\s+(?:cáo|chí|hiệu|hiếu|động|đáp|ơn|tin|trước|tăng|giá)\b))\b
          | .*\b(?:e-|p-|p|e)?issn\b | (?:doi\b|https?://(?:dx\.)?doi\.org)
          | (?:số|tập|vol\.?|volume|no\.?|issue|quyển)\s*[:.]?\s*\d
          | (?:nhận\ bài|ngày\ nhận|received)\b ).*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_JOURNAL = re.compile(
    r"""(?P<name>(?:tạp\ chí|nội\ san|tập\ san|chuyên\ san|bản\ tin|journal\ of|vietnam\ journal)\b
        [^,;:|()\d\n•–—]{3,120}?) \s*
        (?:$ | [,;:|()\d\n•–—]
           | \b(?:số|tập|[ep]?-?issn|vol|no|isbn|năm|tháng|volume|issue)\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_OF_ISSUE = re.compile(
    r"issn\b|\bdoi\b|doi\.org|nhận bài|ngày nhận|received|số\s*\d+\s*[/(,]", re.I
)
_DATES_OF_WORK = re.compile(
    r"nhận bài|ngày nhận|phản biện|chỉnh sửa|duyệt|chấp nhận|received|accepted|revised", re.I
)
_PLACE = re.compile(
    r"""(?:[⁰¹²³⁴-⁹*†]+|\(?\d{1,2}[).]?)?\s*
        (?: (?i:trường|đại\ học|học\ viện|viện|khoa|sở|bộ\ môn|trung\ tâm|công\ ty|bệnh\ viện
              |ủy\ ban|uỷ\ ban|ban|phòng|chi\ cục|cục|tổng\ cục|hội|liên\ hiệp)
            (?!(?i:\ (?:hữu|học|hợp|hành|trợ|phí|họa|thảo|nhập|đồng)\b)) \ \p{Lu}
          | (?:\p{Lu}[\w.]*\ ){0,4}(?:University|Institute|Faculty|Department|School|College)\b
          | (?i:e-?mail|tel|điện\ thoại|đt|tác\ giả\ liên\ hệ|corresponding\ author)\s*[:.\d(] )""",
    re.VERBOSE,
)
_NAME = re.compile(r"\p{Lu}[\w’'.-]*(?:\s+\p{Lu}[\w’'.-]*){1,5}")
_MARKS = "⁰¹²³⁴⁵⁶⁷⁸⁹0123456789*†‡, "
_SECTION_HEAD = re.compile(
    r"(?:[\dIVX]{1,4}[.)]\s*)?"
    r"(?:đặt vấn đề|(?:phần )?mở đầu|giới thiệu|dẫn nhập|introduction)\W*",
    re.IGNORECASE,
)


def label(text: str) -> str:
    """What a paragraph says that it is, such as ``tóm tắt``, in lower case; "" for others.

    >>> label("Từ khóa: đất, nước"), label("Tóm tắt lại, ...")
    ('từ khóa', '')
    """
    found = _LABEL.match(unicodedata.normalize("NFC", text))
    return " ".join(found["label"].lower().split()) if found else ""


def article(
    paragraphs: Sequence[Paragraph],
    id: str,
    source: str,
    *,
    about: Mapping[str, str] | None = None,
    running: Sequence[str] = (),
    pages: str = "",
    notes: Sequence[str] = (),
    extra: Mapping[str, Any] | None = None,
) -> Article:
    """An article, its front matter taken apart.

    Args: ``about``: what the file says of itself (``Title``, ``Author``), used where the text says
    nothing; ``running``: the heads and feet of the first pages, which name journal and issue;
    ``pages``: those in the issue, used where the text names none; ``notes``: put after the
    body; ``extra``: to be kept with what
    is found here.

    Raises SourceError where there is no text at all.

    >>> paragraphs = [Paragraph("Đất và nước", bold=True), Paragraph("Trần Thị Ba"),
    ...     Paragraph("Tóm tắt: Bài viết bàn về đất."), Paragraph("Đất là nguồn sống của ta.")]
    >>> found = article(paragraphs, "a.docx", "a.docx")
    >>> found.title, found.author, found.extra["abstract"]
    ('Đất và nước', 'Trần Thị Ba', 'Bài viết bàn về đất.')
    """
    about = about or {}
    texts = [*(each.text for each in paragraphs), *running, *notes, *about.values()]
    texts, reading = misread.as_meant(texts)
    texts = [text.replace(_SOFT_HYPHEN, "") for text in texts]
    meant = (unicodedata.normalize("NFC", text) for text in texts)
    paragraphs = [replace(each, text=next(meant)) for each in paragraphs]
    running = [next(meant) for _ in running]
    notes = [next(meant) for _ in notes]
    about = dict(zip(about, meant, strict=True))
    front = _Front()
    end = _front_end(paragraphs)
    _take_masthead(paragraphs[:end], front)
    _take_title(paragraphs, end, front)
    if not front.known.get("title") and (title := _sensible(about.get("Title", ""))):
        front.known["title"] = title
    _take_authors(paragraphs, end, front)
    if not front.known.get("authors") and (author := _sensible(about.get("Author", ""))):
        named = metadata.authors(author)
        if all(_NAME.fullmatch(each.name) and not each.name.isascii() for each in named):
            front.known["authors"] = named
    _find_issue([*front.masthead, *running], front)
    front.known.setdefault("pages", pages)
    _find_labelled(paragraphs, front)
    body = [texts[number] for number in range(len(paragraphs)) if number not in front.taken]
    body += notes
    kept = {**(extra or {}), **front.extra}
    if front.masthead:
        kept["removed"] = {**kept.get("removed", {}), "masthead": "\n".join(front.masthead)}
    made = Article(id, "\n\n".join(body), source=source, extra=kept, **front.known)
    return misread.noted(made, reading)


def _front_end(paragraphs: Sequence[Paragraph]) -> int:
    """Number of the paragraph with which the text begins, the abstract or an introduction."""
    for number, each in enumerate(paragraphs[:_LOOKED_AT]):
        if label(each.text) or _SECTION_HEAD.fullmatch(each.text):
            return number
    return min(_LOOKED_AT, len(paragraphs))


def _is_masthead(text: str) -> bool:
    is_text = _is_sentence(text) and not _OF_ISSUE.search(text)  # "Báo A đưa tin, hôm qua ..."
    return len(text) <= _MASTHEAD_LENGTH and bool(_MASTHEAD.match(text)) and not is_text


def _is_sentence(text: str) -> bool:
    return len(text) > _SENTENCE_LENGTH and text.endswith((".", "!", "?", "…"))


def _take_masthead(front_paragraphs: Sequence[Paragraph], front: _Front) -> None:
    for number, each in enumerate(front_paragraphs):
        if each.style != "title" and _is_masthead(each.text):
            front.taken.add(number)
            front.masthead.append(each.text)
        elif len(each.text) > _MASTHEAD_LENGTH:
            break


def _take_title(paragraphs: Sequence[Paragraph], end: int, front: _Front) -> None:
    first = _title_number(paragraphs, end, front)
    if first is None:
        return
    title = [paragraphs[first].text]
    front.taken.add(first)
    for number in range(first + 1, end):
        before, each = paragraphs[number - 1], paragraphs[number]
        alike = (each.size, each.bold, each.style) == (before.size, before.bold, before.style)
        if not (alike and _continues(before.text, each.text)) or number in front.taken:
            break
        title.append(each.text)
        front.taken.add(number)
    front.title_end = first + len(title)
    front.known["title"] = " ".join(" ".join(title).split())
    labels = [n for n in range(first) if n not in front.taken and len(paragraphs[n].text) <= 80]
    if len(labels) == 1:
        front.known["section"] = paragraphs[labels[0]].text
        front.taken.add(labels[0])


def _title_number(paragraphs: Sequence[Paragraph], end: int, front: _Front) -> int | None:
    usual = _usual_size(paragraphs)
    may_be = [
        number
        for number, each in enumerate(paragraphs[:end])
        if number not in front.taken
        and each.page <= 1
        and len(each.text) <= _TITLE_LENGTH
        and sum(map(str.isalpha, each.text)) > 3
        and not each.text.endswith((".", ";", ",", ":"))
    ]
    if not may_be or len(paragraphs) < 2:
        return None
    for number in may_be:
        if paragraphs[number].style == "title":
            return number
    sizes = {number: paragraphs[number].size for number in may_be}
    largest = max(sizes.values())
    if usual and largest > _LARGER * usual:
        return next(number for number in may_be if sizes[number] >= largest - 0.01)
    for number in may_be:
        if paragraphs[number].style == "heading" and not _SECTION_HEAD.match(
            paragraphs[number].text
        ):
            return number
    likely = [
        number
        for number in may_be
        if (paragraphs[number].bold or paragraphs[number].text.isupper())
        and not _PLACE.match(paragraphs[number].text)
    ]
    if len(likely) > 1 and len(paragraphs[likely[0]].text) < 40 < len(paragraphs[likely[1]].text):
        return likely[1]  # the first names the section
    return likely[0] if likely else None


def _usual_size(paragraphs: Sequence[Paragraph]) -> float:
    letters: Counter[float] = Counter()
    for each in paragraphs:
        letters[each.size] += len(each.text)
    return max(letters, key=lambda size: letters[size], default=0.0)


def _continues(before: str, after: str) -> bool:
    """Whether a second line of large letters goes on with the title: same case, same language."""
    return (
        len(before) + len(after) <= _TITLE_LENGTH
        and before.isupper() == after.isupper()
        and before.isascii() == after.isascii()
        and not _names(after)
    )


def _take_authors(paragraphs: Sequence[Paragraph], end: int, front: _Front) -> None:
    start = front.title_end
    authors: list[tuple[Author, str]] = []
    places: list[str] = []
    for number in range(start, min(end, start + 8)):
        text = paragraphs[number].text
        if number in front.taken:
            continue
        if authors and _is_place(text):
            places.append(text)
        elif not places and (names := _names(text)):
            authors += names
        elif authors or number > start + 1:
            break
        else:
            continue
        front.taken.add(number)
    if authors:
        front.known["authors"] = tuple(_placed(author, mark, places) for author, mark in authors)
    if places:
        front.extra["affiliations"] = places


def _is_place(text: str) -> bool:
    is_short = len(text) <= _MASTHEAD_LENGTH and (not _is_sentence(text) or "@" in text)
    return is_short and _PLACE.match(text) is not None


def _names(text: str) -> list[tuple[Author, str]]:
    """The names in a line of nothing but names, each with the marks of its affiliation."""
    if len(text) > _TITLE_LENGTH or text.endswith((".", ":", "?")) or _PLACE.match(text):
        return []
    found = []
    for part in re.split(r"\s*(?:;|,(?!\s*[\d*†⁰¹²³⁴-⁹])|\s(?:và|and|&)\s)\s*", text):
        mark = part[len(part.rstrip(_MARKS)) :]
        named = metadata.authors(part.strip(_MARKS))
        if part.strip(_MARKS) and not named:  # a degree that follows the name, after a comma
            continue
        is_year = any(len(number) > 2 for number in _numbers_of(mark))
        if len(named) != 1 or not _NAME.fullmatch(named[0].name) or is_year:
            return []
        found.append((named[0], mark))
    return found


def _placed(author: Author, mark: str, places: list[str]) -> Author:
    """The author with the places that have one of his marks, or with the only one."""
    marks = _numbers_of(mark) or set(_STARS.findall(mark))  # a star beside numbers is for letters
    mine = [place for place in places if len(places) == 1 or _mark_of(place) in marks]
    place = "; ".join(each.lstrip(_MARKS + "().") for each in mine if "@" not in each)
    return replace(author, place=author.place or place)


def _numbers_of(mark: str) -> set[str]:
    return set(re.findall(r"\d+", mark.translate(_PLAIN)))


def _mark_of(place: str) -> str:
    """The mark at the beginning of a place; empty for none."""
    found = _MARK.match(place.translate(_PLAIN))
    return found[1] if found else ""


_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_STARS = re.compile(r"\*+|†+|‡+")
_MARK = re.compile(rf"\(?(\d+|{_STARS.pattern})")


def _find_issue(lines: Sequence[str], front: _Front) -> None:
    """Journal, volume, issue, pages, ISSN, DOI and date, from the lines that speak of them."""
    text = "\n".join(lines)
    if journal := next(filter(None, map(_JOURNAL.search, lines)), None):
        front.known["journal"] = journal["name"].strip(" -.")
    volume, issue = metadata.volume_and_issue(text)
    front.known |= {
        name: value
        for name, value in {
            "volume": volume,
            "issue": issue,
            "pages": metadata.pages(text),
            "issn": metadata.issn(text),
            "doi": metadata.doi(text),
            "published": _published(lines),
        }.items()
        if value
    }


def _published(lines: Sequence[str]) -> str:
    dates = [metadata.date(line) for line in lines if not _DATES_OF_WORK.search(line)]
    return max(dates, key=len, default="")


def _find_labelled(paragraphs: Sequence[Paragraph], front: _Front) -> None:
    labels = [label(each.text) for each in paragraphs]
    for names, key in ((_ABSTRACTS, "abstract"), (_KEYWORDS, "keywords")):
        for number in [labels.index(name) for name in names if name in labels][:1]:
            found = _LABEL.match(unicodedata.normalize("NFC", paragraphs[number].text))
            text = found["text"].strip() if found else ""
            if not text and number + 1 < len(paragraphs) and not labels[number + 1]:
                text = paragraphs[number + 1].text
            if key == "abstract":
                text = re.split(r"\s*\bTừ kh(?:óa|oá)\s*:", text)[0]
                front.extra[key] = text
            else:
                words = [word.strip(" .") for word in re.split(r"[;,]|\s[–-]\s", text)]
                front.extra[key] = [word for word in words if word]
    for name in _REFERENCES:
        if name in labels:
            start = len(labels) - labels[::-1].index(name)
            front.extra["references"] = [each.text for each in paragraphs[start:]]
            break
    front.extra = {name: value for name, value in front.extra.items() if value}


_ABSTRACTS = ("tóm tắt", "tóm lược", "abstract", "summary")
_KEYWORDS = ("từ khóa", "từ khoá", "keywords", "key words", "keyword")
_REFERENCES = ("tài liệu tham khảo", "references")


def _sensible(text: str) -> str:
    """What a file says of itself, unless a program has put it there."""
    text = " ".join(text.split())
    return "" if _NO_TITLE.match(text) or len(text) < 4 else text
