from __future__ import annotations

import math

import numpy as np
import pytest

from mm_core.explain.attention_dependence import query_dependence
from mm_core.figures import attention_choice, attention_from, attention_heads, attention_matrix, attention_to
from mm_core.figures.attention import dependence_words, entropy, reach
from tests.figures.cases import evidence

CASE = evidence()


@pytest.mark.parametrize(("layer", "head"), [(None, None), (0, None), (1, 2)])
def test_the_matrix_is_the_record_s_attention(layer: int | None, head: int | None) -> None:
    figure = attention_matrix(CASE, "text", "audio", layer, head)
    grid = CASE.attention_between("text", "audio", layer, head)
    assert grid is not None
    heat = figure.plot.data[0]
    assert np.array(heat.z) == pytest.approx(grid, abs=5e-5)
    assert heat.zmin == 0
    assert heat.zmax == pytest.approx(grid.max())
    assert figure.table[len(CASE.units["audio"]) + 1]["attention"] == pytest.approx(grid[1, 1])
    assert ("head 3" in figure.title) == (head == 2)


def test_cells_can_be_chosen_as_row_and_column() -> None:
    points = attention_matrix(CASE, "text", "image", selectable=True).plot.data[-1]
    assert list(points.customdata[37]) == [1, 1]
    assert (points.x[37], points.y[37]) == (1, 1)
    assert len(attention_matrix(CASE, "text", "image").plot.data) == 1


def test_hostile_words_along_the_axes_are_not_markup() -> None:
    text = attention_matrix(evidence(text="<a href='http://x'>hi</a> you"), "text", "image").plot.to_json()
    assert "<a" not in text.replace("\\u003c", "<")


def test_attention_from_a_word_lies_over_the_picture() -> None:
    figure = attention_from(CASE, "text", 3, "image", layer=1)
    grid = CASE.attention_between("text", "image", 1)
    assert grid is not None
    assert np.ravel(figure.plot.data[0].z) == pytest.approx(grid[3])
    assert figure.plot.data[0].zmin == 0
    assert "happy" in figure.title
    assert "not yet a reason" in figure.reading


def test_attention_to_a_patch_comes_from_its_column() -> None:
    figure = attention_to(CASE, "image", 20, "audio")
    grid = CASE.attention_between("audio", "image")
    assert grid is not None
    assert list(figure.plot.data[0].y) == pytest.approx(grid[:, 20].tolist())


def test_choosing_starts_from_an_unshaded_map() -> None:
    figure = attention_choice(CASE, "text", 2)
    assert figure.plot.data[0].text[2] == "so"
    picture = attention_choice(CASE, "image")
    assert picture.plot.data[0].showscale is False


def test_entropy_and_reach_of_known_attention() -> None:
    one = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0]])
    even = np.full((3, 4), 0.25)
    assert entropy(one) == 0
    assert reach(one) == 0.25
    assert entropy(even) == pytest.approx(1)
    assert reach(even) == 1
    half = np.array([[0.3, 0.3, 0, 0]])  # special tokens took the rest
    assert entropy(half) == pytest.approx(math.log(2) / math.log(4))
    assert reach(half) == 0.5
    assert entropy(np.array([[0.0, 0.0], [1.0, 0.0]])) == 0, "a row without attention counts for nothing"
    assert reach(np.zeros((2, 3))) == entropy(np.zeros((2, 3))) == 0


def test_heads_are_listed_layer_by_layer() -> None:
    figure = attention_heads(CASE, "text", "image")
    assert [row["head"] for row in figure.table][:5] == [
        *(f"layer 1, head {h}" for h in range(1, 5)),
        "layer 2, head 1",
    ]
    grid = CASE.attention_between("text", "image", 1, 0)
    assert grid is not None
    assert figure.table[4]["entropy"] == pytest.approx(entropy(grid))
    assert list(figure.plot.data[0].x) == [row["entropy"] for row in figure.table]
    assert list(figure.plot.data[1].x) == [row["reach"] for row in figure.table]


def test_differences_are_from_the_mean_row_and_the_dependence_is_said() -> None:
    figure = attention_matrix(CASE, "text", "audio", difference=True)
    grid = CASE.attention_between("text", "audio")
    assert grid is not None
    heat = figure.plot.data[0]
    assert np.array(heat.z) == pytest.approx(grid - grid.mean(0), abs=5e-6)
    assert heat.zmin == -heat.zmax == pytest.approx(-np.abs(grid - grid.mean(0)).max())
    found = query_dependence(grid)
    assert found is not None
    assert f"{round(100 * found.share)}%" in figure.reading
    assert np.mean([row["difference"] for row in figure.table]) == pytest.approx(0, abs=1e-9)


def test_attention_that_does_not_depend_on_what_asks_says_so() -> None:
    alike, apart = np.tile([0.7, 0.2, 0.1], (4, 1)), np.eye(4)
    assert "hardly depends" in dependence_words(alike)
    assert "0%" in dependence_words(alike)
    assert "hardly" not in dependence_words(apart)
    assert "can't be told" in dependence_words(np.ones((1, 3)))
