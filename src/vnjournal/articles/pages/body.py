"""Which blocks of a page are the article: where its text lies, its title, and what stands beside.

The text lies in the innermost element that holds nearly all the paragraphs of the page, links and
furniture not counted; the article goes from the title above it to its end.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from vnjournal.articles import metadata, portal_lines
from vnjournal.articles.pages import furniture
from vnjournal.articles.pages.beside import person
from vnjournal.articles.pages.blocks import Block
from vnjournal.articles.pages.markup import Element

_PARAGRAPH = 40  # characters beyond links that a paragraph has, and a line of a menu has not
_LEAD = 120
_TEXTS = frozenset("p ul ol dl pre blockquote figure address h1 h2 h3 h4 h5 h6 a span b".split())
_MOST_OF_COLUMNS = 0.6
_COLUMN = re.compile(
    r"(^|[-_])(col|cols|column|left|right|center|main|trai|phai|giua)([-_\d]|$)", re.IGNORECASE
)
_NEARLY_ALL = 0.9
_LINKED = 0.7  # of a block's characters: a link, not a sentence that has one
_LINKS_IN_A_ROW = 3  # that are a list of links, no part of a text
_SENTENCE_ENDS = frozenset('.!…;:”"')
_SENTENCE = 120  # characters of a paragraph that ends a sentence
_LOST = 2
_MISTAKEN = frozenset(
    "menu footer sidebar share tags buttons rating advertisement breadcrumbs form notice "
    "newsletter player".split()
)
_SHORT = 60
_SHORTEST_TITLE = 10
_LONG_TITLE = 20  # letters by which a title is told in a longer heading
_MOST_OF_TITLE = 0.4
_BELOW_TITLE = 0.75  # of a page's text
_KICKER = 3  # blocks in which the title follows on a part of it
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:(?:index|default|home)\.\w+)?|\./|#", re.IGNORECASE)
_ABOVE = 12
_BELOW = 6  # blocks behind the text that may name author and source
_SEPARATORS = re.compile(r"\s+[|»›·•]\s+|\s*\|\s*|\s+(?:-|–|—|::?|>)\s+|\s*::\s*|:\s+")
_OF_SITE = frozenset("breadcrumbs menu footer sidebar links advertisement".split()) | {"other news"}
_NEAR = frozenset(("", "buttons", "share", "tags"))  # kinds of blocks in which a date may stand
_TITLE_NAMES = re.compile(
    r"title|tieu-?de|headline|heading|(^|[-_])(td|tit|ten)([-_]?(bai|tin))?$", re.IGNORECASE
)
_NO_TITLE = re.compile(
    r"""(?:\d{1,2}|[IVX]{1,4})[.)]\s.* | tóm\ tắt | abstract | nội\ dung | mở\ đầu
      | đặt\ vấn\ đề | chi\ tiết(\ tin|\ bài\ viết)? | new\ page\ \d+ | untitled.*
      | trang\ chủ | home | no\ title""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(slots=True)
class Parts:
    """The article's parts among the blocks of a page.

    ``title``: as the page shows it, or empty; ``beside``: lines around title and text, which may
    tell date and author; ``body``: its blocks; ``other``: every other block, marked with its kind;
    ``near``: those nearest to the title, the ones below it first, whatever part they are.
    """

    title: str = ""
    near: list[Block] = field(default_factory=list)
    beside: list[Block] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    other: list[Block] = field(default_factory=list)


def parts(
    root: Element,
    found: Sequence[Block],
    titles: Sequence[str],
    in_head: str,
    main: Element | None = None,
) -> Parts:
    """Take the blocks of a page apart.

    Args: ``root``: the page; ``found``: its blocks; ``titles``: what it declares to be its title,
    the most trusted first, site names and all; ``in_head``: its ``<title>``; ``main``: the element
    of the text, where a template names it.
    """
    marked = _with_lists(_with_titles_alone(found, [*titles, in_head]))
    if main is None:
        main = _main(root, marked)
    inside = set(main.iter())
    at = [number for number, block in enumerate(marked) if block.element in inside]
    if not at:
        return Parts(other=list(marked))
    start, end = at[0], at[-1] + 1
    first = next((n for n in range(start, end) if _is_text(marked[n])), start)
    title_at = _title(marked, at[0], first, titles, in_head)
    result = Parts()
    if title_at >= 0:
        result.title = _spaced(marked[title_at].line, titles)
        start = title_at + 1
    below = next((n for n in range(start, end) if is_paragraph(marked[n])), start) + _BELOW
    above = range(start - 1, max(0, start - _BELOW) - 1, -1)
    near = [marked[n] for n in (*range(start, min(below, len(marked))), *above)]
    result.near = [block for block in near if block.kind in _NEAR]
    for number, block in enumerate(marked):
        if number == title_at:
            continue
        if start <= number < end and not block.kind:
            lead = number < at[0] and not is_paragraph(block)
            (result.beside if lead else result.body).append(block)
        elif not block.kind and (start - 4 <= number < start or end <= number < end + _BELOW):
            result.beside.append(block)
        else:
            result.other.append(block)
    _trim(result)
    return result


