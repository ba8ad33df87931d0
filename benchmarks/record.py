"""Writes a run to ``benchmarks/runs/<date>-<name>/``: figures, tables, plots, and with what."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import machine, plots
from benchmarks.report import Report

RUNS = Path(__file__).parent / "runs"

_PROMISE = (
    "Times are those of one machine, shared with other work while it ran: read them as ratios "
    "within one table. Figures of quality do not depend on the machine."
)


def about(command: str) -> dict[str, Any]:
    """What a run is made with; taken before it begins, while the machine's load is not its own."""
    return {
        "command": command,
        "date": date.today().isoformat(),
        "revision": machine.revision(),
        "machine": machine.machine(),
        "versions": machine.versions(),
    }


def record(name: str, facts: dict[str, Any], reports: Sequence[Report]) -> Path:
    """Write the run; an earlier one of the same day and name is replaced. Returns its folder."""
    folder = RUNS / f"{facts['date']}-{name}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    results = {
        report.part: {"figures": [asdict(f) for f in report.figures], "raw": report.raw}
        for report in reports
    }
    run = json.dumps(facts | {"results": results}, ensure_ascii=False, indent=1)
    (folder / "run.json").write_text(run + "\n", encoding="utf-8")
    lines = [f"# {name}, {facts['date']}", "", f"`{facts['command']}`", "", *_with(facts), ""]
    for report in reports:
        lines += [f"## {report.part}", ""]
        for table in report.tables:
            lines += [table.as_markdown(), ""]
        for chart in report.charts:
            file = plots.draw(chart, folder)
            lines += [f"![{chart.title}]({file.name})", ""]
    (folder / "summary.md").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _with(facts: dict[str, Any]) -> list[str]:
    box, versions = facts["machine"], facts["versions"]
    return [
        f"Revision {facts['revision'] or 'unknown'}. {box['cpu']}, {box['cores']} cores, "
        f"{box['memory_gb']} GB, {box['system']}, load {box['load_average'][0]} at the start.",
        "",
        ", ".join(f"{name} {number}" for name, number in versions.items()) + ".",
        "",
        _PROMISE,
    ]
