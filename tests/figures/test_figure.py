from __future__ import annotations

import csv
import io

import plotly.graph_objects as go
import pytest

from mm_core.figures.figure import Figure, safe, signed, spaced
from mm_core.locale import decimal


def test_csv_holds_the_table() -> None:
    figure = Figure("t", go.Figure(), "r.", ({"word": "a, b", "value": -0.5}, {"word": 'say "x"', "value": 1}))
    rows = list(csv.DictReader(io.StringIO(figure.csv())))
    assert rows == [{"word": "a, b", "value": "-0.5"}, {"word": 'say "x"', "value": "1"}]


@pytest.mark.parametrize("word", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_csv_starts_no_formula(word: str) -> None:
    text = Figure("t", go.Figure(), "r.", ({"word": word},)).csv()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["word"] == "'" + word.replace("\r", " ")


def test_labels_are_short_single_lines_without_live_markup() -> None:
    assert safe("<img src=x onerror=alert(1)>", 60) == "&lt;img src=x onerror=alert(1)&gt;"
    assert safe("a\nb\x00c") == "a b c"
    assert safe("x" * 50, 10) == "x" * 9 + "…"
    assert safe("<b>" * 10, 8) == "&lt;b&gt;&lt;b&gt;&lt;…", "shortened first, so no entity is cut in two"


def test_numbers_in_words() -> None:
    assert [signed(v) for v in (0.5, -0.5, 0.001, -0.001)] == ["+0.50", "−0.50", "0.00", "0.00"]
    assert decimal(-0.0004, 3) == "0.000"
    assert [spaced(n) for n in ("none", "text", "text+audio", "text+image+audio")] == [
        "nothing",
        "words",
        "words + voice",
        "all three",
    ]
