"""What generated documents say: a text with a title, and made-up facts about its publication."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import corpora, samples

_TITLE = (15, 170)  # characters
_PARAGRAPH = (60, 1500)
_WORDS = (90, 700)  # of a text
_MARKED = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
_MARKED_SHARE = 0.1  # of its characters, in a text that is Vietnamese

_FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Đinh Trịnh Lương Mai Hà Cao"
_MEN = ("Văn Đức Quang Minh Hữu Xuân Đình Công Thế", "Hùng Dũng Thành Tuấn Sơn Bình Cường Long Đạt")
_WOMEN = ("Thị Thị Thanh Ngọc Thu Thị Hồng", "Hương Lan Hạnh Phượng Yến Thuỷ Huệ Ngân Hòa Bích")
_TITLES = ("ThS.", "TS.", "PGS.TS.", "GS.TS.", "KS.", "BS.CKII.", "CN.", "PGS. TS.", "ThS.NCS.")
_POSTS = ("Giám đốc", "Phó Giám đốc", "Trưởng phòng", "Phó Trưởng phòng", "Chuyên viên")
_PLACES = (
    "Sở Khoa học và Công nghệ",
    "Trung tâm Khuyến nông",
    "Trường Đại học Nông nghiệp Thao Giang",
    "Viện Nghiên cứu Lúa Sông Thao",
    "Bệnh viện Đa khoa tỉnh",
    "Khoa Ngữ văn, Trường Đại học Sư phạm Bình Hải",
    "Học viện Hành chính Thao Giang",
    "Chi cục Bảo vệ thực vật",
)
_KEYWORDS = (
    "chuyển đổi số",
    "năng suất",
    "môi trường",
    "phát triển bền vững",
    "nông thôn mới",
    "giáo dục",
    "chính sách",
    "quản lý nhà nước",
    "sức khỏe cộng đồng",
    "di sản văn hóa",
    "doanh nghiệp nhỏ và vừa",
    "thị trường",
)


@dataclass(frozen=True, slots=True)
class Person:
    """An author as an article presents one; ``post`` and ``place`` may be empty."""

    name: str
    title: str = ""
    post: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal; ``host`` is that of its site, ``agency`` who publishes it."""

    name: str
    issn: str
    host: str
    agency: str
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """All that may be said of one article; each document says a part of it."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    people: tuple[Person, ...]
    journal: Journal
    section: str
    volume: str
    issue: str
    first_page: int
    last_page: int
    doi: str
    published: datetime  # when the issue came out
    posted: datetime  # when the page did
    keywords: tuple[str, ...]
    other_titles: tuple[str, ...]  # of articles that a page leads to besides

    def written(self, write: Callable[[str], str]) -> Story:
        """The same story with every text as something can write it."""
        journal = self.journal
        return replace(
            self,
            title=write(self.title),
            paragraphs=tuple(map(write, self.paragraphs)),
            people=tuple(
                Person(*map(write, (each.name, each.title, each.post, each.place)))
                for each in self.people
            ),
            journal=replace(
                journal,
                name=write(journal.name),
                agency=write(journal.agency),
                sections=tuple(map(write, journal.sections)),
            ),
            section=write(self.section),
            keywords=tuple(map(write, self.keywords)),
            other_titles=tuple(map(write, self.other_titles)),
        )


def _issn(seven: str) -> str:
    rest = -sum(int(digit) * weight for digit, weight in zip(seven, range(8, 1, -1), strict=True))
    return f"{seven[:4]}-{seven[4:]}{'0123456789X'[rest % 11]}"


JOURNALS = tuple(
    Journal(name, _issn(seven), host, agency, tuple(sections.split("|")))
    for name, seven, host, agency, sections in (
        (
            "Tạp chí Khoa học và Đời sống Sông Thao",
            "1859211",
            "songthao.example",
            "Sở Khoa học và Công nghệ tỉnh Thao Giang",
            "Kết quả nghiên cứu|Nông nghiệp và nông thôn|Những vấn đề chung|Y tế và sức khỏe",
        ),
        (
            "Tạp chí Khoa học Trường Đại học Bình Hải",
            "0866730",
            "tckh.dhbinhhai.example",
            "Trường Đại học Bình Hải",
            "Khoa học Tự nhiên|Khoa học Xã hội|Kinh tế|Giáo dục",
        ),
        (
            "Tạp chí Nghiên cứu Y học Duyên hải",
            "2354101",
            "yhoc.duyenhai.example",
            "Hội Y học Duyên hải",
            "Nghiên cứu|Tổng quan|Ca lâm sàng",
        ),
        (
            "Tạp chí Văn hóa và Lịch sử",
            "1859488",
            "vanhoalichsu.example",
            "Viện Văn hóa Thao Giang",
            "Di sản|Lịch sử|Văn học|Ngôn ngữ",
        ),
        (
            "Bản tin Nông nghiệp Hạ Nông",
            "1859702",
            "nongnghiep.hanong.example",
            "Phòng Nông nghiệp huyện Hạ Nông",
            "Trồng trọt|Chăn nuôi|Thủy sản|Tin hoạt động",
        ),
        (
            "Nội san Thông tin Khoa học và Công nghệ",
            "1859915",
            "khcn.luongbang.example",
            "Trung tâm Thông tin Lương Bằng",
            "Công nghệ thông tin|Sở hữu trí tuệ|Khởi nghiệp",
        ),
    )
)


def texts(files: Sequence[Path]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Titles with the paragraphs of their articles, of the corpora in turn or of the samples.

    Only whole sentences are kept: bylines, captions and dates of the corpus would contradict those
    that are made up.
    """
    if files:
        piles = [corpora.articles([file], 10**9) for file in files]
    else:
        piles = [iter(samples.articles())]
    seen: set[str] = set()
    while piles:
        for pile in list(piles):
            for article in pile:
                title, paragraphs = _clean(article.title), _paragraphs(article.body)
                if title.casefold() in seen or not _is_usable(title, paragraphs):
                    continue
                seen.add(title.casefold())
                yield title, paragraphs
                break
            else:
                piles.remove(pile)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _paragraphs(body: str) -> tuple[str, ...]:
    kept: list[str] = []
    words = 0
    for line in map(_clean, body.split("\n")):
        low, high = _PARAGRAPH
        if low <= len(line) <= high and line[-1] in ".!?" and words < _WORDS[1]:
            kept.append(line)
            words += len(line.split())
    return tuple(dict.fromkeys(kept))


