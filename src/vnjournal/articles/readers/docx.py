"""Word's ``.docx``, and ``.docm`` without its macros: one article.

A zip file of XML parts (ECMA-376, Office Open XML, part 1, WordprocessingML). Only the parts that
hold text are unpacked, together as far as an article may be large.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from vnjournal.articles import front_matter, xml
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document, too_large
from vnjournal.articles.fonts import Fonts
from vnjournal.articles.front_matter import Paragraph
from vnjournal.articles.readers import old_office
from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MOST_PARTS = 10_000
_MOST_HEADS = 20  # headers and footers that are read
_RATIO = 200  # times its packed size, a part may have, once it is larger than this:
_SMALL = 1_000_000
_OLE = b"\xd0\xcf\x11\xe0"  # the wrapping of encrypted and of old files
_OUTSIDE = frozenset("del moveFrom delText delInstrText instrText pPr rPr tblPr trPr tcPr".split())
_BLOCKS = frozenset("p tbl".split())
_CHARACTERS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PRIVATE_USE = range(0xE000, 0xF900)
_OFF = ("0", "false", "off", "none")


def read(document: Document) -> Iterator[Article]:
    """The article that a document holds: inserted text is kept, deleted text dropped.

    Cells of a table are separated by tabs, a row a line; text boxes follow the paragraph that they
    hang on; notes come after the body, numbered as they are referred to. Headers and footers are
    kept in ``extra["removed"]``. Raises SourceError where it is no such file, damaged, encrypted,
    or a trap.
    """
    if document.beginning().startswith(_OLE):
        yield from old_office.read(document)
    try:
        with zipfile.ZipFile(document.stream) as packed:
            yield _article(_Parts(packed, document.max_size), document)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise SourceError(f"damaged, or no Word file ({error}): save it anew in Word") from None
    except RecursionError:
        raise SourceError("nested too deeply for an article") from None
    except (NotImplementedError, RuntimeError) as error:  # a packing method, or a password
        raise SourceError(f"packed in a way that is not read ({error}): save it anew") from None


class _Parts:
    """The parts of a packed file, unpacked one by one and no further than all may be large."""

    def __init__(self, packed: zipfile.ZipFile, max_size: int) -> None:
        self._packed, self._max_size, self._left = packed, max_size, max_size
        self.names = packed.namelist()
        if len(self.names) > _MOST_PARTS:
            raise SourceError(f"{len(self.names):,} parts, more than a Word file has")

    def root(self, name: str) -> Element | None:
        """A part's root element; None where there is no such part."""
        if name not in self.names:
            return None
        entry = self._packed.getinfo(name)
        if entry.file_size > max(_SMALL, _RATIO * entry.compress_size):
            raise SourceError(f"{name} unpacks to {entry.file_size:,} bytes: a trap, not a text")
        self._left -= entry.file_size
        if self._left < 0:
            raise too_large(self._max_size)
        return xml.parse(self._packed.read(entry))


def _article(parts: _Parts, document: Document) -> Article:
    main = next((n for n in ("word/document.xml", "word/document2.xml") if n in parts.names), "")
    root = parts.root(main)
    body = None if root is None else _child(root, "body")
    if body is None:
        raise SourceError("no Word file: it has no word/document.xml")
    styles = _styles(parts.root("word/styles.xml"))
    fonts = Fonts(_Text(styles, Fonts()).runs(body))
    text = _Text(styles, fonts)
    paragraphs = list(text.paragraphs(body))
    notes = [
        f"{number} {note}".strip()
        for number, note in (*_notes(parts, text, "footnote"), *_notes(parts, text, "endnote"))
    ]
    heads = [
        paragraph.text
        for name in sorted(parts.names)[:_MOST_PARTS]
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml")
        for paragraph in text.apart().paragraphs(parts.root(name))
    ]
    document.readings.extend(fonts.readings())
    removed = {"running heads": "\n".join(dict.fromkeys(heads))} if heads else {}
    if not paragraphs and not notes:
        raise SourceError("no text in it")
    return front_matter.article(
        paragraphs,
        document.id,
        document.source,
        about=_about(parts.root("docProps/core.xml")),
        running=heads[:_MOST_HEADS],
        notes=notes,
        extra={"removed": removed} if removed else {},
    )


