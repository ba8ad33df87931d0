"""What a run measures on, and where each piece of data lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vnjournal import resources

ROOT = Path(__file__).parents[1]

_LIMIT_SAMPLES = 72
_LIMIT_CORPUS = 2000


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said.

    ``corpora`` are read one after the other; without any, the sample archive stands in.
    ``growth``: whether archives up to fifty times the size are built, too.
    """

    corpora: tuple[Path, ...] = ()
    evaluation: Path | None = None
    limit: int | None = None
    growth: bool = False

    @property
    def articles(self) -> int:
        """How many articles are indexed to measure speed."""
        return self.limit or (_LIMIT_CORPUS if self.corpora else _LIMIT_SAMPLES)

    @property
    def pile(self) -> str:
        """What is indexed, in words."""
        return ", ".join(path.name for path in self.corpora) or "the samples, repeated"

    def path_of(self, data: str) -> Path | None:
        """Where the data of a name lies, or None when this run has not been given it.

        Names are ``samples/FILE``, ``eval/FILE`` and ``corpora/FILE``.
        """
        where, name = data.split("/", 1)
        if where == "samples":
            return resources.data_folder() / "samples" / name
        if where == "eval":
            return self.evaluation / name if self.evaluation else None
        return next((path for path in self.corpora if path.name == name), None)
