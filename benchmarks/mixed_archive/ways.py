"""The encodings in which documents of each format are saved, and what pages say of theirs."""

from __future__ import annotations

import codecs
import random
import unicodedata
from collections.abc import Mapping

from benchmarks.mixed_archive.made import Made
from benchmarks.mixed_archive.pages import CHARSET
from benchmarks.old_encodings import WAYS as OLD_WAYS
from benchmarks.old_encodings import Saved

BOM = "utf-8, byte order mark"
#: Text in one of these fonts, as a Word file or a page has it, by how the table names it.
FONTS: Mapping[str, tuple[str, str, str]] = {
    "tcvn3 by its font": ("tcvn3 misread", ".VnTime", ".VnTimeH"),
    "vni-windows by its font": ("vni-windows misread", "VNI-Times", "VNI-Times"),
}


def _marked(text: str) -> Saved:
    return codecs.BOM_UTF8 + unicodedata.normalize("NFC", text).encode(), text


WAYS = {**OLD_WAYS, BOM: _marked}

_MISREAD = ("utf-8 misread", "tcvn3 misread", "vni-windows misread", "windows-1258 misread")
_UNICODE = ("utf-8", "utf-8", "utf-8", "utf-8, decomposed")
_TABLES = (*_UNICODE, BOM, BOM, "utf-16", "windows-1258", "tcvn3", "vni-windows", *_MISREAD)
#: The encodings of each format; the more frequent ones stand here more than once.
OF_FORMAT: Mapping[str, tuple[str, ...]] = {
    "plain text": ("utf-8", "utf-8", "utf-8", *WAYS),
    "old page": (
        *("utf-8", "utf-8", BOM, "utf-8, decomposed", "utf-16"),
        *("windows-1258", "tcvn3", "tcvn-vn1", "vni-windows", "viscii", "vps"),
        *FONTS,
        *_MISREAD,
    ),
    "page": ("utf-8",) * 12 + (BOM, BOM, "utf-8, decomposed", "utf-16", *_MISREAD),
    "CSV": _TABLES,
    "RIS": _TABLES,
    "BibTeX": _TABLES,
    "JSON Lines": (*_UNICODE, *_MISREAD),
    "JATS": (*_UNICODE, "utf-8, decomposed", "tcvn3 misread"),
    "DOCX": (*_UNICODE, *FONTS, *FONTS, "tcvn3 misread", "vni-windows misread"),
    "PDF": (*_UNICODE, "utf-8", "vni-windows misread"),  # ReportLab drops soft hyphens: no TCVN3
}
_CHARSETS = {
    "windows-1258": ("windows-1258", "windows-1258", "x-user-defined", "windows-1252"),
    "viscii": ("viscii", "x-viscii", "iso-8859-1"),
    "tcvn3": ("windows-1252", "iso-8859-1", "x-user-defined", "utf-8", "windows-1258"),
    "tcvn-vn1": ("x-viet-tcvn5712", "iso-8859-1", "windows-1252"),
    "vni-windows": ("windows-1252", "iso-8859-1", "x-viet-vni", "utf-8"),
    "vps": ("x-viet-vps", "windows-1252"),
}
_WRONG = 0.1  # of the pages in UTF-8: they are said to be something else


def written(text: str, way: str) -> str:
    """What is left of a text in an encoding that cannot write every character, in NFC."""
    if way in FONTS:
        way = FONTS[way][0]
    return unicodedata.normalize("NFC", WAYS[way](text)[1])


def shown(text: str, way: str) -> str:
    """A text as a format that holds Unicode has it when a program took it for something else."""
    if way in FONTS:
        way = FONTS[way][0]
    if way.endswith(("misread", "decomposed")):
        return WAYS[way](text)[0].decode()
    return text


def saved(made: Made, way: str) -> bytes:
    """A document's text in an encoding."""
    return made.content if isinstance(made.content, bytes) else WAYS[way](made.content)[0]


def declared(page: Made, way: str, chance: random.Random) -> Made:
    """A page with the name of an encoding in its head, not always the right one."""
    names = _CHARSETS.get(way, ("utf-8", "utf-8", "UTF-8"))
    name = chance.choice(names)
    if way.startswith("utf-16"):
        name = chance.choice(("utf-16", "unicode", "utf-8"))
    elif way not in _CHARSETS and chance.random() < _WRONG:
        name = chance.choice(("windows-1252", "iso-8859-1"))
    content = str(page.content).replace(CHARSET, name)
    return Made(content, page.says, page.paragraphs, page.id)
