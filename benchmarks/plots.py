"""Draws charts as SVG files."""

from __future__ import annotations

from pathlib import Path

from benchmarks.report import Chart

_GROUP_WIDTH = 0.8
_COLOURS = ("#1f5f8b", "#d98032", "#5b8c5a", "#8c5b86", "#777777")


def draw(chart: Chart, folder: Path) -> Path:
    """Draw one chart into a folder; returns the file. Needs matplotlib (the extra ``bench``)."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "vnjournal"  # the same results give the same file
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(max(5.0, 1.4 * len(chart.labels) + 2), 3.6))
    width = _GROUP_WIDTH / len(chart.series)
    for number, (name, values) in enumerate(chart.series.items()):
        places = [at + (number - (len(chart.series) - 1) / 2) * width for at in range(len(values))]
        colour = _COLOURS[number % len(_COLOURS)]
        bars = axes.bar(places, values, width * 0.92, label=name, color=colour)
        axes.bar_label(bars, fmt="%.3g", fontsize=6, padding=1)
    axes.set_xticks(range(len(chart.labels)), chart.labels, fontsize=8)
    axes.set_ylabel(chart.unit, fontsize=8)
    axes.set_title(chart.title, fontsize=10, loc="left")
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if chart.log:
        axes.set_yscale("log")
    else:
        axes.margins(y=0.12)
    if len(chart.series) > 1:
        axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.tight_layout()
    file = folder / f"{chart.name}.svg"
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
    return file
