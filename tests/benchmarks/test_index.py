"""The part ``index`` measures what it says, and its curves can be drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import corpora, growth, index_job, plots, query_kinds
from benchmarks.__main__ import main
from benchmarks.options import Options
from benchmarks.report import Curves, Report

FEW = 8


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    corpora.unpack([], FEW, path)
    return path


def test_each_system_indexes_all_articles(file: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "archive")
    built = [
        index_job.stock_whoosh(str(file), FEW, folder + "1"),
        index_job.write_terms(str(file), FEW, folder + "2", "tantivy"),
        index_job.add(str(file), FEW, folder + "3", "tantivy", correct=False, processes=1),
    ]
    assert [each["articles"] for each in built] == [FEW] * 3
    assert all(each["seconds"] > 0 and each["index_bytes"] > 0 for each in built)


def test_growth_is_measured_and_drawn(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(growth, "_HALVES", (1, 2))
    monkeypatch.setattr(query_kinds, "_QUERIES", 2)
    report = Report("index")
    growth.measure(report, Options(limit=FEW), file, FEW - 1, tmp_path, lambda _: None)
    table, of_kinds = report.tables
    assert [row[0] for row in table.rows] == ["4", "8"]
    assert "There are only 7 articles" in table.note
    assert "one word, one year" in [row[0] for row in of_kinds.rows]
    (curves,) = report.charts
    assert isinstance(curves, Curves)
    drawing = plots.draw(curves, tmp_path).read_text(encoding="utf-8")
    assert [panel.title for panel in curves.panels if panel.title not in drawing] == []


def test_growth_needs_a_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["index", "--growth"])
    assert "--growth needs a --corpus" in capsys.readouterr().err
