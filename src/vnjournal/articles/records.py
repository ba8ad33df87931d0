"""Records of articles, as tables, reference managers and publishers have them, made articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vnjournal.articles import metadata
from vnjournal.articles.article import Article, Author

#: Fields that have a normal form; what has none stays as it is written.
_NORMAL: dict[str, Callable[[str], str]] = {
    "published": metadata.date,
    "posted": metadata.date,
    "pages": metadata.pages,
    "issn": metadata.issn,
    "doi": metadata.doi,
}
_DATES = ("published", "posted")
_LANGUAGES = {
    "vi": ("vie", "vietnamese", "tiếng việt", "việt"),
    "en": ("eng", "english", "tiếng anh", "anh"),
    "fr": ("fre", "fra", "french", "français", "tiếng pháp", "pháp"),
}
_LANGUAGE = {name: code for code, names in _LANGUAGES.items() for name in (code, *names)}

ABSTRACT_ONLY = "the body is the abstract: there was no full text"


def article(
    values: Mapping[str, str],
    default_id: str,
    source: str,
    given: set[str],
    authors: Iterable[Author] = (),
    extra: Mapping[str, Any] | None = None,
) -> Article:
    """The article that a record describes.

    Without a body the abstract is the body, and a note in ``extra`` says so; without either there
    is the title alone. Dates, pages, ISSN and DOI are brought into their normal form; what stood
    there is kept in ``extra["as_written"]``.

    Args:
        values: texts by the name of the article's field; ``abstract`` too.
        default_id: the id if the record has no ``id``, ``url`` or ``doi``.
        source: where it was read.
        given: the ids of the document's articles before it, which its own joins; an id that is
            among them (the address of the journal, say) gives way to the default.

    Raises SourceError for a record without title and text.

    >>> found = article({"title": "Nuôi cá", "published": "tháng 8/2016"}, "a#1", "a.csv", set())
    >>> found.published, found.extra
    ('2016-08', {'as_written': {'published': 'tháng 8/2016'}})
    """
    known = {name: value for name, value in values.items() if value.strip()}
    more = dict(extra or {})
    as_written: dict[str, str] = {}
    for name, normal in _NORMAL.items():
        if written := known.get(name):
            known[name] = normal(written) or ("" if name in _DATES else written)
            if known[name] != written:
                as_written[name] = written
    if language := known.get("lang"):
        known["lang"] = language_code(language)
    abstract = known.pop("abstract", "")
    if abstract and "body" not in known:
        known["body"] = abstract
        more["notes"] = [*more.get("notes", ()), ABSTRACT_ONLY]
    elif abstract:
        more["abstract"] = abstract
    if as_written:
        more["as_written"] = as_written
    fields: dict[str, Any] = {"body": "", "source": source, **known}
    address = f"https://doi.org/{known['doi']}" if metadata.doi(known.get("doi", "")) else ""
    own_id = known.get("id") or known.get("url") or address or default_id
    fields["id"] = default_id if own_id in given else own_id
    made = Article(**fields, authors=tuple(authors), extra=more)
    given.add(made.id)
    return made


def language_code(name: str) -> str:
    """The code of a language: of its names in Vietnamese and English, or of a longer code.

    >>> language_code("Tiếng Việt"), language_code("en-US"), language_code("de")
    ('vi', 'en', 'de')
    """
    name = name.strip()
    first = name.lower().replace("_", "-").partition("-")[0]
    return _LANGUAGE.get(name.lower()) or _LANGUAGE.get(first, name)
