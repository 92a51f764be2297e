"""The part that What-if starts with is the one whose relevance adds up to most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.strongest import strongest_part
from tests.figures.cases import evidence

CASE = evidence()


def with_values(modality, values):
    found = replace(CASE.relevance_of(modality), values=np.asarray(values, np.float32))
    return CASE.with_relevance(found)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_block_of_patches_that_matters_most(sign):
    grid = np.zeros((6, 6))
    grid[3:5, 1:3] = sign
    spans = CASE.units["image"].spans.reshape(6, 6, 4)
    found = strongest_part(with_values("image", grid.ravel()), "image")
    assert found == {"x": [spans[3, 1, 0], spans[4, 2, 2]], "y": [spans[3, 1, 1], spans[4, 2, 3]]}


def test_the_moments_that_matter_most():
    units = CASE.units["audio"]
    length = len(units) // 4
    values = np.zeros(len(units))
    values[5 : 5 + length] = 1.0
    found = strongest_part(with_values("audio", values), "audio")
    assert found == {"x": [units.spans[5, 0], units.spans[5 + length - 1, 1]], "y": []}


def test_without_a_map_there_is_no_start():
    assert strongest_part(replace(CASE, relevance=()), "image") is None
    assert strongest_part(evidence(("text",)), "audio") is None
