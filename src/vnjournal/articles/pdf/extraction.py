"""The characters of a PDF with their fonts and places, read by PDFium in a process of its own.

PDFium is C++ and a PDF may be made to exhaust or crash it, so :mod:`vnjournal.articles.pdf.pages`
runs this file as a program that may take so much memory and time and no more. It reads the PDF
from standard input and writes a line of JSON for each page. It imports nothing of vnjournal: that
keeps its start short.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

MOST_MEMORY = 1_500_000_000  # bytes of address space, libraries included
MOST_PAGES = 1_000
MOST_CHARACTERS = 4_000_000

_NAME_LENGTH = 128
_HYPHEN = 0x02  # what PDFium makes of a hyphen at the end of a line
_BOLD_NAMES = ("bold", "black", "heavy", "-bd", "demi")
_BOLD_WEIGHT = 600
_METADATA = ("Title", "Author", "Subject", "Keywords")
_REFUSALS = {4: "encrypted"}  # FPDF_ERR_PASSWORD


def limit_memory() -> None:
    """Let this process have no more than :data:`MOST_MEMORY`, where the system can see to that."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read a PDF from standard input and write what it holds, a line of JSON at a time."""
    raw = sys.stdin.buffer.read()
    limit_memory()
    for found in extracted(raw):
        sys.stdout.write(json.dumps(found) + "\n")


def extracted(raw: bytes) -> Iterator[dict[str, Any]]:
    """First what the document is, then each page; or what is wrong with the document.

    The first: ``{"pages": n, "metadata": {...}}`` or ``{"refused": "encrypted"}``. A page:
    ``{"characters": [[text, left, right, baseline, size, font, spaced], ...], "fonts": [[name,
    bold], ...], "images": bool, "sideways": text}``, in points, y upwards; ``{"damaged": true}``
    for one that cannot be read.
    """
    import pypdfium2.raw as pdfium

    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(raw, len(raw), None)
    if not document:
        yield {"refused": _REFUSALS.get(pdfium.FPDF_GetLastError(), "damaged")}
        return
    pages = pdfium.FPDF_GetPageCount(document)
    yield {"pages": pages, "metadata": {name: _metadata(document, name) for name in _METADATA}}
    left = MOST_CHARACTERS
    for number in range(pages if pages <= MOST_PAGES else 0):
        page = pdfium.FPDF_LoadPage(document, number)
        text = page and pdfium.FPDFText_LoadPage(page)
        if not text:
            yield {"damaged": True}
            continue
        left -= max(0, pdfium.FPDFText_CountChars(text))
        if left < 0:
            yield {"refused": "too much text"}
            return
        yield _Page(pdfium, page, text).found()
        pdfium.FPDFText_ClosePage(text)
        pdfium.FPDF_ClosePage(page)


def _metadata(document: Any, name: str) -> str:
    import pypdfium2.raw as pdfium

    length = pdfium.FPDF_GetMetaText(document, name.encode(), None, 0)
    buffer = ctypes.create_string_buffer(min(length, 20_000))
    pdfium.FPDF_GetMetaText(document, name.encode(), buffer, len(buffer))
    return buffer.raw.decode("utf-16-le", "ignore").rstrip("\0")


class _Run(NamedTuple):
    """What the characters of one text object share; ``turned``: in quarter turns."""

    font: int
    size: float
    baseline: float
    turned: int


class _Page:
    def __init__(self, pdfium: Any, page: Any, text: Any) -> None:
        self._pdfium, self._page, self._text = pdfium, page, text
        self._fonts: list[tuple[str, bool]] = []
        self._runs: dict[int | None, _Run] = {}

    def found(self) -> dict[str, Any]:
        pdfium, text = self._pdfium, self._text
        box = pdfium.FS_RECTF()
        placed: list[tuple[int, tuple[str, float, float, float, float, int, bool]]] = []
        high = ""  # the first half of a character beyond the 65,536 first
        spaced = False
        for index in range(max(0, pdfium.FPDFText_CountChars(text))):
            code = pdfium.FPDFText_GetUnicode(text, index)
            if code <= 0x20 and code != _HYPHEN:
                spaced |= not pdfium.FPDFText_IsGenerated(text, index)  # PDFium guesses some
                continue
            letter = "-" if code == _HYPHEN else chr(code)
            if "\ud800" <= letter <= "\udbff":
                high = letter
                continue
            if high:
                letter = (
                    (high + letter).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                )
                high = ""
            elif "\udc00" <= letter <= "\udfff":
                continue
            run = self._run(index)
            pdfium.FPDFText_GetLooseCharBox(text, index, box)
            if run.turned == 0:
                left, right = box.left, box.right
            elif run.turned == 1:
                left, right = box.bottom, box.top
            elif run.turned == 2:
                left, right = -box.right, -box.left
            else:
                left, right = -box.top, -box.bottom
            if math.isfinite(left + right + run.baseline):
                place = round(left, 2), round(right, 2), run.baseline
                placed.append((run.turned, (letter, *place, run.size, run.font, spaced)))
            spaced = False
        usual = Counter(turned for turned, _ in placed).most_common(1)
        main = usual[0][0] if usual else 0
        return {
            "characters": [character for turned, character in placed if turned == main],
            "fonts": self._fonts,
            "images": not placed and pdfium.FPDFPage_CountObjects(self._page) > 0,
            "sideways": "".join(
                " " * found[-1] + found[0] for turned, found in placed if turned != main
            ).strip(),
        }

    def _run(self, index: int) -> _Run:
        pdfium = self._pdfium
        pointer = pdfium.FPDFText_GetTextObject(self._text, index)
        key = ctypes.cast(pointer, ctypes.c_void_p).value
        if key not in self._runs:
            matrix, flags = pdfium.FS_MATRIX(), ctypes.c_int()
            pdfium.FPDFText_GetMatrix(self._text, index, matrix)
            size = pdfium.FPDFText_GetFontSize(self._text, index)
            size *= math.hypot(matrix.c, matrix.d) or 1
            angle = math.atan2(matrix.b, matrix.a)
            turned = round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0
            buffer = ctypes.create_string_buffer(_NAME_LENGTH)
            pdfium.FPDFText_GetFontInfo(self._text, index, buffer, _NAME_LENGTH, flags)
            name = buffer.value.decode("utf-8", "replace")
            heavy = pdfium.FPDFText_GetFontWeight(self._text, index) >= _BOLD_WEIGHT
            font = name, heavy or any(each in name.lower() for each in _BOLD_NAMES)
            if font not in self._fonts:
                self._fonts.append(font)
            if not (math.isfinite(size) and 0 < size < 10_000):
                size = 1.0
            x, y = ctypes.c_double(), ctypes.c_double()
            pdfium.FPDFText_GetCharOrigin(self._text, index, x, y)
            baseline = (y.value, -x.value, -y.value, x.value)[turned]
            if math.isfinite(baseline):
                baseline = round(baseline, 2)
            self._runs[key] = _Run(self._fonts.index(font), round(size, 2), baseline, turned)
        return self._runs[key]


if __name__ == "__main__":
    main()
