"""Files piece by piece, for formats that can be written back with typos put right."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vnjournal.articles.article import Article
from vnjournal.articles.documents import decoded
from vnjournal.errors import SourceError
from vnjournal.text.spans import EditedText, Replacement

#: Edits of an article by the name of the field they belong to.
Edits = Mapping[str, Sequence[Replacement]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file as it lies there: an article, or bytes that are none.

    ``layout`` puts edits into the text that the bytes stand for. All pieces of a file together are
    the file.
    """

    raw: bytes
    article: Article | None
    layout: Callable[[str, Edits], str]

    def edited(self, edits: Edits) -> bytes:
        """The bytes with edits of the article put in; a byte order mark stays."""
        if not edits:
            return self.raw
        mark = codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""
        return mark + self.layout(decoded_utf8(self.raw), edits).encode()


def decoded_utf8(raw: bytes) -> str:
    """The text of what must be UTF-8. Raises SourceError where it is not."""
    if b"\0" in raw:
        raise SourceError("binary file, not text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8 text (byte {raw[error.start]:#04x} at position {error.start}): "
            "convert it to UTF-8 first"
        ) from None


def nameless(raw: bytes) -> Piece:
    """What standard input gives: all of it is the body of an article with the id ``-``."""
    return Piece(raw, Article(id="-", body=decoded(raw).text), _edited_body)


def _edited_body(text: str, edits: Edits) -> str:
    return EditedText(text, edits.get("body", ())).text
