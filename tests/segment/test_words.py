"""Words: cases, the tagger against exhaustive search, both models, user words, streams."""

from __future__ import annotations

import pickle
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count, islice, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vnjournal
from benchmarks import corpora, evaluation, samples
from benchmarks.words import misplaced, word_f1
from tests.casefiles import NormalForm, lines, shared
from vnjournal import DataError, Token, tokenize, tokenize_many
from vnjournal.language.key_table import KeyTable
from vnjournal.segment import underthesea_model
from vnjournal.segment.tagger import Table, Tagger, Transitions, decode
from vnjournal.segment.underthesea_model import underthesea_tagger
from vnjournal.segment.units import Look, units_of
from vnjournal.segment.vnjournal_model import vnjournal_tagger
from vnjournal.text.alphabet import LETTERS
from vnjournal.text.spans import Kind

WORDS = ["Khoa học và Công nghệ Hải Dương", "hải dương", "Yahoo! Việt Nam", "KH&CN cấp tỉnh"]


def _texts(tokens: list[Token]) -> list[str]:
    return [token.text for token in tokens]


@pytest.mark.parametrize(
    "case",
    [
        *lines("words.txt"),
        *(
            pytest.param(case, marks=pytest.mark.xfail)
            for case in lines("words_known_failures.txt")
        ),
    ],
)
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_word_cases(case: str, normal_form: NormalForm) -> None:
    expected = [part for part in case.split("|") if part.strip()]
    text = unicodedata.normalize(normal_form, case.replace("|", ""))
    assert [unicodedata.normalize("NFC", word) for word in _texts(tokenize(text))] == expected


def test_words_do_not_depend_on_tone_placement_or_letters_that_look_alike() -> None:
    new, old = tokenize("Uỷ ban tỉnh Hoà Bình"), tokenize("Ủy ban tỉnh Hòa Bình")
    assert [(t.start, t.end) for t in new] == [(t.start, t.end) for t in old]
    assert _texts(tokenize("Ðảng bộ")) == ["Ðảng bộ"]


@given(
    st.lists(st.floats(-9, 9), min_size=1, max_size=7),
    st.tuples(*[st.floats(-3, 3)] * 4),
    st.integers(0, 6),
)
def test_decoding_finds_the_best_labels(
    scores: list[float], weights: tuple[float, float, float, float], second: int
) -> None:
    between = dict(zip(product([False, True], repeat=2), weights, strict=True))
    begins = [0, second] if 0 < second < len(scores) else [0]

    def value(labels: tuple[bool, ...]) -> float:
        total = sum(score for score, label in zip(scores, labels, strict=True) if label)
        inner = (at for at in range(1, len(labels)) if at not in begins)
        return total + sum(between[labels[at - 1], labels[at]] for at in inner)

    best = max(map(value, product([False, True], repeat=len(scores))))
    found = tuple(decode(np.array(scores), np.array(begins), Transitions(*weights)).tolist())
    assert value(found) == pytest.approx(best)


def test_tables_with_keys_and_without_give_the_same_scores() -> None:
    numbers = {"a": 1, "b": 2, "c": 3}
    dense = np.arange(2 * 16, dtype=np.float64).reshape(2, 16)
    cells = (("text", 0), ("text", 1))
    keys = KeyTable.of(np.arange(16))
    by_slot = np.zeros((2, len(keys)))
    by_slot[:, keys.find(np.arange(16))[0]] = dense
    tables = [
        Table(cells, (4, 4), (1, -1), dense),
        Table(cells, (4, 4), (1, -1), by_slot, keys),
    ]
    by_hand = [
        # the pair before and with the token, by its second row; the two after it, by the first
        dense[0, 0 * 4 + 1] + dense[1, 2 * 4 + 3],
        dense[0, 1 * 4 + 2] + dense[1, 3 * 4 + 0],
        dense[0, 2 * 4 + 3] + dense[1, 0],
        dense[0, 0 * 4 + 3] + dense[1, 0],
    ]
    for table in tables:
        look = Look(lambda text, _: numbers[text])
        tagger = Tagger(look, {"text": 2}, [table], Transitions(0, 0, 0, 0))
        (units,) = units_of("a b c c")
        assert tagger.scores(look.of(units), np.array([0, 3])).tolist() == by_hand


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match="choose of vnjournal, underthesea"):
        tokenize("a", model="other")  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", [b"", b"lCRF", b"lCRF" + bytes(60)])
