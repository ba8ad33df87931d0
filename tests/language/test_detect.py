"""Encodings are recognised, document by document and passage by passage."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import samples
from benchmarks.old_encodings import WAYS, saved
from tests.casefiles import rows
from vnjournal import SourceError
from vnjournal.language.detect import decode, read
from vnjournal.text.encodings import NAMES

ARTICLES = [article.body for article in samples.articles()]
ENGLISH = "The committee's report (2018) says: add the middle e.g. to do. Isn't it so? See a.b.org."
CODE = "[\"i'm looking for a place to eat\", []], data(x), a^b, schema(no.) # what to do? I'd go."
FRENCH = "Où là, déjà vu à l'hôtel près de la forêt: créé en été, naïf, où ça? Le garçon l'a dit."


CARELESS = "viqr, careless"


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("way", [way for way in WAYS if way != CARELESS])
def test_sample_articles_in_every_encoding(way: str) -> None:
    for body in ARTICLES[:12]:
        raw, text = WAYS[way](composed(body))
        decoded = decode(raw)
        assert decoded.text == composed(text)
        assert decoded.confidence > 0.8


def test_signs_of_viqr_that_end_a_sentence_are_guessed() -> None:
    words = wrong = 0
    for body in ARTICLES:
        raw, text = WAYS[CARELESS](composed(body))
        pairs = list(zip(text.split(), decode(raw).text.split(), strict=True))
        words += len(pairs)
        wrong += sum(one != other for one, other in pairs)
    assert wrong < words / 1000


@pytest.mark.parametrize(("written", "read"), rows("viqr.tsv"))
def test_a_sign_of_viqr_is_read_by_the_words_around_it(written: str, read: str) -> None:
    assert decode(written.replace("¶", "\n").encode()).text == read.replace("¶", "\n")


@pytest.mark.parametrize("encoding", NAMES)
def test_the_name_of_the_encoding(encoding: str) -> None:
    raw, _ = saved(composed(ARTICLES[0]), encoding)
    names = {"tcvn3", "tcvn-vn1"} if encoding in ("tcvn3", "tcvn-vn1") else {encoding}
    assert decode(raw).encoding in names


@pytest.mark.parametrize("text", [ENGLISH, CODE, FRENCH, *ARTICLES, "", "abc", "é", "Số 5"])
def test_utf8_stays_what_it_is(text: str) -> None:
    for given_text in (text, unicodedata.normalize("NFD", text)):
        decoded = decode(given_text.encode())
        assert (decoded.text, decoded.encoding) == (composed(text), "utf-8")
        assert decoded.notes == ()
        assert read(given_text.encode()).text == given_text


def test_western_text_is_western() -> None:
    decoded = decode(FRENCH.encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (FRENCH, "windows-1252")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(encoding: str) -> None:
    assert decode("Đảng bộ\r\nSở".encode(encoding)).text == "Đảng bộ\r\nSở"


def test_a_document_that_mixes_encodings() -> None:
    parts = [composed(body).replace("\n", " ") for body in ARTICLES[:4]]
    saved_parts = [
        parts[0].encode(),
        saved(parts[1], "tcvn3")[0],
        saved(parts[2], "vni-windows")[0],
        parts[3].encode(),
    ]
    decoded = decode(b"\n".join(saved_parts))
    names = [passage.encoding for passage in decoded.passages]
    assert names == ["utf-8", "tcvn3", "vni-windows", "utf-8"]
    texts = [decoded.text[passage.start : passage.end] for passage in decoded.passages]
    assert texts[0] == parts[0]
    assert texts[2] == saved(parts[2], "vni-windows")[1]
    assert texts[3] == parts[3]
    assert "mixes encodings: tcvn3, utf-8, vni-windows" in decoded.notes


def test_capitals_that_tcvn3_lost_are_reported() -> None:
    decoded = decode(saved(composed(ARTICLES[0]), "tcvn3")[0])
    assert any("capitals" in note for note in decoded.notes)


def test_a_guess_is_said_to_be_one() -> None:
    decoded = decode("cô".encode("latin-1"))
    assert decoded.confidence < 0.95
    assert any("not sure" in note for note in decoded.notes)


@pytest.mark.parametrize("raw", [bytes(range(256)), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceError, match="binary"):
        decode(raw)


def test_what_nothing_explains_is_said_to_be_unknown() -> None:
    japanese = "これは日本語の文章です。符号化方式は分かりません。" * 3
    assert decode(japanese.encode("shift-jis")).encoding == "unknown"


@given(st.binary(max_size=60))
def test_any_bytes_give_a_text_or_a_reason(raw: bytes) -> None:
    try:
        decoded = decode(raw)
    except SourceError:
        return
    assert 0 <= decoded.confidence <= 1
    assert decoded.passages[-1].end == len(decoded.text)
    assert all(p.start <= p.end <= len(decoded.text) for p in decoded.passages)
