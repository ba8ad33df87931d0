"""Keys looked up in bulk, against a set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnjournal.language.key_table import FingerprintTable, KeyTable

_numbers = st.integers(0, 2**32 - 2)


@given(st.sets(_numbers), st.lists(_numbers), st.sampled_from([np.uint32, np.uint64, np.int64]))
def test_a_key_is_found_in_a_slot_of_its_own_and_no_other_number_is(
    keys: set[int], others: list[int], kind: type[np.unsignedinteger]
) -> None:
    table = KeyTable.of(np.array(sorted(keys), kind))
    wanted = [*keys, *others]
    slots, found = table.find(np.array(wanted, np.int64))
    assert found.tolist() == [number in keys for number in wanted]
    assert table.keys[slots[found]].tolist() == [number for number in wanted if number in keys]
    assert len(set(slots[: len(keys)].tolist())) == len(keys)


@pytest.mark.parametrize("step", [1, 1 << 16, 1 << 40])
def test_regular_keys_find_room(step: int) -> None:
    keys = np.arange(100_000, dtype=np.uint64) * np.uint64(step)
    table = KeyTable.of(keys)
    slots, found = table.find(keys)
    assert found.all()
    assert np.bincount(slots).max() == 1
    assert len(table) < 1.05 * len(keys)


@pytest.mark.parametrize("keys", [[7, 7, 9], [7, 2**32 - 1]])
def test_keys_that_are_equal_or_stand_for_none_are_refused(keys: list[int]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyTable.of(np.array(keys, np.uint32))


def test_of_keys_without_their_text_few_others_are_taken_for_one() -> None:
    keys = np.arange(0, 3_000_000, 3)
    table = FingerprintTable.of(keys)
    slots, found = table.find(keys)
    assert found.all()
    assert np.bincount(slots).max() == 1
    for others in (keys + 1, np.arange(3_000_000, 4_000_000), keys << 30 | 5, keys * 7919 + 1):
        others = np.setdiff1d(others, keys, assume_unique=True)
        assert table.find(others)[1].mean() < 4e-5


@pytest.mark.parametrize("table", [KeyTable, FingerprintTable])
def test_equal_keys_are_refused(table: type[KeyTable] | type[FingerprintTable]) -> None:
    with pytest.raises(ValueError, match="equal"):
        table.of(np.array([3, 5, 3]))
