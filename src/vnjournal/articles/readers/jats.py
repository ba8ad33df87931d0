"""JATS, the XML in which publishers keep and exchange articles (ANSI/NISO Z39.96; NLM before it).

A ``<sub-article>`` (a translation, a reply) is an article of its own, with the journal and the
issue of the article around it. Section titles, captions, rows of a table and formulas are
paragraphs of the body; the cells of a row are parted by `` | ``. The dates of the issue and of
print are ``published``, that of the web is ``posted``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vnjournal.articles import metadata, records
from vnjournal.articles.article import Article, Author
from vnjournal.articles.documents import Document, reporting
from vnjournal.articles.xml import name
from vnjournal.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ARTICLES = ("article", "sub-article", "response")
#: What stands among the text and is none of it.
_NO_TEXT = frozenset(
    """fn graphic media inline-graphic object-id label-alternatives index-term permissions
    contrib-group""".split()
)
#: What is taken apart into paragraphs, wherever it stands.
_BLOCKS = frozenset(
    """sec p title list list-item table-wrap table-wrap-group fig fig-group boxed-text disp-quote
    disp-formula disp-formula-group verse-group speech statement def-list def-item table array
    caption app app-group ack fn-group glossary notes supplementary-material verse-line
    preformat code attrib""".split()
)
_HOLDS_BLOCKS = "holds-blocks"  # an attribute of our own
_TEX = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
#: Elements whose parts have nothing between them.
_IN_PARTS = ("disp-formula", "math", "name", "person-group", "institution-wrap")
_OTHER_ABSTRACTS = ("graphical", "teaser", "toc", "key-points", "highlights", "short")
_ON_THE_WEB = ("epub", "electronic", "epub-ahead-of-print")
_COPIED = ("pmc-release", "nihms-submitted", "preprint")  # dates of what is somewhere else


def articles(root: Element, document: Document) -> Iterator[Article]:
    """The articles below a root element; what of them is none is reported.

    Raises SourceError where there is none.
    """
    found = [each for each in root.iter() if name(each) in _ARTICLES and _front(each) is not None]
    if not found:
        raise SourceError("no JATS article (it has no <front>)")
    for block in root.iter(*(f"{{*}}{each}" for each in _BLOCKS)):
        for around in block.iterancestors():
            if _HOLDS_BLOCKS in around.attrib:
                break
            around.set(_HOLDS_BLOCKS, "")
    given: set[str] = set()
    for number, element in enumerate(found, start=1):
        default_id = document.id if len(found) == 1 else f"{document.id}#{number}"
        source = document.source if len(found) == 1 else f"{document.source}, article {number}"
        with reporting(source, document.report):
            yield _article(element, default_id, document.source, given)


def _article(element: Element, default_id: str, source: str, given: set[str]) -> Article:
    values: dict[str, str] = {}
    around: Element | None = element
    while around is not None:  # an article within another has its journal and issue
        values = _of_the_issue(around) | values
        around = next((each for each in around.iterancestors() if name(each) in _ARTICLES), None)
    meta = _meta(element)
    titles = _child(meta, "title-group")
    values |= {
        "title": _inline(_child(titles if titles is not None else meta, "article-title")),
        "section": _section(meta),
        "pages": _pages(meta),
        "doi": next((_inline(i) for i in _all(meta, "article-id") if _is(i, "doi")), ""),
        "url": next((u.get(_HREF, "") for u in _all(meta, "self-uri") if _is_page(u)), ""),
        "abstract": next((_text(a) for a in _all(meta, "abstract") if not _is_other(a)), ""),
        "body": _body(element),
    }
    if "lang" not in values:  # what JATS says when an article does not
        text = " ".join(values[field] for field in ("title", "abstract", "body"))
        values["lang"] = "vi" if metadata.is_vietnamese(text) else "en"
    return records.article(values, default_id, source, given, _authors(meta), _extra(element, meta))


def _front(element: Element) -> Element | None:
    front = _child(element, "front")
    return front if front is not None else _child(element, "front-stub")


def _meta(element: Element) -> Element | None:
    front = _front(element)
    meta = _child(front, "article-meta")
    return meta if meta is not None else front


def _of_the_issue(element: Element) -> dict[str, str]:
    """What the articles of an issue share, and the language."""
    journal = _child(_front(element), "journal-meta")
    titles = _child(journal, "journal-title-group")
    meta = _meta(element)
    numbers = sorted(_all(journal, "issn"), key=lambda each: _is(each, *_ON_THE_WEB))  # print first
    dates = [
        (_is(each, *_ON_THE_WEB), _date(each))
        for each in _all(meta, "pub-date")
        if not _is(each, *_COPIED)
    ]
    found = {
        "journal": _inline(_child(titles if titles is not None else journal, "journal-title"))
        or _inline(_child(titles if titles is not None else journal, "abbrev-journal-title")),
        "issn": next((_inline(each) for each in numbers), ""),
        "volume": _inline(_child(meta, "volume")),
        "issue": _inline(_child(meta, "issue")),
        "published": max((date for web, date in dates if not web), key=len, default=""),
        "posted": max((date for web, date in dates if web), key=len, default=""),
        "lang": element.get(_LANG, ""),
    }
    return {field: value for field, value in found.items() if value}


def _extra(element: Element, meta: Element | None) -> dict[str, Any]:
    titles = _child(meta, "title-group")
    translated = {
        group.get(_LANG, "?"): _inline(_child(group, "trans-title"))
        for group in (_all(titles, "trans-title-group") or _all(titles, "trans-title"))
        if _child(group, "trans-title") is not None
    } or {each.get(_LANG, "?"): _inline(each) for each in _all(titles, "trans-title")}
    abstracts = {each.get(_LANG, "?"): _text(each) for each in _all(meta, "trans-abstract")}
    keywords = [_inline(k) for group in _all(meta, "kwd-group") for k in _below(group, "kwd")]
    extra = {
        "article_type": element.get("article-type", ""),
        "subtitle": _inline(_child(titles, "subtitle")),
        "translated_titles": translated,
        "translated_abstracts": abstracts,
        "keywords": list(filter(None, keywords)),
        "references": _references(element),
    }
    return {what: value for what, value in extra.items() if value}


def _section(meta: Element | None) -> str:
    groups = _all(_child(meta, "article-categories"), "subj-group")
    groups.sort(key=lambda each: each.get("subj-group-type", "") != "heading")
    return next((_inline(subject) for each in groups for subject in _all(each, "subject")), "")


def _pages(meta: Element | None) -> str:
    first, last = _inline(_child(meta, "fpage")), _inline(_child(meta, "lpage"))
    between = f"{first}-{last}" if first and last and first != last else first
    return between or _inline(_child(meta, "page-range")) or _inline(_child(meta, "elocation-id"))


def _date(element: Element) -> str:
    parts = [_inline(_child(element, part)) for part in ("year", "month", "day")]
    year, month, day = parts
    if month.isdecimal():
        found = metadata.date("-".join(part.zfill(2) for part in parts if part))
    else:
        found = metadata.date(f"{day} {month} {year}")
    written = element.get("iso-8601-date", "") or _inline(_child(element, "string-date"))
    return found or metadata.date(written)


def _references(element: Element) -> list[str]:
    found = []
    for ref in _below(_child(element, "back"), "ref"):
        for each in ref:
            kind = name(each)
            if kind == "element-citation":  # without the punctuation of a printed one
                parts = (" ".join(_inline(part).split()) for part in each)
                found.append(". ".join(part for part in parts if part))
            elif kind in ("mixed-citation", "citation", "nlm-citation", "note"):
                found.append(_inline(each))
    return list(filter(None, found))


# --- Authors


def _authors(meta: Element | None) -> list[Author]:
    places = {each.get("id", ""): _affiliation(each) for each in _below(meta, "aff")}
    found = []
    for group in _all(meta, "contrib-group"):
        shared = [_affiliation(each) for each in _all(group, "aff")]
        for contrib in _below(group, "contrib"):
            if contrib.get("contrib-type", "author") not in ("author", "collab"):
                continue
            links = [x.get("rid", "") for x in _all(contrib, "xref") if x.get("ref-type") == "aff"]
            named = [places[rid] for each in links for rid in each.split() if rid in places]
            own = [_affiliation(each) for each in _all(contrib, "aff")]
            institutions = named or own or (shared if not any(places) else [])
            role, place = metadata.affiliation("; ".join(filter(None, institutions)))
            titles = [_inline(each) for kind in ("degrees", "role") for each in _all(contrib, kind)]
            if who := _name(contrib):
                found.append(Author(who, ", ".join(filter(None, (*titles, role))), place))
    return found


def _name(contrib: Element) -> str:
    alternatives = _child(contrib, "name-alternatives")
    around = contrib if alternatives is None else alternatives
    if (written := _child(around, "name")) is not None:
        family = _inline(_child(written, "surname"))
        given = _inline(_child(written, "given-names"))
        if written.get("name-style") == "eastern":
            return f"{family} {given}".strip()
        return metadata.full_name(family, given)
    for kind in ("string-name", "collab", "on-behalf-of"):
        if whole := _inline(_child(around, kind)):
            return whole
    return ""


def _affiliation(element: Element) -> str:
    """Its parts in a row; where nothing parts them, with commas."""
    parts = [element.text or ""]
    for each in element:
        if name(each) not in ("label", "sup", "x", "email", "institution-id", "ext-link"):
            text = _inline(each)
            before = "".join(parts).rstrip()
            parts.append(f", {text}" if text and before and before[-1] not in ",;.-(" else text)
        parts.append(each.tail or "")
    return re.sub(r"\s*,[\s,]*", ", ", " ".join("".join(parts).split())).strip(" ,.;*†‡")


# --- Text


def _body(element: Element) -> str:
    body, back = _child(element, "body"), _child(element, "back")
    parts = [] if body is None else list(_paragraphs(body))
    for each in back if back is not None and parts else ():
        if name(each) not in ("ref-list", ""):
            parts += _paragraphs(each)
    return "\n\n".join(parts)


def _text(element: Element) -> str:
    """The paragraphs of an abstract, say, without the word that heads it."""
    first = _child(element, "title")
    if first is not None:
        first.clear(keep_tail=True)
    return "\n\n".join(_paragraphs(element))


def _paragraphs(element: Element) -> Iterator[str]:
    """What an element holds, paragraph by paragraph."""
    kind = name(element)
    if kind in ("table", "array"):
        rows = (_row(row) for row in _below(element, "tr"))
        yield from filter(None, ["\n".join(filter(None, rows))])
    elif kind in ("disp-formula", "code", "preformat"):
        yield from filter(None, [_inline(element)])
    elif kind in ("table-wrap", "fig", "boxed-text", "supplementary-material", "sec", "statement"):
        label = _child(element, "label")
        first, *others = (*_blocks(element, label), "")
        yield from filter(None, [". ".join(filter(None, (_inline(label).rstrip(". "), first)))])
        yield from filter(None, others)
    else:
        yield from _blocks(element)


def _blocks(element: Element, label: Element | None = None) -> Iterator[str]:
    """Paragraphs but for the label: stretches of running text, and the blocks between them."""
    running = [element.text or ""]
    notes: list[str] = []
    for each in element:
        if each is label:
            pass
        elif name(each) == "fn" and name(element) != "fn-group":
            notes += _paragraphs(each)
        elif name(each) in _BLOCKS or _HOLDS_BLOCKS in each.attrib:
            yield from _flushed(running)
            if name(each) not in _ARTICLES:
                yield from _paragraphs(each)
        else:
            running.append(_raw(each))
        running.append(each.tail or "")
    yield from _flushed(running)
    yield from notes


def _flushed(running: list[str]) -> Iterator[str]:
    text = " ".join("".join(running).split())
    running.clear()
    if text:
        yield text


def _row(row: Element) -> str:
    cells = (_inline(cell) for cell in row if name(cell) in ("td", "th"))
    return " | ".join(cells).strip(" |")


def _inline(element: Element | None) -> str:
    """An element's text on one line; empty for none."""
    return "" if element is None else " ".join(_raw(element).split())


