"""The seed article, found and not found, on every engine; and the query language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import rows, shared
from tests.places import ENGINES, Places
from vnjournal import Archive, Article, fold, read, sentences
from vnjournal.index.analysis import DEFAULT_FIELDS
from vnjournal.index.query import (
    AllOf,
    AnyOf,
    Clause,
    Dates,
    Fuzzy,
    Issue,
    Phrase,
    Prefix,
    Word,
)
from vnjournal.search.highlights import Highlight
from vnjournal.search.parse import parse
from vnjournal.search.snippets import snippet

FOUND = [
    ("dang bo so khoa hoc", "Đảng bộ Sở Khoa học"),
    ('"chương trình hành động"', "Chương tình hành động"),
    ('"chương tình hành động"', "Chương tình hành động"),
    ('"việc triển khai sâu rộng"', "việctriển khai sâu rộng"),
    ("việctriển", "việctriển"),
    ('"nhiều doanh nghiệp"', "nhiềudoanh nghiệp"),
    ("lenin", "Lênin"),
    ('author:"nguyen van voc"', "Nguyễn Văn Vóc"),
]
NOT_FOUND = ["Joomla", "GP-STTTT", '"tin khác"', 'author:"Phạm Văn Bình"']


@pytest.fixture(scope="module", params=ENGINES)
def seed_archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, places: Places
) -> Iterator[Archive]:
    seed = shared("seed")
    with places.archive(request.param, tmp_path_factory.mktemp("seed") / "archive") as archive:
        archive.add(read(seed))
        yield archive


@pytest.mark.parametrize(("query", "shown"), FOUND)
def test_the_seed_is_found(seed_archive: Archive, query: str, shown: str) -> None:
    results = seed_archive.search(query)
    assert results.total == 1
    assert not results.relaxed
    (hit,) = results
    highlighted = " ".join(getattr(hit.article, h.field)[h.start : h.end] for h in hit.highlights)
    assert shown in highlighted


@pytest.mark.parametrize("query", NOT_FOUND)
def test_the_seed_is_not_found_by_the_sites_footer(seed_archive: Archive, query: str) -> None:
    assert seed_archive.search(query).total == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("query", "shown"),
    [("ubnd tỉnh", "Ủy ban nhân dân tỉnh"), ("so khoa hoc cong nghe", "Sở KH CN")],
)
def test_highlights_show_acronyms_and_long_forms(
    places: Places, engine: str, query: str, shown: str, tmp_path: Path
) -> None:
    with places.archive(engine, tmp_path / "archive") as archive:
        archive.add([Article("a", "Ủy ban nhân dân tỉnh họp. Sở KH&CN dự.")])
        (hit,) = archive.search(query)
        body = hit.article.body
        assert " ".join(body[h.start : h.end] for h in hit.highlights) == shown


@pytest.mark.parametrize("engine", ENGINES)
def test_highlights_point_into_decomposed_and_corrected_text(
    places: Places, engine: str, tmp_path: Path
) -> None:
    import unicodedata

    body = unicodedata.normalize("NFD", "Mở đầu. Là việctriển khai ở cơ sở,theo Đảng bộ. Hết.")
    with places.archive(engine, tmp_path / "archive") as archive:
        archive.add([Article("a", body)])
        (hit,) = archive.search("trien khai dang bo")
        shown = [unicodedata.normalize("NFC", body[h.start : h.end]) for h in hit.highlights]
        assert shown == ["việctriển", "khai", "Đảng", "bộ"]
        assert hit.snippet == body
        pieces = "".join(text for text, _ in hit.snippet_parts())
        assert pieces == hit.snippet


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("query", ["sở khoa học", "so khoa hoc"])
def test_a_short_query_is_an_expression_before_it_is_words(
    places: Places, engine: str, query: str, tmp_path: Path
) -> None:
    body = "Khoa học là khoa học. Sở dĩ khoa học cần khoa học là do cơ sở của khoa học."
    with places.archive(engine, tmp_path / "archive") as archive:
        archive.add([Article("words", body), Article("whole", f"Ông ở Sở Khoa học. {'Hết. ' * 9}")])
        assert [hit.id for hit in archive.search(query)] == ["whole", "words"]


def test_a_snippet_shows_where_the_words_stand_together(tmp_path: Path) -> None:
    filler = "Một câu chẳng nói gì về đảng hay bộ môn nào. " * 30
    body = f"{filler}Đảng bộ Sở Khoa học họp. {filler}"
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article("a", body)])
        (hit,) = archive.search("dang bo so khoa hoc")
    assert "Đảng bộ Sở Khoa học" in hit.snippet
    assert hit.snippet == " … ".join(body[s.start : s.end] for s in hit.snippet_spans)
    assert len(hit.snippet) < 350
    assert ("Đảng bộ Sở Khoa học", True) in list(hit.snippet_parts())


def test_a_snippet_is_made_of_the_sentences_that_say_most(tmp_path: Path) -> None:
    filler = "Trời đã sang thu, mây bay về phía núi. " * 9
    body = f"{filler}Nông dân gặt lúa. {filler}\nLúa chín vàng. {filler}Gạo mới đã về chợ. {filler}"
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article("a", body)])
        (hit,) = archive.search("gat lua gao moi")
        (beginning,) = archive.search("-xyzzy")
    assert hit.snippet.startswith("Nông dân gặt lúa. Trời đã")
    assert hit.snippet.endswith("… Gạo mới đã về chợ.")
    marked = [text for text, is_marked in hit.snippet_parts() if is_marked]
    assert marked == ["gặt lúa", "Gạo mới"]
    assert body.startswith(beginning.snippet.removesuffix(" …"))
    assert beginning.snippet.endswith("Trời đã sang …")
    assert 200 < len(beginning.snippet) < 300


WORDS = st.sampled_from(["lúa", "gạo", "mới", "trời", "thu", "mây.", "núi!\n", "x" * 60, "Chợ,"])


@given(st.lists(WORDS, max_size=200), st.integers(0, 9))
def test_a_snippet_is_short_and_cuts_no_highlight(words: list[str], nth: int) -> None:
    body = " ".join(words)
    places = [match.span() for match in re.finditer("lúa|gạo|mới", body)]
    found = [Highlight("body", start, end) for start, end in places if start % 10 != nth]
    made = snippet(body, found)
    spans = made.spans
    assert [span.text for span in spans] == [body[span.start : span.end] for span in spans]
    assert sum(len(span.text) for span in spans) < 450
    assert all(left.end < right.start for left, right in pairwise(spans))
    assert bool(spans) == bool(body)
    assert all(span.text == span.text.strip() for span in spans)
    shown = [h for h in found if any(s.start < h.end and h.start < s.end for s in spans)]
    assert all(any(s.start <= h.start and h.end <= s.end for s in spans) for h in shown)
    assert bool(shown) == bool(found)
    if spans:
        whole = sentences(body)
        assert made.is_cut_before == all(spans[0].start != each.start for each in whole)
        assert made.is_cut_behind == all(spans[-1].end != each.end for each in whole)


def shown(clause: Clause) -> str:
    """A clause as parsed.tsv writes it."""
    match clause:
        case Word(syllable):
            text = syllable.form
        case Prefix(syllable):
            text = f"{syllable.form}*"
        case Fuzzy(syllable):
            text = f"{syllable.form}~"
        case Phrase(asked):
            gap = f"~{clause.gap}" if clause.gap else ""
            text = f'"{" ".join(s.form for s in asked)}"{gap}'
        case AnyOf(clauses):
            return f"({' | '.join(map(shown, clauses))})"
        case AllOf(clauses, excluded):
            return f"({' & '.join([*map(shown, clauses), *(f'-{shown(e)}' for e in excluded)])})"
        case Dates(first, last):
            return f"[{first}..{last}]"
        case Issue(key):
            return f"#{key}"
        case _:
            raise AssertionError(clause)
    return text if clause.fields == DEFAULT_FIELDS else f"{clause.fields[0]}:{text}"


@pytest.mark.parametrize("row", rows("parsed.tsv"), ids=lambda row: row[0])
def test_queries_are_read(row: list[str]) -> None:
    text, expected, begun = (*row, "", "")[:3]
    parsed = parse(text)
    found = [
        *map(shown, parsed.words),
        *(f"+{shown(clause)}" for clause in parsed.required),
        *(f"-{shown(clause)}" for clause in parsed.excluded),
    ]
    assert " ".join(found) == expected
    beginnings = begun.split("|") if begun else []
    assert len(parsed.notes) == len(beginnings), parsed.notes
    for note, beginning in zip(parsed.notes, beginnings, strict=True):
        assert note.startswith(beginning)
    assert len(parsed.spoken.split()) == len(parsed.words)


_signs = st.sampled_from(
    [*'()"-−“”~*:', *"  ", "OR", " OR ", "NOT ", " AND ", "title:", "year:", "lúa", "2018", "~3"]
)


@given(st.lists(_signs, max_size=20).map("".join))
def test_any_signs_are_read(text: str) -> None:
    parsed = parse(text)
    assert len(parsed.spoken.split()) == len(parsed.words)
    for clause in parsed.words + parsed.required + parsed.excluded:
        shown(clause)


@pytest.mark.parametrize("sign", ["(", "NOT ", "title:", "-(", "lúa OR ", '"', ")"])
def test_signs_without_end_are_read(sign: str) -> None:
    assert len(parse(sign * 20_000 + "lúa").notes) <= 6


def test_only_so_much_of_a_query_is_read() -> None:
    parsed = parse("khoa học " * 100_000)
    assert len(parsed.words) == 1111
    assert parsed.notes == ("only the first 5,000 characters are read",)


@given(st.text())
def test_no_query_is_an_error(text: str) -> None:
    parse(text)


@given(st.lists(st.sampled_from(["Đảng", "bộ", "khoa", "học"]), min_size=1, max_size=5))
def test_words_are_asked_for_by_their_keys(words: list[str]) -> None:
    asked = [word.syllable.key for word in parse(" ".join(words)).words if isinstance(word, Word)]
    assert asked == list(map(fold, words))
