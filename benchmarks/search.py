"""Part ``search``: whether the right article comes first, however the query is typed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import vnjournal as vj
from benchmarks import evaluation, samples
from benchmarks.options import Options
from benchmarks.report import Chart, Figure, Progress, Report, Table
from benchmarks.search_peers import PEERS, Searcher
from vnjournal.index.engines import NAMES

PART = "search"

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rank of the first right article for each query of a kind; 0 when not in the best ten."""

    ranks: Sequence[int]

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank, at ten."""
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks)

    @property
    def first(self) -> float:
        """The part of the queries that a right article answers first."""
        return sum(rank == 1 for rank in self.ranks) / len(self.ranks)


def run(options: Options, progress: Progress) -> Report:
    """Search the samples, and questions with their passages when there are any."""
    report = Report(PART)
    with TemporaryDirectory() as scratch, ExitStack() as open_archives:
        progress("queries on the samples")
        searchers = {
            **own_searchers(samples.articles(), Path(scratch, "samples"), open_archives),
            **{name: build(samples.articles()) for name, build in PEERS.items()},
        }
        _measure_samples(report, searchers)
        questions = options.path_of(evaluation.QUESTIONS)
        if questions:
            _measure_questions(report, questions, Path(scratch, "questions"), progress)
    return report


def own_searchers(
    articles: Sequence[vj.Article], folder: Path, open_archives: ExitStack
) -> dict[str, Searcher]:
    """An archive of each engine, filled as a user would fill it."""

    def searcher(engine: str) -> Searcher:
        archive = open_archives.enter_context(vj.Archive.create(folder / engine, engine))
        archive.add(articles)
        return lambda query: [hit.id for hit in archive.search(query, limit=_DEPTH)]

    return {f"vnjournal {engine}": searcher(engine) for engine in NAMES}


def rank(found: Sequence[str], relevant: frozenset[str]) -> int:
    """The place of the first right article among those found, from 1; 0 when there is none."""
    return next((at for at, id in enumerate(found, start=1) if id in relevant), 0)


def sample_ranks(search: Searcher) -> dict[str, Ranks]:
    """The ranks of the sample queries by kind, and of ``all`` of them."""
    ranks = [(query.kind, rank(search(query.text), query.relevant)) for query in samples.queries()]
    kinds = dict.fromkeys(kind for kind, _ in ranks)
    by_kind = {kind: Ranks([r for k, r in ranks if k == kind]) for kind in kinds}
    return {"all": Ranks([r for _, r in ranks]), **by_kind}


def sample_figures(name: str, ranks: dict[str, Ranks]) -> list[Figure]:
    """The figures of the samples that have floors."""
    data = (samples.ARTICLES, samples.QUERIES)
    return [
        figure
        for kind, found in ranks.items()
        for figure in (
            Figure(PART, f"{name}: {kind} queries, MRR@10", found.mrr, data),
            Figure(PART, f"{name}: {kind} queries, first right", found.first, data),
        )
    ]


def _measure_samples(report: Report, searchers: dict[str, Searcher]) -> None:
    ranks = {name: sample_ranks(search) for name, search in searchers.items()}
    kinds = list(next(iter(ranks.values())))
    counts = {kind: len(next(iter(ranks.values()))[kind].ranks) for kind in kinds}
    for title, read in (("MRR@10", "mrr"), ("first hit right (R@1)", "first")):
        report.tables.append(
            Table(
                f"Search: queries on the sample articles, {title}",
                ("kind", "queries", *searchers),
                [
                    [kind, counts[kind], *(getattr(ranks[name][kind], read) for name in searchers)]
                    for kind in kinds
                ],
            )
        )
    report.charts.append(
        Chart(
            "search-samples",
            "Queries on the sample articles",
            "MRR@10",
            kinds,
            {name: [ranks[name][kind].mrr for kind in kinds] for name in searchers},
        )
    )
    texts = [query.text for query in samples.queries()]
    report.raw["samples"] = {
        name: {
            "by_kind": _raw(found),
            "not_first": {
                text: rank
                for text, rank in zip(texts, found["all"].ranks, strict=True)
                if rank != 1
            },
        }
        for name, found in ranks.items()
    }
    for name in searchers:
        if name not in PEERS:
            report.figures += sample_figures(name, ranks[name])


def _raw(ranks: dict[str, Ranks]) -> dict[str, dict[str, float]]:
    return {kind: {"mrr_10": found.mrr, "r_1": found.first} for kind, found in ranks.items()}


def _measure_questions(report: Report, path: Path, folder: Path, progress: Progress) -> None:
    data = evaluation.questions(path)
    articles = [vj.Article(id=str(at), body=text) for at, text in enumerate(data.passages)]
    right = [frozenset((str(at),)) for _, at in data.questions]
    ways = evaluation.ways_of_typing([question for question, _ in data.questions])
    ranks: dict[str, dict[str, Ranks]] = {}
    with ExitStack() as open_archives:
        searchers = {
            **own_searchers(articles, folder, open_archives),
            **{name: build(articles) for name, build in PEERS.items()},
        }
        for name, search in searchers.items():
            ranks[name] = {}
            for way, texts in ways.items():
                progress(f"XQuAD {way}, {name}")
                ranks[name][way] = Ranks(
                    [rank(search(text), wanted) for text, wanted in zip(texts, right, strict=True)]
                )
    for title, read in (("MRR@10", "mrr"), ("R@1", "first")):
        report.tables.append(
            Table(
                f"Search: XQuAD, {len(right):,} questions over {len(articles)} passages, {title}",
                ("system", *ways),
                [[name, *(getattr(ranks[name][way], read) for way in ways)] for name in ranks],
            )
        )
    report.charts.append(
        Chart(
            "search-xquad",
            "XQuAD, by how the question is typed",
            "MRR@10",
            list(ways),
            {name: [found[way].mrr for way in ways] for name, found in ranks.items()},
        )
    )
    report.raw["xquad"] = {name: _raw(found) for name, found in ranks.items()}
    report.figures += [
        Figure(PART, f"{name}: XQuAD {way}, {measure}", value, (evaluation.QUESTIONS,))
        for name, found in ranks.items()
        if name not in PEERS
        for way in ways
        for measure, value in (("MRR@10", found[way].mrr), ("R@1", found[way].first))
    ]
