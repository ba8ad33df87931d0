"""The bytes of a web page as text, and the text as a tree of elements."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from vnjournal.articles import documents, misread
from vnjournal.articles.documents import Document
from vnjournal.articles.fonts import Fonts
from vnjournal.errors import SourceError
from vnjournal.language import detect
from vnjournal.language.detect import UTF8, WESTERN, Decoded
from vnjournal.text import encodings

#: An element of lxml, which comes without types.
Element = Any

_MOST_ELEMENTS = 100_000
_MOST_TAGS = 400_000
_HEAD = 4096  # bytes in which a page names its encoding
_DECLARED = re.compile(
    rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)
       | <\?xml[^>]{0,80}encoding=["']([\w.-]+)""",
    re.VERBOSE | re.IGNORECASE,
)
# Pages in every encoding are said to be these: the name tells nothing.
_SAID_OF_ALL = frozenset({"iso8859-1", "cp1252", "ascii"})
_OLD, _SAID_OF_OLD = "windows-1258", "cp1258"  # so are pages in other old encodings of Vietnamese
_A_GUESS = 0.5
_NO_TEXT = frozenset(("script", "style"))
_BAD_SHARE = 0.02  # of the characters beyond ASCII, in a page that is UTF-8 all the same
_BODY = re.compile(r"<(?:body|frameset)\b", re.IGNORECASE)
_OF_HEAD = re.compile(
    r"""\s*(?: <!--.*?--> | <[!?][^>]*> | </?(?:html|head|meta|link|base)\b[^>]*>
        | <(?P<name>title|script|style|noscript)\b.*?</(?P=name)\s*> )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_OLD_FONT = re.compile(rb"""["'\s:,](?:\.vn[a-z]|v(?:ni|ps)[- ][a-z])""", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # which no tree takes
_FAMILY = re.compile(r"font-family\s*:\s*([^;]+)", re.IGNORECASE)


def text(document: Document) -> str:
    """The text of a page; how it was decoded stands in the document's readings.

    What is UTF-8 is read as that, whatever the page says of itself; then the encoding counts that
    came with the page, or that it names; else it is detected. Raises SourceError for an empty page
    and for bytes that are no text.
    """
    raw = document.raw()
    found = detect.wide(raw)
    if found is None:
        raw = raw.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"")
        found = _decoded(raw, document.charset)
    document.readings.append(found)
    return found.text


def _decoded(raw: bytes, charset: str) -> Decoded:
    with suppress(UnicodeDecodeError):
        return detect.whole(raw.decode("utf-8"), UTF8)
    named = _DECLARED.search(raw[:_HEAD])
    said = (charset, (named[1] or named[2]).decode("ascii", "ignore") if named else "")
    found = [encoding for name in said if (encoding := _encoding(name))]
    repaired = raw.decode("utf-8", "replace")
    bad = repaired.count("\ufffd")
    if bad <= _BAD_SHARE * sum(map(len, re.findall(r"[^\x00-\x7f]+", repaired))) or bad == 1:
        return detect.whole(repaired, UTF8)
    telling = next((each for each in found if each not in _SAID_OF_ALL and each != "utf-8"), "")
    if telling and telling != _SAID_OF_OLD:
        name = re.sub(r"^cp(?=125\d$)", "windows-", telling)
        return detect.whole(raw.decode(telling, "replace"), name)
    if _OLD_FONT.search(raw):
        text = raw.decode("cp1252", "replace")
        return detect.whole(text, UTF8)  # each font tells its own encoding, in the tree
    try:
        return _detected(raw)
    except SourceError:
        if not found or found[0] == "utf-8":
            raise
        if telling:
            return detect.whole(encodings.decode(raw, _OLD), _OLD, _A_GUESS)
        return detect.whole(raw.decode("cp1252", "replace"), WESTERN, _A_GUESS)


def _detected(raw: bytes) -> Decoded:
    """The text of a page whose encoding only its words can tell; tags are none of them."""
    found = documents.decoded(_MARKUP.sub(b" ", raw))
    if found.encoding not in encodings.NAMES or len(found.passages) > 1:
        return documents.decoded(raw)
    text = encodings.decode(raw, found.encoding)
    return detect.whole(text, found.encoding, found.confidence)


def _encoding(name: str) -> str:
    """Python's name of a character encoding; empty for one that it does not know."""
    try:
        known = codecs.lookup(name.strip(" \"'"))
    except (LookupError, ValueError):
        return ""
    return known.name if getattr(known, "_is_text_encoding", True) else ""


def tree(page: str) -> Element:
    """The tree of a page.

    Raises SourceError for a page that is empty or nested without end.
    """
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


def put_right(root: Element) -> list[Decoded]:
    """Put the text of a page as it was meant: by its fonts, and where it was read wrongly before.

    Returns how it was read; nothing where all is well.
    """
    readings = _undo_fonts(root)
    texts = list(_texts(root))
    read, found = misread.as_meant([text for _, _, text in texts])
    for (element, name, text), meant in zip(texts, read, strict=True):
        if meant == text:
            continue
        if name == "content":
            element.set(name, meant)
        else:
            setattr(element, name, meant)
    return [*readings, found] if found else readings


def _texts(root: Element) -> Iterator[tuple[Element, str, str]]:
    """What a page says, to people and in its head: the element, where there, and the text."""
    for element in root.iter():
        is_code = element.tag in ("script", "style") and "json" not in (element.get("type") or "")
        found = {"text": "" if is_code else element.text, "tail": element.tail}
        if element.tag == "meta":
            found["content"] = element.get("content")
        yield from ((element, name, text) for name, text in found.items() if text and text.strip())


def _undo_fonts(root: Element) -> list[Decoded]:
    """Put real letters where a font shows them in disguise."""
    faces: dict[Element, str] = {}
    for element in root.iter():
        faces[element] = _face(element) or faces.get(element.getparent(), "")
    runs = [
        (element, name, text, face)
        for element, face in faces.items()
        for name, text, face in (
            ("text", "" if element.tag in _NO_TEXT else element.text, face),
            ("tail", element.tail, faces.get(element.getparent(), "")),
        )
        if text
    ]
    fonts = Fonts((text, face) for _, _, text, face in runs)
    for element, name, text, face in runs:
        if (found := fonts.read(text, face)) != text:
            setattr(element, name, _CONTROL.sub("", found))
    return fonts.readings()


def _face(element: Element) -> str:
    """The first font that an element names for its text."""
    face = element.get("face") or ""
    if not face and (style := element.get("style")) and (family := _FAMILY.search(style)):
        face = family[1]
    return face.split(",")[0].strip(" \"'")
