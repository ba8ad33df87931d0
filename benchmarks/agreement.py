"""Whether two archives of the same articles give the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import fmean

import vnjournal as vj
from benchmarks.report import Cell, Figure, Report, Table

_PAGE = 10
_TIES = 50  # hits that are looked through for those tied with the tenth
_NEARLY = 1e-3  # part of a score by which tied ones may differ


def compare(
    report: Report,
    names: str,
    archives: tuple[vj.Archive, vj.Archive],
    asked: Mapping[str, Sequence[str]],
    data: tuple[str, ...],
) -> None:
    """Ask two archives the same, and report how far they agree.

    Args: ``names``: of the engines, for the table; ``asked``: queries by kind; ``data``: what the
    floors hang on.
    """
    rows: list[list[Cell]] = []
    overlaps: dict[str, list[float]] = {}
    alike: dict[str, list[bool]] = {}
    for kind, queries in asked.items():
        overlaps[kind], alike[kind] = [], []
        for query in queries:
            left, right = (archive.search(query, limit=_TIES) for archive in archives)
            overlaps[kind].append((_overlap(left, right) + _overlap(right, left)) / 2)
            alike[kind].append(left.total == right.total and left.facets == right.facets)
        rows.append([kind, len(queries), fmean(overlaps[kind]), fmean(alike[kind])])
    all_overlaps = [*chain.from_iterable(overlaps.values())]
    all_alike = [*chain.from_iterable(alike.values())]
    rows.append(["all", len(all_alike), fmean(all_overlaps), fmean(all_alike)])
    report.raw["agreement"] = {"overlap": overlaps, "alike": alike}
    report.figures += [
        Figure(report.part, "overlap of the best ten", fmean(all_overlaps), data),
        Figure(report.part, "totals and facets equal", fmean(all_alike), data),
    ]
    report.tables.append(
        Table(
            f"Agreement: {names}, the same queries",
            ("kind", "queries", "overlap of the best ten", "totals and facets equal"),
            rows,
            "An article tied with the tenth counts.",
        )
    )


def _overlap(found: vj.Results, other: vj.Results) -> float:
    """How many of the best ten are among another's best ten, or tied with its tenth."""
    best = [hit.id for hit in found.hits[:_PAGE]]
    if not best:
        return float(not other.hits)
    last = min(hit.score for hit in other.hits[:_PAGE]) if other.hits else 0.0
    others = {hit.id for hit in other.hits if hit.score >= last * (1 - _NEARLY)}
    return sum(id in others for id in best) / len(best)
