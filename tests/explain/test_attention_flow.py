"""Rollout on matrices whose product can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.explain.attention_flow import attention_flow


def test_one_layer_is_half_attention_and_half_residual() -> None:
    assert attention_flow([np.array([[0.0, 2.0], [1.0, 1.0]])]).tolist() == [[0.5, 0.5], [0.25, 0.75]]


def test_later_layers_come_on_top_of_earlier_ones() -> None:
    first, second = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    expected = np.array([[1.0, 0.0], [0.5, 0.5]]) @ np.array([[0.5, 0.5], [0.0, 1.0]])
    assert attention_flow([first, second]) == pytest.approx(expected)
    assert attention_flow([first, second]).sum(1) == pytest.approx(1)


def test_a_token_that_looks_at_nothing_stays_what_it_was() -> None:
    assert attention_flow([np.zeros((2, 2))]).tolist() == np.eye(2).tolist()


def test_without_layers_nothing_flows() -> None:
    with pytest.raises(ValueError, match="one layer"):
        attention_flow([])
