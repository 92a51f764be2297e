from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mm_core.figures import faithfulness_curves
from mm_core.figures.palette import MODALITY_COLOURS, SHARED
from tests.figures.cases import evidence


def test_curves_and_band_are_the_test_s_own() -> None:
    test = evidence().faithfulness[0]
    figure = faithfulness_curves(test)
    band, median, curve = figure.plot.data[:3]
    assert list(curve.y) == pytest.approx(test.deletion.tolist())
    assert list(curve.x) == pytest.approx((test.steps / test.steps[-1]).tolist())
    low, middle, high = np.percentile(test.random_deletion, [5, 50, 95], axis=0)
    assert list(median.y) == pytest.approx(middle.tolist())
    assert list(band.y) == pytest.approx([*high, *low[::-1]])
    assert list(figure.plot.data[5].y) == pytest.approx(test.insertion.tolist())
    half = len(figure.table) // 2
    assert [row["curve"] for row in figure.table] == ["deletion"] * half + ["insertion"] * half


@pytest.mark.parametrize(
    ("verdict", "colour"), [("better than chance", MODALITY_COLOURS["text"]), ("no better than chance", SHARED)]
)
def test_the_verdict_stands_in_the_chart_and_greys_it(verdict: str, colour: str) -> None:
    figure = faithfulness_curves(evidence(tested=verdict).faithfulness[0])
    texts = [annotation.text for annotation in figure.plot.layout.annotations]
    assert f"<b>{verdict}</b>" in texts
    assert figure.plot.data[2].line.color == colour
    assert f"verdict: {verdict}, as taking away decides" in figure.reading
    assert sum(text.startswith("p = ") for text in texts) == 2
    assert sum(text.endswith(", decides") for text in texts) == 1


def test_two_tests_that_differ_give_one_verdict_and_both_are_told() -> None:
    test = replace(evidence().faithfulness[0], deletion_p=0.05, insertion_p=0.01)
    words = faithfulness_curves(test).reading
    assert test.verdict == "no better than chance"
    assert words.count("verdict:") == 1
    assert "does not beat random orders (p = 0.05, where less than 0.05 is needed)" in words
    assert "putting back, told beside it, beats random orders (p = 0.01)" in words
    assert "better than chance" not in words.replace("no better than chance", "")