def _about(root: Element | None) -> dict[str, str]:
    found = {} if root is None else {xml.name(each): each.text or "" for each in root}
    return {"Title": found.get("title", "")}  # its creator is who typed it, not the author


def _notes(parts: _Parts, text: _Text, kind: str) -> Iterator[tuple[str, str]]:
    root = parts.root(f"word/{kind}s.xml")
    for note in () if root is None else root:
        number = text.notes.get((kind, _value(note, "id")))
        if number is not None:  # others are separators, or belong to deleted text
            found = " ".join(each.text for each in text.apart().paragraphs(note))
            yield str(number).translate(_SUPERSCRIPT), found


# --- looks


class _Look(NamedTuple):
    """What is said of letters; None where nothing is."""

    size: float | None = None
    bold: bool | None = None
    font: str | None = None
    raised: bool | None = None
    hidden: bool | None = None

    def over(self, other: _Look) -> _Look:
        """This, and the other where this says nothing."""
        said = {name: value for name, value in self._asdict().items() if value is not None}
        return other._replace(**said)


@dataclass(frozen=True, slots=True)
class _Styles:
    looks: dict[str, _Look] = field(default_factory=dict)  # the style's and its ancestors'
    kinds: dict[str, str] = field(default_factory=dict)  # ``title`` or ``heading``
    usual: _Look = field(default_factory=_Look)
    paragraph: str = ""  # the style of paragraphs that name none


def _look(properties: Element | None) -> _Look:
    if properties is None:
        return _Look()
    found = {xml.name(each): each for each in properties}
    size = _value(found["sz"], "val") if "sz" in found else ""
    fonts = found.get("rFonts")
    font = None if fonts is None else _value(fonts, "ascii") or _value(fonts, "hAnsi") or None
    raised = None
    if "vertAlign" in found:
        raised = _value(found["vertAlign"], "val") == "superscript"
    elif "position" in found:  # above the line, as LibreOffice writes what was ``<sup>``
        raised = _value(found["position"], "val").isdecimal() and "sz" in found
    return _Look(
        int(size) / 2 if size.isdecimal() and len(size) < 5 else None,
        _value(found["b"], "val") not in _OFF if "b" in found else None,
        font,
        raised,
        _value(found["vanish"], "val") not in _OFF if "vanish" in found else None,
    )


def _styles(root: Element | None) -> _Styles:
    if root is None:
        return _Styles()
    elements = {_value(each, "styleId"): each for each in root if xml.name(each) == "style"}
    looks, kinds, paragraph = {}, {}, ""
    for id, element in elements.items():
        chain = _ancestry(id, elements)
        look = _Look()
        for each in chain:
            look = look.over(_look(_child(elements[each], "rPr")))
        looks[id] = look
        names = [_value(_child(elements[each], "name"), "val").lower() for each in chain]
        if "title" in names:
            kinds[id] = "title"
        elif any(name.startswith("heading") for name in names):
            kinds[id] = "heading"
        if _value(element, "type") == "paragraph" and _value(element, "default") in ("1", "true"):
            paragraph = id
    defaults = _child(_child(_child(root, "docDefaults"), "rPrDefault"), "rPr")
    return _Styles(looks, kinds, _look(defaults), paragraph)


def _ancestry(id: str, elements: dict[str, Element]) -> list[str]:
    """A style, the one that it is based on, and so on; each once, whatever the file says."""
    found: list[str] = []
    while id in elements and id not in found:
        found.append(id)
        id = _value(_child(elements[id], "basedOn"), "val")
    return found


# --- text


