"""The text of a page in blocks: paragraphs, headings, entries of lists, tables, captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vnjournal.articles.pages.furniture import Furniture, opening
from vnjournal.articles.pages.markup import Element

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main marquee menu nav "
    "ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_UNSEEN = frozenset(
    "applet audio button canvas datalist embed head iframe input math noscript object optgroup "
    "option script select style svg template textarea title video".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BOLD = _HEADINGS | {"b", "strong", "th"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_CELL_LENGTH = 200  # a longer cell is part of a page's layout
_BREAK = "\n"
_AROUND = " \u200b\ufeff"  # SharePoint begins many a text with an invisible character


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that stands by itself on the page.

    ``text``: its lines parted by a newline, the cells of a table's row by a tab; ``linked``: how
    many of its characters are links; ``element``: the block element that it stands in; ``kind``:
    the furniture that it is part of (``menu`` ...), or empty; ``bold``, ``right``: how it looks.
    """

    text: str
    linked: int
    element: Element
    kind: str = ""
    bold: bool = False
    right: bool = False

    @property
    def unlinked(self) -> int:
        """How many of its characters are no links."""
        return max(0, len(self.text) - self.linked)

    @property
    def line(self) -> str:
        """Its text on one line."""
        return " ".join(self.text.split())

    @property
    def heading(self) -> bool:
        """Whether it is marked up as a heading."""
        return self.element.tag in _HEADINGS


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    linked: bool
    bold: bool


def blocks(root: Element, furniture: Furniture) -> list[Block]:
    """Every block of a page that a reader sees, in order."""
    from lxml import etree

    found: list[Block] = []
    pieces: list[_Piece] = []
    open_blocks = [root]
    kinds = [""]
    linked = bold = right = 0
    data_table: Element = None
    walk = etree.iterwalk(root, events=("start", "end"))

    def flush() -> None:
        for text, linked_characters, is_bold in _paragraphs(pieces):
            block = open_blocks[-1]
            found.append(Block(text, linked_characters, block, kinds[-1], is_bold, right > 0))
        pieces.clear()

    def add(text: str | None) -> None:
        if text:
            if any(each.tag == "pre" for each in open_blocks[-1:]):
                for line in text.splitlines(keepends=True):
                    pieces.append(_Piece(_BLANKS.sub(" ", line), linked > 0, bold > 0))
                    if line.endswith("\n"):
                        pieces.append(_Piece(_BREAK, False, False))
            else:
                pieces.append(_Piece(_BLANKS.sub(" ", text), linked > 0, bold > 0))

    for event, element in walk:
        tag = element.tag
        if event == "start":
            if _is_unseen(element):
                walk.skip_subtree()
                continue
            kind = kinds[-1] or furniture.kind(element)
            if data_table is None and (tag in _BLOCKS or kind != kinds[-1]):
                flush()
            kinds.append(kind)
            if tag in _BLOCKS:
                open_blocks.append(element)
            if data_table is not None:
                if tag in ("td", "th"):
                    pieces.append(_Piece("\t", False, False))
                elif tag in ("tr", "caption"):
                    pieces.append(_Piece(_BREAK, False, False))
                elif tag in _BLOCKS or tag == "br":
                    pieces.append(_Piece(" ", False, False))
            elif tag == "table" and _is_data(element):
                data_table = element
            elif tag == "br":
                pieces.append(_Piece(_BREAK, False, False))
            linked += tag == "a"
            bold += tag in _BOLD
            right += _is_right(element)
            add(element.text)
        else:
            if _is_unseen(element):
                add(element.tail)
                continue
            if data_table is None or element is data_table or tag == "caption":
                if tag in _BLOCKS or kinds[-1] != kinds[-2]:
                    flush()
                if element is data_table:
                    data_table = None
            elif tag in _BLOCKS:
                pieces.append(_Piece(" ", False, False))
            linked -= tag == "a"
            bold -= tag in _BOLD
            right -= _is_right(element)
            kinds.pop()
            if tag in _BLOCKS:
                open_blocks.pop()
            if element is not root:
                add(element.tail)
    flush()
    return found


def _is_unseen(element: Element) -> bool:
    return (
        not isinstance(element.tag, str)
        or element.tag in _UNSEEN
        or element.get("hidden") is not None
        or bool(_HIDDEN.search(element.get("style") or ""))
    )


def _is_right(element: Element) -> bool:
    return (element.get("align") or "").lower() == "right" or bool(
        _RIGHT.search(element.get("style") or "")
    )


def _is_data(table: Element) -> bool:
    """Whether a table holds data: rows of several short cells; else it lays out the page."""
    rows = [row for row in _rows(table) if len(row)]
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    if len(rows) < 2 or max(map(len, rows)) < 2 or len(cells) < 1.5 * len(rows):
        return False
    return all(_is_data_cell(cell) for cell in cells)


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _is_data_cell(cell: Element) -> bool:
    length = 0
    for element in cell.iter():
        if element.tag in ("table", "input", "form", "ul", "h1", "h2", "h3", "img"):
            return False
        if element.tag == "a" and length == 0:
            length += len(element.text or "") * 2  # links in cells are a menu sooner than data
        length += len(element.text or "") + (len(element.tail or "") if element is not cell else 0)
        if length > _CELL_LENGTH:
            return False
    return True


def _paragraphs(pieces: Sequence[_Piece]) -> Iterator[tuple[str, int, bool]]:
    """The paragraphs of a block: text, linked characters, whether all of it is bold.

    Two line breaks part them; a line in bold letters is one by itself, and a line that announces
    a list of links begins one.
    """
    group: list[_Piece] = []
    breaks = 0
    was_bold = False
    for line in _lines(pieces):
        text = _clean(line)
        if not text:
            breaks += 1
            continue
        is_bold = all(piece.bold for piece in line if piece.text.strip())
        if group and (breaks > 0 or (was_bold and not is_bold) or opening(text)):
            yield _paragraph(group)
            group = []
        elif group:
            group.append(_Piece(_BREAK, False, False))
        group += line
        breaks = 0
        was_bold = is_bold
    if group:
        yield _paragraph(group)


def _lines(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    line: list[_Piece] = []
    for piece in pieces:
        if piece.text == _BREAK:
            yield line
            line = []
        else:
            line.append(piece)
    yield line


def _paragraph(pieces: Sequence[_Piece]) -> tuple[str, int, bool]:
    text = _clean(pieces)
    seen = [piece for piece in pieces if piece.text.strip()]
    linked = sum(len(piece.text.strip()) for piece in seen if piece.linked)
    return text, min(linked, len(text)), all(piece.bold for piece in seen)


def _clean(pieces: Sequence[_Piece]) -> str:
    rows = "".join(piece.text for piece in pieces).split(_BREAK)
    cells = (row.removeprefix("\t").split("\t") for row in rows)
    lines = ("\t".join(_BLANKS.sub(" ", cell).strip(_AROUND) for cell in row) for row in cells)
    return "\n".join(lines)
