"""What journals write about their articles, brought into one form: dates, authors, numbers.

Each function takes text as a page, a file's properties or a table has it, and gives the normal
form, or nothing where there is none: no text is an error. Who normalises keeps what was written
in ``extra["as_written"]``. The cases are in ``tests/cases/metadata.tsv``.
"""

from __future__ import annotations

import calendar
import unicodedata
from functools import cache
from urllib.parse import unquote

import regex

from vnjournal import resources
from vnjournal.articles.article import Author

_LONGEST = 1000  # characters that are looked at: metadata is short
_LONGEST_BYLINE = 20_000
_VIETNAMESE = regex.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
_VIETNAMESE_SHARE = 0.05
_SAMPLE = 10_000  # characters by which the language is told
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))

# --- Dates

_NUMBERS = "một hai ba tư năm sáu bảy tám chín mười mười_một mười_hai".replace("_", " ").split(" ")
_MONTHS = {
    **{word: number for number, word in enumerate(_NUMBERS[:10], 1)},
    **{"giêng": 1, "bẩy": 7, "mười một": 11, "mười hai": 12, "chạp": 12},
    **{str(number): number for number in range(1, 13)},
    **{f"0{number}": number for number in range(10)},
    **dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True)),
}
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PARTS = {
    "YEAR": r"(?P<year>1[5-9]\d\d|20\d\d)(?!\d)",
    "MONTH": r"(?P<month>\d{1,2})(?!\d)",
    "ROMAN": r"(?P<month>\d{1,2}|x?i{1,3}|i?[vx]|vi{1,3})\b",
    "WORD": r"(?P<month>\d{1,2}(?!\d)|giêng|mười\ một|mười\ hai|một|hai|ba|tư|năm"
    r"|sáu|b[ảẩ]y|tám|chín|mười|chạp)",
    "NAME": r"\b(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b\.?",
    "DAY": r"(?<!\d)(?P<day>\d{1,2})(?!\d)",
    "THANG": r"(?:th[áa]ng|\bth?\.?(?=\ ?\d))\ ?",
    "JOIN": r"(?:\ ?[,/.-]\ ?|\ )(?:n[ăa]m\ )?",
    "CLOCK": r"\d{1,2}:\d\d(?::\d\d)?",
    "NO_NUMBER": r"(?<!\b(?:số|so|no|issue|kỳ|kì|tập|vol|s)[.:]?\ ?)",  # of an issue
}
_DAYS = (
    r"(?<!\d) YEAR \ ?[-/.]\ ? MONTH \ ?[-/.]\ ? DAY",
    r"^(?:d:)? (?P<year>1[5-9]\d\d|20\d\d) (?P<month>\d\d) (?P<day>\d\d)"
    r"(?: t?(?P<clock>\d{4}(?:\d\d)?) )? (?!\d)",
    r"NO_NUMBER DAY (?:\ ?[,/.-]\ ?|\ )? THANG WORD JOIN YEAR",
    r"THANG WORD \ DAY ,\ ? YEAR",
    r"(?<!\d[/.-]\ ?|tháng\ ) DAY \ ?[/.-]\ ? ROMAN \ ?[/.-]\ ? YEAR",
    r"(?<!\d/) DAY / MONTH /(?P<short>\d\d)(?![\d/])",
    r"(?<!\d[-/]) DAY (?:st|nd|rd|th|\.)?[\ -]*(?:of\ )? NAME ,?[\ -]* YEAR",
    r"NAME \ DAY (?:st|nd|rd|th)?,?\ (?:(?P<clock>CLOCK)\ (?:[a-z]{2,5}\ )?)? YEAR",
    r"(?<!\d) YEAR [\ -] NAME [\ -] DAY",
)
#: Of these only the year is known, or only what the first has named: two months, a span of days.
_MONTHS_WRITTEN = (
    r"(?<!\d) \d{1,2}\ ?-\ ?\d{1,2} (?:/|\ THANG) WORD JOIN YEAR",
    r"THANG \d{1,2}\ ?(?:[-+&,/]|và)\ ?\d{1,2} JOIN YEAR",
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\ ?[-/&]\ ? NAME ,?\ ? YEAR"
    r"(?P<several>)",
    r"(?<!ngày\ )tháng\ (?P<month>năm),?\ YEAR",
    r"THANG (?!năm\ \d) WORD JOIN YEAR",
    r"NO_NUMBER (?<![\d/.+&-]) MONTH \ ?[/.-]\ ? YEAR",
    r"NAME ,?[\ /-]* YEAR",
    r"(?<!\d) YEAR ,?[\ -] NAME",
    r"(?<!\d) YEAR [-/.] MONTH (?![/.-]?\d)",
)
_YEAR = r"(?<!\d)(?<!\d{4}-) YEAR (?!-(?!1[5-9]|20)\d{3}[\dx])"


