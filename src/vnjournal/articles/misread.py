"""Articles whose text was read in a wrong encoding before it came here, put right.

Word files, web pages and databases hold text that somebody typed in TCVN3 or VNI, or saved in
UTF-8, and a program took for windows-1252; the file itself is sound Unicode.
"""

from __future__ import annotations

from dataclasses import replace

import regex

from vnjournal.articles.article import Article, Author
from vnjournal.language import detect

_SURE = 0.95
_WORDS = 3  # with marks, without which a text says too little of how it was meant
_MARKED_WORD = regex.compile(r"\p{Ll}*[^\W\d_a-zA-Z]\p{Ll}*")


def put_right(article: Article) -> Article:
    """The article with its text as it was meant; the same one where nothing is wrong.

    All fields are read together, so that a short title is understood with its body. How they were
    read stands in ``extra``: ``encoding`` and ``notes``.

    What says too little to be sure is left as it is.

    >>> put_right(Article("a", "Ch­¬ng tr×nh hµnh ®éng cña §¶ng bé", title="§¶ng bé")).title
    'Đảng bộ'
    """
    authors = [text for each in article.authors for text in (each.name, each.role, each.place)]
    texts = [article.title, article.section, article.journal, *authors, article.body]
    together = "\n".join(texts)
    if together.isascii() or "\0" in together or detect.is_plain(together):
        return article
    found = detect.read(together.encode("utf-8", "surrogatepass"))
    others = [passage for passage in found.passages if passage.encoding != detect.UTF8]
    if not others or not all(_is_sure(passage, found.text) for passage in others):
        return article
    lines = iter(found.text.split("\n"))
    read = ["\n".join(next(lines) for _ in range(text.count("\n") + 1)) for text in texts]
    title, section, journal, *names, body = read
    return replace(
        noted(article, found),
        title=title,
        section=section,
        journal=journal,
        authors=tuple(map(Author, names[0::3], names[1::3], names[2::3])),
        body=body,
    )


def _is_sure(passage: detect.Passage, text: str) -> bool:
    words = _MARKED_WORD.findall(text, passage.start, passage.end)
    return passage.confidence >= _SURE and len(words) >= _WORDS


def noted(article: Article, found: detect.Decoded) -> Article:
    """The article with how its text was read, unless that was surely UTF-8."""
    if found.encoding == detect.UTF8 and not found.notes:
        return article
    notes = [*article.extra.get("notes", ()), *found.notes]
    extra = {**article.extra, "encoding": found.encoding} | ({"notes": notes} if notes else {})
    return replace(article, extra=extra)
