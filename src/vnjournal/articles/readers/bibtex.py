r"""BibTeX and BibLaTeX, an article an entry; commands of LaTeX become the letters they print.

Read here, not by bibtexparser 2.1: it does not join ``"a" # b``, takes ``\{`` for a brace that does
not count (BibTeX counts it), and its time grows with the square of the entries that are broken. An
entry reaches to the next line that begins one: what is broken in it harms no other. What
``vnjournal export --format bibtex`` writes comes back as it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from vnjournal.articles import metadata, records
from vnjournal.articles.article import Article, Author
from vnjournal.articles.documents import Document, needing, reporting
from vnjournal.errors import SourceError

_START = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+\s*[{(]", re.MULTILINE)
_BLOCK = re.compile(r"@\s*([A-Za-z]+)\s*[{(]\s*")
_KEY = re.compile(r"([^\s,{}=]*)\s*,")
_FIELD = re.compile(r"[\s,]*([^\s,{}()=\"#]+)\s*=\s*")
_WORD = re.compile(r"[^\s,#{}()=\"]+")
_JOINT = re.compile(r"\s*#\s*")
_END = re.compile(r"[\s,]*[})]")
_BRACE = re.compile(r"[{}]")
_QUOTE_OR_BRACE = re.compile(r"[{}\"]")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_ESCAPED = re.compile(r"\\([#$%&_~{}])")
_BARE = re.compile(r"(?<!\\)[%&]")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_LATEX = re.compile(r"[\\${}~`'%]|--")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_LETTERS = {
    **{"uhorn": "ư", "Uhorn": "Ư", "ohorn": "ơ", "Ohorn": "Ơ"},
    **{"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"},
}
_LONGEST = 50_000  # characters of a field in which commands are read
#: Fields of an article, and the names that they have, the better one first.
_NAMES = {
    "title": ("title",),
    "abstract": ("abstract",),
    "journal": ("journal", "journaltitle", "booktitle"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages", "eid"),
    "issn": ("issn",),
    "lang": ("language", "langid"),
}
_READ = frozenset(chain("author year month day date doi url keywords".split(), *_NAMES.values()))
#: The fields as vnjournal.articles.references writes them: there the keyword is the section.
_OUR_ORDER = (
    "author title journal volume number pages year month day issn doi url language keywords".split()
)

_Fields = dict[str, str]


def read(document: Document) -> Iterator[Article]:
    """The articles of a document, an entry each; an entry that is none is reported with its line.

    Raises SourceError for a document without any entry, and where pylatexenc is needed and missing.
    """
    text = document.text()
    macros = {name: name.capitalize() for name in _MONTHS}
    starts = [match.start() for match in _START.finditer(text)]
    if not starts:
        raise SourceError("no BibTeX entry: one begins with '@article{' on a line of its own")
    given: set[str] = set()
    number = 0
    line = 1
    for begin, start, end in zip([0, *starts], starts, [*starts[1:], len(text)], strict=False):
        line += text.count("\n", begin, start)
        with reporting(f"{document.source}, line {line}", document.report):
            for key, fields in _entries(text[start:end], macros):
                number += 1
                default_id = f"{document.id}#{key}"
                if not key or default_id in given:
                    default_id = f"{document.id}#{number}"
                yield _article(key, fields, default_id, document.source, given)


def _entries(text: str, macros: dict[str, str]) -> Iterator[tuple[str, _Fields]]:
    """Key and fields of each entry in a stretch of text; its ``@string``s go to the macros."""
    at = 0
    while match := _BLOCK.search(text, at):
        kind, at = match[1].lower(), match.end()
        if kind in ("comment", "preamble"):
            at = _closed(text, at, _BRACE)
            continue
        key = None if kind == "string" else _KEY.match(text, at)
        if kind != "string" and not key:
            raise SourceError(f"@{match[1]} without a key and a comma behind it")
        fields: _Fields = {}
        at = key.end() if key else at
        while field := _FIELD.match(text, at):
            value, at = _value(text, field.end(), macros)
            fields.setdefault(field[1].lower(), value)
        end = _END.match(text, at)
        if not end:
            rest = " ".join(text[at : at + 40].split()) or "the end of the file"
            raise SourceError(f"the entry is not closed before {rest!r}: look for a missing brace")
        at = end.end()
        if key:
            yield key[1], fields
        else:
            macros |= fields


def _value(text: str, at: int, macros: dict[str, str]) -> tuple[str, int]:
    """A field's value that begins at a place, its parts joined, and where it ends."""
    parts: list[str] = []
    while True:
        start = text[at : at + 1]
        if start == "{":
            end = _closed(text, at + 1, _BRACE)
            parts.append(text[at + 1 : end - 1])
        elif start == '"':
            end = _closed(text, at + 1, _QUOTE_OR_BRACE)
            parts.append(text[at + 1 : end - 1])
        elif word := _WORD.match(text, at):
            end = word.end()
            parts.append(macros.get(word[0].lower(), word[0]))
        else:
            raise SourceError("a field without a value")
        joint = _JOINT.match(text, end)
        if not joint:
            return "".join(parts), end
        at = joint.end()


