"""What people decide about an archive's edits holds, and the search follows."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ENGINES, Places, folder_of
from vnjournal.archive import Archive
from vnjournal.articles.article import Article
from vnjournal.errors import ArchiveLocked
from vnjournal.index.engines import NAMES
from vnjournal.store.writing import locked
from vnjournal.text.spans import EditedText

SAFE = "Đảng bộ cơ sở,theo quy định của Ban Bí thư."
GLUED = "Đặc biệt là việctriển khai sâu rộng."
#: The corrector suggests something in it, but is not sure.
UNSURE = "Bếp ăn có ca trưởng kí tên từng ô."


@pytest.fixture(params=ENGINES)
def folder(request: pytest.FixtureRequest, tmp_path: Path, places: Places) -> Iterator[Path | str]:
    with places.archive(request.param, tmp_path / "archive") as archive:
        archive.add([Article("safe", SAFE), Article("two", f"{SAFE}\n\n{GLUED}", title="Bài")])
        yield archive.place


def _decide(archive: Archive, before: str, *, accept: bool) -> int:
    found = [p for p in archive.proposals() if p.edit.before == before]
    assert found
    return archive.decide(found, accept=accept)


def _befores(archive: Archive, id: str) -> list[str]:
    return [edit.before for edit in archive.edits(id).get("body", [])]


def test_a_rejected_edit_is_neither_indexed_nor_proposed(folder: Path | str) -> None:
    with Archive.open(folder) as archive:
        assert _befores(archive, "two") == ["sở,theo", "việctriển"]
        assert archive.search('"việc triển"').total == 1
        assert _decide(archive, "việctriển", accept=False) == 1
        assert _befores(archive, "two") == ["sở,theo"]
        assert archive.search('"việc triển"').total == 0
        assert "việctriển" not in {p.edit.before for p in archive.proposals()}
        (proposal,) = (p for p in archive.proposals(decided=True) if p.edit.before == "việctriển")
        assert proposal.accepted is False
    assert Archive.check(folder) == []


def test_an_accepted_suggestion_is_indexed(folder: Path | str) -> None:
    with Archive.open(folder) as archive:
        archive.add([Article("unsure", UNSURE)])
        suggested = [p for p in archive.proposals() if p.id == "unsure"]
        if not suggested:
            pytest.skip("the corrector suggests nothing there any longer")
        assert archive.edits("unsure") == {}
        edits = [p.edit for p in suggested]
        archive.decide(suggested, accept=True)
        assert archive.edits("unsure") == {"body": edits}
        reading = EditedText(UNSURE, edits).text
        assert [hit.id for hit in archive.search(f'"{reading}"', marks="exact")] == ["unsure"]
        assert not [p for p in archive.proposals() if p.id == "unsure"]
    with Archive.rebuild(folder) as archive:
        assert archive.edits("unsure") == {"body": edits}


@pytest.mark.parametrize("accept", [True, False])
def test_decisions_survive(folder: Path | str, accept: bool) -> None:
    """A changed text, a rebuild, another engine, and deletion."""

    def holds(archive: Archive) -> None:
        assert ("việctriển" in _befores(archive, "two")) == accept
        assert "việctriển" not in {p.edit.before for p in archive.proposals()}

    changed = Article("two", f"Lời nói đầu.\n{SAFE}\n{GLUED} Hết.", title="Tên khác")
    with Archive.open(folder) as archive:
        _decide(archive, "việctriển", accept=accept)
        holds(archive)
        archive.add([changed])
        holds(archive)
    for engine in NAMES if isinstance(folder, Path) else [""]:
        with Archive.rebuild(folder, engine=engine) as archive:
            holds(archive)
    with Archive.open(folder) as archive:
        archive.delete(["two"])
        archive.add([changed])
        holds(archive)


def test_the_last_decision_counts(folder: Path | str) -> None:
    with Archive.open(folder) as archive:
        _decide(archive, "việctriển", accept=False)
        again = [p for p in archive.proposals(decided=True) if p.edit.before == "việctriển"]
        archive.decide(again, accept=True)
        assert _befores(archive, "two") == ["sở,theo", "việctriển"]
        archive.decide(again, accept=False)
        assert _befores(archive, "two") == ["sở,theo"]


def test_places_alike_are_one_question(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article("a", f"{SAFE} " * 5)])
        assert len(list(archive.proposals("safe", decided=True))) == 5
        archive.decide([next(archive.proposals("safe"))], accept=False)
        assert not list(archive.proposals("safe"))
        assert archive.edits("a") == {}


def test_decisions_may_be_taken_while_proposals_are_read(folder: Path | str) -> None:
    with Archive.open(folder) as archive:
        archive.add(Article(f"{n}", f"Bài số {n}: {SAFE}") for n in range(150))
        taken = 0
        for proposal in archive.proposals("safe"):
            taken += archive.decide([proposal], accept=taken % 2 == 0) if taken < 5 else 1
        assert taken == 153
        found = archive.proposals("safe", like=("sở,theo", "sở, theo"))
        assert archive.decide(found, accept=False) == 148
        assert sum(map(len, (_befores(archive, f"{n}") for n in range(150)))) == 1


def test_an_uncorrected_article_gets_what_is_accepted_only(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([Article("a", f"{SAFE} {GLUED}")], correct=False)
        _decide(archive, "việctriển", accept=True)
        assert _befores(archive, "a") == ["việctriển"]


def test_the_most_frequent_typos(folder: Path | str) -> None:
    reports: list[int] = []
    with Archive.open(folder) as archive:
        archive.add([Article("three", "Tòan tỉnh thi đua. Trong tòan tỉnh, tòan dân thi đua.")])
        _decide(archive, "Tòan", accept=False)
        first, second, third = archive.typos(progress=lambda added: reports.append(added.total))
    assert reports == [1, 2, 3]
    assert (first.before, first.after, first.kind) == ("tòan", "toàn", "misplaced-tone")
    assert (first.count, first.articles, first.accepted, first.rejected) == (3, 1, 0, 1)
    assert 0 < first.confidence <= 1
    assert (second.before, second.count, second.articles) == ("sở,theo", 2, 2)
    assert second.example.id == "safe"
    assert (third.before, third.count) == ("việctriển", 1)


@pytest.mark.parametrize("folder", NAMES, indirect=True)
def test_an_archive_without_the_later_tables_is_read_and_written(folder: Path) -> None:
    """As one that was made before there were decisions, files and sketches."""
    with Archive.open(folder) as archive:
        for table in ("decisions", "origins", "files", "sketches", "bands"):
            folder_of(archive).store._connection.execute(f"DROP TABLE {table}")
    with Archive.open(folder) as archive:
        assert list(archive.proposals("safe"))
        assert archive.near_duplicates("safe") == []
        _decide(archive, "việctriển", accept=False)
    assert Archive.check(folder) == []


@pytest.mark.parametrize("folder", NAMES, indirect=True)
def test_nothing_is_decided_while_another_process_writes(folder: Path) -> None:
    with Archive.open(folder) as archive:
        found = list(archive.proposals("safe"))
        with locked(folder), pytest.raises(ArchiveLocked):
            archive.decide(found, accept=False)
        assert archive.decide(found, accept=False) == 3


_REVIEWER = """
import sys
from vnjournal import Archive
with Archive.open(sys.argv[1]) as archive:
    for proposal in archive.proposals("safe"):
        archive.decide([proposal], accept=False)
        print(proposal.id, flush=True)
"""


def test_what_was_decided_survives_a_kill(folder: Path | str) -> None:
    with Archive.open(folder) as archive:
        archive.add(Article(f"{n}", f"Bài số {n}: {SAFE}") for n in range(60))
    with subprocess.Popen(
        [sys.executable, "-c", _REVIEWER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as reviewer:
        assert reviewer.stdout is not None
        answered = [reviewer.stdout.readline().strip() for _ in range(12)]
        reviewer.send_signal(signal.SIGKILL)
        answered += [line.strip() for line in reviewer.stdout if line.strip()]
    with Archive.open(folder) as archive:
        open_questions = [p.id for p in archive.proposals("safe")]
        assert not {*answered} & {*open_questions}
        for n in range(60):
            assert (_befores(archive, f"{n}") == []) == (f"{n}" not in open_questions)
    assert Archive.check(folder) == []
