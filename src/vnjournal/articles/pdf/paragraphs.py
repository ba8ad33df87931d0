"""Lines in reading order -> paragraphs, over columns and pages.

A line begins a paragraph when its letters are of another kind, when it is indented, when there is
more room above it than between lines, or when the line before it ended though the first word of
this one would have fitted there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from vnjournal.articles.front_matter import Paragraph, label
from vnjournal.articles.pdf.columns import Line
from vnjournal.articles.pdf.line_ends import joined

# In parts of the size of the letters.
_INDENT = 0.8
_OTHER_SIZE = 0.08
_SPARE = 0.6  # room at the end of a line that a word could have filled, besides its own width
_CENTRED = 1.0
_ROOM_ABOVE = 1.35  # times the usual distance of lines
_NOTE_SIZE = 0.93  # times the size of the body, at most
_NOTE = re.compile(r"(?:[⁰¹²³⁴-⁹]+|\(?\d{1,3}[).\]]?|[*†‡]+)\s*\S")
_CAPTION = re.compile(
    r"(?:hình|bảng|biểu đồ|biểu|sơ đồ|ảnh|bản đồ|figure|fig\.|table)\s*\d+", re.IGNORECASE
)
_ITEM = re.compile(r"(?:\[\d+\]|\(?\d{1,3}[.)]|[•–—-])\s")
_SENTENCE_END = re.compile(r"[.!?…:;][”\"’)\]]*$")


def paragraphs(lines: Sequence[Line]) -> tuple[list[Paragraph], list[str]]:
    """The paragraphs of a document, and the notes at the foot of its pages."""
    usual = _usual_size(lines)
    blocks = [list(block) for _, block in groupby(lines, key=lambda line: line.block)]
    last_of_page = {block[-1].page: number for number, block in enumerate(blocks)}
    body: list[_Placed] = []
    notes: list[_Placed] = []
    for number, block in enumerate(blocks):
        placed = _placed(block)
        start = _notes_start(block, usual)
        at_foot = start < len(block) and (start or last_of_page[block[0].page] == number)
        body += placed[:start] if at_foot else placed
        notes += placed[start:] if at_foot else []
    seen = _seen(lines)
    return list(_built(body, seen)), [each.text for each in _built(notes, seen)]


def _are_indented(lines: Sequence[_Placed]) -> bool:
    """Whether the document indents its paragraphs."""
    indented = sum(_INDENT * each.line.size < each.indent < 5 * each.line.size for each in lines)
    return indented > len(lines) / 40


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line with what its column tells of it."""

    line: Line
    left: float  # where most lines of the column begin
    right: float  # where its lines end
    distance: float  # usual, from line to line; 0 where the column has one line

    @property
    def indent(self) -> float:
        return self.line.left - self.left

    @property
    def from_edge(self) -> float:
        return self.line.left - self.line.column[0]

    @property
    def is_in_middle(self) -> bool:
        middle = (self.line.left + self.line.right) / 2 - sum(self.line.column) / 2
        return abs(middle) < _CENTRED * self.line.size

    @property
    def is_centred(self) -> bool:
        return self.is_in_middle and self.line.left - self.line.column[0] > self.line.size


