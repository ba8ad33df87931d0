"""The engine to read and step through: Whoosh, pure Python, no compiled code.

Whoosh keeps the files: postings with positions, columns, segments and their merging. Matching and
scoring are done here, term at a time over its postings, since Whoosh's own matchers know neither
"at least so many of these" nor tiers, and follow shortcuts that give wrong totals. The rules and
scores are those of :mod:`vnjournal.index.tantivy_engine`, said in plain Python.

A text field holds one term a syllable, ``key form``: the forms of a key stand side by side in the
vocabulary, and one pass over them yields term frequency, document frequency and tiers at once.

Whoosh pickles parts of its index. Never open an archive that somebody else could have written: a
pickle can run any program.
"""

from __future__ import annotations

import errno
import heapq
import os
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from math import log
from pathlib import Path
from typing import Any, NamedTuple, Self

from vnjournal.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked
from vnjournal.index.analysis import AS_WRITTEN, FIELDS, Document, Term
from vnjournal.index.engine import (
    BM25_B,
    BM25_K1,
    FIELD_WEIGHTS,
    FIRST_STEP,
    FORM_SUFFIX,
    TIER_STEP,
    TIER_WEIGHTS,
    Found,
    Sort,
)
from vnjournal.index.query import Clause, Marks, Phrase, Query, Syllable

with warnings.catch_warnings():  # 2.7.4 is full of what newer Pythons warn of when they compile it
    warnings.simplefilter("ignore")
    import whoosh.matching.wrappers  # noqa: F401  Whoosh itself imports it only when it needs it
    from whoosh.codec.whoosh3 import W3Codec
    from whoosh.columns import NumericColumn
    from whoosh.fields import COLUMN, ID, FieldType, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.formats import Positions
    from whoosh.index import LockError
    from whoosh.reading import ReaderClosed, SegmentReader

_WRITER_MEGABYTES = 64  # of postings before they are sorted and put aside on disk
_ALIKE = 16  # segments of about the same size that are merged into one
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_TEXT_FIELDS = (*FIELDS, AS_WRITTEN)
_LENGTH = "_length"  # suffix of the column with the number of terms in a text field

_CONTRADICTING = 4  # the grade of tier 0, so that grades sort from best to worst


