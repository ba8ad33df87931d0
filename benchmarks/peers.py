"""Peers for words and typos, each behind the same small interface as vnjournal.

A peer that is not installed is left out of the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import cache
from importlib.util import find_spec
from itertools import pairwise

import vnjournal as vj
from vnjournal.text.spans import Change

_TOKEN = re.compile(r"\w+|[^\w\s]")

Tokenizer = Callable[[str], list[str]]


def _vnjournal() -> Tokenizer:
    return lambda text: [token.text for token in vj.tokenize(text)]


def _vnjournal_with_model_of_underthesea() -> Tokenizer:
    return lambda text: [token.text for token in vj.tokenize(text, model="underthesea")]


def _underthesea() -> Tokenizer:
    from underthesea import word_tokenize

    found: Tokenizer = word_tokenize
    return found


def _pyvi() -> Tokenizer:
    from pyvi import ViTokenizer

    return lambda text: [word.replace("_", " ") for word in ViTokenizer.tokenize(text).split()]


_TOKENIZERS: dict[str, tuple[str, Callable[[], Tokenizer]]] = {
    "vnjournal": ("vnjournal", _vnjournal),
    "vnjournal, underthesea's model": ("vnjournal", _vnjournal_with_model_of_underthesea),
    "underthesea": ("underthesea", _underthesea),
    "pyvi": ("pyvi", _pyvi),
}


def word_tokenizer(name: str) -> Tokenizer:
    """One of those that :func:`word_tokenizers` names; no other is imported."""
    return _TOKENIZERS[name][1]()


@cache
def word_tokenizers() -> dict[str, Tokenizer]:
    """vnjournal and its installed peers: text in, words out; a word may hold spaces."""
    return {
        name: word_tokenizer(name)
        for name, (package, _) in _TOKENIZERS.items()
        if find_spec(package)
    }


def regex_tokenizer() -> Tokenizer:
    """The rule tokenizer of underthesea."""
    from underthesea.pipeline.word_tokenize.regex_tokenize import tokenize

    found: Tokenizer = tokenize
    return found


def sentence_splitter() -> Tokenizer:
    """The sentence splitter of underthesea."""
    from underthesea import sent_tokenize

    found: Tokenizer = sent_tokenize
    return found


def text_normalize_edits(text: str) -> list[Change]:
    """What underthesea's ``text_normalize`` changes, as edits of the original.

    It returns rewritten lines only. Each line and its rewritten form are cut into runs of letters
    and single marks, aligned by :class:`difflib.SequenceMatcher` on their lower-case forms with the
    tone placement unified (it is meant to change that placement, which is no correction), and each
    stretch that differs is an edit. A blank that comes or goes between two aligned tokens is an
    edit of that gap alone, so that it hits a marked mistake only when it lies inside of one.
    """
    from underthesea import text_normalize

    changes: list[Change] = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        after = text_normalize(line.group())
        changes += (
            Change(change.start + line.start(), change.end + line.start(), change.after)
            for change in _aligned(line.group(), after)
        )
    return changes


def _aligned(before: str, after: str) -> Iterator[Change]:
    """Edits that make ``after`` of ``before``: of tokens, and of the gaps between them."""
    old, new = list(_TOKEN.finditer(before)), list(_TOKEN.finditer(after))
    old_keys, new_keys = ([_key(match.group()) for match in tokens] for tokens in (old, new))
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(old[old_start:old_end], new[new_start:new_end], strict=True)
            for (left, new_left), (right, new_right) in pairwise(pairs):
                gap = after[new_left.end() : new_right.start()]
                if bool(gap) != (left.end() < right.start()):
                    yield Change(left.end(), right.start(), gap)
            continue
        text = after[new[new_start].start() : new[new_end - 1].end()] if new_start < new_end else ""
        if old_start < old_end:
            yield Change(old[old_start].start(), old[old_end - 1].end(), text)
        else:
            at = old[old_start - 1].end() if old_start else 0
            yield Change(at, at, text)


def _key(token: str) -> str:
    return vj.normalize(token).lower()
