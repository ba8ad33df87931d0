"""Vietnamese as it is typed: Telex (``ddieeuf``) and VNI (``d9ie6u2``) keystrokes read as letters.

Both are written after the letters they change, at once or at the end of the syllable (``tieengs``,
``tiengse``). The tables are those of the two methods as every Vietnamese keyboard driver has them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

from vnjournal.language.lexicon import lexicon
from vnjournal.text.alphabet import VOWELS, parse_letters

Method = Literal["telex", "vni"]

METHODS: tuple[Method, ...] = get_args(Method)

_TONES: dict[Method, dict[str, int]] = {
    "telex": {"s": 1, "f": 2, "r": 3, "x": 4, "j": 5},
    "vni": {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5},
}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"o": "ơ", "u": "ư"}
_BREVE = {"a": "ă"}
_MOST_KEYS = 12  # nghieengf has nine


@lru_cache(maxsize=1 << 14)
def read_keystrokes(typed: str, method: Method) -> str:
    """The attested syllable that keystrokes make, in lower case; empty where they make none.

    Args: ``typed``: lower case; at least one of its letters must be a keystroke of the method.

    >>> read_keystrokes("ddieeuf", "telex"), read_keystrokes("tru7o7ng2", "vni")
    ('điều', 'trường')
    >>> read_keystrokes("this", "telex"), read_keystrokes("cho", "telex")
    ('thí', '')
    """
    if len(typed) > _MOST_KEYS:
        return ""
    letters: list[str] = []
    tone = 0
    for key in typed:
        if key in _TONES[method] and not VOWELS.keys().isdisjoint(letters):
            if tone:
                return ""
            tone = _TONES[method][key]
        elif not _change(letters, key, method):
            letters.append(key)
    spelt = "".join(letters)
    if spelt.startswith("qư") or spelt.endswith("ươ"):
        spelt = spelt.replace("ư", "u")  # quới, thuở
    syllable = parse_letters(spelt, tone)
    if syllable is None or (not tone and spelt == typed):
        return ""
    found = syllable.spell()
    return found if found in lexicon.syllables else ""


def _change(letters: list[str], key: str, method: Method) -> bool:
    """Let a key change the letters before it; False where it is a letter of its own."""
    if key == ("d" if method == "telex" else "9"):
        return _mark(letters, {"d": "đ"})
    if method == "telex":
        if key in _CIRCUMFLEX:
            return _mark(letters, {key: _CIRCUMFLEX[key]})
        return key == "w" and _horn(letters, _BREVE | _HORN)
    if key == "6":
        return _mark(letters, _CIRCUMFLEX)
    if key == "7":
        return _horn(letters, _HORN)
    return key == "8" and _mark(letters, _BREVE)


def _horn(letters: list[str], marks: dict[str, str]) -> bool:
    """Mark the last vowel; both of ``uo``, and the first of ``ua`` and ``uu``."""
    for at in range(len(letters) - 1):
        if letters[at] in "uư" and letters[at + 1] == "o":
            letters[at : at + 2] = "ươ"
            return True
    if letters[-2:] == ["ư", "ơ"] or letters[-3:-1] == ["ư", "ơ"]:
        return True  # tru7o7ng, truwowng: the first key has marked both
    for at in range(len(letters) - 1):
        if letters[at] == "u" and letters[at + 1] in "au" and letters[:at] != ["q"]:
            letters[at] = "ư"
            return True
    return _mark(letters, marks)


def _mark(letters: list[str], marks: dict[str, str]) -> bool:
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] in marks:
            letters[at] = marks[letters[at]]
            return True
    return False
