"""Write the SHA-256 of every data file into the SOURCE.toml beside it.

    python data/stamp.py

Run it after a data file was rebuilt or edited on purpose; a test fails while a checksum is off. A
folder's checksum is that of its files' bytes, joined in the order of their names.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from vnjournal.resources import checksum

_ENTRY = re.compile(r'(\[files\."(?P<name>[^"]+)"\][^\[]*?sha256 = )"[^"]*"')


def main() -> None:
    for source in Path(__file__).parent.glob("*/SOURCE.toml"):
        stamped = _ENTRY.sub(partial(_stamp, source.parent), source.read_text(encoding="utf-8"))
        source.write_text(stamped, encoding="utf-8")


def _stamp(folder: Path, entry: re.Match[str]) -> str:
    return f'{entry[1]}"{checksum(folder / entry["name"])}"'


if __name__ == "__main__":
    main()
