"""The rule tokenizer: what the units of a piece of text are.

A unit is a syllable (``Đảng``), or a compound that a reader takes as one: a number, date, code,
abbreviation, e-mail or web address, or hyphenated name. No unit holds a blank. The rules are the
named groups of one pattern, tried in the order in which they stand; each group's name says the
token's kind. :mod:`vnjournal.segment.units` cuts whole texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import regex

from vnjournal import resources
from vnjournal.text.alphabet import (
    MARKED_LETTERS,
    ONSETS,
    TONED_VOWELS,
    parse_syllable,
    split_tone,
)
from vnjournal.text.spans import Kind, Token

# Repetitions are bounded, or possessive (``++`` gives nothing back), so that a hostile text without
# blanks takes no more than linear time. A lookahead before a list saves trying it on most pieces.
_PATTERN = r"""(?:
  (?P<address>
      (?:https?|HTTPS?|ftp)://[^\s<>"“”()]{1,2000}[^\s<>"“”().,;:!?…'’]
    | www\.[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}(?:/[\w\-./?=&%%~\#]{0,2000}[\w/])?
    | (?=[A-Za-z0-9_+\-]{1,64}+[.@])
      (?: [A-Za-z0-9_.+\-]{1,64}+@[A-Za-z0-9\-]{1,63}+(?:\.[A-Za-z0-9\-]{1,63}+){1,8}
        | \b[A-Za-z0-9][A-Za-z0-9\-]{0,62}+(?:\.[A-Za-z0-9\-]{1,63}+){0,8}  # a site or a file
          \.(?:(?:com|net|org|gov|edu|info|vn)(?:\.[a-z]{2})?
             | (?:cn|eu|fr|hk|jp|kr|ru|sg|tw|uk|us|asia|biz|int|tv)
             | (?i:docx?|html?|jpe?g|mp[34]|pdf|png|pptx?|rar|rtf|txt|xlsx?|zip))
          \b(?:/[\w\-./?=&%%~\#]{0,2000}[\w/])?
        | \b[A-Z0-9][A-Z0-9\-]{0,62}+(?:\.[A-Z0-9\-]{1,63}+){0,8}
          \.(?:COM|NET|ORG|GOV|EDU|VN)\b )
  )
| (?P<abbreviation>
      (?=\p{L}{1,7}+[./])
      (?: (?:%(initial)s\.){2,9}(?:\p{Lu}(?!\p{L}))?  # U.S., J.E.O
        | \b(?:%(abbreviations)s)(?!\p{Ll}|(?<=\.)\.)  # TP. and v.v. but only v.v of v.v...
        | %(initial)s\.(?:\p{Lu}(?!\p{L})|(?=\p{Lu}|[,;:]|$)) )  # M.U, or one initial
    | \p{Lu}++(?:&\p{Lu}++){1,20}
  )
| (?P<code>
      (?=[\d/.\-]{0,40}\p{Lu})
      (?: \d++(?=/|-\p{Lu}) | \d++\p{Lu}[\p{Lu}\d]*+ | \p{Lu}{2,}\p{Ll}(?=-) | \p{Lu}[\p{Lu}\d]*+ )
      (?: (?:[/\-]|\.(?=\d))
          (?: \p{Lu}{2,}\p{Ll}(?!\w) | [\p{Lu}\d]++(?!\p{Ll}) ) ){1,20}
    | (?<![\d/.\-])(?!%(month)s/)\d{1,4}/%(year)s(?![\d/\-]|\.\d)  # Nghị định 35/2018
    | \d{2,5}(?:-\d{1,3})?:%(year)s\b(?:/\p{Lu}++(?!\p{L}))?
    | (?=\p{L}++[\d²³])(?!\p{L}{0,8}[%(marked)s])\p{L}++[\d²³][\p{L}\d]*
    | \p{Lu}\p{L}++-\d++[\p{Lu}\d]*\b
    | \d++(?!(?:USD|VND|VNĐ|EUR)\b)\p{Lu}[\p{Lu}\d]*+(?!\p{L})
  )
| (?P<date>
      (?<![\d.\-])
      (?: %(day)s-%(month)s-(?:\d{4}|\d{2}) | %(day)s\.%(month)s\.(?:\d{4}|\d{2})
        | %(year)s-%(month)s-%(day)s | %(year)s\.%(month)s\.%(day)s | %(month)s-%(year)s )
      (?![\d/\-]|\.\d)
    | (?<![\d/.])
      (?: \d{1,2}/\d{1,2}/(?:\d{4}|\d{2}) | \d{4}/%(month)s/%(day)s
        | %(month)s/%(year)s | %(day)s/%(month)s )
      (?![\d/]|\.\d)
  )
| (?P<time>
      (?<![\d:])%(hour)s(?::[0-5]\d){1,2}(?![\d:])
    | \b%(hour)s[hg](?:[0-5]\d['’′]?)?(?!\w)
  )
| (?P<number> \d++(?:[.,]\d++){0,200} )
| (?P<word> (?=\p{Ll}{1,6}+-)\b(?:%(loanwords)s)\b(?![\-‐‑]) )
| (?P<hyphenated> \p{L}++(?:['’]\p{L}++)?(?:[\-‐‑]\p{L}[\p{L}\d]*+){1,40} )
| (?P<word> \p{L}[\p{L}\p{M}]*(?:['’]\p{L}++){0,20} )
| (?P<punctuation> \.{2,} | [^\P{P}%%&@\#*\\‰§] )
| (?P<symbol> [^\s\p{Cc}] )
) \p{M}*  # marks that compose with nothing belong to what they stand on
"""
# Pieces of the pattern. A capital that may stand for a name: none with a tone mark (châu Á), but an
# onset of two letters (Nguyễn Văn Th.) too.
_FRAGMENTS = {
    "initial": r"(?:(?!["
    + "".join(letter.upper() for letter, (_, tone) in TONED_VOWELS.items() if tone)
    + r"])\p{Lu}|"
    + "|".join(sorted(onset.capitalize() for onset in ONSETS if len(onset) > 1))
    + ")",
    "marked": "".join(letter for letter in MARKED_LETTERS if letter.islower()),
    "day": r"(?:0?[1-9]|[12]\d|3[01])",
    "month": r"(?:0?[1-9]|1[0-2])",
    "year": r"(?:1[89]|20)\d\d",
    "hour": r"(?:[01]?\d|2[0-4])",
}


# A word with quotes, brackets and marks around it: to see its units takes no list and no lookahead,
# unless it is an abbreviation whose full stop belongs to it.
_MARKED_WORD = re.compile(r"""(["'“‘(]*)([^\W\d_]+)([,;:!?…)"'”’]*)(\.?[)"'”’]*)""")


@cache
def _compiled() -> regex.Pattern[str]:
    loanwords = [
        word for word, role in resources.rows("lexicon", "sentence_words.tsv") if role == "loanword"
    ]
    lists = {"abbreviations": _any_of(abbreviations()), "loanwords": _any_of(loanwords)}
    return regex.compile(_PATTERN % (_FRAGMENTS | lists), regex.VERBOSE)


@cache
def abbreviations(mark: str = "") -> frozenset[str]:
    """All abbreviations, or those with a mark in the third column."""
    rows = resources.rows("lexicon", "abbreviations.tsv")
    return frozenset(row[0] for row in rows if mark in row[2:] or not mark)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(regex.escape, sorted(words, key=len, reverse=True)))


_KINDS = {kind.value: kind for kind in Kind}


def scan(piece: str) -> Iterator[Token]:
    """The units of a composed piece of text without blanks.

    >>> [token.text for token in scan("01/GP-STTTT,")]
    ['01/GP-STTTT', ',']
    """
    if piece.isalpha() and not piece.isupper():
        yield Token(piece, 0, len(piece), Kind.WORD)  # what most pieces are, and as the rest says
        return
    marked = _MARKED_WORD.fullmatch(piece)
    if marked and (units := _marked_word(*marked.groups())):
        yield from units
        return
    for match in _compiled().finditer(piece):
        group = match.lastgroup
        text = match.group()
        start, end = match.span()
        if group == "word":
            yield Token(text, start, end, _kind_of(text))
        elif group == "hyphenated":
            yield from _hyphenated(text, start)
        else:
            yield Token(text, start, end, _KINDS[group or "symbol"])


def _marked_word(opening: str, word: str, closing: str, ending: str) -> list[Token]:
    """The units of a word between marks, or none where the full stop may be the word's own."""
    if not word.isalpha():
        return []
    if ending and not closing and (not word.islower() or f"{word}." in abbreviations()):
        return []
    begin, end = len(opening), len(opening) + len(word)
    return [
        *_marks(opening, 0),
        Token(word, begin, end, _kind_of(word)),
        *_marks(closing + ending, end),
    ]


def _marks(marks: str, start: int) -> list[Token]:
    return [Token(mark, at, at + 1, Kind.PUNCTUATION) for at, mark in enumerate(marks, start=start)]


def _kind_of(word: str) -> Kind:
    return Kind.ABBREVIATION if word.isupper() and _is_abbreviation(word) else Kind.WORD


def _is_abbreviation(word: str) -> bool:
    """Capitals that make no syllable and bear no tone mark: ``UBND``, ``NSƯT``, not ``TÒAN``."""
    return (
        len(word) > 1
        and parse_syllable(word) is None
        and split_tone(word.lower()) == (word.lower(), 0)
    )


def _hyphenated(text: str, start: int) -> Iterator[Token]:
    """A hyphenated name or loanword is one token; two Vietnamese syllables in ``tế-xã`` are not."""
    parts = regex.split("([-‐‑])", text)
    if len(parts) == 3 and all(part.islower() and parse_syllable(part) for part in parts[::2]):
        for part, kind in zip(parts, (Kind.WORD, Kind.PUNCTUATION, Kind.WORD), strict=True):
            yield Token(part, start, start + len(part), kind)
            start += len(part)
    else:
        kind = Kind.CODE if text.isupper() else Kind.WORD
        yield Token(text, start, start + len(text), kind)