def _closed(text: str, at: int, marks: re.Pattern[str]) -> int:
    """Where what was opened before a place has been closed."""
    depth = 0
    for match in marks.finditer(text, at):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        if depth < 0 or (match[0] == '"' and depth == 0):
            return match.end()
    raise SourceError("a brace or a quote that is never closed: close it")


def _article(key: str, fields: _Fields, default_id: str, source: str, given: set[str]) -> Article:
    values = {name: _plain(_first(fields, *names)) for name, names in _NAMES.items()}
    values["pages"] = values["pages"].replace("–", "-")
    values["published"] = _date(fields)
    values["doi"] = _address(fields.get("doi", ""))
    values["url"] = _address(fields.get("url", ""))
    extra: dict[str, Any] = {"citation_key": key} if key else {}
    keywords = _plain(fields.get("keywords", ""))
    ours = list(fields) == [name for name in _OUR_ORDER if name in fields]
    if keywords and ours and fields.get("title", "").startswith("{"):
        values["section"] = keywords
    elif keywords:
        extra["keywords"] = [word for each in re.split("[;,]", keywords) if (word := each.strip())]
    extra |= {name: _plain(text) for name, text in fields.items() if name not in _READ and text}
    authors = [Author(name) for each in _names(fields.get("author", "")) if (name := _name(each))]
    return records.article(values, default_id, source, given, authors, extra)


def _first(fields: _Fields, *names: str) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")


def _names(text: str) -> list[str]:
    """The names of a field, which ``and`` outside of braces parts."""
    names: list[str] = []
    start = depth = 0
    for match in re.finditer(rf"[{{}}]|{_AND.pattern}", text, re.IGNORECASE):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth == 0:
            names.append(text[start : match.start()])
            start = match.end()
    return [name for name in (*names, text[start:]) if name.strip().lower() != "others"]


def _name(text: str) -> str:
    text = text.strip()
    if text.startswith("{") and _closes_at_end(text):
        return _plain(text)  # written whole
    name = _plain(text)
    if name.count(",") > 1:  # von Last, Jr, First
        family, suffix, given = (part.strip() for part in name.split(",", maxsplit=2))
        name = f"{family}, {given}, {suffix}"
    return metadata.turned_name(name)


def _closes_at_end(text: str) -> bool:
    try:
        return _closed(text, 1, _BRACE) == len(text)
    except SourceError:
        return False


def _date(fields: _Fields) -> str:
    """The entry's date, or what is written there when it is none."""
    parts = {name: _plain(fields.get(name, "")) for name in ("year", "month", "day", "date")}
    year, month, day, date = parts.values()
    if month.isdecimal():
        written = f"{year}-{month:0>2}-{day:0>2}" if day else f"{year}-{month:0>2}"
    else:
        written = " ".join(filter(None, (day, month, year)))
    return metadata.date(date) or metadata.date(written) or date or written


def _address(text: str) -> str:
    """A DOI or an address: nothing in it is a command but what is escaped."""
    return _ESCAPED.sub(r"\1", text.strip())


def _plain(text: str) -> str:
    """What LaTeX prints for a text, white space collapsed but between paragraphs."""
    if _LATEX.search(text) and len(text) <= _LONGEST:
        printed = _BARE.sub(r"\\\g<0>", text)  # BibTeX knows no comments inside of values
        try:
            text = _printer()(printed)
        except RecursionError:
            text = _BRACE.sub("", text)
    paragraphs = (" ".join(each.split()) for each in _PARAGRAPHS.split(text))
    return "\n\n".join(filter(None, paragraphs))


def _unknown(node: Any) -> str:
    """What a command prints that is not known: its name, where it is that of a program."""
    return str(node.macroname) if node.macroname[:1].isupper() else ""


@cache
def _printer() -> Callable[[str], str]:
    """What prints LaTeX as plain text; it knows letters that pylatexenc does not."""
    with needing("bibtex"):
        from pylatexenc import latex2text, latexwalker, macrospec

    def hooked(node: Any, l2tobj: Any) -> str:
        text = str(l2tobj.nodelist_to_text(node.nodeargs)).strip()
        return unicodedata.normalize("NFC", f"{text[:1]}\u0309{text[1:]}") if text else ""

    texts = latex2text.get_default_latex_context_db()
    specs = [latex2text.MacroTextSpec(name, letter) for name, letter in _LETTERS.items()]
    hook = latex2text.MacroTextSpec("h", hooked)
    texts.add_context_category("vietnamese", macros=[*specs, hook], prepend=True)
    texts.set_unknown_macro_spec(latex2text.MacroTextSpec("", _unknown))
    syntax = latexwalker.get_default_latex_context_db()
    macros = [macrospec.std_macro(name, "") for name in _LETTERS]
    macros.append(macrospec.std_macro("h", "{"))
    syntax.add_context_category("vietnamese", macros=macros, prepend=True)
    printer = latex2text.LatexNodes2Text(latex_context=texts, math_mode="text")
    return lambda text: str(printer.latex_to_text(text, latex_context=syntax))
