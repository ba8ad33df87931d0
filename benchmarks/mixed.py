"""Part ``mixed``: a generated archive of every format and encoding, and what is read of it.

The documents are those of :mod:`benchmarks.mixed_archive`. They are indexed as anybody would, from
their folder, and each is compared with what is known of it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import vnjournal as vj
from benchmarks import samples
from benchmarks.evaluation import without_marks
from benchmarks.mixed_archive import generator
from benchmarks.mixed_archive.made import Known, Truth
from benchmarks.options import Options
from benchmarks.report import Cell, Figure, Progress, Report, Table

PART = "mixed"

_DOCUMENTS = 5000
_OF_SAMPLES = 500
_HITS = 10
_STRETCH = 5  # syllables that are typed
_KEPT = 200  # misses that the raw results name
#: What a document may say, in the order of the table.
FIELDS = tuple("title year authors journal section volume issue pages issn doi".split())
_CHECKS = ("found", "encoding", *FIELDS)
_SENTENCE_ENDS = re.compile(r"[.!?…]+")
_LETTERS = re.compile(r"\w+")


@dataclass(slots=True)
class Counts:
    """How often each thing was right, of how often it was there to be read."""

    right: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, is_right: bool) -> None:
        """Count one more."""
        self.right[name] += is_right
        self.all[name] += 1

    def share(self, name: str) -> float | None:
        """The share that was right; None where nothing was there."""
        return self.right[name] / self.all[name] if self.all[name] else None


@dataclass(slots=True)
class Outcome:
    """What was read of an archive, against what is known of it.

    ``misses``: the id of the document, what of it, what was read, and what it should have been.
    """

    total: Counts = field(default_factory=Counts)
    by_format: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_encoding: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    misses: list[tuple[str, str, str, str]] = field(default_factory=list)
    seconds: float = 0.0


def run(options: Options, progress: Progress) -> Report:
    """Write the archive, index it, and compare."""
    count = _DOCUMENTS if options.corpora else _OF_SAMPLES
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "documents")
        progress(f"writing {count:,} documents")
        truth = generator.write(folder, options.corpora, count)
        progress("indexing them")
        outcome = measure(folder, truth, Path(scratch, "archive"))
    data = tuple(f"corpora/{path.name}" for path in options.corpora) or (samples.ARTICLES,)
    return _report(outcome, truth, data)


def measure(folder: Path, truth: Truth, archive_folder: Path) -> Outcome:
    """Index a generated archive into a new one, and compare it with what is known."""
    outcome = Outcome()
    problems: list[vj.Problem] = []
    begin = perf_counter()
    with vj.Archive.create(archive_folder) as archive:
        archive.add(vj.read(folder, report=problems.append))
        outcome.seconds = perf_counter() - begin
        stretches = rare_stretches([known.paragraphs for known in truth.documents])
        for known, stretch in zip(truth.documents, stretches, strict=True):
            _compare(outcome, archive, known, stretch)
    named = [problem.path for problem in problems if not problem.skipped]
    for path in truth.unreadable:
        whole = (folder / path).as_posix()
        within = (f"{whole}, ", f"{whole}!/")  # a line of it, or the file that is packed in it
        is_named = any(each == whole or each.startswith(within) for each in named)
        outcome.total.add("reported", is_named)
        if not is_named:
            outcome.misses.append((path, "reported", "", truth.unreadable[path]))
    return outcome


def _compare(outcome: Outcome, archive: vj.Archive, known: Known, stretch: str) -> None:
    """Count one document."""
    groups = (
        outcome.total,
        outcome.by_format[known.format],
        outcome.by_encoding[known.encoding],
    )

    def count(name: str, is_right: bool, read: str, expected: str) -> None:
        for group in groups:
            group.add(name, is_right)
        if not is_right:
            outcome.misses.append((known.id, name, read, expected))

    article = archive.get(known.id)
    by_text = _is_hit(archive, known.id, stretch)
    by_title = _is_hit(archive, known.id, without_marks(known.says["title"]))
    outcome.total.add("by text", by_text)
    outcome.total.add("by title", by_title)
    count("found", by_text or by_title, "" if article else "no article", stretch)
    text = f"{article.title}\n{article.body}" if article else ""
    lost = next((each for each in known.paragraphs if _squeezed(each) not in _squeezed(text)), "")
    count("encoding", bool(article) and not lost, text[:200], lost)
    for name, expected in known.says.items():
        read = _said(article, name) if article else ""
        count(name, _form(name, read, known) == _form(name, expected, known), read, expected)
    of_text, of_article = (_words(known.paragraphs), _words([article.body] if article else []))
    common = (of_text & of_article).total()
    outcome.recall.append(common / of_text.total())
    outcome.precision.append(common / max(of_article.total(), 1))


def _is_hit(archive: vj.Archive, id: str, query: str) -> bool:
    return id in [hit.id for hit in archive.search(query, limit=_HITS)]


def _said(article: vj.Article, name: str) -> str:
    if name == "authors":
        return "; ".join(each.name for each in article.authors)
    return str(getattr(article, name) or "")


def _form(name: str, value: str, known: Known) -> str:
    """A value as it is compared: titles and names may be in capitals, an issue with its year."""
    value = " ".join(unicodedata.normalize("NFC", value).split()).casefold()
    if name == "issue" and (year := known.says.get("year", "")):
        value = re.sub(rf"\s*[-/(]\s*{year}\)?$", "", value)
    return value


def _squeezed(text: str) -> str:
    """Its letters and digits, which line ends and hyphens do not part."""
    return "".join(_LETTERS.findall(unicodedata.normalize("NFC", text)))


def _words(texts: Iterable[str]) -> Counter[str]:
    composed = (unicodedata.normalize("NFC", text).casefold() for text in texts)
    return Counter(word for text in composed for word in _LETTERS.findall(text))


def rare_stretches(texts: Sequence[Sequence[str]]) -> list[str]:
    """Of each text five syllables in a row, typed without marks, with words that are rare.

    They stand in one sentence. Of those that are in the fewest texts, those count whose words are.

    >>> rare_stretches([["Một hai ba bốn năm. Chỉ có ở đây thôi."], ["Một hai ba bốn năm."]])
    ['chi co o day thoi', 'mot hai ba bon nam']
    """
    bare = [[without_marks(part).lower() for part in parts] for parts in texts]
    frequency = Counter(
        word for parts in bare for word in {w for part in parts for w in _LETTERS.findall(part)}
    )
    rows = [list(_stretches(parts)) for parts in bare]
    texts_with = Counter(stretch for row in rows for stretch in set(row))
    commonness = _commonness(frequency)
    return [
        min(row, key=lambda each: (texts_with[each], commonness(each)), default="") for row in rows
    ]


def _stretches(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        for sentence in _SENTENCE_ENDS.split(part):
            words = [word.strip(",;:\"'()“”‘’") for word in sentence.split()]
            for at in range(len(words) - _STRETCH + 1):
                if all(map(str.isalpha, stretch := words[at : at + _STRETCH])):
                    yield " ".join(stretch)


def _commonness(frequency: Mapping[str, int]) -> Callable[[str], float]:
    """How common the words of a stretch are: the logarithms of the texts that each is in."""
    return lambda stretch: sum(math.log(frequency[word]) for word in stretch.split())


def _report(outcome: Outcome, truth: Truth, data: tuple[str, ...]) -> Report:
    report = Report(PART)
    total = outcome.total
    for what, groups in (("format", outcome.by_format), ("encoding", outcome.by_encoding)):
        rows: list[list[Cell]] = [
            [name, counts.all["found"], *(counts.share(check) for check in _CHECKS)]
            for name, counts in [*sorted(groups.items()), ("all", total)]
        ]
        report.tables.append(
            Table(f"A mixed archive, by {what}", (what, "documents", *_CHECKS), rows, _NOTE)
        )
    precision, recall = (sum(each) / len(each) for each in (outcome.precision, outcome.recall))
    documents = len(truth.documents) + len(truth.unreadable)
    report.tables.append(
        Table(
            "The whole archive",
            ("", "share"),
            [
                [f"unreadable documents that are reported, of {len(truth.unreadable)}",
                 total.share("reported")],
                ["documents found by their titles", total.share("by title")],
                [f"documents found by {_STRETCH} syllables of their texts", total.share("by text")],
                ["words of the texts that are read (recall)", recall],
                ["words read that are of the texts (precision)", precision],
            ],
            f"{documents:,} documents, indexed in {outcome.seconds:.0f} s.",
        )
    )  # fmt: skip
    report.figures += [
        Figure(PART, name, share, data)
        for name in (*_CHECKS, "by title", "by text", "reported")
        if (share := total.share(name)) is not None
    ]
    report.figures += [
        Figure(PART, "words, precision", precision, data),
        Figure(PART, "words, recall", recall, data),
    ]
    report.raw["misses"] = [[id, name] for id, name, _, _ in outcome.misses[:_KEPT]]
    return report


_NOTE = (
    f"found: among the first {_HITS} hits for its title or for {_STRETCH} syllables of its text, "
    "typed without marks. encoding: every paragraph of the text is read letter by letter. The "
    "others: the field is right, of the documents that say it."
)