def lost(result: Parts) -> bool:
    """Whether the article was probably taken for furniture: most sentences of the page were."""
    sentences = [
        (len(block.text), block.kind)
        for block in (*result.body, *result.other)
        if block.unlinked >= _SENTENCE and block.text[-1] in ".!?…”"
    ]
    kept = sum(length for length, kind in sentences if not kind)
    taken = sum(length for length, kind in sentences if kind in _MISTAKEN)
    return taken > _LOST * (kept + _SENTENCE)


def is_paragraph(block: Block) -> bool:
    """Whether a block is text that is read, not a link or a label."""
    return (
        not block.kind
        and block.unlinked >= _PARAGRAPH
        and block.linked < _LINKED * len(block.text)
        and (not block.heading or _is_lead(block))
    )


def _is_text(block: Block) -> bool:
    """Whether a block is a paragraph that is not a long title."""
    looks = _is_heading(block) or _is_bold(block)
    is_title = looks and len(block.line) <= portal_lines.TITLE_LENGTH
    return is_paragraph(block) and not (is_title and block.line[-1] not in _SENTENCE_ENDS)


def _is_lead(block: Block) -> bool:
    """Whether a heading is the article's first paragraph, as newspapers mark it up."""
    if block.text[-1] == ".":
        return len(block.text) > _SHORT
    return len(block.text) > _LEAD and block.text[-1] in '!?…”"'


def _is_link(block: Block) -> bool:
    return block.linked >= _LINKED * len(block.text)


def _with_lists(found: Sequence[Block]) -> list[Block]:
    """The blocks, with the lists of links among them and single lines of furniture marked."""
    marked = list(found)
    for number, block in enumerate(marked):
        if block.kind:
            continue
        first, *more = _composed(block).split("\n", 1)
        kind = furniture.line(block.line)
        if not kind and (kind := furniture.opening(first)) and not more:
            for at in range(number + 1, _end_of_list(marked, number + 1, kind)):
                marked[at] = replace(marked[at], kind=marked[at].kind or kind)
        if kind:
            marked[number] = replace(block, kind=kind)
    row: list[int] = []
    for number in range(len(marked) + 1):
        if number < len(marked) and not marked[number].kind and _is_link(marked[number]):
            row.append(number)
            continue
        if len(row) >= _LINKS_IN_A_ROW:
            if row[0] and _announces(marked[row[0] - 1]):
                row.insert(0, row[0] - 1)
            for at in row:
                marked[at] = replace(marked[at], kind="links")
        row = []
    return marked


def _composed(block: Block) -> str:
    return unicodedata.normalize("NFC", block.text)


def _announces(block: Block) -> bool:
    """Whether a block is the heading of a list that follows."""
    return (
        not block.kind
        and len(block.text) <= _SHORT
        and block.text[-1] not in ".!?"
        and not person(block)
        and (block.heading or block.bold or block.text[-1] == ":")
    )


def _with_titles_alone(found: Sequence[Block], titles: Sequence[str]) -> list[Block]:
    """The blocks, with the date that stands on one line behind the title as a block of its own."""
    cuts = [cut for title in titles for cut in _cuts(title) if len(cut) > _SHORTEST_TITLE]
    split: list[Block] = []
    for block in found:
        is_whole = block.line in cuts
        cut = next((c for c in cuts if block.line.startswith(c) and not is_whole), "")
        rest = block.line[len(cut) :].strip()
        if cut and len(rest) <= _SHORT and metadata.date(rest):
            split += [replace(block, text=cut, linked=0), replace(block, text=rest, linked=0)]
        else:
            split.append(block)
    return split


