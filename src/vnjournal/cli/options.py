"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import vnjournal as vj
from vnjournal.articles.documents import decoded
from vnjournal.cluster.address import Address, is_address

#: Where an archive is: a folder, or an address.
Place = Path | str


class PlaceType(click.ParamType[Place]):
    """The folder of an archive, or its address on a cluster."""

    name = "place"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> Place:
        if isinstance(value, Path):
            return value
        return str(Address.parse(value)) if is_address(value) else Path(value)


#: Where an archive is if nobody says.
DEFAULT_ARCHIVE = Path("vnjournal-archive")

ARCHIVE = click.option(
    "--archive",
    type=PlaceType(),
    default=DEFAULT_ARCHIVE,
    show_default=True,
    help="The archive's folder, or its address on an OpenSearch cluster.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
PROCESSES = click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many share the work.",
)


def _words(_context: click.Context, _option: click.Parameter, file: Path | None) -> list[str]:
    """The words of a file, a line each; empty lines and those that begin with # do not count."""
    if file is None:
        return []
    try:
        lines = decoded(file.read_bytes()).text.splitlines()
    except OSError as error:
        raise vj.SourceError(f"{file}: {error.strerror}: check the path") from error
    except vj.SourceError as error:
        raise vj.SourceError(f"{file}: {error}") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


WORDS = click.option(
    "--words",
    type=click.Path(path_type=Path),
    callback=_words,
    help="A file of words, a line each, that are never corrected.",
)
