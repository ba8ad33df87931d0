"""Part ``encodings``: texts in old encodings that are read right, by how long they are."""

from __future__ import annotations

import math
import random
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks import corpora, samples
from benchmarks.old_encodings import WAYS
from benchmarks.options import Options
from benchmarks.report import Cell, Curves, Figure, Panel, Progress, Report, Table
from vnjournal import SourceError, decode

PART = "encodings"

_PASSAGES = 1000  # of each encoding
_UNICODE = 10_000  # in UTF-8, in every language together
_LENGTHS = (20, 2000)
#: Where the groups of lengths end, and how each is called in a chart.
_GROUPS = {50: 32, 100: 71, 200: 141, 500: 316, 2001: 1000}
_LONG = 200
_DOCUMENTS = 400  # of each corpus
_SEED = 17
_PANELS = {
    "Unicode": ("utf-8", "utf-8, decomposed", "utf-16", "utf-16-le", "utf-16-be"),
    "one byte a letter": ("tcvn-vn1", "tcvn3", "viscii", "vps"),
    "several bytes a letter": ("windows-1258", "vni-windows", "viqr", "viqr, careless"),
    "misread": tuple(way for way in WAYS if way.endswith("misread")),
}


def run(options: Options, progress: Progress) -> Report:
    """Measure on held-out documents of the corpora, or on the sample articles."""
    report = Report(PART)
    piles = {path.name: _documents(path) for path in options.corpora} or {
        "samples": [unicodedata.normalize("NFC", each.body) for each in samples.articles()]
    }
    data = tuple(f"corpora/{name}" for name in piles) if options.corpora else (samples.ARTICLES,)
    vietnamese = [text for pile in piles.values() for text in pile if _is_vietnamese(text)]
    rows: list[list[Cell]] = []
    shares: dict[str, list[float]] = {}
    for name in WAYS:
        progress(f"passages in {name}")
        right, all_, seconds, characters = _measured(name, vietnamese)
        shares[name] = [right[group] / max(all_[group], 1) for group in _GROUPS]
        long = [group for group in _GROUPS if group > _LONG]
        share = sum(right[g] for g in long) / max(sum(all_[g] for g in long), 1)
        rows.append([name, *shares[name], share, characters / seconds])
        report.figures.append(Figure(PART, f"{name}: read right above {_LONG}", share, data))
    names = ["20-49", "50-99", "100-199", "200-499", "500-2,000"]
    report.tables.append(
        Table(
            f"Passages read right, letter by letter, by length: {_PASSAGES:,} of each encoding",
            ("encoding", *names, f"above {_LONG}", "characters/s"),
            rows,
            "misread: taken for windows-1252 and saved as UTF-8. careless: without the backslashes "
            "before signs that are none of a letter's. What an encoding cannot write is left out.",
        )
    )
    panels = [
        Panel(title, "share read right", {name: shares[name] for name in names})
        for title, names in _PANELS.items()
    ]
    report.charts.append(
        Curves(
            "encodings",
            "Encodings recognised, by length",
            "characters",
            list(_GROUPS.values()),
            panels,
        )
    )
    progress("passages in UTF-8 that must stay what they are")
    _unicode(report, piles, data)
    return report


def _documents(path: Path) -> list[str]:
    found = [unicodedata.normalize("NFC", text) for _, text in corpora.held_out(path)]
    found = found or [unicodedata.normalize("NFC", text) for _, text in corpora.documents(path)]
    return random.Random(_SEED).sample(found, min(_DOCUMENTS, len(found)))


def _is_vietnamese(text: str) -> bool:
    return sum(letter in "ăâđêôơưĂÂĐÊÔƠƯ" for letter in text) > len(text) / 100


def _passage(documents: Sequence[str], chance: random.Random) -> str:
    """Whole words, in characters between the bounds; short lengths are as frequent as long ones."""
    low, high = map(math.log, _LENGTHS)
    while True:
        length = round(math.exp(chance.uniform(low, high)))
        text = chance.choice(documents)
        start = chance.randrange(len(text))
        passage = text[start : start + length]
        if len(text) > start + length:
            passage = passage[passage.find(" ") + 1 : passage.rfind(" ")].strip()
        if len(passage) >= _LENGTHS[0]:
            return passage


def _measured(name: str, documents: Sequence[str]) -> tuple[Counter[int], Counter[int], float, int]:
    """How many were read right and how many there were, by group; seconds; characters."""
    chance = random.Random(f"{_SEED} {name}")
    right: Counter[int] = Counter()
    all_: Counter[int] = Counter()
    seconds, characters = 0.0, 0
    for _ in range(_PASSAGES):
        passage = _passage(documents, chance)
        raw, text = WAYS[name](passage)
        group = next(group for group in _GROUPS if len(passage) < group)
        begin = perf_counter()
        found = _read(raw)
        seconds += perf_counter() - begin
        characters += len(passage)
        all_[group] += 1
        right[group] += found == unicodedata.normalize("NFC", text)
    return right, all_, seconds, characters


def _read(raw: bytes) -> str:
    try:
        return decode(raw).text
    except SourceError:
        return ""


def _unicode(report: Report, piles: dict[str, list[str]], data: tuple[str, ...]) -> None:
    chance = random.Random(_SEED)
    rows: list[list[Cell]] = []
    mistaken_in_all = 0
    for name, documents in piles.items():
        mistaken = []
        count = _UNICODE // len(piles)
        for _ in range(count):
            passage = _passage(documents, chance)
            found = decode(passage.encode())
            if found.encoding != "utf-8" or found.text != passage:
                mistaken.append({"passage": passage, "encoding": found.encoding})
        rows.append([name, count, len(mistaken)])
        report.raw[f"mistaken in {name}"] = mistaken[:20]
        mistaken_in_all += len(mistaken)
    report.figures.append(Figure(PART, "UTF-8 left alone", 1 - mistaken_in_all / _UNICODE, data))
    report.tables.append(
        Table(
            "Passages in UTF-8 that were taken for another encoding",
            ("corpus", "passages", "mistaken"),
            rows,
        )
    )
