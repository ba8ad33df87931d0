"""Bad input gets a clear message and the right exit code, and nothing else is lost.

Real files throughout; processes of their own where one can disturb another, or can be ended.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.places import ON_CLUSTER, Places
from tests.program import Ended, command_line, refused, run, unprivileged
from vnjournal.archive import Archive
from vnjournal.articles.article import Article
from vnjournal.errors import ArchiveError, ArchiveFull, ArchiveLocked
from vnjournal.index.engines import NAMES

GOOD = {"a-first.txt": "Đảng bộ Sở Khoa học họp.", "z-last.txt": "Sở Khoa học tổng kết năm."}
MEGABYTE = 1_000_000


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A folder with one good article before, and one after, whatever a test puts into it."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for name, text in GOOD.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def index(*sources: str | Path | bytes, archive: Path, apart: bool = False) -> Ended:
    return run("index", *sources, "--archive", archive, apart=apart)


def found(archive: Path, query: str) -> list[str]:
    """The ids that a search finds, in the order of their names."""
    answer = run("search", query, "--archive", archive, "--limit", "100", "--json")
    assert answer.code == (0 if answer.json["hits"] else 1), answer
    return sorted(hit["id"] for hit in answer.json["hits"])


def assert_sound(archive: Path) -> None:
    checked = run("check", "--archive", archive)
    assert checked.code == 0, checked


# --- files


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(20 * MEGABYTE + 1)


BAD_FILES: dict[str, tuple[bytes | Callable[[Path], None], str]] = {
    "empty.txt": (b"", "empty file"),
    "blank.txt": (b" \r\n\t\n", "empty file"),
    "only-a-bom.txt": (b"\xef\xbb\xbf", "has no text"),
    "binary.txt": (bytes(range(256)) * 8, "binary file"),
    "picture.jsonl": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary file"),
    "japanese.txt": ("これは日本語の文章です。".encode("shift-jis") * 5, "in an unknown encoding"),
    "large.txt": (_sparse, "larger than 20,000,000 bytes: index it with a larger --max-size"),
    "leads-nowhere.txt": (lambda path: path.symlink_to("nothing"), "leads nowhere"),
    "loop.txt": (lambda path: path.symlink_to(path), "leads nowhere"),
    "fifo.txt": (_fifo, "not a regular file"),
    "memory.txt": (
        lambda path: path.symlink_to("/proc/self/mem"),
        "a link out of the folder: name its target",
    ),
    "empty.jsonl": (b"", "empty file"),
    "blank.jsonl": (b"\n \n\n", "empty file"),
}


def test_bad_files_in_the_middle_of_a_folder(pile: Path, tmp_path: Path) -> None:
    for name, (made, _) in BAD_FILES.items():
        if isinstance(made, bytes):
            (pile / name).write_bytes(made)
        else:
            made(pile / name)
    ended = index(pile, archive=tmp_path / "archive")
    assert ended.code == 2
    assert "2 new" in ended.out
    assert len(ended.complaints) == len(BAD_FILES)
    for name, (_, reason) in BAD_FILES.items():
        (line,) = (line for line in ended.complaints if f"{pile / name}" in line)
        assert line.startswith("not read: ")
        assert reason in line
    assert found(tmp_path / "archive", "so khoa hoc") == sorted(GOOD)
    assert_sound(tmp_path / "archive")


def test_a_file_that_can_be_opened_and_not_read(tmp_path: Path) -> None:
    refused(index("/proc/self/mem", archive=tmp_path / "archive"), "cannot be read (Input/output")


def test_problems_as_json(pile: Path, tmp_path: Path) -> None:
    (pile / "empty.txt").touch()
    (pile / "picture.png").touch()
    ended = run("index", pile, "--archive", tmp_path / "archive", "--json")
    assert ended.code == 2
    assert ended.json["new"] == 2
    assert ended.json["failed"] == [{"path": f"{pile / 'empty.txt'}", "reason": "empty file"}]
    assert ended.json["skipped"] == [f"{pile / 'picture.png'}"]


def test_what_is_left_out_on_purpose_is_no_failure(pile: Path, tmp_path: Path) -> None:
    (pile / "picture.png").write_bytes(b"\x89PNG")
    (pile / ".hidden.txt").write_text("ẩn")
    (pile / "above").symlink_to(pile)
    run("index", pile, "--archive", pile / "archive")
    ended = index(pile, archive=pile / "archive")  # its own files lie in the folder now
    assert ended.code == 0, ended
    assert "0 new, 0 changed, 2 unchanged" in ended.out
    assert ended.complaints == [
        f"left out: {pile / 'above'}: a link to a folder: name it to have it read",
        "1 file of other kinds left out (.png)",
    ]
    ended = run("index", pile, "--archive", pile / "archive", "--json")
    assert ended.json["skipped"] == [f"{pile / 'above'}", f"{pile / 'picture.png'}"]


def test_a_folder_whose_name_ends_like_a_file(pile: Path, tmp_path: Path) -> None:
    (pile / "folder.txt").mkdir()
    (pile / "folder.txt" / "inside.txt").write_text("Sở Khoa học ở trong.")
    assert index(pile, archive=tmp_path / "archive").code == 0
    assert "folder.txt/inside.txt" in found(tmp_path / "archive", "so khoa hoc")


def test_names_that_are_no_text(pile: Path, tmp_path: Path) -> None:
    names = {
        b"l\xfaa.txt": r"l\xfaa.txt",
        b"two\nlines.txt": r"two\nlines.txt",
        b"bell\x07.txt": r"bell\x07.txt",
    }
    for name in names:
        (pile / os.fsdecode(name)).write_text("Sở Khoa học đặt tên.")
    (pile / os.fsdecode(b"empty\xff\n.txt")).touch()
    ended = index(pile, archive=tmp_path / "archive")
    refused(ended, r"empty\xff\n.txt: empty file")
    assert found(tmp_path / "archive", "so khoa hoc") == sorted([*GOOD, *names.values()])
    assert run("show", r"l\xfaa.txt", "--archive", tmp_path / "archive").code == 0


def test_byte_order_mark_and_line_ends(pile: Path, tmp_path: Path) -> None:
    (pile / "bom.txt").write_bytes("\ufeffSở Khoa học.\r\nHai dòng.\r\n".encode())
    (pile / "bom.jsonl").write_bytes(
        "\ufeff".encode() + b'{"id": "1", "body": "x\\r\\ny"}\r\n\r\n{"id": "2", "body": "z"}\r\n'
    )
    assert index(pile, archive=tmp_path / "archive").code == 0
    with Archive.open(tmp_path / "archive") as archive:
        bodies = {article.id: article.title + article.body for article in archive}
    assert bodies["bom.txt"] == "Sở Khoa học.\r\nHai dòng."
    assert (bodies["1"], bodies["2"]) == ("x\r\ny", "z")


# --- size


def test_size_of_an_article(pile: Path, tmp_path: Path) -> None:
    text = "Sở Khoa học. " * 100
    (pile / "large.txt").write_text(text)
    size = len(text.encode())
    ended = run("index", pile, "--max-size", f"{size - 1}", "--archive", tmp_path / "archive")
    refused(ended, "large.txt: larger than", f"{size - 1:,} bytes", "--max-size")
    assert found(tmp_path / "archive", "so khoa hoc") == sorted(GOOD)
    ended = run("index", pile, "--max-size", f"{size}", "--archive", tmp_path / "archive")
    assert ended.code == 0, ended
    assert len(found(tmp_path / "archive", "so khoa hoc")) == 3


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_large_line_in_the_middle_of_a_file(pile: Path, tmp_path: Path, end: bytes) -> None:
    def line(id: str, size: int) -> bytes:
        body = " ".join(f"{id}{n}" for n in range(40))
        return json.dumps({"id": id, "body": body}).encode().ljust(size) + end

    lines = [line("1", 500), line("2", 501), line("3", 5000), line("4", 502), line("5", 499)]
    (pile / "b.jsonl").write_bytes(b"".join(lines))
    ended = run("index", pile, "--max-size", "500", "--archive", tmp_path / "archive")
    assert ended.code == 2
    assert len(ended.complaints) == 3
    for number, complaint in zip((2, 3, 4), ended.complaints, strict=True):
        assert f"b.jsonl, line {number}: larger than 500 bytes" in complaint
    with Archive.open(tmp_path / "archive") as archive:
        assert {article.id for article in archive} == {"1", "5", *GOOD}


@pytest.mark.parametrize("size", ["much", "-1", "1.5MB", "", "9" * 5000])
def test_a_size_that_is_none(pile: Path, tmp_path: Path, size: str) -> None:
    ended = run("index", pile, f"--max-size={size}", "--archive", tmp_path / "archive")
    refused(ended, "is no size such as 50MB", "vnjournal index --help")
    assert not (tmp_path / "archive").exists()


def test_a_size_beyond_all_memory(pile: Path, tmp_path: Path) -> None:
    (pile / "table.csv").write_text("title,body\nLúa,Lúa chín sớm.\n", encoding="utf-8")
    for size in ("999999G", "999999999999999999GB"):
        ended = run("index", pile, "--max-size", size, "--archive", tmp_path / "archive")
        assert ended.code == 0, ended


# --- JSON Lines

BAD_LINES = [
    ("{", "not JSON"),
    ("công nghệ", "not JSON"),
    ("[" * 100_000, "nested too deeply"),
    ('{"id": "deep", "body": "x", "more": ' + "[" * 400 + "]" * 400 + "}", "nested too deeply"),
    ('{"id": "' + "a" * 4001 + '", "body": "x"}', "has more than 4,000 characters: shorten it"),
    ('["id", "body"]', "not a JSON object"),
    ("null", "not a JSON object"),
    ('"Sở Khoa học"', "not a JSON object"),
    ("{}", "has no text"),
    ('{"id": "a", "body": "  "}', "article a has no text"),
    ('{"id": "a", "body": ["x"]}', "body must be text, not list"),
    ('{"id": "a", "body": "x", "title": {"vi": "y"}}', "title must be text, not dict"),
    ('{"id": ["a"], "body": "x"}', "id must be text, not list"),
    ('{"id": true, "body": "x"}', "id must be text, not bool"),
    ('{"id": "a", "body": "x", "authors": 7}', "authors must be a list"),
    ('{"id": "a", "body": "x", "authors": [7]}', "an author must be a name"),
    ('{"id": "a", "body": "x", "extra": "y"}', "extra must be a table"),
    ('{"id": "a", "body": "x", "published": "12/05/2018"}', "'12/05/2018' is no ISO date"),
    ('{"id": "a", "body": "x", "posted": "2018-13"}', "'2018-13' is no ISO date"),
    ('{"id": "a", "body": "x", "date": "hôm qua"}', "is no ISO date"),
    ('{"id": "a", "body": "x", "body": "y"}', "the key 'body' stands there twice"),
    (r'{"id": "a", "body": "half \ud800"}', r"\ud800 is half a character"),
    (r'{"id": "a\uDFFF", "body": "half"}', r"\udfff is half a character"),
    ('{"id": "a", "body": "x", "number": NaN}', "NaN is no number"),
    ('{"id": "a", "body": "x", "number": 1e999}', "1e999 is no number"),
    ('{"id": "a", "body": "x", "number": ' + "1" * 5000 + "}", "too many digits"),
    ('{"id": "a", "body": "raw control \x07"}', "not JSON"),
]


def test_each_bad_line_is_reported_and_the_good_ones_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    with file.open("wb") as stream:
        for number, (line, _) in enumerate(BAD_LINES):
            stream.write(line.encode() + b"\n")
            stream.write(json.dumps({"id": f"good{number}", "body": "tốt"}).encode() + b"\n")
        stream.write("{'id': 'cp1258', 'body': 'ngh\xea'}\n".encode("latin-1"))
        stream.write(b'{"id": "last", "body": "t\xe1\xbb\x91t"}')  # no line's end
    ended = index(file, archive=tmp_path / "archive")
    assert ended.code == 2
    expected = [*(reason for _, reason in BAD_LINES), "not UTF-8 text"]
    assert len(ended.complaints) == len(expected)
    for number, (reason, complaint) in enumerate(zip(expected, ended.complaints, strict=True)):
        assert complaint.startswith(f"not read: {file}, line {2 * number + 1}: ")
        assert reason in complaint
    assert f"{len(BAD_LINES) + 1} new" in ended.out
    assert_sound(tmp_path / "archive")


def test_unusual_lines_that_are_articles(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    lines = [
        r'{"id": "nul", "body": "trước\u0000sau"}',
        r'{"id": "emoji", "body": "vui \ud83d\ude00"}',
        '{"id": 7, "body": "số", "published": 2018, "title": null}',
        '{"url": "https://x.example/1", "text": "địa chỉ"}',
        '{"id": "", "content": "không tên", "author": "An"}',
        '{"id": "a\\nb", "body": "hai dòng", "odd": [1, 2.5, {"x": null}]}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert index(file, archive=tmp_path / "archive").code == 0
    ids = ["nul", "emoji", "7", "https://x.example/1", "articles.jsonl#5", "a\nb"]
    with Archive.open(tmp_path / "archive") as archive:
        assert [article.id for article in archive] == ids
        assert [hit.id for hit in archive.search("sau")] == ["nul"]
    exported = run("export", "--archive", tmp_path / "archive").out.encode()
    (tmp_path / "exported.jsonl").write_bytes(exported)
    ended = index(tmp_path / "exported.jsonl", archive=tmp_path / "archive")
    assert "0 new, 0 changed, 6 unchanged" in ended.out


# --- paths


def test_a_missing_path_alone(tmp_path: Path) -> None:
    ended = run("index", "missing", folder=tmp_path)
    refused(ended, "missing: no such file or folder: check the path")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_path_among_good_ones(pile: Path, tmp_path: Path) -> None:
    ended = index(pile / "a-first.txt", "missing", pile / "z-last.txt", archive=tmp_path / "a")
    refused(ended, "not read: missing: no such file or folder")
    assert found(tmp_path / "a", "so khoa hoc") == sorted(GOOD)


def test_a_name_that_is_too_long(pile: Path, tmp_path: Path) -> None:
    refused(index("x" * 300, archive=tmp_path / "a"), "no such file or folder")
    refused(index("x" * 300, pile, archive=tmp_path / "a"), "not read: xxx", "too long")
    assert len(found(tmp_path / "a", "so khoa hoc")) == 2
    refused(run("search", "x", "--archive", "x" * 300), "too long")


@pytest.mark.parametrize("command", ["fix", "tokenize"])
def test_text_commands(pile: Path, command: str) -> None:
    (pile / "binary.txt").write_bytes(b"\0\1\2")
    ended = run(command, pile, "missing")
    assert ended.code == 2
    assert ended.out
    assert [line.startswith("not read: ") for line in ended.complaints] == [True, True]
    refused(run(command, "-", stdin=b"\x89PNG\0\1\2"), "standard input: binary file")
    unknown = "これは日本語の文章です。".encode("shift-jis") * 5
    refused(run(command, "-", stdin=unknown), "standard input: text in an unknown encoding")
    refused(run(command, "-", stdin=b""), "standard input: empty file")
    missing = {"fix": "name files or folders, or an archive"}.get(command, "Missing argument")
    refused(run(command), missing, f"vnjournal {command} --help")


def test_permissions(pile: Path, tmp_path: Path) -> None:
    before = unprivileged()
    (pile / "secret.txt").write_text("bí mật")
    (pile / "secret.txt").chmod(0)
    (pile / "closed").mkdir(mode=0)
    (pile / "names-only").mkdir()
    (pile / "names-only" / "inside.txt").write_text("ở trong")
    (pile / "names-only").chmod(0o400)
    ended = run("index", pile, "--archive", tmp_path / "archive", before=before)
    (pile / "closed").chmod(0o700)
    (pile / "names-only").chmod(0o700)
    assert ended.code == 2
    bad = ["closed", "names-only/inside.txt", "secret.txt"]
    assert ended.complaints == [
        f"not read: {pile / name}: cannot be read (Permission denied)" for name in bad
    ]
    assert found(tmp_path / "archive", "so khoa hoc") == sorted(GOOD)


def test_an_archive_where_nothing_may_be_written(pile: Path, tmp_path: Path) -> None:
    before = unprivileged()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    ended = run("index", pile, "--archive", closed / "archive", before=before)
    refused(ended, "Permission denied", str(closed / "archive"))


# --- one id twice


def test_one_id_twice_with_different_text(tmp_path: Path) -> None:
    lines = [
        {"id": "same", "body": "bài thứ nhất"},
        {"id": "other", "body": "bài khác"},
        {"id": "same", "body": "bài thứ hai"},
        {"id": "other", "body": "bài khác"},  # the same text twice is no problem
    ]
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text("\n".join(map(json.dumps, lines)))
    second.write_text(json.dumps({"id": "other", "body": "bài khác"}))
    ended = index(first, second, archive=tmp_path / "archive")
    refused(ended, f"{first}: the id same came twice with different text: this one was not stored")
    assert "2 new" in ended.out
    assert found(tmp_path / "archive", '"thu nhat"') == ["same"]
    assert found(tmp_path / "archive", '"thu hai"') == []
    second.write_text(json.dumps({"id": "same", "body": "bài thứ hai"}))
    assert index(second, archive=tmp_path / "archive").code == 0  # another run may change it
    assert found(tmp_path / "archive", '"thu hai"') == ["same"]


def test_one_id_twice_across_batches(tmp_path: Path) -> None:
    def articles(changed: str) -> list[Article]:
        many = [Article(id=f"{n}", body=f"bài {n}") for n in range(1100)]
        return [*many, Article(id="1", body="bài 1"), Article(id="2", body=changed)]

    with Archive.create(tmp_path / "archive") as archive:
        for is_first in (True, False):  # the second time, all of it is stored already
            added = archive.add(articles("khác hẳn"), correct=False)
            assert (added.new, added.unchanged) == ((1100, 0) if is_first else (0, 1100))
            assert [problem.path for problem in added.duplicates] == ["2"]
            assert archive.search("khac han").total == 0
        again = archive.add([Article(id="1", body="bài 1")] * 3)
        assert (again.unchanged, again.total) == (1, 1)


def test_where_an_article_was_read_from_is_no_change(pile: Path, tmp_path: Path) -> None:
    index(pile, archive=tmp_path / "archive")
    for same in (f"{pile}/../pile", pile):
        ended = index(same, archive=tmp_path / "archive")
        assert (ended.code, ended.out[:30]) == (0, "0 new, 0 changed, 2 unchanged ")
    ended = index(pile, f"{pile}/../pile", archive=tmp_path / "twice")
    assert (ended.code, ended.out[:5]) == (0, "2 new")


@pytest.mark.parametrize("engine", ["tantivy", ON_CLUSTER])
def test_text_that_nothing_can_hold(engine: str, places: Places, tmp_path: Path) -> None:
    with places.archive(engine, tmp_path / "archive") as archive:
        with pytest.raises(ArchiveError, match="half a character"):
            archive.add([Article(id="a", body="tốt"), Article(id="b", body="\ud800")])
        assert archive.add([Article(id="a", body="tốt")]).new == 1
        assert archive.search("\ud800 tot").total == 1


def test_text_that_no_file_can_hold(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    with archive, pytest.raises(ArchiveError, match="half a character"):
        archive.get("\udcff")
    refused(run("show", b"\xff", "--archive", tmp_path / "archive"), r"\udcff")


# --- places that are no archive


def test_places_that_are_no_archive(pile: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for command in ("search x", "check", "rebuild"):
        for place in (file, pile, tmp_path / "nowhere"):
            ended = run(*command.split(), "--archive", place)
            refused(ended, f"there is no archive at {place}", "vnjournal index SOURCE")
    refused(index(pile, archive=file), f"{file} is a file")
    refused(index(pile, archive=file / "below"), "Not a directory")
    refused(index(pile, archive=pile), f"{pile} is there already and is no archive")
    assert sorted(path.name for path in pile.iterdir()) == sorted(GOOD)


# --- the state of an archive


@pytest.fixture(scope="module", params=NAMES)
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive, made once for each engine; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("ready") / "archive"
    with Archive.create(folder, engine=request.param) as archive:
        archive.add(
            Article(id=f"{n}", body=f"Sở Khoa học, bài số {n}.", published=f"{2000 + n % 20}")
            for n in range(60)
        )
    return folder


@pytest.fixture
def archive(ready: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready, tmp_path / "archive"))


@pytest.fixture
def one_more(tmp_path: Path) -> Path:
    file = tmp_path / "one-more.txt"
    file.write_text("Sở Khoa học thêm bài.")
    return file


def set_meta(archive: Path, **values: str) -> None:
    with sqlite3.connect(archive / "articles.sqlite") as connection:
        for key, value in values.items():
            connection.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
    connection.close()


def test_an_archive_in_use_by_another_writer(archive: Path, one_more: Path) -> None:
    go_on = "import sys; from vnjournal import Archive, Article\n"
    go_on += "def articles():\n  yield Article(id='new', body='Sở Khoa học mới'); print(flush=True)"
    go_on += "\n  input()\nArchive.open(sys.argv[1]).add(articles())"
    python = command_line()[0]
    with subprocess.Popen(
        [python, "-c", go_on, archive], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdout.readline()
        says = "another process is writing to", "try again"
        refused(index(one_more, archive=archive), *says)
        refused(run("rebuild", "--archive", archive), *says)
        assert len(found(archive, "so khoa hoc")) == 60
        assert_sound(archive)
        writer.communicate(b"\n")
    assert writer.returncode == 0
    assert index(one_more, archive=archive).code == 0
    assert len(found(archive, "so khoa hoc")) == 62


def test_an_open_archive_keeps_nobody_from_writing(archive: Path, one_more: Path) -> None:
    with Archive.open(archive) as ours:
        ours.add([Article(id="ours", body="Sở Khoa học của ta")])
        assert index(one_more, archive=archive, apart=True).code == 0
        ours.add([Article(id="ours too", body="Sở Khoa học của ta")])
        assert run("rebuild", "--archive", archive, apart=True).code == 0
        ours.add([Article(id="and this", body="Sở Khoa học của ta")])
        assert ours.search("so khoa hoc").total == 64
        with Archive.open(archive) as second, second._home.writing(), pytest.raises(ArchiveLocked):
            ours.add([Article(id="not this", body="Sở Khoa học của ta")])
    assert len(found(archive, "so khoa hoc")) == 64
    assert_sound(archive)


def test_another_format_version(archive: Path, one_more: Path) -> None:
    set_meta(archive, format="99")
    for command in ("search x", "show 1", "stats", "check", "rebuild", "export"):
        ended = run(*command.split(), "--archive", archive)
        refused(ended, "has format version 99", "use the vnjournal that wrote it, or index anew")
    refused(index(one_more, archive=archive), "has format version 99")


def test_another_analysis_version(archive: Path, one_more: Path) -> None:
    set_meta(archive, analysis="0")
    cure = f"run 'vnjournal rebuild --archive {archive}'"
    for command in ("search x", "check", "export"):
        ended = run(*command.split(), "--archive", archive)
        refused(ended, "was indexed by version 0 of the analysis", cure)
    refused(index(one_more, archive=archive), cure)
    rebuilt = run("rebuild", "--archive", archive)
    assert (rebuilt.code, rebuilt.out[:11]) == (0, "60 articles"), rebuilt
    assert len(found(archive, "so khoa hoc")) == 60
    assert_sound(archive)


def test_another_engine(archive: Path, one_more: Path) -> None:
    with Archive.open(archive) as opened:
        engine = opened.engine_name
    (other,) = set(NAMES) - {engine}
    ended = run("index", one_more, "--engine", other, "--archive", archive)
    refused(ended, f"is an archive of the {engine} engine")
    refused(run("rebuild", "--engine", "lucene", "--archive", archive), "'lucene' is not one of")
    assert run("rebuild", "--engine", other, "--archive", archive).code == 0
    assert index(one_more, archive=archive).code == 0
    assert len(found(archive, "so khoa hoc")) == 61
    assert_sound(archive)


def _replace(file: Path, content: bytes) -> None:
    """As a new file: whoever still has the old one mapped into memory would die of a bus error."""
    file.unlink()
    file.write_bytes(content)


def _cut(file: Path) -> None:
    _replace(file, file.read_bytes()[: file.stat().st_size // 2])


def _empty(file: Path) -> None:
    _replace(file, b"")


def _overwrite(file: Path) -> None:
    _replace(file, b"\xff" * 40)


@pytest.mark.parametrize("damage", [_cut, _empty, _overwrite, Path.unlink])
def test_damaged_index_files(archive: Path, damage: Callable[[Path], None]) -> None:
    """Each file of the index in its turn, in process; the largest once more as a user sees it."""
    store = (archive / "articles.sqlite").read_bytes()
    files = sorted((archive / "index").iterdir(), key=lambda file: file.stat().st_size)
    for file in files:
        kept = file.read_bytes()
        if not kept or file.name.startswith("."):
            continue  # locks, and tantivy's list of files to tidy up
        damage(file)
        assert Archive.check(archive) != [], file.name
        file.unlink(missing_ok=True)
        file.write_bytes(kept)
        assert Archive.check(archive) == [], file.name
    damage(files[-1])
    cure = f"run 'vnjournal rebuild --archive {archive}'"
    searched = run("search", "so khoa hoc", "--archive", archive, apart=True)
    refused(searched, "the index cannot be read", cure)
    checked = run("check", "--archive", archive, apart=True)
    assert checked.code == 1
    assert cure in checked.out
    checked = run("check", "--archive", archive, "--json")
    assert (checked.code, len(checked.json["wrong"])) == (1, 1)
    assert (archive / "articles.sqlite").read_bytes() == store
    assert run("rebuild", "--archive", archive).code == 0
    assert len(found(archive, "so khoa hoc")) == 60
    assert_sound(archive)


def test_a_missing_index(archive: Path) -> None:
    shutil.rmtree(archive / "index")
    refused(run("search", "x", "--archive", archive), "the index cannot be read", "rebuild")
    assert run("check", "--archive", archive).code == 1
    assert run("rebuild", "--archive", archive).code == 0
    assert len(found(archive, "so khoa hoc")) == 60


def test_an_index_out_of_step(archive: Path) -> None:
    with Archive.open(archive) as opened:
        document = next(iter(opened))
        opened._home.engine.write([], ["3", "4"]).result()
    with sqlite3.connect(archive / "articles.sqlite") as connection:
        connection.execute("DELETE FROM articles WHERE id = '5'")
    connection.close()
    assert document.id == "0"
    checked = run("check", "--archive", archive)
    assert checked.code == 1
    assert "2 articles are not in the index" in checked.out
    assert "1 documents of the index are not in the store" in checked.out
    assert found(archive, "khoa") == sorted(str(n) for n in range(60) if n not in (3, 4, 5))
    assert run("rebuild", "--archive", archive).code == 0
    assert_sound(archive)


@pytest.mark.parametrize("damage", [_cut, _overwrite])
def test_a_damaged_store(archive: Path, damage: Callable[[Path], None]) -> None:
    damage(archive / "articles.sqlite")
    for command in ("show 7", "stats", "export", "rebuild"):
        ended = run(*command.split(), "--archive", archive)
        refused(ended, "articles.sqlite cannot be read", "restore it from a copy")
    assert run("search", "so khoa hoc", "--archive", archive).code == 2
    checked = run("check", "--archive", archive)
    assert checked.code == 1
    assert "articles.sqlite" in checked.out


def test_changed_text_in_the_store(archive: Path) -> None:
    file = archive / "articles.sqlite"
    raw = file.read_bytes()
    assert raw.count("bài số 17.".encode()) == 1
    file.write_bytes(raw.replace("bài số 17.".encode(), "bài số 71.".encode()))
    checked = run("check", "--archive", archive)
    assert checked.code == 1
    assert "the text of article 17 has changed" in checked.out


def test_what_a_crash_leaves_of_a_new_archive(tmp_path: Path, one_more: Path) -> None:
    archive = tmp_path / "half-made"
    (archive / "index").mkdir(parents=True)
    (archive / "index" / "meta.json").write_text("{")
    (archive / "writer.lock").touch()
    (archive / "articles.sqlite.new").write_bytes(b"half")
    assert index(one_more, archive=archive).code == 0
    assert found(archive, "so khoa hoc") == [one_more.name]
    assert_sound(archive)


def test_a_folder_that_may_not_be_written(archive: Path, one_more: Path) -> None:
    before = unprivileged()
    for path in (*archive.rglob("*"), archive):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for command in (("search", "khoa"), ("check",), ("index", one_more)):
        ended = run(*command, "--archive", archive, before=before)
        refused(ended, "the archive's folder cannot be written", "copy it")
    for path in (archive, archive / "index"):
        path.chmod(0o755)


# --- no space


def many_articles(folder: Path, number: int) -> Path:
    """Articles of 300 characters; a thousand of them are a batch."""
    file = folder / "many.jsonl"
    with file.open("w") as stream:
        for n in range(number):
            body = " ".join(f"Sở Khoa học nói {n} {m}." for m in range(14))
            print(json.dumps({"id": f"many{n}", "body": body}), file=stream)
    return file


@pytest.mark.parametrize("engine", NAMES)
def test_a_full_disk(
    engine: str, small_disk: Callable[[int], Path], tmp_path: Path, one_more: Path
) -> None:
    disk = small_disk(4 * MEGABYTE)
    archive = disk / "archive"
    ended = run("index", one_more, "--engine", engine, "--archive", archive)
    assert ended.code == 0, ended
    many = many_articles(tmp_path, 8000)
    refused(index(many, archive=archive, apart=True), "the disk is full", "make room")
    assert one_more.name in found(archive, '"khoa hoc them"')
    assert run("show", one_more.name, "--archive", archive).code == 0
    subprocess.run(["mount", "-o", "remount,size=40M", disk], check=True)
    assert_sound(archive)
    with Archive.open(archive) as opened:  # whole batches, each found
        assert len(opened) % 1000 == 1
        assert opened.search("so khoa hoc").total == len(opened)


def test_a_full_disk_below_the_index_only(
    archive: Path, small_disk: Callable[[int], Path], tmp_path: Path
) -> None:
    """The store has the articles and the index has not: they follow when there is room again."""
    disk = small_disk(6 * MEGABYTE)
    shutil.move(archive / "index", disk / "index")
    (archive / "index").symlink_to(disk / "index")
    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 40_000))
    many = many_articles(tmp_path, 500)
    refused(index(many, archive=archive, apart=True), "disk is full", "make room")
    assert len(found(archive, '"bai so"')) == 60
    checked = run("check", "--archive", archive)
    assert checked.code == 1
    assert "500 articles are not in the index yet" in checked.out
    (disk / "ballast").unlink()
    assert_sound(archive)
    assert len(found(archive, '"khoa hoc noi"')) == 100
    assert "500 unchanged" in index(many, archive=archive).out


@pytest.mark.parametrize("blocks", [30, 300])
def test_files_that_may_not_grow(archive: Path, tmp_path: Path, blocks: int) -> None:
    """A limit on the size of files; the smaller is less than SQLite needs even to read."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (blocks * 1024, blocks * 1024))

    many = many_articles(tmp_path, 1500)
    ended = run("index", many, "--archive", archive, preexec=limit)
    refused(ended, "may not grow", "make room")
    limited = run("search", "khoa", "--limit", "100", "--archive", archive, preexec=limit)
    assert limited.code == (0 if blocks > 32 else 2), limited
    assert {str(n) for n in range(60)} <= set(found(archive, '"bai so"'))
    assert_sound(archive)
    assert index(many, archive=archive).code == 0
    with Archive.open(archive) as opened:
        assert opened.search("khoa").total == len(opened) == 1560


