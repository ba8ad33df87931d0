"""The command ``harvest``: journals from servers that speak OAI-PMH."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import vnjournal as vj
from vnjournal.cli import printing
from vnjournal.cli.indexing import create_or_open
from vnjournal.cli.options import DEFAULT_ARCHIVE, JSON, Place, PlaceType

if TYPE_CHECKING:
    from vnjournal.harvest.harvester import Counts
    from vnjournal.harvest.output import JsonLines
    from vnjournal.harvest.protocol import Server

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)Z)?")


class _Date(click.ParamType[str]):
    """A day, or a second in UTC, such as 2018-05-12 or 2018-05-12T03:10:58Z."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        written = str(value).strip()
        try:
            if _DATE.fullmatch(written) is None:
                raise ValueError
            datetime.fromisoformat(written)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2018-05-12", param, ctx)
        return written


@click.command()
@click.argument("url")
@click.option("--set", help="Only this set of the server's; see --list-sets.")
@click.option("--from", "first", type=_Date(), help="Only what changed since that day.")
@click.option("--until", "last", type=_Date(), help="Only what changed until that day.")
@click.option(
    "--metadata-prefix",
    "prefix",
    default="",
    help="oai_dc, the default, or JATS.",
)
@click.option(
    "--archive",
    type=PlaceType(),
    help=f"The archive's folder or address. [default: {DEFAULT_ARCHIVE}]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of JSON Lines instead of an archive; FILE.harvest beside it keeps the state.",
)
@click.option("--list-sets", is_flag=True, help="List the server's sets, and harvest nothing.")
@click.option("--restart", is_flag=True, help="Ask for everything, also what was harvested before.")
@JSON
def harvest(
    url: str,
    archive: Place | None,
    output: Path | None,
    list_sets: bool,
    restart: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Harvest the articles of a server that speaks OAI-PMH, such as OJS or DSpace.

    Titles, authors, abstracts and what else the server tells of an article are taken; full texts in
    PDF are not fetched. Running it again asks for what is new, changed or deleted; a harvest that
    was cut goes on where it stopped. Exit code 2 if any record failed; the rest is kept.

    \b
    vnjournal harvest https://example.org/index.php/tckh/oai --archive my-archive
    vnjournal harvest https://example.org/server/oai/request --list-sets
    vnjournal harvest https://example.org/oai --set tckh:NC --from 2018-01-01 --output 2018.jsonl
    """
    if archive and output:
        raise click.UsageError("--archive or --output, not both")
    asked = {name: value for name, value in options.items() if value}
    if asked.get("first", "")[:10] > asked.get("last", "9999")[:10]:
        raise click.UsageError("--from is later than --until")
    from vnjournal.harvest.client import Client
    from vnjournal.harvest.harvester import Counts, Wanted, harvest
    from vnjournal.harvest.protocol import Server

    server = Server(url, Client(tell=printing.warn))
    identity = server.identify()
    if list_sets:
        _print_sets(server, as_json)
        return
    if "prefix" not in asked:
        _tell_of_full_texts(server)
    failed: list[vj.Problem] = []
    counts = Counts()
    place = output or archive or DEFAULT_ARCHIVE
    with (
        _keeper(archive or DEFAULT_ARCHIVE, output) as keeper,
        printing.progress_line("articles") as progress,
    ):
        try:
            for counts in harvest(
                server, identity, keeper, Wanted(**asked), restart=restart, report=failed.append
            ):
                progress(vj.Added(counts.new, counts.changed, counts.unchanged))
        except vj.HarvestError as error:
            failed.append(vj.Problem(server.url, str(error)))
        except KeyboardInterrupt:
            printing.warn(f"{len(keeper)} articles are in {place}: run it again to go on")
            raise
        total = len(keeper)
    failed = list(dict.fromkeys(failed))
    if as_json:
        problems = [{"path": p.path, "reason": p.reason} for p in failed]
        kept = {"output" if output else "archive": str(place), "articles": total}
        printing.print_json({"server": identity.name, **asdict(counts), **kept, "failed": problems})
    else:
        for problem in failed:
            printing.warn(f"not read: {problem}")
        click.echo(
            f"{counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{counts.deleted} deleted articles; {len(failed)} failed; "
            f"{printing.counted(total, 'article')} in {place}"
        )
    if failed:
        sys.exit(2)


def _print_sets(server: Server, as_json: bool) -> None:
    sets = list(server.sets())
    if as_json:
        printing.print_json([{"set": spec, "name": name} for spec, name in sets])
        return
    if not sets:
        printing.warn("the server has no sets")
    for spec, name in sets:
        click.echo(f"{printing.shown(spec)}\t{printing.shown(' '.join(name.split()))}")


def _tell_of_full_texts(server: Server) -> None:
    offered: list[str] = []
    with suppress(vj.HarvestError):  # a server may do without the list
        offered = [each for each in server.formats() if "jats" in each.lower()]
    if offered:
        printing.warn(
            "note: the server has JATS, too, which may hold full texts: "
            f"--metadata-prefix {offered[0]}"
        )


class _InArchive:
    """A keeper of a harvest: an archive, with the state among its notes."""

    def __init__(self, archive: vj.Archive) -> None:
        self._archive = archive

    def __len__(self) -> int:
        return len(self._archive)

    def state(self, name: str) -> str:
        return self._archive.note(name)

    def keep(self, articles: list[vj.Article], deleted: list[str], name: str, state: str) -> Counts:
        from vnjournal.harvest.harvester import Counts

        added = self._archive.add(articles)
        gone = self._archive.delete(deleted) if deleted else 0
        self._archive.set_note(name, state)
        return Counts(added.new, added.changed, added.unchanged, gone)


@contextmanager
def _keeper(archive: Place, output: Path | None) -> Iterator[_InArchive | JsonLines]:
    if output is None:
        with create_or_open(archive) as opened:
            yield _InArchive(opened)
    else:
        from vnjournal.harvest.output import JsonLines

        with JsonLines(output) as lines:
            yield lines
