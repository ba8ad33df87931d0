"""Tar files: honest ones, damaged ones, and those that lie."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles.packed_files import Entry, tar_header, tarred, zip_of
from tests.articles.readers.reading import read

TEXT = "Sở Khoa học họp bàn về nuôi cá.\n" * 30
LINES = "".join(f'{{"body": "Bài số {n} của tạp chí."}}\n' for n in range(20_000))
LONG = f"{'tạp chí khoa học/' * 20}{'bài báo ' * 20}.txt"


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.tar", bytes),
        ("a.tar.gz", gzip.compress),
        ("a.TGZ", gzip.compress),
        ("a.tar.bz2", bz2.compress),
        ("a.tar.xz", lzma.compress),
        ("số 1. quý 2.tar", gzip.compress),  # what it is tells, not what it is called
    ],
)
@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_every_kind(name: str, pack: Callable[[bytes], bytes], format: int) -> None:
    raw = tarred([("Số 1/bài.txt", TEXT), ("b.jsonl", LINES), (LONG, TEXT)], format)
    found, said = read(pack(raw), name)
    assert (found[0], found[-1], len(found), said) == ("Số 1/bài.txt", LONG, 20_002, [])


def test_names_of_the_old_format() -> None:
    name = f"{'d' * 90}/{'e' * 20}.txt"
    raw = tarred([(name, TEXT)], tarfile.USTAR_FORMAT)
    assert read(raw, "a.tar") == ([name], [])


def test_names_in_an_encoding_of_before() -> None:
    written = io.BytesIO()
    with tarfile.open(
        fileobj=written, mode="w", encoding="cp1252", format=tarfile.GNU_FORMAT
    ) as file:
        header = tarfile.TarInfo("Lúa và cá.txt")
        header.size = len(TEXT.encode())
        file.addfile(header, io.BytesIO(TEXT.encode()))
    assert read(written.getvalue(), "a.tar") == (["Lúa và cá.txt"], [])


def test_what_is_no_file_is_said_and_not_followed() -> None:
    kinds = [
        tar_header("hard.txt", tarfile.LNKTYPE, "a.txt"),
        tar_header("soft.txt", tarfile.SYMTYPE, "/etc/passwd"),
        tar_header("character.txt", tarfile.CHRTYPE),
        tar_header("block.txt", tarfile.BLKTYPE),
        tar_header("fifo.txt", tarfile.FIFOTYPE),
        tar_header("label.txt", b"V"),
        tar_header("folder", tarfile.DIRTYPE),
        tar_header("folder.txt", tarfile.DIRTYPE),
        tar_header("null", tarfile.CHRTYPE),
    ]
    raw = tarred([("a.txt", TEXT), *((kind, "") for kind in kinds), ("z.txt", TEXT)])
    assert read(raw, "a.tar") == (
        ["a.txt", "z.txt"],
        [
            "! a.tar!/hard.txt: a hard link: it is not followed",
            "! a.tar!/soft.txt: a link: it is not followed",
            "! a.tar: 2 files: a device: it is not read (character.txt, block.txt)",
            "! a.tar!/fifo.txt: a FIFO: it is not read",
            "! a.tar!/label.txt: of no kind that is read",
            "- a.tar: 1 file in it is of other kinds (no suffix)",
        ],
    )


@pytest.mark.parametrize("key", ["GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.realsize"])
def test_sparse_files_of_pax(key: str) -> None:
    sparse = tarfile.TarInfo("GNUSparseFile.0/a.txt")
    sparse.pax_headers = {key: "1", "GNU.sparse.name": "a.txt"}
    raw = tarred([(sparse, TEXT), ("z.txt", TEXT)])
    assert read(raw, "a.tar") == (
        ["z.txt"],
        ["! a.tar!/a.txt: a sparse file: unpack it first"],
    )


def test_sparse_files_of_gnu() -> None:
    """Its header has one block more, and a size of its own that is not that of its data."""
    header = bytearray(tarfile.TarInfo("a.txt").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[124:136] = b"00000000003\0"
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    raw = bytes(header) + bytes(512) + b"abc".ljust(512, b"\0") + tarred([("z.txt", TEXT)])
    assert read(raw, "a.tar")[0] == ["z.txt"]


def test_names_that_lead_out_or_are_hidden() -> None:
    names = ["../a.txt", "/b.txt", "./c.txt", "._d.txt", "e/.f.txt", "h/../g.txt"]
    found, (said,) = read(tarred([(name, TEXT) for name in names]), "a.tar")
    assert found == ["b.txt", "c.txt"]
    assert "2 files: a name that leads out of the packed file" in said


def test_packed_files_in_it() -> None:
    inner = zip_of(Entry(b"a.txt", TEXT.encode()), Entry(b"b.txt", TEXT.encode()))
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:xz") as file:
        for name, raw in (("a.zip", inner), ("b.txt.gz", gzip.compress(TEXT.encode()))):
            header = tarfile.TarInfo(name)
            header.size = len(raw)
            file.addfile(header, io.BytesIO(raw))
    found, said = read(written.getvalue(), "a.tar.xz")
    assert found == ["a.zip!/a.txt", "a.zip!/b.txt", "b.txt.gz!/b.txt"]
    assert said == []


def test_a_damaged_header_costs_its_member_only() -> None:
    raw = bytearray(tarred([(f"{n}.txt", TEXT) for n in range(4)]))
    place = raw.index(b"1.txt")
    raw[place] = 0
    assert read(bytes(raw), "a.tar") == (
        ["0.txt", "2.txt", "3.txt"],
        [f"! a.tar: a damaged header at byte {place:,}: read again from the next one"],
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_file_that_is_cut_short_gives_what_is_there(pack: Callable[[bytes], bytes]) -> None:
    raw = tarred([("a.txt", TEXT), ("b.jsonl", LINES * 2), ("c.txt", TEXT)])
    packed = pack(raw)
    found, said = read(packed[: len(packed) * 3 // 4], "a.tar")
    assert found[0] == "a.txt"
    assert 10_000 < len(found) < 40_000
    assert all("it is cut short" in line for line in said)


def test_an_end_mark_that_is_missing() -> None:
    raw = tarred([("a.txt", TEXT)]).rstrip(b"\0")
    raw += bytes(-len(raw) % 512)
    found, (said,) = read(raw, "a.tar")
    assert found == ["a.txt"]
    assert said == "! a.tar: it ends without an end mark, as when it is cut short"


def _of_size(field: bytes, kind: bytes = b"0") -> bytes:
    header = bytearray(tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = field
    header[156:157] = kind
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no files are packed in it"),
        (bytes(10240), "no files are packed in it"),
        (b"no tar file".ljust(1024), "no tar file, as its name says"),
        (_of_size(b"\xff" * 12), "no tar file"),  # a size below nothing, for which some loop
        (_of_size(b"77777777777\0") + b"abc", "it is cut short"),
        (_of_size(b"\x80" + b"\xff" * 11) + b"abc", "no tar file"),
        (_of_size(b"77777777777\0", b"x"), "a header of more than 100,000 bytes"),
        (_of_size(b"77777777777\0", b"L"), "a header of more than 100,000 bytes"),
    ],
)
def test_files_that_are_refused(raw: bytes, reason: str) -> None:
    found, said = read(raw, "a.tar")
    assert not found
    assert reason in said[0]


@pytest.mark.parametrize(
    "record", [b"x", b"9999 path=b.txt\n", b"0 path=b\n", b"-1 a=b\n", b"\xff" * 99]
)
def test_records_that_are_none(record: bytes) -> None:
    about = bytearray(_of_size(b"%011o\0" % len(record), b"x")) + record.ljust(512, b"\0")
    found, _ = read(bytes(about) + tarred([("a.txt", TEXT)]), "a.tar")
    assert len(found) == 1


HONEST = tarred([("a.txt", TEXT), ("bài.txt", TEXT), (LONG, TEXT)])


@given(st.lists(st.tuples(st.integers(0, len(HONEST) - 1), st.integers(0, 255)), max_size=20))
def test_any_damage_is_met(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(HONEST)
    for place, byte in changes:
        raw[place] = byte
    found, said = read(bytes(raw), "a.tar")
    assert found or said
