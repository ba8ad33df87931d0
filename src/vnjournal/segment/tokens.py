"""The rule tokenizer: one pass over a composed text gives its smallest units.

A unit is a syllable (``Đảng``), or a compound that a reader takes as one: a number, date, code,
abbreviation, e-mail or web address, or hyphenated name. No unit holds a blank, so a text is cut at
its blanks first, and what each piece consists of is remembered: most pieces come again and again.
The rules are the named groups of one pattern, tried in the order in which they stand; each group's
name says the token's kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import regex

from vnjournal import resources
from vnjournal.text.alphabet import parse_syllable, split_tone
from vnjournal.text.normalize import compose
from vnjournal.text.spans import EditedText, Kind, Token

# Repetitions are bounded, so that a hostile text without blanks takes no more than linear time.
_PATTERN = r"""(?:
  (?P<address>
      (?:https?|ftp)://[^\s<>"“”()]{1,2000}[^\s<>"“”().,;:!?…'’]
    | www\.[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}(?:/[\w\-./?=&%%~\#]{0,2000}[\w/])?
    | [A-Za-z0-9_.+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}
    | \b[A-Za-z0-9][A-Za-z0-9\-]{0,62}(?:\.[A-Za-z0-9\-]{1,63}){0,8}
      \.(?:com|net|org|gov|edu|info|vn)\b(?:/[\w\-./?=&%%~\#]{0,2000}[\w/])?
  )
| (?P<abbreviation>
      \b(?:%(abbreviations)s)(?!\p{Ll})
    | \p{Lu}\.(?=\p{Lu}|$)  # an initial
    | \p{Lu}+(?:&\p{Lu}+)+
  )
| (?P<code>
      (?=[\d/.\-]{0,40}\p{Lu}) (?:\d+\p{Lu}*|\p{Lu}+\d*)
      (?: (?:[/\-]|(?<=\d)\.|\.(?=\d)) (?:\p{Lu}[\p{Lu}\d]*|\d+) (?!\p{Ll}) )+
    | \d{3,5}:(?:19|20)\d\d\b
    | \p{L}+\d[\p{L}\d]*
    | \p{Lu}\p{L}+-\d+\b
    | \d+\p{Lu}[\p{Lu}\d]*(?![\p{L}])
  )
| (?P<date>
      (?<![\d/.\-])
      (?: \d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})
        | \d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}
        | \d{1,2}[/\-]\d{4}
        | (?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2]) )
      (?![\d/\-]|\.\d)
  )
| (?P<time> (?<![\d:])\d{1,2}(?::\d{2}){1,2}(?![\d:]) | \b\d{1,2}[hg](?:\d{2})?(?!\w) )
| (?P<number> \d+(?:[.,]\d+)* )
| (?P<hyphenated> \p{L}+(?:['’]\p{L}+)?(?:[\-‐‑]\p{L}[\p{L}\d]*)+ )
| (?P<word> \p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)* )
| (?P<punctuation> \.{2,} | [^\P{P}%%&@\#*\\] )
| (?P<symbol> [^\s\p{Cc}] )
) \p{M}*  # marks that compose with nothing belong to what they stand on
"""
_PIECE = re.compile(r"\S+")
_REMEMBERED = 24  # characters; longer pieces seldom come again


@cache
def _compiled() -> regex.Pattern[str]:
    abbreviations = sorted(
        (short for short, _ in resources.rows("lexicon", "abbreviations.tsv")), key=len
    )
    alternatives = "|".join(regex.escape(short) for short in reversed(abbreviations))
    return regex.compile(_PATTERN % {"abbreviations": alternatives}, regex.VERBOSE)


_KINDS = {kind.value: kind for kind in Kind}

#: A token in a composed text: start, end, kind.
Unit = tuple[int, int, Kind]


def units(nfc: str) -> Iterator[Unit]:
    """Scan a composed text; yields start, end and kind of each unit, in order."""
    for match in _PIECE.finditer(nfc):
        piece = match.group()
        offset = match.start()
        found = _units_of(piece) if len(piece) <= _REMEMBERED else _scan(piece)
        for start, end, kind in found:
            yield offset + start, offset + end, kind


@lru_cache(maxsize=32768)
def _units_of(piece: str) -> tuple[Unit, ...]:
    return tuple(_scan(piece))


def _scan(piece: str) -> Iterator[Unit]:
    for match in _compiled().finditer(piece):
        group = match.lastgroup
        start, end = match.span()
        if group == "word":
            word = match.group()
            shouted = word.isupper() and _is_abbreviation(word)
            yield start, end, Kind.ABBREVIATION if shouted else Kind.WORD
        elif group == "hyphenated":
            yield from _hyphenated(match.group(), start)
        else:
            yield start, end, _KINDS[group or "symbol"]


def _is_abbreviation(word: str) -> bool:
    """Capitals that make no syllable and bear no tone mark: ``UBND``, ``NSƯT``, not ``TÒAN``."""
    return (
        len(word) > 1
        and parse_syllable(word) is None
        and split_tone(word.lower()) == (word.lower(), 0)
    )


def _hyphenated(text: str, start: int) -> Iterator[Unit]:
    """A hyphenated name or loanword is one token; two Vietnamese syllables in ``tế-xã`` are not."""
    parts = regex.split("[-‐‑]", text)
    if len(parts) == 2 and all(part.islower() and parse_syllable(part) for part in parts):
        middle = start + len(parts[0])
        yield start, middle, Kind.WORD
        yield middle, middle + 1, Kind.PUNCTUATION
        yield middle + 1, start + len(text), Kind.WORD
    else:
        yield start, start + len(text), Kind.CODE if text.isupper() else Kind.WORD


def tokens_of(composed: EditedText, found: Iterator[Unit] | list[Unit]) -> list[Token]:
    """Tokens in the original text for units of its composed form."""
    text = composed.original
    if composed.text == text:
        return [Token(text[start:end], start, end, kind) for start, end, kind in found]
    tokens = []
    for unit_start, unit_end, kind in found:
        start, end = composed.original_span(unit_start, unit_end)
        tokens.append(Token(text[start:end], start, end, kind))
    return tokens


def syllables(text: str) -> list[Token]:
    """Split a text into syllables, compounds, punctuation and symbols.

    Any Unicode form goes in; each token points into the text as given:
    ``text[token.start:token.end] == token.text``.

    >>> [token.text for token in syllables("Sở KH&CN số 01/GP-STTTT, chủ nghĩa Mác-Lênin.")]
    ['Sở', 'KH&CN', 'số', '01/GP-STTTT', ',', 'chủ', 'nghĩa', 'Mác-Lênin', '.']
    >>> [(token.text, token.kind.value) for token in syllables("29/06/2015 7h30: 1.000,5 ha")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('29/06/2015', 'date'), ('7h30', 'time'), (':', 'punctuation'), ('1.000,5', 'number'),
     ('ha', 'word')]
    """
    composed = compose(text)
    return tokens_of(composed, units(composed.text))
