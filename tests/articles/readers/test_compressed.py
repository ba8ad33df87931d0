"""Single compressed files."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable

import pytest

from tests.articles.readers.reading import read
from vnjournal.articles.formats import is_read

TEXT = "Sở Khoa học họp bàn về nuôi cá.\n" * 30
LINES = "".join(f'{{"body": "Bài số {n} của tạp chí."}}\n' for n in range(20_000)).encode()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.fixture(params=PACKERS)
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pack(suffix: str) -> Callable[[bytes], bytes]:
    return PACKERS[suffix]


def test_one_file(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(TEXT.encode()), f"số 1.txt.{suffix}") == (["số 1.txt"], [])
    found, said = read(pack(LINES), f"a.jsonl.{suffix.upper()}")
    assert (found[-1], len(found), said) == ("a.jsonl#20000", 20_000, [])


def test_compressed_several_times(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    raw, name = TEXT.encode(), "a.txt"
    for _ in range(3):
        raw, name = pack(raw), f"{name}.{suffix}"
    assert read(raw, name)[0] == [f"a.txt.{suffix}.{suffix}!/a.txt.{suffix}!/a.txt"]
    assert "packed too many times over" in read(pack(raw), f"{name}.{suffix}")[1][0]


def test_several_streams_one_behind_the_other(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    half = TEXT.encode()[: len(TEXT) // 2]
    raw = pack(half) + bytes(8) + pack(TEXT.encode()[len(half) :]) + pack(b"") + bytes(4)
    assert read(raw, f"a.txt.{suffix}") == (["a.txt"], [])


def test_what_follows_and_is_none(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    found, (said,) = read(pack(LINES) + b"more", f"a.jsonl.{suffix}")
    assert len(found) == 20_000
    assert "damaged" in said or "cut short" in said


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_cut_short(suffix: str, pack: Callable[[bytes], bytes], part: float) -> None:
    raw = pack(LINES)
    found, (said,) = read(raw[: int(len(raw) * part)], f"a.jsonl.{suffix}")
    assert len(found) < 20_000
    assert said == f"! a.jsonl.{suffix}!/a.jsonl: it is cut short"
    if suffix == "gz":
        assert abs(len(found) - 20_000 * part) < 2_000
    found, (said,) = read(pack(TEXT.encode())[:-1], f"a.txt.{suffix}")
    assert not found  # half an article is none
    assert said == f"! a.txt.{suffix}!/a.txt: it is cut short"


def test_damaged_at_the_end(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    raw = bytearray(pack(TEXT.encode()))
    raw[-7] ^= 0xFF
    found, (said,) = read(bytes(raw), f"a.txt.{suffix}")
    assert not found
    assert said.startswith(f"! a.txt.{suffix}!/a.txt: damaged behind byte")


def test_not_compressed(suffix: str) -> None:
    assert "no gzip, bzip2 or xz file" in read(b"text", f"a.txt.{suffix}")[1][0]
    assert "no gzip, bzip2 or xz file" in read(b"", f"a.txt.{suffix}")[1][0]


def test_compressed_without_a_suffix_that_says_so(pack: Callable[[bytes], bytes]) -> None:
    found, said = read(pack(TEXT.encode()), "a.txt")
    assert not found
    assert said


def test_more_memory_than_there_should_be() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
    raw = lzma.compress(TEXT.encode(), filters=filters)
    assert "Memory usage limit exceeded" in read(raw, "a.txt.xz")[1][0]


def test_larger_than_an_article_may_be(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    assert "larger than 10,000 bytes" in read(pack(b"x" * 10_001), f"a.txt.{suffix}")[1][0]


@pytest.mark.parametrize("name", ["a.gz", "a.png.gz", "gz", ".gz", "a.gz.gz", "a.txt.gz.png"])
def test_names_of_what_is_not_read(name: str) -> None:
    assert not is_read(name)


@pytest.mark.parametrize("name", ["a.b.txt.gz", "a.tar.gz", "A.TAR.XZ", "a.zip.gz", "a.b.tgz"])
def test_names_of_what_is_read(name: str) -> None:
    assert is_read(name)
