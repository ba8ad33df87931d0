"""Commands that work on an archive."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import MINYEAR
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import vnjournal as vj
from vnjournal.articles.export import FORMATS
from vnjournal.cli import printing
from vnjournal.cli.options import ARCHIVE, JSON, PROCESSES, Place, PlaceType
from vnjournal.index.engine import Sort
from vnjournal.index.engines import NAMES
from vnjournal.index.query import Dates, Marks
from vnjournal.search.parse import filter_of

if TYPE_CHECKING:
    pass

_FORMAT = click.Choice(list(FORMATS))
_OUTPUT = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: stdout."
)
_SHOWN_HITS = 10
_PAGE = 500  # hits that are fetched at once where all are written


class _Years(click.ParamType[tuple[int, int]]):
    """A year or a range of years, such as 2018 or 2015..2018."""

    name = "years"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        asked = filter_of("year", value)
        if not isinstance(asked, Dates):
            self.fail(f"{value!r} is no year such as 2018 or 2015..2018", param, ctx)
        return max(asked.first // 10_000, MINYEAR), asked.last // 10_000


# '-lúa' is an exclusion, not an option, and '-hà nội' no '-h'
@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("query", nargs=-1, required=True)
@ARCHIVE
@click.option("--year", type=_Years(), help="A year, or a range such as 2015..2018.")
@click.option("--issue", default="", help="An issue's number, such as 2-2018.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"Default: {_SHOWN_HITS}; with --format, every hit."
)
@click.option("--offset", type=click.IntRange(0), default=0, help="Hits to pass over.")
@click.option("--sort", type=click.Choice([s.value for s in Sort]), default=Sort.RELEVANCE.value)
@click.option("--exact", "marks", flag_value=Marks.EXACT.value, help="Only the diacritics typed.")
@click.option("--loose", "marks", flag_value=Marks.LOOSE.value, help="Any diacritics.")
@click.option(
    "--facets", is_flag=True, help="Count the hits by year, issue, section, author, journal."
)
@click.option("--format", type=_FORMAT, help="Write the articles found, as 'export' does.")
@_OUTPUT
@JSON
def search(
    query: tuple[str, ...],
    archive: Place,
    marks: str | None,
    facets: bool,
    as_json: bool,
    format: str | None,
    output: Path | None,
    **options: Any,
) -> None:
    """Search an archive. Exit code 1 if nothing is found.

    Words may be typed with or without diacritics. "..." asks for a phrase, "..."~3 lets others
    stand between, OR is one of both, -word leaves articles out, (...) groups, word* begins and
    word~ is spelt nearly so; title: author: section: journal: look in one field, year: issue: date:
    filter.

    \b
    vnjournal search dang bo so khoa hoc -lua
    vnjournal search '"khoa học công nghệ" -lúa author:"van voc"' --year 2015..2018
    vnjournal search '(lúa OR ngô) nghiên* date:2016-05..2018'
    vnjournal search nuoi ca --format bibtex --output nuoi-ca.bib
    """
    if unknown := [word for word in query if word.startswith("--")]:
        raise click.NoSuchOption(unknown[0])
    if format and (as_json or facets):
        raise click.UsageError(f"--format or {'--json' if as_json else '--facets'}, not both")
    if output and not format:
        raise click.UsageError("--output goes with --format")
    limit, offset = options.pop("limit"), options.pop("offset")
    with vj.Archive.open(archive) as opened:
        ask = partial(opened.search, " ".join(query), marks=marks or Marks.GRADED.value, **options)
        if format:
            if not _write_found(_pages(ask, offset, limit), format, output):
                sys.exit(1)
            return
        results = ask(offset=offset, limit=limit or _SHOWN_HITS)
        counts = results.facets if facets else {}
        if as_json:
            answer = printing.results_as_json(results, opened.near_duplicates)
            printing.print_json(answer | {"facets": counts} if facets else answer)
        else:
            printing.print_results(results, offset, opened.near_duplicates)
            printing.print_facets(counts)
    if not results.hits:
        sys.exit(1)


def _write_found(pages: Iterator[vj.Results], format: str, output: Path | None) -> int:
    """Write the articles of pages of hits; returns how many. What is to be said goes to stderr."""
    first = next(pages)
    printing.warn_of_reading(first)
    hits = chain(first, chain.from_iterable(pages))
    return _write((hit.article for hit in hits), format, output)


def _pages(ask: Callable[..., vj.Results], offset: int, limit: int | None) -> Iterator[vj.Results]:
    """The hits page by page, so that those of a large archive are never in memory together."""
    left = limit or sys.maxsize
    while True:
        page = ask(offset=offset, limit=min(left, _PAGE))
        yield page
        left -= _PAGE
        offset += _PAGE
        if left <= 0 or offset >= page.total:
            return


def _article(opened: vj.Archive, id: str) -> vj.Article:
    article = opened.get(id)
    if article is None:
        raise vj.ArchiveError(
            f"no article has the id {id!r}: search for it, or see 'vnjournal export'"
        )
    return article


@click.command()
@click.argument("id")
@ARCHIVE
@click.option("--removed", is_flag=True, help="Also what was taken off: menus, footers, heads.")
@JSON
def show(id: str, archive: Place, removed: bool, as_json: bool) -> None:
    """Print one article as it is stored, and the typos that were fixed in the index.

    Articles that are nearly the same are named.

    \b
    vnjournal show 2018/bai-viet.txt
    vnjournal show 2018/bai-viet.html --removed
    """
    with vj.Archive.open(archive) as opened:
        article = _article(opened, id)
        edits = opened.edits(id)
        alike = opened.near_duplicates(id)
    if as_json:
        listed = {field: [asdict(edit) for edit in found] for field, found in edits.items()}
        same = printing.near_duplicates_as_json(alike)
        printing.print_json(
            {"article": article.to_dict(), "edits": listed, "near_duplicates": same}
        )
        return
    click.echo(printing.bold(article.heading))
    click.echo(printing.dim(printing.byline(article)))
    printing.print_read(article)
    click.echo(f"\n{printing.shown(article.body)}\n")
    for found in edits.values():
        for edit in found:
            change = printing.shown(f"{edit.before} → {edit.after}")
            click.echo(f"  {change}  {printing.dim(edit.reason)}")
    if alike:
        click.echo(printing.dim(printing.nearly_the_same(alike)))
    if removed:
        printing.print_removed(article)


@click.command()
@click.argument("id")
@ARCHIVE
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True)
@JSON
def similar(id: str, archive: Place, limit: int, as_json: bool) -> None:
    """List the articles that are most like one. Exit code 1 if there are none.

    \b
    vnjournal similar 2018/bai-viet.txt
    """
    with vj.Archive.open(archive) as opened:
        hits = opened.similar(_article(opened, id).id, limit=limit)
    if as_json:
        printing.print_json(
            [{"id": h.id, "score": round(h.score, 4), "title": h.title} for h in hits]
        )
    else:
        for number, hit in enumerate(hits, start=1):
            printing.print_heading(number, hit)
    if not hits:
        sys.exit(1)


@click.command()
@ARCHIVE
@JSON
def stats(archive: Place, as_json: bool) -> None:
    """Count an archive's articles, years, corrections and bytes.

    \b
    vnjournal stats --archive my-archive
    """
    with vj.Archive.open(archive) as opened:
        found = opened.stats()
    if as_json:
        printing.print_json(found)
        return
    for name, value in found.items():
        if isinstance(value, dict):
            value = (
                ", ".join(f"{key or 'undated'} {count}" for key, count in value.items()) or "none"
            )
        elif isinstance(value, int):
            value = f"{value:,}"
        click.echo(f"{name.replace('_', ' '):12} {value}")


@click.command()
@ARCHIVE
@JSON
def check(archive: Place, as_json: bool) -> None:
    """Look for damage in an archive. Exit code 1 if something is wrong.

    \b
    vnjournal check --archive my-archive
    """
    wrong = vj.Archive.check(archive)
    if as_json:
        printing.print_json({"archive": str(archive), "wrong": wrong})
    else:
        click.echo("\n".join(wrong) if wrong else f"{archive}: nothing wrong")
    if wrong:
        sys.exit(1)


@click.command()
@ARCHIVE
@click.option("--engine", type=click.Choice(NAMES), help="Change to another engine.")
@PROCESSES
def rebuild(archive: Place, engine: str | None, processes: int) -> None:
    """Correct and index every stored article anew.

    Needed after an update that changes the analysis, after damage to the index, or to change the
    engine. Searching goes on with the old index until the new one is ready.

    \b
    vnjournal rebuild --archive my-archive
    """
    with (
        printing.progress_line("articles") as progress,
        vj.Archive.rebuild(
            archive, progress=progress, engine=engine or "", processes=processes
        ) as opened,
    ):
        click.echo(f"{len(opened)} articles indexed anew in {archive} ({opened.engine_name})")


@click.command()
@click.argument("source", type=PlaceType())
@click.argument("target", type=PlaceType())
@click.option("--engine", type=click.Choice(NAMES), help=f"Of a new folder. Default: {NAMES[0]}.")
@PROCESSES
@JSON
def move(source: Place, target: Place, engine: str | None, processes: int, as_json: bool) -> None:
    """Copy an archive to another place: a folder or an OpenSearch cluster.

    Articles, corrections and what was decided about them, words, templates, and which files were
    read go along as they are. At the end both archives are compared, and queries put to both; exit
    code 1 if anything differs. What was cut off goes on when it is run again. SOURCE is left as it
    is: it is yours to delete.

    \b
    vnjournal move my-archive https://n1.example.vn:9200/ten-kho
    vnjournal move https://n1.example.vn:9200/ten-kho my-archive --engine whoosh
    """
    with printing.progress_line("articles") as progress:
        try:
            moved = vj.Archive.move(
                source, target, engine=engine or "", progress=progress, processes=processes
            )
        except KeyboardInterrupt:
            printing.warn(f"not all of {source} is in {target}: run it again to go on")
            raise
    if as_json:
        both = {"source": str(source), "target": str(target)}
        printing.print_json(both | asdict(moved) | {"differences": list(moved.differences)})
    else:
        _print_moved(moved, source, target)
    if moved.differences:
        sys.exit(1)


def _print_moved(moved: vj.Moved, source: Place, target: Place) -> None:
    for line in moved.differences:
        printing.warn(f"not the same: {line}")
    articles = printing.counted(moved.articles, "article")
    copied = "" if moved.copied == moved.articles else f" ({moved.copied:,} of them now)"
    done = f"{articles} copied to {target}{copied} in {moved.seconds:,.1f} s"
    if moved.differences:
        click.echo(f"{done}; it is not what {source} is: check both, then run it again")
    else:
        queries = printing.counted(moved.queries, "query", "queries")
        best = f"{moved.shared:.0%} of the best hits"
        click.echo(f"{done}; counts, texts and {queries} agree, and {best}")


@click.command()
@ARCHIVE
@click.option("--format", type=_FORMAT, default="jsonl", show_default=True)
@_OUTPUT
def export(archive: Place, format: str, output: Path | None) -> None:
    """Write every article as JSON Lines, CSV or references.

    jsonl has everything, and 'index' reads it again; csv is a table for spreadsheets, without the
    bodies; bibtex, ris and csl-json are references for LaTeX and citation managers.

    \b
    vnjournal export --archive my-archive --output articles.jsonl
    vnjournal export --format bibtex --output articles.bib
    """
    with vj.Archive.open(archive) as opened:
        _write(opened, format, output)


def _write(articles: Iterable[vj.Article], format: str, output: Path | None) -> int:
    """Write articles to a file or to stdout; returns how many."""
    written = vj.write(articles, format, output or sys.stdout.buffer)
    if output:
        click.echo(f"{printing.counted(written, 'article')} written to {output}")
    return written


COMMANDS = (search, show, similar, stats, check, rebuild, move, export)
