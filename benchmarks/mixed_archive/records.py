"""Records of articles: tables, JSON Lines, BibTeX, RIS and JATS, as other programs export them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.mixed_archive import dates
from benchmarks.mixed_archive.made import Made, recorded
from benchmarks.mixed_archive.stories import Person, Story

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def table(stories: Sequence[Story], chance: random.Random) -> tuple[str, list[Made]]:
    """A table of articles with Vietnamese or English headings; the text is in it or an abstract."""
    headings = chance.choice(
        (
            "Tiêu đề|Tác giả|Tạp chí|Tập|Số|Trang|Năm xuất bản|ISSN|DOI|Chuyên mục|Nội dung",
            "Title|Authors|Journal|Volume|Issue|Pages|Year|ISSN|DOI|Section|Abstract",
            "Tên bài báo|Tác giả|Tên tạp chí|Tập|Số|Trang|Ngày xuất bản|ISSN|DOI|Chuyên mục|"
            "Tóm tắt",
        )
    ).split("|")
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=chance.choice(",;"), lineterminator="\r\n")
    writer.writerow(headings)
    made = []
    joint = chance.choice(("; ", ", "))
    for story in stories:
        names = joint.join(f"{each.title} {each.name}".strip() for each in story.people)
        when = str(story.published.year) if headings[6] in ("Year", "Năm xuất bản") else ""
        pages = f"{story.first_page}-{story.last_page}"
        text = story.paragraphs if headings[-1] == "Nội dung" else story.paragraphs[:1]
        writer.writerow(
            [
                story.title,
                names,
                story.journal.name,
                story.volume,
                story.issue,
                pages,
                when or dates.cell(story.published, chance),
                story.journal.issn,
                story.doi,
                story.section,
                "\n".join(text),
            ]
        )
        said = recorded(story) | {"section": story.section}
        made.append(Made("", said, text, f"https://doi.org/{story.doi}"))
    return stream.getvalue(), made


def json_lines(stories: Sequence[Story], chance: random.Random) -> tuple[str, list[Made]]:
    """Articles as a database gives them, an object a line."""
    lines, made = [], []
    for story in stories:
        says = recorded(story) | {"section": story.section}
        known = {
            "id": f"bai-{story.number}",
            "title": story.title,
            "authors": [
                {"name": each.name, "role": each.title, "place": each.place}
                for each in story.people
            ],
            "body": "\n\n".join(story.paragraphs),
            "published": f"{story.published:%Y-%m}",
            "journal": story.journal.name,
            "section": story.section,
            "volume": story.volume,
            "issue": story.issue,
            "pages": says["pages"],
            "issn": story.journal.issn,
            "doi": story.doi,
        }
        lines.append(json.dumps(known, ensure_ascii=chance.random() < 0.3))
        made.append(Made("", says, story.paragraphs, f"bai-{story.number}"))
    return "\n".join(lines) + "\n", made


def bibtex(stories: Sequence[Story], chance: random.Random) -> tuple[str, list[Made]]:
    """Entries of BibTeX with abstracts, the family names first or whole names."""
    entries, made = [], []
    turned = chance.random() < 0.6
    for story in stories:
        year, month = story.published.year, _MONTHS[story.published.month - 1]
        names = " and ".join(_turned(each) if turned else each.name for each in story.people)
        entries.append(
            f"""@article{{bai{story.number}{year},
  author = {{{names}}},
  title = {{{story.title}}},
  journal = {{{story.journal.name}}},
  volume = {story.volume},
  number = {{{story.issue}}},
  pages = {{{story.first_page}--{story.last_page}}},
  year = {year},
  month = {month},
  issn = {{{story.journal.issn}}},
  doi = {{{story.doi}}},
  abstract = {{{_latex(story.paragraphs[0])}}}
}}"""
        )
        made.append(_record(story))
    return "\n\n".join(entries) + "\n", made


def ris(stories: Sequence[Story], chance: random.Random) -> tuple[str, list[Made]]:
    """Records of RIS, as journals' sites offer them for download."""
    lines, made = [], []
    turned = chance.random() < 0.6
    for story in stories:
        lines += [
            "TY  - JOUR",
            *(f"AU  - {_turned(each) if turned else each.name}" for each in story.people),
            f"{chance.choice(('TI', 'T1'))}  - {story.title}",
            f"{chance.choice(('JO', 'T2', 'JF'))}  - {story.journal.name}",
            f"VL  - {story.volume}",
            f"IS  - {story.issue}",
            f"SP  - {story.first_page}",
            f"EP  - {story.last_page}",
            f"PY  - {story.published.year}",
            f"DA  - {story.published:%Y/%m/%d}",
            f"SN  - {story.journal.issn}",
            f"DO  - {story.doi}",
            f"AB  - {story.paragraphs[0]}",
            *(f"KW  - {each}" for each in story.keywords),
            "ER  - ",
            "",
        ]
        made.append(_record(story))
    return "\r\n".join(lines), made


