"""How long it takes until an article that has just come is found; called by part ``index``.

It comes to an archive of ten times the articles that speed is measured on, and has a word that no
other article has.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter

import vnjournal as vj
from benchmarks import index_job
from benchmarks.options import Options
from benchmarks.report import Progress, Report, Table
from benchmarks.shell import program, run_quietly
from benchmarks.timing import in_child, median

_TIMES = 10
_IN_PYTHON = 16  # the first is not counted: it loads the corrector
_IN_SHELL = 5


def articles_needed(options: Options) -> int:
    """How many articles :func:`measure` takes from the file that it is given."""
    return options.articles * _TIMES + _IN_PYTHON + _IN_SHELL


def measure(
    report: Report, options: Options, file: Path, scratch: Path, progress: Progress
) -> None:
    """Add articles one by one, in an open archive and from the shell, and search for each."""
    size = options.articles * _TIMES
    folder = scratch / "large"
    progress(f"adding one article to {size:,}")
    index_job.build_uncorrected(file, size, folder)
    coming = islice(vj.read(file), size, articles_needed(options))
    words = [f"vnj{number}" for number in range(_IN_PYTHON + _IN_SHELL)]
    articles = [
        replace(article, id=word, title=f"{article.title} {word}".strip())
        for article, word in zip(coming, words, strict=True)
    ]
    seconds = {
        "an open archive in Python": _in_python(articles[:_IN_PYTHON], folder, scratch),
        "the shell: vnjournal index, vnjournal search": _in_shell(
            articles[_IN_PYTHON:], folder, scratch
        ),
    }
    report.raw["adding one"] = {"articles": size, "seconds": seconds}
    report.tables.append(
        Table(
            f"Index: one article more in {size:,}, until it is found, seconds, tantivy",
            ("in", "times", "add", "search", "both", "both, slowest"),
            [
                [
                    name,
                    len(parts["add"]),
                    median(parts["add"]),
                    median(parts["search"]),
                    median(both),
                    max(both),
                ]
                for name, parts in seconds.items()
                for both in [[sum(pair) for pair in zip(*parts.values(), strict=True)]]
            ],
            "Medians; safe corrections are made. Of those in Python one before is not counted, "
            "which loads the corrector; each command of the shell is a fresh process.",
        )
    )


def _in_python(articles: list[vj.Article], folder: Path, scratch: Path) -> dict[str, list[float]]:
    file = scratch / "coming.jsonl"
    vj.write(articles, "jsonl", file)
    words = [article.id for article in articles]
    job = {"do": "add_singly", "file": str(file), "words": words, "folder": str(folder)}
    seconds: dict[str, list[float]] = in_child(index_job.__name__, job)
    return {part: times[1:] for part, times in seconds.items()}


def _in_shell(articles: list[vj.Article], folder: Path, scratch: Path) -> dict[str, list[float]]:
    """The word of an article is its id; a search that finds nothing fails."""
    seconds: dict[str, list[float]] = {"add": [], "search": []}
    for article in articles:
        file = scratch / f"{article.id}.txt"
        file.write_text(f"{article.title}\n\n{article.body}\n", encoding="utf-8")
        for part, command in (
            ("add", ["index", str(file)]),
            ("search", ["search", article.id]),
        ):
            begin = perf_counter()
            run_quietly([*program(), *command, "--archive", str(folder)])
            seconds[part].append(perf_counter() - begin)
    return seconds
