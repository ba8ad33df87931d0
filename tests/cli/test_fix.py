"""``vnjournal fix``: what it writes, what it asks, what it refuses."""

from __future__ import annotations

import codecs
import json
import os
import re
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from tests.program import command_line, refused, run, typed, unprivileged
from vnjournal import Archive

WRITTEN = "Đảng bộ cơ sở,theo quy định.\nĐặc biệt là việctriển khai sâu rộng.\n"
RIGHT = "Đảng bộ cơ sở, theo quy định.\nĐặc biệt là việc triển khai sâu rộng.\n"


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A folder with two articles in plain text and three as JSON Lines, one of which is none."""
    folder = tmp_path / "pile"
    (folder / "below").mkdir(parents=True)
    (folder / "a.txt").write_bytes(codecs.BOM_UTF8 + WRITTEN.replace("\n", "\r\n").encode())
    (folder / "below" / "right.txt").write_text(RIGHT)
    lines = [
        '{"id":"1" , "text":"Đảng bộ cơ sở,theo quy định."}',
        "no article",
        "",
        '{"title": "việctri\\u1ec3n khai", "body": "Bài viết.", "n": 1.50}',
    ]
    (folder / "z.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture
def article(tmp_path: Path) -> Path:
    file = tmp_path / "article.txt"
    file.write_text(WRITTEN)
    return file


@pytest.fixture
def archive(article: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    assert run("index", article, "--archive", folder).code == 0
    return folder


def _lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").split("\n")


# --- writing


def test_the_text_put_right_goes_to_stdout(article: Path) -> None:
    raw = codecs.BOM_UTF8 + b"\n" + WRITTEN.strip().replace("\n", "\r\n").encode()
    article.write_bytes(raw)
    wanted = codecs.BOM_UTF8 + b"\n" + RIGHT.strip().replace("\n", "\r\n").encode()
    for source, stdin in ((article, b""), ("-", raw)):
        done = subprocess.run(
            command_line("fix", source, "--apply"), input=stdin, capture_output=True, check=True
        )
        assert (done.stdout, done.stderr) == (wanted, b"")
    assert article.read_bytes() == raw


def test_files_are_put_right_in_place(pile: Path) -> None:
    ended = run("fix", pile, "--apply", "--in-place")
    assert ended.code == 2  # for the line that is none
    (complaint,) = ended.complaints
    assert complaint.startswith(f"not read: {pile / 'z.jsonl'}, line 2: not JSON")
    assert "[-sở,theo-]{+sở, theo+}" in ended.out
    assert ended.out.endswith("4 typos fixed in 2 files\n")
    assert (pile / "a.txt").read_bytes() == (codecs.BOM_UTF8 + RIGHT.replace("\n", "\r\n").encode())
    assert _lines_of(pile / "z.jsonl") == [
        '{"id":"1" , "text":"Đảng bộ cơ sở, theo quy định."}',
        "no article",
        "",
        '{"title": "việc triển khai", "body": "Bài viết.", "n": 1.50}',
    ]
    again = run("fix", pile, "--apply", "--in-place")
    assert again.out == "0 typos fixed in 0 files\n"


def test_files_are_put_right_in_another_folder(pile: Path, tmp_path: Path) -> None:
    output = pile / "fixed"
    before = {file: file.read_bytes() for file in pile.rglob("*") if file.is_file()}
    for _ in range(2):  # what is in the output already is no source
        ended = run("fix", pile, "--apply", "--output", output)
        assert ended.out.endswith(f"4 typos fixed; 3 files written to {output}\n")
    assert {file: file.read_bytes() for file in before} == before
    written = sorted(file.relative_to(output).as_posix() for file in output.rglob("*.*"))
    assert written == ["a.txt", "below/right.txt", "z.jsonl"]
    assert (output / "below" / "right.txt").read_text() == RIGHT
    refused(run("fix", pile / "a.txt", "--apply", "--output", pile), "it is the source itself")
    one, other = pile / "a.txt", tmp_path / "a.txt"
    other.write_text(RIGHT)
    ended = run("fix", one, other, "--apply", "--output", tmp_path / "both", "--json")
    assert [line.startswith("not written: ") for line in ended.complaints] == [True]
    assert (ended.code, len(ended.json)) == (2, 2)


def test_what_cannot_be_written_is_reported_and_the_rest_done(pile: Path) -> None:
    before = unprivileged()
    closed = pile / "closed"
    closed.mkdir()
    for file in (pile / "read-only.txt", closed / "inside.txt"):
        file.write_text(WRITTEN)
    (pile / "read-only.txt").chmod(0o444)
    closed.chmod(0o555)
    (pile / "z.jsonl").unlink()
    ended = run("fix", pile, "--apply", "--in-place", before=before)
    closed.chmod(0o755)
    assert ended.code == 2
    assert sorted(ended.complaints) == [
        f"not written: {closed / 'inside.txt'}: cannot be written (Permission denied)",
        f"not written: {pile / 'read-only.txt'}: it is write-protected: "
        "change its permissions first",
    ]
    assert ended.out.endswith("2 typos fixed in 1 file\n")
    assert (closed / "inside.txt").read_text() == WRITTEN


def test_a_link_is_followed_and_permissions_stay(article: Path, tmp_path: Path) -> None:
    article.chmod(0o600)
    link = tmp_path / "link.txt"
    link.symlink_to(article)
    assert run("fix", link, "--apply", "--in-place").code == 0
    assert link.is_symlink()
    assert article.read_text() == RIGHT
    assert stat.S_IMODE(article.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("FILE --in-place", "--in-place goes with --apply"),
        ("FILE --output OUT", "--output goes with --apply"),
        ("FILE --apply --in-place --output OUT", "not both"),
        ("FILE --archive ARCHIVE", "not both"),
        ("FILE --apply --json", "both write to stdout"),
        ("--archive ARCHIVE --apply", "an archive keeps its texts"),
        ("- --apply --in-place", "standard input has no file"),
        ("- --interactive", "--interactive reads the keyboard"),
        ("FILE --interactive", "--interactive needs a terminal"),
        ("FILE --again", "--again goes with"),
        ("FILE --limit 3", "--limit goes with the report"),
        ("--archive ARCHIVE --interactive --json", "--json goes with the report"),
        ("--archive OUT", "there is no archive at"),
        ("", "name files or folders, or an archive"),
    ],
)
def test_misuse_is_refused(arguments: str, says: str, archive: Path, article: Path) -> None:
    places = {"FILE": article, "ARCHIVE": archive, "OUT": article.parent / "out"}
    words = [str(places.get(word, word)) for word in arguments.split()]
    refused(run("fix", *words, stdin=WRITTEN.encode()), says)
    assert article.read_text() == WRITTEN


# --- asking


def test_accepted_edits_are_written(article: Path) -> None:
    ended = typed("yn", "fix", article, "--interactive", "--level", "safe", "--apply", "--in-place")
    assert ended.code == 0
    assert "\x1b[31m" in ended.err  # red
    assert "\x1b[32m" in ended.err  # green
    assert "1 of 2 edits accepted" in ended.err
    assert article.read_text() == WRITTEN.replace("sở,theo", "sở, theo")


def test_stdout_gets_the_text_and_the_terminal_the_questions(article: Path) -> None:
    arguments = ("fix", article, "--interactive", "--level", "safe", "--apply")
    assert typed("ny", *arguments, stdout_too=False).out == WRITTEN.replace(
        "việctriển", "việc triển"
    )
    assert article.read_text() == WRITTEN


def test_one_answer_for_all_alike(pile: Path) -> None:
    (pile / "z.jsonl").unlink()
    (pile / "b.txt").write_text("Việctriển khai và việctriển khai. Cơ sở,theo quy định.\n")
    (pile / "c.txt").write_text("Cơ sở,theo quy định và việctriển khai.\n")
    ended = typed("ra", "fix", pile, "--interactive", "--level=safe", "--apply", "--in-place")
    assert "4 of 7 edits accepted" in ended.err
    assert (pile / "b.txt").read_text() == (
        "Việc triển khai và việc triển khai. Cơ sở,theo quy định.\n"
    )
    assert (pile / "c.txt").read_text() == "Cơ sở,theo quy định và việc triển khai.\n"


@pytest.mark.parametrize("stop", ["q", "\x04"])
def test_stopping_keeps_what_was_decided(pile: Path, stop: str) -> None:
    (pile / "z.jsonl").unlink()
    (pile / "b.txt").write_text(WRITTEN)
    before = (pile / "a.txt").read_bytes()
    arguments = ("fix", pile, "--interactive", "--level=safe", "--apply", "--in-place")
    typed(f"x?s{stop}", *arguments)
    assert ((pile / "a.txt").read_bytes(), (pile / "b.txt").read_text()) == (before, WRITTEN)
    typed(f"a{stop}", *arguments)
    assert (pile / "a.txt").read_bytes() == before.replace(b",theo", b", theo")
    assert (pile / "b.txt").read_text() == WRITTEN.replace(",theo", ", theo")


def test_ctrl_c_leaves_the_file_alone(article: Path) -> None:
    arguments = ("fix", article, "--interactive", "--level=safe", "--apply", "--in-place")
    assert typed("y\x03", *arguments).code == 130
    assert article.read_text() == WRITTEN
    assert list(article.parent.glob(".*")) == []


def test_without_apply_nothing_is_written_and_json_tells(article: Path) -> None:
    ended = typed("ys", "fix", article, "--interactive", "--level=safe", "--json", stdout_too=False)
    assert "nothing will be written" in ended.err
    assert [edit["accepted"] for edit in json.loads(ended.out)] == [True, None]
    assert article.read_text() == WRITTEN


def test_a_terminal_never_gets_control_characters_of_an_article(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Đề mục\x1b]0;x\x07 Đảng bộ \x1b[2J cơ sở,theo \x9b2J quy định.")
    for ended in (
        typed("", "fix", file),
        typed("q", "fix", file, "--interactive", "--level=safe", stdout_too=False),
    ):
        for bad in ("\x1b]", "\x07", "\x1b[2J", "\x9b"):
            assert bad not in ended.err
        assert "\\x1b[2J" in ended.err


# --- archives


def test_an_archive_is_reviewed(archive: Path, article: Path) -> None:
    def left() -> list[str]:
        with Archive.open(archive) as opened:
            return [edit.before for edit in opened.edits("article.txt").get("body", [])]

    arguments = ("fix", "--archive", archive, "--interactive", "--level", "safe")
    ended = typed("nq", *arguments)
    assert (ended.code, left()) == (0, ["việctriển"])
    assert "0 accepted, 1 rejected in" in ended.err
    ended = typed("s", *arguments)  # the other one only
    assert "việctriển" in ended.err
    assert "1 left for later" in ended.err
    assert "0 accepted, 0 rejected" in typed("q", *arguments, "--again").err
    assert typed("ya", *arguments, "--again").code == 0
    assert left() == ["sở,theo", "việctriển"]
    assert typed("", *arguments).code == 0  # nothing is left to ask
    report = run("fix", "--archive", archive)
    assert "1 × sở,theo → sở, theo" in report.out
    assert report.out.endswith("2 typos, 2 different, 2 accepted\n")


def test_the_report_of_an_archive(archive: Path, article: Path) -> None:
    other = article.with_name("other.txt")
    other.write_text("Các cơ SỞ,THEO quy định. Cơ sở,theo luật.")
    assert run("index", other, "--archive", archive).code == 0
    report = run("fix", "--archive", archive, "--limit", "1").out
    assert re.sub(r"\d\.\d\d", "SURE", report).splitlines() == [
        "    3 × sở,theo → sở, theo  space-after-punctuation SURE, in 2 articles",
        "        Đảng bộ cơ [-sở,theo-]{+sở, theo+} quy định.  article.txt",
        "4 typos, 2 different, the most frequent shown",
    ]


def test_all_alike_in_an_archive_are_decided_at_once(archive: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text(
        "".join(
            json.dumps({"id": f"{n}", "body": f"Ở cơ sở,theo bài {n}."}) + "\n" for n in range(120)
        )
    )
    assert run("index", many, "--archive", archive).code == 0
    arguments = ("fix", "--archive", archive, "--interactive", "--level=safe")
    ended = typed("srq", *arguments)
    assert "0 accepted, 1 rejected, 1 left for later" in ended.err
    ended = typed("sa", *arguments)
    assert "120 accepted, 0 rejected, 1 left for later" in ended.err
    found = run("fix", "--archive", archive, "--json", "--limit", "1").json
    assert (found["articles"], found["typos"], found["different"]) == (121, 122, 2)
    (typo,) = found["most_frequent"]
    assert (typo["before"], typo["after"], typo["count"]) == ("sở,theo", "sở, theo", 121)
    assert (typo["articles"], typo["accepted"], typo["rejected"]) == (121, 120, 0)


def test_an_interrupted_review_keeps_what_was_decided(archive: Path) -> None:
    ended = typed("n\x03", "fix", "--archive", archive, "--interactive", "--level=safe")
    assert ended.code == 130
    assert "0 accepted, 1 rejected" in ended.err
    assert run("fix", "--archive", archive).out.endswith("2 typos, 2 different, 1 rejected\n")
    assert run("check", "--archive", archive).code == 0


def test_a_killed_run_leaves_the_files_whole(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for n in range(200):
        (pile / f"{n}.txt").write_text(WRITTEN * 20)
    with subprocess.Popen(
        command_line("fix", pile, "--apply", "--in-place"), stdout=subprocess.DEVNULL
    ) as program:
        while (pile / "0.txt").read_text() == WRITTEN * 20 and program.poll() is None:
            time.sleep(0.01)
        time.sleep(0.05)
        os.kill(program.pid, signal.SIGKILL)
    for file in pile.glob("*.txt"):
        assert file.read_text() in (WRITTEN * 20, RIGHT * 20)


def test_typos_are_listed_in_formats_that_are_not_written(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<title>Tin</title><article><h1>Tin</h1><p>{WRITTEN}</p></article>")
    listed = run("fix", tmp_path)
    assert (listed.code, listed.err) == (0, "")
    assert "[-sở,theo-]{+sở, theo+}" in listed.out
    refused(run("fix", tmp_path, "--apply"), "only plain text and JSON Lines are written")


# --- the user's own words


def test_own_words_are_left_alone(article: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# of this archive\nViệctriển\n\nviệctriển khai\n")
    fixed = run("fix", article, "--words", words, "--apply")
    assert fixed.out == "Đảng bộ cơ sở, theo quy định.\nĐặc biệt là việctriển khai sâu rộng.\n"

    folder = tmp_path / "with-words"
    assert run("index", article, "--archive", folder, "--words", words).code == 0
    with Archive.open(folder) as opened:
        assert opened.words == ("Việctriển", "việctriển khai")
        assert [edit.before for edit in opened.edits("article.txt")["body"]] == ["sở,theo"]
    article.write_text(f"{WRITTEN}Thêm một câu.\n")
    assert run("index", article, "--archive", folder).code == 0  # the archive remembers them
    with Archive.rebuild(folder) as rebuilt:
        assert [edit.before for edit in rebuilt.edits("article.txt")["body"]] == ["sở,theo"]
        assert [typo.before for typo in rebuilt.typos("suggest")] == ["sở,theo"]


def test_a_bad_file_of_words_is_named(article: Path, tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\0\1")
    refused(run("fix", article, "--words", tmp_path / "none.txt"), "none.txt: No such file")
    refused(run("fix", article, "--words", binary), "binary.txt: binary file")
    refused(run("fix", "--archive", tmp_path, "--words", article), "vnjournal index --words")
