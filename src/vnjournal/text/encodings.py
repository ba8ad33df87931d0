"""The encodings in which Vietnamese was written before Unicode.

Windows-1258, TCVN 5712 VN1 and VN3 (the ABC fonts), VNI-Windows, VISCII, VPS and VIQR. Where they
have the letters is in the ``encodings`` data set, with the source of each; of the other bytes above
ASCII, fonts for Windows kept what windows-1252 has there. Python itself knows windows-1258 only.

Text is composed (NFC) and what no encoding explains becomes U+FFFD. Which encoding some bytes are
in is guessed elsewhere, by :mod:`vnjournal.language.detect`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from vnjournal import resources
from vnjournal.text.alphabet import MARKED_LETTERS, TONE_MARKS, parse_syllable

_COLUMNS = ("tcvn-vn1", "tcvn3", "viscii", "vps", "vni-windows", "viqr")
#: Every encoding that is known here, by its name.
NAMES = ("windows-1258", *_COLUMNS)

_UNKNOWN = "\ufffd"
_COMBINING = dict(zip(range(0xB0, 0xB5), "\u0300\u0309\u0303\u0301\u0323", strict=True))  # in VN1
_TONES = "".join(TONE_MARKS)
_CONTEXT = 80  # characters that tell what a sign is
_MOST_SIGNS = 4  # of a word, that may be read in two ways

# Fonts by the beginning of their names, and what is written in them. A name may have the tag of a
# subset before it, as in PDF: ABCDEF+.VnTimeH,Bold
_FONT = regex.compile(
    r"(?:\p{Lu}{6}\+)?(?:(?P<tcvn3>\.?vn(?=[a-z])(?!i))|(?P<vni>vni(?=[ -]))|(?P<vps>vps(?=[ -])))"
    r"(?P<rest>[^,]*)",
    regex.IGNORECASE,
)
_CAPITAL_FONT = regex.compile(r"[\p{L}\d ]*H(?:$|[ -](?i:bold|italic|regular|normal))")


def decode(raw: bytes, encoding: str) -> str:
    """Read bytes in one of :data:`NAMES`; whatever is no character becomes U+FFFD.

    >>> decode(b"\\xa7\\xb6ng b\\xe9", "tcvn3")
    'Đảng bộ'
    >>> decode("Ñaûng boä".encode("latin-1"), "vni-windows"), decode(b"Dda?ng bo^.", "viqr")
    ('Đảng bộ', 'Đảng bộ')
    """
    return _codecs()[encoding].decode(raw)


def encode(text: str, encoding: str) -> bytes:
    """Write a text in one of :data:`NAMES`; TCVN3 writes a capital with a tone mark as a small one.

    Raises UnicodeEncodeError for a character that the encoding does not have.

    >>> encode("Đảng bộ", "tcvn3"), encode("Đảng ta.", "viqr")
    (b'\\xa7\\xb6ng b\\xe9', b'DDa?ng ta\\\\.')
    """
    return _codecs()[encoding].encode(unicodedata.normalize("NFC", text))


def bytes_of(text: str) -> bytes | None:
    """The bytes that a text was before somebody read them as windows-1252; None if it was not so.

    >>> bytes_of("§¶ng bé")
    b'\\xa7\\xb6ng b\\xe9'
    >>> bytes_of("Đảng bộ") is None
    True
    """
    written = _western_bytes()
    try:
        return bytes([written[character] for character in text])
    except KeyError:
        return None


def western(code: int) -> str:
    """The character that windows-1252 has for a code; a control code where it has none."""
    return _western()[code]


def of_font(text: str, font: str) -> str:
    """What a text says that is set in a font, where the font has an encoding of its own.

    The characters are what Word files, web pages and PDF give for text in fonts of the 1990s, such
    as ``.VnTime`` (TCVN3), ``.VnTimeH`` (the same, shown in capitals) or ``VNI-Times``. Text in
    another font is returned as it is, and so is text that Unicode's own Vietnamese letters show to
    have been converted already.

    >>> of_font("§¶ng bé", ".VnTime"), of_font("§¶ng bé", ".VnTimeH"), of_font("§", "Arial")
    ('Đảng bộ', 'ĐẢNG BỘ', '§')
    """
    if not font_encoding(font):
        return text
    plain = "".join(
        chr(ord(each) - 0xF000) if 0xF020 <= ord(each) <= 0xF0FF else each for each in text
    )  # Word's way to write what a font of symbols shows
    raw = bytes_of(plain)
    return text if raw is None else decode_font(raw, font)


def decode_font(raw: bytes, font: str) -> str:
    """What bytes say that are shown in a font for which :func:`font_encoding` knows the encoding.

    >>> decode_font(b"\\xa7\\xb6ng b\\xe9", ".VnTimeH")
    'ĐẢNG BỘ'
    """
    encoding, shows_capitals = _font(font)
    found = decode(raw, encoding)
    return found.upper() if shows_capitals else found


def font_encoding(font: str) -> str:
    """Which of :data:`NAMES` a font has its letters in, by its name; empty for one of Unicode.

    >>> font_encoding("ABCDEF+.VnTimeH,Bold"), font_encoding("VNI-Times"), font_encoding("Arial")
    ('tcvn3', 'vni-windows', '')
    """
    return _font(font)[0]


def _font(name: str) -> tuple[str, bool]:
    """The encoding of a font, if an old one, and whether it shows small letters as capitals."""
    match = _FONT.match(name.strip("\"' "))
    if match is None:
        return "", False
    encoding = "tcvn3" if match["tcvn3"] else "vni-windows" if match["vni"] else "vps"
    return encoding, encoding == "tcvn3" and bool(_CAPITAL_FONT.fullmatch(match["rest"]))


@dataclass(frozen=True)
class _Codec:
    decode: Callable[[bytes], str]
    encode: Callable[[str], bytes]


@cache
def _codecs() -> dict[str, _Codec]:
    codecs = {"windows-1258": _Codec(_decode_1258, _encode_1258)}
    letters = _letters()
    for name in ("tcvn-vn1", "tcvn3", "viscii", "vps"):
        codecs[name] = _single_bytes(name, letters[name])
    codecs["vni-windows"] = _vni(letters["vni-windows"])
    codecs["viqr"] = _Codec(_decode_viqr, _encode_viqr)
    return codecs


@cache
def _letters() -> dict[str, dict[str, bytes]]:
    """The bytes of each letter, by encoding."""
    rows = list(resources.rows("encodings", "letters.tsv"))
    return {
        name: {letter: bytes.fromhex(codes[column]) for letter, *codes in rows}
        for column, name in enumerate(_COLUMNS)
    }


@cache
def _western() -> list[str]:
    """What each byte is in windows-1252, those that it leaves undefined being control codes."""
    raw = bytes(range(256))
    return [
        raw[n : n + 1].decode("cp1252") if n not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(n)
        for n in raw
    ]


@cache
def _western_bytes() -> dict[str, int]:
    controls = {chr(number): number for number in range(0x80, 0xA0)}  # read as Latin-1
    return controls | {character: number for number, character in enumerate(_western())}


# --- one byte a letter


def _single_bytes(name: str, letters: dict[str, bytes]) -> _Codec:
    characters = _western().copy()
    if name == "tcvn-vn1":
        for number, mark in _COMBINING.items():
            characters[number] = mark
    for letter, code in reversed(letters.items()):  # small before capital where both have one code
        characters[code[0]] = letter
    codes = {character: bytes([number]) for number, character in enumerate(characters)} | letters
    table = "".join(characters)

    def decode(raw: bytes) -> str:
        return unicodedata.normalize("NFC", raw.decode("latin-1").translate(table))

    def encode(text: str) -> bytes:
        return b"".join(_code(codes, text, at, name) for at in range(len(text)))

    return _Codec(decode, encode)


def _code(codes: dict[str, bytes], text: str, at: int, name: str) -> bytes:
    code = codes.get(text[at])
    if code is None:
        raise UnicodeEncodeError(name, text, at, at + 1, "no such character")
    return code


def _decode_1258(raw: bytes) -> str:
    return unicodedata.normalize("NFC", raw.decode("cp1258", "replace"))


def _encode_1258(text: str) -> bytes:
    """As Windows does it: the letter with the mark that makes it another, then the tone."""
    parts = []
    for character in text:
        if character in MARKED_LETTERS:
            decomposed = unicodedata.normalize("NFD", character)
            tone = "".join(mark for mark in decomposed if mark in _TONES)
            rest = "".join(mark for mark in decomposed if mark not in _TONES)
            character = unicodedata.normalize("NFC", rest) + tone
        parts.append(character)
    return "".join(parts).encode("cp1258")


# --- letters of several bytes


def _vni(letters: dict[str, bytes]) -> _Codec:
    """A vowel and a mark of its own behind it; in whichever letter case the mark is written."""
    readings = {code.decode("latin-1"): letter for letter, code in letters.items()}
    for written, letter in list(readings.items()):
        if len(written) == 2:
            for mark in (written[1].upper(), written[1].lower()):
                readings.setdefault(written[0] + mark, letter)
    pattern = regex.compile("|".join(sorted(readings, key=len, reverse=True)))
    western = "".join(_western())
    codes = {character: bytes([number]) for number, character in enumerate(western)} | letters

    def decode(raw: bytes) -> str:
        found = pattern.sub(lambda match: readings[match[0]], raw.decode("latin-1"))
        return unicodedata.normalize("NFC", found.translate(western))

    def encode(text: str) -> bytes:
        return b"".join(_code(codes, text, at, "vni-windows") for at in range(len(text)))

    return _Codec(decode, encode)


_VIQR_WORD = regex.compile(r"(?:\\.|[A-Za-z(^'`?~.]|\+(?!\d))+", regex.DOTALL)
_VIQR_EITHER = regex.compile(  # a mark, or punctuation; or the second D of an acronym
    r"(?<=[aA][(^]?|[eE]\^?|[oO][+^]?|[uU]\+?|[iIyY])['?.] | (?<=D)D | (?<=[A-Za-z]d)d",
    regex.VERBOSE,
)
_VIQR_INITIALS = regex.compile(r"\(?(?:[A-Z]\.)+[A-Z]?")  # U.S.
_VIQR_ABBREVIATION = regex.compile(r"\(?(?:[a-z]\.){2,}[a-z]?")  # i.e.
_VIQR_LETTER = regex.compile(
    r"""\\(?P<escaped>.)
      | D(?=DD(?!D))  # in GDĐT
      | [dD][dD]
      | (?:[aA][(^]? | [eE]\^? | [oO][+^]? | [uU]\+? | [iIyY]) ['`?~.]?""",
    regex.VERBOSE,
)
_VIQR_SIGN = regex.compile(  # what would be read as a part of the letter before it
    r"(?<=[aâăAÂĂ])[(^'`?~.] | (?<=[eêEÊ])[\^'`?~.] | (?<=[oôơOÔƠ])[+^'`?~.] | (?<=[uưUƯ])[+'`?~.]"
    r"| (?<=[iyIY])['`?~.] | (?<=[dD])[dD] | \\",
    regex.VERBOSE,
)

#: Says which reading of some signs and letters is meant, that with all marks being the first: is
#: given what stands before, read, and what follows, as it is written.
Choose = Callable[[Sequence[str], str, str], str]


def read_viqr(text: str, choose: Choose | None = None, after: str = "") -> str:
    """Read VIQR. Signs are those of letters; but with ``choose`` those that may also be punctuation
    are what it says; ``after`` is what follows the text.

    A word of plain letters is read if it is a syllable (``ddi``, but not ``add``).

    >>> read_viqr("DDa?ng bo^."), read_viqr("ta.", lambda ways, *_: ways[-1]), read_viqr("add")
    ('Đảng bộ', 'ta.', 'add')
    """
    if choose is None:
        return _VIQR_WORD.sub(lambda match: _viqr_letters(match[0]), text)
    parts: list[str] = []
    before = ""
    end = 0
    for match in _VIQR_WORD.finditer(text):
        between, written = text[end : match.start()], match[0]
        end = match.end()
        before = (before + between)[-_CONTEXT:]
        ways = _viqr_ways(written)
        found = ways[0]
        if len(ways) > 1:
            following = text[end : end + _CONTEXT]
            found = choose(ways, before, following + after[: _CONTEXT - len(following)])
        before += found
        parts += between, found
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=8192)
def _viqr_ways(written: str) -> tuple[str, ...]:
    """All readings of letters and signs, those with more marks before those with fewer."""
    if written.isalpha() and written.islower():
        return (_viqr_letters(written),)
    if _VIQR_INITIALS.fullmatch(written):
        return (written,)
    body = written.rstrip("?.'")
    is_syllable = parse_syllable(_viqr_letters(body.lstrip("('"))) is not None
    is_abbreviated = _VIQR_ABBREVIATION.fullmatch(written) is not None
    if is_abbreviated and not is_syllable:
        return (written,)
    begin = len(body) if is_syllable and not is_abbreviated else 0
    places = [match.start() for match in _VIQR_EITHER.finditer(written, begin)][-_MOST_SIGNS:]
    ways = [""]
    done = 0
    for place in places:
        part = written[done:place]
        ways = [f"{way}{part}{sign}" for way in ways for sign in ("", "\\")]
        done = place
    ways = [_viqr_letters(way + written[done:]) for way in ways]
    return tuple(dict.fromkeys(ways))


def _viqr_letters(written: str) -> str:
    readings = _viqr_readings()

    def letter(match: regex.Match[str]) -> str:
        return match["escaped"] or readings.get(match[0], match[0])

    found = _VIQR_LETTER.sub(letter, written)
    if written.isalpha() and not written.isupper() and written[:2].lower() != "dd":
        return found if parse_syllable(found) else written  # add, middle
    return found


@cache
def _viqr_readings() -> dict[str, str]:
    readings = {code.decode(): letter for letter, code in _letters()["viqr"].items()}
    return readings | {"Dd": "Đ", "dD": "Đ"}


def _decode_viqr(raw: bytes) -> str:
    return read_viqr(raw.decode("ascii", "replace"))


def _encode_viqr(text: str) -> bytes:
    letters = _letters()["viqr"]
    written = _VIQR_SIGN.sub(r"\\\g<0>", text)
    return b"".join(letters.get(each) or each.encode("ascii") for each in written)
