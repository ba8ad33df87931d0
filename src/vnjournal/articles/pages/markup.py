"""The bytes of a web page as text, and the text as a tree of elements."""

from __future__ import annotations

import codecs
import re
from typing import Any

from vnjournal.articles import documents
from vnjournal.articles.documents import Document
from vnjournal.errors import SourceError
from vnjournal.text import encodings
from vnjournal.text.encodings import of_font

#: An element of lxml, which comes without types.
Element = Any

_MOST_ELEMENTS = 100_000
_MOST_TAGS = 400_000
_HEAD = 4096  # bytes in which a page names its encoding
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WIDE = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_DECLARED = re.compile(
    rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)
       | <\?xml[^>]{0,80}encoding=["']([\w.-]+)""",
    re.VERBOSE | re.IGNORECASE,
)
# Pages in every encoding are said to be these: the name tells nothing.
_SAID_OF_ALL = frozenset({"iso8859-1", "cp1252", "ascii"})
_BAD_SHARE = 0.02  # of the characters beyond ASCII, in a page that is UTF-8 all the same
_BODY = re.compile(r"<(?:body|frameset)\b", re.IGNORECASE)
_OF_HEAD = re.compile(
    r"""\s*(?: <!--.*?--> | <[!?][^>]*> | </?(?:html|head|meta|link|base)\b[^>]*>
        | <(?P<name>title|script|style|noscript)\b.*?</(?P=name)\s*> )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_OLD_FONT = re.compile(rb"""["'\s:,](?:\.vn[a-z]|v(?:ni|ps)[- ][a-z])""", re.IGNORECASE)
_FAMILY = re.compile(r"font-family\s*:\s*([^;]+)", re.IGNORECASE)


def text(document: Document) -> tuple[str, list[str]]:
    """The text of a page, and remarks on how it was decoded.

    What is UTF-8 is read as that, whatever the page says of itself; then the encoding counts that
    came with the page, or that it names; else it is detected. Raises SourceError for an empty page
    and for bytes that are no text.
    """
    raw = document.raw()
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace"), []
    if wide := _WIDE.get(raw.lstrip()[:2]):
        return raw.decode(wide, "replace"), []
    raw = raw.replace(b"\0", b"")
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    named = _DECLARED.search(raw[:_HEAD])
    said = (document.charset, (named[1] or named[2]).decode("ascii", "ignore") if named else "")
    found = [encoding for name in said if (encoding := _encoding(name))]
    repaired = raw.decode("utf-8", "replace")
    bad = repaired.count("\ufffd")
    if bad <= _BAD_SHARE * sum(map(len, re.findall(r"[^\x00-\x7f]+", repaired))) or bad == 1:
        return repaired, [f"{bad} places are not UTF-8"]
    for encoding in found:
        if encoding not in _SAID_OF_ALL and encoding != "utf-8":
            return raw.decode(encoding, "replace"), []
    try:
        return _detected(raw, document), []
    except SourceError:
        if not found or found[0] == "utf-8":
            raise
        return raw.decode("cp1252", "replace"), []


def _detected(raw: bytes, document: Document) -> str:
    """The text of a page whose encoding only its words can tell; tags are none of them."""
    if _OLD_FONT.search(raw):
        return raw.decode("cp1252", "replace")  # each font tells its own, in the tree
    found = documents.decoded(_MARKUP.sub(b" ", raw))
    if found.encoding not in encodings.NAMES or len(found.passages) > 1:
        return document.text_of(raw)
    document.readings.append(found)
    return encodings.decode(raw, found.encoding)


def _encoding(name: str) -> str:
    """Python's name of a character encoding; empty for one that it does not know."""
    try:
        known = codecs.lookup(name.strip(" \"'"))
    except (LookupError, ValueError):
        return ""
    return known.name if getattr(known, "_is_text_encoding", True) else ""


def tree(page: str) -> Element:
    """The tree of a page. Raises SourceError for one that is empty or nested without end."""
    from lxml import etree

    if page.count("<") > _MOST_TAGS:
        raise SourceError(f"more than {_MOST_TAGS:,} tags: too many for a page")
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_with_body(page).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise SourceError("no article: the page has no text")
    last = parser.error_log.last_error
    if last is not None and "depth" in last.message:
        raise SourceError("elements nested too deeply for a page")
    if sum(1 for _ in zip(root.iter(), range(_MOST_ELEMENTS + 1), strict=False)) > _MOST_ELEMENTS:
        raise SourceError(f"more than {_MOST_ELEMENTS:,} elements: too many for a page")
    _undo_fonts(root)
    return root


def _with_body(page: str) -> str:
    """The page, with the tag ``<body>`` put in where it was left out.

    libxml2 knows no tags of HTML 5: it would take a ``<nav>`` or ``<main>`` for a part of the head.
    """
    if _BODY.search(page):
        return page
    end = 0
    while part := _OF_HEAD.match(page, end):
        end = part.end()
    return f"{page[:end]}<body>{page[end:]}"


def _undo_fonts(root: Element) -> None:
    """Put real letters where a font such as ``.VnTime`` or ``VNI-Times`` shows them in disguise."""
    faces: dict[Element, str] = {}
    for element in root.iter():
        parent = element.getparent()
        outer = faces.get(parent, "")
        face = faces[element] = _face(element) or outer
        if face and element.text:
            element.text = of_font(element.text, face)
        if outer and element.tail:
            element.tail = of_font(element.tail, outer)


def _face(element: Element) -> str:
    """The first font that an element names for its text."""
    face = element.get("face") or ""
    if not face and (style := element.get("style")) and (family := _FAMILY.search(style)):
        face = family[1]
    return face.split(",")[0].strip(" \"'")
