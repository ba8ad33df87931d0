"""XML from anywhere: parsed without entities of its own, without DTD and without network."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING

from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from lxml import etree

_REFERENCE = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31};)")
_OF_XML = frozenset((b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"))


def parse(raw: bytes) -> etree._Element:
    """The root element of an XML document.

    Entities that HTML names (``&nbsp;``, ``&eacute;``) are read although no DTD is: publishers'
    files have them. libxml2's own limits hold: 256 elements within one another, ten million
    characters in one text.

    Raises SourceError where it is not well-formed, declares entities of its own (by which a small
    file swells, or fetches what lies elsewhere), or passes a limit.

    >>> parse("<p>Đỗ&nbsp;Xuân H&ograve;a</p>".encode()).text
    'Đỗ\\xa0Xuân Hòa'
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(_REFERENCE.sub(_character, raw.lstrip()), parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(_failure(error)) from None
    except ValueError as error:  # an encoding that is none
        raise SourceError(f"not XML ({error})") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise SourceError(_ENTITIES)
    return root


def name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for a comment or an instruction.

    >>> name(parse(b'<a:title xmlns:a="https://example.org/"/>'))
    'title'
    """
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


_ENTITIES = "XML that declares entities of its own: write out what they stand for"


def _character(match: re.Match[bytes]) -> bytes:
    found = html5.get(match[1].decode()) if match[1] not in _OF_XML else None
    return "".join(f"&#{ord(each)};" for each in found).encode() if found else match[0]


def _failure(error: etree.XMLSyntaxError) -> str:
    said = str(error.msg or "no element")
    if "depth" in said:
        return "XML that is nested too deeply for an article"
    if "amplification" in said or "reference loop" in said:
        return _ENTITIES
    if "XML_PARSE_HUGE" in said:
        return "XML with a text too long for an article"
    return f"not well-formed XML ({' '.join(said.removesuffix(' (<string>').split())})"
