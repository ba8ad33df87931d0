"""Files that mean harm: each is refused in one line, within bounds of memory and time.

A row of ``HOSTILE`` is a file that the command line is given between two good ones. For another
kind of file, add a row: what it is called, what writes it, and what is said of it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import struct
import sys
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.articles.packed_files import Entry, end_of_zip, tar_header, tarred, zip_of, zipped
from tests.articles.quine import NAME, quine
from tests.program import run
from vnjournal.archive import Archive

MEGABYTE = 1_000_000
MOST_MEMORY = 250 * MEGABYTE  # an index command takes 90 with two small files
MOST_ADDRESSES = 8_000 * MEGABYTE  # so that a bomb that does go off harms nobody else
GOOD = {"a-first.txt": "Đảng bộ Sở Khoa học họp.", "z-last.txt": "Sở Khoa học tổng kết năm."}

#: A command line before the program's own that notes how much memory it took: a process forked
#: from the tests' own would begin with what these have.
_NOTING_MEMORY = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024))
sys.exit(code)
"""


@dataclass(frozen=True)
class Hostile:
    """A hostile file.

    Args:
        name: what it is called.
        write: writes it.
        says: what the one line about it says, behind its name; several lines where it holds
            several things that are wrong.
        ids: of the articles that are read from it nevertheless.
        code: the exit code: 0 where nothing failed that should be read.
    """

    name: str
    write: Callable[[Path], object]
    says: tuple[str, ...]
    ids: tuple[str, ...] = ()
    code: int = 2


def bytes_of(make: Callable[[], bytes]) -> Callable[[Path], object]:
    """What writes the bytes that a function makes."""
    return lambda path: path.write_bytes(make())


# --- bombs

BLANKS = b" " * MEGABYTE
BOMB = 400  # megabytes


@cache
def deflated_blanks(wbits: int = -15) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(BLANKS) for _ in range(BOMB)) + packer.flush()


def bomb(name: str) -> Entry:
    return Entry(name.encode(), packed=deflated_blanks(), size=BOMB * MEGABYTE, crc=0)


def many_bombs() -> bytes:
    return zip_of(*(bomb(f"{n}.jsonl") for n in range(50)))


def nested_bombs() -> bytes:
    """Sixteen times sixteen zip files with a bomb in each, as 42.zip has it."""
    raw = zip_of(bomb("bom.jsonl"))
    for _ in range(2):
        raw = zip_of(*(Entry(b"%d.zip" % n, raw) for n in range(16)))
    return raw


def overlapping() -> bytes:
    return zip_of(bomb("0.jsonl"), *(Entry(b"%d.jsonl" % n, header_at=0) for n in range(1, 9999)))


def quoted() -> bytes:
    """Each member's data begins with the header of the next one, stored, as Fifield's have it."""
    kernel = zip_of(bomb("2.jsonl"))
    kernel = kernel[: kernel.index(b"PK\1\2")]
    header_size = 30 + len("2.jsonl")
    stored = struct.pack("<B2H", 0, header_size, header_size ^ 0xFFFF) + kernel[:header_size]
    first = Entry(b"1.jsonl", packed=stored + kernel[header_size:])
    inner = 30 + len("1.jsonl") + len(stored) - header_size
    return zip_of(first, Entry(b"2.jsonl", packed=deflated_blanks(), header_at=inner))


def tar_bomb() -> bytes:
    header = tarfile.TarInfo("x.bin")
    header.size = BOMB * MEGABYTE
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(header.tobuf())]
    parts += [packer.compress(BLANKS) for _ in range(BOMB)]
    return b"".join(parts) + packer.flush()


def header_bomb() -> bytes:
    header = tarfile.TarInfo("x")
    header.size, header.type = BOMB * MEGABYTE, b"x"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(header.tobuf())]
    parts += [packer.compress(BLANKS) for _ in range(BOMB)]
    return b"".join(parts) + packer.flush()