def test_a_rebuild_without_space(archive: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    refused(run("rebuild", "--archive", archive, preexec=limit), "may not grow")
    assert len(found(archive, "khoa")) == 60
    assert_sound(archive)
    assert sorted(path.name for path in archive.iterdir() if path.is_dir()) == ["index"]


def test_after_an_error_the_archive_goes_on(tmp_path: Path) -> None:
    """The same object, in a process that lives on after the disk was full."""
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article(id="1", body="một")])
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            with pytest.raises(ArchiveFull):
                archive.add([Article(id="2", body="hai " * 5000)])
            with pytest.raises(ArchiveFull):
                archive.delete(["1"])
            assert archive.search("mot").total == 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert archive.add([Article(id="2", body="hai " * 5000)]).total == 1
        assert archive.search("hai").total == 1


def test_no_space_for_the_output(archive: Path, tmp_path: Path) -> None:
    refused(run("export", "--output", "/dev/full", "--archive", archive), "No space left")
    refused(run("export", "--output", tmp_path / "no" / "file", "--archive", archive), "No such")
    refused(run("export", "--output", tmp_path, "--archive", archive), "is a directory")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command_line("search", "khoa", "--archive", archive),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, b"vnjournal: No space left on device\n")


# --- queries


@pytest.mark.parametrize("query", ["", "   ", "?!... --- «»", '""', '"', "-", ":"])
def test_queries_without_a_word(archive: Path, query: str) -> None:
    ended = run("search", "--archive", archive, "--", query)
    assert ended.code == 1, ended
    assert "nothing found" in ended.out
    assert ended.complaints