def _pattern(written: str) -> regex.Pattern[str]:
    for name, part in _PARTS.items():
        written = written.replace(name, part)
    return regex.compile(written, regex.VERBOSE)


_DAY_PATTERNS = tuple(map(_pattern, _DAYS))
_OTHER_PATTERNS = tuple(map(_pattern, (*_MONTHS_WRITTEN, _YEAR)))
_TIME = r"""(?<!\d)(?P<hour>\d{1,2}) (?:\ ?(?::|h|giờ|g)\ ?) (?P<minute>\d\d)(?!\d)
    (?: \ ?(?::|'|p|phút)\ ?(?P<second>\d\d)(?!\d) )? (?:[.,]\d+)?
    (?: \ ?(?P<half>am|pm|sa|ch|sáng|chiều|tối)\b )?"""
_TIME_AFTER = regex.compile(rf"(?:[\ t,;|(-]|lúc|vào|hồi|at)* {_TIME}", regex.VERBOSE)
_TIME_BEFORE = regex.compile(
    rf"{_TIME} (?:[\ ,;|)(-]|phút|ngày|on|gmt\ ?[+-]?\d*|thứ\ \w+|chủ\ nhật|[a-z]+day)*$",
    regex.VERBOSE,
)


def date(text: str) -> str:
    """The first date in a text as ISO writes it, only as precise as the text is; else empty.

    Vietnamese, English, ISO and numbers with the day first (``5/13/2018`` can only have the month
    first). A day that the calendar lacks leaves the month, a month that it lacks the year; a
    quarter or two months are the year. The time of day is as written, whatever the time zone.

    >>> date("Thứ Ba, ngày 2 tháng 9 năm 1945"), date("ra tháng 4 năm 2018"), date("quý II/2018")
    ('1945-09-02', '2018-04', '2018')
    >>> date("12/05/2018 03:10"), date("31/02/2018"), date("không rõ")
    ('2018-05-12T03:10', '2018-02', '')
    """
    written = unicodedata.normalize("NFKC", text[:_LONGEST]).lower().translate(_DASHES)
    written = unicodedata.normalize("NFC", " ".join(written.split()))
    match = _first(_DAY_PATTERNS, written)
    if match:
        found = _day(match)
        return found + (_time_beside(match, written) if len(found) == len("2018-05-12") else "")
    for pattern in _OTHER_PATTERNS:
        if match := pattern.search(written):
            return _day(match)
    return ""


def _first(patterns: tuple[regex.Pattern[str], ...], text: str) -> regex.Match[str] | None:
    found = (match for pattern in patterns if (match := pattern.search(text)))
    return min(found, key=lambda match: match.start(), default=None)


def _day(match: regex.Match[str]) -> str:
    """Year, month and day of a match, as far as the calendar has them."""
    known = {name: value for name, value in match.groupdict().items() if value is not None}
    if "short" in known:
        year = int(known["short"])
        year += 2000 if year < 69 else 1900  # as POSIX reads two digits
    else:
        year = int(known["year"])
    month = _MONTHS.get(known.get("month", ""), 0)
    if "name" in known:
        month = _ENGLISH.index(known["name"]) + 1
    day = int(known.get("day", 0))
    if "month" in known and not 1 <= month <= 12 and known["month"].isdecimal() and day <= 12:
        month, day = day, int(known["month"])  # as in America
    if "several" in known or not 1 <= month <= 12:
        return f"{year}"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return f"{year}-{month:02}"
    return f"{year}-{month:02}-{day:02}"


