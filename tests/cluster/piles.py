"""Piles of small articles, and whether an archive on a cluster holds them: all, once, and whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

from vnjournal.archive import Archive
from vnjournal.articles.article import Article
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import every
from vnjournal.index.analysis import SENTENCE_END, documents, form_term
from vnjournal.index.opensearch_engine import WORDS_SUFFIX
from vnjournal.review import corrections

_INITIALS = "b c ch d đ g h k kh l m n ng nh ph s t th tr v x".split()
_RHYMES = "a à á ả ạ ăn ân e ê i o ô ơ u ư ươn uôn iên ang ông ưng".split()

#: What is to be corrected in each article.
TYPO = "cơ sở,theo"
#: Seconds that something is waited for.
PATIENCE = 120

_PROGRAM = """
import sys
from vnjournal.store import writing
writing.BATCH = int(sys.argv.pop(1))
from vnjournal.cli.main import main
main()
"""


def indexing(*arguments: str | Path, batch: int = 50) -> subprocess.Popen[str]:
    """The program that indexes, at work in a process of its own, in small batches."""
    line = [sys.executable, "-c", _PROGRAM, str(batch), "index", *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"not within {PATIENCE} seconds"
        time.sleep(0.02)


def article(number: int) -> Article:
    """An article with a number of its own, unlike others, and a typo; some bring a new word."""
    kind = number // 10
    word = _INITIALS[kind % len(_INITIALS)] + _RHYMES[kind // len(_INITIALS) % len(_RHYMES)]
    return Article(
        f"bài/{number}",
        f"Bài số {number} về khoa học và công nghệ ở {TYPO} quy định. Chữ {word} là chữ mới. "
        + ", ".join(map(str, Random(number).sample(range(1000, 2000), 20))),
        title=f"Khoa học số {number}",
        published=str(1900 + number % 100),
    )


def articles(*numbers: int) -> list[Article]:
    """Articles, numbered as a range is."""
    return [article(number) for number in range(*numbers)]


def write(file: Path, made: Iterable[Article]) -> Path:
    """Write articles to a file as JSON Lines."""
    lines = (json.dumps(each.to_dict(), ensure_ascii=False) + "\n" for each in made)
    file.write_text("".join(lines), encoding="utf-8")
    return file


def wrong(address: str, expected: Sequence[Article]) -> list[str]:
    """What an archive holds otherwise than these articles, each once and whole."""
    found = Archive.check(address)
    with Archive.open(address) as archive:
        archive.refresh()
        held = {each.id: each for each in archive}
        wanted = {each.id: each for each in expected}
        found += [f"lost: {id}" for id in wanted.keys() - held.keys()]
        found += [f"too much: {id}" for id in held.keys() - wanted.keys()]
        found += [
            f"other: {id}"
            for id in held.keys() & wanted.keys()
            if _said(held[id]) != _said(wanted[id])
        ]
        if len(archive) != len(wanted):
            found.append(f"{len(archive)} documents for {len(wanted)} articles")
        hits = [hit.id for hit in archive.search('"khoa học"', limit=len(wanted) + 10)]
        if sorted(hits) != sorted(wanted):
            found.append(f"a search finds {len(hits)}, {len(set(hits))} different ones")
        for each in [*expected[:2], *expected[-2:]]:
            number = each.id.rsplit("/", 1)[-1]
            if [hit.id for hit in archive.search(f'"bài số {number}"')] != [each.id]:
                found.append(f"not found by its words: {each.id}")
    return [*found, *_wrong_words(address, expected)]


def _said(one: Article) -> dict[str, object]:
    return one.to_dict() | {"source": ""}


def _wrong_words(address: str, expected: Sequence[Article]) -> list[str]:
    with Connection(Address.parse(address)).open() as connection:
        index = f"{connection.address.name}{WORDS_SUFFIX}"
        noted = {form_term(*hit["sort"]) for hit in every(connection, index, ["key", "form"])}
    forms = {
        form
        for document in documents(list(zip(expected, corrections(expected), strict=True)))
        for terms in document.terms.values()
        for form in terms.forms.split()
    } - {form_term(SENTENCE_END, SENTENCE_END)}
    return [f"not noted: {form}" for form in forms - noted]


# --- what can be asked


def answers(archive: Archive) -> dict[str, object]:
    """What an archive answers to all that can be asked of it."""
    archive.refresh()
    return {name: ask(archive) for name, ask in _QUESTIONS.items()}


def _found(archive: Archive, query: str) -> object:
    results = archive.search(query, limit=20)
    return results.total, [(hit.id, hit.score) for hit in results], results.facets


_QUESTIONS: dict[str, Callable[[Archive], object]] = {
    "a search": lambda archive: _found(archive, "khoa hoc so 17"),
    "a phrase": lambda archive: _found(archive, '"khoa học số"'),
    "a prefix": lambda archive: _found(archive, "cong nghe th*"),
    "what is misspelt": lambda archive: archive.search("khao hoc").suggestion,
    "similar ones": lambda archive: [hit.id for hit in archive.similar("bài/17")],
    "near duplicates": lambda archive: archive.near_duplicates("bài/17"),
    "completions": lambda archive: archive.complete("khoa h"),
    "an article": lambda archive: archive.get("bài/17"),
    "all": lambda archive: [each.id for each in archive],
    "how many": len,
    "counts": lambda archive: {k: v for k, v in archive.stats().items() if not k.endswith("bytes")},
}