LONG_QUERIES = {
    "one letter": "a" * 10_000,
    "one marked letter": "ơ" * 10_000,
    "many words": "khoa học " * 1200,
    "different words": " ".join(f"từ{n}" for n in range(1500)),
    "a phrase": '"' + "khoa học " * 1200 + '"',
    "quotes": '"' * 10_000,
    "fields": "title:khoa " * 900,
    "exclusions": "khoa " + "-không " * 1400,
    "punctuation": "()[]{}*?~^\\/+&|!" * 600,
    "composed of many marks": "o\u0302\u0301" * 3000,
}


@pytest.mark.parametrize("query", LONG_QUERIES.values(), ids=LONG_QUERIES.keys())
def test_queries_of_ten_thousand_characters(archive: Path, query: str) -> None:
    ended = run("search", "--archive", archive, "--json", "--", query)
    assert ended.code == (0 if ended.json["hits"] else 1)


@pytest.mark.parametrize("query", ["khoa\x07\x1b[31m", "khoa\nhọc", "khoa\u202e", "\ufffdkhoa"])
def test_queries_with_control_characters(archive: Path, query: str) -> None:
    assert run("search", "--archive", archive, query).code == 0


def test_queries_that_are_no_text(archive: Path) -> None:
    assert run("search", "--archive", archive, b"khoa \xff\xfe").code == 0
    ended = run("search", "--archive", archive, "--json", b"khoa \xff\xfe")
    assert (ended.code, len(ended.json["hits"])) == (0, 10)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--limit=0", "0 is not in the range"),
        ("--limit=-1", "-1 is not in the range"),
        ("--limit=x", "'x' is not a valid integer"),
        ("--offset=-1", "-1 is not in the range"),
        ("--year=18", "'18' is no year such as 2018 or 2015..2018"),
        ("--year=0000..2018", "'0000..2018' is no year"),
        ("--sort=random", "'random' is not one of"),
        ("--nonsense", "No such option"),
    ],
)
def test_bad_options(option: str, says: str) -> None:
    refused(run("search", "khoa", option), says, "see 'vnjournal search --help'")


