"""Many keys looked up at once: a hash table for NumPy that is built once and then only read.

Hash, displace (Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress", 2009): a
first hash of a key chooses its bucket, and the bucket's displacement makes the second hash, which
gives every key a slot of its own. So a key is found, or known to be missing, by looking at two
places, where a search among sorted keys looks at twenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The share of slots that hold a key.
_LOAD = 0.96
_KEYS_A_BUCKET = 4.0
_MOST_DISPLACEMENT = np.iinfo(np.uint16).max
# Odd numbers without pattern: the fractional part of the golden ratio, and of square roots.
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0x6A09E667F3BCC909)
_SPREAD = np.uint64(0xBB67AE8584CAA73B)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Keys, each with a slot; what belongs to the keys stands in arrays by slot.

    Attributes:
        keys: the key in each slot; in those without one, the largest number of the type, which is
            no key.
        displacements: of the buckets, a power of two.

    >>> table = KeyTable.of(np.array([7, 99, 12], np.uint32))
    >>> slots, found = table.find(np.array([99, 3, 7]))
    >>> found.tolist(), table.keys[slots[found]].tolist()
    ([True, False, True], [99, 7])
    """

    keys: NDArray[Any]
    displacements: NDArray[np.uint16]

    def __len__(self) -> int:
        """The number of slots."""
        return len(self.keys)

    def find(self, wanted: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Some slot for each wanted key, and whether the key is there.

        Args: ``wanted``: whole numbers from 0, smaller than the largest of the keys' type.
        """
        wanted = wanted.astype(self.keys.dtype)
        hashes = _hashes(wanted)
        buckets = _buckets(hashes, len(self.displacements))
        slots = _slots(hashes, self.displacements.take(buckets), len(self.keys))
        return slots, self.keys.take(slots) == wanted

    @staticmethod
    def of(keys: NDArray[Any]) -> KeyTable:
        """A table of distinct keys; none is the largest number of their type.

        Raises ValueError where that is not so.
        """
        if np.iinfo(keys.dtype).max in keys:
            raise ValueError(
                "the largest number of the type is no key: it stands for no key at all"
            )
        size = max(int(len(keys) / _LOAD), 1)
        buckets = 1 << max(int(np.ceil(np.log2(max(len(keys), 1) / _KEYS_A_BUCKET))), 1)
        table = KeyTable(
            np.full(size, np.iinfo(keys.dtype).max, keys.dtype), np.zeros(buckets, np.uint16)
        )
        hashes = _hashes(keys)
        of_key = _buckets(hashes, buckets)
        order = of_key.argsort(kind="stable")
        sizes = np.bincount(of_key, minlength=buckets)
        begins = sizes.cumsum() - sizes
        taken, owner = np.zeros(size, np.bool_), np.zeros(size, np.int64)
        for count in range(sizes.max(initial=0), 0, -1):  # the largest while there is room
            left = (sizes == count).nonzero()[0]
            members = order[begins[left][:, None] + np.arange(count)]
            displacement = 0
            while len(left):
                if displacement > _MOST_DISPLACEMENT:
                    raise ValueError("the keys find no slots of their own: some are equal")
                slots = _slots(hashes[members], np.full(1, displacement, np.uint16), size)
                rows = np.arange(len(left))[:, None]
                owner[slots] = rows  # of those that want the same slot, one
                in_order = np.sort(slots, axis=1)
                fits = ~(
                    taken[slots].any(axis=1)
                    | (owner[slots] != rows).any(axis=1)
                    | (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
                )
                taken[slots[fits]] = True
                table.keys[slots[fits]] = keys[members[fits]]
                table.displacements[left[fits]] = displacement
                left, members = left[~fits], members[~fits]
                displacement += 1
        return table


def _hashes(keys: NDArray[Any]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = keys.astype(np.uint64) * _FIRST
    return mixed ^ mixed >> _HALF


def _buckets(hashes: NDArray[np.uint64], number: int) -> NDArray[np.intp]:
    return (hashes * _SECOND >> np.uint64(65 - number.bit_length())).view(np.int64)


def _slots(
    hashes: NDArray[np.uint64], displacements: NDArray[np.uint16], number: int
) -> NDArray[np.intp]:
    mixed = (hashes ^ displacements * _SPREAD) * _SECOND
    return ((mixed >> _HALF) * np.uint64(number) >> _HALF).view(np.int64)