def _end_of_list(blocks: Sequence[Block], start: int, kind: str) -> int:
    """Number of the block behind a list of links; comments go on to the page's end."""
    if kind == "comments":
        return len(blocks)
    number = start
    while number < len(blocks):
        block = blocks[number]
        is_teaser = _is_link(blocks[number - 1]) and (
            number + 1 < len(blocks) and _is_link(blocks[number + 1])
        )
        is_entry = block.linked >= len(block.text) / 2 or (is_teaser and not block.heading)
        if not block.kind and not is_entry and (len(block.text) > _SHORT or block.heading):
            break
        number += 1
    return number


def _main(root: Element, blocks: Sequence[Block]) -> Element:
    """The innermost element that holds nearly all the paragraphs."""
    texts = [block for block in blocks if is_paragraph(block)]
    if not texts:  # a text that is one short line
        texts = [block for block in blocks if not block.kind and not block.heading]
    weights: Counter[Element] = Counter()
    numbers: Counter[Element] = Counter()
    for block in texts:
        is_table = block.element.tag == "table"  # of data: the text goes on around it
        element = block.element.getparent() if is_table else block.element
        weights[element] += block.unlinked
        numbers[element] += 1
    for element in reversed(list(root.iter())):
        parent = element.getparent()
        if parent is not None and element in weights:
            weights[parent] += weights[element]
            numbers[parent] += numbers[element]
    here = root
    while True:
        if not len(here):
            return here
        inner = max(here, key=lambda child: weights[child])
        is_column = _is_column(inner)
        needed = _MOST_OF_COLUMNS if is_column else _NEARLY_ALL
        if not weights[inner] or weights[inner] < needed * weights[here]:
            return here
        if inner.tag in _TEXTS or (numbers[inner] == 1 and not len(inner) and not is_column):
            return here
        here = inner


