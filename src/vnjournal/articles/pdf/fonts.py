"""The letters of a PDF whose fonts have an encoding of before Unicode.

Of such a font, PDFium gives what its codes are in the encoding that the PDF names, mostly
windows-1252; where it names none, what they are in Adobe's StandardEncoding, and in Latin-1 those
that this does not have. A few characters then stand for two codes each, and the words tell which is
meant: the hyphen is TCVN3's ``ư``, too. Which encoding the font has, its name tells (``.VnTime``),
else again the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

from vnjournal.articles.fonts import SAMPLE, Fonts
from vnjournal.articles.pdf.pages import Page
from vnjournal.language import detect
from vnjournal.language.detect import UTF8
from vnjournal.text import encodings

_MOST_CHOICES = 4  # in a word; where there are more, each character is what it mostly is
_SURE = 0.99
_STANDARD = {  # the characters from a code on (PDF 32000-1, annex D) that are not those of Latin-1
    0x27: "’",
    0x60: "‘",
    0xA4: "⁄",
    0xA6: "ƒ",
    0xA8: "¤'“",
    0xAC: "‹›",
    0xB1: "–†‡·",
    0xB7: "•‚„”",
    0xBC: "…‰",
    0xC1: "`´ˆ˜¯˘˙¨",
    0xCA: "˚¸",
    0xCD: "˝˛ˇ—",
    0xE1: "Æ",
    0xE3: "ª",
    0xE8: "ŁØŒº",
    0xF1: "æ",
    0xF5: "ı",
    0xF8: "łøœß",
}
_LIGATURES = {"fi": b"\xae", "fl": b"\xaf"}  # two characters in one place
_HYPHEN = {"-": b"\x2d\xad"}  # windows-1252 has a soft one, too

_Letters = Sequence[str]  # each with the marks that stand in its place
_Codes = Mapping[str, bytes]  # what each may stand for, the commonest first
#: What stands before the entries of a list in the fonts Symbol and Wingdings.
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf0fc\uf076", "•")


@dataclass(frozen=True, slots=True)
class _Way:
    """How the letters of a font are read: as which codes, and those how."""

    codes: _Codes
    decode: Callable[[bytes], str]
    encoding: str

    def read(self, letters: _Letters) -> str:
        """What letters say, which are left as they are where they stand for no codes."""
        choices = [self.codes.get(each, b"") for each in letters]
        if not all(choices):
            return "".join(letters)
        if sum(len(codes) > 1 for codes in choices) > _MOST_CHOICES:
            choices = [codes[:1] for codes in choices]
        readings = [self.decode(bytes(codes)) for codes in product(*choices)]
        return readings[detect.likeliest(readings)]


class PdfFonts(Fonts):
    """Reads the words of a PDF by their fonts.

    Args: ``pages``: all of its pages.
    """

    def __init__(self, pages: Iterable[Page]) -> None:
        super().__init__()
        self._ways: dict[str, _Way] = {}
        others: dict[str, list[_Letters]] = {}
        for font, words in _samples(pages).items():
            if encoding := encodings.font_encoding(font):
                decode = partial(encodings.decode_font, font=font)
                self._choose([font], words, [_Way(codes, decode, encoding) for codes in _tables()])
            elif not detect.is_plain(_text(words)):
                others[font] = words
        together = [word for words in others.values() for word in words]
        self._choose(list(others), together, list(_recognised(together)))

    def _choose(
        self, fonts: Sequence[str], words: Sequence[_Letters], ways: Sequence[_Way]
    ) -> None:
        """Read some fonts in the likeliest way, which may be to leave them as they are."""
        readings = [" ".join(map(way.read, words)) for way in ways]
        best = detect.likeliest([_text(words), *readings])
        if best:
            self._ways |= dict.fromkeys(fonts, ways[best - 1])

    def read_letters(self, letters: _Letters, font: str) -> str:
        """What the letters of a word, or of a part of one, say that is set in one font."""
        text = "".join(letters)
        way = self._ways.get(font)
        found = way.read(letters) if way else _BULLETS.get(text, text)
        self.keep(found, way.encoding if way and found != text else UTF8)
        return found


def _samples(pages: Iterable[Page]) -> dict[str, list[_Letters]]:
    """Words by the names of the fonts that they are set in, as far as they are looked at."""
    found: dict[str, list[list[str]]] = {}
    lengths: Counter[str] = Counter()
    for page in pages:
        last = None
        for each in page.characters:
            font = page.fonts[each.font].name
            if lengths[font] < SAMPLE:
                words = found.setdefault(font, [])
                if each.spaced or last != (each.font, each.baseline) or not words:
                    words.append([])
                words[-1].append(each.text)
                lengths[font] += 1
            last = each.font, each.baseline
    return {font: list(words) for font, words in found.items()}


def _text(words: Iterable[_Letters]) -> str:
    return " ".join(map("".join, words))


def _recognised(words: Sequence[_Letters]) -> Iterator[_Way]:
    """The ways to read words that are in an old encoding for sure."""
    for codes in _tables():
        known = (word for word in words if all(letter in codes for letter in word))
        raw = b" ".join(bytes(codes[letter][0] for letter in word) for word in known)
        found = detect.read(raw)
        if found.encoding in encodings.NAMES and found.confidence >= _SURE:
            yield _Way(codes, partial(encodings.decode, encoding=found.encoding), found.encoding)


@cache
def _tables() -> tuple[_Codes, _Codes]:
    """Windows-1252 and StandardEncoding."""
    western = {chr(0xF000 + code): bytes([code]) for code in range(0x20, 0x100)}  # of symbols
    for code in range(0x20, 0x100):
        western[encodings.western(code)] = bytes([code])
    in_standard = {
        each: bytes([first + step])
        for first, characters in _STANDARD.items()
        for step, each in enumerate(characters)
    }
    defined = {code[0] for code in in_standard.values()}
    standard = dict(in_standard)
    for code in range(0x20, 0x100):
        if code not in defined:
            standard[chr(code)] = standard.get(chr(code), b"") + bytes([code])
    return western | _HYPHEN, standard | _LIGATURES