def _time_beside(match: regex.Match[str], text: str) -> str:
    if clock := match.groupdict().get("clock"):
        digits = clock.replace(":", "").zfill(4)
        parts = [digits[at : at + 2] for at in range(0, len(digits), 2)]
        found = regex.match(_TIME, ":".join(parts), regex.VERBOSE)
    else:
        found = _TIME_AFTER.match(text, match.end())
        found = found or _TIME_BEFORE.search(text[: match.start()][-60:])
    if not found:
        return ""
    hour, minute, second = int(found["hour"]), int(found["minute"]), found["second"]
    if found["half"] in ("pm", "ch", "chiều", "tối") and hour < 12:
        hour += 12
    elif found["half"] in ("am", "sa", "sáng") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return ""
    return f"T{hour:02}:{minute:02}" + (f":{second}" if second else "")


# --- Numbers

_ISSN = regex.compile(r"(?<![\dX-])(\d{4})\s?[-‐–—]?\s?(\d{3}[\dX])(?![\dX-])", regex.IGNORECASE)
_DOI = regex.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>\x00-\x1f]+")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_PAGE = r"(?:[A-Za-z]{0,3}\d{1,7}[A-Za-z]?|[ivxlc]{1,7})"
_PAGES = regex.compile(
    rf"""(?: (?P<word>\b(?i:trang|tr|pages?|pp?|s)\b) [\s.:]* )?
        (?P<pages>(?<![\w-]){_PAGE}(?:\s?[-–—]{{1,2}}\s?{_PAGE})?
        (?:\s?[,;]\s?(?:{_PAGE})(?:\s?[-–—]\s?{_PAGE})?)*)(?![\w/])""",
    regex.VERBOSE,
)
_PAGE_RANGE = regex.compile(r"\s?[-–—]{1,2}\s?")
_ROMAN = r"[IVXLCivxlc]+\b|[IVXLC]+\b"
_NUMBER = rf"(?P<%s>\d{{1,4}}[A-Za-z]?\b|{_ROMAN})"
_VOLUME = regex.compile(
    rf"(?i:\b(?:tập|quyển|volume|vol|bộ|t|v)\b)[\s.:]*{_NUMBER % 'volume'}", regex.VERSION0
)
_ISSUE = regex.compile(
    r"""(?i:\b(?:số|issue|number|no|nr|s|n[°º])(?:\b|(?<=[°º])))[\s.:]*
    (?P<issue>(?i:đặc\ biệt|chuyên\ đề|xuân|tết)(?:\ \d{1,4})?
      | (?:\d{1,4}[A-Za-z]?|[IVXLC]+\b)
        (?:\s?[-–+&]\s?\d{1,4}[A-Za-z]?\b(?!\s?[-/.]\s?\d{1,2}(?!\d)))*
        (?:\s?[-–/]\s?(?:19|20)\d\d\b | \s?\((?!(?:19|20)\d\d\))\d{1,4}\))? )""",
    regex.VERBOSE,
)
_ISSUE_WORD = regex.compile(r"(?i:số|no|issue)\b[\s.:]*$")
_BOTH = regex.compile(
    r"(?<![\d.])(?P<volume>\d{1,4})\s?\((?P<issue>\d{1,3}(?:\s?[-–+/]\s?\d{1,3})?[A-Za-z]?)\)"
)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def issn(text: str) -> str:
    """The first ISSN in a text whose check digit is right (ISO 3297), with its hyphen; else empty.

    >>> issn("ISSN: 1859 4794"), issn("1859-4795")
    ('1859-4794', '')
    """
    for match in _ISSN.finditer(text[:_LONGEST]):
        digits = (match[1] + match[2]).upper()
        weights = zip(digits, range(8, 0, -1), strict=True)
        if digits.isascii() and not sum(w * (10 if d == "X" else int(d)) for d, w in weights) % 11:
            return f"{digits[:4]}-{digits[4:]}"
    return ""


