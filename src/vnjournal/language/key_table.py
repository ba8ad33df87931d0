"""Many keys looked up at once: hash tables for NumPy that are built once and then only read.

Hash, displace (Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress", 2009): a
first hash of a key chooses its bucket, and the bucket's displacement makes the second hash, which
gives every key a slot of its own. So a key is found, or known to be missing, by looking at two
places, where a search among sorted keys looks at twenty. What belongs to the keys stands in arrays
by slot.
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
_PRINT = np.uint64(0x3C6EF372FE94F82B)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Keys, each with a slot.

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
        slots = _slots(_hashes(wanted), self.displacements, len(self.keys))
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
        slots, displacements, size = _placed(keys)
        by_slot = np.full(size, np.iinfo(keys.dtype).max, keys.dtype)
        by_slot[slots] = keys
        return KeyTable(by_slot, displacements)


@dataclass(frozen=True, slots=True)
class FingerprintTable:
    """Keys of which only a fingerprint of 16 bits is kept: small, and seldom wrong.

    A key that is there is always found; one in 65,000 others is taken for one that is there.

    Attributes:
        fingerprints: of the key in each slot; 0, which is no fingerprint, in those without one.
        displacements: of the buckets, a power of two.

    >>> table = FingerprintTable.of(np.array([7, 99, 12]))
    >>> table.find(np.array([99, 3, 7]))[1].tolist()
    [True, False, True]
    """

    fingerprints: NDArray[np.uint16]
    displacements: NDArray[np.uint16]

    def __len__(self) -> int:
        """The number of slots."""
        return len(self.fingerprints)

    def find(self, wanted: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """As :meth:`KeyTable.find`."""
        hashes = _hashes(wanted)
        slots = _slots(hashes, self.displacements, len(self.fingerprints))
        return slots, self.fingerprints.take(slots) == _fingerprints(hashes)

    @staticmethod
    def of(keys: NDArray[Any]) -> FingerprintTable:
        """A table of distinct keys. Raises ValueError where they are not."""
        slots, displacements, size = _placed(keys)
        by_slot = np.zeros(size, np.uint16)
        by_slot[slots] = _fingerprints(_hashes(keys))
        return FingerprintTable(by_slot, displacements)


def _hashes(keys: NDArray[Any]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = keys.astype(np.uint64) * _FIRST
    return mixed ^ mixed >> _HALF


def _fingerprints(hashes: NDArray[np.uint64]) -> NDArray[np.uint16]:
    mixed = (hashes ^ hashes >> np.uint64(29)) * _PRINT
    return np.maximum(((mixed ^ mixed >> _HALF) & np.uint64(0xFFFF)).astype(np.uint16), 1)


def _buckets(hashes: NDArray[np.uint64], number: int) -> NDArray[np.intp]:
    return (hashes * _SECOND >> np.uint64(65 - number.bit_length())).view(np.int64)


def _slots(
    hashes: NDArray[np.uint64], displacements: NDArray[np.uint16], number: int
) -> NDArray[np.intp]:
    return _displaced(hashes, displacements.take(_buckets(hashes, len(displacements))), number)


def _displaced(
    hashes: NDArray[np.uint64], displacements: NDArray[np.uint16], number: int
) -> NDArray[np.intp]:
    mixed = (hashes ^ displacements * _SPREAD) * _SECOND
    return ((mixed >> _HALF) * np.uint64(number) >> _HALF).view(np.int64)


def _placed(keys: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.uint16], int]:
    """A slot for each key, the displacements that give it, and the number of slots."""
    in_order = np.sort(keys)
    if (in_order[1:] == in_order[:-1]).any():  # np.unique hashes: slow with regular keys
        raise ValueError("some keys are equal")
    size = max(int(len(keys) / _LOAD), 1)
    buckets = 1 << max(int(np.ceil(np.log2(max(len(keys), 1) / _KEYS_A_BUCKET))), 1)
    displacements = np.zeros(buckets, np.uint16)
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
                raise ValueError("the keys find no slots of their own")
            slots = _displaced(hashes[members], np.full(1, displacement, np.uint16), size)
            rows = np.arange(len(left))[:, None]
            owner[slots] = rows  # of those that want the same slot, one
            fits: NDArray[np.bool_] = np.logical_not(taken[slots].any(axis=1))
            free = fits.nonzero()[0]  # soon few
            wanted = slots[free]
            in_order = np.sort(wanted, axis=1)
            fits[free] = ~(
                (owner[wanted] != rows[free]).any(axis=1)
                | (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
            )
            taken[slots[fits]] = True
            displacements[left[fits]] = displacement
            left, members = left[~fits], members[~fits]
            displacement += 1
    return _slots(hashes, displacements, size), displacements, size
