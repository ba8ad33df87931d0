"""The analyzer in a real Whoosh index: what its own parser finds and its own highlighter marks."""

from __future__ import annotations

import pickle
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import whoosh.index
from hypothesis import given
from hypothesis import strategies as st
from whoosh.analysis import StopFilter
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.highlight import Formatter, PinpointFragmenter, WholeFragmenter, get_text
from whoosh.qparser import QueryParser

from tests.casefiles import NormalForm
from vnjournal import index_key
from vnjournal.integrations.whoosh import VietnameseAnalyzer
from vnjournal.text.alphabet import LETTERS

BODIES = {
    "party": "Đảng bộ Sở Khoa học và Công nghệ. Chủ nghĩa Mác-Lênin.",
    "study": "Cán bộ học; khoa đang bàn.",
    "rice": "Kỹ thuật trồng lúa. Xã Hòa An",
}

texts = st.one_of(
    st.text(),
    st.text(st.sampled_from(sorted(LETTERS) + list(" .,;-/&\n\u200b\u00ad0123456789\u0309\u0323"))),
    st.lists(st.sampled_from(["Đảng bộ", "KH&CN", "Mác-Lênin.", "Các", "中国"])).map(" ".join),
)


class Brackets(Formatter):  # type: ignore[misc]
    """Writes what was matched in brackets."""

    between = "|"

    def format_token(self, text: str, token: Any, replace: bool = False) -> str:
        return f"[{get_text(text, token, replace)}]"


def _index(**field: Any) -> Any:
    field = {"analyzer": VietnameseAnalyzer(), **field}
    schema = Schema(id=ID(stored=True), body=TEXT(stored=True, **field))
    return RamStorage().create_index(schema)


def _filled(index: Any, normal_form: NormalForm = "NFC") -> Any:
    with index.writer() as writer:
        for id, body in BODIES.items():
            writer.add_document(id=id, body=unicodedata.normalize(normal_form, body))
    return index


def _found(index: Any, query: str) -> set[str]:
    with index.searcher() as searcher:
        return {
            hit["id"] for hit in searcher.search(QueryParser("body", index.schema).parse(query))
        }


@given(texts)
def test_tokens_point_into_the_text_as_given(text: str) -> None:
    position = -1
    for token in VietnameseAnalyzer()(text, positions=True, chars=True, keeporiginal=True):
        assert token.original == text[token.startchar : token.endchar] != ""
        assert token.text in index_key(token.original)
        assert token.pos > position
        position = token.pos


@given(texts)
def test_a_text_and_its_decomposed_form_give_the_same_tokens(text: str) -> None:
    for analyze in (VietnameseAnalyzer(), VietnameseAnalyzer(fold=False)):
        composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
        assert [(token.text, token.pos) for token in analyze(composed)] == [
            (token.text, token.pos) for token in analyze(decomposed)
        ]


def test_tokens_do_not_change_while_they_are_kept_and_start_where_whoosh_says() -> None:
    tokens = list(VietnameseAnalyzer()("Đảng bộ", start_pos=3, start_char=10, mode="query"))
    assert [(t.text, t.pos, t.startchar, t.endchar) for t in tokens] == [
        ("dang", 3, 10, 14),
        ("bo", 4, 15, 17),
    ]
    assert {token.mode for token in tokens} == {"query"}


@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dang bo so khoa hoc", {"party"}),
        ("Đảng bộ Sở Khoa học", {"party"}),
        ("khoa hoc", {"party", "study"}),
        ('"khoa hoc"', {"party"}),
        ('"so khoa hoc"', {"party"}),
        ('"hoc khoa"', {"study"}),
        ("kĩ thuật", {"rice"}),
        ("hoà an", {"rice"}),
        ("lenin", {"party"}),
        ('"chu nghia mac lenin"', {"party"}),
        ("Mác-Lênin", {"party"}),
        ('"cong nghe chu nghia"', set()),  # no phrase reaches across the end of a sentence
        ("lu* OR lenin", {"rice", "party"}),
        ("khoa NOT lenin", {"study"}),
        ("[ki TO kz]", {"rice"}),
    ],
)
def test_whoosh_parses_and_finds(query: str, expected: set[str], normal_form: NormalForm) -> None:
    query = unicodedata.normalize(normal_form, query)
    assert _found(_filled(_index(), normal_form), query) == expected


def test_marks_are_kept_where_asked_for() -> None:
    index = _filled(_index(analyzer=VietnameseAnalyzer(fold=False)))
    assert _found(index, "đảng") == {"party"}
    assert _found(index, "đang") == {"study"}
    assert _found(index, "dang") == set()
    assert _found(index, "hoà") == _found(index, "HÒA") == {"rice"}


@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
@pytest.mark.parametrize("chars", [False, True])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "dang bo so khoa hoc",
            "[Đảng] [bộ] [Sở] [Khoa] [học] và Công nghệ. Chủ nghĩa Mác-Lênin.",
        ),
        ("lenin", "Đảng bộ Sở Khoa học và Công nghệ. Chủ nghĩa Mác-[Lênin]."),
    ],
)
def test_whoosh_highlights_the_original_characters(
    query: str, expected: str, chars: bool, normal_form: NormalForm
) -> None:
    index = _filled(_index(chars=chars), normal_form)
    with index.searcher() as searcher:
        parsed = QueryParser("body", index.schema).parse(query)
        results = searcher.search(parsed, terms=True)
        results.fragmenter = PinpointFragmenter(surround=100) if chars else WholeFragmenter()
        results.formatter = Brackets()
        assert results[0].highlights("body") == unicodedata.normalize(normal_form, expected)


def test_an_index_on_disk_is_opened_again(tmp_path: Path) -> None:
    _filled(whoosh.index.create_in(tmp_path, _index().schema))
    opened = whoosh.index.open_dir(tmp_path)
    assert opened.schema["body"].analyzer == VietnameseAnalyzer()
    assert _found(opened, "dang bo so khoa hoc") == {"party"}
    opened.close()


@pytest.mark.parametrize("fold", [True, False])
def test_a_schema_is_pickled_with_its_analyzer(fold: bool) -> None:
    schema = _index(analyzer=VietnameseAnalyzer(fold=fold)).schema
    copied = pickle.loads(pickle.dumps(schema))
    assert copied == schema
    assert copied["body"].analyzer == VietnameseAnalyzer(fold=fold)


def test_filters_may_follow() -> None:
    analyzer = VietnameseAnalyzer() | StopFilter(stoplist=["va"], minsize=1)
    assert [token.text for token in analyzer("Khoa học và Công nghệ")] == [
        *"khoa hoc cong nghe".split()
    ]
    assert _found(_filled(_index(analyzer=analyzer, spelling=True)), "cong nghe") == {"party"}
