"""Whatever stands on pages comes out once, in lines and in paragraphs."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from vnjournal.articles.pdf import columns, paragraphs, running_heads
from vnjournal.articles.pdf.fonts import PdfFonts
from vnjournal.articles.pdf.pages import Character, Font, Page
from vnjournal.articles.pdf.words import Word, words

places = st.floats(-50, 900, allow_nan=False)
some_words = st.builds(
    lambda text, left, baseline, size, bold: Word(
        text, left, left + size * len(text) / 2, baseline, size, bold
    ),
    st.text("ab1đ.,-[]ạ", min_size=1, max_size=16),
    places,
    st.one_of(places, st.integers(3, 60).map(lambda line: line * 14.0)),
    st.sampled_from([6.0, 9.0, 10.0, 16.0]),
    st.booleans(),
)
characters = st.builds(
    lambda text, left, baseline, size, spaced: Character(
        text, left, left + size / 2, baseline, size, 0, spaced
    ),
    st.sampled_from("aạ1.đ"),
    st.integers(0, 70).map(lambda column: column * 8.0),
    st.integers(3, 60).map(lambda line: line * 14.0),
    st.sampled_from([6.0, 10.0]),
    st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(st.lists(some_words, max_size=40), max_size=5))
def test_every_word_is_in_one_line_and_every_letter_in_one_paragraph(
    pages: list[list[Word]],
) -> None:
    kept, heads = running_heads.parted(pages)
    lines = columns.lines(kept, range(1, len(pages) + 1))
    in_lines = Counter(word.left for line in lines for word in line.words)
    assert in_lines == Counter(word.left for page in kept for word in page)
    found, notes = paragraphs.paragraphs(lines)
    text = "".join([*(each.text for each in found), *notes, *(h for page in heads for h in page)])
    letters = Counter("".join(word.text for page in pages for word in page))
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    for letter in set(letters) - {"-"}:
        assert plain.count(letter) == letters[letter]


@given(st.lists(characters, max_size=60, unique_by=lambda each: each[1:4:2]))
def test_every_character_is_in_one_word(found: list[Character]) -> None:
    page = Page(1, tuple(found), (Font("Serif", False),))
    assert Counter("".join(word.text for word in words(page, PdfFonts([page])))) == Counter(
        "".join(each.text for each in found)
    )
