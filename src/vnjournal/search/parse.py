"""The query language -> nodes.

===========================  =======================================================
``dang bo so``               words, with or without marks
``"khoa học"``               a phrase
``"chuyển số"~3``            the same with up to three other syllables between
``Hà Nội OR Sài Gòn``        one of both: on each side the words up to the next sign, or one
                             phrase, field or bracket; ``AND`` is allowed and says nothing new
``-lúa``, ``NOT "vụ mùa"``   none of these
``(lúa OR gạo) -ngô``        brackets
``nghiên*``, ``nghien~``     words that begin so; words that are spelt nearly so
``author:"van voc"``         in one field: title, body, author, section, journal
``title:(lúa OR gạo)``
``year:2015..2018``          filters: ``year``, ``issue`` and ``date`` (``date:2018-04``,
                             ``date:..30/4/2018``)
===========================  =======================================================

Nothing a reader types is an error: what cannot be understood is searched as words, and a note says
so and at which character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import comb

import regex

from vnjournal.index.analysis import DEFAULT_FIELDS, FIELDS, issue_key
from vnjournal.index.query import (
    AllOf,
    AnyOf,
    Clause,
    Dates,
    Fuzzy,
    Issue,
    Phrase,
    Prefix,
    Syllable,
    Word,
    syllables,
)
from vnjournal.text.fold import fold

#: The most other syllables that may stand between the words of a phrase.
MOST_BETWEEN = 10

#: The longest query that is read.
MOST_CHARACTERS = 5_000

FILTERS = ("year", "issue", "date")
_LAST_DAY = 99999999
_MOST_NOTES = 5
_MOST_WAYS = 40  # in which the words of a phrase may stand
_DEEPEST = 40  # brackets, fields and exclusions within each other

_KNOWN_FIELD = "|".join((*FIELDS, *FILTERS))
_TOKEN = regex.compile(
    rf"""(?P<blank>\s+)
      | (?P<minus>(?<![^\s(])(?:[-−](?=[^\s)])|NOT(?![^\s()]))
                 |(?<=(?i:{_KNOWN_FIELD}):)[-−](?=[^\s)]))
      | (?P<join>(?<![^\s()])(?:OR|AND)(?![^\s()]))
      | (?P<field>[A-Za-z_]+(?=:[^\s)])|(?i:{_KNOWN_FIELD})(?=:\s*[^\s)])):
      | (?P<open>\()
      | (?P<close>\))
      | ["“”«](?P<phrase>[^"“”»]*)["“”»](?:~(?P<gap>\d{{1,4}}))?
      | (?P<quote>["“”«»])
      | (?P<word>[^\s"“”«»()]+(?:\([^\s"“”«»()]*\)[^\s"“”«»()]*)*)""",
    regex.VERBOSE,
)
_CONTROLS = regex.compile(r"\p{Cc}")
_WEB_ADDRESS = frozenset(("http", "https", "ftp", "mailto"))
_DATE = regex.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?"
    r"|(?:(?:(?P<day>\d\d?)/)?(?P<month>\d\d?)/)?(?P<year>\d{4})"
)
_YEAR = regex.compile(r"\d{4}")
_TO_YEAR = regex.compile(r"(?<=^\d{4})[-–](?=\d{4}$)")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a reader asked for.

    Attributes:
        words: plain words, in their order; they may come twice.
        required: all else that must match.
        excluded: what may not.
        spoken: the words as they were typed.
        phrases: with each the text that was quoted.
        notes: say, in words, what was not understood.
    """

    words: tuple[Clause, ...] = ()
    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    spoken: str = ""
    phrases: tuple[tuple[Phrase, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """Whether nothing is left to search or filter by."""
        return not (self.words or self.required or self.excluded)

    def filtered(self, filters: Sequence[Clause]) -> ParsedQuery:
        """The same with filters given beside the query."""
        return replace(self, required=(*self.required, *filters))


@dataclass(slots=True)
class _Items:
    """What stands one beside the other, at the top or in brackets."""

    words: list[Clause] = field(default_factory=list)
    required: list[Clause] = field(default_factory=list)
    excluded: list[Clause] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)

    def add(self, others: _Items) -> None:
        self.words += others.words
        self.required += others.required
        self.excluded += others.excluded
        self.spoken += others.spoken

    def as_clause(self) -> Clause | None:
        """All of it, required."""
        clauses = tuple(dict.fromkeys((*self.words, *self.required)))
        if len(clauses) == 1 and not self.excluded:
            return clauses[0]
        return AllOf(clauses, tuple(self.excluded)) if clauses or self.excluded else None

    def together(self) -> _Items:
        """The same, all that it asks for as one clause that is required."""
        clause = self.as_clause()
        return _Items(required=[clause]) if clause and (self.words or self.required) else self


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [match for match in _TOKEN.finditer(text) if not match["blank"]]
        self._at = 0
        self._open = 0  # brackets
        self._depth = 0  # of calls
        self.notes: list[str] = []
        self.phrases: dict[Phrase, str] = {}

    def items(self, fields: tuple[str, ...]) -> _Items:
        """All up to the end, or to the bracket that closes."""
        found = _Items()
        while (token := self._peek()) is not None:
            if token["close"] and self._open:
                break
            found.add(self._joined(fields))
        return found

    def _peek(self) -> regex.Match[str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> regex.Match[str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _note(self, token: regex.Match[str], what: str) -> None:
        self.notes.append(f"{token[0]} at character {token.start() + 1} {what}")

    def _joined(self, fields: tuple[str, ...]) -> _Items:
        """One operand, or several that ``OR`` stands between."""
        first = self._operand(fields)
        others = []
        while (token := self._peek()) is not None and token["join"]:
            self._next()
            behind = self._peek()
            if first == _Items() or behind is None or behind["close"] or behind["join"]:
                self._note(token, "has nothing on one side: left out")
            elif token["join"] == "OR":
                others.append(self._operand(fields))
        clauses = [clause for each in (first, *others) if (clause := each.as_clause())]
        return _Items(required=[AnyOf(tuple(dict.fromkeys(clauses)))]) if others else first

    def _operand(self, fields: tuple[str, ...]) -> _Items:
        """One item, or all the plain words that stand together: ``Hà Nội``."""
        first = self._peek()
        found = self._item(fields)
        while first is not None and first["word"] and self._another_word():
            found.add(self._item(fields))
        return found

    def _another_word(self) -> bool:
        """Whether a plain word is next; an ``AND`` before it is passed over."""
        for ahead, token in enumerate(self._tokens[self._at : self._at + 2]):
            if token["word"]:
                self._at += ahead
                return True
            if token["join"] != "AND":
                break
        return False

    def _item(self, fields: tuple[str, ...]) -> _Items:
        token = self._next()
        for kind, read in (
            ("minus", self._excluded),
            ("field", self._in_field),
            ("open", self._in_brackets),
        ):
            if token[kind]:
                if self._depth == _DEEPEST:
                    self._note(token, "is nested too deep: left out")
                    return _Items()
                self._depth += 1
                found = read(token, fields)
                self._depth -= 1
                return found
        if token["phrase"] is not None:
            return self._phrase(token, fields)
        if token["word"]:
            return self._word(token["word"], fields)
        if token["quote"]:
            self._note(token, "is not closed: searched as words")
        elif token["close"]:
            self._note(token, "closes no bracket: left out")
        elif token["join"]:
            self._note(token, "has nothing on one side: left out")
        return _Items()

    def _excluded(self, minus: regex.Match[str], fields: tuple[str, ...]) -> _Items:
        behind = self._peek()
        if behind is None or behind["close"]:
            self._note(minus, "excludes nothing: left out")
            return _Items()
        clause = self._item(fields).as_clause()
        return _Items(excluded=[clause]) if clause else _Items()

    def _in_brackets(self, opening: regex.Match[str], fields: tuple[str, ...]) -> _Items:
        """A group; on its own its brackets say nothing new."""
        self._open += 1
        found = self.items(fields)
        self._open -= 1
        if self._peek() is None:
            self._note(opening, "is not closed: taken to end with the query")
            return found
        self._next()
        return found

    def _in_field(self, token: regex.Match[str], fields: tuple[str, ...]) -> _Items:
        name = token["field"].lower()
        behind = self._peek()
        if behind is None:
            return self._word(token["field"], fields)
        if name in FIELDS:
            return self._item((name,)).together()
        if name in FILTERS:
            value = behind["phrase"] if behind["phrase"] is not None else behind["word"]
            if value and (clause := filter_of(name, value)):
                self._next()
                return _Items(required=[clause])
            self._note(token, f"is followed by no {name}: searched as words")
        elif name in _WEB_ADDRESS and behind["word"]:
            return self._word(f"{token['field']}:{self._next()['word']}", fields)
        else:
            known = ", ".join((*FIELDS, *FILTERS))
            self._note(token, f"is no field; the fields are {known}: searched as words")
        return self._word(token["field"], fields)

    def _phrase(self, token: regex.Match[str], fields: tuple[str, ...]) -> _Items:
        """A quoted text is one phrase; of one word it asks for that word in any case."""
        asked = syllables(token["phrase"])
        gap = int(token["gap"] or 0)
        most = _most_between(len(asked))
        if gap > most:
            self._note(token, f"lets more stand between than can be searched for: {most} are")
            gap = most
        if len(asked) < 2:
            return _Items(required=[Word(asked[0], fields)]) if asked else _Items()
        phrase = Phrase(asked, fields, gap)
        self.phrases[phrase] = token["phrase"]
        return _Items(required=[phrase])

    def _word(self, text: str, fields: tuple[str, ...]) -> _Items:
        """A word; a compound is a phrase of its parts."""
        asked = syllables(text)
        if not asked:
            return _Items()
        sign = text[-1] if len(asked) == 1 else ""
        clause: Clause
        if sign == "*":
            clause = Prefix(_prefix(text, asked[0]), fields)
        elif sign == "~":
            clause = Fuzzy(asked[0], fields)
        else:
            clause = Phrase(asked, fields) if len(asked) > 1 else Word(asked[0], fields)
        return _Items(words=[clause], spoken=[text.rstrip("*~")])


def _most_between(words: int) -> int:
    """How many others may stand between words without there being too many ways to stand so."""
    gaps = range(MOST_BETWEEN + 1 if words else 1)
    return max(gap for gap in gaps if comb(max(words - 1, 0) + gap, gap) <= _MOST_WAYS)


def _prefix(text: str, asked: Syllable) -> Syllable:
    """What begins a word; i and y are one at the end of words only (``kỳ``, but ``kinh``)."""
    letters = "".join(filter(str.isalnum, fold(text)))
    return asked if letters == asked.key else Syllable(letters, letters)


def filter_of(name: str, value: str) -> Clause | None:
    """What a filter asks for; None where the value is none. A range may be given either way round.

    >>> filter_of("year", "2015..2018")
    Dates(first=20150000, last=20189999)
    >>> filter_of("date", "4/2018"), filter_of("date", "2018-04-30..")
    (Dates(first=20180400, last=20180499), Dates(first=20180430, last=99999999))
    """
    if name == "issue":
        key = issue_key(value)
        return Issue(key) if key else None
    if name == "year":
        value = _TO_YEAR.sub("..", value)
        if not all(_YEAR.fullmatch(part) for part in value.split("..") if part):
            return None
    first, dots, last = value.partition("..")
    begin, end = _date(first), _date(last if dots else first)
    if not (begin or end) or (first and not begin) or (dots and last and not end):
        return None
    if begin and end and begin > end:
        begin, end = end, begin
    return Dates(begin[0] if begin else 1, end[1] if end else _LAST_DAY)


def _date(text: str) -> tuple[int, int] | None:
    """The first and last number of a date that may be a whole month or year; None if it is none."""
    match = _DATE.fullmatch(text.strip())
    if match is None or not _is_in_calendar(match):
        return None
    year = int(match["year"]) * 10000
    if not match["month"]:
        return year, year + 9999
    month = year + int(match["month"]) * 100
    if not match["day"]:
        return month, month + 99
    return month + int(match["day"]), month + int(match["day"])


def _is_in_calendar(match: regex.Match[str]) -> bool:
    try:
        date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return False
    return True


def parse(text: str) -> ParsedQuery:
    """Read a query.

    >>> parsed = parse('dang bo "khoa học" -lúa author:"van voc" year:2015..2018')
    >>> [word.syllable.key for word in parsed.words], len(parsed.required), parsed.spoken
    (['dang', 'bo'], 3, 'dang bo')
    >>> parse('"chưa đóng').notes
    ('" at character 1 is not closed: searched as words',)
    """
    parser = _Parser(_CONTROLS.sub(" ", text[:MOST_CHARACTERS]))
    if len(text) > MOST_CHARACTERS:
        parser.notes.append(f"only the first {MOST_CHARACTERS:,} characters are read")
    items = parser.items(DEFAULT_FIELDS)
    return ParsedQuery(
        words=tuple(items.words),
        required=tuple(dict.fromkeys(items.required)),
        excluded=tuple(dict.fromkeys(items.excluded)),
        spoken=" ".join(items.spoken),
        phrases=tuple(parser.phrases.items()),
        notes=tuple(_first(parser.notes)),
    )


def _first(notes: list[str]) -> list[str]:
    more = len(notes) - _MOST_NOTES
    return [*notes[:_MOST_NOTES], f"and {more} more such places"] if more > 0 else notes
