"""The text of a page in blocks: paragraphs, headings, entries of lists, tables, captions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vnjournal.articles.pages.furniture import Furniture, opening
from vnjournal.articles.pages.markup import Element

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form head h1 h2 h3 h4 h5 h6 header hr html legend li main "
    "marquee menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_UNSEEN = frozenset(
    "applet audio button canvas datalist embed iframe input math noscript object optgroup "
    "option script select style svg template textarea title video".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BOLD = _HEADINGS | {"b", "strong", "th"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_LINE = 2000  # characters of a block that are looked at as a line
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
        """Its text, of a long one the beginning, composed and on one line."""
        return unicodedata.normalize("NFC", " ".join(self.text[:_LINE].split()))

    @property
    def names(self) -> str:
        """The classes and ids of its element, and of those inside that hold the same text."""
        found = []
        element = self.element
        while element is not None:
            found += [element.get("class") or "", element.get("id") or ""]
            is_around = len(element) == 1 and not (element.text or element[0].tail or "").strip()
            element = element[0] if is_around else None
        return " ".join(filter(None, found))

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

    walk = _Walk(root, furniture)
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if _is_unseen(element):
            if event == "start":
                events.skip_subtree()
            else:
                walk.add(element.tail)
        elif event == "start":
            walk.enter(element)
        else:
            walk.leave(element)
    walk.flush()
    return walk.found


class _Walk:
    """Gathers the text of a page element by element; ``data_table``: the one it is in, if any."""

    def __init__(self, root: Element, furniture: Furniture) -> None:
        self.root, self.furniture = root, furniture
        self.found: list[Block] = []
        self.pieces: list[_Piece] = []
        self.open_blocks = [root]
        self.kinds = [""]
        self.linked = self.bold = self.right = 0
        self.data_table: Element | None = None

    def enter(self, element: Element) -> None:
        kind = self.kinds[-1] or self.furniture.kind(element)
        is_block = element.tag in _BLOCKS
        if self.data_table is not None:
            self._enter_in_table(element.tag)
        elif is_block or kind != self.kinds[-1]:
            self.flush()
        elif element.tag == "br":
            self._separate(_BREAK)
        if self.data_table is None and element.tag == "table" and _is_data(element):
            self.data_table = element
        self.kinds.append(kind)
        if is_block:
            self.open_blocks.append(element)
        self._count(element, 1)
        self.add(element.text)

    def _enter_in_table(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._separate("\t")
        elif tag in ("tr", "caption"):
            self._separate(_BREAK)
        elif tag in _BLOCKS or tag == "br":
            self._separate(" ")

    def leave(self, element: Element) -> None:
        is_block = element.tag in _BLOCKS
        if self.data_table is None or element is self.data_table or element.tag == "caption":
            if is_block or self.kinds[-1] != self.kinds[-2]:
                self.flush()
            if element is self.data_table:
                self.data_table = None
        elif is_block:
            self._separate(" ")
        self._count(element, -1)
        self.kinds.pop()
        if is_block:
            self.open_blocks.pop()
        if element is not self.root:
            self.add(element.tail)

    def _count(self, element: Element, by: int) -> None:
        self.linked += by * (element.tag == "a")
        self.bold += by * (element.tag in _BOLD)
        self.right += by * _is_right(element)

    def _separate(self, separator: str) -> None:
        self.pieces.append(_Piece(separator, False, False))

    def add(self, text: str | None) -> None:
        """Add text as it stands in an element or behind one."""
        keeps_lines = self.open_blocks[-1].tag == "pre"
        for number, line in enumerate((text or "").split("\n") if keeps_lines else [text or ""]):
            if number:
                self._separate(_BREAK)
            if line:
                piece = _Piece(_BLANKS.sub(" ", line), self.linked > 0, self.bold > 0)
                self.pieces.append(piece)

    def flush(self) -> None:
        """End the block that is being gathered."""
        if not self.pieces:
            return
        block, kind = self.open_blocks[-1], self.kinds[-1]
        for text, linked, is_bold in _paragraphs(self.pieces):
            self.found.append(Block(text, linked, block, kind, is_bold, self.right > 0))
        self.pieces.clear()


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
        is_bold = "\t" not in text and all(piece.bold for piece in line if piece.text.strip())
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
