"""Finds and opens the packaged data sets.

A data set is a folder under ``data/`` with a ``SOURCE.toml`` that says where each file comes from
and gives its SHA-256. In a wheel the folder is packed into the package; in a checkout it stands at
the top of the repository.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vnjournal.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PACKED = Path(__file__).parent / "data"
_CHECKOUT = Path(__file__).parents[2] / "data"


@cache
def data_folder() -> Path:
    """The folder that holds the data sets. Raises DataError when the installation lacks it."""
    for folder in (_PACKED, _CHECKOUT):
        if (folder / "lexicon" / "SOURCE.toml").is_file():
            return folder
    raise DataError("vnjournal's data files are missing: install the package again")


def path(data_set: str, name: str) -> Path:
    """The path of one data file. Raises DataError when it is not there.

    >>> path("lexicon", "syllables.tsv").name
    'syllables.tsv'
    """
    found = data_folder() / data_set / name
    if not found.exists():
        raise DataError(f"data file {data_set}/{name} is missing: install vnjournal again")
    return found


def rows(data_set: str, name: str) -> Iterator[list[str]]:
    """The fields of each line of a tab-separated data file; # begins a line of comment."""
    with path(data_set, name).open(encoding="utf-8") as stream:
        for line in stream:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def array(data_set: str, name: str) -> NDArray[Any]:
    """A NumPy data file, mapped into memory. Raises as :func:`path`, and ValueError for damage.

    >>> array("language", "word_counts.npy").dtype
    dtype('uint32')
    """
    import numpy as np

    mapped = np.load(path(data_set, name), mmap_mode="r")
    plain: NDArray[Any] = mapped.view(np.ndarray)  # slices of a memmap cost more
    return plain


def sources() -> dict[str, dict[str, Any]]:
    """What each data set says of itself: the parsed ``SOURCE.toml`` files by folder name."""
    return {
        toml.parent.name: tomllib.loads(toml.read_text(encoding="utf-8"))
        for toml in sorted(data_folder().glob("*/SOURCE.toml"))
    }


def damaged() -> list[str]:
    """Names of data files whose SHA-256 is not the one their ``SOURCE.toml`` gives."""
    wrong = []
    for data_set, source in sources().items():
        for name, entry in source["files"].items():
            file = data_folder() / data_set / name
            if not file.exists() or checksum(file) != entry["sha256"]:
                wrong.append(f"{data_set}/{name}")
    return wrong


def checksum(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's files joined in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
