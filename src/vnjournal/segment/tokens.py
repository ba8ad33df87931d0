"""The rule tokenizer: one pass over a composed text gives its smallest units.

A unit is a syllable (``Đảng``), or a compound that a reader takes as one: a number, date, code,
abbreviation, e-mail or web address, or hyphenated name. No unit holds a blank, so a text is cut at
its blanks first, and what each piece consists of is remembered: most pieces come again and again.
The rules are the named groups of one pattern, tried in the order in which they stand; each group's
name says the token's kind.
"""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from operator import itemgetter

import regex

from vnjournal import resources
from vnjournal.text.alphabet import (
    MARKED_LETTERS,
    ONSETS,
    TONED_VOWELS,
    parse_syllable,
    split_tone,
)
from vnjournal.text.normalize import compose
from vnjournal.text.spans import EditedText, Kind, Token

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
_END = itemgetter(2)
_REMEMBERED = 24  # characters; longer pieces seldom come again
_LINE = re.compile(r"[^\r\n]+")

# What Token._make does, without its check; millions are made.
_token = partial(tuple.__new__, Token)


@cache
def _compiled() -> regex.Pattern[str]:
    abbreviations = [row[0] for row in resources.rows("lexicon", "abbreviations.tsv")]
    loanwords = [
        word for word, role in resources.rows("lexicon", "sentence_words.tsv") if role == "loanword"
    ]
    lists = {"abbreviations": _any_of(abbreviations), "loanwords": _any_of(loanwords)}
    return regex.compile(_PATTERN % (_FRAGMENTS | lists), regex.VERBOSE)


def _any_of(words: list[str]) -> str:
    return "|".join(map(regex.escape, sorted(words, key=len, reverse=True)))


_KINDS = {kind.value: kind for kind in Kind}


class _Pieces(dict[str, tuple[Token, ...] | Kind]):
    """What a piece between blanks consists of: its kind where it is one unit, else its units.

    Filled as pieces are met, and emptied when it has grown too large.
    """

    _MOST = 65536

    def __missing__(self, piece: str) -> tuple[Token, ...] | Kind:
        found = tuple(_scan(piece))
        known = found[0][3] if [unit[0] for unit in found] == [piece] else found
        if len(piece) <= _REMEMBERED:
            if len(self) >= self._MOST:
                self.clear()
            self[piece] = known
        return known


_PIECES = _Pieces()


def units_of_lines(nfc: str) -> Iterator[list[Token]]:
    """Scan a composed text line by line; yields the units of each line that has any."""
    for line in _LINE.finditer(nfc):
        units = _units(nfc, *line.span())
        if units:
            yield units


def _units(nfc: str, at: int, end: int) -> list[Token]:
    """The units of one stretch of a composed text. No unit holds a blank: pieces are remembered."""
    units: list[Token] = []
    append, find, pieces, token = units.append, nfc.find, _PIECES, _token
    for piece in nfc[at:end].split():
        start = find(piece, at)
        at = start + len(piece)
        known = pieces[piece]
        if isinstance(known, tuple):
            for text, first, last, kind in known:
                append(token((text, start + first, start + last, kind)))
        else:
            append(token((piece, start, at, known)))
    return units


def _scan(piece: str) -> Iterator[Token]:
    for match in _compiled().finditer(piece):
        group = match.lastgroup
        text = match.group()
        start, end = match.span()
        if group == "word":
            shouted = text.isupper() and _is_abbreviation(text)
            yield Token(text, start, end, Kind.ABBREVIATION if shouted else Kind.WORD)
        elif group == "hyphenated":
            yield from _hyphenated(text, start)
        else:
            yield Token(text, start, end, _KINDS[group or "symbol"])


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


def in_original(composed: EditedText, tokens: list[Token]) -> list[Token]:
    """The tokens of a composed text, in order, as tokens of the original."""
    original = composed.original
    if composed.text == original:
        return tokens
    found: list[Token] = []
    done = 0
    for change, after_change, shift in composed.shifts():
        before = bisect_right(tokens, change, done, key=_END)
        found += (
            _token((text, start + shift, end + shift, kind))
            for text, start, end, kind in tokens[done:before]
        )
        done = before
        while done < len(tokens) and tokens[done].start < after_change:
            start, end = composed.original_span(tokens[done].start, tokens[done].end)
            found.append(Token(original[start:end], start, end, tokens[done].kind))
            done += 1
    return found


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keep Python from looking for cycles while tokens are made.

    Tokens form none, and to look through all that the program holds each time some thousands were
    made costs more than making them. Within, the collector is off for every thread.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
    with collection_paused():
        units = [unit for line in units_of_lines(composed.text) for unit in line]
        return in_original(composed, units)
