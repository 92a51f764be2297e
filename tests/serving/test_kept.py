"""Records held for a short while under unguessable names."""

from __future__ import annotations

import pytest

from mm_core.samples import InvalidInput
from mm_core.serving.kept import NAME, KeptRecords


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_record_is_there_until_its_time_is_over() -> None:
    clock = Clock()
    kept = KeptRecords(seconds=60, clock=clock)
    name = kept.put(b"a case")
    clock.now = 59
    assert kept.get(name) == b"a case"
    clock.now = 60
    with pytest.raises(InvalidInput, match="no longer leads to a case: one is held for 1 minutes"):
        kept.get(name)
    assert len(kept) == 0


def test_names_can_not_be_guessed() -> None:
    kept = KeptRecords()
    names = {kept.put(b"the same case") for _ in range(50)}
    assert len(names) == 50
    assert all(NAME.fullmatch(name) for name in names)
    with pytest.raises(InvalidInput):
        kept.get("")


def test_the_oldest_go_where_there_are_too_many() -> None:
    kept = KeptRecords(most_records=2)
    first, second, third = (kept.put(bytes([n])) for n in range(3))
    assert len(kept) == 2
    with pytest.raises(InvalidInput):
        kept.get(first)
    assert kept.get(second), kept.get(third)


def test_together_they_are_bounded_in_size() -> None:
    kept = KeptRecords(most_bytes=10)
    first = kept.put(b"123456")
    second = kept.put(b"123456")
    assert len(kept) == 1
    assert kept.get(second) == b"123456"
    with pytest.raises(InvalidInput):
        kept.get(first)
    with pytest.raises(InvalidInput, match="too large"):
        kept.put(b"x" * 11)
    assert len(kept) == 1