def _is_column(element: Element) -> bool:
    """Whether an element stands beside others in the layout of a page, not above or below them."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return element.tag == "td" or any(map(_COLUMN.search, names))


def _title(
    blocks: Sequence[Block], start: int, first: int, titles: Sequence[str], in_head: str
) -> int:
    """Number of the block that is the title; -1 where none is.

    It is what the page declares, where that is shown above the text; else a heading that says it
    farther down, where a notice stands before; else the nearer to the text of the nearest heading
    and of what ``<title>`` names; else a line in bold letters.

    Args: ``start``: number of the first block in the element of the text; ``first``: of the first
    paragraph.
    """
    for title in titles:
        if (at := _shown(blocks[: first + 1], title)) >= 0:
            return at
    for title in (*titles, in_head):
        if (at := _main_heading(blocks, title)) >= 0:
            return at
    for looks in (_is_heading, _is_bold):
        if (at := _heading(blocks, range(start, first), looks)) >= 0:
            return at
        above = range(max(0, start - _ABOVE), start)
        if (at := max(_heading(blocks, above, looks), _shown(blocks[:first], in_head))) >= 0:
            return at
    return -1


def _spaced(line: str, titles: Sequence[str]) -> str:
    """A title as the page shows it, or declares it, where words run together that a style parts."""
    number = len(_words(line))
    same = (title for title in titles if _key(title) == _key(line))
    return next((title for title in same if len(_words(title)) > number), line)


def _words(title: str) -> list[str]:
    return [word for word in title.split() if any(map(str.isalnum, word))]


def _shown(blocks: Sequence[Block], title: str) -> int:
    """Number of the last block that is a title, or a part of it beside the site's name.

    Of a title's parts the main heading counts more than a line right above it.
    """
    lines = {_key(block.line): n for n, block in enumerate(blocks) if not _is_site(block)}
    known = [_key(cut) for cut in _cuts(title) if not _NO_TITLE.fullmatch(cut)]
    at = next((lines[key] for key in known if key in lines), -1)
    if at >= 0 and not _is_h1(blocks[at]) and _key(title) not in lines:
        below = range(at + 1, min(at + 1 + _KICKER, len(blocks)))
        return next((n for n in below if _is_h1(blocks[n]) and _key(blocks[n].line) in known), at)
    return at


def _main_heading(blocks: Sequence[Block], title: str) -> int:
    """Number of the heading, anywhere on the page, that says most of a title; -1 where none does.

    Nearly all text stands below it. What the site puts around the title may stand in it, too.
    """
    cuts = [cut for cut in _cuts(title) if len(cut) >= _MOST_OF_TITLE * len(title)]
    known = [_key(cut) for cut in cuts if not _NO_TITLE.fullmatch(cut)]
    total = sum(block.unlinked for block in blocks if is_paragraph(block))
    below = total
    for number, block in enumerate(blocks):
        if is_paragraph(block):
            below -= block.unlinked
        if not block.heading or block.kind or _is_site(block):
            continue
        key = _key(block.line)
        is_said = key in known or (_is_h1(block) and any(_says(key, each) for each in known))
        if is_said and below > _BELOW_TITLE * total:
            return number
    return -1


def _says(heading: str, title: str) -> bool:
    """Whether a heading is a title with some words before or behind it, or not cut short."""
    is_most = _LONG_TITLE <= len(title) >= _MOST_OF_TITLE * len(heading)
    return is_most and (heading.endswith(title) or heading.startswith(title))


def _is_h1(block: Block) -> bool:
    return bool(block.element.tag == "h1")


def _is_site(block: Block) -> bool:
    """Whether a block names the site: in its furniture, or as a link to its front page."""
    return block.kind in _OF_SITE or (_is_link(block) and _leads_home(block.element))


def _leads_home(element: Element) -> bool:
    links = [each.get("href") or "" for each in element.iter("a")]
    return bool(links) and all(map(_HOME.fullmatch, links))


def _heading(blocks: Sequence[Block], among: range, looks: Callable[[Block], bool]) -> int:
    """Number of the last block that looks like a title; -1 where none does."""
    for number in reversed(among):
        block = blocks[number]
        if (
            not block.kind
            and looks(block)
            and 3 < len(block.line) <= portal_lines.TITLE_LENGTH
            and not _NO_TITLE.fullmatch(block.line)
        ):
            return number
    return -1


def _is_heading(block: Block) -> bool:
    return block.heading or any(map(_TITLE_NAMES.search, block.names.split()))


def _is_bold(block: Block) -> bool:
    return block.bold and not _is_link(block)


def _cuts(title: str) -> list[str]:
    """A page's title whole and with what a site puts before or behind it cut off, part by part."""
    places = [match.span() for match in _SEPARATORS.finditer(title)]
    behind = [title[:start] for start, _ in reversed(places)]
    before = [title[end:] for _, end in places]
    middle = [title[a:b] for (_, a), (b, _) in pairwise(places)]
    return [each.strip() for each in (title, *behind, *before, *middle) if each.strip()]


def without_site(title: str, site: str) -> str:
    """A title without the name of the site, where it begins or ends with it.

    >>> without_site("Cầu sắt | Báo A", "Báo A"), without_site("Cầu sắt - Báo B", "")
    ('Cầu sắt', 'Cầu sắt - Báo B')
    """
    if site and len(title) > len(site):
        for match in _SEPARATORS.finditer(title):
            if _key(title[match.end() :]) == _key(site):
                return title[: match.start()].strip()
            if _key(title[: match.start()]) == _key(site):
                return title[match.end() :].strip()
    return title


def _key(line: str) -> str:
    """The letters and digits of a line, by which two are the same; all of one that has none."""
    return "".join(filter(str.isalnum, line.casefold())) or line.strip()


def _trim(result: Parts) -> None:
    """Take off the links at both ends of the text, the repeated title, and the site's footer."""
    body = result.body
    if body and _key(body[0].line) == _key(result.title):
        result.other.append(replace(body.pop(0), kind="title"))
    length = len(body)
    while body and (_is_link(body[-1]) or (len(body) < length and _announces(body[-1]))):
        result.other.append(replace(body.pop(), kind="links"))
    while body and _is_link(body[0]):
        result.other.append(replace(body.pop(0), kind="links"))
    lines = [
        (line, number) for number, each in enumerate(body) for line in _composed(each).split("\n")
    ]
    footer = portal_lines.footer_start([line for line, _ in lines])
    if footer < len(lines):
        start = max(1, lines[footer][1])
        result.other += [replace(block, kind="footer") for block in body[start:]]
        del body[start:]
