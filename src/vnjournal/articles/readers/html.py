"""A saved web page: the article in it, without the site around it.

What the page declares for machines is trusted most, then its markup, then how it looks; a template
of the site (:mod:`vnjournal.articles.portals`) counts before all of them. What is taken off is kept
in ``extra["removed"]`` by kind. Bylines and citation lines are read as in plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial, reduce
from typing import Any

from vnjournal.articles import metadata, portal_lines, portals
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.articles.misread import noted
from vnjournal.articles.pages import body, declared, markup, repetition
from vnjournal.articles.pages.beside import day, keywords, person, said_beside
from vnjournal.articles.pages.blocks import Block, blocks
from vnjournal.articles.pages.furniture import Furniture
from vnjournal.articles.pages.markup import Element
from vnjournal.articles.pages.repetition import marked, trim
from vnjournal.articles.portals import Portal
from vnjournal.articles.sites import NO_SITES, Repeated, Sites, Template, site_of
from vnjournal.errors import SourceError

_DATES = ("published", "posted")
_FIELDS = ("section", "journal", "issue", "volume", "pages", "issn", "doi", "lang")
_ERROR_PAGE = re.compile(
    r"\b(?:404|403|500|502|503)\b|không tìm thấy|không tồn tại|not found|forbidden|access denied"
    r"|error occurred|lỗi (?:hệ thống|máy chủ|truy cập)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"đăng nhập|\blog ?in\b|\bsign ?in\b", re.IGNORECASE)
_NOTICE = 600  # characters that the text of an error page or a login page has at most
_SHELL = 200  # characters of a page that a script is to fill
_LABEL = 4  # characters: a line above the text that is shorter is a button
_IN_HEAD = 1000  # characters of ``<title>`` that are looked at
_ABOVE = 12  # lines at the beginning of a text that may tell date and author
_LISTED = 3  # headings that are links, each above a teaser: a list of articles


def read(document: Document) -> Iterator[Article]:
    """The article that a page holds. Raises SourceError for a page that holds none."""
    yield parse(
        *(markup.text(document), document.id, document.source, document.url),
        document.sites(),
        document.templates,
    )


def sites(documents: Iterable[Document]) -> Sites:
    """What is furniture on the sites of some pages; those that cannot be read are passed over."""
    return repetition.learned(_with_sites(documents))


def _with_sites(documents: Iterable[Document]) -> Iterator[tuple[str, list[Block]]]:
    for document in documents:
        with suppress(SourceError):
            page = markup.text(document)
            root = markup.tree(page)
            markup.put_right(root)
            address = declared.address(root, page, document.url, declared.declared(root))
            yield site_of(address or document.url, document.source), blocks(root, Furniture(root))


def parse(
    page: str,
    id: str,
    source: str = "",
    url: str = "",
    sites: Sites = NO_SITES,
    templates: Sequence[Template] = (),
) -> Article:
    """The article in the text of a page.

    Args: ``id``: of an article whose page names no address; ``url``: where it was fetched from;
    ``sites``: what is furniture on the pages of its site, too; ``templates``: of portals, besides
    those that ship.
    Raises SourceError, which says what the page is instead, where there is no article.

    >>> page = "<title>Lúa - Báo A</title><nav>Trang chủ</nav><h1>Mùa lúa</h1><p>Lúa chín sớm.</p>"
    >>> article = parse(page, "a.html")
    >>> article.title, article.body, article.extra["removed"]
    ('Mùa lúa', 'Lúa chín sớm.', {'menu': 'Trang chủ'})
    """
    root = markup.tree(page)
    readings = markup.put_right(root)
    said = declared.declared(root)
    address = declared.address(root, page, url, said)
    portal = portals.of(root, address or url, templates)
    main = next(iter(portal.elements(root, "body")), None)
    removed = portal.removed_elements(root)
    repeated = sites.repeated.get(site_of(address or url, source), Repeated())
    keeps = partial(_says, portal=portal)
    found = marked(blocks(root, Furniture(root, removed, main)), repeated, keeps)
    in_head = " ".join(" ".join(each.itertext()) for each in root.iter("title"))[:_IN_HEAD]
    titles = [*_texts(portal, root, "title")[:1], said.get("title", "")]
    titles = [unicodedata.normalize("NFC", each) for each in titles if each]
    in_head = unicodedata.normalize("NFC", in_head)
    parts = body.parts(root, found, titles, in_head, main)
    if main is None and body.lost(parts):
        found = marked(blocks(root, Furniture(root, removed, by_name=False)), repeated, keeps)
        parts = body.parts(root, found, titles, in_head)
    parts.other += trim(parts.body, repeated, keeps)
    _refuse_what_is_none(root, parts, found, in_head, is_said=said.get("kind") == "article")

    of_template = _of_template(portal, root)
    names = {
        unicodedata.normalize("NFC", author.name).casefold() for author in said.get("authors", ())
    }
    placed = {
        each for name in portal.where if name != "body" for each in portal.elements(root, name)
    }
    beside, words = _beside(parts, portal, names, placed)
    title = parts.title or body.without_site((titles or [in_head])[0], said.get("site", ""))
    if not (parts.title or said.get("title")) and portal_lines.has_title(_lines(parts.body)):
        title = parts.body.pop(0).line
    values: dict[str, Any] = {}
    marked_up = {"posted": day(parts.near)}
    in_address = {"posted": declared.day_in(address or url)}
    for each in (
        *(of_template, beside["closing"], said, marked_up, beside["near"]),
        *(_trail(found, title), in_address),
    ):
        values |= {name: value for name, value in each.items() if value and name not in values}
    for name, value in portal.fixed.items():
        values.setdefault(name, value)
    text = "\n\n".join(block.text for block in parts.body)
    known, as_written = _normalised(values, text)
    extra = {
        "as_written": as_written,
        "removed": _removed(parts.other),
        "keywords": values.get("keywords") or words,
        "abstract": values.get("abstract", ""),
        "references": values.get("references", []),
    }
    article = Article(
        id=address or id,
        body=text,
        title=title,
        authors=tuple(values.get("authors", ())),
        url=address or url,
        source=source,
        extra={name: value for name, value in extra.items() if value},
        **known,
    )
    return reduce(noted, readings, article)


def _says(block: Block, portal: Portal) -> bool:
    """Whether a line says something of the article, and so may be alike on many pages."""
    line = block.line
    said = portal.said(line) or said_beside(block) or portal_lines.citation(line)
    return bool(said or person(block) or keywords(line))


def _lines(found: Sequence[Block]) -> list[str]:
    return [block.line for block in found]


def _texts(portal: Portal, root: Element, name: str) -> list[str]:
    texts = (" ".join("".join(each.itertext()).split()) for each in portal.elements(root, name))
    return [text for text in texts if text]


def _of_template(portal: Portal, root: Element) -> dict[str, Any]:
    """The fields for which the site's template names a place."""
    found: dict[str, Any] = {}
    for name in set(portal.where) - {"title", "body"}:
        texts = _texts(portal, root, name)
        if name == "authors":
            found[name] = [each for text in texts for each in metadata.authors(text)]
        elif name == "references":
            found[name] = texts
        elif name == "keywords":
            found[name] = [word for text in texts for word in keywords(f"Từ khóa: {text}")]
        elif name in _DATES:
            stamps = (each.get("datetime") for each in portal.elements(root, name))
            found[name] = next((each for each in (*stamps, *texts) if each), "")
        else:
            found[name] = texts[0] if texts else ""
    return found


