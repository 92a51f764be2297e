"""The Pareto front, by hand and against its definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mm_core.evaluation.pareto import on_front


def test_a_dearer_design_must_be_better():
    assert on_front([1, 2, 3, 4], [0.5, 0.7, 0.6, 0.8]) == [True, True, False, True]


def test_equals_stay_and_a_tie_goes_to_the_cheaper():
    assert on_front([1, 1, 2], [0.5, 0.5, 0.5]) == [True, True, False]
    assert on_front([], []) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_whoever_is_off_the_front_is_beaten_by_someone_on_it(designs):
    kept = on_front([c for c, _ in designs], [s for _, s in designs])
    front = [design for design, on in zip(designs, kept, strict=True) if on]
    assert front
    for (cost, score), on in zip(designs, kept, strict=True):
        assert on or any(c <= cost and s >= score for c, s in front)