def jats(story: Story) -> Made:
    """A publisher's article in JATS, with its affiliations, abstract, sections and references."""
    people = "".join(
        "<contrib contrib-type='author'><name name-style='eastern'>"
        f"<surname>{escape(each.name.split()[0])}</surname>"
        f"<given-names>{escape(' '.join(each.name.split()[1:]))}</given-names></name>"
        f"<xref ref-type='aff' rid='aff{n}'/></contrib>"
        for n, each in enumerate(story.people)
    )
    places = "".join(
        f"<aff id='aff{n}'>{escape(each.place)}</aff>" for n, each in enumerate(story.people)
    )
    words = "".join(f"<kwd>{escape(each)}</kwd>" for each in story.keywords)
    abstract, *paragraphs = story.paragraphs
    middle = len(paragraphs) // 2
    sections = "".join(
        f"<sec><title>{head}</title>{''.join(f'<p>{escape(each)}</p>' for each in part)}</sec>"
        for head, part in (
            ("1. Đặt vấn đề", paragraphs[:middle]),
            ("2. Kết quả và thảo luận", paragraphs[middle:]),
        )
        if part
    )
    references = "".join(
        f"<ref id='r{n}'><mixed-citation>{escape(each)}</mixed-citation></ref>"
        for n, each in enumerate(story.other_titles)
    )
    day = story.published
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD v1.2 20190208//EN"
 "JATS-journalpublishing1.dtd">
<article article-type="research-article" xml:lang="vi"><front><journal-meta><journal-title-group>
<journal-title>{escape(story.journal.name)}</journal-title></journal-title-group>
<issn pub-type="ppub">{story.journal.issn}</issn></journal-meta><article-meta>
<article-id pub-id-type="doi">{story.doi}</article-id><article-categories><subj-group>
<subject>{escape(story.section)}</subject></subj-group></article-categories>
<title-group><article-title>{escape(story.title)}</article-title></title-group>
<contrib-group>{people}{places}</contrib-group>
<pub-date pub-type="epub"><day>{day.day}</day><month>{day.month}</month><year>{day.year}</year>
</pub-date><volume>{story.volume}</volume><issue>{story.issue}</issue>
<fpage>{story.first_page}</fpage><lpage>{story.last_page}</lpage>
<abstract><p>{escape(abstract)}</p></abstract><kwd-group>{words}</kwd-group></article-meta></front>
<body>{sections}</body><back><ref-list>{references}</ref-list></back></article>
"""
    says = recorded(story) | {"section": story.section}
    return Made(text, says, tuple(paragraphs), f"https://doi.org/{story.doi}")


def _record(story: Story) -> Made:
    return Made("", recorded(story), story.paragraphs[:1], f"https://doi.org/{story.doi}")


def _turned(person: Person) -> str:
    family, _, given = person.name.partition(" ")
    return f"{family}, {given}"


def _latex(text: str) -> str:
    """A text with the signs that mean something to LaTeX escaped."""
    return "".join("\\" + sign if sign in "%&$#_" else sign for sign in text)
