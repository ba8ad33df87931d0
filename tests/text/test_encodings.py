"""The old encodings, letter by letter, against the system's own converters and as round trips."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnjournal import resources
from vnjournal.text.alphabet import LETTERS, MARKED_LETTERS
from vnjournal.text.encodings import NAMES, bytes_of, decode, encode, of_font

MARKED = sorted(MARKED_LETTERS)
# Capitals that TCVN3 has: those without a tone mark.
IN_TCVN3 = [letter for letter in MARKED if letter.islower() or letter in "ĂÂÊÔƠƯĐ"]
TEXT = "Đảng bộ Sở Khoa học và Công nghệ, số 2-2018: “năng suất” – chất lượng (kỹ thuật)."


def system_encodes(program: list[str], text: str) -> bytes:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    return subprocess.run(program, input=text.encode(), capture_output=True, check=False).stdout


def letters_of(encoding: str) -> list[str]:
    return IN_TCVN3 if encoding == "tcvn3" else MARKED


@pytest.mark.parametrize("encoding", NAMES)
def test_every_letter_comes_back(encoding: str) -> None:
    for letter in letters_of(encoding):
        assert decode(encode(letter, encoding), encoding) == letter


@pytest.mark.parametrize("encoding", NAMES)
def test_whole_texts_come_back(encoding: str) -> None:
    text = TEXT
    if encoding == "viqr" or encoding in ("tcvn-vn1", "viscii", "vps"):
        text = text.replace("“", '"').replace("”", '"').replace("–", "-")
    assert decode(encode(text, encoding), encoding) == text


@pytest.mark.parametrize(
    ("encoding", "name"), [("viscii", "VISCII"), ("tcvn-vn1", "TCVN"), ("windows-1258", "CP1258")]
)
def test_the_systems_iconv_agrees(encoding: str, name: str) -> None:
    for letter in MARKED:
        raw = system_encodes(["iconv", "-f", "UTF-8", "-t", name], letter)
        assert decode(raw, encoding) == letter


@pytest.mark.parametrize(
    ("encoding", "name", "wrong"),
    [
        ("viscii", "VISCII", ""),
        ("tcvn-vn1", "TCVN", ""),
        ("viqr", "VIQR", ""),
        ("vps", "VPS", "Ỗ"),  # which recode leaves out
        ("vni-windows", "VNI", "ẮẰ"),  # which recode has the wrong way round
    ],
)
def test_recode_agrees(encoding: str, name: str, wrong: str) -> None:
    text = "\n".join(letter for letter in MARKED if letter not in wrong)
    raw = system_encodes(["recode", "-f", f"UTF-8..{name}"], text)
    assert decode(raw, encoding) == text


def test_tcvn3_writes_capitals_with_a_tone_as_small_letters() -> None:
    assert decode(encode("ĐẢNG ủy Ủy", "tcvn3"), "tcvn3") == "ĐảNG ủy ủy"


def test_the_table_has_every_letter() -> None:
    listed = [row[0] for row in resources.rows("encodings", "letters.tsv")]
    assert sorted(listed) == MARKED
    assert len(MARKED) == 134


@given(st.sampled_from(NAMES), st.text(sorted(LETTERS | set(" \n,:;-0123456789")), max_size=60))
def test_letters_and_signs_come_back(encoding: str, text: str) -> None:
    if encoding == "tcvn3":
        text = "".join(each if each in IN_TCVN3 or each.isascii() else "x" for each in text)
    if encoding == "viqr":
        text = text.lower().replace("d", "t")  # DD is not Dd
        return assert_viqr(text)
    if encoding == "windows-1258":
        text = text.replace("Đ", "đ")
    assert decode(encode(text, encoding), encoding) == text
    return None


def assert_viqr(text: str) -> None:
    for word in text.split():
        if sum(letter in MARKED_LETTERS for letter in word) <= 1:
            assert decode(encode(word, "viqr"), "viqr") == word


@given(st.sampled_from(NAMES), st.binary(max_size=80))
def test_any_bytes_are_read(encoding: str, raw: bytes) -> None:
    assert isinstance(decode(raw, encoding), str)


@given(st.binary(max_size=50))
def test_bytes_taken_for_western_are_found_again(raw: bytes) -> None:
    assert bytes_of(raw.decode("latin-1")) == raw


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Vie^.t Nam", "Việt Nam"),
        ("kho?e kho^ng? Co' a.", "khỏe không? Có ạ"),
        ("me. di cho+. ve^`.", "mẹ di chợ về."),
        ("add the middle of Daddy", "add the middle of Daddy"),
        ("quo^'c gia\\(2018\\)", "quốc gia(2018)"),
        ("NDD-CP, CSDDT", "NĐ-CP, CSĐT"),
        ("Bo^. GDDDT, DDDD", "Bộ GDĐT, ĐĐ"),
        ("DDa?ng, Dda?ng, dda?ng", "Đảng, Đảng, đảng"),
        ("ta\\. Ho", "ta. Ho"),
        ("ho.c.Theo La^.p tri`nh", "học.Theo Lập trình"),
    ],
)
def test_viqr(written: str, read: str) -> None:
    assert decode(written.encode(), "viqr") == read


@pytest.mark.parametrize(
    ("text", "font", "read"),
    [
        ("§¶ng bé", ".VnTime", "Đảng bộ"),
        ("§¶ng bé", ".VnTimeH", "ĐẢNG BỘ"),
        ("§¶ng bé", "ABCDEF+.VnArialH,Bold", "ĐẢNG BỘ"),
        ("§¶ng bé", ".VnArialH-Bold", "ĐẢNG BỘ"),
        ("Ñaûng boä", "VNI-Times", "Đảng bộ"),
        ("Ñaûng boä", "VNI Helve", "Đảng bộ"),
        ("ñä ng b¶", "VPS Times", "Đả ng bộ"),
        ("\uf0a7\uf0b6ng b\uf0e9", ".VnTime", "Đảng bộ"),
        ("Đảng bộ", ".VnTime", "Đảng bộ"),
        ("§ 5, déjà vu", "Times New Roman", "§ 5, déjà vu"),
        ("déjà", "Vninh Sans", "déjà"),
        ("", ".VnTime", ""),
    ],
)
def test_fonts(text: str, font: str, read: str) -> None:
    assert of_font(text, font) == read