def test_bad_commands() -> None:
    refused(run("serach", "khoa"), "No such command 'serach'", "see 'vnjournal --help'")
    refused(run("--nonsense"), "No such option", "see 'vnjournal --help'")
    refused(run("search"), "Missing argument", "see 'vnjournal search --help'")


def test_pages_beyond_the_end(archive: Path) -> None:
    ended = run("search", "khoa", "--limit", "9" * 25, "--archive", archive, "--json")
    assert (ended.code, len(ended.json["hits"])) == (0, 60)
    ended = run("search", "khoa", "--offset", "9" * 25, "--archive", archive, "--json")
    assert (ended.code, ended.json["total"], ended.json["hits"]) == (1, 60, [])
    ended = run("search", "khoa", "--offset", "60", "--archive", archive)
    assert ended.code == 1
    assert "60 articles" in ended.out


def test_years_either_way_round_and_without_an_end(archive: Path) -> None:
    def total(query: str, *options: str) -> int:
        return int(run("search", query, *options, "--archive", archive, "--json").json["total"])

    counts = {year: total(f"khoa year:{year}") for year in ("2018", "2018..", "..2017")}
    assert all(counts.values())
    for year, count in counts.items():
        assert total("khoa", f"--year={year}") == count
    assert total("khoa", "--year=2018..0001") == total("khoa", "--year=..2018")
    assert total("khoa", "--year=9998..") == 0


