"""The generated archive: every format and encoding is in it, and what is known of it is read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import mixed, samples
from benchmarks.mixed import Outcome
from benchmarks.mixed_archive import generator, unreadable, ways
from benchmarks.mixed_archive.made import Known, Truth
from benchmarks.mixed_archive.stories import JOURNALS, stories
from vnjournal.articles import metadata

pytest.importorskip("reportlab")
pytest.importorskip("docx")

DOCUMENTS = 200
FORMATS = set(generator.SHARES)
#: What holds in so small an archive, of texts that are put together of the samples' sentences.
AT_LEAST = {
    **{"found": 1.0, "reported": 1.0, "encoding": 0.98, "title": 0.97, "year": 0.97},
    **{"authors": 0.95, "journal": 0.97, "section": 0.95, "volume": 0.97, "issue": 0.97},
    **{"pages": 0.97, "issn": 0.95, "doi": 0.95},
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Outcome]:
    """The truth of a small archive, and what was read of it."""
    folder = tmp_path_factory.mktemp("mixed")
    truth = generator.write(folder / "documents", (), DOCUMENTS)
    return truth, mixed.measure(folder / "documents", truth, folder / "archive")


def test_the_archive_holds_every_format(archive: tuple[Truth, Outcome]) -> None:
    truth, outcome = archive
    assert len(truth.documents) + len(truth.unreadable) == DOCUMENTS
    assert len({known.id for known in truth.documents}) == len(truth.documents)
    assert {known.format for known in truth.documents} == FORMATS == set(outcome.by_format)
    assert len({known.encoding for known in truth.documents}) > 15
    assert any(known.id.count("!/") for known in truth.documents)
    assert outcome.total.all["found"] == outcome.total.all["title"] == len(truth.documents)
    assert outcome.total.all["reported"] == len(truth.unreadable) > 5


def test_what_is_known_is_read(archive: tuple[Truth, Outcome]) -> None:
    _, outcome = archive
    assert min(outcome.total.all[name] for name in AT_LEAST) > 5
    shares = {name: outcome.total.share(name) or 0.0 for name in AT_LEAST}
    missed = [miss for miss in outcome.misses if shares[miss[1]] < AT_LEAST[miss[1]]]
    assert missed == []
    assert min(outcome.recall) > 0.9


def test_a_wrong_truth_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    file = tmp_path / "documents" / "a.txt"
    file.write_text("Nuôi cá\nMùa cạn, dòng chảy yếu làm thức ăn thừa tích tụ.", "utf-8")
    says = {"title": "Nuôi tôm", "year": "2018", "authors": "Lê An"}
    known = Known("a.txt", "plain text", "utf-8", says, ("Mùa cạn, dòng chảy mạnh lên.",))
    lost = Known("b.txt", "plain text", "utf-8", {"title": "Mưa"}, ("Mưa từ đêm qua đến nay.",))
    truth = Truth([known, lost], {"c.doc": "it is not there"})
    outcome = mixed.measure(tmp_path / "documents", truth, tmp_path / "archive")
    wrong = {(id, name) for id, name, _, _ in outcome.misses}
    assert wrong == {
        *(("a.txt", name) for name in ("encoding", "title", "year", "authors")),
        *(("b.txt", name) for name in ("found", "encoding", "title")),
        ("c.doc", "reported"),
    } | ({("a.txt", "found")} & wrong)


def test_an_archive_follows_from_its_seed(tmp_path: Path) -> None:
    first = generator.write(tmp_path / "1", (), 60)
    again = generator.write(tmp_path / "2", (), 60)
    other = generator.write(tmp_path / "3", (), 60, seed=1)
    assert first == again != other
    for file in (tmp_path / "1").rglob("*.txt"):
        copy = tmp_path / "2" / file.relative_to(tmp_path / "1")
        assert file.read_bytes() == copy.read_bytes()


def test_every_encoding_is_drawn() -> None:
    drawn = {way for of_format in ways.OF_FORMAT.values() for way in of_format}
    assert drawn == {*ways.WAYS, *ways.FONTS}


def test_journals_have_issns() -> None:
    assert [metadata.issn(journal.issn) for journal in JOURNALS] == [j.issn for j in JOURNALS]


@pytest.mark.parametrize("name", unreadable.KINDS)
def test_each_kind_that_cannot_be_read_is_reported(name: str, tmp_path: Path) -> None:
    chance = random.Random(0)
    (story,) = stories((), 1, chance)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / name).write_bytes(unreadable.KINDS[name][1](story, chance))
    truth = Truth([], {name: unreadable.KINDS[name][0]})
    outcome = mixed.measure(tmp_path / "documents", truth, tmp_path / "archive")
    assert outcome.misses == []


def test_texts_of_the_samples_are_put_together_anew() -> None:
    found = stories((), 100, random.Random(1))
    assert len({story.title for story in found}) == len(found) == 100 > len(samples.articles())
