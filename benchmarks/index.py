"""Part ``index``: what it costs to index and to search, in time, memory and space."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import vnjournal as vj
from benchmarks import corpora
from benchmarks.options import Options
from benchmarks.report import Chart, Progress, Report, Table
from benchmarks.timing import in_child, median, percentile
from vnjournal.index.engines import NAMES
from vnjournal.text.spans import Kind

PART = "index"

#: A query's text, and the year that it is filtered by.
Query = tuple[str, int | None]

_JOB = "benchmarks.index_job"
_MB = 1e6
_SEED = 20
_QUERIES = 40  # of each kind: half frequent, half rare; of each half, every other one without marks
_MOST_FREQUENT = 100
_RARE = range(2, 6)  # in so many articles
_YEAR = 2017


def run(options: Options, progress: Progress) -> Report:
    """Build archives of each engine, with and without correction, and query them."""
    report = Report(PART)
    progress("choosing queries")
    queries = choose_queries(corpora.articles(options.corpora, options.articles))
    with TemporaryDirectory() as scratch:
        builds: dict[str, dict[str, Any]] = {}
        asked: dict[str, dict[str, Any]] = {}
        for engine in NAMES:
            for correct in (True, False):
                name = engine if correct else f"{engine}, not corrected"
                progress(f"indexing {options.articles:,} articles, {name}")
                folder = Path(scratch, f"{engine}-{correct}")
                builds[name] = _build(options, folder, engine, options.articles, correct)
            progress(f"querying {engine}")
            job = {"do": "query", "folder": str(Path(scratch, f"{engine}-True"))}
            asked[engine] = in_child(_JOB, job | {"queries": queries})
        memory = {
            engine: {
                size: _memory(options, Path(scratch), engine, size, progress)
                for size in options.few_and_many
            }
            for engine in NAMES
        }
    _report_builds(report, options, builds)
    _report_queries(report, options, asked)
    _report_memory(report, memory)
    report.raw = {
        "articles": options.pile,
        "builds": builds,
        "queries": {
            engine: {
                "milliseconds": {
                    kind: {"median": median(times), "p95": percentile(times, 95), "all": times}
                    for kind, times in answer["milliseconds"].items()
                },
                "peak_bytes": answer["peak_bytes"],
            }
            for engine, answer in asked.items()
        },
        "memory": memory,
    }
    return report


def _build(
    options: Options, folder: Path, engine: str, limit: int, correct: bool
) -> dict[str, Any]:
    job = {"do": "build", "folder": str(folder), "engine": engine, "correct": correct}
    return in_child(_JOB, job | {"paths": [str(p) for p in options.corpora], "limit": limit})


def _memory(
    options: Options, scratch: Path, engine: str, size: int, progress: Progress
) -> dict[str, Any]:
    progress(f"memory of {engine} at {size:,} articles")
    return _build(options, scratch / f"{engine}-{size}", engine, size, correct=True)


# --- queries from the corpus's own words


def choose_queries(articles: Iterable[vj.Article]) -> dict[str, list[Query]]:
    """Words and pairs of words, frequent and rare ones; always the same for the same articles."""
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for article in articles:
        own_words, own_pairs = _words_and_pairs(article.body)
        words.update(own_words)
        pairs.update(own_pairs)
    choice = random.Random(_SEED)
    terms, phrases = _frequent_and_rare(words, choice), _frequent_and_rare(pairs, choice)
    return {
        "term": [(term, None) for term in terms],
        "phrase": [(f'"{phrase}"', None) for phrase in phrases],
        "filtered": [(term, _YEAR) for term in terms],
    }


def _words_and_pairs(text: str) -> tuple[set[str], set[str]]:
    tokens = [token for token in vj.syllables(text) if token.kind is not Kind.PUNCTUATION]
    words = {token.text.lower() for token in tokens if _is_plain(token)}
    pairs = {
        f"{left.text} {right.text}".lower()
        for left, right in pairwise(tokens)
        if _is_plain(left) and _is_plain(right) and text[left.end : right.start] == " "
    }
    return words, pairs


def _is_plain(token: vj.Token) -> bool:
    return token.kind is Kind.WORD and token.text.isalpha()


def _frequent_and_rare(counts: Counter[str], choice: random.Random) -> list[str]:
    frequent = [text for text, _ in counts.most_common(_MOST_FREQUENT)]
    rare = sorted(text for text, count in counts.items() if count in _RARE) or frequent
    chosen = [
        text
        for texts in (frequent, rare)
        for text in choice.sample(texts, min(_QUERIES // 2, len(texts)))
    ]
    return [vj.fold(text) if at % 2 else text for at, text in enumerate(chosen)]


# --- tables


def _report_builds(report: Report, options: Options, builds: dict[str, dict[str, Any]]) -> None:
    report.tables.append(
        Table(
            f"Index: {options.articles:,} articles ({options.pile})",
            ("engine", "articles/s", "MB/s", "peak MB", "index MB", "store MB", "text MB"),
            [
                [
                    name,
                    built["articles"] / built["seconds"],
                    built["bytes"] / _MB / built["seconds"],
                    *(built[f"{what}_bytes"] / _MB for what in ("peak", "index", "store")),
                    built["bytes"] / _MB,
                ]
                for name, built in builds.items()
            ],
            "One process; memory is the peak of the whole process.",
        )
    )
    report.charts.append(
        Chart(
            "index-speed",
            f"Indexing {options.articles:,} articles",
            "articles/s",
            list(NAMES),
            {
                "corrected": list(_rates(builds, "")),
                "not corrected": list(_rates(builds, ", not corrected")),
            },
        )
    )


def _rates(builds: dict[str, dict[str, Any]], suffix: str) -> Iterator[float]:
    for engine in NAMES:
        built = builds[engine + suffix]
        yield built["articles"] / built["seconds"]


def _report_queries(report: Report, options: Options, asked: dict[str, dict[str, Any]]) -> None:
    kinds = list(next(iter(asked.values()))["milliseconds"])
    report.tables.append(
        Table(
            f"Index: query latency over {options.articles:,} articles, milliseconds",
            ("engine", *(f"{kind} {what}" for kind in kinds for what in ("median", "p95"))),
            [
                [
                    engine,
                    *(
                        value
                        for times in answer["milliseconds"].values()
                        for value in (median(times), percentile(times, 95))
                    ),
                ]
                for engine, answer in asked.items()
            ],
            f"{_QUERIES} queries of each kind, half frequent and half rare, half without marks; "
            "warm; ten hits with snippets and highlights, as Archive.search gives them.",
        )
    )
    report.charts.append(
        Chart(
            "index-latency",
            f"Query latency over {options.articles:,} articles",
            "median milliseconds",
            kinds,
            {
                engine: [median(times) for times in answer["milliseconds"].values()]
                for engine, answer in asked.items()
            },
        )
    )


def _report_memory(report: Report, memory: dict[str, dict[int, dict[str, Any]]]) -> None:
    sizes = list(next(iter(memory.values())))
    report.tables.append(
        Table(
            "Index: peak memory as the archive grows, MB",
            ("engine", *(f"{size:,} articles" for size in sizes), "growth"),
            [
                [
                    engine,
                    *(built["peak_bytes"] / _MB for built in found.values()),
                    found[sizes[-1]]["peak_bytes"] / found[sizes[0]]["peak_bytes"],
                ]
                for engine, found in memory.items()
            ],
            "Corrected, as a user would index them. The corrector's caches fill as it meets words.",
        )
    )
