"""Text that is set in fonts of before Unicode, such as ``.VnTime``: read run by run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from vnjournal.language import detect
from vnjournal.language.detect import UTF8, Decoded, Passage
from vnjournal.text.encodings import font_encoding, of_font

#: Characters by which a font is judged.
SAMPLE = 4000


class Fonts:
    """Reads the text of one document by its fonts, and keeps how it was read.

    Args: ``runs``: its texts, each with its font. Where they read better as they are, the font's
    name is all that is left of it: the text was converted to Unicode.

    >>> fonts = Fonts()
    >>> fonts.read("§¶ng bé", ".VnTime"), fonts.read("Đảng bộ", "Arial"), fonts.read("!", "Arial")
    ('Đảng bộ', 'Đảng bộ', '!')
    >>> [reading.encoding for reading in fonts.readings()]
    ['tcvn3']
    >>> Fonts([("các phòng", ".VnTime"), ("của Sở", ".VnTime")]).read("các", ".VnTime")
    'các'
    """

    def __init__(self, runs: Iterable[tuple[str, str]] = ()) -> None:
        self._read: list[tuple[str, str]] = []  # encodings and texts
        self._converted = frozenset(_converted(runs))

    def read(self, text: str, font: str) -> str:
        """What a run of text in a font says."""
        found = text if font in self._converted else of_font(text, font)
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


def _converted(runs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The fonts of before Unicode whose text is Unicode."""
    samples: dict[str, list[str]] = {}
    lengths: Counter[str] = Counter()
    for text, font in runs:
        if lengths[font] < SAMPLE and font_encoding(font):
            samples.setdefault(font, []).append(text)
            lengths[font] += len(text)
    for font, texts in samples.items():
        read = [of_font(text, font) for text in texts]
        if detect.likeliest(["\n".join(read), "\n".join(texts)]):
            yield font
