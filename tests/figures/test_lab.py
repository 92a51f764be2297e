"""Figures of the lab and of compression, against reports whose numbers can be checked by hand."""

from __future__ import annotations

import pytest

from mm_core.evaluation.compare import paired
from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.lab_report import read_lab, strategies
from mm_core.evaluation.records import Estimate
from mm_core.figures.compression import compression_front
from mm_core.figures.fronts import Design, front_plot
from mm_core.figures.lab import cost_scatter, late_comparisons, strategy_bars, strategy_name
from mm_core.figures.lab_pairs import difference_plot, difference_sentence, discordance_grid
from mm_core.figures.lab_stress import conflict_stack, missing_grid, noise_grid, share_stack
from mm_core.figures.palette import ACCENT, MODALITY_COLOURS, SHARED
from tests.figures.lab_reports import CASES, compression, lab, lab_rows

REPORT = read_lab(lab())
CHOSEN = strategies(REPORT, "mosi-features", "utterance")
MODELS = read_compression(compression()).runs


def texts(figure):
    return [a.text for a in figure.plot.layout.annotations]


def test_strategies_are_ranked_with_references_below():
    figure = strategy_bars(CHOSEN, "accuracy", REPORT.references)
    assert [row["strategy"] for row in figure.table] == ["cross_attention", "late_mean", "concat", "contextual LSTM"]
    assert [row["mean"] for row in figure.table] == pytest.approx([0.74, 0.70, 0.66, 0.803])
    assert figure.table[0]["seeds"] == 3
    assert figure.table[0]["deviation"] == pytest.approx(0.02)
    assert "0.740 (0.690 to 0.790)" in texts(figure)
    assert "0.803" in texts(figure)  # what was published has no interval
    dots = [t for t in figure.plot.data if t.mode == "markers" and t.marker.symbol != "line-ns"]
    assert [t.marker.symbol for t in dots] == ["circle", "circle-open", "circle", "circle-open"]
    assert [t.marker.color for t in dots] == [ACCENT, ACCENT, ACCENT, SHARED]
    ticks = [tuple(t.x) for t in figure.plot.data if t.mode == "markers" and t.marker.symbol == "line-ns"]
    assert ticks[0] == pytest.approx((0.72, 0.74, 0.76))


def test_calibration_error_ranks_the_other_way_and_has_no_reference():
    content = lab()
    for run in content["runs"]:
        run["metrics"]["ece"] = {"late_mean": 0.02, "concat": 0.09, "cross_attention": 0.05}[run["fusion"]]
    figure = strategy_bars(strategies(read_lab(content), "mosi-features", "utterance"), "ece", REPORT.references)
    assert [row["strategy"] for row in figure.table] == ["late_mean", "cross_attention", "concat"]
    assert "further left" in figure.reading


def test_a_dearer_strategy_must_be_better_to_be_on_the_front():
    figure = cost_scatter(CHOSEN, "parameters")
    on = {row["name"]: row["on the front"] for row in figure.table}
    assert on == {"cross-attention": True, "late mean": True, "concat": False}
    named = {t.text[0] for t in figure.plot.data if t.mode == "markers+text"}
    assert named == {"cross-attention", "late mean"}
    assert figure.plot.layout.xaxis.type == "log"
    assert list(figure.plot.layout.xaxis.ticktext) == ["1k", "3k", "10k", "30k", "100k", "300k", "1M"]
    assert {row["seconds"] for row in cost_scatter(CHOSEN, "seconds").table} == {3.0, 5.0, 61.0}


def test_the_verdict_on_late_strategies_is_the_report_s():
    good = late_comparisons(REPORT.comparisons)
    assert "That holds here" in good.reading
    assert good.table[0]["not worse"] is True
    bad = late_comparisons([REPORT.comparisons[0].model_copy(update={"not_worse": False})])
    assert "not shown against late mean" in bad.reading


def test_missing_inputs_from_all_to_none():
    figure = missing_grid(CHOSEN)
    first, *_, last = figure.plot.layout.xaxis.ticktext
    assert (first, last) == ("all three", "nothing")
    shown = [0.8, 0.7, 0.7, 0.7, 0.6, 0.6, 0.6, 0.5]
    assert [row["mean"] for row in figure.table[:8]] == pytest.approx(shown)
    assert list(figure.plot.data[0].z[0]) == pytest.approx([(value - 0.5) / 0.3 for value in shown])  # worst to best
    assert len(figure.table) == 3 * 8


def test_noise_grows_to_the_right():
    figure = noise_grid(CHOSEN, "audio")
    assert list(figure.plot.layout.xaxis.ticktext) == ["clean", "1", "2"]
    assert [row["mean"] for row in figure.table[6:]] == pytest.approx([0.74, 0.69, 0.64])


