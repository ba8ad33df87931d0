"""Plain text as people copy it from portals and save it, one article a file."""

from __future__ import annotations

import random

from benchmarks.mixed_archive import dates
from benchmarks.mixed_archive.made import Made, authors
from benchmarks.mixed_archive.stories import Story


def portal(story: Story, chance: random.Random) -> Made:
    """The whole of a portal's page: a heading line, byline and citation, other news, a footer."""
    says = {
        "section": story.section,
        "issue": story.issue,
        "year": str(story.posted.year),
        "title": story.title,
    }
    lines = [
        heading(story),
        story.title,
        *story.paragraphs,
    ]
    if chance.random() < 0.8:
        lines.append(byline(story, chance))
        says["authors"] = authors(story)
    if chance.random() < 0.7:
        lines.append(
            f"Đăng trên {story.journal.name} số {story.issue} ra tháng {story.published.month} "
            f"năm {story.published.year}"
        )
        says |= {"journal": story.journal.name, "year": str(story.published.year)}
    lines += ["Tin khác", *story.other_titles[: chance.randint(0, 4)], *footer(story, chance)]
    return Made("\n\n".join(lines), says, story.paragraphs)


def copied(story: Story, chance: random.Random) -> Made:
    """What somebody marked in a browser: title, the date below it, text, perhaps the author."""
    title = story.title.upper() if chance.random() < 0.3 else story.title
    lines = [title, dates.stamp(story.posted, chance), *story.paragraphs]
    says = {"title": story.title, "year": str(story.posted.year)}
    if chance.random() < 0.5:
        lines.append(byline(story, chance))
        says["authors"] = authors(story)
    if chance.random() < 0.3:
        lines.append(
            f"(Đăng trên {story.journal.name}, số {story.issue}, "
            f"tháng {story.published.month}/{story.published.year})"
        )
        says |= {
            "journal": story.journal.name,
            "year": str(story.published.year),
            "issue": story.issue,
        }
    return Made(chance.choice(("\n", "\n\n")).join(lines), says, story.paragraphs)


def bare(story: Story, chance: random.Random) -> Made:
    """A title and a text, with an empty line between paragraphs or without."""
    title = story.title.upper() if chance.random() < 0.2 else story.title
    text = chance.choice(("\n", "\n\n", "\n\n\n")).join((title, *story.paragraphs))
    return Made(text, {"title": story.title}, story.paragraphs)


LAYOUTS = (portal, portal, copied, bare)


def heading(story: Story) -> str:
    """The line with which a portal's text begins: section, issue, and when it was posted."""
    issue = f"{story.issue}-{story.published.year}"
    return f"{story.section} (số {issue}) {story.posted:%Y-%m-%d %H:%M:%S}"


def byline(story: Story, chance: random.Random) -> str:
    """The authors as a line below a text names them."""
    first, *others = story.people
    if not others and first.post and chance.random() < 0.7:
        name = f"{first.title} {first.name}".strip()
        return f"Bài của {name} - {first.post} {first.place}"
    label = chance.choice(("Bài của ", "Tác giả: ", "Bài: ", "Bài và ảnh: ", "Nhóm tác giả: "))
    names = [f"{each.title} {each.name}".strip() for each in story.people]
    if len(names) > 1 and chance.random() < 0.4:
        return f"{label}{', '.join(names[:-1])} và {names[-1]}"
    return label + ", ".join(names)


def footer(story: Story, chance: random.Random) -> list[str]:
    """The lines that stand at the foot of each page of a site."""
    agency, phone = story.journal.agency, f"0210.3{chance.randrange(100000, 999999)}"
    return [
        agency.upper(),
        f"Trưởng Ban biên tập: ThS. {story.people[0].name} - Giám đốc",
        f"Giấy phép số: {chance.randint(1, 99):02}/GP-STTTT do Sở TT&TT cấp ngày 29/06/2015.",
        f"Địa chỉ: Số {chance.randint(1, 300)} Trần Phú - TP. Thao Giang - tỉnh Thao Giang.",
        f"Điện thoại: {phone} - Fax: {phone}",
        f"Website: http://{story.journal.host} - Email: toasoan@{story.journal.host}",
    ][: chance.randint(3, 6)]
