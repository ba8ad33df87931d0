"""Articles whose text was read in a wrong encoding before it came here, put right.

Word files, web pages and databases hold text that somebody typed in TCVN3 or VNI, or saved in
UTF-8, and a program took for windows-1252; the file itself is sound Unicode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vnjournal.articles.article import Article, Author
from vnjournal.language import detect


def put_right(article: Article) -> Article:
    """The article with its text as it was meant; the same one where nothing is wrong.

    All fields are read together, so that a short title is understood with its body. How they were
    read stands in ``extra``: ``encoding`` and ``notes``.

    >>> put_right(Article("a", "Ch­¬ng tr×nh hµnh ®éng cña §¶ng bé", title="§¶ng bé")).title
    'Đảng bộ'
    """
    authors = [text for each in article.authors for text in (each.name, each.role, each.place)]
    texts = [article.title, article.section, article.journal, *authors, article.body]
    read, found = as_meant(texts)
    if found is None:
        return article
    title, section, journal, *names, body = read
    return replace(
        noted(article, found),
        title=title,
        section=section,
        journal=journal,
        authors=tuple(map(Author, names[0::3], names[1::3], names[2::3])),
        body=body,
    )


def as_meant(texts: Sequence[str]) -> tuple[list[str], detect.Decoded | None]:
    """The texts of a document as they were meant, read together, and how they were read.

    Who looks for labels, dates or names in them does that afterwards. How is None where nothing
    was wrong.
    """
    together = "\n".join(texts)
    if "\0" in together or detect.is_plain(together):
        return list(texts), None
    found = detect.read(together.encode("utf-8", "surrogatepass"))
    if all(passage.encoding == detect.UTF8 for passage in found.passages):
        return list(texts), None
    lines = iter(found.text.split("\n"))
    read = ["\n".join(next(lines) for _ in range(text.count("\n") + 1)) for text in texts]
    return read, found


def noted(article: Article, found: detect.Decoded | None) -> Article:
    """The article with how its text was read, unless that was surely UTF-8, or None is known."""
    if found is None or (found.encoding == detect.UTF8 and not found.notes):
        return article
    before = article.extra.get("notes", ())  # a table may have a column of that name
    before = [before] if isinstance(before, str) else before
    notes = list(dict.fromkeys([*before, *found.notes]))
    encoding = article.extra.get("encoding", detect.UTF8)
    encoding = found.encoding if found.encoding != detect.UTF8 else encoding
    extra = {**article.extra, "encoding": encoding} | ({"notes": notes} if notes else {})
    return replace(article, extra=extra)
