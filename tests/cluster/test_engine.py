"""What only the engine on a cluster does: deep pages, long queries, noting the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.places import ON_CLUSTER, Places
from vnjournal.articles.article import Article
from vnjournal.index import opensearch_engine, opensearch_query, opensearch_words
from vnjournal.index.analysis import DEFAULT_FIELDS, Document, document
from vnjournal.index.engine import Engine, Sort
from vnjournal.index.opensearch_engine import OpenSearchEngine
from vnjournal.index.query import Query, Variants, Word, syllables


def _documents(bodies: Sequence[str]) -> list[Document]:
    return [document(Article(id=f"{n:03}", body=body), {}) for n, body in enumerate(bodies)]


def _all_of(text: str) -> Query:
    words = tuple(Word(syllable, DEFAULT_FIELDS) for syllable in syllables(text))
    return Query(words=words, at_least=len(words))


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[Engine]:
    bodies = [f"lúa {'nước ' * (n % 7)}" for n in range(60)]
    with places.engine(ON_CLUSTER, _documents(bodies)) as engine:
        yield engine


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("size", [1, 7, 25, 60])
def test_pages_that_lie_deep(
    engine: Engine, sort: Sort, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = engine.search(_all_of("lúa"), 100, sort=sort)
    assert len(whole.hits) == whole.total == 60
    monkeypatch.setattr(opensearch_engine, "_WINDOW", 10)
    pages = [engine.search(_all_of("lúa"), size, at, sort) for at in range(0, 60, size)]
    assert [hit for page in pages for hit in page.hits] == whole.hits
    assert {page.total for page in pages} == {60}
    backwards = [engine.search(_all_of("lúa"), size, at, sort) for at in (50, 20, 35)]
    assert [page.hits for page in backwards] == [whole.hits[at : at + size] for at in (50, 20, 35)]
    assert engine.search(_all_of("lúa"), size, 90, sort).hits == []


def test_a_query_that_would_be_too_long_finds_the_same(places: Places) -> None:
    words = [f"t{n}" for n in range(400)]
    forms = tuple((word, word, 1) for word in words)
    query = Query(words=tuple(Variants(forms[at : at + 100], DEFAULT_FIELDS) for at in (0, 100)))
    bodies = [f"{word} {' '.join(words[at : at + 5])}" for at, word in enumerate(words)]
    with places.engine(ON_CLUSTER, _documents(bodies)) as engine:
        assert isinstance(engine, OpenSearchEngine)
        found = dict(engine.search(query, 500).hits)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(opensearch_query, "_MOST_LEAVES", 50)
            short = dict(engine.search(query, 500).hits)
            leaves = opensearch_query._leaves(engine._terms.asked(query))
    assert leaves < 50
    assert found.keys() == short.keys()
    assert len(found) == 200


def test_words_are_counted_again_as_they_become_common(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch_words, "_MOST_KNOWN", 3)
    with places.engine(ON_CLUSTER) as engine:
        documents = _documents([f"lúa so{n}" for n in range(45)])
        for at in range(0, 45, 9):
            engine.write(documents[at : at + 9]).result()
        engine.refresh()
        counts = engine.words().forms_of(["lua", "so3", "so40", "không"])
        assert counts == {"lua": {"luaS": 45}, "so3": {"so3": 1}, "so40": {"so40": 1}}
        assert dict(engine.words().near("lau", 1)) == {"lua": 1}
        assert {key for key, _ in engine.words().beginning("so4")} == {
            "so4",
            *(f"so4{n}" for n in range(5)),
        }
