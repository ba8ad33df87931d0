"""What every engine must do alike; and that it does so, whatever the archive.

``tiers.tsv``: query, text, tier (``-``: another word). ``queries.tsv``: query, ids, options; the
ids before a ``|`` have all the words and come first; ``small_archive.jsonl`` holds the articles
that are asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casefiles import lines, rows
from tests.places import ENGINES, ON_CLUSTER, Places, folder_of
from vnjournal.archive import Archive
from vnjournal.articles.article import Article, Author
from vnjournal.errors import ArchiveDamaged
from vnjournal.index.analysis import (
    DEFAULT_FIELDS,
    FACETS,
    SENTENCE_END,
    TEXT_FIELDS,
    Document,
    Terms,
    document,
    documents,
    form_term,
    key_and_form,
)
from vnjournal.index.engine import MOST_VALUES, TIER_STEP, Engine, Facets, Sort, commonest
from vnjournal.index.engines import NAMES
from vnjournal.index.query import (
    CONTRADICTING,
    AllOf,
    AnyOf,
    Clause,
    Dates,
    Issue,
    Marks,
    Pair,
    Phrase,
    Query,
    Syllable,
    Variants,
    Word,
    syllables,
)
from vnjournal.search.parse import parse
from vnjournal.search.results import Results
from vnjournal.search.retrieve import FEWER_WORDS, OTHER_MARKS
from vnjournal.text.fold import TELEX_TONES
from vnjournal.text.spans import Edit

TIERS = rows("tiers.tsv")
QUERIES = rows("queries.tsv")
ARTICLES = [Article.from_dict(json.loads(line)) for line in lines("small_archive.jsonl")]
BODY = ("body",)


def of_bodies(**bodies: str) -> list[Document]:
    return [document(Article(id=id, body=body), {}) for id, body in bodies.items()]


def words_of(text: str, fields: tuple[str, ...] = BODY) -> tuple[Word, ...]:
    return tuple(Word(syllable, fields) for syllable in syllables(text))


def all_of(text: str, **more: Any) -> Query:
    words = words_of(text)
    return Query(words=words, at_least=len(words), **more)


def found(engine: Engine, query: Query, sort: Sort = Sort.RELEVANCE) -> list[str]:
    return [id for id, _ in engine.search(query, 1000, sort=sort).hits]


# --- tiers


@pytest.fixture(scope="module", params=ENGINES)
def forms(request: pytest.FixtureRequest, places: Places) -> Iterator[Engine]:
    """An archive in which each text of the table is an article."""
    texts = dict.fromkeys(text for _, text, _ in TIERS)
    documents = [document(Article(id=text, body=text), {}) for text in texts]
    with places.engine(request.param, documents) as engine:
        yield engine


@pytest.mark.parametrize(("query", "text", "tier"), TIERS)
def test_tiers(forms: Engine, query: str, text: str, tier: str) -> None:
    asked, term = syllables(query)[0], syllables(text)[0]
    assert (asked.key == term.key) == (tier != "-")
    if tier != "-":
        assert asked.tier(term.form) == int(tier)
    for marks, expected in (
        (Marks.GRADED, tier in "123"),
        (Marks.EXACT, asked.form == term.form),
        (Marks.LOOSE, tier != "-"),
    ):
        assert (text in found(forms, all_of(query, marks=marks))) == expected, marks


LETTERS = {"a": "aăâ", "d": "dđ", "e": "eê", "o": "oôơ", "u": "uư", "n": "n", "g": "g"}
bare_and_marked = st.lists(
    st.sampled_from(sorted(LETTERS)).flatmap(
        lambda bare: st.tuples(
            st.just(bare), st.sampled_from(LETTERS[bare]), st.sampled_from(LETTERS[bare])
        )
    ),
    min_size=1,
    max_size=6,
)


@given(bare_and_marked, st.sampled_from(TELEX_TONES), st.sampled_from(TELEX_TONES))
def test_tier_is_what_the_design_says(
    letters: list[tuple[str, str, str]], asked_tone: str, text_tone: str
) -> None:
    """Marks as plain sets of (place, mark), against the regular expressions of the package."""
    key, asked, text = ("".join(column) for column in zip(*letters, strict=True))
    typed = {(at, q) for at, (bare, q, _) in enumerate(letters) if q != bare}
    stands = {(at, t) for at, (bare, _, t) in enumerate(letters) if t != bare}
    typed |= {(-1, asked_tone)} if asked_tone else set()
    stands |= {(-1, text_tone)} if text_tone else set()
    if typed == stands and typed:
        expected = 1
    elif not asked_tone and typed <= stands:
        expected = 2
    elif stands <= typed:
        expected = 3
    else:
        expected = 0
    assert Syllable(key, asked + asked_tone).tier(text + text_tone) == expected


@pytest.mark.parametrize("marks", [Marks.GRADED, Marks.LOOSE])
@pytest.mark.parametrize("query", sorted({query for query, _, _ in TIERS}))
def test_one_syllable_is_ordered_strictly_by_tier(forms: Engine, query: str, marks: Marks) -> None:
    asked = syllables(query)[0]
    tiers = [
        asked.tier(syllables(id)[0].form) or 4 for id in found(forms, all_of(query, marks=marks))
    ]
    assert asked.is_bare or tiers == sorted(tiers)


@pytest.mark.parametrize("name", ENGINES)
def test_tiers_outrank_frequency_and_field(places: Places, name: str) -> None:
    articles = [
        Article(id="lost", title="Cong cong", body="cong cong cong"),
        Article(id="more", title="Cộng cống", body="cổng cổng cổng"),
        Article(id="equal", title="Bài", body="một câu rất dài có một chữ công ở gần cuối câu ấy"),
        Article(id="other", title="Cóng", body="còng"),
    ]
    query = Query(words=words_of("công", ("title", "body")), at_least=1)
    with places.engine(name, [document(article, {}) for article in articles]) as engine:
        hits = engine.search(query, 10).hits
        assert [id for id, _ in hits] == ["equal", "more", "lost"]
        assert [score // TIER_STEP for _, score in hits] == [2, 1, 0]


@pytest.mark.parametrize("name", ENGINES)
def test_a_form_does_not_rank_higher_for_being_rare(places: Places, name: str) -> None:
    others = {f"n{n}": "công việc hằng ngày" for n in range(20)}
    documents = of_bodies(rare="cổng làng", often="công công công", **others)
    with places.engine(name, documents) as engine:
        assert found(engine, all_of("cong"))[0] == "often"
        assert found(engine, all_of("công"))[-1] == "rare"
        scores = dict(engine.search(all_of("cong lang"), 30).hits)
        assert set(scores) == {"rare"}


@pytest.mark.parametrize("name", ENGINES)
def test_tiers_are_weights_in_longer_queries(places: Places, name: str) -> None:
    bodies = {"lost": "cong nghe", "more": "cống nghệ", "equal": "công nghệ", "half": "công nghe"}
    with places.engine(name, of_bodies(**bodies)) as engine:
        assert found(engine, all_of("công nghệ")) == ["equal", "more", "half", "lost"]
        assert engine.search(all_of("công nghệ"), 1).hits[0][1] < TIER_STEP


# --- queries


@pytest.fixture(scope="module", params=ENGINES)
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, places: Places
) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp(request.param) / "archive"
    with places.archive(request.param, folder) as archive:
        archive.add(ARTICLES, correct=False)
        yield archive


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: " ".join(row[:1] + row[2:]))
def test_queries(archive: Archive, row: list[str]) -> None:
    query, expected, options = (*row, "", "")[:3]
    first, _, following = (part.split() for part in expected.partition("|"))
    flags = set(options.split())
    given_years = re.search(r"year=(\d+)-?(\d+)?", options)
    named: dict[str, Any] = dict(
        flag.split("=") for flag in flags if "=" in flag and "year=" not in flag
    )
    results = archive.search(
        query,
        limit=50,
        year=(int(given_years[1]), int(given_years[2] or given_years[1])) if given_years else None,
        **named,
    )
    ids = [hit.id for hit in results.hits]
    if "ordered" in flags:
        assert ids == first
    assert set(ids[: len(first)]) == set(first)
    assert set(ids[len(first) :]) == set(following)
    assert results.total == len(ids) == len(set(ids))
    announced = OTHER_MARKS if "other-marks" in flags else FEWER_WORDS if following else ""
    assert results.relaxed == announced


@pytest.fixture(params=ENGINES)
def new_archive(
    request: pytest.FixtureRequest, tmp_path: Path, places: Places
) -> Iterator[Archive]:
    with places.archive(request.param, tmp_path / "archive") as archive:
        yield archive


def add(archive: Archive, **bodies: str) -> None:
    archive.add((Article(id=id, body=body) for id, body in bodies.items()), correct=False)


def ids_of(results: Results) -> list[str]:
    return sorted(hit.id for hit in results)


def test_five_words_must_all_occur(new_archive: Archive) -> None:
    add(new_archive, **{f"all{n}": "một hai ba bốn năm sáu" for n in range(10)})
    add(new_archive, four="một hai ba bốn", far="năm. Bốn. Ba. Hai. Một")
    results = new_archive.search("một hai ba bốn năm")
    assert (results.total, results.relaxed) == (11, "")


@pytest.mark.parametrize(("query", "needed"), [("a b c d e g", 4), ("a b c d e g h", 5)])
def test_of_more_words_two_thirds_must_occur(new_archive: Archive, query: str, needed: int) -> None:
    enough = {f"enough{n}": " ".join(query.split()[n % 2 :][:needed]) for n in range(10)}
    too_few = {f"few{n}": " ".join(query.split()[: needed - 1]) for n in range(3)}
    add(new_archive, **enough, **too_few)
    results = new_archive.search(query, limit=20)
    assert {hit.id for hit in results} == set(enough)
    assert (results.total, results.relaxed) == (10, "")


def test_few_hits_are_followed_by_those_with_fewer_words(new_archive: Archive) -> None:
    add(new_archive, both="xa lắm " * 30 + "gần", one="gần gần", other="xa", none="không")
    for limit in (1, 10):
        results = new_archive.search("gần xa", limit=limit)
        assert (results.total, results.relaxed) == (3, FEWER_WORDS)
        assert results.hits[0].id == "both"
    assert new_archive.search('"gần xa"').total == 0
    assert new_archive.search("gần xa -không").total == 3
    assert new_archive.search('"xa lắm" gần').total == 1


def test_at_least_half_of_the_words_must_occur(new_archive: Archive) -> None:
    add(new_archive, all="một hai ba bốn năm", three="một. Hai. Ba", two="một hai", one="một")
    assert ids_of(new_archive.search("một hai ba bốn năm")) == ["all", "three"]
    assert ids_of(new_archive.search("một sáu bảy")) == ["all", "one", "three", "two"]
    assert new_archive.search("một sáu bảy").relaxed == FEWER_WORDS


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_nothing_follows_in_order_of_date(new_archive: Archive, sort: str) -> None:
    add(new_archive, both="một hai", one="một", other="hai")
    assert ids_of(new_archive.search("một hai", sort=sort)) == ["both"]
    assert ids_of(new_archive.search("một hai ba", sort=sort)) == ["both"]
    assert ids_of(new_archive.search("hai ba", sort=sort)) == ["both", "other"]


def test_words_may_be_in_different_fields(new_archive: Archive) -> None:
    article = Article(id="a", title="Gieo", body="trồng", authors=(Author("Lúa"),))
    new_archive.add([article], correct=False)
    assert new_archive.search("gieo trồng lúa").total == 1
    assert new_archive.search('"gieo trồng"').total == 0


# --- corrected text


@pytest.mark.parametrize("name", ENGINES)
def test_edited_text_is_found_as_corrected_and_as_written(places: Places, name: str) -> None:
    text = "Sở đã báo cáo việctriển khai Chương tình hành động. Câu sau."
    at, to = text.index("việctriển"), text.index("tình")
    edits = [
        Edit(at, at + 9, "việctriển", "việc triển", "joined", 1.0, ""),
        Edit(to, to + 4, "tình", "trình", "wrong-word", 1.0, ""),
    ]
    article = document(Article(id="a", body=text), {"body": edits})
    with places.engine(name, [article, *of_bodies(b="việc khác")]) as engine:

        def finds(query: str) -> bool:
            parsed = parse(query)
            asked = Query(words=parsed.words, at_least=len(parsed.words), required=parsed.required)
            return "a" in found(engine, asked)

        for query in ("việc", "trình", "việctriển", "viectrien", "tình"):
            assert finds(query), query
        assert finds('"chương trình hành động"')
        assert finds('"báo cáo việc triển khai chương trình"')
        assert finds('"báo cáo việctriển khai chương tình hành động"')
        assert not finds('"việc triển khai chương tình"')
        assert not finds('"hành động câu"')
        assert not finds('body:"chương tình"')
        assert not finds("body:tình")


# --- keeping


@pytest.mark.parametrize("name", ENGINES)
def test_update_and_delete(places: Places, name: str) -> None:
    with places.engine(name, of_bodies(a="cũ", b="cũ", c="cũ")) as engine:
        engine.write(of_bodies(a="mới", d="cũ")).result()
        assert sorted(found(engine, all_of("cũ"))) == ["b", "c", "d"]
        assert found(engine, all_of("mới")) == ["a"]
        engine.write([], ["b", "không có"]).result()
        engine.write(of_bodies(c="mới"), ["d"]).result()
        assert found(engine, all_of("cũ")) == []
        assert engine.ids() == {"a", "c"} == set(found(engine, Query()))
        engine.write([*of_bodies(e="một"), *of_bodies(e="hai")]).result()
        assert found(engine, all_of("một")) == []
        assert found(engine, all_of("hai")) == ["e"]
        engine.write([], ["a", "c", "e"]).result()
        assert engine.ids() == set()
        assert engine.search(Query(), 10).total == 0
        engine.write(of_bodies(a="mới")).result()
        assert found(engine, all_of("mới")) == ["a"]


@pytest.mark.parametrize("name", ENGINES)
def test_many_small_commits(places: Places, name: str) -> None:
    with places.engine(name) as engine:
        for n in range(70):
            engine.write(of_bodies(**{f"d{n % 50}": f"chung so{n}", f"e{n}": "chung"})).result()
        assert engine.search(all_of("chung"), 1).total == 120
        assert len(engine.ids()) == 120
        assert found(engine, all_of("so3")) == []
        assert found(engine, all_of("so53")) == ["d3"]


def test_reopening(new_archive: Archive) -> None:
    add(new_archive, a="lúa nước", b="lúa mì")
    new_archive.delete(["b"])
    new_archive.close()
    with Archive.open(new_archive.place) as again:
        assert [hit.id for hit in again.search("lua")] == ["a"]
        add(again, c="lúa non")
        assert {hit.id for hit in again.search("lua")} == {"a", "c"}
    assert Archive.check(new_archive.place) == []


def test_another_reader_sees_a_commit_when_it_refreshes(new_archive: Archive) -> None:
    add(new_archive, a="lúa nước")
    with Archive.open(new_archive.place) as reader:
        add(new_archive, b="lúa mì")
        assert reader.search("nuoc").total == 1  # files that the writer replaced are still read
        reader.refresh()
        assert reader.search("lua").total == 2
        new_archive.delete(["a"])
        reader.refresh()
        assert [hit.id for hit in reader.search("lua")] == ["b"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_crash_kept_from_the_index_is_repaired(name: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", name) as archive:
        add(archive, a="lúa nước")
        engine = folder_of(archive).engine
        folder_of(archive)._engine = None  # the engine dies before it is told
        with pytest.raises(ArchiveDamaged):
            add(archive, b="lúa mì")
        engine.close()
        with Archive.open(archive.place) as again:
            assert {hit.id for hit in again.search("lua")} == {"a", "b"}


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_index_is_reported_with_the_next_step(name: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", engine=name) as archive:
        add(archive, a="lúa nước")
    for file in (tmp_path / "archive" / "index").iterdir():
        file.write_bytes(b"\xff" * 40)
    with pytest.raises(ArchiveDamaged, match="run 'vnjournal rebuild"):
        Archive.open(tmp_path / "archive")
    (wrong,) = Archive.check(tmp_path / "archive")
    assert "rebuild" in wrong


# --- pages and order


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("name", ENGINES)
def test_pages_join_to_the_whole(places: Places, name: str, sort: Sort) -> None:
    bodies = ["lúa", "lúa nước", "lúa lúa", "lua", "lùa"]
    articles = [
        Article(id=str(n), body=bodies[n % 5], published=str(2000 + n % 3) if n % 4 else "")
        for n in range(60)
    ]
    with places.engine(name) as engine:
        for batch in (articles[:25], articles[25:50], articles[50:]):
            engine.write(document(article, {}) for article in batch).result()
        whole = engine.search(all_of("lúa"), 100, sort=sort)
        assert whole.total == len(whole.hits) == len(dict(whole.hits)) == 48
        for size in (1, 7, 48):
            pages = [engine.search(all_of("lúa"), size, at, sort) for at in range(0, 48, size)]
            assert [hit for page in pages for hit in page.hits] == whole.hits
            assert {page.total for page in pages} == {48}
        beyond = engine.search(all_of("lúa"), 5, 48, sort)
        assert (beyond.total, beyond.hits) == (48, [])
        if sort is not Sort.RELEVANCE:
            dates = [articles[int(id)].date_number for id, _ in whole.hits]
            assert dates == sorted(dates, reverse=sort is Sort.NEWEST)


def test_facets_of_more_values_than_tantivy_counts_at_once(places: Places) -> None:
    articles = [
        Article(str(n), "lúa", section=f"Mục {n}", authors=(Author(f"Người {n}"), Author("Chung")))
        for n in range(33_000)
    ]
    with places.engine("tantivy", documents([(article, {}) for article in articles])) as engine:
        counts = engine.facets(Query())
    assert list(counts["author"].items())[:2] == [("Chung", 33_000), ("Người 0", 1)]
    assert len(counts["author"]) == len(counts["section"]) == MOST_VALUES


# --- any archive: the hits are those of a matcher that reads every article


@dataclass
class Reader:
    """Answers queries by reading all documents from end to end."""

    documents: list[Document]

    def answer(self, query: Query) -> set[str]:
        return {document.id for document in self.documents if self._matches(document, query)}

    def facets(self, query: Query) -> Facets:
        counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for each in self.documents:
            if self._matches(each, query):
                counts["year"].update([str(each.year)] if each.year else [])
                for name, values in each.values.items():
                    counts[name].update(values)
        return {name: commonest(counted) for name, counted in counts.items()}

    def _matches(self, document: Document, query: Query) -> bool:
        number = sum(has(document, word, query.marks) for word in query.words)
        return (
            (not query.words or number >= query.at_least)
            and all(has(document, clause, query.marks) for clause in query.required)
            and not any(excludes(document, clause, query.marks) for clause in query.excluded)
        )


#: Whether a form that stands in a text answers a syllable.
Answers = Callable[[Syllable, str], bool]


def has(document: Document, clause: Clause, marks: Marks) -> bool:
    def answers(syllable: Syllable, form: str) -> bool:
        if marks is Marks.EXACT:
            return form == syllable.form
        return marks is Marks.LOOSE or syllable.tier(form) > 0

    return satisfies(document, clause, answers, worst=CONTRADICTING, marks=marks)


def excludes(document: Document, clause: Clause, marks: Marks) -> bool:
    def answers(syllable: Syllable, form: str) -> bool:
        return form == syllable.form or (marks is not Marks.EXACT and syllable.tier(form) in (1, 2))

    return satisfies(document, clause, answers, worst=2, marks=marks)


def in_any_form(_syllable: Syllable, _form: str) -> bool:
    return True


def satisfies(
    document: Document, clause: Clause, answers: Answers, worst: int, marks: Marks
) -> bool:
    def each(one: Clause) -> bool:
        return satisfies(document, one, answers, worst, marks)

    match clause:
        case Word(syllable, fields):
            stand_ins = clause.stand_ins if worst == CONTRADICTING else ()
            return any(runs(document, (syllable,), fields, 0, answers)) or any(
                any(runs(document, tuple(map(Syllable, keys, keys)), fields, 0, in_any_form))
                for keys in stand_ins
            )
        case Phrase(asked, fields):
            return any(runs(document, asked, fields, clause.gap, answers))
        case Variants(forms, fields):
            allowed = {(key, form) for key, form, grade in forms if grade <= worst}
            found = (terms_in(document, field) for field in fields)
            return not allowed.isdisjoint(chain.from_iterable(found))
        case Pair(term):
            return term in document.pairs.split()
        case AnyOf(clauses):
            return any(map(each, clauses))
        case AllOf(clauses, excluded):
            return all(map(each, clauses)) and not any(
                excludes(document, one, marks) for one in excluded
            )
        case Dates(first, last):
            return first <= document.date <= last
        case Issue(key):
            return key in document.values.get("issue", ())
    raise AssertionError(clause)


def terms_in(document: Document, field: str) -> list[tuple[str, str]]:
    terms = document.terms.get(field)
    return list(map(key_and_form, terms.forms.split())) if terms else []


def runs(
    document: Document,
    asked: Sequence[Syllable],
    fields: Sequence[str],
    gap: int,
    answers: Answers,
) -> Iterator[bool]:
    """Whether each stretch of a document answers the syllables in order."""
    for field in fields:
        terms = terms_in(document, field)
        for places in combinations(range(len(terms)), len(asked)):
            if places[-1] - places[0] - len(asked) + 1 <= gap:
                yield all(
                    syllable.key == terms[at][0] and answers(syllable, terms[at][1])
                    for syllable, at in zip(asked, places, strict=True)
                )


FORMS = (
    "công cống cổng cong cóng Cộng sở so số sợ đảng dang đang đáng ĐĂNG kỹ kĩ ky hoà hòa".split()
)
MARKS = [" ", " ", " ", ", ", " - ", "-", ". ", "; "]
texts = st.lists(st.tuples(st.sampled_from(FORMS), st.sampled_from(MARKS)), max_size=8).map(
    lambda parts: "".join(word + mark for word, mark in parts)
)


def make_documents(fields: list[tuple[str, str, str, str, str, str]]) -> list[Document]:
    return [
        document(
            Article(
                id=str(number),
                title=title,
                body=body,
                section=section,
                authors=(Author(name),),
                published=published,
                issue=issue,
            ),
            {},
        )
        for number, (title, body, section, name, published, issue) in enumerate(fields)
    ]


archives = st.lists(
    st.tuples(
        texts,
        texts.filter(bool),
        texts,
        texts,
        st.sampled_from(["", "2017", "2018-05", "2019"]),
        st.sampled_from(["", "1", "Số 02"]),
    ),
    min_size=1,
    max_size=8,
).map(make_documents)
asked_fields = st.sampled_from([DEFAULT_FIELDS, BODY, ("title",), ("section", "author")])
asked_syllables = st.sampled_from(FORMS).map(lambda text: syllables(text)[0])
asked_words = st.builds(
    Word,
    asked_syllables,
    asked_fields,
    likely=st.sampled_from(["", "sơR", "đangR"]),
    weight=st.sampled_from([1.0, 0.5]),
    stand_ins=st.sampled_from([(), (), (("ki",),), (("so", "cong"), ("hoa", "ki", "dang"))]),
)
asked_filters: st.SearchStrategy[Clause] = st.sampled_from(
    [
        Dates(20170000, 20189999),
        Dates(20180500, 99999999),
        Dates(1, 20179999),
        Issue("1"),
        Issue("2"),
    ]
)
asked_variants = st.builds(
    Variants,
    st.lists(
        st.tuples(st.sampled_from(FORMS), st.integers(1, 4)).map(
            lambda pair: (syllables(pair[0])[0].key, syllables(pair[0])[0].form, pair[1])
        ),
        max_size=3,
        unique_by=lambda form: form[:2],
    ).map(tuple),
    asked_fields,
)
simple_clauses: st.SearchStrategy[Clause] = (
    asked_words
    | asked_variants
    | st.builds(
        Phrase,
        st.lists(asked_syllables, min_size=2, max_size=3).map(tuple),
        asked_fields,
        gap=st.sampled_from([0, 0, 1, 3]),
        weight=st.sampled_from([1.0, 4.0]),
    )
)
asked_clauses: st.SearchStrategy[Clause] = st.recursive(
    simple_clauses | asked_filters,
    lambda clauses: (
        st.builds(AnyOf, st.lists(clauses, min_size=1, max_size=3).map(tuple))
        | st.builds(
            AllOf,
            st.lists(clauses, max_size=2).map(tuple),
            st.lists(clauses, max_size=1).map(tuple),
        )
    ),
    max_leaves=5,
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    words = tuple(draw(st.lists(asked_words | simple_clauses, max_size=4)))
    at_least = draw(st.integers(1, len(words))) if words else 0
    return Query(
        words=words,
        at_least=at_least,
        first=draw(st.integers(at_least, len(words))) if words else 0,
        required=tuple(draw(st.lists(asked_clauses, max_size=1 if words else 2))),
        excluded=tuple(draw(st.lists(asked_clauses, max_size=1))),
        boosted=tuple(
            draw(st.lists(st.sampled_from([Pair("so_so"), Pair("cong_dang")]), max_size=1))
        ),
        marks=draw(st.sampled_from(Marks)),
    )


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(archives, st.lists(queries(), min_size=6, max_size=12), st.booleans())
def test_hits_are_those_of_reading_everything(
    places: Places, documents: list[Document], asked: list[Query], renewed: bool
) -> None:
    documents = [with_every_field(document) for document in documents]
    answers = []
    facets: list[list[Facets]] = []
    for name in ENGINES:
        with places.engine(name, documents) as engine:
            if renewed:  # in several segments, with deleted documents between
                engine.write(documents[:3], [documents[-1].id]).result()
                engine.write(documents[-1:]).result()
            ranked = [engine.search(query, 100).hits for query in asked]
            answers.append(list(map(dict, ranked)))
            assert [engine.search(query, 1).total for query in asked] == [
                len(hits) for hits in answers[-1]
            ]
            facets.append([engine.facets(query) for query in asked])
            for query, listed in zip(asked, ranked, strict=True):
                assert listed == sorted(listed, key=lambda hit: (-hit[1], hit[0]))
                for sort, sign in ((Sort.NEWEST, -1), (Sort.OLDEST, 1)):
                    dates = {each.id: sign * each.date for each in documents}
                    ids = found(engine, query, sort)
                    assert ids == sorted(ids, key=lambda id: (dates[id], id))
    reader = Reader(documents)
    for query, *counted in zip(asked, *facets, strict=True):
        assert counted == [reader.facets(query)] * len(ENGINES)
    for query, *hits in zip(asked, *answers, strict=True):
        expected = reader.answer(query)
        for name, scores in zip(ENGINES, hits, strict=True):
            assert set(scores) == expected, (name, query)
        if renewed or not (query.words or query.required):
            continue  # how deleted ones count is each engine's own
        for name, scores in zip(ENGINES[1:], hits[1:], strict=True):
            if name == ON_CLUSTER and any(_is_weighed_otherwise(c, query) for c in query.sought()):
                continue
            for id, score in hits[0].items():
                assert scores[id] == pytest.approx(score, rel=1e-3, abs=1e-3), (name, query)


def with_every_field(document: Document) -> Document:
    """A document as a cluster keeps it: a field without text has the end of a sentence.

    So the average length of a field is the same for each engine, and scores can be compared.
    """
    ends = Terms(SENTENCE_END, form_term(SENTENCE_END, SENTENCE_END), "")
    terms = {name: document.terms.get(name, ends) for name in TEXT_FIELDS}
    return replace(document, terms=terms, pairs=document.pairs or SENTENCE_END)


def _is_weighed_otherwise(clause: Clause, query: Query) -> bool:
    """Whether a cluster weighs it otherwise, a phrase that is near or in one of several forms.

    The nearer its words stand, the more it counts there; and it counts wherever its keys stand, in
    an article that has one of the forms.
    """
    if not isinstance(clause, Phrase):
        return False
    is_bare = all(syllable.is_bare for syllable in clause.syllables)
    return clause.gap > 0 or not (is_bare or query.marks is Marks.EXACT)