def _placed(block: list[Line]) -> list[_Placed]:
    """The lines of a block with the edges that several of them share, else those of the block."""
    edges = block[0].column
    left = min(_shared([line.left for line in block]), default=edges[0])
    right = max(_shared([line.right for line in block]), default=edges[1])
    distances = [a.baseline - b.baseline for a, b in pairwise(block)]
    distance = median(sorted(distances)[: (len(distances) + 1) // 2 + 1]) if distances else 0.0
    return [_Placed(line, left, right, distance) for line in block]


def _shared(places: list[float]) -> list[float]:
    """The places at which at least a fifth of the lines begin or end; two of them at the least."""
    times = Counter(round(place) for place in places)
    return [float(each) for each, count in times.items() if count >= max(2, len(places) / 5)]


def _usual_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _notes_start(block: list[Line], usual: float) -> int:
    """Number of the line at which the notes at the foot of a column begin."""
    start = len(block)
    while start and block[start - 1].size <= _NOTE_SIZE * usual:
        start -= 1
    while start < len(block) and not _NOTE.match(block[start].text):
        start += 1
    return start


def _seen(lines: Sequence[Line]) -> set[str]:
    """The words inside lines; the first and the last of a line may be parts of words."""
    inside = (word.text for line in lines for word in line.words[1:-1])
    return {text.strip("“”\"'‘’()[],.;:!?…").lower() for text in inside}


def _built(lines: list[_Placed], seen: set[str]) -> Iterator[Paragraph]:
    groups: list[list[_Placed]] = []
    indented = _are_indented(lines)
    for number, each in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else None
        if not groups or _begins(groups[-1], each, after, indented=indented):
            groups.append([])
        groups[-1].append(each)
    for group in _captions_behind(groups):
        yield _paragraph(group, seen)


def _captions_behind(groups: list[list[_Placed]]) -> list[list[_Placed]]:
    """A caption that stands inside a paragraph is put behind it."""
    found: list[list[_Placed]] = []
    captions: list[list[_Placed]] = []
    for group in groups:
        if found and _CAPTION.match(group[0].line.text):
            captions.append(group)
            continue
        if captions and _goes_on(found[-1][-1], group[0]):
            found[-1] = found[-1] + group
        else:
            found += captions
            captions = []
            found.append(group)
    return found + captions


def _goes_on(before: _Placed, this: _Placed) -> bool:
    size = before.line.size
    return (
        abs(size - this.line.size) < _OTHER_SIZE * size
        and before.line.bold == this.line.bold
        and this.indent < _INDENT * size
        and not _ended(before, this)
        and not label(this.line.text)
    )


def _begins(
    paragraph: list[_Placed], this: _Placed, after: _Placed | None, *, indented: bool
) -> bool:
    before = paragraph[-1]
    size = max(before.line.size, this.line.size)
    other_kind = before.line.bold != this.line.bold
    follows = before.line.block == this.line.block or _stands_below(before, this)
    if label(this.line.text) or abs(before.line.size - this.line.size) > _OTHER_SIZE * size:
        return True
    if follows:
        distance = before.line.baseline - this.line.baseline
        if distance > _ROOM_ABOVE * min(max(before.distance, 1.1 * size), 2.2 * size):
            return True
        if before.is_centred and this.is_centred:
            return other_kind or _has_room(before, this)
        if this.is_centred and len(paragraph) == 1 and _is_full(before, this):
            return other_kind
    if _ITEM.match(this.line.text) and _ITEM.match(paragraph[0].line.text):
        return abs(this.from_edge - paragraph[0].from_edge) < _INDENT * size
    if this.indent > _INDENT * size:
        return not _is_hanging(paragraph, this, after)
    stands_out = this.indent < -_INDENT * size  # the first line of a hanging paragraph
    new_by_words = not follows and not indented and _reads_as_new(before, this)
    return _ended(before, this) or stands_out or new_by_words


def _stands_below(before: _Placed, this: _Placed) -> bool:
    """In another block, but right under the line before: a gutter begins between them."""
    distance = before.line.baseline - this.line.baseline
    return before.line.page == this.line.page and 0 < distance < 2 * this.line.size


def _is_hanging(paragraph: list[_Placed], this: _Placed, after: _Placed | None) -> bool:
    """Whether a line is indented as all but the first of a paragraph are."""
    size = this.line.size
    if _ITEM.match(paragraph[0].line.text):
        return not _ended(paragraph[-1], this)
    if len(paragraph) > 1 and paragraph[-1].line.block == this.line.block:
        return abs(paragraph[-1].indent - this.indent) < 0.3 * size
    alike = after and abs(after.indent - this.indent) < 0.3 * size
    return bool(alike and not _ended(paragraph[-1], this) and not _ended(this, after))


def _ended(before: _Placed, this: _Placed | None) -> bool:
    """Whether a line ended before it was full: the next word would have fitted."""
    if this is None:
        return True
    size = before.line.size
    needed = this.line.words[0].width + _SPARE * size
    return before.right - before.line.right > needed


def _has_room(before: _Placed, this: _Placed) -> bool:
    """Whether a centred line has room for the next word: names and places stand on their own."""
    width = before.line.column[1] - before.line.column[0]
    needed = this.line.words[0].width + 2 * before.line.size
    return width - (before.line.right - before.line.left) > needed


def _is_full(before: _Placed, this: _Placed) -> bool:
    """Whether a line fills its column, so that it may go on in a centred one."""
    return before.is_in_middle and not _has_room(before, this)


def _reads_as_new(before: _Placed, this: _Placed) -> bool:
    """In another column or page, by the text alone: after a sentence."""
    begins_small = this.line.text.lstrip("“\"'‘([")[:1].islower()
    return bool(_SENTENCE_END.search(before.line.text)) and not begins_small


def _paragraph(lines: list[_Placed], seen: set[str]) -> Paragraph:
    text = lines[0].line.text
    for each in lines[1:]:
        text = joined(text, each.line.text, seen)
    sizes = Counter(each.line.size for each in lines)
    bold = sum(each.line.bold for each in lines) * 2 > len(lines)
    return Paragraph(text, size=sizes.most_common(1)[0][0], bold=bold, page=lines[0].line.page)