def test_a_damaged_model_is_refused(
    damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / underthesea_model._FOLDER
    folder.mkdir(parents=True)
    (folder / "models.bin").write_bytes(damage)
    (folder / "dictionary.bin").write_bytes(pickle.dumps({"khoa học"}))

    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(underthesea_model, "find_spec", lambda _: Spec)
    with pytest.raises(DataError, match=r"install underthesea 9\.5"):
        underthesea_tagger.__wrapped__()


@pytest.mark.parametrize("name", ["pairs.npy", "weights.npz"])
def test_a_damaged_data_file_is_named(
    name: str, damage_data_file: Callable[[str, bytes], None]
) -> None:
    damage_data_file(name, b"damaged")
    with pytest.raises(DataError, match="install vnjournal again"):
        vnjournal_tagger.__wrapped__()


def _same_labels(texts: Iterator[str], most: int) -> tuple[int, list[str]]:
    """Sentences compared, and those that underthesea labels otherwise than our tagger."""
    import underthesea
    from underthesea.models.fast_crf_sequence_tagger import FastCRFSequenceTagger
    from underthesea.pipeline.word_tokenize.regex_tokenize import tokenize as rule_tokens

    model = FastCRFSequenceTagger()
    model.load(str(Path(underthesea.__file__).parent / underthesea_model._FOLDER))
    tagger = underthesea_tagger()
    look = cache(lambda token: tagger.look.function(token, Kind.WORD))
    found = (sentence.text for text in texts for sentence in vnjournal.sentences(text))
    sentences = islice(found, most)
    compared, different = 0, []
    while written := list(islice(sentences, 100)):
        tokens = [rule_tokens(sentence) for sentence in written]
        looks = np.array([look(token) for sentence in tokens for token in sentence])
        ends = np.cumsum([len(sentence) for sentence in tokens])
        labels = np.split(tagger.labels(looks, np.array([0, *ends[:-1]])), ends[:-1])
        for sentence, each, ours in zip(written, tokens, labels, strict=True):
            theirs = [label == "I-W" for label in model.predict([[token] for token in each])]
            compared += 1
            if theirs != ours.tolist():
                different.append(sentence)
    return compared, different


def test_underthesea_labels_the_samples_alike() -> None:
    compared, different = _same_labels((a.body for a in samples.articles()), 10**6)
    assert compared > 100
    assert different == []


@pytest.mark.parametrize("name", ["baomoi", "laws", "viwiki"])
def test_underthesea_labels_corpora_alike(name: str) -> None:
    documents = corpora.documents(shared(f"corpora/{name}.txt.xz"))
    compared, different = _same_labels((text for _, text in documents), 7000)
    assert compared == 7000
    assert different == []


def test_the_model_was_not_trained_on_what_it_is_measured_on() -> None:
    sentences = evaluation.treebank(shared("eval/vi_vtb-ud-dev.conllu"))
    own = word_f1(sentences, lambda text: _texts(tokenize(text)))
    theirs = word_f1(sentences, lambda text: _texts(tokenize(text, model="underthesea")))
    assert own[2] > theirs[2] + 0.01


@pytest.mark.parametrize("name", ["baomoi", "laws", "viwiki", "vietnews-train"])
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_nothing_of_a_corpus_is_lost(name: str, normal_form: NormalForm) -> None:
    documents = corpora.documents(shared(f"corpora/{name}.txt.xz"))
    for _, text in islice(documents, 20):
        written = unicodedata.normalize(normal_form, text[:20_000])
        assert misplaced(written, tokenize(written)) == 0


_text = st.one_of(
    st.text(),
    st.text(
        st.sampled_from(sorted(LETTERS) + list(" .,;:-/&()\n…“”'’0123456789\u0309\u0323\u200b"))
    ),
    st.lists(st.sampled_from([*" ".join(WORDS).split(), ".", "KH&CN", "Các", "\n"])).map(" ".join),
)


@given(_text, st.booleans())
def test_nothing_of_any_text_is_lost(text: str, with_words: bool) -> None:
    assert misplaced(text, tokenize(text, words=WORDS if with_words else ())) == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("tạp chí Khoa học và Công nghệ Hải Dương số 2", "Khoa học và Công nghệ Hải Dương"),
        ("KHOA HỌC VÀ CÔNG NGHỆ HẢI DƯƠNG", "KHOA HỌC VÀ CÔNG NGHỆ HẢI DƯƠNG"),
        ("ngành hải dương học", "hải dương"),
        ("tỉnh Hải Dương", "Hải Dương"),
        ("theo Yahoo! Việt Nam đưa tin", "Yahoo! Việt Nam"),
        ("đề tài KH&CN cấp tỉnh năm 2018", "KH&CN cấp tỉnh"),
    ],
)
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_user_words_are_kept_whole(text: str, word: str, normal_form: NormalForm) -> None:
    written = unicodedata.normalize(normal_form, text)
    found = [
        unicodedata.normalize("NFC", token) for token in _texts(tokenize(written, words=WORDS))
    ]
    assert word in found


