"""The command that reads files into an archive."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

import vnjournal as vj
from vnjournal.articles import drafts, portals
from vnjournal.articles.documents import OTHER_KIND
from vnjournal.articles.export import BYTE_ORDER_MARK, row
from vnjournal.articles.sources import files
from vnjournal.cli import printing
from vnjournal.cli.options import ARCHIVE, JSON, PROCESSES, WORDS, Place
from vnjournal.index.engines import NAMES

if TYPE_CHECKING:
    from vnjournal.articles.documents import Problem
    from vnjournal.sync import FileReport, Synced

_COLUMNS = ("file", "outcome", "articles", "encoding", "reason")
_NAMED = 3  # files that are named in a message
_SIZE = re.compile(r"(\d{1,18})\s*([KMG]?)B?", re.IGNORECASE)
_LARGEST = 10**18  # what streams can be asked for


class _Size(click.ParamType[int]):
    """A number of bytes, such as 500000, 50MB or 1GB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is no size such as 50MB", param, ctx)
        thousands = " KMG".index(match[2].upper() or " ")
        return min(int(match[1]) * int(1000**thousands), _LARGEST)


class _Shard(click.ParamType[tuple[int, int]]):
    """One of some parts, such as 1/4."""

    name = "i/n"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value))
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            self.fail(f"{value!r} is no part such as 1/4", param, ctx)
        return int(match[1]), int(match[2])