class _Text:
    """Takes paragraphs out of elements, and numbers the notes that they refer to."""

    def __init__(self, styles: _Styles, fonts: Fonts) -> None:
        self.styles, self._fonts = styles, fonts
        self.notes: dict[tuple[str, str], int] = {}

    def apart(self) -> _Text:
        """The same for another part of the file, which has notes of its own."""
        return _Text(self.styles, self._fonts)

    def runs(self, parent: Element) -> Iterator[tuple[str, str]]:
        """All stretches of text in an element, each with its font."""
        for paragraph in parent.iter("{*}p"):
            for text, look in self._runs(paragraph, self._base(paragraph), []):
                yield text, look.font or ""

    def paragraphs(self, parent: Element | None) -> Iterator[Paragraph]:
        """The paragraphs in an element that holds blocks; a table is one, a row a line."""
        for each in () if parent is None else _inside(parent):
            if xml.name(each) == "p":
                yield from self._paragraph(each)
            elif xml.name(each) == "tbl":
                rows = [row for row in self._rows(each) if row.strip()]
                if rows:
                    yield Paragraph("\n".join(rows))
            else:
                yield from self.paragraphs(each)

    def _rows(self, table: Element) -> Iterator[str]:
        for each in _inside(table):
            if xml.name(each) == "tr":
                cells = [
                    " ".join(" ".join(p.text.split()) for p in self.paragraphs(cell))
                    for cell in self._cells(each)
                ]
                yield "\t".join(cells)
            else:
                yield from self._rows(each)

    def _cells(self, row: Element) -> Iterator[Element]:
        for each in _inside(row):
            if xml.name(each) == "tc":
                yield each
            else:
                yield from self._cells(each)

    def _paragraph(self, element: Element) -> Iterator[Paragraph]:
        boxes: list[Element] = []
        base = self._base(element)
        runs = [run for run in self._runs(element, base, boxes) if not run[1].hidden]
        text = "".join(
            self._fonts.read("".join(text for text, _ in same), font or "")
            for font, same in groupby(runs, key=lambda run: run[1].font)
        )
        text = "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
        if text:
            sizes: Counter[float] = Counter()
            bold = 0
            for part, look in runs:
                sizes[look.size or 0.0] += len(part)
                bold += len(part) if look.bold else 0
            kind = self.styles.kinds.get(self._style(element), "")
            yield Paragraph(text, sizes.most_common(1)[0][0], 2 * bold > sizes.total(), kind)
        for box in boxes:
            yield from self.paragraphs(box)

    def _style(self, paragraph: Element) -> str:
        named = _child(_child(paragraph, "pPr"), "pStyle")
        return _value(named, "val") or self.styles.paragraph

    def _base(self, paragraph: Element) -> _Look:
        """What a paragraph says of its letters where they say nothing themselves."""
        look = self.styles.looks.get(self._style(paragraph), _Look())
        return look.over(self.styles.usual)

    def _runs(
        self, parent: Element, base: _Look, boxes: list[Element]
    ) -> Iterator[tuple[str, _Look]]:
        """Stretches of text with their looks; text boxes are put aside."""
        for each in _inside(parent):
            name = xml.name(each)
            if name == "r":
                properties = _child(each, "rPr")
                style = self.styles.looks.get(_value(_child(properties, "rStyle"), "val"), _Look())
                look = _look(properties).over(style).over(base)
                text = "".join(self._characters(each, boxes))
                yield (text.translate(_SUPERSCRIPT) if look.raised else text), look
            elif name not in _BLOCKS:
                yield from self._runs(each, base, boxes)

    def _characters(self, run: Element, boxes: list[Element]) -> Iterator[str]:
        for each in _inside(run):
            name = xml.name(each)
            if name == "t":
                yield each.text or ""
            elif name in _CHARACTERS:
                is_break = name != "br" or _value(each, "type") in ("", "textWrapping")
                yield _CHARACTERS[name] if is_break else " "
            elif name == "sym":
                yield _symbol(_value(each, "char"))
            elif name in ("footnoteReference", "endnoteReference"):
                key = name.removesuffix("Reference"), _value(each, "id")
                number = self.notes.setdefault(key, len(self.notes) + 1)
                yield str(number).translate(_SUPERSCRIPT)
            elif name == "txbxContent":
                boxes.append(each)
            else:
                yield from self._characters(each, boxes)


def _inside(parent: Element) -> Iterator[Element]:
    """The children that are shown: nothing deleted, and one of what are alternatives."""
    if xml.name(parent) == "AlternateContent":
        yield from list(parent)[:1]
        return
    for each in parent:
        if xml.name(each) not in _OUTSIDE:
            yield each


def _symbol(code: str) -> str:
    """The character of a symbol; none where only its font knows what it shows."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return "" if number in _PRIVATE_USE or not 0x20 <= number < 0xD800 else chr(number)


def _child(parent: Element | None, name: str) -> Element | None:
    found: Any = () if parent is None else parent
    return next((each for each in found if xml.name(each) == name), None)


def _value(element: Element | None, name: str) -> str:
    """An attribute of whatever namespace; "" where there is none."""
    found: Any = {} if element is None else element.attrib
    return next((str(v) for key, v in found.items() if key.rpartition("}")[2] == name), "")
