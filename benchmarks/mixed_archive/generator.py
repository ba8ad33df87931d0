"""Writes the archive: a folder of documents of every kind, and what is known of each."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.mixed_archive import pages, plain_text, printed, records, unreadable, ways
from benchmarks.mixed_archive.made import Known, Made, Truth
from benchmarks.mixed_archive.stories import Story, stories

_SEED = 26
_UNREADABLE = 0.04  # of all files
#: Of the documents that can be read, by format.
SHARES = {
    "plain text": 0.24,
    "HTML": 0.32,
    "WARC": 0.06,
    "DOCX": 0.10,
    "PDF": 0.09,
    "JATS": 0.04,
    "BibTeX": 0.04,
    "RIS": 0.04,
    "CSV": 0.04,
    "JSON Lines": 0.03,
}
_MANY = (4, 30)  # documents in a file that holds several
_PACKED = 0.15  # of the files: they lie in zip or tar files, so many in each:
_IN_A_PACK = 12
_TABLES: dict[str, tuple[str, Callable[..., tuple[str, list[Made]]]]] = {
    "CSV": (".csv", records.table),
    "JSON Lines": (".jsonl", records.json_lines),
    "BibTeX": (".bib", records.bibtex),
    "RIS": (".ris", records.ris),
}

_File = tuple[str, bytes, list[Known]]


def write(folder: Path, corpora: Sequence[Path], count: int, seed: int = _SEED) -> Truth:
    """Write an archive of so many documents, those that cannot be read among them.

    Args: ``folder``: an empty one; ``corpora``: files of texts, or none for the samples. Fewer
    documents are written where there are not so many texts.
    """
    chance = random.Random(seed)
    told = stories(corpora, round(count * (1 - _UNREADABLE)), chance)
    files = list(_readable(told, chance))
    truth = Truth()
    bad = list(_bad(count - len(told), told, chance))
    chance.shuffle(files)
    packed = round(_PACKED * len(files))
    for start in range(0, packed, _IN_A_PACK):
        _pack(folder, start, files[start : min(packed, start + _IN_A_PACK)], bad, truth, chance)
    for path, raw, known in files[packed:]:
        _save(folder / path, raw)
        truth.documents += known
    for path, raw, reason in bad:
        _save(folder / path, raw)
        truth.unreadable[path] = reason
    return truth


def _readable(told: Sequence[Story], chance: random.Random) -> Iterator[_File]:
    """Files with what is known of each of their documents."""
    start = 0.0
    for format, share in SHARES.items():
        group = told[round(start * len(told)) : round((start + share) * len(told))]
        start += share
        if format in _TABLES:
            yield from _tables(format, group, chance)
        elif format == "WARC":
            yield from _web_archives(group, chance)
        else:
            yield from (_single(format, story, chance) for story in group)


def _single(format: str, story: Story, chance: random.Random) -> _File:
    """A file that holds one document."""
    name = f"{story.number:05}"
    path = f"{story.journal.host}/{story.published.year}/{name}"
    if format == "plain text":
        way = chance.choice(ways.OF_FORMAT[format])
        story = story.written(partial(ways.written, way=way))
        made, suffix = chance.choice(plain_text.LAYOUTS)(story, chance), ".txt"
        raw = ways.saved(made, way)
    elif format == "HTML":
        made, way, raw = page(story, chance)
        suffix = chance.choice((".html", ".htm"))
    elif format == "JATS":
        way, suffix = chance.choice(ways.OF_FORMAT[format]), ".xml"
        story = story.written(partial(ways.written, way=way))
        disguised = story.written(partial(ways.shown, way=way))
        made = records.jats(story)
        raw = str(records.jats(disguised).content).encode()
    else:
        way = chance.choice(ways.OF_FORMAT[format])
        story = story.written(partial(ways.written, way=way))
        make, suffix = (printed.word, ".docx") if format == "DOCX" else (printed.pdf, ".pdf")
        made = make(story, way, chance)
        raw = ways.saved(made, way)
    path += suffix
    return path, raw, [Known(made.id or path, format, way, made.says, made.paragraphs)]


def page(story: Story, chance: random.Random) -> tuple[Made, str, bytes]:
    """A web page, its encoding, and its bytes."""
    layout = chance.choice(pages.LAYOUTS)
    way = chance.choice(ways.OF_FORMAT["old page" if layout in pages.OLD else "page"])
    story = story.written(partial(ways.written, way=way))
    made = layout(story, chance)
    if way in ways.FONTS:
        made = _in_font(made, way)
        return made, way, ways.saved(made, "utf-8")
    made = ways.declared(made, way, chance)
    return made, way, ways.saved(made, way)


def _in_font(made: Made, way: str) -> Made:
    """A page whose whole text is set in an old font, saved as windows-1252."""
    font = ways.FONTS[way][1]
    content = ways.shown(ways.written(str(made.content), way), way)
    content = content.replace("<body>", f'<body><font face="{font}">')
    content = content.replace("</body>", "</font></body>")
    raw = content.replace(pages.CHARSET, "windows-1252").encode("cp1252", "replace")
    return Made(raw, made.says, made.paragraphs, made.id)


def _tables(format: str, group: Sequence[Story], chance: random.Random) -> Iterator[_File]:
    """Files of records, each with some of the stories."""
    suffix, make = _TABLES[format]
    for part in _parted(group, chance):
        way = chance.choice(ways.OF_FORMAT[format])
        told = [story.written(partial(ways.written, way=way)) for story in part]
        path = f"thư mục/{format.lower().replace(' ', '-')}-{part[0].number}{suffix}"
        state = chance.getstate()
        content, made = make(told, chance)
        if format == "JSON Lines":  # escaped characters are not text that can be misread
            chance.setstate(state)
            disguised = [story.written(partial(ways.shown, way=way)) for story in told]
            raw = make(disguised, chance)[0].encode()
        else:
            raw = ways.WAYS[way](content)[0]
        yield path, raw, [Known(each.id, format, way, each.says, each.paragraphs) for each in made]


def _web_archives(group: Sequence[Story], chance: random.Random) -> Iterator[_File]:
    """Web archives, each with the pages of some stories."""
    for part in _parted(group, chance):
        records, known = [], []
        for story in part:
            made, way, raw = page(story, chance)
            url = made.id or f"http://{story.journal.host}/chitiet.aspx?id={story.number}"
            records.append(_answer(url, raw, story))
            known.append(Known(url, "WARC", way, made.says, made.paragraphs))
        path = f"web/tải-{part[0].number}.warc"
        if chance.random() < 0.6:
            records = [gzip.compress(each, mtime=0) for each in records]
            path += ".gz"
        yield path, b"".join(records), known


def _answer(url: str, page: bytes, story: Story) -> bytes:
    """A record of a web archive: what a server answered."""
    from fastwarc.warc import WarcRecord, WarcRecordType

    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.headers["WARC-Record-ID"] = f"<urn:uuid:00000000-0000-4000-8000-{story.number:012}>"
    record.headers["WARC-Date"] = f"{story.posted.isoformat()}Z"
    record.headers["WARC-Target-URI"] = url
    record.headers["Content-Type"] = "application/http; msgtype=response"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
    record.set_bytes_content(head.encode() + page)
    stream = io.BytesIO()
    record.write(stream)
    return stream.getvalue()


def _parted(group: Sequence[Story], chance: random.Random) -> Iterator[Sequence[Story]]:
    start = 0
    while start < len(group):
        end = start + chance.randint(*_MANY)
        yield group[start:end]
        start = end


def _bad(
    count: int, told: Sequence[Story], chance: random.Random
) -> Iterator[tuple[str, bytes, str]]:
    """Files that cannot be read, with the reason; every kind in turn."""
    names = list(unreadable.KINDS)
    for number in range(count):
        name = names[number % len(names)]
        reason, make = unreadable.KINDS[name]
        yield f"hỏng/{number:03}/{name}", make(chance.choice(told), chance), reason


def _pack(
    folder: Path,
    number: int,
    files: Sequence[_File],
    bad: list[tuple[str, bytes, str]],
    truth: Truth,
    chance: random.Random,
) -> None:
    """Put files into a packed one, and a file that cannot be read with them."""
    suffix = chance.choice((".zip", ".zip", ".tar", ".tar.gz"))
    path = f"gói/gói-{number}{suffix}"
    entries = {name: raw for name, raw, _ in files}
    for _, _, known in files:
        truth.documents += [
            replace(each, id=f"{path}!/{each.id}") if each.id in entries else each for each in known
        ]
    if len(bad) > 1:
        name, raw, reason = bad.pop()
        entries[name] = raw
        truth.unreadable[f"{path}!/{name}"] = reason
    stream = io.BytesIO()
    if suffix == ".zip":
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, raw in entries.items():
                packed.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    else:
        with tarfile.open(fileobj=stream, mode="w:gz" if suffix.endswith("gz") else "w") as tar:
            for name, raw in entries.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(raw)
                tar.addfile(entry, io.BytesIO(raw))
    _save(folder / path, stream.getvalue())


def _save(file: Path, raw: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)
