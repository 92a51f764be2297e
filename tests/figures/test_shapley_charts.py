from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mm_core.evidence import Evidence
from mm_core.figures import interaction_table, lattice, shapley_bars, shares_bar, waterfall
from mm_core.figures.palette import MODALITY_COLOURS, SHARED
from mm_core.labels import EMOTIONS
from mm_core.locale import modality_word
from tests.figures.cases import evidence

CASE = evidence()


@pytest.mark.parametrize("value", ["logit", "probability"])
def test_the_waterfall_walks_from_nothing_to_the_answer(value: str) -> None:
    game = CASE.contributions(value=value)
    steps, ends, shapley = waterfall(CASE, value=value).plot.data
    assert list(steps.x) == list(game.dividends.values())
    walked = [base + step for base, step in zip(steps.base, steps.x, strict=True)]
    assert steps.base[0] == game.start
    assert list(steps.base[1:]) == pytest.approx(walked[:-1])
    assert walked[-1] == pytest.approx(game.total)
    assert list(ends.x) == [game.start, game.total]
    assert list(shapley.x) == list(game.shapley.values())
    assert sum(shapley.x) == pytest.approx(game.total - game.start)


def test_each_step_has_its_modality_s_colour_and_joint_steps_are_grey() -> None:
    steps, _, shapley = waterfall(CASE).plot.data
    assert list(steps.marker.color) == [*MODALITY_COLOURS.values(), *[SHARED] * 4]
    assert list(shapley.marker.color) == list(MODALITY_COLOURS.values())


def test_shapley_axis_is_centred_and_the_table_tells_the_parts() -> None:
    figure = waterfall(CASE, "sadness")
    low, high = figure.plot.layout.xaxis2.range
    assert low == -high
    game = CASE.contributions("sadness")
    parts = {(row["part"], row["coalition"]): row["value"] for row in figure.table}
    assert parts["start", "none"] == game.start
    assert parts["answer", "text+image+audio"] == game.total
    assert parts["dividend", "text+audio"] == game.dividends["text+audio"]
    assert parts["shapley value", "audio"] == game.shapley["audio"]
    assert "sadness" in figure.title


def test_another_task_speaks_about_its_own_answer() -> None:
    figure = waterfall(CASE, task="sentiment")
    label = CASE.prediction.sentiment.label
    assert figure.title.endswith(label)
    assert figure.table[0]["value"] == CASE.contributions(label, "logit", "sentiment").start


def test_shares_are_those_of_the_game() -> None:
    figure = shares_bar(CASE)
    (bars,) = figure.plot.data
    shares = CASE.contributions().shares
    assert dict(zip(bars.y, bars.x, strict=True)) == {modality_word(m): share for m, share in shares.items()}
    assert sum(bars.x) == pytest.approx(1)


def test_shares_of_nothing_are_said_to_be_undefined() -> None:
    flat = {task: np.zeros_like(logits) for task, logits in CASE.coalitions.logits.items()}
    figure = shares_bar(replace(CASE, coalitions=replace(CASE.coalitions, logits=flat)))
    assert figure.table == ()
    assert "no shares" in figure.reading


@pytest.mark.parametrize(
    ("present", "edges"), [(("text", "image", "audio"), 12), (("text", "audio"), 4), (("image",), 1)]
)
def test_the_lattice_shows_every_coalition_and_every_step_between_them(present: tuple[str, ...], edges: int) -> None:
    case = evidence(present)
    figure = lattice(case)
    probabilities = case.coalitions.probabilities("emotion")
    for row, found in zip(figure.table, probabilities, strict=True):
        assert row["answer"] == EMOTIONS[found.argmax()]
        assert row["confidence"] == pytest.approx(found.max())
        assert [row[label] for label in EMOTIONS] == pytest.approx(found)
    lines = [trace for trace in figure.plot.data if trace.mode == "lines"]
    assert len(lines) == edges
    texts = [annotation.text for annotation in figure.plot.layout.annotations]
    assert len(texts) == 2 ** len(present)
    assert all(any(f"<b>{row['answer']}</b>" in text for text in texts) for row in figure.table)


