"""``vnjournal demo``: the sample articles, from typos to search."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

import vnjournal as vj
from vnjournal import resources
from vnjournal.cli import printing
from vnjournal.cli.options import Place, PlaceType

_QUERIES = (
    "nuoi ca long tren song",
    "chuyển đổi so thu vien",
    '"phần mềm dịch vụ công"',
    "bao ton dinh lang -sac year:2015..2020",
)
_SHOWN_FIXES = 12
_HITS = 2
_KINDS = 5
_CONTEXT = 24  # characters shown on either side of a fix


@click.command()
@click.option(
    "--archive",
    type=PlaceType(),
    help="Keep the archive in this folder, or at this address, to search it further.",
)
def demo(archive: Place | None) -> None:
    """Index sample articles, show what was fixed, and search them.

    \b
    vnjournal demo --archive demo-archive
    """
    samples = resources.data_folder() / "samples" / "articles"
    with tempfile.TemporaryDirectory() as scratch:
        folder = archive or Path(scratch) / "archive"
        with vj.Archive.create(folder) as opened:
            added = opened.add(vj.read(samples))
            click.echo(
                printing.bold(f"1. {added.total} sample articles indexed, ")
                + printing.bold(f"{added.edits} typos fixed\n")
            )
            _print_fixes(opened)
            click.echo(printing.bold("\n3. Searches, with and without diacritics\n"))
            for query in _QUERIES:
                click.echo(printing.bold(f"$ vnjournal search '{query}'"))
                printing.print_results(opened.search(query, limit=_HITS), 0, opened.near_duplicates)
                click.echo()
    if archive:
        click.echo(f"Search on:  vnjournal search QUERY --archive {archive}")
    else:
        click.echo("Your own:   vnjournal index FOLDER   then   vnjournal search QUERY")


def _print_fixes(opened: vj.Archive) -> None:
    """Before and after, side by side, one fix of each article."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    click.echo(printing.bold("2. Some of what was fixed; the stored text is untouched\n"))
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("before", ratio=1)
    table.add_column("after", ratio=1)
    table.add_column("rule", no_wrap=True)
    seen: set[str] = set()
    for article in opened:
        for edit in opened.edits(article.id).get("body", ()):
            if edit.kind in seen and len(seen) < _KINDS:
                continue
            seen.add(edit.kind)
            left, right = _around(article.body, edit)
            table.add_row(
                Text.assemble(left, (edit.before, "red"), right),
                Text.assemble(left, (edit.after, "green"), right),
                edit.kind,
            )
            break
        if table.row_count == _SHOWN_FIXES:
            break
    console.print(table)


def _around(text: str, edit: vj.Edit) -> tuple[str, str]:
    """Whole words on either side of an edit, on one line."""
    left = " ".join(text[max(edit.start - _CONTEXT, 0) : edit.start].split(" ")[1:])
    right = " ".join(text[edit.end : edit.end + _CONTEXT].split(" ")[:-1])
    return left.replace("\r\n", " ").replace("\n", " "), right.replace("\n", " ")
