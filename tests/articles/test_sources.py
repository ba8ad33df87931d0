"""Walking folders: links, files that are none, names and depths."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vnjournal.articles.documents import Problem
from vnjournal.articles.sources import read

TEXT = "Sở Khoa học họp."


def walked(*sources: Path, max_size: int = 1000) -> tuple[list[str], list[str]]:
    """The ids of the articles, and what is said of the rest, below the first source."""
    problems: list[Problem] = []
    found = [each.id for each in read(sources, report=problems.append, max_size=max_size)]
    top = f"{sources[0].as_posix()}/"
    said = [f"{'-' if problem.skipped else '!'} {problem}".replace(top, "") for problem in problems]
    return found, said


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    (folder / "sub").mkdir(parents=True)
    (folder / "m.txt").write_text(TEXT)
    return folder


def test_a_link_within_the_folder_is_read_under_the_name_of_its_target(pile: Path) -> None:
    (pile / "a.txt").symlink_to("m.txt")
    (pile / "sub" / "z.txt").symlink_to("../a.txt")
    assert walked(pile) == (
        ["m.txt"],
        ["- a.txt: the same file as m.txt", "- sub/z.txt: the same file as m.txt"],
    )


def test_a_link_to_what_is_not_met_by_itself_is_read_under_its_first_name(pile: Path) -> None:
    (pile / ".objects").mkdir()
    (pile / ".objects" / "1").write_text(TEXT)
    (pile / "a.txt").symlink_to(".objects/1")
    (pile / "b.txt").symlink_to(".objects/1")
    assert walked(pile) == (["a.txt", "m.txt"], ["- b.txt: the same file as a.txt"])


def test_what_word_and_macos_leave_beside_files_is_left_out(pile: Path) -> None:
    (pile / "__MACOSX").mkdir()
    for name in ("~$m.docx", "__MACOSX/m.txt", ".m.txt"):
        (pile / name).write_text(TEXT)
    assert walked(pile) == (["m.txt"], [])


def test_a_hard_link_is_read_under_its_first_name(pile: Path) -> None:
    (pile / "z.txt").hardlink_to(pile / "m.txt")
    (pile / "sub" / "y.txt").symlink_to("../z.txt")
    assert walked(pile) == (
        ["m.txt"],
        ["- sub/y.txt: the same file as z.txt", "- z.txt: the same file as m.txt"],
    )


def test_a_link_out_of_the_folder_is_refused(pile: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật")
    (pile / "absolute.txt").symlink_to(secret)
    (pile / "relative.txt").symlink_to("../secret.txt")
    (pile / "sub" / "over.txt").symlink_to("../relative.txt")
    (pile / "picture.png").symlink_to(secret)
    reason = "a link out of the folder: name its target"
    assert walked(pile) == (
        ["m.txt"],
        [
            f"! absolute.txt: {reason}",
            "- picture.png: no format that is read here",
            f"! relative.txt: {reason}",
            f"! sub/over.txt: {reason}",
        ],
    )
    assert walked(pile / "relative.txt")[0] == ["relative.txt"]


def test_the_folder_named_may_be_a_link_itself(pile: Path, tmp_path: Path) -> None:
    (pile / "a.txt").symlink_to("m.txt")
    (tmp_path / "link").symlink_to(pile)
    assert walked(tmp_path / "link") == (["m.txt"], ["- a.txt: the same file as m.txt"])


def test_links_to_folders_and_loops_are_not_followed(pile: Path) -> None:
    (pile / "sub" / "up").symlink_to("..")
    (pile / "here").symlink_to(".")
    (pile / "one.txt").symlink_to("two.txt")
    (pile / "two.txt").symlink_to("one.txt")
    link = "a link to a folder: name it to have it read"
    assert walked(pile) == (
        ["m.txt"],
        [
            f"- here: {link}",
            "! one.txt: the link leads nowhere",
            f"- sub/up: {link}",
            "! two.txt: the link leads nowhere",
        ],
    )


def test_what_is_no_file_is_not_opened(pile: Path) -> None:
    os.mkfifo(pile / "fifo.txt")  # opening it would wait for somebody to write
    os.mkfifo(pile / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        with inside(pile):  # the path of a socket must be short
            listening.bind("socket.txt")
        assert walked(pile) == (
            ["m.txt"],
            [
                "- fifo: no format that is read here",
                "! fifo.txt: not a regular file",
                "! socket.txt: not a regular file",
            ],
        )
    assert walked(Path("/dev/zero"))[1] == ["! /dev/zero: not a regular file"]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """With a folder as the current one: names in it may be short, or too long elsewhere."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


@contextmanager
def folders_within(top: Path, name: str, number: int) -> Iterator[None]:
    """With so many folders in one another, and a text in the last."""
    with inside(top):
        for _ in range(number):
            Path(name).mkdir()
            os.chdir(name)
        Path("x.txt").write_text(TEXT)
    yield
    with inside(top):  # pytest cannot remove them
        for _ in range(number):
            os.chdir(name)
        Path("x.txt").unlink()
        for _ in range(number):
            os.chdir("..")
            Path(name).rmdir()


def test_a_thousand_folders_in_one_another(pile: Path) -> None:
    with folders_within(pile, "d", 1000):
        assert walked(pile) == ([f"{'d/' * 1000}x.txt", "m.txt"], [])


def test_folders_deeper_than_paths_can_name(pile: Path) -> None:
    with folders_within(pile, "d" * 100, 50):
        found, (said,) = walked(pile)
    assert found == ["m.txt"]
    assert said.endswith("cannot be read (File name too long)")


def test_a_large_file_is_refused_by_its_size(pile: Path) -> None:
    with (pile / "large.txt").open("wb") as stream:
        stream.truncate(1 << 40)
    reason = "larger than 1,000 bytes: index it with a larger --max-size"
    assert walked(pile) == (["m.txt"], [f"! large.txt: {reason}"])


def test_a_file_that_says_it_is_empty_is_read_as_far_as_it_may_go() -> None:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("no /proc")
    assert walked(status, max_size=20_000)[0] == ["status"]
    assert "larger than 100 bytes" in walked(status, max_size=100)[1][0]
