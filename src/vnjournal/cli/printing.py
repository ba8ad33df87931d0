"""How the command line prints: plain when piped, coloured on a terminal, JSON on request."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vnjournal.archive import Added
    from vnjournal.articles.article import Article
    from vnjournal.search.results import Results
    from vnjournal.text.spans import Edit

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COMMANDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")


_CONTEXT = 50  # characters shown on either side of an edit


def print_json(value: Any) -> None:
    """One JSON document on stdout, in UTF-8, not escaped."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def warn(message: str) -> None:
    """One line on stderr."""
    click.secho(_CONTROL.sub(_escaped, message), fg="yellow", err=True)


def complain(message: str) -> None:
    """One line on stderr: why the program ends."""
    click.echo(f"vnjournal: {_CONTROL.sub(_escaped, message)}", err=True)


def shown(text: str) -> str:
    """Text of an article or query as a terminal may get it: no character in it moves the cursor."""
    return _COMMANDS.sub(_escaped, text) if sys.stdout.isatty() else text


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()


def bold(text: str) -> str:
    return click.style(shown(text), bold=True)


def dim(text: str) -> str:
    return click.style(shown(text), dim=True)


def highlighted(parts: Iterable[tuple[str, bool]]) -> str:
    """Pieces of text on one line, the marked ones in colour on a terminal, else in brackets."""
    on_terminal = sys.stdout.isatty()
    pieces = [
        (click.style(shown(text), fg="red", bold=True) if on_terminal else f"[{text}]")
        if marked
        else shown(text)
        for text, marked in parts
    ]
    return " ".join("".join(pieces).split())


def byline(article: Article) -> str:
    """Journal, issue, date, section and authors of an article, as far as known."""
    issue = f"số {article.issue}" if article.issue else ""
    authors = ", ".join(author.name for author in article.authors)
    known = (article.journal, issue, article.date[:10], article.section, authors, article.id)
    return " · ".join(part for part in known if part)


def print_results(results: Results, offset: int) -> None:
    """Hits with their snippets, and how many there are in all."""
    for note in results.notes:
        warn(f"note: {note}")
    if results.relaxed:
        warn(f"note: {results.relaxed}")
    for number, hit in enumerate(results, start=offset + 1):
        click.echo(f"{number}. {bold(hit.title)}")
        click.echo(f"   {dim(byline(hit.article))}")
        click.echo(f"   {highlighted(hit.snippet_parts())}")
        click.echo()
    if results.hits:
        last = offset + len(results)
        click.echo(f"{offset + 1}-{last} of {results.total} for: {shown(results.query)}")
    elif results.total:
        click.echo(f"only {results.total} articles found for: {shown(results.query)}")
    else:
        click.echo(f"nothing found for: {shown(results.query)}")


def results_as_json(results: Results) -> dict[str, Any]:
    """The answer to a query as plain values."""
    return {
        "query": results.query,
        "total": results.total,
        "relaxed": results.relaxed,
        "notes": list(results.notes),
        "hits": [
            {
                "id": hit.id,
                "score": round(hit.score, 4),
                "title": hit.title,
                "snippet": hit.snippet,
                "snippet_start": hit.snippet_start,
                "highlights": [
                    {
                        "field": h.field,
                        "start": h.start,
                        "end": h.end,
                        "text": getattr(hit.article, h.field)[h.start : h.end],
                    }
                    for h in hit.highlights
                ],
                "article": {
                    key: value for key, value in hit.article.to_dict().items() if key != "body"
                },
            }
            for hit in results
        ],
    }


def edit_line(edit: Edit, text: str) -> str:
    """One edit as before and after, with the reason and the words around it."""
    before = click.style(shown(edit.before), fg="red")
    after = click.style(shown(edit.after), fg="green")
    start = text.find(" ", max(edit.start - _CONTEXT, 0), edit.start) + 1 or edit.start
    end = max(text.rfind(" ", edit.end, edit.end + _CONTEXT), edit.end)
    parts = [(text[start : edit.start], False), (edit.before, True), (text[edit.end : end], False)]
    return (
        f"  {before} → {after}  {dim(f'{edit.kind} {edit.confidence:.2f}: {edit.reason}')}\n"
        f"      {highlighted(parts)}"
    )


@contextmanager
def progress_line(unit: str) -> Iterator[Callable[[Added], None]]:
    """A counter on stderr while work goes on; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} {task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda added: bar.update(task, completed=added.total)
