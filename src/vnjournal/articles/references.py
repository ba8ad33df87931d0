"""Articles as references, for LaTeX and citation managers: BibTeX, RIS and CSL-JSON.

- All three are UTF-8 and carry what is cited, not the body; white space in a field is single
  blanks, since RIS has one line a field and BibTeX makes it so. An untitled article has its first
  words for a title. Its date is :attr:`Article.date`, to the day; its section is its keyword.
- A name is written whole (a braced name, a name that ends in a comma, a ``literal``) and thus
  printed as it stands: ``Nguyễn Văn An`` has the family name first, and what splits names makes
  ``An N.V.`` of it; nor can a program tell ``Ban Tuyên giáo`` from a person.
- A title stands in double braces: BibTeX styles would take its capitals away.
- What LaTeX would take for a command, or join (``--``), is escaped; an address is not, as it would
  no longer lead there: braces, backslashes and blanks in it are percent-encoded.
- A citation key is the first author, the year and two words of the title, or without author four
  words and the year: the same whatever else is written, but for a letter where it has been used.
- An article of a journal is an article; else one with an address is a web page, any other a
  document (``@misc``, ``GEN``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from vnjournal.articles.article import Article
from vnjournal.text.fold import fold

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LATEX = str.maketrans(
    {
        **{character: f"\\{character}" for character in "#$%&_"},
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts a brace behind a backslash, too
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_LIGATURE = re.compile(r"([-'`,<>])(?=\1)|([?!])(?=`)")
_NOT_IN_ADDRESS = re.compile(r"[{}\\\s\x00-\x1f\x7f-\x9f]")
_RANGE = re.compile(r"([^\s,;–-]+)\s*[–-]{1,2}\s*([^\s,;–-]+)")
_KEY_WORD = re.compile(r"[a-z0-9]{1,20}")
_LONGEST_KEY = 80


class _Type(NamedTuple):
    """What an article is called in each format."""

    bibtex: str
    ris: str
    csl: str


_OF_A_JOURNAL = _Type("article", "JOUR", "article-journal")
_WEB_PAGE = _Type("misc", "ELEC", "webpage")
_DOCUMENT = _Type("misc", "GEN", "document")


def _type(article: Article) -> _Type:
    if _line(article.journal):
        return _OF_A_JOURNAL
    return _WEB_PAGE if _line(article.url) else _DOCUMENT


class CitationKeys:
    """Gives the articles of one list their keys: short ASCII words, no two keys alike.

    >>> keys = CitationKeys()
    >>> article = Article(id="a", body="Đường về làng xa lắm.", published="2018")
    >>> keys.key(article), keys.key(article)
    ('duong-ve-lang-xa-2018', 'duong-ve-lang-xa-2018-b')
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._times: dict[str, int] = {}

    def key(self, article: Article) -> str:
        """The key of an article; another one each time."""
        names = _names(article)
        year = str(article.year or "")
        title = _KEY_WORD.findall(fold(article.heading))
        if names:
            words = [*_KEY_WORD.findall(fold(names[0]))[:4], year, *title[:2]]
        else:
            words = [*title[:4], year]
        base = "-".join(filter(None, words))[:_LONGEST_KEY].rstrip("-") or "article"
        key = base
        while key in self._given:  # the letter may make it the key of another article
            self._times[base] = self._times.get(base, 1) + 1
            key = f"{base}-{_letters(self._times[base])}"
        self._given.add(key)
        return key


def _letters(number: int) -> str:
    """1 is ``a``, 26 ``z``, 27 ``aa``."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _names(article: Article) -> list[str]:
    return [name for author in article.authors if (name := _line(author.name))]


def _date(article: Article) -> list[str]:
    """Year, month and day, as far as known."""
    return article.date[:10].split("-") if article.date else []


def _pages(article: Article) -> list[str]:
    """The first page and the last; or else one text, where that is what is known."""
    pages = _line(article.pages)
    match = _RANGE.fullmatch(pages)
    return list(match.groups()) if match else [pages]


def _address(text: str) -> str:
    return _NOT_IN_ADDRESS.sub(lambda match: quote(match.group()), text.strip())


# --- BibTeX


def bibtex(articles: Iterable[Article]) -> Iterator[str]:
    """The entries of a BibTeX file."""
    keys = CitationKeys()
    for article in articles:
        year, month, day, *_ = (*_date(article), "", "", "")
        fields = {
            "author": " and ".join(map(_braced, _names(article))),
            "title": _braced(_line(article.heading)),
            "journal": _latex(_line(article.journal)),
            "volume": _latex(_line(article.volume)),
            "number": _latex(_line(article.issue)),
            "pages": "--".join(map(_latex, _pages(article))),
            "year": year,
            "month": month,
            "day": day.lstrip("0"),
            "issn": _latex(_line(article.issn)),
            "doi": _address(article.doi),
            "url": _address(article.url),
            "language": _latex(_line(article.lang)),
            "keywords": _latex(_line(article.section)),
        }
        lines = [
            f"  {name} = {_MONTHS[int(value) - 1] if name == 'month' else f'{{{value}}}'},\n"
            for name, value in fields.items()
            if value
        ]
        yield f"@{_type(article).bibtex}{{{keys.key(article)},\n{''.join(lines)}}}\n\n"


def _braced(text: str) -> str:
    return f"{{{_latex(text)}}}" if text else ""


def _latex(text: str) -> str:
    return _LIGATURE.sub(r"\g<0>{}", text.translate(_LATEX))


# --- RIS


def ris(articles: Iterable[Article]) -> Iterator[str]:
    """The records of a RIS file."""
    keys = CitationKeys()
    for article in articles:
        date = _date(article)
        first, last, *_ = (*_pages(article), "", "")
        fields = [
            ("TY", _type(article).ris),
            ("ID", keys.key(article)),
            *(("AU", f"{name},") for name in _names(article)),
            ("TI", article.heading),
            ("T2", article.journal),
            ("VL", article.volume),
            ("IS", article.issue),
            ("SP", first),
            ("EP", last),
            ("PY", "".join(date[:1])),
            ("DA", "/".join((*date, "", "", "")[:4]) if len(date) > 1 else ""),
            ("SN", article.issn),
            ("DO", article.doi),
            ("UR", article.url),
            ("LA", article.lang),
            ("KW", article.section),
        ]
        lines = (f"{tag}  - {line}\r\n" for tag, value in fields if (line := _line(value)))
        yield f"{''.join(lines)}ER  - \r\n\r\n"


# --- CSL-JSON


def csl_json(articles: Iterable[Article]) -> Iterator[str]:
    """The items of a CSL-JSON array, a line each."""
    keys = CitationKeys()
    before = "[\n"
    for article in articles:
        item: dict[str, Any] = {
            "id": keys.key(article),
            "type": _type(article).csl,
            "title": _line(article.heading),
            "author": [{"literal": name} for name in _names(article)],
            "container-title": _line(article.journal),
            "volume": _line(article.volume),
            "issue": _line(article.issue),
            "page": _line(article.pages),
            "issued": {"date-parts": [list(map(int, date))]} if (date := _date(article)) else {},
            "ISSN": _line(article.issn),
            "DOI": _line(article.doi),
            "URL": _line(article.url),
            "language": _line(article.lang),
            "keyword": _line(article.section),
        }
        known = {name: value for name, value in item.items() if value}
        yield before + json.dumps(known, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


#: Formats of references by name.
REFERENCES: dict[str, Callable[[Iterable[Article]], Iterator[str]]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}
