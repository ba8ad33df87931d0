"""The words of an archive's index: its keys, the forms of each, and how many articles have them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA


class Words(Protocol):
    """Keys and forms of all fields, section and journal too: a prefix may be asked for in each.

    A form counts as many articles as have it in the field where it is commonest.
    """

    def forms_of(self, keys: Iterable[str]) -> dict[str, Mapping[str, int]]:
        """Those of some keys that the archive has, each with the count of its forms."""
        ...

    def beginning(self, prefix: str) -> Iterator[tuple[str, Mapping[str, int]]]:
        """The keys that begin so, each with its forms; of very many, those of the commonest."""
        ...

    def near(self, key: str, most: int) -> Iterator[tuple[str, int]]:
        """The keys that so many wrong letters part from one at most, and how many do.

        Two letters that have changed places are one.
        """
        ...


class WordsInMemory:
    """All words of an index that is near. Args: ``counts``: by key and form.

    >>> words = WordsInMemory({("hoc", "hocJ"): 5, ("hoc", "hoc"): 1, ("hop", "hopJ"): 2})
    >>> words.forms_of(["hoc", "x"]), list(words.near("hco", 1))
    ({'hoc': {'hocJ': 5, 'hoc': 1}}, [('hoc', 1)])
    """

    def __init__(self, counts: Mapping[tuple[str, str], int]) -> None:
        self._forms: dict[str, dict[str, int]] = defaultdict(dict)
        for (key, form), count in counts.items():
            self._forms[key][form] = count
        self._keys = sorted(self._forms)

    def forms_of(self, keys: Iterable[str]) -> dict[str, Mapping[str, int]]:
        return {key: self._forms[key] for key in keys if key in self._forms}

    def beginning(self, prefix: str) -> Iterator[tuple[str, Mapping[str, int]]]:
        first = bisect_left(self._keys, prefix)
        last = bisect_left(self._keys, prefix + "\x7f")
        return ((key, self._forms[key]) for key in self._keys[first:last])

    def near(self, key: str, most: int) -> Iterator[tuple[str, int]]:
        found = process.extract(key, self._keys, scorer=OSA.distance, score_cutoff=most, limit=None)
        return ((other, int(distance)) for other, distance, _ in found)