def _schema() -> Schema:
    schema = Schema(
        id=ID(stored=True),
        issue=ID(),
        year=COLUMN(NumericColumn("i")),
        date=COLUMN(NumericColumn("i")),
    )
    for name in _TEXT_FIELDS:
        schema.add(name + FORM_SUFFIX, FieldType(Positions(), analyzer=None))
        schema.add(name + _LENGTH, COLUMN(NumericColumn("i")))
    return schema


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn whatever Whoosh raises, plain Exception included, into the package's own errors."""
    try:
        yield
    except (ArchiveError, MemoryError):
        raise
    except LockError as error:
        raise ArchiveLocked(
            "another process is writing to the index: try again when it has finished"
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            raise ArchiveFull(
                "the disk is full or the index file may not grow: make room, then run the "
                "command again"
            ) from error
        message = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ArchiveDamaged(
            f"the index cannot be read ({message}): run 'vnjournal rebuild'"
        ) from error


class _Storage(FileStorage):  # type: ignore[misc]
    """Files that are on the disk before the table of contents names them.

    Whoosh itself never syncs. Its commit ends with a rename that puts the new table of contents in
    place, and only then deletes what the old one named.
    """

    def __init__(self, path: str) -> None:
        # With mmap Whoosh copies every segment into memory each time it opens it.
        super().__init__(path, supports_mmap=False)
        self._watched: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        self._watched.append(super().open_file(name, **options))
        return self._watched[-1]

    def create_file(self, name: str, **options: Any) -> Any:
        self._watched.append(super().create_file(name, **options))
        return self._watched[-1]

    def temp_storage(self, name: str) -> Any:
        inner = type(self)(str(Path(self.folder, name)))
        inner._watched = self._watched
        return inner.create()

    @contextmanager
    def closing_on_failure(self) -> Iterator[None]:
        """Close the files that Whoosh leaves open where one is damaged or the disk is full."""
        self._watched.clear()
        try:
            yield
        except BaseException:
            for file in self._watched:
                if not file.is_closed:
                    with suppress(Exception):
                        file.close()
            raise
        finally:
            self._watched.clear()

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        for file in Path(self.folder).iterdir():
            if file.is_file():
                _sync(file)
        super().rename_file(oldname, newname, safe=safe)
        _sync(Path(self.folder))


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WhooshEngine:
    """See :class:`vnjournal.index.engine.Engine`."""

    name = "whoosh"

    def __init__(self, index: Any) -> None:
        self._index = index
        self._generation = index.latest_generation()
        self._snapshot = _Snapshot(index.reader())

    @classmethod
    @_reporting()
    def create(cls, folder: Path) -> Self:
        return cls(_Storage(str(folder)).create_index(_schema()))

    @classmethod
    @_reporting()
    def open(cls, folder: Path) -> Self:
        storage = _Storage(str(folder))
        with storage.closing_on_failure():
            return cls(storage.open_index(schema=_schema()))

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> None:
        batch = {document.id: _values(document) for document in documents}
        with _reporting(), self._index.storage.closing_on_failure():
            self._commit(batch, {*deleted, *batch})
        self.refresh()

    def _commit(self, batch: dict[str, dict[str, Any]], replaced: set[str]) -> None:
        codec = W3Codec()
        codec.length_stats = False  # lengths have columns of their own; it would look for files
        writer = self._index.writer(limitmb=_WRITER_MEGABYTES, codec=codec)
        try:
            _sweep(Path(self._index.storage.folder))
            with closing(writer.reader()) as reader:
                for number in _Snapshot(reader).numbers(replaced):
                    writer.delete_document(number)
            for values in batch.values():
                writer.add_document(**values)
            writer.commit(mergetype=_merge_alike)
        except BaseException:
            _abandon(writer)
            raise

    @_reporting()
    def search(
        self, query: Query, limit: int, offset: int = 0, sort: Sort = Sort.RELEVANCE
    ) -> Found:
        snapshot = self._snapshot
        scores = _Answer(snapshot, query).scores()
        order: Callable[[int], tuple[float, int]]
        if sort is Sort.RELEVANCE:
            order = lambda number: (-scores[number], number)  # noqa: E731
        else:
            dates = snapshot.column("date")
            sign = -1 if sort is Sort.NEWEST else 1
            order = lambda number: (sign * dates[number], number)  # noqa: E731
        page = heapq.nsmallest(offset + limit, scores, key=order)[offset:]
        hits = [(n, scores[n] if sort is Sort.RELEVANCE else 0.0) for n in page]
        return Found(len(scores), [(snapshot.id(number), score) for number, score in hits])

    @_reporting()
    def refresh(self) -> None:
        generation = self._index.latest_generation()
        if generation != self._generation:
            with self._index.storage.closing_on_failure():
                fresh = _Snapshot(self._index.reader())  # re-using readers has bugs after a merge
            self._snapshot.close()
            self._snapshot = fresh
            self._generation = generation

    @_reporting()
    def ids(self) -> set[str]:
        return self._snapshot.ids()

    @_reporting()
    def close(self) -> None:
        self._snapshot.close()


# --- writing


def _values(document: Document) -> dict[str, Any]:
    """A document as Whoosh's writer takes it."""
    values: dict[str, Any] = {"id": document.id, "year": document.year, "date": document.date}
    for name, terms in document.terms.items():
        values[name + FORM_SUFFIX] = [_term(term) for term in terms]
        values[name + _LENGTH] = len(terms)
    if document.issue:
        values["issue"] = document.issue
    return values


def _term(term: Term) -> str:
    return f"{term.key} {term.form}"


def _merge_alike(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh's hook for merging: returns the segments that stay, after reading in the others.

    Segments of about the same size are merged when there are enough of them, so that a document is
    rewritten once for each sixteenfold growth, not with every commit; so are those that are mostly
    deleted.
    """
    by_size: dict[int, list[Any]] = defaultdict(list)
    merged: list[Any] = []
    for segment in segments:
        live = segment.doc_count()
        if live * 2 < segment.doc_count_all():
            merged += [segment] if live else []
        else:
            by_size[live.bit_length() // (_ALIKE.bit_length() - 1)].append(segment)
    kept: list[Any] = []
    for alike in by_size.values():
        (merged if len(alike) >= _ALIKE else kept).extend(alike)
    for segment in merged:
        with closing(SegmentReader(writer.storage, writer.schema, segment)) as reader:
            writer.add_reader(reader)
    return kept


def _sweep(folder: Path) -> None:
    """Delete tables of contents that a crash kept from their place; Whoosh sweeps the rest."""
    for stray in folder.glob("_*.toc.*"):
        stray.unlink(missing_ok=True)


def _abandon(writer: Any) -> None:
    """Give up a commit; the lock is let go even where the disk is full."""
    with suppress(Exception):
        writer.cancel()
    with suppress(Exception):
        writer.writelock.release()


# --- reading


class _Snapshot:
    """The index at one moment, with documents numbered through all its segments."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._segments = reader.leaf_readers() if reader.doc_count_all() else []
        self._columns: dict[str, list[int]] = {}
        self._norms: dict[str, list[float]] = {}
        self.count: int = reader.doc_count()

    def close(self) -> None:
        for reader, _ in self._segments:
            with suppress(ReaderClosed):
                reader.close()

    def live(self) -> list[int]:
        """The numbers of all documents that are not deleted."""
        return [
            number + offset for reader, offset in self._segments for number in reader.all_doc_ids()
        ]

    def id(self, number: int) -> str:
        found: str = self._reader.stored_fields(number)["id"]
        return found

    def ids(self) -> set[str]:
        return {self.id(number) for number in self.live()}

    def numbers(self, ids: Iterable[str]) -> list[int]:
        """The numbers of documents by id."""
        return [number for id in ids for number in self.having("id", id)]

    def having(self, field: str, text: str) -> Iterator[int]:
        """The documents that have a text as the value of a field."""
        for reader, offset in self._segments:
            if (field, text) in reader:
                for number in reader.postings(field, text).all_ids():
                    yield number + offset

    def column(self, name: str) -> list[int]:
        """A value of each document, by its number."""
        if name not in self._columns:
            self._columns[name] = [
                value for reader, _ in self._segments for value in reader.column_reader(name)
            ]
        return self._columns[name]

    def norms(self, field: str) -> list[float]:
        """What BM25 adds to the term frequency for a field's length, by document number."""
        if field not in self._norms:
            lengths = self.column(field + _LENGTH)
            average = sum(lengths) / len(lengths) or 1.0
            self._norms[field] = [
                BM25_K1 * (1 - BM25_B + BM25_B * _rounded(length) / average) for length in lengths
            ]
        return self._norms[field]

    def postings(self, field: str, key: str) -> Iterator[tuple[str, int, Any]]:
        """Each form of a key in a field: the form, what to add to document numbers, the matcher."""
        field += FORM_SUFFIX
        prefix = f"{key} "
        for reader, offset in self._segments:
            if field not in reader.indexed_field_names():
                continue
            for term in reader.expand_prefix(field, prefix):
                form = term.decode()[len(prefix) :]
                yield form, offset, reader.postings(field, term)


def _rounded(length: int) -> int:
    """A field's length as Lucene and tantivy keep it: four significant bits above 24."""
    if length < 24:
        return length
    shift = max((length - 24).bit_length() - 4, 0)
    return 24 + ((length - 24) >> shift << shift)


class _Match(NamedTuple):
    """How one document answers a clause in one field: how often, and by what grade at best."""

    frequency: float
    grade: int


class _Answer:
    """One query, answered from a snapshot.

    A *grade* is a tier, or 4 where marks contradict: the smaller, the better.
    """

    def __init__(self, snapshot: _Snapshot, query: Query) -> None:
        self._snapshot = snapshot
        self._query = query

    def scores(self) -> dict[int, float]:
        """The score of each document that answers, by its number."""
        asked = self._query
        scores = self._words() if asked.words else dict.fromkeys(self._snapshot.live(), 0.0)
        for clause in asked.required:
            found = self._clause(clause)
            scores = {n: score + found[n] for n, score in scores.items() if n in found}
        if asked.years is not None:
            first, last = asked.years
            years = self._snapshot.column("year")
            scores = {n: score for n, score in scores.items() if first <= years[n] <= last}
        if asked.issue:
            of_issue = set(self._snapshot.having("issue", asked.issue))
            scores = {n: score for n, score in scores.items() if n in of_issue}
        for clause in asked.excluded:
            for number in self._excluded(clause):
                scores.pop(number, None)
        return scores

    def _words(self) -> dict[int, float]:
        """Documents with enough of the words; those with so many that they come first stand out."""
        asked = self._query
        scores: dict[int, float] = defaultdict(float)
        matched: dict[int, int] = defaultdict(int)
        for word in asked.words:
            for number, score in self._clause(word).items():
                scores[number] += score
                matched[number] += 1
        enough = max(asked.at_least, 1)
        first = asked.first if asked.first > asked.at_least else len(asked.words) + 1
        return {
            number: scores[number] + (FIRST_STEP if words >= first else 0.0)
            for number, words in matched.items()
            if words >= enough
        }

    def _clause(self, clause: Clause) -> dict[int, float]:
        """The best field counts."""
        syllables = _syllables(clause)
        worth = self._worth(syllables)
        best: dict[int, float] = {}
        for field in clause.fields:
            idf, matches = self._matches(syllables, field)
            idf *= FIELD_WEIGHTS.get(field, 1.0) * (BM25_K1 + 1)
            norms = self._snapshot.norms(field) if matches else []
            for number, (frequency, grade) in matches.items():
                if grade in worth:
                    weight, bonus = worth[grade]
                    score = weight * idf * frequency / (frequency + norms[number]) + bonus
                    if score > best.get(number, -1.0):
                        best[number] = score
        return best

    def _worth(self, syllables: tuple[Syllable, ...]) -> dict[int, tuple[float, float]]:
        """By grade: what the folded match is multiplied by, and what is added; none, no match."""
        if self._query.marks is Marks.EXACT:
            return {1: (1.0, 0.0)}
        if all(syllable.is_bare for syllable in syllables):
            return dict.fromkeys((1, 2, 3, _CONTRADICTING), (1.0, 0.0))
        step = TIER_STEP if self._query.ranks_by_tier else 0.0
        worst = _CONTRADICTING if self._query.marks is Marks.LOOSE else 3
        return {
            grade: (TIER_WEIGHTS[grade % _CONTRADICTING], step * (worst - grade))
            for grade in range(1, worst + 1)
        }

    def _excluded(self, clause: Clause) -> Iterator[int]:
        """What excludes an article: tiers 1 and 2, not text that lost its marks."""
        worst = 1 if self._query.marks is Marks.EXACT else 2
        for field in clause.fields:
            _, matches = self._matches(_syllables(clause), field)
            yield from (number for number, match in matches.items() if match.grade <= worst)

    def _matches(
        self, syllables: tuple[Syllable, ...], field: str
    ) -> tuple[float, dict[int, _Match]]:
        """The weight of a clause in a field, whatever its marks, and the documents that have it."""
        if len(syllables) == 1:
            matches = self._word(syllables[0], field)
            return self._idf(len(matches)), matches
        return self._phrase(syllables, field)

    def _idf(self, documents: int) -> float:
        """Lucene's, which is never negative."""
        return log(1 + (self._snapshot.count - documents + 0.5) / (documents + 0.5))

    def _word(self, syllable: Syllable, field: str) -> dict[int, _Match]:
        frequencies: dict[int, float] = {}
        grades: dict[int, int] = {}
        for form, offset, matcher in self._snapshot.postings(field, syllable.key):
            grade = _grade(syllable, form)
            while matcher.is_active():
                number = matcher.id() + offset
                if number in frequencies:
                    frequencies[number] += matcher.weight()
                    grades[number] = min(grade, grades[number])
                else:
                    frequencies[number] = matcher.weight()
                    grades[number] = grade
                matcher.next()
        return {
            number: _Match(frequency, grades[number]) for number, frequency in frequencies.items()
        }

    def _phrase(
        self, syllables: tuple[Syllable, ...], field: str
    ) -> tuple[float, dict[int, _Match]]:
        """Runs of the syllables' keys; a run's grade is that of its worst syllable."""
        asked = {syllable: self._places(syllable, field) for syllable in dict.fromkeys(syllables)}
        idf = sum(self._idf(len(asked[syllable])) for syllable in syllables)
        matches: dict[int, _Match] = {}
        for number in set.intersection(*(set(places) for places in asked.values())):
            decoded = {syllable: _decoded(places[number]) for syllable, places in asked.items()}
            runs = decoded[syllables[0]]
            for further, syllable in enumerate(syllables[1:], 1):
                grades = decoded[syllable]
                runs = {
                    start: max(grade, grades[start + further])
                    for start, grade in runs.items()
                    if start + further in grades
                }
            if runs:
                matches[number] = _Match(len(runs), min(runs.values()))
        return idf, matches

    def _places(self, syllable: Syllable, field: str) -> dict[int, list[tuple[int, bytes]]]:
        """By document: the grade of each form of a key, and its positions as Whoosh packs them."""
        places: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for form, offset, matcher in self._snapshot.postings(field, syllable.key):
            grade = _grade(syllable, form)
            while matcher.is_active():
                places[matcher.id() + offset].append((grade, matcher.value()))
                matcher.next()
        return places


def _syllables(clause: Clause) -> tuple[Syllable, ...]:
    return clause.syllables if isinstance(clause, Phrase) else (clause.syllable,)


def _grade(syllable: Syllable, form: str) -> int:
    if form == syllable.form:
        return 1  # a bare form too: only here, where all that is asked is the very form typed
    return syllable.tier(form) or _CONTRADICTING


_unpacked = Positions().decode_positions


def _decoded(packed: list[tuple[int, bytes]]) -> dict[int, int]:
    """Position -> grade of the form that stands there."""
    return {position: grade for grade, bytes_ in packed for position in _unpacked(bytes_)}