def test_a_lattice_edge_tells_rise_from_fall_without_colour() -> None:
    figure = lattice(CASE)
    joy = dict(zip(CASE.coalitions.names, CASE.coalitions.probabilities("emotion")[:, 3], strict=True))
    lines = {trace.text: trace.line.dash for trace in figure.plot.data if trace.mode == "lines"}
    rises = joy["text"] > joy["none"]
    change = round(100 * abs(joy["text"] - joy["none"]))
    assert lines[f"adding the words: joy {'+' if rises else '−'}{change} points"] == ("solid" if rises else "dot")
    assert {"solid", "dot"} == set(lines.values())


def test_a_coalition_below_the_threshold_is_not_sure() -> None:
    texts = [annotation.text for annotation in lattice(CASE).plot.layout.annotations]
    for row in lattice(CASE).table:
        assert any(row["answer"] in t and ("not sure" in t) == (row["confidence"] < 0.4) for t in texts)
    assert any("not sure" in text for text in texts)


def test_interactions_are_the_games_own_and_centred_on_nothing() -> None:
    figure = interaction_table(CASE)
    heat = figure.plot.data[0]
    names = ["text+image", "text+audio", "image+audio", "text+image+audio"]
    assert heat.zmin == -heat.zmax
    for label, row in zip(heat.y, heat.z, strict=True):
        assert list(row) == [CASE.contributions(label).interactions[name] for name in names]
    assert len(figure.table) == len(EMOTIONS) * len(names)


def test_a_label_from_elsewhere_is_not_markup() -> None:
    text = "".join(plot_text(make) for make in (waterfall, lattice, interaction_table))
    assert "<a href" not in text


def plot_text(make: object) -> str:
    evil = "<a href='http://x'>"
    labels = {"emotion": (*EMOTIONS[:3], evil, *EMOTIONS[4:]), "sentiment": CASE.coalitions.labels["sentiment"]}
    emotion = replace(
        CASE.prediction.emotion,
        label=evil,
        probabilities=dict(zip(labels["emotion"], CASE.prediction.emotion.probabilities.values(), strict=True)),
    )
    case: Evidence = replace(
        CASE,
        label=evil,
        prediction=replace(CASE.prediction, emotion=emotion),
        coalitions=replace(CASE.coalitions, labels=labels),
        relevance=(),
        faithfulness=(),
    )
    return make(case).plot.to_json().replace("\\u003c", "<")  # type: ignore[operator]


def test_connectors_join_one_step_to_the_next() -> None:
    steps = waterfall(CASE).plot.data[0]
    levels = [steps.base[0], *(b + s for b, s in zip(steps.base, steps.x, strict=True))]
    shapes = [s for s in waterfall(CASE).plot.layout.shapes if s.line.dash == "dot"]
    assert [s.x0 for s in shapes] == pytest.approx(levels)
    assert all(a.y1 == b.y0 for a, b in pairwise(shapes))


def test_shapley_bars_show_points_of_probability_on_an_axis_that_can_be_shared() -> None:
    game = CASE.contributions("sadness", "probability")
    figure = shapley_bars(CASE, "sadness", reach=0.5)
    (bars,) = figure.plot.data
    assert list(bars.x) == list(game.shapley.values())
    assert list(bars.y) == ["words", "face", "voice"]
    assert [round(100 * v) for v in bars.x] == [
        int(t.split()[0].replace("−", "-").replace("±", "")) for t in bars.text
    ]
    low, high = figure.plot.layout.xaxis.range
    assert (low, high) == (-0.85, 0.85)


def test_one_input_alone_gets_a_sentence_and_no_chart_of_one_bar() -> None:
    figure = shapley_bars(evidence(present=("text",)))
    assert figure.html == ""
    assert figure.reading == "There is one input only, so the whole answer comes from the words."
    assert shapley_bars(evidence(present=("text",)), reach=0.5).html is None, "beside another case it is shown"
