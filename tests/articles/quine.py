"""A zip file that holds itself, and so on without end.

The program in deflate is that of R. Cox, Zip Files All The Way Down (2010): ``L`` says that some
bytes follow, ``R`` repeats the last ones, and all that it writes is the file that it lies in.
"""

from __future__ import annotations

import struct
import zlib

NAME = b"in-itself-there-is-nothing.zip"  # 30 bytes, so that repeating the header takes five


def quine() -> bytes:
    """The file, whose checksum of itself lies in it."""
    base = zlib.crc32(_file(0))
    columns = [zlib.crc32(_file(1 << bit)) ^ base ^ (1 << bit) for bit in range(32)]
    return _file(_solved(columns, base))


def _file(crc: int) -> bytes:
    """The file with any checksum; wherever it stands, the file's own hangs on it bit by bit."""
    size, packed = 0, 0
    for _ in range(2):  # the second time, its sizes are known
        about = (20, 0, 8, 0, 0, crc, packed, size, len(NAME), 0)
        head = struct.pack("<4s5H3I2H", b"PK\3\4", *about) + NAME
        entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *about, 0, 0, 0, 0, 0) + NAME
        place = (1, 1, len(entry), len(head) + packed, 0)
        tail = entry + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, *place)
        program = _program(head, tail)
        size, packed = len(head + program + tail), len(program)
    return head + program + tail


def _program(head: bytes, tail: bytes) -> bytes:
    none, one, four = _literal(0), _literal(5), _literal(20)
    again = _bits("010", *[_repeat(10, 20)] * 2, "0000000")
    head_again = _bits("010", _repeat(65, 65), "0000000", "010", "0000000")
    tail_again = _bits("110", _repeat(102, 102), "0000000")
    of_head, of_tail = _literal(len(head) + 5), _literal(len(tail) + len(tail_again))
    assert (len(again), len(head_again), len(tail_again)) == (5, 5, 4)
    return b"".join(
        (
            *(of_head, head, of_head, head_again),
            *(one, head_again, one, one),
            *(four, head_again, one, one, four, again),
            *(four, again, four, again, four, again),
            *(four, again, none, none, of_tail, again),
            *(none, none, of_tail, tail_again, tail, tail_again),
        )
    )


def _literal(size: int) -> bytes:
    return struct.pack("<B2H", 0, size, size ^ 0xFFFF)


_LENGTHS = {10: (264, 10, 0), 65: (276, 59, 3), 102: (279, 99, 4)}  # code, its first, extra bits
_DISTANCES = {20: (8, 17, 3), 65: (12, 65, 5), 102: (13, 97, 5)}


def _repeat(length: int, distance: int) -> str:
    """As bits in their order: codes begin with the highest, numbers with the lowest (RFC 1951)."""
    code, first, extra = _LENGTHS[length]
    bits = f"{code - 256:07b}" + f"{length - first:0{extra}b}"[::-1] * bool(extra)
    code, first, extra = _DISTANCES[distance]
    return bits + f"{code:05b}" + f"{distance - first:0{extra}b}"[::-1]


def _bits(*parts: str) -> bytes:
    bits = "".join(parts)
    return int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")


def _solved(columns: list[int], wanted: int) -> int:
    """Which of the columns make up a number, as bits: linear equations modulo two."""
    pivots: dict[int, tuple[int, int]] = {}
    for bit, column in enumerate(columns):
        chosen = 1 << bit
        for top, (value, parts) in sorted(pivots.items(), reverse=True):
            if column >> top & 1:
                column, chosen = column ^ value, chosen ^ parts
        if column:
            pivots[column.bit_length() - 1] = (column, chosen)
    found = 0
    for top in sorted(pivots, reverse=True):
        value, parts = pivots[top]
        if wanted >> top & 1:
            wanted, found = wanted ^ value, found ^ parts
    assert not wanted
    return found
