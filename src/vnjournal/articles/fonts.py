"""Text that is set in fonts of before Unicode, such as ``.VnTime``: read run by run."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from vnjournal.language.detect import UTF8, Decoded, Passage
from vnjournal.text.encodings import font_encoding, of_font


class Fonts:
    """Reads the text of one document by its fonts, and keeps how it was read.

    >>> fonts = Fonts()
    >>> fonts.read("§¶ng bé", ".VnTime"), fonts.read("Đảng bộ", "Arial"), fonts.read("!", "Arial")
    ('Đảng bộ', 'Đảng bộ', '!')
    >>> [reading.encoding for reading in fonts.readings()]
    ['tcvn3']
    """

    def __init__(self) -> None:
        self._read: list[tuple[str, str]] = []  # encodings and texts

    def read(self, text: str, font: str) -> str:
        """What a run of text in a font says."""
        found = of_font(text, font)
        self.keep(found, font_encoding(font) if found != text else UTF8)
        return found

    def keep(self, text: str, encoding: str) -> None:
        """Keep that a text was read in an encoding; ASCII is the same in all."""
        if encoding != UTF8 or any(each > "\x7f" and each.isalpha() for each in text):
            self._read.append((encoding, text))

    def readings(self) -> list[Decoded]:
        """How the document was read, as one reading; none where no font was an old one."""
        if all(encoding == UTF8 for encoding, _ in self._read):
            return []
        parts = [
            (encoding, "\n".join(text for _, text in runs))
            for encoding, runs in groupby(self._read, itemgetter(0))
        ]
        passages = []
        start = 0
        for encoding, text in parts:
            passages.append(Passage(start, start + len(text), encoding, 1.0))
            start += len(text) + 1
        lengths: dict[str, int] = {}
        for encoding, text in parts:
            lengths[encoding] = lengths.get(encoding, 0) + len(text)
        main = max(lengths, key=lambda encoding: lengths[encoding])
        return [Decoded("\n".join(text for _, text in parts), main, 1.0, tuple(passages))]
