"""Records as OJS and DSpace give them, and the articles that are made of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.casefiles import rows
from vnjournal.articles import xml
from vnjournal.articles.article import Article
from vnjournal.articles.documents import Problem
from vnjournal.errors import SourceError
from vnjournal.harvest.protocol import Record
from vnjournal.harvest.records import article, authors_of, journal_of

OJS = """
<dc:title xml:lang="en-US">Cage fish on the Thao river</dc:title>
<dc:title xml:lang="vi-VN">Nuôi <em>cá lồng</em>
 trên sông Thao</dc:title>
<dc:creator>Nguyễn, Văn An</dc:creator>
<dc:creator>Smith, John</dc:creator>
<dc:subject xml:lang="vi-VN">cá lồng; sông Thao ;cá lồng</dc:subject>
<dc:subject xml:lang="en-US">fish</dc:subject>
<dc:description xml:lang="en-US">We kept fish.</dc:description>
<dc:description xml:lang="vi-VN">&lt;p&gt;Chúng tôi nuôi cá &amp;amp; tôm.
&lt;/p&gt;&lt;p&gt;Cá lớn nhanh.&lt;/p&gt;
</dc:description>
<dc:publisher xml:lang="vi-VN">Đại học Sông Thao</dc:publisher>
<dc:date>2018-05-12</dc:date>
<dc:type>info:eu-repo/semantics/article</dc:type>
<dc:format>application/pdf</dc:format>
<dc:identifier>https://example.org/index.php/tckh/article/view/7</dc:identifier>
<dc:identifier>10.99999/tckh.2018.7</dc:identifier>
<dc:source xml:lang="en-US">Song Thao Journal; Vol. 12 No. 3 (2018); 45-52</dc:source>
<dc:source xml:lang="vi-VN">Tạp chí Sông Thao; Tập 12 Số 3 (2018): Thủy sản; 45-52</dc:source>
<dc:source>2588-1299</dc:source>
<dc:source>1859-4794</dc:source>
<dc:language>vie</dc:language>
<dc:relation>https://example.org/index.php/tckh/article/view/7/8</dc:relation>
<dc:rights xml:lang="vi-VN">Bản quyền (c) 2018 Tạp chí Sông Thao</dc:rights>
"""

DSPACE = """
<dc:contributor>Lê, Thị Chi</dc:contributor>
<dc:creator>An, Nguyễn Văn</dc:creator>
<dc:date>2019-03-01T02:03:04Z</dc:date>
<dc:date>2019-03-01T02:03:05Z</dc:date>
<dc:date>2014</dc:date>
<dc:date>2014-06</dc:date>
<dc:identifier>Tạp chí Sông Thao, Số 5 (2014), tr. 12-20</dc:identifier>
<dc:identifier>1859-4794</dc:identifier>
<dc:identifier>http://hdl.handle.net/123456789/7</dc:identifier>
<dc:description>Submitted by An (an@example.org) on 2019-03-01T02:03:04Z
No. of bitstreams: 1</dc:description>
<dc:description>Tr. 12-20</dc:description>
<dc:description>Bài viết trình bày cách nuôi cá lồng.</dc:description>
<dc:title>Nuôi cá lồng</dc:title>
<dc:language>vi_VN</dc:language>
"""

JATS = """<article xmlns:xlink="http://www.w3.org/1999/xlink" xml:lang="vi"><front><journal-meta>
<journal-title>Tạp chí Sông Thao</journal-title></journal-meta><article-meta>
<article-id pub-id-type="doi">10.99999/tckh.7</article-id>
<title-group><article-title>Nuôi cá lồng</article-title></title-group></article-meta></front>
<body><p>Toàn văn &amp; nhiều hơn.</p></body></article>"""


def read(metadata: str, sections: Mapping[str, str] = {}, *sets: str) -> Article:
    """The article of a record with elements of Dublin Core, or with another XML document."""
    if not metadata.startswith("<article"):
        metadata = (
            '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</oai_dc:dc>'
        )
    problems: list[Problem] = []
    record = Record("oai:x:7", sets, xml.parse(metadata.encode()))
    found = article(record, source="https://x/7", sections=sections, report=problems.append)
    assert not problems
    return found


def test_ojs() -> None:
    found = read(OJS, {"tckh": "Tạp chí Sông Thao", "tckh:NC": "Nghiên cứu"}, "tckh", "tckh:NC")
    assert found.to_dict() == {
        "id": "oai:x:7",
        "source": "https://x/7",
        "title": "Nuôi cá lồng trên sông Thao",
        "body": "Chúng tôi nuôi cá & tôm.\n\nCá lớn nhanh.",
        "authors": [
            {"name": "Nguyễn Văn An", "role": "", "place": ""},
            {"name": "John Smith", "role": "", "place": ""},
        ],
        "section": "Nghiên cứu",
        "published": "2018-05-12",
        "journal": "Tạp chí Sông Thao",
        "volume": "12",
        "issue": "3",
        "pages": "45-52",
        "issn": "2588-1299",
        "doi": "10.99999/tckh.2018.7",
        "url": "https://example.org/index.php/tckh/article/view/7",
        "lang": "vi",
        "extra": {
            "translated_titles": {"en": "Cage fish on the Thao river"},
            "translated_abstracts": {"en": "We kept fish."},
            "keywords": ["cá lồng", "sông Thao", "fish"],
            "issue_title": "Thủy sản",
            "publisher": ["Đại học Sông Thao"],
            "type": ["info:eu-repo/semantics/article"],
            "format": ["application/pdf"],
            "relation": ["https://example.org/index.php/tckh/article/view/7/8"],
            "rights": ["Bản quyền (c) 2018 Tạp chí Sông Thao"],
            "notes": ["the body is the abstract: there was no full text"],
            "sets": ["tckh", "tckh:NC"],
            "as_written": {
                "authors": "Nguyễn, Văn An; Smith, John",
                "journal": "Tạp chí Sông Thao; Tập 12 Số 3 (2018): Thủy sản; 45-52; Song Thao "
                "Journal; Vol. 12 No. 3 (2018); 45-52; 2588-1299; 1859-4794",
                "lang": "vie",
            },
        },
    }


def test_dspace() -> None:
    found = read(DSPACE)
    assert (found.title, found.body) == ("Nuôi cá lồng", "Bài viết trình bày cách nuôi cá lồng.")
    assert [each.name for each in found.authors] == ["Nguyễn Văn An"]
    assert (found.published, found.posted) == ("2014-06", "2019-03-01T02:03:04")
    assert (found.journal, found.issue, found.pages) == ("Tạp chí Sông Thao", "5", "12-20")
    assert (found.issn, found.url) == ("1859-4794", "http://hdl.handle.net/123456789/7")
    assert found.extra["removed"]["notes of the software"].startswith("Submitted by An")
    assert found.extra["contributor"] == ["Lê, Thị Chi"]


def test_jats_is_read_in_full() -> None:
    found = read(JATS)
    assert (found.id, found.source) == ("oai:x:7", "https://x/7")
    assert (found.title, found.body) == ("Nuôi cá lồng", "Toàn văn & nhiều hơn.")
    assert found.doi == "10.99999/tckh.7"


def test_labels_the_wrong_way_round_are_not_believed() -> None:
    found = read(
        '<dc:title xml:lang="vi-VN">Growing rice</dc:title><dc:title xml:lang="en-US">Trồng lúa'
        "</dc:title>"
    )
    assert found.title == "Trồng lúa"


def test_without_vietnamese_letters_the_label_counts_then_the_order() -> None:
    assert read(
        '<dc:title xml:lang="en">Rice</dc:title><dc:title xml:lang="vi">Lua</dc:title>'
    ).title == ("Lua")
    assert read("<dc:title>Rice</dc:title><dc:title>Corn</dc:title>").title == "Rice"


@pytest.mark.parametrize(
    ("dates", "published", "posted"),
    [
        ("2018-05-12", "2018-05-12", ""),
        ("2019 2018-05 2018", "2018-05", ""),
        ("2018-05-12T03:10:58Z", "2018-05-12", "2018-05-12T03:10:58"),
        ("info:eu-repo/date/embargoEnd/2017-01-01 2018", "2018", ""),
        ("unknown", "", ""),
        ("", "", ""),
    ],
)
def test_dates(dates: str, published: str, posted: str) -> None:
    elements = "".join(f"<dc:date>{date}</dc:date>" for date in dates.split())
    found = read(f"<dc:title>x</dc:title>{elements}")
    assert (found.published, found.posted) == (published, posted)


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("Nguyễn, Văn An", "Nguyễn Văn An"),
        ("An, Nguyễn Văn", "Nguyễn Văn An"),
        ("Nguyễn Văn, An", "Nguyễn Văn An"),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        pytest.param(
            "Nguyen, Van An",
            "Nguyen Van An",
            marks=pytest.mark.xfail(reason="family names are known with their marks only"),
        ),
        ("Garcia Marquez, Gabriel Jose", "Gabriel Jose Garcia Marquez"),
        ("Smith, J. K.", "J. K. Smith"),
        ("Nguyễn Văn An, Trần Thị Bình", "Nguyễn Văn An|Trần Thị Bình"),
        ("Nguyễn Văn An; Trần Thị Bình", "Nguyễn Văn An|Trần Thị Bình"),
        ("Nguyễn Văn An, Trường Đại học Sông Thao", "Nguyễn Văn An"),
        ("TS. Nguyễn Văn An", "Nguyễn Văn An"),
    ],
)
def test_creators(creator: str, names: str) -> None:
    assert [each.name for each in authors_of(creator)] == names.split("|")


@pytest.mark.parametrize("case", rows("cited_journals.tsv"), ids=lambda case: case[0])
def test_sources(case: list[str]) -> None:
    written, *expected = case
    found = journal_of([written])
    names = ("journal", "volume", "issue", "pages", "year", "issue_title")
    assert [found.get(name, "") for name in names] == expected


def test_what_is_no_article_is_refused() -> None:
    with pytest.raises(SourceError, match="has no text"):
        read("<dc:creator>An</dc:creator>")
    with pytest.raises(SourceError, match="root element is 'mods'"):
        article(Record("x", (), xml.parse(b"<mods/>")), source="", sections={}, report=print)
