"""Draws charts as SVG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import Chart, Curves, Panel, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GROUP_WIDTH = 0.8
_COLOURS = ("#1f5f8b", "#d98032", "#5b8c5a", "#8c5b86", "#777777")
_COLUMNS = 3  # of panels
_MANY = 3  # lines that are told apart by a legend beside the panel, not inside of it


def draw(chart: Chart | Curves, folder: Path) -> Path:
    """Draw one chart into a folder; returns the file. Needs matplotlib (the extra ``bench``)."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "vnjournal"  # the same results give the same file
    from matplotlib import pyplot as plt

    figure = _bars(chart) if isinstance(chart, Chart) else _curves(chart)
    file = folder / f"{chart.name}.svg"
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
    return file


def _bars(chart: Chart) -> Figure:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(max(5.0, 1.4 * len(chart.labels) + 2), 3.6))
    width = _GROUP_WIDTH / len(chart.series)
    for number, (name, values) in enumerate(chart.series.items()):
        places = [at + (number - (len(chart.series) - 1) / 2) * width for at in range(len(values))]
        colour = _COLOURS[number % len(_COLOURS)]
        bars = axes.bar(places, values, width * 0.92, label=name, color=colour)
        axes.bar_label(bars, fmt=shown, fontsize=6, padding=1)
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
    return figure


def _curves(chart: Curves) -> Figure:
    from matplotlib import pyplot as plt

    rows = -(-len(chart.panels) // _COLUMNS)
    figure, grid = plt.subplots(
        rows, _COLUMNS, figsize=(4.2 * _COLUMNS, 3.2 * rows), squeeze=False, layout="constrained"
    )
    figure.suptitle(chart.title, fontsize=11, x=0.01, ha="left")
    for axes, panel in zip(grid.flat, chart.panels, strict=False):
        _lines(axes, panel, chart)
    for unused in grid.flat[len(chart.panels) :]:
        unused.set_visible(False)
    return figure


def _lines(axes: Axes, panel: Panel, chart: Curves) -> None:
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    for number, (name, values) in enumerate(panel.series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        dashed = "--" if number >= len(_COLOURS) else "-"
        axes.plot(chart.places, values, dashed, marker="o", markersize=3, color=colour, label=name)
        if len(panel.series) < _MANY:
            for at, value in zip(chart.places, values, strict=True):
                axes.annotate(
                    shown(value),
                    (at, value),
                    textcoords="offset points",
                    xytext=(0, -10 if number else 5),  # the second line is the lower one
                    ha="center",
                    fontsize=6,
                )
    axes.set_xscale("log")
    axes.set_xticks(chart.places, [f"{at:,}" for at in chart.places], fontsize=7)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(chart.along, fontsize=8)
    axes.set_ylabel(panel.unit, fontsize=8)
    axes.set_title(panel.title, fontsize=9, loc="left")
    axes.tick_params(axis="y", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    if panel.log:
        axes.set_yscale("log")
        axes.margins(y=0.12)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(bottom=0, top=max(map(max, panel.series.values())) * 1.15)
    if len(panel.series) >= _MANY:
        axes.legend(
            fontsize=6, frameon=False, handlelength=3, loc="upper left", bbox_to_anchor=(1.0, 1.0)
        )
    elif len(panel.series) > 1:
        axes.legend(fontsize=6, frameon=False)