def doi(text: str) -> str:
    """The first DOI in a text, without resolver and without the punctuation behind it.

    >>> doi("https://doi.org/10.15625/0866-7144.2018-0032."), doi("(doi:10.1000/a(1)b)")
    ('10.15625/0866-7144.2018-0032', '10.1000/a(1)b')
    """
    text = text[:_LONGEST]
    if "%2f" in text.lower():
        text = unquote(text)
    match = _DOI.search(text)
    found = match[0] if match else ""
    while found and (
        found[-1] in ".,;:'’”…"
        or (found[-1] in _CLOSING and found.count(found[-1]) > found.count(_CLOSING[found[-1]]))
    ):
        found = found[:-1]
    return found if not found.endswith("/") else ""


def pages(text: str) -> str:
    """The pages that a text names, a hyphen between first and last; else empty.

    >>> pages("tr. 45–52"), pages("pp. S12 - S18, 20"), pages("120 trang")
    ('45-52', 'S12-S18, 20', '')
    """
    found = list(_PAGES.finditer(text[:_LONGEST]))
    named = next((match for match in found if match["word"]), None)
    whole = text.strip(" \t\r\n.:;,()[]")
    match = named or next((each for each in found if each["pages"] == whole), None)
    if not match:
        return ""
    parts = regex.split(r"\s?[,;]\s?", _PAGE_RANGE.sub("-", match["pages"]))
    return ", ".join(parts)


