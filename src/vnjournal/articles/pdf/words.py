"""Characters with places -> words with places.

Where a word ends is told by the room between letters, not by the spaces that the PDF has: those
are often missing, or stand in the middle of a word and take no room (``nghi ên cứu``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from vnjournal.articles.pdf.fonts import PdfFonts
from vnjournal.articles.pdf.pages import Character, Page

# All in parts of the size of the letters.
_SPACE = 0.15  # room that parts words
_WRITTEN_SPACE = 0.06  # the same, where the PDF has a space too: lines are set tightly
_SAME_LINE = 0.12  # how far apart the baselines of a line may be
_SAME_PLACE = 0.1  # letters printed twice, for the look of bold type
_SPACED_OUT = 2.5  # at most between the letters of a letter-spaced word
_WIDER = 1.6  # times the room between letters: the room between letter-spaced words
_LEAST_SPACED_OUT = 4  # letters in a row that stand alone


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a part of one in letters of another height, in points; y grows upwards."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool

    @property
    def width(self) -> float:
        """From its left to its right."""
        return self.right - self.left


def words(page: Page, fonts: PdfFonts) -> list[Word]:
    """The words of a page, line by line from the top, from left to right; columns side by side."""
    found: list[Word] = []
    for line in _same_baseline(page.characters):
        chunks = _chunks(_printed_once(sorted(line, key=lambda each: each.left)))
        found += [_word(chunk, page, fonts) for chunk in _spaced_out_joined(list(chunks))]
    return found


def _same_baseline(characters: Iterable[Character]) -> Iterator[list[Character]]:
    line: list[Character] = []
    for each in sorted(characters, key=lambda each: -each.baseline):
        if line and line[0].baseline - each.baseline > _SAME_LINE * each.size:
            yield line
            line = []
        line.append(each)
    if line:
        yield line


def _printed_once(line: list[Character]) -> Iterator[Character]:
    """A line without the letters that are printed again a hair's breadth beside themselves."""
    lately: list[Character] = []
    for each in line:
        near = _SAME_PLACE * each.size
        lately = [before for before in lately if each.left - before.left < near]
        again = any((each.text, each.size) == (before.text, before.size) for before in lately)
        if not again or each.right - each.left < 2 * near:
            yield each
        lately.append(each)


def _chunks(line: Iterable[Character]) -> Iterator[list[Character]]:
    chunk: list[Character] = []
    for each in line:
        if chunk:
            room = each.left - max(before.right for before in chunk[-3:])
            if room > (_WRITTEN_SPACE if each.spaced else _SPACE) * each.size:
                yield chunk
                chunk = []
        chunk.append(each)
    if chunk:
        yield chunk


def _spaced_out_joined(chunks: list[list[Character]]) -> Iterator[list[Character]]:
    """``T Ạ P   C H Í`` -> ``TẠP``, ``CHÍ``: by the room between the letters."""
    alone: list[list[Character]] = []
    for chunk in chunks:
        if len(chunk) == 1 and (not alone or _near(alone[-1], chunk)):
            alone.append(chunk)
            continue
        yield from _joined(alone)
        alone = [chunk] if len(chunk) == 1 else []
        if not alone:
            yield chunk
    yield from _joined(alone)


def _near(before: list[Character], after: list[Character]) -> bool:
    return after[0].left - before[0].right < _SPACED_OUT * after[0].size


def _joined(alone: list[list[Character]]) -> Iterator[list[Character]]:
    letters = sum(chunk[0].text[0].isalpha() for chunk in alone)
    if letters < max(_LEAST_SPACED_OUT, 0.6 * len(alone)):
        yield from alone
        return
    rooms = [after[0].left - before[0].right for before, after in pairwise(alone)]
    between = _WIDER * median(sorted(rooms)[: (len(rooms) + 1) // 2])
    word = list(alone[0])
    for room, chunk in zip(rooms, alone[1:], strict=True):
        if room > between:
            yield word
            word = []
        word += chunk
    yield word


def _word(chunk: Sequence[Character], page: Page, fonts: PdfFonts) -> Word:
    runs = [
        fonts.read_letters([each.text for each in run], page.fonts[font].name)
        for font, run in groupby(chunk, key=lambda each: each.font)
    ]
    return Word(
        "".join(runs),
        min(each.left for each in chunk),
        max(each.right for each in chunk),
        median(each.baseline for each in chunk),
        max(each.size for each in chunk),
        sum(page.fonts[each.font].bold for each in chunk) * 2 > len(chunk),
    )


def usual_size(words: Sequence[Word]) -> float:
    """The size of most letters; 0 where there are none."""
    letters: dict[float, int] = {}
    for word in words:
        letters[word.size] = letters.get(word.size, 0) + len(word.text)
    return max(letters, key=lambda size: letters[size], default=0.0)


def raised(word: Word) -> Word:
    """A word of digits as superscript, as a note's number is: ``2`` -> ``²``."""
    return replace(word, text=word.text.translate(_RAISED))


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
