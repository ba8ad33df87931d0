"""Running heads and feet: what repeats, up to its numbers, at the same height on several pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from vnjournal.articles.pdf.words import Word, usual_size

_OUTER = 3  # lines at the top and at the foot of a page that may be running heads
_FRONT = 10  # lines at the top of the first page: masthead, title, authors
_LEAST_LETTERS = 6
_SMALLER = 0.95  # times the usual size
_SAME_HEIGHT = 2.0  # points
_SAME_LINE = 3.0
_PAGE_NUMBER = re.compile(r"[\[\(–—-]*\s*(?:trang|page|p\.)?\s*\d{1,5}\s*[\]\)–—-]*", re.IGNORECASE)
_AT_END = re.compile(r"^\d{1,5}\b|\b\d{1,5}$")

_Row = list[Word]
_Height = tuple[int, int]  # and the size of the letters: a title may stand there too


def parted(pages: Sequence[Sequence[Word]]) -> tuple[list[list[Word]], list[list[str]]]:
    """For each page its words without the running heads, and the running heads line by line.

    A line is one when it repeats on another page, or stands where such lines stand on two other
    pages, outermost: the heads of odd and even pages differ. On a page without a like, only a
    number that stands alone is one, and what the first page has at its top, such as the journal or
    an author, in smaller letters than the text.
    """
    rows = [_rows(page) for page in pages]
    repeats: Counter[tuple[str, int]] = Counter()
    for page in rows:
        repeats.update({key for row in _outer(page) for key in _keys(row)})
    heights: Counter[_Height] = Counter()
    for page in rows:
        for row in _outer(page):
            if _repeats(row, repeats):
                heights[_height(row)] += 1
    kept: list[list[Word]] = []
    removed: list[list[str]] = []
    front = " ".join(_text(row).casefold() for page in rows[:1] for row in page[:_FRONT])
    usual = usual_size([word for page in pages for word in page])
    for number, page in enumerate(rows):
        taken = {id(row) for row in _taken(page, repeats, heights)}
        if number:
            taken |= {id(row) for row in page[:_OUTER] if _is_of_front(row, front, usual)}
        kept.append([word for row in page if id(row) not in taken for word in row])
        removed.append([_text(row) for row in page if id(row) in taken])
    return kept, removed


def _taken(
    page: list[_Row], repeats: Counter[tuple[str, int]], heights: Counter[_Height]
) -> Iterator[_Row]:
    for rows in (page[:_OUTER], page[::-1][:_OUTER]):
        for row in rows:
            at, size = _height(row)
            like = sum(heights[at + step, size] for step in (-1, 0, 1))
            stands_apart = _repeats(row, repeats) or (like >= 2 and len(page) > 2)
            if not stands_apart and not _PAGE_NUMBER.fullmatch(_text(row)):
                break
            yield row


def _is_of_front(row: _Row, front: str, usual: float) -> bool:
    text = _AT_END.sub("", _text(row).casefold()).strip()
    return len(text) >= _LEAST_LETTERS and text in front and usual_size(row) < _SMALLER * usual


def _repeats(row: _Row, repeats: Counter[tuple[str, int]]) -> bool:
    return any(repeats[key] > 1 for key in _keys(row))


def _height(row: _Row) -> _Height:
    return round(row[0].baseline / _SAME_HEIGHT), round(usual_size(row))


def _keys(row: _Row) -> Iterator[tuple[str, int]]:
    text = re.sub(r"\d+", "#", _text(row).casefold())
    at = round(row[0].baseline / _SAME_HEIGHT)
    yield from ((text, at), (text, at + 1))  # heights that round apart share one of the two


def _outer(page: list[_Row]) -> list[_Row]:
    return page if len(page) <= 2 * _OUTER else page[:_OUTER] + page[-_OUTER:]


def _rows(page: Sequence[Word]) -> list[_Row]:
    rows: list[_Row] = []
    for word in sorted(page, key=lambda word: -word.baseline):
        if rows and rows[-1][0].baseline - word.baseline < _SAME_LINE:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _text(row: _Row) -> str:
    return " ".join(word.text for word in row)


def page_range(removed: Sequence[Sequence[str]]) -> str:
    """The pages of the issue, ``45-52``, from page numbers that go up by one; "" where none do.

    >>> page_range([["Tạp chí A, số 2 45"], ["46 Tạp chí A, số 2"], ["47"]])
    '45-47'
    """
    offsets: Counter[int] = Counter()
    for index, lines in enumerate(removed):
        ends = {
            int(found) for line in lines for found in re.findall(r"^\d{1,5}\b|\b\d{1,5}$", line)
        }
        offsets.update({number - index for number in ends})
    if not offsets:
        return ""
    first, times = offsets.most_common(1)[0]
    if times < max(2, len(removed) / 2) or first < 1:
        return ""
    return f"{first}-{first + len(removed) - 1}"