def test_conflict_puts_who_keeps_its_answer_on_top():
    content = lab()
    for run in content["runs"]:
        kept = {"late_mean": 0.5, "concat": 0.7, "cross_attention": 0.6}[run["fusion"]]
        run["conflict"]["image"] = {"majority": kept, "odd": 0.9 - kept, "other": 0.1}
    figure = conflict_stack(strategies(read_lab(content), "mosi-features", "utterance"), "image")
    agree, odd, neither = figure.plot.data
    assert list(agree.y) == ["concat", "cross-attention", "late mean"]
    assert list(agree.x) == pytest.approx([0.7, 0.6, 0.5])
    assert [a + b + c for a, b, c in zip(agree.x, odd.x, neither.x, strict=True)] == pytest.approx([1, 1, 1])
    assert odd.marker.color == MODALITY_COLOURS["image"]


def test_shares_of_each_input():
    figure = share_stack(CHOSEN)
    assert [bar.marker.color for bar in figure.plot.data] == list(MODALITY_COLOURS.values())
    assert [bar.x[0] for bar in figure.plot.data] == pytest.approx([0.6, 0.15, 0.25])


def test_two_runs_in_words_and_cells():
    rows = lab_rows()
    first, second = "mosi-features/utterance/cross_attention/0", "mosi-features/utterance/concat/0"
    found = paired(rows, first, second)
    assert round(0.72 * CASES) == 29
    assert round(0.64 * CASES) == 26
    figure = discordance_grid(found, "a", "b")
    assert [row["cases"] for row in figure.table] == [26, 3, 0, 11]
    assert "p = 0.250" in figure.reading  # 2 / 2^3
    assert "may not differ" in figure.reading
    plot = difference_plot(found, "a", "b")
    assert plot.table[2]["value"] == pytest.approx(3 / 40)
    sentence = difference_sentence(found, "a", "b")
    assert "+7.5 points" in sentence
    assert "of 40 cases" in sentence


def test_the_sentence_names_who_is_better_only_where_the_interval_says_so():
    rows = lab_rows()
    same = paired(rows, "mosi-features/utterance/concat/0", "mosi-features/utterance/concat/0")
    assert "do not tell the two apart" in difference_sentence(same, "a", "b")
    rows.loc[rows["run"].str.endswith("concat/0"), "answer"] = "negative"
    worse = paired(rows, "mosi-features/utterance/concat/0", "mosi-features/utterance/late_mean/0")
    assert difference_sentence(worse, "a", "b").startswith("b is right more often")
    better = paired(rows, "mosi-features/utterance/late_mean/0", "mosi-features/utterance/concat/0")
    assert difference_sentence(better, "a", "b").startswith("a is right more often")


def test_several_seeds_have_no_mcnemar():
    runs = [f"mosi-features/utterance/concat/{seed}" for seed in range(3)]
    others = [f"mosi-features/utterance/late_mean/{seed}" for seed in range(3)]
    figure = discordance_grid(paired(lab_rows(), runs, others), "a", "b")
    assert figure.table == ()
    assert "choose one seed" in figure.reading


def test_names_on_the_front_do_not_run_into_each_other():
    def drawn(costs, **axis):
        designs = [Design(f"d{i}", cost, Estimate(value=v)) for i, (cost, v) in enumerate(costs)]
        plot, kept = front_plot(designs, axis, "accuracy")
        assert all(kept)
        return {t.text[0]: t.textposition for t in plot.data if t.mode == "markers+text"}

    near = [(96, 0.6), (97, 0.7), (98, 0.8)]
    assert drawn(near) == {"d0": "top center", "d1": "bottom center"}, "for the third there is no room"
    assert drawn([(10, 0.6), (11, 0.7), (90, 0.8)])["d2"] == "top center"
    assert set(drawn([(1, 0.6), (10, 0.7), (100, 0.8)], type="log").values()) == {"top center"}


def test_smaller_models_on_the_front():
    size = compression_front(MODELS, "size_mb", "text")
    assert {row["name"]: row["on the front"] for row in size.table} == {
        "shipped": True,
        "int8": True,
        "layers 3": False,
    }
    assert [row["size_mb"] for row in size.table] == [40.0, 12.0, 25.0]
    speed = compression_front(MODELS, "latency", "text+image+audio")
    assert [row["latency"] for row in speed.table] == [1.0, 0.7, 0.8]
    assert compression_front(MODELS, "latency", "image").table == ()


def test_names_of_strategies_hold_no_markup():
    assert strategy_name("cross_attention") == "cross-attention"
    assert strategy_name("late_mean") == "late mean"
    assert "<" not in strategy_name("<b>x</b>")
