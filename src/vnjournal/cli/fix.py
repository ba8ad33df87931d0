"""``vnjournal fix``: typos listed, put right in files, or reviewed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import vnjournal as vj
from vnjournal.articles import rewrite
from vnjournal.articles.documents import Problem, reporting
from vnjournal.articles.pieces import Edits, Piece, nameless
from vnjournal.articles.sources import files, pieces, readable
from vnjournal.cli import printing
from vnjournal.cli.options import JSON, WORDS, Place, PlaceType
from vnjournal.cli.review import Dialog, on_terminal, review_archive

if TYPE_CHECKING:
    from vnjournal.correction.corrector import Level

_MOST_FREQUENT = 20


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--archive",
    type=PlaceType(),
    help="Report the most frequent typos of this archive; with --interactive, review them.",
)
@click.option(
    "--level",
    type=click.Choice(["safe", "suggest"]),
    help="safe: sure enough to apply unread; suggest: for review too. Default: safe, with "
    "--interactive suggest.",
)
@WORDS
@click.option("--apply", is_flag=True, help="Write the text put right, by default to stdout.")
@click.option("--in-place", is_flag=True, help="With --apply: into the files themselves.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --apply: into files of the same names in this folder.",
)
@click.option("--interactive", is_flag=True, help="Ask about each edit: accept or reject it.")
@click.option("--again", is_flag=True, help="Ask about an archive's decided edits, too.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"Typos in an archive's report: {_MOST_FREQUENT}."
)
@JSON
def fix(sources: tuple[Path, ...], archive: Place | None, **options: Any) -> None:
    """List typos in articles and how to put them right. Files change with --apply --in-place only.

    With --archive and --interactive, an accepted edit is applied in the index and a rejected one is
    not proposed again, also when the articles are indexed anew.

    \b
    vnjournal fix articles/
    vnjournal fix articles/ --apply --in-place
    vnjournal fix --archive my-archive --interactive
    echo 'cơ sở,theo quy định' | vnjournal fix - --apply
    """
    _refuse_misuse(sources, archive, options)
    level: Level = options["level"] or ("suggest" if options["interactive"] else "safe")
    if archive is None:
        _Fixing(level, options).run(sources)
    elif options["interactive"]:
        review_archive(archive, level, options["again"])
    else:
        _report(archive, level, options["limit"] or _MOST_FREQUENT, options["as_json"])


def _refuse_misuse(
    sources: tuple[Path, ...], archive: Place | None, options: dict[str, Any]
) -> None:
    in_place, output = options["in_place"], options["output"]
    apply, interactive, as_json = options["apply"], options["interactive"], options["as_json"]
    from_stdin = Path("-") in sources
    misuses = (
        (not sources and archive is None, "name files or folders, or an archive with --archive"),
        (bool(sources) and archive is not None, "name files or folders, or --archive, not both"),
        (
            archive is not None and (apply or in_place or output),
            "--apply writes files, and an archive keeps its texts: use --interactive",
        ),
        (
            archive is not None and options["words"],
            "an archive keeps its own words: name them with vnjournal index --words",
        ),
        (in_place and not apply, "--in-place goes with --apply"),
        (output and not apply, "--output goes with --apply"),
        (in_place and output, "--in-place or --output, not both"),
        (
            apply and as_json and not (in_place or output),
            "--apply and --json both write to stdout: add --in-place or --output",
        ),
        (
            from_stdin and (in_place or output),
            "standard input has no file to write to: use --apply alone",
        ),
        (from_stdin and interactive, "--interactive reads the keyboard: name a file, not '-'"),
        (
            options["again"] and not (archive and interactive),
            "--again goes with --archive and --interactive",
        ),
        (
            options["limit"] and (archive is None or interactive),
            "--limit goes with the report of --archive",
        ),
        (
            archive is not None and interactive and as_json,
            "--json goes with the report of an archive, not with --interactive",
        ),
        (interactive and not on_terminal(), "--interactive needs a terminal"),
    )
    for is_so, message in misuses:
        if is_so:
            raise click.UsageError(message)


def _report(archive: Place, level: Level, limit: int, as_json: bool) -> None:
    with (
        vj.Archive.open(archive) as opened,
        printing.progress_line("articles") as progress,
    ):
        typos = opened.typos(level, progress=progress)
        articles = len(opened)
    if as_json:
        found = printing.typos_as_json(typos, limit)
        printing.print_json({"archive": str(archive), "level": level, "articles": articles} | found)
    else:
        printing.print_typos(typos, limit)


class _Fixing:
    """Sources on their way: their edits are printed or asked about, and put in where asked for."""

    def __init__(self, level: Level, options: dict[str, Any]) -> None:
        self._level = level
        self._options = options
        self._words = options["words"]
        self._dialog = Dialog() if options["interactive"] else None
        self._is_listing = not options["interactive"] and not self._writes_to_stdout
        self._listed: list[dict[str, Any]] = []
        self._edits = 0
        self._accepted = 0
        self._written: set[Path] = set()
        self._failed = False

    @property
    def _writes_to_stdout(self) -> bool:
        options = self._options
        return bool(options["apply"] and not options["in_place"] and not options["output"])

    def run(self, sources: tuple[Path, ...]) -> None:
        """Read the sources and say what became of them."""
        if self._dialog and not self._options["apply"]:
            printing.warn("note: nothing will be written: --apply writes what you accept")
        for source in sources:
            if str(source) == "-":
                with reporting("standard input", self._note):
                    self._pass_on([nameless(sys.stdin.buffer.read())])
            elif self._options["apply"]:
                for file, id in files(source, self._note):
                    self._fix(file, id)
            else:  # whatever is read has typos to show; only some formats can be written
                for article in vj.read(source, report=self._note):
                    if self._dialog and self._dialog.is_over:
                        break
                    self._choose(article)
        self._summarize()
        if self._failed:
            sys.exit(2)

    def _fix(self, file: Path, id: str) -> None:
        output: Path | None = self._options["output"]
        is_over = self._dialog is not None and self._dialog.is_over
        if output is None:
            if is_over and not self._writes_to_stdout:
                return
        elif output.resolve() in file.resolve().parents and not _is_same(output / id, file):
            return  # what was written there before
        accepted = self._accepted
        is_done = False
        with reporting(readable(file), self._note):
            try:
                self._put_right(file, id)
                is_done = True
            except vj.WriteError as error:
                self._failed = True
                printing.warn(f"not written: {error}")
        if not is_done:
            self._accepted = accepted

    def _put_right(self, file: Path, id: str) -> None:
        found = pieces(file, id, self._note)
        if self._options["output"]:
            self._write(self._options["output"] / id, file, found)
        elif not self._options["in_place"]:
            self._pass_on(found)
        elif rewrite.rewrite(file, found, self._choose):
            self._written.add(file)

    def _write(self, target: Path, file: Path, found: Iterable[Piece]) -> None:
        if target in self._written:
            raise vj.WriteError(f"{target}: another source is written there: fix {file} by itself")
        rewrite.write(target, file, found, self._choose)
        self._written.add(target)

    def _pass_on(self, found: Iterable[Piece]) -> None:
        for part in rewrite.rewritten(found, self._choose):
            if self._writes_to_stdout:
                sys.stdout.buffer.write(part)

    def _note(self, problem: Problem) -> None:
        if not problem.skipped:
            self._failed = True
            printing.warn(f"not read: {problem}")

    def _choose(self, article: vj.Article) -> Edits:
        """The edits of an article that are to be put in, once they are printed or asked about."""
        if self._dialog and self._dialog.is_over:
            return {}
        chosen: dict[str, list[vj.Edit]] = {}
        heading = f"{printing.bold(article.heading)}  {printing.dim(article.id)}\n"
        for field in ("title", "body"):
            correction = vj.correct(getattr(article, field), self._level, words=self._words)
            for edit, *sentences in correction.in_sentences():
                proposal = vj.Proposal.of(article, field, edit)
                accepted = self._dialog.ask(proposal) if self._dialog else True
                self._edits += 1
                self._accepted += accepted is True
                if accepted and self._options["apply"]:
                    chosen.setdefault(field, []).append(edit)
                if self._options["as_json"]:
                    self._list(proposal, sentences, accepted)
                elif self._is_listing:
                    lines = printing.edit_lines(edit, proposal.left, proposal.right)
                    click.echo(f"{heading}{lines}")
                    heading = ""
        return chosen

    def _list(self, proposal: vj.Proposal, sentences: list[str], accepted: bool | None) -> None:
        entry = {"id": proposal.id, "field": proposal.field, **asdict(proposal.edit)}
        entry |= {"sentence_before": sentences[0], "sentence_after": sentences[1]}
        if self._dialog:
            entry["accepted"] = accepted
        self._listed.append(entry)

    def _summarize(self) -> None:
        options = self._options
        written = printing.counted(len(self._written), "file")
        fixed = printing.counted(self._accepted, "typo")
        if self._dialog:
            click.echo(f"{self._accepted} of {self._edits} edits accepted", err=True)
        if options["as_json"]:
            printing.print_json(self._listed)
        elif options["output"]:
            click.echo(f"{fixed} fixed; {written} written to {options['output']}")
        elif options["in_place"]:
            click.echo(f"{fixed} fixed in {written}")
        elif self._is_listing:
            click.echo(f"{printing.counted(self._edits, 'typo')} found")


def _is_same(file: Path, other: Path) -> bool:
    return file.exists() and file.samefile(other)