def _beside(
    parts: body.Parts, portal: Portal, names: Collection[str], placed: Collection[Element]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What the lines around the text say, and those of its own at its ends; they leave the body.

    Args: ``names``: of authors that are known already; ``placed``: elements in which the template
    finds fields.
    Returns the fields by how far they are trusted, ``closing`` and ``near``, and the keywords.
    """
    near: dict[str, Any] = {}
    closing: dict[str, Any] = {}
    words: list[str] = []
    above = parts.body[:_ABOVE]
    first = next((n for n, block in enumerate(above) if body.is_paragraph(block)), len(above) - 1)
    for number, block in reversed(list(enumerate(parts.body))):
        said = portal.said(block.line) or (said_beside(block) if number <= first else {})
        is_removed = any(each.fullmatch(block.line) for each in portal.removed_lines)
        if number < first and (len(block.line) < _LABEL or block.line.casefold() in names):
            is_removed = True
        is_removed = is_removed or block.element in placed
        if (said or is_removed) and len(parts.body) > 1:
            (near if number <= first else closing).update(said)
            del parts.body[number]
            parts.other.append(block)
    end, found = portal_lines.closing(_lines(parts.body))
    parts.other += parts.body[end:]
    del parts.body[end:]
    closing = found | closing
    for block in parts.beside:
        said = portal.said(block.line) or said_beside(block) or portal_lines.citation(block.line)
        near |= {name: value for name, value in said.items() if value and name not in near}
    parts.other += parts.beside
    if not closing.get("authors") and len(parts.body) > 1 and (who := person(parts.body[-1])):
        closing["authors"] = who
        parts.other.append(parts.body.pop())
    for block in parts.other:
        words = words or keywords(block.line)
    return {"near": near, "closing": closing}, words


def _trail(found: Sequence[Block], title: str) -> dict[str, Any]:
    """The section, from the trail of links that leads to the article."""
    trail = [block for block in found if block.kind == "breadcrumbs"]
    parts = [part.strip() for block in trail for part in re.split(r"[>»/›|]", block.line)]
    names = [part for part in parts if part and part != title and ":" not in part]
    return {"section": names[-1] if names and names[-1].lower() != "trang chủ" else ""}


def _language(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


_FORMS = {
    "published": metadata.date,
    "posted": metadata.date,
    "issn": metadata.issn,
    "doi": metadata.doi,
    "lang": _language,
}


def _normalised(values: Mapping[str, Any], text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The fields in their normal forms, and as written those that changed."""
    known: dict[str, str] = {}
    as_written: dict[str, str] = {}
    for name in (*_FIELDS, *_DATES):
        written = str(values.get(name, "")).strip()
        known[name] = _FORMS[name](written) if name in _FORMS else written
        if known[name] != written:
            as_written[name] = written
    as_written.pop("lang", None)
    if metadata.is_vietnamese(text):
        known["lang"] = "vi"  # many a portal is said to be in the language of its software
    return known | {"lang": known["lang"] or "vi"}, as_written


def _removed(other: Sequence[Block]) -> dict[str, str]:
    removed: dict[str, list[str]] = {}
    for block in other:
        removed.setdefault(block.kind or "beside the article", []).append(block.text)
    return {kind: "\n".join(texts) for kind, texts in removed.items()}


def _refuse_what_is_none(
    root: Element, parts: body.Parts, found: Sequence[Block], in_head: str, is_said: bool
) -> None:
    """Raise SourceError for a page without an article, and say what it is instead.

    Args: ``is_said``: whether the page says of itself that it is an article.
    """
    length = sum(block.unlinked for block in parts.body if not block.heading)
    shown = " ".join([in_head, parts.title, *(block.line for block in found if block.heading)])
    if length <= _NOTICE and _ERROR_PAGE.search(f"{in_head} {parts.title}"):
        raise SourceError(f"no article: an error page ({in_head or parts.title})")
    asks = any(each.get("type") == "password" for each in root.iter("input"))
    if length <= _NOTICE and asks and not is_said and _LOGIN.search(shown):
        raise SourceError("no article: a page to log in")
    linked = sum(block.linked > 0 for block in found)
    scripts = any(True for _ in root.iter("script"))
    if not length:
        if sum(len(block.text) for block in found) <= _SHELL and scripts:
            raise SourceError(
                "no article: a page that JavaScript fills: save it from a browser that shows it"
            )
        if linked:
            raise SourceError(f"no article: a list of {linked} links")
        raise SourceError("no article: the page has no text")
    teasers = [block for block in parts.body if block.heading and block.linked >= len(block.text)]
    if not is_said and len(teasers) >= _LISTED and 3 * len(teasers) >= len(parts.body):
        raise SourceError(f"no article: a list of {len(teasers)} articles")