MISUSES: dict[str, Callable[[Archive], object]] = {
    "limit must be at least 1": lambda archive: archive.search("khoa", limit=0),
    "limit must be": lambda archive: archive.similar("a", limit=-1),
    "limit must": lambda archive: archive.complete("a", limit=0),
    "offset must be at least 0": lambda archive: archive.search("khoa", offset=-1),
    "year must lie in 1 to 9999": lambda archive: archive.search("khoa", year=10**20),
    "sort is one of relevance, newest, oldest, not 'best'": (
        lambda archive: archive.search("khoa", sort="best")
    ),
    "marks is one of graded, exact, loose, not ''": lambda archive: archive.search("a", marks=""),
}


@pytest.mark.parametrize(("says", "misuse"), MISUSES.items(), ids=MISUSES.keys())
def test_values_that_a_method_does_not_take(
    archive: Path, says: str, misuse: Callable[[Archive], object]
) -> None:
    with Archive.open(archive) as opened, pytest.raises(ValueError, match=says):
        misuse(opened)


@pytest.mark.parametrize("engine", NAMES)
def test_an_archive_that_was_closed(tmp_path: Path, engine: str) -> None:
    archive = Archive.create(tmp_path / "archive", engine)
    archive.add([Article("a", "Khoa học")])
    archive.search("khoa")
    archive.close()
    uses: list[Callable[[], object]] = [
        lambda: archive.search("khoa"),
        lambda: archive.complete("khoa"),
        lambda: archive.get("a"),
        lambda: archive.add([Article("b", "Khoa học")]),
        archive.refresh,
        archive.stats,
    ]
    for use in uses:
        with pytest.raises(ArchiveError, match="the archive is closed: open it again"):
            use()
    archive.close()


def test_an_unknown_id(archive: Path) -> None:
    refused(run("show", "nobody", "--archive", archive), "no article has the id 'nobody'")
    refused(run("show", "no\nbody", "--archive", archive), "no article has the id")


_WITHOUT_CLIENT = """
import sys
sys.modules["opensearchpy"] = None  # as where it is not installed
from vnjournal.cli.main import main
main()
"""


@pytest.mark.parametrize("command", [["search", "lúa"], ["index", "."], ["check"], ["rebuild"]])
def test_a_cluster_without_its_client(command: list[str]) -> None:
    arguments = [*command, "--archive", "https://localhost/kho"]
    ended = subprocess.run(
        [sys.executable, "-c", _WITHOUT_CLIENT, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == (
        "vnjournal: opensearchpy is not installed: run pip install 'vnjournal[cluster]'\n"
    )
