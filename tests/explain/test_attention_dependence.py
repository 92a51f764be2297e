"""Does attention depend on what asks? Against maps whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mm_core.explain.attention_dependence import QueryDependence, distributions, query_dependence


def slow_mean_distance(rows):
    pairs = [(p, q) for p in range(len(rows)) for q in range(p)]
    return float(np.mean([0.5 * np.abs(rows[p] - rows[q]).sum() for p, q in pairs]))


def test_rows_that_are_alike_depend_on_nothing():
    found = query_dependence(np.tile([0.7, 0.2, 0.1, 0.0], (5, 1)))
    assert found.between_rows == pytest.approx(0, abs=1e-12)
    assert found.by_chance > 0.4
    assert found.share == pytest.approx(0, abs=1e-9)


def test_rows_that_look_at_places_of_their_own_differ_wholly():
    found = query_dependence(np.eye(6))
    assert found.between_rows == 1
    assert found.by_chance == pytest.approx(5 / 6, abs=0.06)  # two places drawn of six are the same one time in six
    assert found.share > 1


def test_even_rows_make_no_difference_and_chance_neither():
    assert query_dependence(np.full((3, 4), 0.25)).share == 0
    assert QueryDependence(0.0, 0.0).share == 0


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 1000))
def test_the_distance_is_the_mean_over_pairs_whatever_rows_sum_to(count, places, seed):
    random = np.random.default_rng(seed)
    rows = random.dirichlet(np.full(places, 0.5), count)
    found = query_dependence(rows * random.uniform(0.1, 1.0, (count, 1)))
    assert found.between_rows == pytest.approx(slow_mean_distance(rows), abs=1e-9)
    assert 0 <= found.between_rows <= 1


def test_random_rows_are_about_chance():
    rows = np.random.default_rng(0).dirichlet(np.full(20, 0.3), 40)
    assert query_dependence(rows).share == pytest.approx(1, abs=0.05)


def test_rows_without_attention_are_left_out_and_too_few_are_not_measured():
    assert len(distributions(np.array([[0.0, 0.0], [0.2, 0.2]]))) == 1
    assert query_dependence(np.array([[0.0, 0.0], [0.2, 0.2]])) is None
    assert query_dependence(np.ones((4, 1))) is None
