"""The Lab page: its views, two runs side by side, reports of one's own and hostile ones."""

from __future__ import annotations

import json

import pytest

from mm_core.fusion import STRATEGIES
from tests.dashboard.conftest import charts, healthy, said
from tests.dashboard.test_case_pages import upload
from tests.figures.lab_reports import compression, lab


@pytest.mark.parametrize(
    ("view", "count"), [("strategies", 2), ("cost", 4), ("stress", 3), ("inputs", 1), ("pairs", 2), ("small", 2)]
)
def test_every_view_has_its_charts_each_with_sentence_and_data(open_page, view, count):
    test = open_page("lab", "reports", lab=view)
    healthy(test)
    assert charts(test) == count
    assert sum('class="reading"' in part.proto.body for part in test.get("html")) == count
    assert len([b for b in test.get("download_button") if b.proto.label == "CSV"]) >= count


def test_published_figures_stand_beside_the_runs_they_belong_to(open_page):
    test = open_page("lab", "reports", data="mosi-features")
    assert "Poria et al" in said(test)
    assert "contextual LSTM" in said(test)
    test.segmented_control(key="pick-data").set_value("mosi-transcripts").run()
    healthy(test)
    assert "contextual LSTM" not in said(test)
    test.segmented_control(key="pick-variant").set_value("neighbours").run()
    healthy(test)
    table = test.dataframe[0].value
    assert list(table["strategy"]) == ["late mean", "concat", "cross-attention"]
    assert table["accuracy"].tolist() == pytest.approx([0.70, 0.66, 0.74])
    assert table["± accuracy"].tolist() == pytest.approx([0.02] * 3)


def test_two_runs_by_their_link(open_page):
    test = open_page(
        "lab",
        "reports",
        lab="pairs",
        data="mosi-features",
        first="late_mean",
        second="concat",
        **{"second-seed": "1"},
    )
    healthy(test)
    words = said(test)
    assert "late mean, seed 0" in words
    assert "concat, seed 1" in words
    # 0.68 and 0.66 of 40 cases are 27 and 26 right ones
    flipped = test.dataframe[0].value
    assert len(flipped) == 1
    assert flipped["concat, seed 1"].tolist() == ["negative"]
    assert "2.5 points" in words


def test_all_seeds_of_two_strategies(open_page):
    test = open_page("lab", "reports", lab="pairs", data="mosi-features")
    test.selectbox(key="pick-first-seed").set_value("all").run()
    test.selectbox(key="pick-second-seed").set_value("all").run()
    healthy(test)
    assert "choose one seed" in said(test)
    assert "4.2 points" in said(test)  # 89 against 84 right answers of 3 times 40


def test_the_same_run_twice_is_no_comparison(open_page):
    test = open_page("lab", "reports", lab="pairs", first="concat", second="concat")
    healthy(test)
    assert charts(test) == 0
    assert "Both sides are the same" in said(test)


def test_every_strategy_of_the_registry_is_described(open_page):
    content = lab(seeds=1)
    template = content["runs"][0]
    content["runs"] = [template | {"fusion": name, "id": name} for name in STRATEGIES]
    test = open_page("lab", "nothing")
    upload(test, "report-file-lab", "mine.json", json.dumps(content).encode())
    next(b for b in test.button if b.key == "report-open-lab").click().run()
    healthy(test)
    assert said(test).count("- **") == len(STRATEGIES)
    test.segmented_control(key="pick-lab").set_value("pairs").run()
    healthy(test)
    assert "came without its rows" in said(test)


def test_own_report_with_lines(open_page, report_folder):
    test = open_page("lab", "nothing", lab="pairs")
    upload(test, "report-file-lab", "mine.json", (report_folder / "lab.json").read_bytes())
    upload(test, "rows-file-lab", "mine.csv", (report_folder / "lab_rows.csv").read_bytes())
    next(b for b in test.button if b.key == "report-open-lab").click().run()
    healthy(test)
    assert "Your report" in said(test)
    assert charts(test) == 2


def test_lines_of_another_report_are_said_not_to_fit(open_page, report_folder):
    test = open_page("lab", "nothing", lab="pairs")
    upload(test, "report-file-lab", "mine.json", (report_folder / "lab.json").read_bytes())
    upload(test, "rows-file-lab", "mine.csv", b"run,case,group,truth,answer,confidence\nx,a,g,joy,joy,0.5\n")
    next(b for b in test.button if b.key == "report-open-lab").click().run()
    assert not test.exception
    assert "no lines of the run" in said(test).replace("\\", "")


def test_without_compression_the_command_is_named(open_page):
    test = open_page("lab", "nothing", lab="small")
    healthy(test)
    assert any("compress run" in code.value for code in test.code)
    upload(test, "report-file-compression", "mine.json", json.dumps(compression()).encode())
    next(b for b in test.button if b.key == "report-open-compression").click().run()
    healthy(test)
    assert charts(test) == 2


@pytest.mark.parametrize(
    "content",
    [
        {"runs": []},
        {"runs": [{"id": "<script>alert(1)</script>"}]},
        lab() | {"references": [{"name": "<img src=x>"}]},
        lab() | {"comparisons": [5]},
        {"runs": {"a": 1}},
    ],
)
def test_a_strange_report_is_refused_and_the_session_lives(open_page, content):
    test = open_page("lab", "nothing")
    upload(test, "report-file-lab", "bad.json", json.dumps(content).encode())
    next(b for b in test.button if b.key == "report-open-lab").click().run()
    assert not test.exception
    assert len(test.error) == 1
    assert "<script>" not in said(test)
    test.switch_page("views/overview.py").run()
    assert not test.exception


def test_markup_in_names_stays_words(open_page):
    content = lab(seeds=1)
    for run in content["runs"]:
        run["fusion"] = f"<u>{run['fusion']}</u>[x](http://evil)"
    content["made"] = "<script>"
    test = open_page("lab", "nothing")
    upload(test, "report-file-lab", "odd.json", json.dumps(content).encode())
    next(b for b in test.button if b.key == "report-open-lab").click().run()
    for view in ("strategies", "cost", "stress", "inputs"):
        test.segmented_control(key="pick-lab").set_value(view).run()
        healthy(test)
        assert "<u>" not in said(test)
        assert "](http" not in said(test)
