"""One job of the part ``index``, run in a process of its own so that its memory is its own.

echo '{"do": "build", ...}' | python -m benchmarks.index_job
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import vnjournal as vj
from benchmarks import corpora
from benchmarks.timing import peak_memory


class _Timed:
    """Articles passed through, with the time that reading them took and their size."""

    def __init__(self, articles: Iterable[vj.Article]) -> None:
        self._articles = iter(articles)
        self.seconds = 0.0
        self.bytes = 0

    def __iter__(self) -> Iterator[vj.Article]:
        while True:
            begin = perf_counter()
            article = next(self._articles, None)
            self.seconds += perf_counter() - begin
            if article is None:
                return
            self.bytes += len(article.title.encode()) + len(article.body.encode())
            yield article


def build(
    folder: str, engine: str, paths: list[str], limit: int, correct: bool
) -> dict[str, float]:
    """Index articles into a new archive; reading and unpacking the corpus is not counted."""
    articles = _Timed(corpora.articles([Path(path) for path in paths], limit))
    begin = perf_counter()
    with vj.Archive.create(folder, engine) as archive:
        added = archive.add(articles, correct=correct)
        seconds = perf_counter() - begin - articles.seconds
        stats = archive.stats()
    return {
        "articles": added.total,
        "edits": added.edits,
        "bytes": articles.bytes,
        "seconds": seconds,
        "peak_bytes": peak_memory(),
        "index_bytes": float(str(stats["index_bytes"])),
        "store_bytes": float(str(stats["store_bytes"])),
    }


def query(folder: str, queries: dict[str, list[tuple[str, int | None]]]) -> dict[str, Any]:
    """Milliseconds of each query by kind, ten hits with their snippets; the second time round."""
    milliseconds: dict[str, list[float]] = {}
    with vj.Archive.open(folder) as archive:
        for kind, asked in queries.items():
            for text, year in asked:
                archive.search(text, year=year)
            milliseconds[kind] = []
            for text, year in asked:
                begin = perf_counter()
                archive.search(text, year=year)
                milliseconds[kind].append((perf_counter() - begin) * 1000)
    return {"milliseconds": milliseconds, "peak_bytes": peak_memory()}


def main() -> None:
    """Read the job from stdin, write the answer to stdout."""
    job = json.load(sys.stdin)
    do = job.pop("do")
    json.dump(build(**job) if do == "build" else query(**job), sys.stdout)


if __name__ == "__main__":
    main()
