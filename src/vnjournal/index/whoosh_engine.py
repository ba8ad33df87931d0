"""The engine to read and step through: Whoosh, pure Python, no compiled code.

Whoosh keeps the files: postings with positions, columns, segments and their merging. Matching and
scoring are those of :mod:`vnjournal.index.whoosh_answer`, over its postings.

Whoosh pickles parts of its index. Never open an archive that somebody else could have written: a
pickle can run any program.
"""

from __future__ import annotations

import errno
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Self

from vnjournal.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked
from vnjournal.index.analysis import FACETS, TEXT_FIELDS, Document, pair_term
from vnjournal.index.engine import (
    DIGEST,
    FORM_SUFFIX,
    PAIRS,
    VALUE_SUFFIX,
    Facets,
    Found,
    Sort,
    commonest,
    counted_forms,
    page,
)
from vnjournal.index.query import Query
from vnjournal.index.whoosh_answer import LENGTH_SUFFIX, Answer, Snapshot
from vnjournal.index.words import Words, WordsInMemory

with warnings.catch_warnings():  # 2.7.4 is full of what newer Pythons warn of when they compile it
    warnings.simplefilter("ignore")
    import whoosh.matching.wrappers  # noqa: F401  Whoosh itself imports it only when it needs it
    from whoosh.codec.whoosh3 import W3Codec
    from whoosh.columns import NumericColumn
    from whoosh.fields import COLUMN, ID, FieldType, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.formats import Existence, Frequency, Positions
    from whoosh.index import LockError
    from whoosh.reading import SegmentReader

_WRITER_MEGABYTES = 64  # of postings before they are sorted and put aside on disk
_ALIKE = 16  # segments of about the same size that are merged into one
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def _schema() -> Schema:
    schema = Schema(
        id=ID(stored=True),
        year=COLUMN(NumericColumn("i")),
        date=COLUMN(NumericColumn("i")),
    )
    schema.add(DIGEST, ID())
    for name in TEXT_FIELDS:
        schema.add(name + FORM_SUFFIX, FieldType(Positions(), analyzer=None))
        schema.add(name + LENGTH_SUFFIX, COLUMN(NumericColumn("i")))
    for name in FACETS[1:]:
        schema.add(name + VALUE_SUFFIX, FieldType(Existence(), analyzer=None))
    schema.add(PAIRS, FieldType(Frequency(), analyzer=None))
    schema.add(PAIRS + LENGTH_SUFFIX, COLUMN(NumericColumn("i")))
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
        if name.endswith(".toc"):  # Whoosh begins, or begins anew where a writer has overtaken it
            self._close_watched()
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
            self._close_watched()
            raise
        finally:
            self._watched.clear()

    def _close_watched(self) -> None:
        for file in self._watched:
            if not file.is_closed:
                with suppress(Exception):
                    file.close()
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
        self._snapshot = Snapshot(index.reader())

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

    def write(self, documents: Iterable[Document], deleted: Iterable[str] = ()) -> Future[None]:
        batch = {document.id: _values(document) for document in documents}
        with _reporting(), self._index.storage.closing_on_failure():
            self._commit(batch, {*deleted, *batch})
        self.refresh()
        done = Future[None]()
        done.set_result(None)
        return done

    def _commit(self, batch: dict[str, dict[str, Any]], replaced: set[str]) -> None:
        codec = W3Codec()
        codec.length_stats = False  # lengths have columns of their own; it would look for files
        writer = self._index.writer(limitmb=_WRITER_MEGABYTES, codec=codec)
        try:
            _sweep(Path(self._index.storage.folder))
            with closing(writer.reader()) as reader:
                for number in Snapshot(reader).numbers(replaced):
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
        scores = Answer(snapshot, query).scores()
        if sort is Sort.RELEVANCE:
            values = scores
        else:
            dates = snapshot.column("date")
            sign = 1 if sort is Sort.NEWEST else -1
            values = {number: float(sign * dates[number]) for number in scores}
        ranked = sorted(((value, n) for n, value in values.items()), key=lambda r: -r[0])
        hits = page(ranked, snapshot.id, limit, offset)
        if sort is not Sort.RELEVANCE:
            hits = [(id, 0.0) for id, _ in hits]
        return Found(len(scores), hits)

    @_reporting()
    def facets(self, query: Query) -> Facets:
        found = Answer(self._snapshot, query).scores().keys()
        years = self._snapshot.column("year")
        counts = {"year": Counter(str(years[number]) for number in found if years[number])}
        for name in FACETS[1:]:
            counts[name] = Counter()
            for value in self._snapshot.terms(name + VALUE_SUFFIX, ""):
                having = found & set(self._snapshot.having(name + VALUE_SUFFIX, value))
                counts[name][value] = len(having)
        return {name: commonest(+counts[name]) for name in FACETS}

    @_reporting()
    def refresh(self) -> None:
        generation = self._index.latest_generation()
        if generation != self._generation:
            with self._index.storage.closing_on_failure():
                fresh = Snapshot(self._index.reader())  # re-using readers has bugs after a merge
            self._snapshot.close()
            self._snapshot = fresh
            self._generation = generation

    @_reporting()
    def words(self) -> Words:
        counts = self._snapshot.document_counts
        return WordsInMemory(
            counted_forms(chain.from_iterable(counts(field + FORM_SUFFIX) for field in TEXT_FIELDS))
        )

    @_reporting()
    def pair_counts(self, pairs: Sequence[str]) -> list[int]:
        return [self._snapshot.document_count(PAIRS, pair) for pair in pairs]

    @_reporting()
    def following(self, key: str, beginning: str, limit: int) -> dict[str, int]:
        before = pair_term(key, "")
        pairs = dict(self._snapshot.document_counts(PAIRS, before + beginning))
        return {pair.removeprefix(before): count for pair, count in commonest(pairs, limit).items()}

    @_reporting()
    def ids(self) -> set[str]:
        return self._snapshot.ids()

    @_reporting()
    def held(self, documents: Iterable[Document]) -> set[str]:
        having = self._snapshot.having
        return {
            each.id for each in documents if next(having(DIGEST, each.digest), None) is not None
        }

    @_reporting()
    def close(self) -> None:
        self._snapshot.close()


# --- writing


def _values(document: Document) -> dict[str, Any]:
    """A document as Whoosh's writer takes it."""
    values: dict[str, Any] = {"id": document.id, DIGEST: document.digest}
    values |= {"year": document.year, "date": document.date}
    for name, terms in document.terms.items():
        values[name + FORM_SUFFIX] = forms = terms.forms.split()
        values[name + LENGTH_SUFFIX] = len(forms)
    values[PAIRS] = pairs = document.pairs.split()
    values[PAIRS + LENGTH_SUFFIX] = len(pairs)
    for name, found in document.values.items():
        values[name + VALUE_SUFFIX] = found
    return values


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
