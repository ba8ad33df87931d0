"""One job of the part ``words``, in a process of its own so that its time and memory are its own.

echo '{"do": "first", "system": "vnjournal", "text": "..."}' | python -m benchmarks.words_job
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any


def first(system: str, text: str) -> dict[str, Any]:
    """Seconds from nothing imported to the words of one text."""
    begin = perf_counter()
    from benchmarks import peers

    peers.word_tokenizer(system)(text)
    return {"seconds": perf_counter() - begin}


def many(paths: list[str], size: int, processes: int) -> dict[str, Any]:
    """Tokenize so many bytes of text as a stream: tokens, seconds, the most memory held."""
    import vnjournal
    from benchmarks.timing import peak_memory, peak_memory_of_children

    texts = _Limited(paths, size)
    begin = perf_counter()
    tokens = sum(map(len, vnjournal.tokenize_many(texts, processes)))
    return {
        "bytes": texts.bytes,
        "tokens": tokens,
        "seconds": perf_counter() - begin,
        "peak_bytes": peak_memory(),
        "child_peak_bytes": peak_memory_of_children(),
    }


class _Limited:
    """The documents of corpora, again and again, up to so many bytes."""

    def __init__(self, paths: list[str], size: int) -> None:
        self._paths, self._size = paths, size
        self.bytes = 0

    def __iter__(self) -> Iterator[str]:
        from benchmarks import corpora

        for path in cycle(self._paths):
            for _, text in corpora.documents(Path(path)):
                self.bytes += len(text.encode())
                yield text
                if self.bytes >= self._size:
                    return


def main() -> None:
    """Read the job from stdin, write the answer to stdout."""
    job = json.load(sys.stdin)
    do = job.pop("do")
    json.dump(first(**job) if do == "first" else many(**job), sys.stdout)


if __name__ == "__main__":
    main()