def _is_usable(title: str, paragraphs: Sequence[str]) -> bool:
    text = " ".join((title, *paragraphs))
    return (
        _TITLE[0] <= len(title) <= _TITLE[1]
        and title[-1] not in ".:;,…"
        and len(paragraphs) > 1
        and len(text.split()) >= _WORDS[0]
        and len(_MARKED.findall(text)) >= _MARKED_SHARE * len(text)
    )


def stories(files: Sequence[Path], count: int, chance: random.Random) -> list[Story]:
    """So many stories, as far as there are texts; the samples give each of theirs several times.

    A text that comes again has other paragraphs, so that each can be told from the others.
    """
    found = [text for text, _ in zip(texts(files), range(count), strict=False)]
    if not files:
        found = _again(found, count, chance)
    titles = [title for title, _ in found]
    return [
        _story(number, title, paragraphs, titles, chance)
        for number, (title, paragraphs) in enumerate(found)
    ]


def _again(
    found: list[tuple[str, tuple[str, ...]]], count: int, chance: random.Random
) -> list[tuple[str, tuple[str, ...]]]:
    """Texts put together anew of sentences of all, until there are so many."""
    sentences = [
        sentence
        for _, paragraphs in found
        for paragraph in paragraphs
        for sentence in re.split(r"(?<=[.!?])\s+(?=\w)", paragraph)
        if len(sentence) >= _PARAGRAPH[0]
    ]
    made = list(found[:count])
    while len(made) < count:
        drawn = chance.sample(sentences, 8)
        words = chance.choice(drawn).rstrip(".!?").split()
        start = chance.randrange(max(1, len(words) - 9))
        title = " ".join(words[start : start + 9]).strip(" .,;:…“”\"'()-")
        title = title[:1].upper() + title[1:]
        paragraphs = tuple(f"{a} {b}" for a, b in zip(drawn[::2], drawn[1::2], strict=True))
        if _TITLE[0] <= len(title) and title not in {each for each, _ in made}:
            made.append((title, paragraphs))
    return made


def _story(
    number: int,
    title: str,
    paragraphs: tuple[str, ...],
    titles: Sequence[str],
    chance: random.Random,
) -> Story:
    journal = chance.choice(JOURNALS)
    year = chance.randint(1996, 2024)
    issue = chance.randint(1, 12)
    published = datetime(year, min(12, max(1, issue)), chance.randint(1, 28))
    posted = published + timedelta(
        days=chance.randint(0, 20), seconds=chance.randrange(7 * 3600, 20 * 3600)
    )
    first = chance.randint(3, 140)
    return Story(
        number=number,
        title=title,
        paragraphs=paragraphs,
        people=_people(chance),
        journal=journal,
        section=chance.choice(journal.sections),
        volume=str(year - 1990),
        issue=str(issue),
        first_page=first,
        last_page=first + chance.randint(2, 9),
        doi=f"10.{59000 + JOURNALS.index(journal)}/{journal.host.split('.')[0]}.{year}.{number}",
        published=published,
        posted=posted,
        keywords=tuple(chance.sample(_KEYWORDS, chance.randint(3, 5))),
        other_titles=tuple(chance.sample(titles, min(6, len(titles)))),
    )


def _people(chance: random.Random) -> tuple[Person, ...]:
    people: dict[str, Person] = {}
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        name = _name(chance)
        title = chance.choice(_TITLES) if chance.random() < 0.5 else ""
        post = chance.choice(_POSTS) if chance.random() < 0.3 else ""
        people[name] = Person(name, title, post, chance.choice(_PLACES))
    return tuple(people.values())


def _name(chance: random.Random) -> str:
    middle, given = chance.choice((_MEN, _WOMEN))
    parts = [_FAMILIES, given] if chance.random() < 0.1 else [_FAMILIES, middle, given]
    if chance.random() < 0.15:
        parts.insert(-1, chance.choice((_MEN, _WOMEN))[1])
    return " ".join(chance.choice(part.split()) for part in parts)