def _checked(
    _context: click.Context, _option: click.Parameter, templates: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Templates that are read once before anything is made."""
    for template in templates:
        portals.load(template)
    return templates


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@ARCHIVE
@click.option("--engine", type=click.Choice(NAMES), help=f"Default: {NAMES[0]}.")
@click.option(
    "--max-size",
    type=_Size(),
    default="20MB",
    show_default=True,
    help="Refuse articles larger than this.",
)
@click.option(
    "--shard",
    type=_Shard(),
    help="Read one part of the files only, such as 1/4, where several machines share them.",
)
@click.option("--prune", is_flag=True, help="Delete articles whose files have gone.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a table (CSV) of what became of each file.",
)
@WORDS
@click.option(
    "--template",
    "templates",
    multiple=True,
    type=click.Path(path_type=Path),
    callback=_checked,
    help="A file (TOML) that says what is special to a site's pages.",
)
@PROCESSES
@JSON
def index(
    sources: tuple[Path, ...],
    archive: Place,
    engine: str | None,
    report: Path | None,
    words: list[str],
    templates: tuple[Path, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Read articles from files and folders into an archive.

    Plain text, web pages, Word, PDF, JATS, BibTeX, RIS, CSV, JSON Lines, and packed files of these
    are read, also in encodings of before Unicode. Running it again reads what is new or changed, or
    goes on where it was stopped; articles whose files have gone are kept, unless you --prune. The
    archive remembers --words and --template. Exit code 2 if any input failed; the rest is kept.

    \b
    vnjournal index articles/ --archive my-archive
    vnjournal index articles/ --prune --report report.csv --processes 4
    vnjournal index articles/ --shard 1/4 --archive https://n1.example.vn:9200/ten-kho
    """
    if not any(os.path.lexists(source) for source in sources):
        raise vj.SourceError(f"{sources[0]}: no such file or folder: check the path")
    told = _Told()
    own = archive.resolve() if isinstance(archive, Path) else None
    with (
        _written(report) as write,
        create_or_open(archive, engine) as opened,
        printing.progress_line("articles", partial(_size, sources)) as progress,
    ):

        def tell(file: FileReport) -> None:
            if file.fate is vj.Fate.LEFT_OUT and own in Path(file.path).resolve().parents:
                return  # the archive's own, which lies in the folder
            told.take(file)
            for cells in _rows(file):
                write(cells)

        try:
            if words:
                opened.protect(words)
            if templates:
                opened.use_templates(templates)
            synced = opened.sync(sources, report=tell, progress=progress, **options)
        except KeyboardInterrupt:
            printing.warn(f"{len(opened)} articles are in {archive}: run it again to go on")
            raise
        for each in synced.near_duplicates:
            said = f"{each.similarity:.0%} of it is in {each.other}"
            write((each.id, "nearly the same", "", "", said))
        total = len(opened)
    if as_json:
        printing.print_json(_as_json(synced, told) | {"archive": str(archive), "articles": total})
    else:
        _print(synced, told, archive, total)
    if told.failed:
        sys.exit(2)


class _Told:
    """What became of the files that need a word."""

    def __init__(self) -> None:
        self.failed: list[Problem] = []
        self.skipped: list[Problem] = []
        self.vanished: list[FileReport] = []

    def take(self, file: FileReport) -> None:
        for problem in file.problems:
            (self.skipped if problem.skipped else self.failed).append(problem)
        if file.fate in (vj.Fate.VANISHED, vj.Fate.PRUNED) and file.articles:
            self.vanished.append(file)


def _as_json(synced: Synced, told: _Told) -> dict[str, Any]:
    named = ("new", "changed", "unchanged", "edits", "files", "vanished", "pruned")
    return {name: getattr(synced, name) for name in named} | {
        "near_duplicates": [
            {"id": each.id, "of": each.other, "similarity": round(each.similarity, 4)}
            for each in synced.near_duplicates
        ],
        "failed": [{"path": p.path, "reason": p.reason} for p in told.failed],
        "skipped": [p.path for p in told.skipped],
    }


def _print(synced: Synced, told: _Told, archive: Place, total: int) -> None:
    for problem in told.failed:
        printing.warn(f"not read: {problem}")
    _print_skipped(told.skipped)
    if alike := synced.near_duplicates:
        first = alike[0]
        more = ", …" if len(alike) > 1 else ""
        articles = printing.counted(len(alike), "article")
        printing.warn(
            f"{articles} nearly the same as others ({first.id} as {first.other}{more}): "
            "search and show name them"
        )
    if synced.vanished:
        files = ", ".join(file.path for file in told.vanished[:_NAMED])
        more = ", …" if len(told.vanished) > _NAMED else ""
        printing.warn(
            f"{printing.counted(synced.vanished, 'article')} gone from the files ({files}{more}): "
            "kept; --prune deletes them"
        )
    pruned = f", {synced.pruned:,} deleted" if synced.pruned else ""
    click.echo(
        f"{synced.new} new, {synced.changed} changed, {synced.unchanged} unchanged{pruned} "
        f"articles; {synced.edits} typos fixed in the index; {total} articles in {archive}"
    )


def _print_skipped(skipped: list[Problem]) -> None:
    kinds = []
    for problem in skipped:
        if problem.reason == OTHER_KIND:
            kinds.append(Path(problem.path).suffix or "no suffix")
        else:
            printing.warn(f"left out: {problem}")
    if kinds:
        named = ", ".join(sorted(set(kinds)))
        files = printing.counted(len(kinds), "file")
        printing.warn(f"{files} of other kinds left out ({named})")


@contextmanager
def _written(file: Path | None) -> Iterator[Callable[[Iterable[str]], object]]:
    """Gives what takes in the rows of a table; behind the block they are in a file."""
    if file is None:
        yield lambda _: None
        return
    if not file.absolute().parent.is_dir():
        raise vj.WriteError(f"{file}: there is no such folder: make it first")
    with TemporaryFile("w+", encoding="utf-8", newline="") as lines:
        lines.write(BYTE_ORDER_MARK + row(_COLUMNS))
        yield lambda cells: lines.write(row(cells))
        lines.seek(0)
        drafts.write(file, (line.encode() for line in lines))


def _rows(file: FileReport) -> Iterator[tuple[str, ...]]:
    if file.fate not in (vj.Fate.FAILED, vj.Fate.LEFT_OUT):
        yield file.path, file.fate, str(file.articles), " ".join(file.encodings), ""
    for problem in file.problems:
        fate = vj.Fate.LEFT_OUT if problem.skipped else vj.Fate.FAILED
        yield problem.path, fate, "", "", problem.reason


def _size(sources: Iterable[Path]) -> int:
    """How many bytes there are to read."""
    total = 0
    for source in sources:
        for path, _ in files(source, lambda _: None):
            with suppress(OSError):
                total += path.stat().st_size
    return total


def create_or_open(archive: Place, engine: str | None = None) -> vj.Archive:
    """An archive keeps its engine; only a new one, or a named engine, needs to say which."""
    if engine is None and isinstance(archive, Path) and (archive / "articles.sqlite").exists():
        return vj.Archive.open(archive)
    return vj.Archive.create(archive, engine or "")
