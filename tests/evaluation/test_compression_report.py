"""The report on smaller models: what is read and what is refused."""

from __future__ import annotations

import pytest

from mm_core.evaluation.compression_report import read_compression
from mm_core.samples import InvalidInput
from tests.figures.lab_reports import compression


def test_costs_by_name():
    shipped, int8, _ = read_compression(compression()).runs
    assert (shipped.cost("size_mb", "text"), shipped.cost("latency", "text")) == (40.0, 1.0)
    assert int8.cost("latency", "text") == 0.7
    assert int8.cost("latency", "image") is None


def test_two_models_of_one_name_are_refused():
    content = compression()
    content["runs"][1]["name"] = "shipped"
    with pytest.raises(InvalidInput, match="same name"):
        read_compression(content)


@pytest.mark.parametrize(
    ("key", "value"),
    [("size_mb", "big"), ("metrics", {"text": {"n": 0}}), ("latency", {"text": 1.0}), ("parameters", None)],
)
def test_what_is_wrong_is_named(key, value):
    content = compression()
    content["runs"][2][key] = value
    with pytest.raises(InvalidInput, match=f"At runs, 2, {key}"):
        read_compression(content)
