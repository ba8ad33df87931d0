"""The Vietnamese alphabet: letters, marks, tones, and what a written syllable may be.

Every other module asks this one; no second table of letters exists in the package.

A syllable is an onset, a rime and a tone. The rime table and the rule for where the tone mark
stands follow the standard descriptions of the orthography (Đoàn Thiện Thuật, *Ngữ âm tiếng Việt*,
1977; Ministry of Education decision 1989/QĐ-BGDĐT, 2018). Two placements are in use for open
``oa``, ``oe`` and ``uy``: the old one (``hòa``, ``ủy``) and the new one (``hoà``, ``uỷ``).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Placement = Literal["old", "new"]

#: Combining characters of the six tones; index 0 is the level tone, which has no mark.
TONE_MARKS = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")

#: The twelve vowel letters, each with the plain letter it is built on.
VOWELS = {
    "a": "a",
    "ă": "a",
    "â": "a",
    "e": "e",
    "ê": "e",
    "i": "i",
    "o": "o",
    "ô": "o",
    "ơ": "o",
    "u": "u",
    "ư": "u",
    "y": "y",
}
CONSONANTS = "bcdđghklmnpqrstvx"

#: Letters that other keyboards and old fonts leave where Vietnamese letters are meant.
LOOK_ALIKES = {
    "\u00d0": "Đ",  # ETH
    "\u00f0": "đ",  # eth
    "\u0189": "Đ",  # AFRICAN D
    "\u0256": "đ",  # d with tail, the lower case of AFRICAN D
}


def _toned_vowels() -> dict[str, tuple[str, int]]:
    table = {}
    for vowel in VOWELS:
        for tone, mark in enumerate(TONE_MARKS):
            letter = unicodedata.normalize("NFC", vowel + mark)
            table[letter] = (vowel, tone)
    return table


#: Lower-case composed vowel -> (vowel without its tone, tone 0..5).
TONED_VOWELS = _toned_vowels()
#: (Vowel without its tone, tone) -> lower-case composed vowel.
WITH_TONE = {pair: letter for letter, pair in TONED_VOWELS.items()}

#: Lower-case Vietnamese letter -> the plain ASCII letter it is built on.
BARE_LETTERS = {letter: VOWELS[vowel] for letter, (vowel, _) in TONED_VOWELS.items()}
BARE_LETTERS |= {letter: letter for letter in CONSONANTS} | {"đ": "d"}

#: Every Vietnamese letter, both cases, composed (NFC).
LETTERS = frozenset(BARE_LETTERS) | frozenset(letter.upper() for letter in BARE_LETTERS)
#: Letters that only Vietnamese spelling explains: those with a mark.
MARKED_LETTERS = frozenset(letter for letter in LETTERS if not letter.isascii())

ONSETS = frozenset("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()) | {
    ""
}

# Rimes by nucleus and coda; a rime that stands only after ``qu`` is in _QU_RIMES.
_RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay
    ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oong ooc
    oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt uơ
    uy uya uych uyn uynh uyp uyt uyu uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu
    """.split()
)
_QU_RIMES = frozenset(
    """
    a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât ây
    e ec en eng eo et ê êch ên ênh êt êu i inh it ich y ych ynh yt yên yêt ôc ơ ơi ơn ơt
    """.split()
)
_FRONT = frozenset("eêiy")
_STOP_CODAS = ("c", "ch", "p", "t")
_OPEN_PAIRS = frozenset(("oa", "oe", "uy"))
_Y_AS_RIME = frozenset(("", "h", "k", "l", "m", "n", "s", "t", "th", "v", "x", "b"))


def split_tone(syllable: str) -> tuple[str, int] | None:
    """Take the tone mark off a lower-case composed syllable.

    Returns the letters without it and the tone (0..5); None when the text holds more than one
    tone mark.

    >>> split_tone("đảng")
    ('đang', 3)
    >>> split_tone("lãnhđạo") is None
    True
    """
    letters = []
    found = 0
    for character in syllable:
        vowel, tone = TONED_VOWELS.get(character, (character, 0))
        if tone:
            if found:
                return None
            found = tone
        letters.append(vowel)
    return "".join(letters), found


@dataclass(frozen=True, slots=True)
class Syllable:
    """A well-formed Vietnamese syllable in lower case, taken apart."""

    onset: str
    rime: str
    tone: int

    def spell(self, placement: Placement = "old") -> str:
        """Write the syllable with its tone mark where the given style puts it.

        >>> Syllable("h", "oa", 2).spell("old"), Syllable("h", "oa", 2).spell("new")
        ('hòa', 'hoà')
        """
        if not self.tone:
            return self.onset + self.rime
        at = _tone_position(self.onset, self.rime, placement)
        marked = WITH_TONE[self.rime[at], self.tone]
        return self.onset + self.rime[:at] + marked + self.rime[at + 1 :]


def _tone_position(onset: str, rime: str, placement: Placement) -> int:
    vowels = [at for at, letter in enumerate(rime) if letter in VOWELS]
    marked = [at for at in vowels if not rime[at].isascii()]
    if marked:
        return marked[-1]  # ươ and uyê: the last one carries the tone
    if len(vowels) == 1:
        return vowels[0]
    if rime in _OPEN_PAIRS and onset != "qu":
        return vowels[1] if placement == "new" else vowels[0]
    if rime[:2] in ("oa", "oe", "uy", "oo"):
        return vowels[1]  # oan, oai, oeo, uyn, uyu, uya; oong takes it on the second o
    return vowels[0]  # ai, ao, ia, ua, ui ...


@lru_cache(maxsize=8192)
def parse_letters(letters: str, tone: int = 0) -> Syllable | None:
    """Read toneless lower-case letters as onset and rime; None if no syllable is written so.

    >>> parse_letters("quang", 0)
    Syllable(onset='qu', rime='ang', tone=0)
    >>> parse_letters("kông") is None
    True
    """
    for onset in _onsets_of(letters):
        rime = letters[len(onset) :]
        if _fits(onset, rime) and (tone in (1, 5) or not _is_stopped(rime)):
            return Syllable(onset, rime, tone)
    return None


def _onsets_of(letters: str) -> list[str]:
    return [letters[:size] for size in (3, 2, 1, 0) if letters[:size] in ONSETS]


def _fits(onset: str, rime: str) -> bool:
    if onset == "qu":
        return rime in _QU_RIMES
    if rime not in _RIMES:
        return False
    front = rime[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "g", "ng"):
        return not front or (onset == "g" and rime[0] == "i")
    if onset == "gi":
        return rime[0] != "i"
    if rime[0] == "y":
        return onset == "" if len(rime) > 1 else onset in _Y_AS_RIME
    return not (onset == "" and rime[:2] == "iê")


def _is_stopped(rime: str) -> bool:
    return rime.endswith(_STOP_CODAS)


@lru_cache(maxsize=8192)
def parse_syllable(text: str) -> Syllable | None:
    """Take a syllable apart; the tone mark may stand where either style puts it.

    Args: ``text``: one composed (NFC) syllable in any letter case.
    Returns the syllable, or None where the text is not a well-formed syllable, which includes a
    tone mark in a place that neither style allows.

    >>> parse_syllable("Hoà") == parse_syllable("hòa") == Syllable("h", "oa", 2)
    True
    >>> parse_syllable("tòan") is None, parse_syllable("cúu") is None
    (True, True)
    """
    lowered = text.lower()
    split = split_tone(lowered)
    if split is None:
        return None
    syllable = parse_letters(*split)
    if syllable is None:
        return None
    return syllable if lowered in (syllable.spell("old"), syllable.spell("new")) else None
