"""Texts as they were saved in old encodings, and by programs that read them in a wrong one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Literal

from vnjournal.text import encodings
from vnjournal.text.alphabet import MARKED_LETTERS, TONE_MARKS

#: A text as it is saved, and what a reader can get back of it.
Saved = tuple[bytes, str]

_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\xa0": " "}
)
_NOT_WRITTEN = re.compile(r"[^\n -~" + "".join(sorted(MARKED_LETTERS)) + "]")
_TONES = frozenset(filter(None, TONE_MARKS))


def saved(text: str, encoding: str) -> Saved:
    """A text in an old encoding; what that has no character for is left out, quotes made plain."""
    written = _NOT_WRITTEN.sub("", unicodedata.normalize("NFC", text).translate(_PLAIN))
    raw = encodings.encode(written, encoding)
    return raw, _without_capital_tones(written) if encoding == "tcvn3" else written


def saved_carelessly(text: str) -> Saved:
    """A text in VIQR, without the backslashes before signs that are none of a letter's."""
    raw, written = saved(text, "viqr")
    return raw.replace(b"\\", b""), written.replace("\\", "")


def _without_capital_tones(text: str) -> str:
    def small(letter: str) -> str:
        has_tone = not _TONES.isdisjoint(unicodedata.normalize("NFD", letter))
        return letter.lower() if has_tone else letter

    return "".join(map(small, text))


def twice(text: str, encoding: str) -> Saved:
    """A text in an old encoding that was taken for windows-1252 and saved as UTF-8."""
    raw, written = saved(text, encoding)
    return _western(raw).encode(), written


def misread(text: str) -> Saved:
    """UTF-8 that was taken for windows-1252 and saved as UTF-8."""
    return _western(text.encode()).encode(), text


def _western(raw: bytes) -> str:
    """As browsers read windows-1252: what it leaves undefined is a control code."""
    return "".join(
        raw[n : n + 1].decode("cp1252") if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(code)
        for n, code in enumerate(raw)
    )


def _unicode(text: str, form: Literal["NFC", "NFD"], encoding: str) -> Saved:
    return unicodedata.normalize(form, text).encode(encoding), text


WAYS: dict[str, Callable[[str], Saved]] = {
    "utf-8": partial(_unicode, form="NFC", encoding="utf-8"),
    "utf-8, decomposed": partial(_unicode, form="NFD", encoding="utf-8"),
    "utf-16": partial(_unicode, form="NFC", encoding="utf-16"),
    "utf-16-le": partial(_unicode, form="NFC", encoding="utf-16-le"),
    "utf-16-be": partial(_unicode, form="NFC", encoding="utf-16-be"),
    **{name: partial(saved, encoding=name) for name in encodings.NAMES},
    "viqr, careless": saved_carelessly,
    "utf-8 misread": misread,
    **{
        f"{name} misread": partial(twice, encoding=name)
        for name in encodings.NAMES
        if name != "viqr"
    },
}
