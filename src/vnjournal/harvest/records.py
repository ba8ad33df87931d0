"""From a record of a server to an article: Dublin Core as OJS and DSpace fill it, or JATS.

The elements of Dublin Core say little of what is in them: each comes several times, in several
languages, and with several meanings. OJS writes a journal's article into them, DSpace whatever a
library has entered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from vnjournal.articles import metadata, xml
from vnjournal.articles import records as any_records
from vnjournal.articles.article import Article, Author
from vnjournal.articles.documents import Document, Report
from vnjournal.articles.formats import format_of
from vnjournal.errors import SourceError
from vnjournal.harvest.protocol import Record
from vnjournal.text.alphabet import MARKED_LETTERS

if TYPE_CHECKING:
    from lxml.etree import _Element

#: The values of each element of Dublin Core, each with its language as written.
_Values = Mapping[str, list[tuple[str, str]]]

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BREAK = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6])\b[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?(?:a|b|em|font|i|span|strong|su[bp]|u)\b[^<>]*>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
_SOFTWARE_NOTES = re.compile(  # what DSpace writes when an item comes in
    r"Submitted by .+ on \d|Made available in DSpace on |Approved for entry into archive by |"
    r"Item (?:withdrawn|reinstated) by |No\. of bitstreams"
)
_ADDRESS = re.compile(r"https?://\S+")
_RESOLVER = re.compile(r"https?://(?:dx\.)?doi\.org/", re.IGNORECASE)
_CITATION = re.compile(r"tạp chí|journal|\b(?:số|tập|vol|no)\b", re.IGNORECASE)
_ISSUE_TITLE = re.compile(r"(.*?\(\d{4}\))\s*:\s*(.+)", re.DOTALL)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISSN = re.compile(r"(?:e?-?ISSN[\s:]*)?\d{4}-?\d{3}[\dXx]", re.IGNORECASE)
_SHORT = 40  # characters
_KEPT = ("contributor", "coverage", "format", "publisher", "relation", "rights", "type")


def article(record: Record, *, source: str, sections: Mapping[str, str], report: Report) -> Article:
    """The article of a record, whose identifier is the article's id.

    Args: ``source``: where it lies; ``sections``: the names of the server's sets; ``report``: told
    what of a JATS text cannot be read.

    OJS names a section's set ``journal:section``: the set's name is the article's section. Raises
    SourceError for what is no article, and for a format that is neither Dublin Core nor any XML
    that files are read in.
    """
    element = record.metadata
    if element is None:
        raise SourceError("it has no metadata")
    if xml.name(element) == "dc":
        found = _dublin_core(element, record.identifier, source)
    else:
        found = _other(element, record.identifier, source, report)
    named = (sections.get(each, "") for each in record.sets if ":" in each)
    section = found.section or next(filter(None, named), "")
    extra = dict(found.extra) | ({"sets": list(record.sets)} if record.sets else {})
    return replace(found, id=record.identifier, source=source, section=section, extra=extra)


def _other(element: _Element, identifier: str, source: str, report: Report) -> Article:
    from lxml import etree

    raw = BytesIO(etree.tostring(element, encoding="utf-8", with_tail=False))
    document = Document(identifier, source, raw, report, media_type="application/xml")
    for found in format_of(document).read(document):
        if isinstance(found, Article):
            return found
    raise SourceError("there is no article in it")


def _dublin_core(element: _Element, identifier: str, source: str) -> Article:
    values: dict[str, list[tuple[str, str]]] = {}
    for each in element:
        if text := unescape_markup("".join(each.itertext())):
            values.setdefault(xml.name(each), []).append((each.get(_LANG, ""), text))

    def texts(name: str) -> list[str]:
        return [" ".join(text.split()) for _, text in values.get(name, ())]

    titles = _vietnamese_first(values, "title")
    notes, page_notes, abstracts = _sorted_descriptions(_vietnamese_first(values, "description"))
    sources = [" ".join(text.split()) for _, text in _vietnamese_first(values, "source")]
    identifiers = texts("identifier")
    urls = [each for each in identifiers if _ADDRESS.fullmatch(each) and not _RESOLVER.match(each)]
    citations = [each for each in identifiers if _CITATION.search(each) and each not in urls]
    cited = journal_of(sources or citations)
    published, posted = _dates(texts("date"))
    creators = texts("creator")
    authors = [each for name in creators for each in authors_of(name)]
    known = {
        "id": identifier,
        "title": " ".join(titles[0][1].split()) if titles else "",
        "abstract": abstracts[0][1] if abstracts else "",
        "published": published or cited.get("year", ""),
        "posted": posted,
        "journal": cited.get("journal", ""),
        "volume": cited.get("volume", ""),
        "issue": cited.get("issue", ""),
        "pages": cited.get("pages", "") or next(map(metadata.pages, page_notes), ""),
        "issn": next(filter(None, map(metadata.issn, [*sources, *identifiers])), ""),
        "doi": next(filter(None, map(metadata.doi, identifiers)), ""),
        "url": next(iter(urls), ""),
        "lang": next(map(any_records.language_code, texts("language")), ""),
    }
    written = {
        "authors": ("; ".join(creators), "; ".join(each.name for each in authors)),
        "journal": ("; ".join(sources or citations), known["journal"]),
        "published": ("; ".join(texts("date")), known["published"]),
        "lang": ("; ".join(texts("language")), known["lang"]),
    }
    keywords = [word for each in texts("subject") for word in re.split(r"\s*;\s*", each) if word]
    extra: dict[str, Any] = {
        "translated_titles": {code: " ".join(text.split()) for code, text in titles[:0:-1]},
        "translated_abstracts": dict(abstracts[:0:-1]),
        "keywords": list(dict.fromkeys(keywords)),
        "issue_title": cited.get("issue_title", ""),
        **{name: texts(name) for name in _KEPT},
        "as_written": {name: raw for name, (raw, normal) in written.items() if raw != normal},
        "removed": {"notes of the software": "\n\n".join(notes)} if notes else {},
    }
    extra = {name: value for name, value in extra.items() if value}
    return any_records.article(known, identifier, source, set(), authors, extra)


def _sorted_descriptions(
    written: Iterable[tuple[str, str]],
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """What DSpace noted by itself, pages, and abstracts with their languages."""
    notes, pages, abstracts = [], [], []
    for code, text in written:
        if _SOFTWARE_NOTES.match(text):
            notes.append(text)
        elif len(text) < _SHORT and metadata.pages(text):
            pages.append(text)
        else:
            abstracts.append((code, text))
    return notes, pages, abstracts


def unescape_markup(text: str) -> str:
    r"""Text without the HTML that servers leave in it; paragraphs are parted by an empty line.

    >>> unescape_markup("<p>Lúa &amp; ngô,\n a < b.</p><p>Kết luận: <em>tốt</em>.</p>")
    'Lúa & ngô, a < b.\n\nKết luận: tốt.'
    """
    text = _MARKUP.sub("", _BREAK.sub("\n\n", text))
    text = _REFERENCE.sub(lambda match: unescape(match[0]), text)
    parts = (" ".join(part.split()) for part in _BLANK_LINES.split(text))
    return "\n\n".join(filter(None, parts))


def authors_of(name: str) -> tuple[Author, ...]:
    """The authors that one ``creator`` names, which is one name: ``family, given`` or in order.

    A comma parts the names of several only where both are whole Vietnamese ones.

    >>> [each.name for each in authors_of("Nguyễn, Văn An") + authors_of("Smith, John")]
    ['Nguyễn Văn An', 'John Smith']
    >>> [each.name for each in authors_of("Nguyễn Văn An, Trần Thị Bình")]
    ['Nguyễn Văn An', 'Trần Thị Bình']
    """
    found = metadata.authors(name)
    family, comma, given = name.partition(",")
    words = len(family.split()), len(given.split())
    is_name = not re.search(r"[\d;(]| - |,", given) and 0 < min(words) < 3 and max(words) < 5
    if comma and is_name and all(not (each.role or each.place) for each in found):
        return (Author(metadata.full_name(family, given)),)
    return found


def journal_of(sources: Iterable[str]) -> dict[str, str]:
    """Journal, volume, issue, its title, pages and year, from how OJS and libraries cite them.

    >>> found = journal_of(["Tạp chí X; Tập 12 Số 3 (2018): Chuyên san; 45-52", "1859-4794"])
    >>> [found[name] for name in ("journal", "volume", "issue", "issue_title", "pages", "year")]
    ['Tạp chí X', '12', '3', 'Chuyên san', '45-52', '2018']
    """
    found: dict[str, str] = {}
    for source in sources:
        if _ISSN.fullmatch(source):
            continue
        separator = ";" if ";" in source else ","
        parts = [part.strip() for part in source.split(separator)]
        of_name = 1
        if separator == ",":  # which names of journals have, too
            numbered = (n for n, part in enumerate(parts) if n and re.search(r"\d", part))
            of_name = next(numbered, len(parts))
        journal, rest = ", ".join(parts[:of_name]), parts[of_name:]
        pages = ""
        if rest and not _CITATION.search(rest[-1]) and not _YEAR.fullmatch(rest[-1]):
            pages = metadata.pages(rest[-1])
        issue = f"{separator} ".join(rest[:-1] if pages else rest)
        titled = _ISSUE_TITLE.fullmatch(issue)
        volume, number = metadata.volume_and_issue(titled[1] if titled else issue)
        read = {
            "journal": journal,
            "volume": volume,
            "issue": number,
            "issue_title": titled[2] if titled else "",
            "pages": pages,
            "year": metadata.date(issue)[:4],
        }
        found = {name: value for name, value in read.items() if value} | found
    return found


def _vietnamese_first(values: _Values, name: str) -> list[tuple[str, str]]:
    """The texts of an element, with the codes of their languages (``?`` where it has none).

    First those in Vietnamese by their letters, then by their label. A label alone is not believed:
    journals in two languages have them the wrong way round, or one label for both.
    """

    def rank(value: tuple[str, str]) -> tuple[bool, bool]:
        letters = MARKED_LETTERS.intersection(unicodedata.normalize("NFC", value[1]))
        is_vietnamese = any(letter > "\xff" for letter in letters)  # others have à, é, ô, too
        return not is_vietnamese, value[0] != "vi"

    found = {text: any_records.language_code(code) or "?" for code, text in values.get(name, ())}
    return sorted(((code, text) for text, code in found.items()), key=rank)


def _dates(written: list[str]) -> tuple[str, str]:
    """When an article was published, and when it was put on the server.

    A date with the time of day is the server's own; OJS gives none. Of several dates of
    publication the earliest counts; of ``2018`` and ``2018-04`` the more precise one.
    """
    plain = [each for each in written if "embargo" not in each.lower()]
    dates = sorted(filter(None, map(metadata.date, plain)))
    days = [each for each in dates if "T" not in each]
    published = days[0] if days else ""
    published = next((each for each in reversed(days) if each.startswith(published)), "")
    times = [each for each in dates if "T" in each]
    return published or (times[0][:10] if times else ""), next(iter(times), "")
