"""The query language -> nodes.

========================  ==========================================================
``dang bo so``            words, with or without marks
``"khoa học"``            a phrase
``-lúa``, ``-"vụ mùa"``   none of these
``author:"van voc"``      a word or phrase in one field: title, body, author, section,
                          journal
``year:2015..2018``       filters: ``year`` and ``issue``
========================  ==========================================================

Nothing a reader types is an error: what cannot be understood is searched as words, and a note says
so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import regex

from vnjournal.index.analysis import AS_WRITTEN, FIELDS, issue_key
from vnjournal.index.query import Clause, Phrase, Word, syllables

#: Fields that a word without a field name is looked for in; author and body count together.
DEFAULT_FIELDS = ("title", "body", "author", AS_WRITTEN)

_ITEM = regex.compile(
    r"""(?P<minus>(?<!\S)[-−])?
        (?:(?P<field>[A-Za-z_]+):(?=\S))?
        (?: ["“”«](?P<phrase>[^"“”»]*)(?P<closed>["“”»])? | (?P<word>[^\s"“”«»]+) )""",
    regex.VERBOSE,
)
_CONTROLS = regex.compile(r"\p{Cc}")
_YEARS = regex.compile(r"(?P<first>\d{4})?(?P<dots>\.\.|-|–)?(?P<last>\d{4})?")
_WEB_ADDRESS = frozenset(("http", "https", "ftp", "mailto"))


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a reader asked for. ``notes`` say, in words, what was not understood."""

    words: tuple[Word, ...] = ()
    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    years: tuple[int, int] | None = None
    issue: str = ""
    notes: tuple[str, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """Whether nothing is left to search or filter by."""
        return not (self.words or self.required or self.excluded or self.years or self.issue)

    def filtered(self, years: tuple[int, int] | None, issue: str) -> ParsedQuery:
        """The same with filters given beside the query; they win over those written in it."""
        return replace(self, years=years or self.years, issue=issue or self.issue)


class _Parser:
    def __init__(self) -> None:
        self.words: list[Word] = []
        self.required: list[Clause] = []
        self.excluded: list[Clause] = []
        self.years: tuple[int, int] | None = None
        self.issue = ""
        self.notes: list[str] = []

    def read(self, text: str) -> None:
        for item in _ITEM.finditer(text):
            if item["phrase"] is not None and not item["closed"]:
                self.notes.append(
                    f"the quote at character {item.start('phrase')} is not closed: "
                    "searched as words"
                )
                for word in item["phrase"].split():
                    self._add(word, "", quoted=False, excluded=False)
            else:
                quoted = item["phrase"] is not None
                self._item(item, item["phrase"] if quoted else item["word"], quoted)

    def _item(self, item: regex.Match[str], text: str, quoted: bool) -> None:
        field = (item["field"] or "").lower()
        excluded = bool(item["minus"])
        if field in ("year", "issue") and not excluded:
            if self._filter(field, text):
                return
            self.notes.append(
                f"{field}:{text} at character {item.start() + 1} is no {field}: searched as words"
            )
        elif field in _WEB_ADDRESS:
            field, text = "", f"{field}:{text}"
        elif field and field not in FIELDS:
            self.notes.append(
                f"there is no field {field}: (character {item.start() + 1}); "
                f"the fields are {', '.join(FIELDS)}, year, issue: searched as words"
            )
        elif field:
            self._add(text, field, quoted, excluded)
            return
        self._add(f"{field} {text}" if field else text, "", quoted, excluded)

    def _filter(self, field: str, text: str) -> bool:
        if field == "issue":
            self.issue = issue_key(text)
            return bool(self.issue)
        match = _YEARS.fullmatch(text)
        if match is None or not (match["first"] or match["last"]):
            return False
        first = int(match["first"] or 0)
        last = int(match["last"] or (9999 if match["dots"] else first))
        if not match["dots"] and match["last"]:
            return False
        self.years = (first, last)
        return True

    def _add(self, text: str, field: str, quoted: bool, excluded: bool) -> None:
        """A quoted text is one phrase; a word that is a compound is a phrase of its parts."""
        fields = (field,) if field else DEFAULT_FIELDS
        for piece in [text] if quoted else text.split():
            asked = syllables(piece)
            if len(asked) > 1:
                clause: Clause = Phrase(asked, fields)
            elif asked:
                clause = Word(asked[0], fields)
            else:
                continue
            if excluded:
                self.excluded.append(clause)
            elif isinstance(clause, Word) and not quoted and not field:
                self.words.append(clause)
            else:
                self.required.append(clause)


def parse(text: str) -> ParsedQuery:
    """Read a query.

    >>> parsed = parse('dang bo "khoa học" -lúa author:"van voc" year:2015..2018')
    >>> [word.syllable.key for word in parsed.words], len(parsed.required), parsed.years
    (['dang', 'bo'], 2, (2015, 2018))
    >>> parse('"chưa đóng').notes
    ('the quote at character 1 is not closed: searched as words',)
    """
    parser = _Parser()
    parser.read(_CONTROLS.sub(" ", text))
    return ParsedQuery(
        words=tuple(dict.fromkeys(parser.words)),
        required=tuple(dict.fromkeys(parser.required)),
        excluded=tuple(parser.excluded),
        years=parser.years,
        issue=parser.issue,
        notes=tuple(parser.notes),
    )
