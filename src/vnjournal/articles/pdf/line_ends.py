"""What a line's end parts: a word, a compound, or two words.

Vietnamese syllables are short and are not hyphenated; a hyphen at a line's end may be that of a
foreign word (``trans-`` ``formation``), a true one (``Mác-`` ``Lênin``) or a dash (``kinh tế -``
``xã hội``). The lexicon and the other words of the document decide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container

from vnjournal.language.lexicon import lexicon, spelling

_HYPHENS = "-\u2010\u00ad"
_SOFT = "\u00ad"
_AROUND = "“”\"'‘’()[]{}«»,.;:!?…"


def joined(before: str, after: str, seen: Container[str]) -> str:
    """Two lines as one.

    Args: ``seen``: lower-case words of the document, which tell how it writes a word elsewhere.

    >>> joined("chương trình trans-", "formation ở", set())
    'chương trình transformation ở'
    >>> joined("chủ nghĩa Mác-", "Lênin", set()), joined("kinh tế -", "xã hội", set())
    ('chủ nghĩa Mác-Lênin', 'kinh tế - xã hội')
    >>> joined("nghi-", "ên cứu", set()), joined("kinh tế-", "xã hội", set())
    ('nghiên cứu', 'kinh tế-xã hội')
    >>> joined("a long-", "term plan", {"long-term"}), joined("một", "hai", set())
    ('a long-term plan', 'một hai')
    """
    if not before or not after:
        return before + after
    left, right = (
        before.rsplit(maxsplit=1)[-1].lstrip(_AROUND),
        after.split(maxsplit=1)[0].rstrip(_AROUND),
    )
    if not before.endswith(tuple(_HYPHENS)):
        return before + ("" if _is_split(left, right) else " ") + after
    left = left.rstrip(_HYPHENS)
    if not left:  # a dash, with a space before it
        return f"{before} {after}"
    if before.endswith(_SOFT) or _is_hyphenation(left, right, seen):
        return before.rstrip(_HYPHENS) + after
    return before + after


def _is_hyphenation(left: str, right: str, seen: Container[str]) -> bool:
    if not left[-1].isalpha() or not right[:1].islower():
        return False
    whole, compound = (left + right).lower(), f"{left}-{right}".lower()
    if whole in seen or compound in seen:
        return whole in seen
    last = left.rpartition("-")[2]
    if _is_syllable(last + right):
        return True
    return not (_is_syllable(last) and _is_syllable(right)) and _is_plain(last + right)


def _is_split(left: str, right: str) -> bool:
    """Whether two words are the halves of a syllable and neither is one: ``ngh`` ``iên``."""
    return (
        left[-1:].isalpha()
        and right[:1].islower()
        and _is_syllable(left + right)
        and not _is_syllable(left)
        and not _is_syllable(right)
    )


def _is_syllable(word: str) -> bool:
    key = spelling(unicodedata.normalize("NFC", word))
    return key in lexicon.syllables or key in lexicon.loanwords


def _is_plain(word: str) -> bool:
    """A word without Vietnamese letters: a foreign one."""
    return word.isascii()
