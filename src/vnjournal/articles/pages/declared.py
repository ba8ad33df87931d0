"""What a page declares of its article, for machines: JSON-LD, meta tags, microdata.

In the order of trust: JSON-LD of schema.org, ``citation_*`` (Highwire Press, as Google Scholar asks
for), Dublin Core, Open Graph, microdata, other meta tags. Values are as they are written there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from vnjournal.articles.article import Author
from vnjournal.articles.pages.markup import Element

#: Fields of an article by name, each as it is written; ``authors``: a list of :class:`Author`;
#: ``keywords``, ``references``: lists of text; ``site``: the name of the site; ``kind``: of page,
#: ``article`` or other.
Values = dict[str, Any]
_Meta = Mapping[str, list[str]]

_ARTICLES = frozenset(
    "Article NewsArticle ScholarlyArticle MedicalScholarlyArticle BlogPosting Report TechArticle "
    "ReportageNewsArticle OpinionNewsArticle AnalysisNewsArticle".split()
)
_SCHOLARLY = frozenset(("ScholarlyArticle", "MedicalScholarlyArticle"))
_DEEPEST = 6
_MOST_COMMENTS = 100  # in a script that is repaired
_LONGEST_TITLE = 1000
_COMMENT = re.compile(r"/\*.*?\*/|<!\[CDATA\[|\]\]>", re.DOTALL)
_LAST_COMMA = re.compile(r",(\s*[}\]])")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE)
_NO_AUTHOR = frozenset(
    ("admin", "administrator", "super user", "quản trị", "quản trị viên", "biên tập")
)
_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)([/-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?=[/-])")
_RDFA_DATE = re.compile(r"dc:date|schema:date(Created|Published)")
_PARTS = re.compile(r"\s*[;,]\s*")
_DAY = len("2018-05-12")


def declared(root: Element) -> Values:
    """Every field that the page declares, of the most trusted source that has it."""
    meta = _meta(root)
    nodes = _nodes_of_scripts(root)
    found: Values = {}
    for values in (
        _json_ld(nodes),
        _highwire(meta),
        _dublin_core(meta),
        _open_graph(meta),
        _microdata(root),
        _other(root, meta),
        _web_page(nodes),
    ):
        found |= {name: value for name, value in values.items() if value and name not in found}
    title = unescape(found.get("title", ""))  # some sites escape it twice
    return found | {"title": title[:_LONGEST_TITLE]}


def address(root: Element, page: str, fetched_from: str, said: Values) -> str:
    """The canonical address of a page, made absolute; empty where none is known.

    One that is that of a site's front page is none: many a site declares it on every page.
    """
    bases = [each.get("href") or "" for each in root.iter("base")][:1]
    saved = _SAVED_FROM.search(page[:4096]) or _SINGLE_FILE.search(page[:4096])
    here = fetched_from or (saved[1] if saved else "") or "".join(bases)
    links = [each.get("href") or "" for each in root.iter("link") if each.get("rel") == "canonical"]
    candidates = [*links, said.get("url", ""), fetched_from, saved[1] if saved else ""]
    if bases and not bases[0].endswith("/") and "tmpl=" not in bases[0]:
        candidates.append(bases[0])  # Joomla gives the page's own address there
    for each in candidates:
        found = _joined(here, each.strip())
        parts = _split(found)
        if parts.scheme in ("http", "https") and (
            parts.query or parts.path.strip("/") not in ("", "index.php", "index.html", "vi", "en")
        ):
            return found
    return ""


def day_in(url: str) -> str:
    """The day that an address names, as those of many blogs and newspapers do; else empty.

    >>> day_in("https://a.example/2018/05/12/mua-gat"), day_in("https://a.example/2018-mua-gat")
    ('2018-05-12', '')
    """
    match = _DAY_IN_PATH.search(_split(url).path)
    return "-".join(match.group(1, 3, 4)) if match else ""


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return ""


def _split(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _meta(root: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("http-equiv") or ""
        if content := " ".join((element.get("content") or "").split()):
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: _Meta, *names: str) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _highwire(meta: _Meta) -> Values:
    pages = [_first(meta, "citation_firstpage"), _first(meta, "citation_lastpage")]
    return {
        "title": _first(meta, "citation_title"),
        "authors": [Author(name) for name in _names(meta, "citation_author", "citation_authors")],
        "published": _first(meta, "citation_publication_date", "citation_date", "citation_year"),
        "posted": _first(meta, "citation_online_date"),
        "journal": _first(meta, "citation_journal_title"),
        "volume": _first(meta, "citation_volume"),
        "issue": _first(meta, "citation_issue"),
        "pages": "-".join(dict.fromkeys(filter(None, pages))),
        "issn": _first(meta, "citation_issn"),
        "doi": _first(meta, "citation_doi"),
        "url": _first(meta, "citation_abstract_html_url", "citation_fulltext_html_url"),
        "lang": _first(meta, "citation_language"),
        "abstract": _first(meta, "citation_abstract"),
        "keywords": _listed(meta, "citation_keywords"),
        "references": meta.get("citation_reference", []),
    }


def _dublin_core(given: _Meta) -> Values:
    meta = {
        name.removeprefix("dcterms.").removeprefix("dc."): v
        for name, v in given.items()
        if name.startswith(("dc.", "dcterms."))
    }
    return {
        "title": _first(meta, "title"),
        "authors": [Author(name) for name in _names(meta, "creator.personalname", "creator")],
        "published": _first(meta, "date.issued", "issued", "date"),
        "posted": _first(meta, "date.created"),
        "journal": _first(meta, "source")
        if "source.issue" in meta or "source.issn" in meta
        else "",
        "volume": _first(meta, "source.volume"),
        "issue": _first(meta, "source.issue"),
        "pages": _first(meta, "identifier.pagenumber"),
        "issn": _first(meta, "source.issn"),
        "doi": _first(meta, "identifier.doi"),
        "url": _first(meta, "identifier.uri"),
        "lang": _first(meta, "language"),
        "section": _first(meta, "type.articletype"),
        "abstract": _first(meta, "description.abstract", "abstract"),
        "keywords": _listed(meta, "subject"),
    }


def _open_graph(meta: _Meta) -> Values:
    people = [name for name in meta.get("article:author", []) if not name.startswith("http")]
    return {
        "title": _first(meta, "og:title"),
        "site": _first(meta, "og:site_name"),
        "kind": _first(meta, "og:type"),
        "authors": [Author(name) for name in people],
        "posted": _first(meta, "article:published_time", "og:published_time"),
        "section": _first(meta, "article:section"),
        "url": _first(meta, "og:url"),
        "keywords": meta.get("article:tag", []),
    }


def _other(root: Element, meta: _Meta) -> Values:
    sites = meta.get("og:site_name", [])
    people = [name for name in meta.get("author", []) if name not in sites]
    people = [name for name in people if name.lower() not in _NO_AUTHOR]
    stamps = sorted({each.get("datetime") or "" for each in root.iter("time")} - {""}, key=len)
    is_one_day = len({each[:_DAY] for each in stamps}) == 1
    return {
        "authors": [Author(name) for name in people],
        "posted": _first(meta, "pubdate", "publishdate", "date", "article.published")
        or (stamps[-1] if is_one_day else ""),
        "keywords": _listed(meta, "news_keywords", "keywords"),
        "section": next(
            (_text(a) for a in root.iter("a") if "category" in (a.get("rel") or "")), ""
        ),
        "lang": root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
    }


def _names(meta: _Meta, *names: str) -> list[str]:
    found = next((meta[name] for name in names if name in meta), [])
    return [each.strip() for entry in found for each in entry.split(";") if each.strip()]


def _listed(meta: _Meta, *names: str) -> list[str]:
    found = next((meta[name] for name in names if name in meta), [])
    parts = [part for entry in found for part in _PARTS.split(entry) if part]
    return list(dict.fromkeys(parts))


def _microdata(root: Element) -> Values:
    found: Values = {}
    for element in root.iter():
        name = element.get("itemprop")
        if not name and _RDFA_DATE.match(element.get("property") or ""):
            name = "datePublished"  # RDFa, as Drupal writes it
        if not name:
            continue
        value = element.get("content") or element.get("datetime") or _text(element)
        if name == "headline":
            found.setdefault("title", value)
        elif name == "datePublished":
            found.setdefault("posted", value)
        elif name in ("articleSection", "genre"):
            found.setdefault("section", value)
        elif name == "author" and "authors" not in found:
            inner = [each for each in element.iter() if each.get("itemprop") == "name"]
            names = [each.get("content") or _text(each) for each in inner] or [value]
            found["authors"] = [Author(each) for each in names if each]
    return found


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())[:500]


def _nodes_of_scripts(root: Element) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            nodes += _nodes(_parsed(script.text or ""), _DEEPEST)
    return nodes


def _web_page(nodes: Sequence[dict[str, Any]]) -> Values:
    """The date of a page that is not said to be an article, as plug-ins of WordPress write it."""
    page = next((node for node in nodes if "WebPage" in _types(node)), {})
    return {"posted": _plain(page.get("datePublished"))}


def _json_ld(nodes: Sequence[dict[str, Any]]) -> Values:
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and "@type" in node}
    article = next((node for node in nodes if _types(node) & _ARTICLES), None)
    if article is None:
        return {}
    date = _plain(article.get("datePublished") or article.get("dateCreated"))
    pages = [_plain(article.get("pageStart")), _plain(article.get("pageEnd"))]
    is_scholarly = bool(_types(article) & _SCHOLARLY)
    found: Values = {
        "kind": "article",
        "title": _plain(article.get("headline")) or _plain(article.get("name")),
        "authors": list(_people(article.get("author") or article.get("creator"), by_id)),
        "published" if is_scholarly else "posted": date,
        "section": _plain(article.get("articleSection")),
        "url": _url(article.get("mainEntityOfPage")) or _url(article.get("url")),
        "lang": _plain(article.get("inLanguage")),
        "pages": _plain(article.get("pagination")) or "-".join(dict.fromkeys(filter(None, pages))),
        "doi": next(_dois(article), ""),
        "abstract": _plain(article.get("abstract")),
        "keywords": _words(article.get("keywords")),
    }
    part = article.get("isPartOf")
    for _ in range(_DEEPEST):
        part = part[0] if isinstance(part, list) and part else part
        part = by_id.get(str(part.get("@id")), part) if isinstance(part, dict) else None
        if part is None:
            break
        for name, key in (("issue", "issueNumber"), ("volume", "volumeNumber"), ("issn", "issn")):
            found[name] = found.get(name) or _plain(part.get(key))
        if "Periodical" in _types(part):
            found["journal"] = _plain(part.get("name"))
        part = part.get("isPartOf")
    return found


def _parsed(written: str) -> Any:
    """The value of a script, with the commonest mistakes put right; None where that fails."""
    for repaired in (False, True):
        if repaired and written.count("/*") > _MOST_COMMENTS:
            break
        text = _LAST_COMMA.sub(r"\1", _COMMENT.sub("", written)) if repaired else written
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if levels:
        inner = value if isinstance(value, list) else ()
        if isinstance(value, dict):
            inner = [value.get(key) for key in ("@graph", "mainEntity", "mainEntityOfPage")]
        for each in inner:
            yield from _nodes(each, levels - 1)


def _types(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return {str(kind).rpartition("/")[2] for kind in listed}


def _plain(value: Any) -> str:
    """A value as text: the first of several, the name or value of a thing."""
    for _ in range(_DEEPEST):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or value.get("value") or ""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _url(value: Any) -> str:
    found = value.get("@id") or value.get("url") if isinstance(value, dict) else value
    return found.partition("#")[0] if isinstance(found, str) else ""


def _words(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    texts = [_plain(entry) for entry in entries]
    return [part for text in texts for part in _PARTS.split(text) if part]


def _dois(article: Mapping[str, Any]) -> Iterator[str]:
    for key in ("identifier", "sameAs", "@id", "url"):
        value = article.get(key)
        for each in value if isinstance(value, list) else [value]:
            if "10." in (text := _plain(each)):
                yield text


def _people(value: Any, by_id: Mapping[str, dict[str, Any]]) -> Iterator[Author]:
    for each in value if isinstance(value, list) else [value]:
        person = each
        if isinstance(person, dict):
            person = by_id.get(str(person.get("@id")), person)
        if (name := _plain(person)) and name.lower() not in _NO_AUTHOR:
            place = _plain(person.get("affiliation")) if isinstance(person, dict) else ""
            role = _plain(person.get("jobTitle")) if isinstance(person, dict) else ""
            yield Author(name, role, place)
