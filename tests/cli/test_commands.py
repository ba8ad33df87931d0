"""The command line as its users have it: golden outputs, JSON, exit codes, pipes and terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.program import INTERRUPTED, command_line, refused, run
from vnjournal import Archive, resources
from vnjournal.cli.main import cli
from vnjournal.text.encodings import encode

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = resources.data_folder() / "samples" / "articles"
CHECKOUT = Path(__file__).parents[2]
TYPOS = CHECKOUT / "tests" / "cases" / "typos.txt"

#: Name of the golden file -> the command; ARCHIVE stands for an archive of the samples.
COMMANDS = {
    "index": "index SAMPLES --archive NEW",
    "search": "search nuoi ca long tren song --archive ARCHIVE --limit 2",
    "search-phrase": 'search "phần mềm dịch vụ công" --archive ARCHIVE',
    "search-newest": "search nong nghiep --archive ARCHIVE --sort newest --limit 3",
    "search-filtered": "search nong nghiep --year 2016..2017 --archive ARCHIVE --limit 3",
    "search-facets": "search (cá OR lúa) sông* date:..4/2018 --archive ARCHIVE --limit 1 --facets",
    "similar": "similar ca-long-song-thao.txt --archive ARCHIVE --limit 3",
    "search-meant": "search nuôi cá lồngg --archive ARCHIVE --limit 1",
    "search-note": 'search title:(nuôi "cá --archive ARCHIVE --limit 1',
    "search-nothing": "search qwertyuiop --archive ARCHIVE",
    "search-csv": "search nuoi ca long --archive ARCHIVE --format csv --limit 3",
    "search-bibtex": "search cau sat song --archive ARCHIVE --format bibtex --limit 2",
    "search-ris": "search suongg mù --archive ARCHIVE --format ris --limit 1",
    "search-csl-json": "search title:(nuôi --archive ARCHIVE --format csl-json",
    "search-csl-json-nothing": "search qwertyuiop --archive ARCHIVE --format csl-json",
    "search-output": "search chuyen doi so --archive ARCHIVE --format csv --output NEW",
    "show": "show kham-benh-tu-xa.txt --archive ARCHIVE",
    "show-removed": "show kham-benh-tu-xa.txt --removed --archive ARCHIVE",
    "fix": "fix SAMPLES",
    "fix-apply": "fix TYPOS --apply",
    "tokenize": "tokenize SAMPLES/kham-benh-tu-xa.txt",
    "check": "check --archive ARCHIVE",
    "stats": "stats --archive ARCHIVE",
    "rebuild": "rebuild --archive ARCHIVE",
    "move": "move ARCHIVE NEW --engine whoosh",
    "export": "export --archive ARCHIVE --output NEW",
    "export-bibtex": "export --archive ARCHIVE --format bibtex",
    "info": "info",
    "demo": "demo",
    "help": "--help",
    "harvest-help": "harvest --help",
}
CODES = {"search-nothing": 1, "search-csl-json-nothing": 1}

#: What differs from machine to machine, and what stands for it in the golden files.
VARYING = {
    r" in \d+\.\d s;": " in TIME;",
    r"^(store bytes|index bytes) .*": r"\1 SIZE",
    r"^( *(?:python|vnjournal|underthesea|underthesea_core|tantivy|whoosh|numpy|regex|unidecode"
    r"|click|rich|filelock|ftfy|lxml|rapidfuzz|threadpoolctl) +)\d[\w.]*$": r"\1VERSION",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "archive"
    assert run("index", SAMPLES, "--archive", folder).code == 0
    return folder


def _arguments(command: str, archive: Path, new: Path) -> list[str]:
    quoted = re.findall(r'"[^"]*"|\S+', command)
    places = {
        "SAMPLES": str(SAMPLES),
        "TYPOS": str(TYPOS),
        "ARCHIVE": str(archive),
        "NEW": str(new),
    }
    pattern = re.compile("|".join(places))
    return [pattern.sub(lambda match: places[match.group()], word) for word in quoted]


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_the_golden_one(
    name: str, archive: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    new = tmp_path / "archive"
    is_whole_command = name == COMMANDS[name].split()[0]  # one for each, as users have it
    ended = run(*_arguments(COMMANDS[name], archive, new), apart=is_whole_command)
    assert ended.code == CODES.get(name, 0)
    shown = ended.out + "".join(f"stderr: {line}\n" for line in ended.complaints)
    for path, placeholder in ((archive, "ARCHIVE"), (new, "NEW"), (SAMPLES, "SAMPLES")):
        shown = shown.replace(str(path), placeholder)
    for pattern, placeholder in VARYING.items():
        shown = re.sub(pattern, placeholder, shown, flags=re.MULTILINE)
    assert "\x1b" not in shown, "colour in a pipe"
    file = GOLDEN / f"{name}.txt"
    if request.config.getoption("--regenerate-golden"):
        file.write_bytes(shown.encode())
    assert shown == file.read_bytes().decode()


@pytest.mark.parametrize(
    "command",
    [
        "index SAMPLES --archive NEW --json",
        "search nuoi ca --archive ARCHIVE --json",
        "search qwertyuiop --archive ARCHIVE --json",
        "show kham-benh-tu-xa.txt --archive ARCHIVE --json",
        "fix SAMPLES --json",
        "fix --archive ARCHIVE --json",
        "tokenize SAMPLES/kham-benh-tu-xa.txt --json",
        "stats --archive ARCHIVE --json",
        "move ARCHIVE NEW --json",
        "check --archive ARCHIVE --json",
        "info --json",
    ],
)
def test_json_is_one_document_in_plain_letters(command: str, archive: Path, tmp_path: Path) -> None:
    ended = run(*_arguments(command, archive, tmp_path / "archive"))
    assert ended.json is not None
    assert "\\u" not in ended.out


@pytest.mark.parametrize(
    "command",
    [
        "search cá --archive ARCHIVE --format csv",
        "show nobody --archive ARCHIVE",
        "tokenize -",
        "x",
    ],
)
def test_the_tests_own_process_shows_what_a_process_apart_does(
    command: str, archive: Path, tmp_path: Path
) -> None:
    arguments = _arguments(command, archive, tmp_path / "archive")
    here, apart = (run(*arguments, stdin="cơ sở".encode(), apart=apart) for apart in (False, True))
    assert here == apart


def test_each_edit_in_json_tells_all(archive: Path) -> None:
    for edit in run("fix", SAMPLES, "--json").json:
        assert edit["sentence_before"] != edit["sentence_after"]
        assert edit["before"] in edit["sentence_before"]
        assert edit["after"] in edit["sentence_after"]
        assert {"start", "end", "kind", "confidence", "reason", "id", "field"} <= set(edit)


def test_show_says_from_what_an_article_was_read(tmp_path: Path) -> None:
    page = "<nav>Trang chủ</nav><h1>Trồng nấm</h1><p>Sáng nay, đoàn đã về thăm các hộ trồng nấm."
    (tmp_path / "a.html").write_bytes(encode(page, "viscii"))
    (tmp_path / "b.jsonl").write_text(
        '{"id": "b", "body": "x", "notes": "y", "removed": "z"}\n{"id": "c", "body": "x"}'
    )
    archive = tmp_path / "archive"
    assert run("index", tmp_path, "--archive", archive).code == 0
    shown = run("show", "a.html", "--removed", "--archive", archive).out
    assert "\nread from html, viscii\n" in shown
    assert shown.endswith("taken off (menu):\nTrang chủ\n\n")
    shown = run("show", "b", "--removed", "--archive", archive).out
    assert "\nread from a file; y\n" in shown
    assert shown.endswith("\nnothing was taken off\n")
    assert "read from" not in run("show", "c", "--archive", archive).out


def test_highlights_in_json_are_spans_of_the_article(archive: Path) -> None:
    found = run("search", "khoa hoc", "--archive", archive, "--json").json
    with Archive.open(archive) as opened:
        for hit in found["hits"]:
            article = opened.get(hit["id"])
            for mark in hit["highlights"]:
                text = getattr(article, mark["field"])
                assert text[mark["start"] : mark["end"]] == mark["text"]


def test_export_and_index_give_the_same_articles(archive: Path, tmp_path: Path) -> None:
    exported = tmp_path / "articles.jsonl"
    assert run("export", "--archive", archive, "--output", exported).code == 0
    assert run("index", exported, "--archive", tmp_path / "again").code == 0
    with Archive.open(archive) as first, Archive.open(tmp_path / "again") as second:
        assert list(first) == list(second)
    piped = run("export", "--archive", archive)
    assert [json.loads(line) for line in piped.out.splitlines()] == [
        json.loads(line) for line in exported.read_text(encoding="utf-8").splitlines()
    ]


def test_every_hit_is_written_in_the_order_of_the_results(tmp_path: Path) -> None:
    pile = tmp_path / "many.jsonl"
    articles = (
        {"id": str(n), "body": "lúa " * (n % 7 + 1) + "ngô " * (n % 5)} for n in range(1100)
    )
    pile.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    folder = tmp_path / "archive"
    assert run("index", pile, "--archive", folder).code == 0
    for options, limit in (
        ("", 2000),
        ("--sort oldest", 2000),
        ("--offset 7", 2000),
        ("--offset 599 --limit 501", 501),
    ):
        asked: list[str | Path] = ["search", "lua", "--archive", folder, *options.split()]
        listed = run(*asked, "--limit", str(limit), "--json").json
        found = run(*asked, "--format", "jsonl")
        written = [json.loads(line)["id"] for line in found.out.splitlines()]
        assert written == [hit["id"] for hit in listed["hits"]]
        assert len(written) > 500
        assert found.code == 0


def test_hits_behind_the_last_are_none(archive: Path) -> None:
    ended = run("search", "lúa", "--archive", archive, "--format", "csv", "--offset", "900")
    assert ended.code == 1
    assert ended.out.count("\r\n") == 1
    assert re.fullmatch(r"no more than \d+ articles? found for: lúa", ended.complaints[-1])


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("search lúa --format xml", "'xml' is not one of 'jsonl', 'csv', 'bibtex', 'ris'"),
        ("search lúa --format csv --json", "--format or --json, not both"),
        ("search lúa --format csv --facets", "--format or --facets, not both"),
        ("search lúa --output NEW", "--output goes with --format"),
        ("search lúa --format csv --output NEW/none", "cannot be written (No such file"),
        ("export --format xml", "'xml' is not one of"),
        ("export --format ris --output NEW/none", "cannot be written (No such file"),
    ],
)
def test_a_format_that_cannot_be_written(
    command: str, says: str, archive: Path, tmp_path: Path
) -> None:
    refused(run(*_arguments(command, archive, tmp_path / "new"), "--archive", archive), says)
    assert not list(tmp_path.iterdir())


def test_a_file_of_hits_is_what_stdout_would_get(archive: Path, tmp_path: Path) -> None:
    asked = ("search", "nong nghiep", "--archive", archive, "--format", "csv")
    file = tmp_path / "hits.csv"
    said = run(*asked, "--output", file).out
    rows = file.read_bytes().decode().removesuffix("\r\n").split("\r\n")
    assert said == f"{len(rows) - 1} articles written to {file}\n"
    assert file.read_bytes().decode() == run(*asked).out


def test_indexing_again_takes_in_only_what_changed(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    (pile / "a.txt").write_text("Bài thứ nhất.", encoding="utf-8")
    (pile / "b.txt").write_text("Bài thứ hai.", encoding="utf-8")
    assert run("index", pile, "--archive", tmp_path / "archive", "--json").json["new"] == 2
    (pile / "b.txt").write_text("Bài thứ hai, sửa lại.", encoding="utf-8")
    again = run("index", pile, "--archive", tmp_path / "archive", "--json").json
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 1, 1)


def test_rebuilding_changes_the_engine(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert run("index", SAMPLES, "--archive", folder).code == 0
    assert run("rebuild", "--archive", folder, "--engine", "whoosh").code == 0
    assert run("stats", "--archive", folder, "--json").json["engine"] == "whoosh"
    queries = ["nuoi ca long", '"dịch vụ công"', "nong nghiep"]
    for query in queries:
        one = run("search", query, "--archive", archive, "--json").json
        other = run("search", query, "--archive", folder, "--json").json
        assert one["total"] == other["total"]


def test_a_word_with_a_minus_is_no_option(archive: Path) -> None:
    with_rice = run("search", "nong", "nghiep", "--archive", archive, "--json").json["total"]
    without = run("search", "nong", "nghiep", "-lúa", "-hà", "--archive", archive, "--json").json
    assert 0 < without["total"] < with_rice


def test_every_command_has_an_example_and_stands_in_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for name, command in cli.commands.items():
        assert f"vnjournal {name}" in (command.help or ""), name
        assert f"`{name}`" in readme, name


def test_standard_input_is_read() -> None:
    text = "cơ sở,theo quy định".encode()
    assert "cơ [-sở,theo-]{+sở, theo+} quy định" in run("fix", "-", stdin=text, apart=True).out
    assert run("tokenize", "-", stdin=text, apart=True).out == "cơ_sở , theo quy_định\n"


def test_a_terminal_gets_colour(archive: Path) -> None:
    try:
        outer, inner = pty.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal: {error}")
    command = command_line("search", "khoa", "hoc", "--limit", "1", "--archive", archive)
    with subprocess.Popen(command, stdout=inner, stderr=subprocess.DEVNULL):
        os.close(inner)
        shown = b""
        while True:
            try:
                shown += (part := os.read(outer, 65536))
            except OSError:  # the other end is closed
                break
            if not part:
                break
    os.close(outer)
    assert b"\x1b[1m" in shown


def test_a_reader_that_has_seen_enough_is_no_error(archive: Path) -> None:
    with subprocess.Popen(
        command_line("export", "--archive", archive), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 0


def _has_articles(store: Path) -> bool:
    address = f"{store.as_uri()}?mode=ro"  # else it would be made
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(address, uri=True)) as connection,
    ):
        return connection.execute("SELECT 1 FROM articles").fetchone() is not None
    return False


def test_an_interrupted_index_leaves_a_sound_archive(tmp_path: Path) -> None:
    pile = tmp_path / "many.jsonl"
    body = "Đảng bộ Sở Khoa học và Công nghệ triển khai nhiệm vụ. " * 40
    pile.write_text(
        "".join(json.dumps({"id": str(n), "body": f"{n} {body}"}) + "\n" for n in range(8000)),
        encoding="utf-8",
    )
    folder = tmp_path / "archive"
    with subprocess.Popen(
        command_line("index", pile, "--archive", folder), stderr=subprocess.PIPE, text=True
    ) as program:
        # Not while it starts: an interrupt that falls into a destructor, as there are many of then,
        # is ignored by the interpreter.
        while not _has_articles(folder / "articles.sqlite"):
            time.sleep(0.02)
        program.send_signal(signal.SIGINT)
        assert program.stderr is not None
        assert "Traceback" not in program.stderr.read()
    assert program.returncode in INTERRUPTED
    assert run("check", "--archive", folder).code == 0
