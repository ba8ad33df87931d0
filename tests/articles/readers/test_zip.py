"""Zip files: honest ones, damaged ones, and those that lie."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles.packed_files import DEFLATE, Entry, zip_of, zipped
from tests.articles.quine import NAME, quine
from tests.articles.readers import reading

TEXT = "Sở Khoa học họp bàn về nuôi cá.\n" * 30
ENCODED = TEXT.encode()
LINES = "".join(f'{{"body": "Bài số {n} của tạp chí."}}\n' for n in range(20_000))


def read(raw: bytes) -> tuple[list[str], list[str]]:
    return reading.read(raw, "a.zip")


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_every_method(method: int) -> None:
    raw = zipped({"Số 1/bài.txt": TEXT, "b.jsonl": LINES}, method)
    found, said = read(raw)
    assert (found[0], len(found), said) == ("Số 1/bài.txt", 20_001, [])


def test_what_is_left_out_is_counted_in_one_line() -> None:
    others = {f"{n}.png": b"" for n in range(3)} | {"LICENSE": "x", "__MACOSX/._a.txt": "x"}
    raw = zipped({"a.txt": TEXT, ".hidden.txt": TEXT, "folder/": ""} | others)
    assert read(raw) == (["a.txt"], ["- a.zip: 4 files in it are of other kinds (.png, no suffix)"])


def test_zip_files_in_zip_files_down_to_the_bound() -> None:
    raw = zipped({"a.txt": TEXT})
    for _ in range(3):
        raw = zipped({"a.zip": raw, "b.txt": TEXT})
    found, said = read(raw)
    assert found == ["a.zip!/a.zip!/b.txt", "a.zip!/b.txt", "b.txt"]
    assert said == ["! a.zip!/a.zip!/a.zip!/a.zip: packed too many times over: unpack it first"]


def test_a_file_that_holds_itself() -> None:
    _, (said,) = read(quine())
    assert (
        said == f"! a.zip{3 * ('!/' + NAME.decode())}: packed too many times over: unpack it first"
    )


def test_bytes_before_and_behind_the_file() -> None:
    assert read(b"#!/bin/sh\n" + zipped({"a.txt": TEXT}) + b"\n")[0] == ["a.txt"]
    assert read(zipped({"a.txt": TEXT, "b.txt": TEXT}) + b"PK\5\6 no end")[0] == ["a.txt", "b.txt"]


def test_numbers_of_64_bits() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file, file.open("a.txt", "w", force_zip64=True) as member:
        member.write(ENCODED)
    assert read(written.getvalue()) == (["a.txt"], [])
    many = zip_of(*(Entry(b"%d.png" % n) for n in range(70_000)), Entry(b"a.txt", ENCODED))
    assert read(many)[0] == ["a.txt"]
    assert read(b"before" + many)[0] == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "flags", "id"),
    [
        ("bài.txt".encode(), 0x800, "bài.txt"),
        ("bài.txt".encode(), 0, "bài.txt"),
        ("Bài báo số 2.txt".encode("utf-16-le"), 0, r"B\x00"),
        (b"Ba\xcci ba\xeco s\xf4\xec 2.txt", 0, "Bài báo số 2.txt"),
        (b"B\xb5i b\xb8o s\xe8 2.txt", 0, "Bài báo số 2.txt"),
        (b"b\xe0i.txt", 0x800, r"b\xe0i.txt"),
        (b"C:\\tap chi\\a.txt", 0, "tap chi/a.txt"),
        (b"/tap chi/a.txt", 0, "tap chi/a.txt"),
        (b"a\n\x07.txt", 0, r"a\n\x07.txt"),
        (b"!/a.txt", 0, "!/a.txt"),
    ],
)
def test_names(name: bytes, flags: int, id: str) -> None:
    found, said = read(zip_of(Entry(name, ENCODED, flags=flags)))
    if name.endswith(b"\0"):
        assert not found
    else:
        assert (found, said) == ([id], [])


def test_a_name_in_unicode_beside_one_that_is_not() -> None:
    name = "Bài.txt".encode()
    field = b"\1" + zlib.crc32(b"B?i.txt").to_bytes(4, "little") + name
    extra = b"up" + len(field).to_bytes(2, "little") + field
    assert read(zip_of(Entry(b"B?i.txt", ENCODED, extra=extra))) == (["Bài.txt"], [])


def test_names_that_lead_out() -> None:
    names = [b"../a.txt", b"b/../../a.txt", b"..\\a.txt", b"/../a.txt"]
    found, (said,) = read(
        zip_of(*(Entry(name, ENCODED) for name in names), Entry(b"b.txt", ENCODED))
    )
    assert found == ["b.txt"]
    assert said == (
        "! a.zip: 4 files: a name that leads out of the packed file (..) "
        "(../a.txt, b/../../a.txt, ../a.txt, …)"
    )


BAD_ENTRIES = {
    b"link": (Entry(b"link.txt", ENCODED, made_by=3, attributes=0o120777), "a link or a device"),
    b"secret": (Entry(b"secret.txt", ENCODED, flags=1), "encrypted"),
    b"new": (
        Entry(b"new.txt", ENCODED, method=93),
        "packed with Zstandard, which is not read here",
    ),
    b"odd": (Entry(b"odd.txt", ENCODED, method=77), "packed with method 77, which is not read"),
    b"crc": (Entry(b"crc.txt", ENCODED, crc=7), "damaged: its checksum is wrong"),
    b"stored": (Entry(b"stored.txt", ENCODED, method=0, crc=7), "damaged: its checksum is wrong"),
    b"bits": (Entry(b"bits.txt", ENCODED, packed=b"\xff\xfe\xfd"), "damaged behind byte 0 of what"),
    b"short": (Entry(b"short.txt", ENCODED, packed=b"\1\xff\xff\0\0abc"), "it is cut short"),
    b"lzma": (
        Entry(b"lzma.txt", ENCODED, method=14, packed=b"\0" * 20),
        "damaged packed data (a wrong LZMA header",
    ),
    b"dictionary": (
        Entry(b"dictionary.txt", ENCODED, method=14, packed=b"\t\4\5\0]\0\0\0\xff" + b"\0" * 20),
        "unpacking it takes 4,278,190,080 bytes of memory",
    ),
    b"large": (Entry(b"large.txt", b"x" * 10_001), "larger than 10,000 bytes"),
    b"lies": (Entry(b"lies.txt", b"x" * 10_001, size=5), "larger than 10,000 bytes"),
    b"empty": (Entry(b"empty.txt", b""), "empty file"),
    b"emptied": (Entry(b"emptied.txt", b"", size=9), "empty file"),
    b"binary": (Entry(b"binary.txt", b"\0\1\2"), "binary file"),
    b"zip": (Entry(b"zip.zip", b"no zip file"), "its directory is missing"),
}


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_a_bad_member_among_good_ones(name: bytes) -> None:
    bad, reason = BAD_ENTRIES[name]
    found, (said,) = read(zip_of(Entry(b"a.txt", ENCODED), bad, Entry(b"z.txt", ENCODED)))
    assert found == ["a.txt", "z.txt"]
    assert said.startswith(f"! a.zip!/{bad.name.decode()}: {reason}"), said


def test_all_bad_members_together() -> None:
    entries = (entry for entry, _ in BAD_ENTRIES.values())
    found, said = read(zip_of(Entry(b"a.txt", ENCODED), *entries, Entry(b"z.txt", ENCODED)))
    assert found == ["a.txt", "z.txt"]
    assert len(said) == len(BAD_ENTRIES)


def test_damage_in_the_middle_of_a_large_member() -> None:
    raw = bytearray(zipped({"a.jsonl": LINES, "b.txt": TEXT}))
    raw[len(raw) // 2] ^= 0xFF
    found, said = read(bytes(raw))
    assert 5_000 < len(found) < 20_001
    assert found[-1] == "b.txt"
    assert said[-1].startswith("! a.zip!/a.jsonl: damaged")


def test_a_file_that_is_cut_short_gives_what_is_there() -> None:
    raw = zipped({"a.txt": TEXT, "b.jsonl": LINES, "c.txt": TEXT})
    found, said = read(raw[: raw.index(b"c.txt") // 2])
    assert found[0] == "a.txt"
    assert 1000 < len(found) < 20_000
    assert said == [
        "! a.zip: its directory is missing, as when it is cut short: what was found in it was read",
        "! a.zip!/b.jsonl: it is cut short",
    ]


def test_a_file_written_as_a_stream_that_is_cut_short() -> None:
    class Pipe(io.RawIOBase):  # cannot be sought in, so that sizes follow behind the members
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("a.txt", "b.txt"):
            file.writestr(name, TEXT)
    assert read(pipe.written) == (["a.txt", "b.txt"], [])
    found, (said,) = read(pipe.written[: pipe.written.index(b"PK\1\2")])
    assert found == ["a.txt", "b.txt"]
    assert "its directory is missing" in said


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "its directory is missing"),
        (b"no zip file", "its directory is missing"),
        (zip_of(), "no files are packed in it"),
        (zip_of(*[Entry(b"a.txt", ENCODED, header_at=0)] * 3), "files in it overlap, as in a bomb"),
        (zip_of(Entry(b"a.txt", ENCODED), number=200_000), "more than 100,000 files are packed"),
        (
            zip_of(Entry(b"a.txt", packed=b"", method=DEFLATE, packed_size=90), Entry(b"b.txt")),
            "files in it overlap",
        ),
    ],
)
def test_files_that_are_refused(raw: bytes, reason: str) -> None:
    found, (said,) = read(raw)
    assert not found
    assert said.startswith(f"! a.zip: {reason}")


@pytest.mark.parametrize("number", [0, 1, 3, 60_000])
def test_a_directory_that_lies_about_its_number_of_entries(number: int) -> None:
    raw = zip_of(Entry(b"a.txt", ENCODED), Entry(b"b.txt", ENCODED), number=number)
    found, said = read(raw)
    assert found == ["a.txt", "b.txt"]
    assert "directory" in said[0]


@pytest.mark.parametrize("number", [1 << 43, (1 << 63) + 1, (1 << 64) - 1])
def test_places_and_sizes_that_no_disk_has(number: int) -> None:
    extra = b"\1\0\x18\0" + number.to_bytes(8, "little") * 3
    full = 0xFFFFFFFF
    bad = Entry(b"b.txt", ENCODED, extra=extra, size=full, packed_size=full, header_at=full)
    found, said = read(zip_of(Entry(b"a.txt", ENCODED), bad, Entry(b"c.txt", ENCODED)))
    assert found == ["a.txt", "c.txt"]
    assert "its directory is damaged" in said[0]
    raw = bytearray(zip_of(Entry(b"a.txt", ENCODED)))
    end = raw.rindex(b"PK\5\6")
    raw[end:end] = bytes(60) + b"PK\6\7" + bytes(4) + number.to_bytes(8, "little") + bytes(4)
    found, said = read(bytes(raw))
    assert found == ["a.txt"]
    assert "its directory is damaged" in said[0]


def test_a_directory_that_points_elsewhere() -> None:
    raw = zip_of(Entry(b"a.txt", ENCODED), Entry(b"b.txt", ENCODED, header_at=7))
    assert read(raw)[0] in ([], ["a.txt"])


HONEST = zipped({"a.txt": TEXT, "b.jsonl": LINES[:500], "c.zip": zipped({"d.txt": TEXT})})


@given(st.lists(st.tuples(st.integers(0, len(HONEST) - 1), st.integers(0, 255)), max_size=20))
def test_any_damage_is_told_or_does_not_matter(changes: Iterable[tuple[int, int]]) -> None:
    raw = bytearray(HONEST)
    for place, byte in changes:
        raw[place] = byte
    found, said = read(bytes(raw))
    assert found or said


@given(st.integers(0, len(HONEST)))
def test_any_cut_is_told(length: int) -> None:
    _, said = read(HONEST[:length])
    assert said or length == len(HONEST)
