"""Normal forms: composed Unicode, real Vietnamese letters, one tone placement, clean white space.

:func:`compose` is the boundary that every analysis passes once: it returns the composed text
together with the map back to the original, so that later spans can point into what was given.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from vnjournal.text.alphabet import LOOK_ALIKES, Placement, parse_syllable
from vnjournal.text.spans import Change, EditedText

_REPLACED = LOOK_ALIKES | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_REPLACED_TABLE = str.maketrans(_REPLACED)
_TO_REPLACE = regex.compile("[" + "".join(_REPLACED) + "]")
# A character, and those behind it that may compose with it or with each other (Unicode Standard
# Annex 15, "stable code points"). So many as no text needs: ordering a long run of marks takes
# time that grows with its square.
_TO_COMPOSE = regex.compile(
    _TO_REPLACE.pattern
    + r"|(?:\p{NFC_QC=N}|\S?[\p{NFC_QC=M}\P{ccc=0}])[\p{NFC_QC=M}\P{ccc=0}]{0,30}"
)
_LETTER_RUN = regex.compile(r"\p{L}+")
_BLANKS = regex.compile(r"[\x1c-\x1f[^\S\n]]+", regex.V1)  # what str.isspace says, but \n
_BLANK_LINES = regex.compile(r" ?\n ?(?:\n ?)+")


def compose(raw: str) -> EditedText:
    """Compose a text (NFC), put real Vietnamese letters for look-alikes, drop invisible characters.

    Returns an :class:`EditedText` from ``raw`` to the composed text. Nothing else changes: white
    space, letter case and spelling stay, and text that is already clean costs one scan.

    >>> compose("Ða\\u0309ng bộ").text
    'Đảng bộ'
    """
    if raw.isascii():
        return EditedText(raw, ())
    wanted = _TO_REPLACE if unicodedata.is_normalized("NFC", raw) else _TO_COMPOSE
    changes = []
    for match in wanted.finditer(raw):
        found = match.group()
        composed = _composed(found)
        if composed != found:
            changes.append(Change(*match.span(), composed))
    return EditedText(raw, changes)


@lru_cache(maxsize=4096)
def _composed(cluster: str) -> str:
    return unicodedata.normalize("NFC", cluster).translate(_REPLACED_TABLE)


@lru_cache(maxsize=8192)
def place_tone(syllable: str, placement: Placement = "old") -> str:
    """Put the tone mark of one composed syllable where the given style puts it.

    A text that is no well-formed syllable comes back unchanged: a mark that neither style allows
    (``tòan``) is a typo, and typos are the corrector's business.

    >>> place_tone("Uỷ"), place_tone("THUÝ"), place_tone("hòa", "new"), place_tone("tòan")
    ('Ủy', 'THÚY', 'hoà', 'tòan')
    """
    parsed = parse_syllable(syllable)
    if parsed is None or not parsed.tone:
        return syllable
    spelt = parsed.spell(placement)
    return "".join(
        letter.upper() if given.isupper() else letter
        for letter, given in zip(spelt, syllable, strict=True)
    )


def normalize(text: str, placement: Placement = "old") -> str:
    """Bring a text to one written form: NFC, one tone placement, clean white space.

    Look-alike letters become Vietnamese ones, invisible characters go, every kind of blank becomes
    a plain space, runs of blanks become one, and more than one empty line becomes one. Spelling,
    letter case and punctuation stay.

    >>> normalize("Tỉnh uỷ  Hoà\\u00a0Bình")
    'Tỉnh ủy Hòa Bình'
    """
    composed = compose(text).text.replace("\r\n", "\n").replace("\r", "\n")
    placed = _LETTER_RUN.sub(lambda match: place_tone(match.group(), placement), composed)
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub(" ", placed)).strip()
