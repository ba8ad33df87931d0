"""Fonts that give bytes another meaning: ``.VnTime`` (TCVN3), ``VNI-Times`` and their families.

PLACE FOR vnjournal.text.encodings.of_font: readers of formats with fonts (PDF, DOCX) call
:func:`of_font` for every stretch of text in one font.
"""

from __future__ import annotations


def of_font(text: str, font: str) -> str:
    """What characters that are shown in a font stand for.

    >>> of_font("Đất", "DejaVuSerif")
    'Đất'
    """
    del font
    return text
