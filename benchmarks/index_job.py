"""One job of the part ``index``, run in a process of its own so that its memory is its own.

echo '{"do": "ask", "folder": "...", "queries": {...}}' | python -m benchmarks.index_job

Every ``file`` is JSON Lines as :func:`benchmarks.corpora.unpack` writes it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import vnjournal as vj
from benchmarks.timing import in_child, milliseconds, peak_memory, peak_memory_of_children
from vnjournal.index.analysis import documents
from vnjournal.index.engines import engine_class
from vnjournal.intake import size
from vnjournal.store.writing import batches


def add(
    file: str,
    limit: int,
    folder: str,
    engine: str,
    *,
    correct: bool,
    processes: int,
    streamed: bool = False,
) -> dict[str, float]:
    """Add articles to a new archive, models and dictionaries not yet loaded.

    Args: ``streamed``: read the articles while the clock runs, so that memory holds none of them
    but those at work; else they are all read before.
    """
    articles = islice(vj.read(file), limit)
    ready = articles if streamed else list(articles)
    create = vj.Archive.create  # its modules are imported, as are those of the peers
    begin = perf_counter()
    with create(folder, engine) as archive:
        added = archive.add(ready, correct=correct, processes=processes)
        seconds = perf_counter() - begin
        stats = archive.stats()
    return {
        "articles": added.total,
        "seconds": seconds,
        "peak_bytes": max(peak_memory(), peak_memory_of_children()),
        "index_bytes": float(str(stats["index_bytes"])),
        "store_bytes": float(str(stats["store_bytes"])),
    }


def build_uncorrected(
    file: Path, limit: int, folder: Path, *, streamed: bool = False
) -> dict[str, float]:
    """Have a fresh process :func:`add` articles to a new archive on tantivy, with all cores."""
    return in_child(
        __name__,
        {
            "do": add.__name__,
            "file": str(file),
            "limit": limit,
            "folder": str(folder),
            "engine": "tantivy",
            "correct": False,
            "processes": os.cpu_count() or 1,
            "streamed": streamed,
        },
    )


def write_terms(file: str, limit: int, folder: str, engine: str) -> dict[str, float]:
    """Give an engine what the analysis made of the articles before, batch by batch as an archive
    does; there is no store."""
    ready = [
        documents([(article, {}) for article in batch])
        for batch in batches(islice(vj.read(file), limit), size)
    ]
    Path(folder).mkdir()
    begin = perf_counter()
    native = engine_class(engine).create(Path(folder))
    for batch in ready:
        native.write(batch).result()
    seconds = perf_counter() - begin
    articles = len(native.ids())
    native.close()
    return {"articles": articles, "seconds": seconds, "index_bytes": _bytes_in(folder)}


def stock_whoosh(file: str, limit: int, folder: str) -> dict[str, float]:
    """Index articles as Whoosh's manual does: its own analyzer and its default writer, in one
    commit; it stores what it needs to show a hit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.index import create_in

    ready = list(islice(vj.read(file), limit))
    Path(folder).mkdir()
    begin = perf_counter()
    schema = Schema(
        id=ID(stored=True),
        title=TEXT(stored=True),
        body=TEXT(stored=True),
        author=TEXT,
        section=TEXT,
    )
    index = create_in(folder, schema)
    writer = index.writer()
    for each in ready:
        writer.add_document(
            id=each.id, title=each.title, body=each.body, author=each.author, section=each.section
        )
    writer.commit()
    return {
        "articles": index.doc_count(),
        "seconds": perf_counter() - begin,
        "peak_bytes": peak_memory(),
        "index_bytes": _bytes_in(folder),
    }


def _bytes_in(folder: str) -> int:
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def add_singly(file: str, words: list[str], folder: str) -> dict[str, list[float]]:
    """Add articles one by one to an open archive, each found at once by a word only it has."""
    seconds: dict[str, list[float]] = {"add": [], "search": []}
    with vj.Archive.open(folder) as archive:
        for article, word in zip(vj.read(file), words, strict=True):
            begin = perf_counter()
            archive.add([article])
            added = perf_counter()
            found = [(hit.id, hit.snippet) for hit in archive.search(word)]
            seconds["search"].append(perf_counter() - added)
            seconds["add"].append(added - begin)
            if [id for id, _ in found] != [article.id]:
                raise AssertionError(f"{word} finds {len(found)} articles, not the one just added")
    return seconds


def ask(folder: str, queries: dict[str, list[str]]) -> dict[str, Any]:
    """Milliseconds of each query by kind, ten hits with their snippets."""
    with vj.Archive.open(folder) as archive:

        def search(query: str) -> list[str]:
            return [hit.snippet for hit in archive.search(query)]

        times = {kind: milliseconds(search, asked) for kind, asked in queries.items()}
    return {"milliseconds": times, "peak_bytes": peak_memory()}


_JOBS = {job.__name__: job for job in (add, write_terms, stock_whoosh, add_singly, ask)}


def main() -> None:
    """Read the job from stdin, write the answer to stdout."""
    job = json.load(sys.stdin)
    json.dump(_JOBS[job.pop("do")](**job), sys.stdout)


if __name__ == "__main__":
    main()
