"""Floors: what each figure of quality must reach, tied to the data it was measured on.

``floors.toml`` is written by ``python -m benchmarks --set-floors`` only, so that lowering a floor
is an explicit act that shows in a diff. A run fails when a figure falls under its floor, when a
figure that has a floor was not measured, or when the data is not the data of the floor.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import Options
from benchmarks.report import Figure
from vnjournal.resources import checksum

FILE = Path(__file__).parent / "floors.toml"

_DIGITS = 1000  # floors are kept to three places, rounded to the lenient side
_HEAD = """\
# What each figure of quality must reach. Written by: python -m benchmarks --set-floors
# [data] holds the SHA-256 of what was measured on; at_most stands where less is better.
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of one figure, or its ceiling where ``lower_is_better``."""

    part: str
    name: str
    data: tuple[str, ...]
    value: float
    lower_is_better: bool = False

    @classmethod
    def under(cls, figure: Figure) -> Floor:
        """The floor that a figure just reaches."""
        towards = math.ceil if figure.lower_is_better else math.floor
        value = towards(round(figure.value * _DIGITS, 6)) / _DIGITS
        return cls(figure.part, figure.name, figure.data, value, figure.lower_is_better)

    def holds(self, value: float) -> bool:
        """Whether a figure may stand."""
        return value <= self.value if self.lower_is_better else value >= self.value


@dataclass(frozen=True, slots=True)
class Floors:
    """Every floor, and the checksum of each piece of data by its name."""

    floors: tuple[Floor, ...] = ()
    checksums: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, path: Path = FILE) -> Floors:
        """Read the floors; none when the file is not there yet."""
        if not path.exists():
            return cls()
        toml = tomllib.loads(path.read_text(encoding="utf-8"))
        floors = tuple(
            Floor(
                entry["part"],
                entry["name"],
                tuple(entry["data"]),
                entry["at_most"] if "at_most" in entry else entry["at_least"],
                "at_most" in entry,
            )
            for entry in toml["floor"]
        )
        return cls(floors, tuple(toml["data"].items()))

    def write(self, path: Path = FILE) -> None:
        """Write the floors, sorted so that a diff shows what moved."""
        lines = [_HEAD, "[data]"]
        lines += (f'"{name}" = "{digest}"' for name, digest in sorted(self.checksums))
        for floor in sorted(self.floors, key=lambda f: (f.part, f.data, f.name)):
            bound = "at_most" if floor.lower_is_better else "at_least"
            lines += (
                "\n[[floor]]",
                f'part = "{floor.part}"',
                f"name = {json.dumps(floor.name, ensure_ascii=False)}",
                f"data = {json.dumps(floor.data)}",
                f"{bound} = {floor.value}",
            )
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def check(self, figures: Iterable[Figure], parts: Sequence[str], options: Options) -> list[str]:
        """What is wrong with the figures of a run over some parts; empty when all floors hold.

        Floors whose data the run was not given are passed over.
        """
        measured = {(f.part, f.name, f.data): f.value for f in figures}
        checked = [floor for floor in self.floors if _concerns(floor, parts, options)]
        wrong = []
        for name in sorted({name for floor in checked for name in floor.data}):
            if _checksum(name, options) != dict(self.checksums).get(name):
                wrong.append(f"{name} is not the data that the floors were set on")
        for floor in checked:
            value = measured.get((floor.part, floor.name, floor.data))
            if value is None:
                wrong.append(f"{floor.part}: {floor.name} has a floor but was not measured")
            elif not floor.holds(value):
                side = "over its ceiling" if floor.lower_is_better else "under its floor"
                wrong.append(f"{floor.part}: {floor.name} is {value:.4f}, {side} {floor.value}")
        return wrong

    def reset(self, figures: Iterable[Figure], parts: Sequence[str], options: Options) -> Floors:
        """New floors for the figures of a run; those that it could not measure stay."""
        kept = [floor for floor in self.floors if not _concerns(floor, parts, options)]
        floors = (*kept, *map(Floor.under, figures))
        names = {name for floor in floors for name in floor.data}
        checksums = {
            name: _checksum(name, options) or dict(self.checksums).get(name, "") for name in names
        }
        return Floors(floors, tuple(checksums.items()))


def _concerns(floor: Floor, parts: Sequence[str], options: Options) -> bool:
    return floor.part in parts and all(options.path_of(name) for name in floor.data)


def _checksum(name: str, options: Options) -> str:
    path = options.path_of(name)
    return checksum(path) if path and path.exists() else ""
