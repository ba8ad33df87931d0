"""JATS articles; the sample is ``tests/cases/jats/article.xml``."""

from __future__ import annotations

import pytest

from tests.articles.readers.documents_of import read
from tests.casefiles import CASES
from vnjournal.articles.article import Author
from vnjournal.errors import SourceError

SAMPLE = (CASES / "jats" / "article.xml").read_bytes()
BODY = """1. Mở đầu

Nghề nuôi cá lồng [1] có từ lâu. Nước sâu 3 m.

Ghi chú ở chân trang.

Có hai cách:

lồng tre;

lồng sắt.

Cả hai đều tốt.

Kết quả

Bảng 1. Sản lượng

Tính bằng tấn.

Năm | Tấn
2016 | 12
2017 | 15 (ước)

(1) m = V

Với $a+b$ là tổng.

Hình 1. Lồng cá.

Lời cảm ơn

Cảm ơn bà con."""


def test_the_sample() -> None:
    (article, _), problems = read("a.xml", SAMPLE)
    assert not problems
    assert article.id == article.url == "https://journal.example/17"
    assert article.title == "Nuôi cá lồng trên sông Thao: sản lượng và CO2"
    assert article.authors == (
        Author("Nguyễn Văn An", "TS, Viện Thủy sản", "Hà Nội"),
        Author("John K. Smith", "Institute of Rivers", "Hải Phòng, Việt Nam"),
        Author("Lưu Bình"),
        Author("Nhóm Sông Thao"),
    )
    assert (article.journal, article.issn) == ("Tạp chí Khoa học Sông Thao", "0866-708X")
    assert (article.volume, article.issue, article.pages) == ("12", "3", "45-52")
    assert (article.published, article.posted) == ("2018-04", "2018-05-12")
    assert (article.section, article.lang) == ("Nghiên cứu", "vi")
    assert article.doi == "10.99999/tcst.2018.17"
    assert article.body == BODY
    assert article.extra == {
        "article_type": "research-article",
        "subtitle": "Ba năm theo dõi",
        "translated_titles": {"en": "Cage fish farming"},
        "translated_abstracts": {"en": "Fish grow fast."},
        "keywords": ["cá lồng", "sông Thao"],
        "references": ["Lê A. Cá sông. Hà Nội; 2010.", "Đỗ B. Cá lồng. 2012"],
        "abstract": "Cá lồng lớn nhanh.",
        "format": "jats",
    }


def test_an_article_within_has_the_issue_of_the_one_around_it() -> None:
    (_, translation), _ = read("a.xml", SAMPLE)
    assert translation.title == "Cage fish on the Thao river"
    assert translation.body == "Fish grow."
    assert translation.doi == "10.99999/tcst.2018.17.en"
    assert (translation.journal, translation.volume) == ("Tạp chí Khoa học Sông Thao", "12")
    assert (translation.published, translation.lang, translation.pages) == ("2018-04", "en", "")


def _article(meta: str, rest: str = "") -> str:
    return f"<article><front><article-meta>{meta}</article-meta></front>{rest}</article>"


def test_the_members_of_a_group_are_no_part_of_its_name() -> None:
    member = (
        "<contrib><name><surname>Smith</surname><given-names>John</given-names></name></contrib>"
    )
    group = f"<collab>Nhóm A<contrib-group>{member}</contrib-group></collab>"
    written = f"<contrib-group><contrib>{group}</contrib></contrib-group>"
    (found,), _ = read("a.xml", _article(f"<article-title>x</article-title>{written}"))
    assert [author.name for author in found.authors] == ["Nhóm A", "John Smith"]


@pytest.mark.parametrize(
    "number",
    [
        '<sup><xref ref-type="bibr" rid="r1">1</xref></sup>',
        '<xref ref-type="bibr" rid="r1"><sup>1</sup></xref>',
    ],
)
def test_a_raised_number_of_a_reference_is_no_part_of_the_word(number: str) -> None:
    rest = f"<body><p>cá lồng{number} ở sông</p></body>"
    (found,), _ = read("a.xml", _article("<article-title>x</article-title>", rest))
    assert found.body == "cá lồng [1] ở sông"