def large_dictionary() -> bytes:
    """A small xz file that asks for 1.5 GB of memory."""
    raw = lzma.compress(b"x")
    assert raw[12:17] == b"\x02\x00!\x01\x16"  # the header of the block: LZMA2, 8 MiB
    header = bytearray(raw[12:24])
    header[4] = 37
    header[-4:] = zlib.crc32(header[:-4]).to_bytes(4, "little")
    return raw[:12] + bytes(header) + raw[24:]


# --- many, and deep

MANY = 1_000_000


@cache
def many_empty(number: int) -> bytes:
    local = struct.Struct("<4s5H3I2H")
    central = struct.Struct("<4s6H3I5H2I")
    names = [b"%07d.txt" % n for n in range(MANY)]
    size = local.size + len(names[0])
    head = local.pack(b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(names[0]), 0)
    written = io.BytesIO()
    written.writelines(head + name for name in names)
    start = written.tell()
    rest = (20, 20, 0, 0, 0, 0, 0, 0, 0, len(names[0]), 0, 0, 0, 0, 0)
    written.writelines(
        central.pack(b"PK\1\2", *rest, n * size) + name for n, name in enumerate(names)
    )
    written.write(end_of_zip(number, start, written.tell()))
    return written.getvalue()


def many_empty_in_tar() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    headers = tarfile.TarInfo("x.txt").tobuf() * 1000
    return b"".join(packer.compress(headers) for _ in range(200)) + packer.flush()


def many_levels() -> bytes:
    raw = zipped({"x.txt": "ở dưới cùng"})
    for _ in range(100):
        raw = zipped({"x.zip": raw})
    return raw


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2_000 * MEGABYTE)


def secret(path: Path) -> Path:
    """A file beside the folder."""
    outside = path.parent.parent / "secret.txt"
    outside.write_text("bí mật", encoding="utf-8")
    return outside


TEXT = "Sở Khoa học ở trong."
UP = ("../x.txt", "a/../../x.txt", "/../x.txt")
NODES = [
    *(
        tar_header(f"node-{kind.decode()}.txt", kind, "/etc/passwd")
        for kind in (b"1", b"2", b"3", b"4", b"6")
    ),
    tar_header("null", tarfile.CHRTYPE),
]
AS_A_BOMB = "it unpacks to more than 100 times its size, as a bomb does"
TOO_LARGE = "larger than 20,000,000 bytes: index it with a larger --max-size"
OVERLAP = "files in it overlap, as in a bomb"
UNPACK = "unpack it and index the folder"
TOO_MANY = f"more than 100,000 files are packed in it: {UNPACK}"

