"""Files with edits put in: all at once, and byte for byte where nothing is edited."""

from __future__ import annotations

import codecs
import json
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casefiles import NormalForm
from vnjournal import Article, WriteError
from vnjournal.articles import rewrite
from vnjournal.articles.pieces import Edits, Piece
from vnjournal.articles.readers import json_lines, plain_text
from vnjournal.articles.sources import pieces
from vnjournal.text.spans import Change

PORTAL = """Những vấn đề chung (số 2-2018) 2018-05-12 03:10:58

Xây dựng Đảng bộ vững mạnh

Đảng bộ Sở là Đảng bộ cơ sở.
Đoạn thứ hai của bài viết.

Bài của Nguyễn Văn Vóc - Phó bí thư Đảng ủy
"""


def _shout(article: Article) -> Edits:
    """Every first letter of title and body as ``X``, and the last one as ``YZ``."""
    return {
        field: [Change(0, 1, "X"), Change(len(text) - 1, len(text), "YZ")]
        for field in ("title", "body")
        if (text := getattr(article, field))
    }


def _pieces(file: Path) -> list[Piece]:
    return list(pieces(file, file.name, lambda problem: pytest.fail(str(problem))))


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_only_title_and_body_of_a_plain_text_change(
    mark: bytes, newline: str, normal_form: NormalForm, tmp_path: Path
) -> None:
    raw = unicodedata.normalize(normal_form, PORTAL).replace("\n", newline)
    file = tmp_path / "a.txt"
    file.write_bytes(mark + raw.encode())
    (piece,) = _pieces(file)
    assert piece.edited({}) == file.read_bytes()
    article = piece.article
    assert article is not None
    wanted = raw
    for text in (article.title, article.body):
        wanted = wanted.replace(text, f"X{text[1:-1]}YZ")
    assert piece.edited(_shout(article)) == mark + wanted.encode()


_texts = st.text(min_size=2, max_size=60).filter(str.strip)


@given(
    title=st.just("") | _texts,
    body=_texts,
    escaped=st.booleans(),
    key=st.sampled_from(("body", "text", "content")),
)
def test_only_the_strings_of_a_json_line_change(
    title: str, body: str, escaped: bool, key: str
) -> None:
    values = {"title": title, "n": [1.5, {"body": "khác"}], key: body, "extra": {"body": body}}
    line = json.dumps(values, ensure_ascii=escaped, separators=(" ,", " : ")) + "\r\n"
    edited = json_lines.edited(line, _shout(json_lines.parse(line, "a")))
    changed = {"title": title and f"X{title[1:-1]}YZ", key: f"X{body[1:-1]}YZ"}
    wanted = json.dumps(values | changed, ensure_ascii=escaped, separators=(" ,", " : ")) + "\r\n"
    assert edited == wanted


def test_a_json_line_keeps_its_own_escapes() -> None:
    line = r'{"title": "a\/b \ud83d\ude00 \u0103n c\u01a1m", "body": "x\u00e9"}'
    edits = {"title": [Change(4, 5, "☺"), Change(6, 8, "ăn")]}
    wanted = r'{"title": "a\/b \u263a \u0103n c\u01a1m", "body": "x\u00e9"}'
    assert json_lines.edited(line, edits) == wanted


@given(st.text(max_size=200))
def test_no_edits_leave_a_text_as_it_is(raw: str) -> None:
    assert plain_text.edited(raw, {}) == raw


def test_a_file_is_replaced_at_once_with_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Một bài viết.")
    file.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(file)
    before = file.stat()
    assert rewrite.rewrite(link, _pieces(link), _shout)
    assert link.is_symlink()
    assert file.read_text() == "Xột bài viếtYZ"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.stat().st_ino != before.st_ino
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "link.txt"]


def test_a_file_without_edits_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Một bài viết.")
    before = file.stat()
    assert not rewrite.rewrite(file, _pieces(file), lambda _: {"body": []})
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_reading_that_fails_leaves_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"body": "Một."}\n' * 3)

    def fails(article: Article) -> Edits:
        if article.id.endswith("#2"):
            raise KeyboardInterrupt
        return _shout(article)

    before = file.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        rewrite.rewrite(file, _pieces(file), fails)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Một bài viết.")

    def meanwhile(article: Article) -> Edits:
        file.write_text("Một bài viết khác.")
        return _shout(article)

    with pytest.raises(WriteError, match="has changed since it was read"):
        rewrite.rewrite(file, _pieces(file), meanwhile)
    assert file.read_text() == "Một bài viết khác."


def test_a_full_disk_leaves_the_file_alone(small_disk: Callable[[int], Path]) -> None:
    folder = small_disk(200_000)
    file = folder / "a.txt"
    file.write_text("Một bài viết. " * 7_000)
    before = file.read_bytes()
    with pytest.raises(WriteError, match="No space left"):
        rewrite.rewrite(file, _pieces(file), _shout)
    assert file.read_bytes() == before
    assert list(folder.iterdir()) == [file]


def test_nothing_is_written_over_the_source(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Một bài viết.")
    with pytest.raises(WriteError, match="the source itself"):
        rewrite.write(tmp_path / "." / "a.txt", file, _pieces(file), _shout)
    rewrite.write(tmp_path / "new" / "b.txt", file, _pieces(file), _shout)
    assert (tmp_path / "new" / "b.txt").read_text() == "Xột bài viếtYZ"
