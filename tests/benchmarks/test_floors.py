"""The floors of the sample data hold, and the gate that checks floors can fail."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import restore, samples, search, typos
from benchmarks.floors import Floor, Floors
from benchmarks.options import Options
from benchmarks.report import Figure
from benchmarks.scoring import Document, Mark, score
from vnjournal.text.spans import Change

OWN = Options()
DATA = (samples.ARTICLES, samples.TYPOS)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> list[Figure]:
    """The figures of quality of the samples, measured without the peers."""
    documents = samples.documents()
    scores = {name: score(documents, system) for name, system in typos.own_systems().items()}
    found = typos.sample_figures(documents, scores)
    found += restore.run(OWN, lambda _: None).figures
    with ExitStack() as open_archives:
        folder = tmp_path_factory.mktemp("archives")
        own = search.own_searchers(samples.articles(), folder, open_archives)
        for name, searcher in own.items():
            found += search.sample_figures(name, search.sample_ranks(searcher))
    return found


def test_figures_reach_their_floors(figures: list[Figure]) -> None:
    assert Floors.read().check(figures, (typos.PART, restore.PART, search.PART), OWN) == []


def test_every_figure_has_a_floor(figures: list[Figure]) -> None:
    floors = {(floor.part, floor.name, floor.data) for floor in Floors.read().floors}
    assert [f.name for f in figures if (f.part, f.name, f.data) not in floors] == []


def test_a_floor_is_written_and_read_again(tmp_path: Path) -> None:
    figures = [
        Figure("typos", "F1", 0.70009, DATA),
        Figure("typos", "false edits", 2.0001, DATA, lower_is_better=True),
    ]
    floors = Floors().reset(figures, ["typos"], OWN)
    floors.write(tmp_path / "floors.toml")
    again = Floors.read(tmp_path / "floors.toml")
    assert {floor.value for floor in again.floors} == {0.7, 2.001}
    assert again.check(figures, ["typos"], OWN) == []


@pytest.mark.parametrize(
    ("value", "lower_is_better", "wrong"),
    [(0.6, False, "under its floor"), (0.8, True, "over its ceiling")],
)
def test_a_figure_that_drops_is_named(value: float, lower_is_better: bool, wrong: str) -> None:
    figure = Figure("typos", "some figure", 0.7, DATA, lower_is_better)
    floors = Floors().reset([figure], ["typos"], OWN)
    (line,) = floors.check([replace(figure, value=value)], ["typos"], OWN)
    assert "some figure" in line
    assert wrong in line


def test_changed_data_and_missing_figures_are_named() -> None:
    figure = Figure("typos", "some figure", 0.7, DATA)
    floors = Floors((Floor.under(figure),), tuple((name, "other") for name in DATA))
    wrong = floors.check([], ["typos"], OWN)
    assert [line.split(" is not ")[0] for line in wrong[:2]] == list(DATA)
    assert "was not measured" in wrong[2]
    assert floors.check([], ["words"], OWN) == []


def test_floors_of_data_that_is_not_given_are_kept_and_not_checked() -> None:
    figure = Figure("typos", "some figure", 0.7, ("eval/viwiki-spelling-dev.jsonl",))
    floors = Floors((Floor.under(figure),), (("eval/viwiki-spelling-dev.jsonl", "sum"),))
    assert floors.check([], ["typos"], OWN) == []
    assert floors.reset([], ["typos"], OWN) == floors


def test_scoring_compares_what_the_text_reads_as() -> None:
    text = "Chương tình hoà nhập , rất tốt"
    marks = (Mark(0, 11, ("chương trình",)), Mark(12, 15, ("hào",)))
    edits = [Change(7, 11, "trình"), Change(12, 15, "hóa"), Change(21, 22, ","), Change(27, 30, "")]
    found = score([Document("a", text, marks)], lambda _: edits)
    assert (found.marks, found.found, found.corrected) == (2, 2, 1)
    assert (found.edits, found.hits, found.right, found.spacing) == (3, 2, 1, 1)