def _is_raised(element: Element) -> bool:
    above = element.getparent()
    return (above is not None and name(above) == "sup") or _child(element, "sup") is not None


def _raw(element: Element) -> str:
    """An element's text as it runs; blocks in it are parted by blanks."""
    kind = name(element)
    if not kind or kind in _NO_TEXT:
        return ""
    if kind == "break":
        return " "
    if kind == "xref" and element.get("ref-type") in ("fn", "table-fn", "author-notes", "corresp"):
        return ""
    if kind == "tex-math":
        return _formula(element)
    if kind == "alternatives":  # one thing in several forms
        return next((text for each in element if (text := _raw(each)).strip()), "")
    inner = [element.text or ""]
    for each in element:
        part = _raw(each)
        is_apart = name(each) in _BLOCKS or kind in _IN_PARTS
        inner += [f" {part} " if is_apart else part, each.tail or ""]
    text = "".join(inner)
    is_number = kind == "xref" and element.get("ref-type") == "bibr" and text.strip().isdecimal()
    if is_number and _is_raised(element):
        return f" [{text.strip()}]"  # else the number runs into the word before it
    return f" {' '.join(text.split())} " if kind == "math" else text


def _formula(element: Element) -> str:
    text = "".join(map(str, element.itertext()))
    match = _TEX.search(text)
    return f" {' '.join((match[1] if match else text).split())} "


# --- Elements


def _child(element: Element | None, wanted: str) -> Element | None:
    return next(iter(_all(element, wanted)), None)


def _all(element: Element | None, wanted: str) -> list[Element]:
    return [] if element is None else [each for each in element if name(each) == wanted]


def _below(element: Element | None, wanted: str) -> list[Element]:
    return [] if element is None else [each for each in element.iter() if name(each) == wanted]


def _is(element: Element, *kinds: str) -> bool:
    attributes = ("pub-type", "publication-format", "pub-id-type")
    return any(element.get(attribute) in kinds for attribute in attributes)


def _is_page(element: Element) -> bool:
    return "pdf" not in element.get("content-type", "") and bool(element.get(_HREF))


def _is_other(element: Element) -> bool:
    return element.get("abstract-type") in _OTHER_ABSTRACTS
