"""How much may come out of a packed file, so that no bomb fills the memory, the disk or the day."""

from __future__ import annotations

from vnjournal.errors import SourceError

DEEPEST = 3  # packed files within one another
MOST_MEMBERS = 100_000
MOST_BYTES = 20_000_000_000
MOST_SECONDS = 600
#: So many times its size, and :data:`ALWAYS` besides, may come out of a file. Text is packed to a
#: quarter or a tenth of its size; deflate cannot do better than 1,030 times.
MOST_TIMES = 100
ALWAYS = 100_000_000

_INSTEAD = "unpack it and index the folder"


class Bounds:
    """Counts what comes out of a packed file and out of all that are packed in it.

    What its headers declare is not believed. Args: ``packed``: bytes of the outermost file.
    """

    def __init__(self, packed: int) -> None:
        self.is_over = False  # somebody was told, and nothing more is to be read
        self._packed = packed
        self._members = 0
        self._bytes = 0
        self._seconds = 0.0

    def add_members(self, number: int) -> None:
        """Count members. Raises SourceError for more than may be."""
        self._members += number
        if self._members > MOST_MEMBERS:
            raise self.exceeded(f"more than {MOST_MEMBERS:,} files are packed in it: {_INSTEAD}")

    def add_bytes(self, number: int, seconds: float = 0.0) -> None:
        """Count what was unpacked, and how long that took. Raises SourceError for too much."""
        self._bytes += number
        self._seconds += seconds
        if self._bytes > MOST_BYTES:
            raise self.exceeded(f"it unpacks to more than {MOST_BYTES:,} bytes: {_INSTEAD}")
        if self._seconds > MOST_SECONDS:
            raise self.exceeded(f"it takes more than {MOST_SECONDS} s to unpack: {_INSTEAD}")
        self.check_ratio(self._bytes, self._packed)

    def check_ratio(self, unpacked: int, packed: int) -> None:
        """Raises SourceError where so few bytes cannot be so many but in a bomb."""
        if unpacked > ALWAYS + MOST_TIMES * packed:
            raise self.exceeded(
                f"it unpacks to more than {MOST_TIMES} times its size, as a bomb does"
            )

    def exceeded(self, reason: str) -> SourceError:
        """The error for a file of which nothing more is read."""
        self.is_over = True
        return SourceError(reason)