def test_an_abstract_alone_is_the_body() -> None:
    abstract = "<abstract><sec><title>Đặt vấn đề</title><p>Một.</p></sec><p>Hai.</p></abstract>"
    (article,), _ = read("a.xml", _article(abstract))
    assert article.body == "Đặt vấn đề\n\nMột.\n\nHai."
    assert "abstract" in article.extra["notes"][0]
    assert article.id == "a.xml"


@pytest.mark.parametrize(
    ("said", "title", "lang"),
    [
        ("", "Nuôi cá lồng trên sông", "vi"),
        ("", "Cage culture of fish in a river of Hanoi, by Lê An", "en"),
        (' xml:lang="fr"', "Nuôi cá lồng trên sông", "fr"),
    ],
)
def test_the_language(said: str, title: str, lang: str) -> None:
    titled = f"<title-group><article-title>{title}</article-title></title-group>"
    (article,), _ = read("a.nxml", _article(titled).replace("<article>", f"<article{said}>"))
    assert article.lang == lang


@pytest.mark.parametrize(
    ("dates", "published", "posted"),
    [
        ('<pub-date pub-type="epub"><year>2018</year></pub-date>', "", "2018"),
        ('<pub-date pub-type="collection"><year>2018</year></pub-date>', "2018", ""),
        ("<pub-date><month>Apr</month><year>2018</year></pub-date>", "2018-04", ""),
        ("<pub-date><season>Spring</season><year>2018</year></pub-date>", "2018", ""),
        ("<pub-date><day>31</day><month>02</month><year>2018</year></pub-date>", "2018-02", ""),
        ("<pub-date><string-date>tháng 4/2018</string-date></pub-date>", "2018-04", ""),
        ('<pub-date date-type="pub" iso-8601-date="2018-04-30"/>', "2018-04-30", ""),
        ('<pub-date publication-format="electronic"><year>2018</year></pub-date>', "", "2018"),
        ("<pub-date><year>sắp ra</year></pub-date>", "", ""),
        (
            '<pub-date pub-type="ppub"><month>3</month><year>2018</year></pub-date><pub-date '
            'pub-type="pmc-release"><day>12</day><month>11</month><year>2019</year></pub-date>',
            "2018-03",
            "",
        ),
    ],
)
def test_dates(dates: str, published: str, posted: str) -> None:
    titled = "<title-group><article-title>x</article-title></title-group>"
    (article,), _ = read("a.xml", _article(titled + dates))
    assert (article.published, article.posted) == (published, posted)


def test_older_articles_and_sets_of_them() -> None:
    title = "<title-group><article-title>{}</article-title></title-group>"
    old = _article(title.format("Một") + "<elocation-id>e12</elocation-id>").replace(
        "<front>", "<front><journal-meta><journal-title>Cũ</journal-title></journal-meta>"
    )
    both = f"<pmc-articleset>{old}{_article('')}{_article(title.format('Ba'))}</pmc-articleset>"
    found, problems = read("a.xml", both)
    assert [(each.id, each.journal, each.pages) for each in found] == [
        ("a.xml#1", "Cũ", "e12"),
        ("a.xml#3", "", ""),
    ]
    assert problems == "a.xml, article 2: article a.xml#2 has no text"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<html><p>x</p></html>", "no JATS article (the XML's root element is 'html')"),
        ("<article><p>x</p></article>", "no JATS article (it has no <front>)"),
        ("<article>", "not well-formed"),
        ("<article>" * 100_000, "too deeply"),
        ('<!DOCTYPE article [<!ENTITY x "y">]><article>&x;</article>', "entities of its own"),
        ("", "empty file"),
    ],
)
def test_what_is_no_article_is_refused(written: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        read("a.xml", written)
    assert said in str(caught.value)


def test_deep_and_wide_articles_are_read_in_bounded_time() -> None:
    deep = "<sec>" * 200 + "<p>x</p>" * 20_000 + "</sec>" * 200
    (article,), _ = read("a.xml", _article("", f"<body>{deep}</body>"))
    assert article.body.count("x") == 20_000
    wide = "<p>" + "<b>x</b>" * 100_000 + "</p>"
    (article,), _ = read("a.xml", _article("", f"<body>{wide}</body>"))
    assert article.body == "x" * 100_000
