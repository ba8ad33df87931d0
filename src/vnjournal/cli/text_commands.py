"""Commands that work on text, without an archive."""

from __future__ import annotations

import platform
import sys
from bisect import bisect_left
from collections.abc import Iterator
from importlib import metadata
from operator import attrgetter
from pathlib import Path
from typing import Any

import click

import vnjournal as vj
from vnjournal import resources
from vnjournal.articles.documents import Problem, decoded, reporting
from vnjournal.cli import printing
from vnjournal.cli.options import JSON
from vnjournal.version import ANALYSIS_VERSION, FORMAT_VERSION

_SOURCES = click.argument(
    "sources", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), required=True
)
_LIBRARIES = (
    "underthesea",
    "tantivy",
    "whoosh",
    "numpy",
    "regex",
    "unidecode",
    "click",
    "rich",
    "filelock",
    "ftfy",
    "lxml",
    "rapidfuzz",
    "threadpoolctl",
)


class _Reading:
    """Articles of the named sources; ``-`` is standard input. Failures are printed and noted."""

    def __init__(self) -> None:
        self.failed = False

    def _report(self, problem: Problem) -> None:
        if not problem.skipped:
            self.failed = True
            printing.warn(f"not read: {problem}")

    def articles(self, sources: tuple[Path, ...]) -> Iterator[vj.Article]:
        for source in sources:
            if str(source) == "-":
                with reporting("standard input", self._report):
                    yield vj.Article(id="-", body=decoded(sys.stdin.buffer.read()).text)
            else:
                yield from vj.read(source, report=self._report)

    def finish(self) -> None:
        if self.failed:
            sys.exit(2)


@click.command()
@_SOURCES
@JSON
def tokenize(sources: tuple[Path, ...], as_json: bool) -> None:
    """Split articles into words: a line a sentence, syllables of a word joined by '_'.

    \b
    echo 'Đảng bộ Sở Khoa học' | vnjournal tokenize -
    """
    reading = _Reading()
    listed: list[dict[str, Any]] = []
    for article in reading.articles(sources):
        tokens = vj.tokenize(article.body)
        done = 0
        for sentence in vj.sentences(article.body):
            begin = done
            done = bisect_left(tokens, sentence.end, begin, key=attrgetter("start"))
            if as_json:
                listed.append(
                    {
                        "id": article.id,
                        "start": sentence.start,
                        "end": sentence.end,
                        "tokens": [token._asdict() for token in tokens[begin:done]],
                    }
                )
            else:
                words = ("_".join(token.text.split()) for token in tokens[begin:done])
                click.echo(" ".join(words))
    if as_json:
        printing.print_json(listed)
    reading.finish()


@click.command()
@JSON
def info(as_json: bool) -> None:
    """Print versions of the program, its libraries and its data, and check the data files.

    \b
    vnjournal info
    """
    found: dict[str, Any] = {
        "vnjournal": vj.__version__,
        "archive format": FORMAT_VERSION,
        "analysis": ANALYSIS_VERSION,
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "data": {
            name: {"date": str(source["date"]), "licence": source["licence"]}
            for name, source in resources.sources().items()
        },
        "damaged data files": resources.damaged(),
    }
    if as_json:
        printing.print_json(found)
    else:
        for name, value in found.items():
            if isinstance(value, dict):
                click.echo(f"{name}:")
                for key, each in value.items():
                    shown = ", ".join(each.values()) if isinstance(each, dict) else each
                    click.echo(f"  {key:17} {shown}")
            else:
                click.echo(f"{name:19} {value if value != [] else 'none'}")
    if found["damaged data files"]:
        raise vj.DataError("data files are damaged: install vnjournal again")


COMMANDS = (tokenize, info)