HOSTILE = (
    Hostile("text.zip", bytes_of(lambda: zip_of(bomb("x.txt"))), (f"!/x.txt: {TOO_LARGE}",)),
    Hostile("lines.zip", bytes_of(many_bombs), (f"!/0.jsonl: {AS_A_BOMB}",)),
    Hostile("42.zip", bytes_of(nested_bombs), (f"!/0.zip!/0.zip!/bom.jsonl: {AS_A_BOMB}",)),
    Hostile("overlap.zip", bytes_of(overlapping), (f": {OVERLAP}",)),
    Hostile("quoted.zip", bytes_of(quoted), (f": {OVERLAP}",)),
    Hostile("x.txt.gz", bytes_of(lambda: deflated_blanks(31)), (f"!/x.txt: {TOO_LARGE}",)),
    Hostile("x.jsonl.gz", bytes_of(lambda: deflated_blanks(31)), (f"!/x.jsonl: {AS_A_BOMB}",)),
    Hostile("x.jsonl.bz2", bytes_of(lambda: bz2.compress(BLANKS) * BOMB), (AS_A_BOMB,)),
    Hostile("x.jsonl.xz", bytes_of(lambda: lzma.compress(BLANKS) * BOMB), (AS_A_BOMB,)),
    Hostile("x.txt.xz", bytes_of(large_dictionary), ("Memory usage limit exceeded",)),
    Hostile(
        "skipped.tar.gz",
        bytes_of(tar_bomb),
        (f": {AS_A_BOMB}", ": 1 file in it is of other kinds (.bin)"),
    ),
    Hostile("header.tar.gz", bytes_of(header_bomb), (": a header of more than 100,000 bytes",)),
    Hostile(
        "bomb.txt.gz.gz.gz.gz",
        bytes_of(lambda: gzip.compress(gzip.compress(gzip.compress(gzip.compress(BLANKS))))),
        ("packed too many times over: unpack it first",),
    ),
    Hostile("million.zip", bytes_of(lambda: many_empty(MANY)), (f": {TOO_MANY}",)),
    Hostile("million-said-one.zip", bytes_of(lambda: many_empty(1)), (f": {TOO_MANY}",)),
    Hostile(
        "many.tar.gz",
        bytes_of(many_empty_in_tar),
        (": 100,000 files: empty file (x.txt, x.txt, x.txt, …)", f": {TOO_MANY}"),
    ),
    Hostile(
        "levels.zip",
        bytes_of(many_levels),
        ("!/x.zip!/x.zip!/x.zip: packed too many times over: unpack it first",),
    ),
    Hostile(
        "itself.zip",
        bytes_of(quine),
        (f"!/{NAME.decode()}" * 3 + ": packed too many times over: unpack it first",),
    ),
    Hostile("large.txt", sparse, (f": {TOO_LARGE}",)),
    Hostile("large.jsonl", sparse, (": binary file, or not UTF-8 text",)),
    Hostile("large.zip", sparse, (": its directory is missing, as when it is cut short",)),
    Hostile("large.tar", sparse, (": no files are packed in it",)),
    Hostile(
        "up.zip",
        bytes_of(lambda: zipped(dict.fromkeys((*UP, "x.txt"), TEXT))),
        (": 3 files: a name that leads out of the packed file (..) (../x.txt, ",),
        ("up.zip!/x.txt",),
    ),
    Hostile(
        "up.tar",
        bytes_of(lambda: tarred([(name, TEXT) for name in (*UP, "x.txt")])),
        (": 3 files: a name that leads out of the packed file (..) (../x.txt, ",),
        ("up.tar!/x.txt",),
    ),
    Hostile(
        "nodes.tar",
        bytes_of(lambda: tarred([*((node, "") for node in NODES), ("x.txt", TEXT)])),
        (
            "a hard link: it is not followed",
            "a link: it is not followed",
            "2 files: a device: it is not read",
            "a FIFO: it is not read",
            "1 file in it is of other kinds (no suffix)",
        ),
        ("nodes.tar!/x.txt",),
    ),
    Hostile(
        "link.txt",
        lambda path: path.symlink_to(secret(path)),
        (": a link out of the folder: name its target",),
    ),
    Hostile("link", lambda path: path.symlink_to("/"), (": a link to a folder: name it",), code=0),
    Hostile("loop.txt", lambda path: path.symlink_to(path), (": the link leads nowhere",)),
)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_between_good_ones(hostile: Hostile, tmp_path: Path) -> None:
    pile, archive, memory = tmp_path / "pile", tmp_path / "archive", tmp_path / "memory"
    pile.mkdir()
    for name, text in GOOD.items():
        (pile / name).write_text(text, encoding="utf-8")
    hostile.write(pile / hostile.name)
    ended = run(
        *("index", pile, "--archive", archive),
        before=(sys.executable, "-c", _NOTING_MEMORY, str(memory)),
        preexec=_bounded,
    )
    assert ended.code == hostile.code, ended
    assert len(ended.complaints) == len(hostile.says), ended
    for line, says in zip(ended.complaints, hostile.says, strict=True):
        assert f"{pile / hostile.name}" in line
        assert says in line
    assert f"{len(GOOD) + len(hostile.ids)} new" in ended.out
    with Archive.open(archive) as opened:
        assert {article.id for article in opened} == {*GOOD, *hostile.ids}
    assert int(memory.read_text()) < MOST_MEMORY
    (pile / hostile.name).unlink()  # some are large