def volume_and_issue(text: str) -> tuple[str, str]:
    """Volume and issue that a text names, each empty where it does not.

    Roman numbers become Arabic ones; an issue keeps its year as written (``2-2018``).

    >>> volume_and_issue("Tập XII, Số 3 (2018)"), volume_and_issue("số 2-2018")
    (('12', '3'), ('', '2-2018'))
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST])
    both = _BOTH.search(text)
    if both and not _ISSUE_WORD.search(text[: both.start()]):
        return both["volume"], _tight(both["issue"])
    volume, issue = _VOLUME.search(text), _ISSUE.search(text)
    return (
        _arabic(volume["volume"]) if volume else "",
        _tight(_arabic(issue["issue"])) if issue else "",
    )


def _tight(issue: str) -> str:
    return regex.sub(r"\s?([-–+&,/])\s?", lambda match: match[1].replace("–", "-"), issue)


def _arabic(number: str) -> str:
    values = [_ROMAN_VALUES.get(letter, 0) for letter in number.lower()]
    if not all(values):
        return number
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


# --- Authors

_LABEL = regex.compile(
    r"""(?i: (?:nhóm\ +)?tác\ +giả (?:\ +bài\ +viết)? \s*: | (?:các\ +)?tác\ +giả \s*:
      | authors?\s*:? | by\b:? | (?:tin|bài|bài\ viết|ảnh|và|,|\s)+:
      | (?:tin|bài|bài\ viết|bài\ và\ ảnh|bài,\ ảnh) \s+ của\b | người\ viết\s*: )\s*""",
    regex.VERBOSE,
)
_MARK = regex.compile(  # of an affiliation: "Nguyễn Văn A1,2*, Trần Thị B²"
    r"""(?<=[\p{L}.)\]*†‡§])
        (?: \s?[⁰¹²³⁴-⁹*†‡§]+ | \d{1,2}(?!\d) | \s?[(\[](?:\d{1,2}|[*†‡§]+)[)\]] )
        (?: \s?,?\s?(?:[⁰¹²³⁴-⁹*†‡§]+|\d{1,2}(?![\d\p{L}]))
            (?=\s*(?:[,;*†‡§⁰¹²³⁴-⁹]|$|\s[-–]\s|v|&)) )*""",
    regex.VERBOSE,
)
_MAIL = regex.compile(r"[(<\[]?(?i:e-?mail:?)?\s*[\w.+-]{1,64}@[\w.-]{1,253}[)>\]]?")
_ENTRIES = regex.compile(r"[;\n|•]+")
_DASH = regex.compile(r"\s+[–—-]\s+")
_COMMA = regex.compile(r"\s*,(?![^(]*\))\s*")
_AND = regex.compile(r"\s+(?:và|and|&|with)\s+(?![^(]*\))", regex.IGNORECASE)
_OTHERS = regex.compile(
    r"[,\s]+(?:(?:và|and|&)\s+)?(?:(?:các\s+)?cộng\s+sự|cs|et\s+al|others)\b[\s.]*$",
    regex.IGNORECASE,
)
_BRACKETS = regex.compile(r"([^()]+?)\s*\(([^()]+)\)\s*")
_DISTRICT = regex.compile(
    r"(?i:tỉnh|thành phố|tp|thị xã|huyện|quận|thị trấn|xã|phường)\b\.?\s*(?!Đoàn|Uỷ|Ủy)[\p{Lu}\d].*"
)
_BEHIND = frozenset("phd ph.d msc m.sc ma m.a md m.d".split())
_INITIALS = regex.compile(r"\.[\s-]?\p{Lu}\.")


def authors(text: str) -> tuple[Author, ...]:
    """The authors that a byline names.

    Semicolons and lines part entries (``name - role``), commas and ``và`` names. Titles go into the
    role; so do a post or an institution behind the name, while a province at the end is the place.
    Marks of affiliations and mail addresses are left out.

    >>> [author.name for author in authors("Bài: Nguyễn Văn An1, Trần Thị Bình2* và Lê Chi")]
    ['Nguyễn Văn An', 'Trần Thị Bình', 'Lê Chi']
    >>> authors("PGS.TS. Phạm Văn Dũng - Viện Y học biển, Hải Phòng")
    (Author(name='Phạm Văn Dũng', role='PGS.TS, Viện Y học biển', place='Hải Phòng'),)
    """
    lines = unicodedata.normalize("NFC", text[:_LONGEST_BYLINE]).splitlines()
    text = "\n".join(" ".join(line.split()) for line in lines)
    text = _MAIL.sub("", text)
    if label := _LABEL.match(text := text.strip()):
        text = text[label.end() :]
    found: list[Author] = []
    for entry in _ENTRIES.split(text):
        names, *role = _DASH.split(entry.strip(), maxsplit=1)
        if role and _is_name(role[0]):  # a dash between names
            names, role = f"{names}, {role[0]}", []
        found += _entry(_MARK.sub("", names), role[0] if role else "")
    return tuple(found)


def full_name(family: str, given: str) -> str:
    """A name from its two parts: the family name first where it is Vietnamese.

    Either part may be the Vietnamese family name: programs that cite take the last syllable for it.

    >>> full_name("Nguyễn", "Văn An"), full_name("An", "Nguyễn Văn"), full_name("Smith", "John")
    ('Nguyễn Văn An', 'Nguyễn Văn An', 'John Smith')
    """
    family, given = (
        unicodedata.normalize("NFC", " ".join(part.split())) for part in (family, given)
    )
    before = _families().get(_first_word(given))  # None: no family name, True: a frequent one
    if before is not None and given.lower().endswith((" văn", " thị")):  # what stands in the midst
        family_first = False
    elif before:
        family_first = bool(_families().get(_first_word(family)))
    else:
        family_first = _first_word(family) in _families()
    return " ".join(filter(None, (family, given) if family_first else (given, family)))


def affiliation(text: str) -> tuple[str, str]:
    """A post or institution, and the place where it is if that is said at its end.

    >>> affiliation("Giám đốc Viện Y, Hà Nội, Việt Nam")
    ('Giám đốc Viện Y', 'Hà Nội, Việt Nam')
    """
    parts = [part for part in _COMMA.split(text.strip(" .,")) if part]
    places: list[str] = []
    while parts and _is_place(parts[-1]):
        places.insert(0, parts.pop())
    return _listed(*parts), _listed(*places)


def turned_name(name: str) -> str:
    """A name as reference managers keep it, the family name before a comma, as one reads it.

    A comma at the end says that the name is written whole.

    >>> turned_name("Nguyễn, Văn An"), turned_name("Smith, John, Jr."), turned_name("Hội Y học,")
    ('Nguyễn Văn An', 'John Smith, Jr.', 'Hội Y học')
    """
    name = " ".join(name.split())
    if name.endswith(","):
        return name.rstrip(" ,")
    family, given, *suffix = (part.strip() for part in f"{name},".split(",", maxsplit=2))
    return ", ".join(
        filter(None, (full_name(family, given), *(each.strip(" ,") for each in suffix)))
    )


def _entry(written: str, role: str) -> list[Author]:
    """The authors of an entry, who share the role behind its dash."""
    found: list[list[str]] = []  # name, titles, and what stands behind the name
    titles = ""
    in_role = False
    for part in filter(None, _COMMA.split(_OTHERS.sub("", written))):
        part_titles, name = _without_titles(part)
        if not name:
            if found and part_titles.lower().strip(".") in _BEHIND:
                found[-1][1] = _listed(found[-1][1], part_titles)
            else:
                titles = _listed(titles, part_titles)
        elif found and not part_titles and _is_behind(part, in_role):
            found[-1].append(part)
            in_role = True
        else:
            in_role = False
            names = [part] if _is_post(part) else _AND.split(part)
            for number, each in enumerate(names):
                own, name = _without_titles(each)
                name, role_of_name = _in_brackets(name)
                if name := _clean(name):
                    found.append([name, _listed("" if number else titles, own), role_of_name])
                    titles = ""
    return [
        Author(name, _listed(own, post), place)
        for name, own, *behind in found
        for post, place in [affiliation(", ".join(filter(None, [*behind, role])))]
    ]


def _is_behind(part: str, in_role: bool) -> bool:
    """Whether a part between commas belongs to the author before it."""
    if _is_place(part) or _is_post(part) or part[0].islower():
        return True
    return in_role and _first_word(part) not in _families()


def _without_titles(text: str) -> tuple[str, str]:
    """The titles before a name, and the name."""
    match = _titles().match(text)
    end = match.end() if match else 0
    return text[:end].strip(" .,-/"), text[end:].strip()


def _in_brackets(name: str) -> tuple[str, str]:
    match = _BRACKETS.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def _clean(name: str) -> str:
    name = " ".join(name.split()).strip(" ,:-–*†‡§")
    if not _INITIALS.search(name):
        name = name.strip(" .")
    return name if any(map(str.isalpha, name)) else ""


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _is_place(text: str) -> bool:
    return text in _places() or _DISTRICT.fullmatch(text) is not None


def _is_post(text: str) -> bool:
    return f"{text} ".startswith(_posts())


def _is_name(text: str) -> bool:
    """Whether a text can only be a Vietnamese name, which has three words and a capital each."""
    words = text.split()
    named = len(words) > 2 and all(word[0].isupper() and word.isalpha() for word in words)
    return named and bool(_families().get(_first_word(text))) and not _is_place(text)


def _first_word(name: str) -> str:
    return name.partition(" ")[0].title()


def _lines(file: str) -> list[str]:
    rows = (unicodedata.normalize("NFC", row[0]) for row in resources.rows("metadata", file))
    return [row for row in rows if row]


def is_vietnamese(text: str) -> bool:
    """Whether a text is in Vietnamese, by its letters: one without marks is taken for none.

    >>> is_vietnamese("Đảng bộ Sở Khoa học"), is_vietnamese("The rice of Hà Nội grows well")
    (True, False)
    """
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    return len(_VIETNAMESE.findall(sample)) >= max(1.0, _VIETNAMESE_SHARE * letters)


@cache
def _families() -> dict[str, bool]:
    """Family names, each with whether it is frequent."""
    rows = resources.rows("metadata", "family_names.tsv")
    return {unicodedata.normalize("NFC", name): often == "often" for name, often in rows}


@cache
def _posts() -> tuple[str, ...]:
    return tuple(f"{form} " for post in _lines("posts.tsv") for form in (post, post.lower()))


@cache
def _places() -> frozenset[str]:
    return frozenset(_lines("provinces.tsv"))


@cache
def _titles() -> regex.Pattern[str]:
    written = sorted(_lines("titles.tsv"), key=len, reverse=True)
    short = "|".join(regex.escape(title) for title in written if " " not in title)
    long = "|".join(regex.escape(title) for title in written if " " in title)
    title = rf"(?:{short})(?:\.|\b)|(?i:{long})\b\.?"
    return regex.compile(rf"(?:(?:{title})(?:[\s.,/-]+|(?=\p{{Lu}})|$))+")
