"""What a part of the suite hands back: tables to read, charts, figures with floors, raw results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of results. ``note`` says how to read it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def as_text(self) -> str:
        """Aligned columns for a terminal."""
        cells = [list(self.header), *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [self.title, ""]
        for number, row in enumerate(cells):
            first, *others = zip(row, widths, strict=True)
            lines.append(
                "  ".join(
                    [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
                )
            )
            if not number:
                lines.append("  ".join("-" * width for width in widths))
        return "\n".join([*lines, *([self.note] if self.note else []), ""])

    def as_markdown(self) -> str:
        """The same table in Markdown."""
        rows = [
            self.header,
            ["---", *["---:"] * (len(self.header) - 1)],
            *([shown(cell) for cell in row] for row in self.rows),
        ]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([f"### {self.title}", "", *lines, *(["", self.note] if self.note else [])])


def shown(cell: Cell) -> str:
    """A cell as it is printed: about three figures, thousands parted, nothing for None.

    >>> [shown(cell) for cell in (0.5, 1.0, 2.345, 45.67, 12345.6, 12345, "x", None)]
    ['0.500', '1.000', '2.35', '45.7', '12,346', '12,345', 'x', '']
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        size = abs(cell)
        return f"{cell:,.{3 if size <= 1 else 2 if size < 10 else 1 if size < 100 else 0}f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


@dataclass(frozen=True, slots=True)
class Chart:
    """Grouped bars: one group a label, one bar a series. ``name`` is that of the SVG file."""

    name: str
    title: str
    unit: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float]]
    log: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several small charts in a picture: a line a series, its values over the shared x."""

    title: str
    unit: str
    series: Mapping[str, Sequence[float]]
    log: bool = False


@dataclass(frozen=True, slots=True)
class Curves:
    """Panels over one logarithmic x axis of ``places``, whose unit is ``along``; one SVG file."""

    name: str
    title: str
    along: str
    places: Sequence[int]
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of quality, which has a floor; ``data`` names what it was measured on.

    ``lower_is_better`` makes the floor a ceiling.
    """

    part: str
    name: str
    value: float
    data: tuple[str, ...]
    lower_is_better: bool = False


@dataclass(slots=True)
class Report:
    """The results of one part."""

    part: str
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart | Curves] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)


#: Called with a line about what is being measured now.
Progress = Callable[[str], None]