def test_user_words_ask_for_their_capitals() -> None:
    words = ["Khoa học Hải Dương"]
    assert "khoa học hải dương" not in _texts(tokenize("về khoa học hải dương", words=words))


def test_the_longest_user_word_is_kept_whatever_its_tone_placement() -> None:
    words = ["tỉnh Hoà Bình", "Hòa Bình", "sở", ""]
    assert _texts(tokenize("cơ sở tỉnh Hòa Bình", words=words))[-1] == "tỉnh Hòa Bình"
    assert _texts(tokenize("cơ sở", words=words)) == ["cơ sở"]


def test_a_user_word_does_not_reach_beyond_its_line() -> None:
    words = ["Sở Khoa học Hải Dương", "Sở Khoa học", "sở khoa học Hải", "sở\nkhoa"]
    assert _texts(tokenize("Sở Khoa học\nHải Dương", words=words)) == ["Sở Khoa học", "Hải Dương"]


def test_many_user_words_may_begin_alike() -> None:
    """Each place was once compared with all of them."""
    words = [f"công ty số {number} nào" for number in range(20_000)]
    started = time.process_time()
    tokenize("công ty số 7 và " * 2000, words=words)
    assert time.process_time() - started < 6


def test_user_words_cost_the_rest_nothing() -> None:
    text = samples.articles()[0].body
    assert tokenize(text, words=["từ không có ở đây"]) == tokenize(text)


def test_a_word_may_be_very_long() -> None:
    """Joining once took time that grew with the square of a word's length."""
    text = "a " * 200_000
    (word,) = tokenize(text, words=[text])
    assert word.text == text.strip()


@pytest.mark.parametrize("piece", ["á", "Á", "a\u0323\u0302", "á-", "A. ", "( "])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    tokenize(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 3  # half a second; ten where time grows with the square


@pytest.mark.parametrize("processes", [1, 2])
def test_a_stream_keeps_its_order(processes: int) -> None:
    texts = [article.body for article in samples.articles()] + ["", "Ðảng bộ", "a\u0301 b"]
    found = list(tokenize_many(texts * 20, processes, words=WORDS))
    assert found == [tokenize(text, words=WORDS) for text in texts] * 20


@pytest.mark.parametrize("processes", [1, 2])
def test_a_stream_is_read_as_it_is_needed(processes: int) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "Đảng bộ Sở Khoa học và Công nghệ " * 100

    found = tokenize_many(endless(), processes)
    assert len(list(islice(found, 50))) == 50
    assert taken < 400
    found.close()  # type: ignore[attr-defined]


def test_a_stream_of_empty_texts_is_read_as_it_is_needed() -> None:
    assert list(islice(tokenize_many("" for _ in count()), 3)) == [[], [], []]


def test_a_stream_with_a_wrong_model_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no model"):
        tokenize_many([], model="other")  # type: ignore[arg-type]


def test_one_text_is_not_taken_for_many_words_or_texts() -> None:
    with pytest.raises(TypeError, match="list of words"):
        tokenize("khoa học", words="khoa học")
    with pytest.raises(TypeError, match="several texts"):
        tokenize_many("khoa học")
