"""How the command line prints: plain when piped, coloured on a terminal, JSON on request."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

import vnjournal as vj

if TYPE_CHECKING:
    from vnjournal.articles.article import Article
    from vnjournal.review import Typo
    from vnjournal.search.results import Hit, Results
    from vnjournal.store.sketches import Alike
    from vnjournal.store.writing import Added
    from vnjournal.text.spans import Edit

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COMMANDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_LINE_END = re.compile(r"[\r\n]")
_BLANKS = re.compile(r"\s+")
_SHOWN_VALUES = 8  # of a facet
_NAMED = 5  # articles that are nearly the same as one
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


def shown(text: str, on_terminal: bool | None = None) -> str:
    """Text of an article or query as a terminal may get it: no character in it moves the cursor.

    Args: ``on_terminal``: whether a terminal gets it; by default, whether stdout is one.
    """
    is_on_terminal = sys.stdout.isatty() if on_terminal is None else on_terminal
    return _COMMANDS.sub(_escaped, text) if is_on_terminal else text


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
        (_coloured(text) if on_terminal else f"[{text}]") if marked else shown(text)
        for text, marked in parts
    ]
    return " ".join("".join(pieces).split())


def _coloured(text: str) -> str:
    return click.style(shown(text), fg="red", bold=True)


def byline(article: Article) -> str:
    """Journal, issue, date, section and authors of an article, as far as known."""
    issue = f"số {article.issue}" if article.issue else ""
    authors = ", ".join(author.name for author in article.authors)
    known = (article.journal, issue, article.date[:10], article.section, authors, article.id)
    return " · ".join(part for part in known if part)


def print_read(article: Article) -> None:
    """From what an article was read, where that left something to be said of it."""
    encoding, notes = article.extra.get("encoding"), article.extra.get("notes")
    if encoding or notes:
        known = (str(each) for each in (article.extra.get("format"), encoding) if each)
        said = notes if isinstance(notes, list) else filter(None, [notes])
        read = f"read from {', '.join(known) or 'a file'}"
        click.echo(dim("; ".join([read, *map(str, said)])))


def print_removed(article: Article) -> None:
    """What the reader of an article took off, by kind."""
    removed = article.extra.get("removed")
    if not isinstance(removed, Mapping) or not removed:
        click.echo(dim("nothing was taken off"))
        return
    for kind, text in removed.items():
        click.echo(f"{dim(f'taken off ({kind}):')}\n{shown(str(text))}\n")


#: Gives the articles that are nearly the same as the one of an id.
AlikeOf = Callable[[str], "list[Alike]"]


def print_results(results: Results, offset: int, alike: AlikeOf) -> None:
    """Hits with their snippets and what is nearly the same, and how many there are in all."""
    _print_notes(results)
    for number, hit in enumerate(results, start=offset + 1):
        title = (_coloured(text) if marked else bold(text) for text, marked in hit.title_parts())
        print_heading(number, hit, "".join(title) if sys.stdout.isatty() else "")
        click.echo(f"   {highlighted(hit.snippet_parts())}")
        if also := alike(hit.id):
            click.echo(f"   {dim(nearly_the_same(also))}")
        click.echo()
    if results.hits:
        last = offset + len(results)
        least = "at least " if results.total_is_least else ""
        meant = f" ({shown(results.reading)})" if results.reading else ""
        asked = f"{shown(results.query)}{meant}"
        click.echo(f"{offset + 1}-{last} of {least}{results.total} for: {asked}")
    else:
        click.echo(f"{_nothing(results)} for: {shown(results.query)}")
    if _is_doubtful(results) and results.suggestion:
        click.echo(f"did you mean: {shown(results.suggestion)}")


def warn_of_reading(results: Results) -> None:
    """On stderr, how a query was read and what may have been meant: stdout is for the articles."""
    _print_notes(results)
    if results.reading:
        warn(f"note: read as: {results.reading}")
    if not results.hits:
        warn(f"{_nothing(results)} for: {results.query}")
    if _is_doubtful(results) and results.suggestion:
        warn(f"did you mean: {results.suggestion}")


def _print_notes(results: Results) -> None:
    for note in results.notes:
        warn(f"note: {note}")
    if results.relaxed:
        warn(f"note: {results.relaxed}")


def _nothing(results: Results) -> str:
    return (
        f"no more than {counted(results.total, 'article')} found"
        if results.total
        else "nothing found"
    )


def _is_doubtful(results: Results) -> bool:
    return bool(results.relaxed) if results.hits else not results.total


def print_heading(number: int, hit: Hit, title: str = "") -> None:
    """The title of a hit, which may be given in colours, and what else is known of the article."""
    click.echo(f"{number}. {title or bold(hit.title)}")
    click.echo(f"   {dim(byline(hit.article))}")


def print_facets(facets: Mapping[str, Mapping[str, int]]) -> None:
    """A line for each facet that has values, the commonest of them first."""
    for name, counts in facets.items():
        if counts:
            first = islice(counts.items(), _SHOWN_VALUES)
            values = ", ".join(f"{shown(value)} ({count})" for value, count in first)
            more = len(counts) - _SHOWN_VALUES
            click.echo(f"{dim(name)}: {values}{f' and {more} more' if more > 0 else ''}")


def nearly_the_same(found: Sequence[Alike]) -> str:
    """Which articles are nearly the same as another, and how far."""
    named = [f"{each.other} ({each.similarity:.0%})" for each in found[:_NAMED]]
    more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return f"nearly the same: {', '.join(named + more)}"


def results_as_json(results: Results, alike: AlikeOf) -> dict[str, Any]:
    """The answer to a query as plain values."""
    return {
        "query": results.query,
        "total": results.total,
        "total_is_least": results.total_is_least,
        "reading": results.reading,
        "relaxed": results.relaxed,
        "suggestion": results.suggestion if _is_doubtful(results) else "",
        "notes": list(results.notes),
        "hits": [
            {
                "id": hit.id,
                "score": round(hit.score, 4),
                "title": hit.title,
                "snippet": hit.snippet,
                "near_duplicates": near_duplicates_as_json(alike(hit.id)),
                "snippet_spans": [[span.start, span.end] for span in hit.snippet_spans],
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


def near_duplicates_as_json(found: Sequence[Alike]) -> list[dict[str, Any]]:
    """What is nearly the same as an article, as plain values."""
    return [{"id": each.other, "similarity": round(each.similarity, 4)} for each in found]


def edit_lines(edit: Edit, left: str, right: str, on_terminal: bool | None = None) -> str:
    """One edit among the words around it, then why: red and green on a terminal, else in braces.

    Args: ``left``, ``right``: what stands on either side; ``on_terminal``: as for :func:`shown`.
    """
    coloured = sys.stdout.isatty() if on_terminal is None else on_terminal
    before, after = (shown(" ".join(t.splitlines()), coloured) for t in (edit.before, edit.after))
    if coloured:
        change = click.style(before, fg="red", strikethrough=True) + click.style(after, fg="green")
    else:
        change = f"[-{before}-]{{+{after}+}}"
    left, right = (shown(_BLANKS.sub(" ", side), coloured) for side in _nearest(left, right))
    evidence = shown(f"{edit.kind} {edit.confidence:.2f}: {edit.reason}", coloured)
    return f"  {left.lstrip()}{change}{right.rstrip()}\n      {click.style(evidence, dim=True)}"


def _nearest(left: str, right: str) -> tuple[str, str]:
    """Whole words of the same line, on either side of a place."""
    left, right = _LINE_END.split(left)[-1], _LINE_END.split(right)[0]
    if len(left) > _CONTEXT:
        left = left[-_CONTEXT:].partition(" ")[2]
    if len(right) > _CONTEXT:
        right = right[:_CONTEXT].rpartition(" ")[0]
    return left, right


def print_typos(typos: Sequence[Typo], limit: int) -> None:
    """The most frequent typos of an archive, each with an example."""
    for typo in typos[:limit]:
        change = shown(f"{typo.before} → {typo.after}")
        click.echo(
            f"{typo.count:5} × {bold(change)}  {typo.kind} {typo.confidence:.2f}, in "
            f"{counted(typo.articles, 'article')}{_decided([typo])}"
        )
        example = typo.example
        line, _, _ = edit_lines(example.edit, example.left, example.right).partition("\n")
        click.echo(f"      {line}  {dim(example.id)}")
    total = counted(sum(typo.count for typo in typos), "typo")
    which = "the most frequent" if limit == 1 else f"the {limit} most frequent"
    part = f", {which} shown" if len(typos) > limit else ""
    click.echo(f"{total}, {len(typos):,} different{part}{_decided(typos)}")


def _decided(typos: Sequence[Typo]) -> str:
    counts = {
        "accepted": sum(typo.accepted for typo in typos),
        "rejected": sum(typo.rejected for typo in typos),
    }
    return "".join(f", {count:,} {what}" for what, count in counts.items() if count)


def typos_as_json(typos: Sequence[Typo], limit: int) -> dict[str, Any]:
    """The most frequent typos of an archive as plain values."""
    return {
        "typos": sum(typo.count for typo in typos),
        "different": len(typos),
        "most_frequent": [
            asdict(typo)
            | {
                "confidence": round(typo.confidence, 4),
                "example": {
                    "id": typo.example.id,
                    "field": typo.example.field,
                    **asdict(typo.example.edit),
                    "left": typo.example.left,
                    "right": typo.example.right,
                },
            }
            for typo in typos[:limit]
        ],
    }


def counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


@contextmanager
def progress_line(
    unit: str, total_bytes: Callable[[], int] | None = None
) -> Iterator[Callable[[Added], None]]:
    """A counter on stderr while work goes on; nothing where stderr is no terminal.

    Args: ``total_bytes``: finds out how much there is to read, for the time that remains.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[count]:,} {task.description}, {task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        *((TextColumn("left:"), TimeRemainingColumn()) if total_bytes else ()),
    )
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(unit, total=None, count=0, rate=0.0)
        if total_bytes:  # beside the work: a large archive takes a while to be walked through
            find = total_bytes
            Thread(target=lambda: bar.update(task, total=find()), daemon=True).start()

        def tell(added: Added) -> None:
            rate = added.done / max(time.monotonic() - started, 0.001)
            read = added.bytes_done if isinstance(added, vj.Synced) else 0
            bar.update(task, completed=read, count=added.done, rate=rate)

        yield tell
