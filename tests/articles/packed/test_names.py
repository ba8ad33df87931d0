"""Names of packed files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnjournal.articles.packed.names import decoded_name, is_hidden, safe_name
from vnjournal.errors import SourceError
from vnjournal.text import encodings

NAMES = ["Bài báo số 2.txt", "Nghiên cứu/Đảng bộ Sở.txt", "Tạp chí Khoa học và Công nghệ.jsonl"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3", "vni-windows"])
def test_names_in_the_encodings_of_before(name: str, encoding: str) -> None:
    assert decoded_name(encodings.encode(name, encoding)) == name


def test_names_in_windows_1252_where_that_has_the_letters() -> None:
    assert decoded_name("Lúa và cá.txt".encode("cp1252")) == "Lúa và cá.txt"


@given(st.binary())
def test_any_bytes_make_a_name_that_can_be_stored(raw: bytes) -> None:
    for is_utf8 in (True, False):
        decoded_name(raw, is_utf8=is_utf8).encode()


@given(st.text("./\\:C\n\x85\u202eaàx"))
def test_a_safe_name_stays_below_and_on_one_line(name: str) -> None:
    try:
        safe = safe_name(name)
    except SourceError:
        return
    assert ".." not in safe.split("/")
    assert not safe.startswith("/")
    assert len(safe.splitlines()) == 1
    assert safe_name(safe) == safe or ":" in safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("/etc/passwd.txt", "etc/passwd.txt"),
        ("C:/a.txt", "a.txt"),
        ("C:a.txt", "a.txt"),
        ("//server/share/a.txt", "server/share/a.txt"),
        ("./a//./b.txt", "a/b.txt"),
        ("a\r\nb\x1b[2J.txt", r"a\r\nb\x1b[2J.txt"),
        ("ngược\u202etxt.exe", r"ngược\u202etxt.exe"),
        ("...txt", "...txt"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    "name", ["../a.txt", "a/../../b.txt", "a/..", "C:../a.txt", "", "/", "./", "a" * 5000]
)
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(SourceError):
        safe_name(name)


def test_hidden_names() -> None:
    hidden = ["._a.txt", ".git/a.txt", "b/.a.txt", "__MACOSX/b/._a.txt", ".DS_Store", "~$a.docx"]
    assert all(map(is_hidden, hidden))
    assert not any(map(is_hidden, ["a.txt", "./a.txt", "../a.txt", "b/a.b.txt"]))
