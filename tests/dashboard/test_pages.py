"""Every page with a model, with reports alone, and with nothing."""

from __future__ import annotations

import pytest

from tests.dashboard.conftest import ROOT, charts, healthy, said

PAGES = sorted(path.stem for path in (ROOT / "dashboard" / "views").glob("*.py"))
OF_ONE_CASE = ("case", "attention", "what_if")
OF_REPORTS = ("contributions", "evaluation", "robustness", "lab")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_mode(open_page, mode, page):
    test = open_page(page, mode)
    healthy(test)
    assert len(test.title) == 1
    shows = (mode == "model" and page not in ("review", "timeline")) or (
        mode == "reports" and page in ("overview", *OF_REPORTS)
    )
    assert (charts(test) > 0) == shows
    if not shows:
        assert test.info  # an empty state says what to do


@pytest.mark.parametrize("page", OF_ONE_CASE)
def test_without_a_model_a_file_is_asked_for(open_page, page):
    words = said(open_page(page, "reports"))
    assert "No case is open" in words
    assert ".triad" in words


@pytest.mark.parametrize("page", OF_REPORTS)
def test_without_a_report_the_command_is_named(open_page, page):
    test = open_page(page, "nothing")
    assert any(
        f"python -m mm_core {page if page != 'evaluation' else 'evaluate'}" in code.value for code in test.code
    )


def test_overview_shows_figures_with_interval_and_n(open_page):
    words = said(open_page("overview", "reports"))
    assert "n = 15" in words  # the made-up folder's test texts: two of each class and one with two labels
    assert "composed triples" in words
    assert "SHA-256" in words


def test_every_chart_has_its_sentence_and_its_data(open_page):
    for page in OF_REPORTS:
        test = open_page(page, "reports")
        readings = [h for h in test.get("html") if 'class="reading"' in h.proto.body]
        assert len(readings) == charts(test)
        downloads = [b for b in test.get("download_button") if b.proto.label == "CSV"]
        assert len(downloads) >= charts(test)


@pytest.mark.parametrize("view", ["figures", "confusion", "curves", "calibration", "slices"])
def test_views_of_the_evaluation(open_page, view):
    test = open_page("evaluation", "reports", view=view)
    for task in ("emotion", "sentiment", "agreement"):
        test.segmented_control(key="pick-task").set_value(task).run()
        healthy(test)
        assert charts(test) >= 1


def test_a_cell_of_the_confusion_matrix_lists_its_cases(open_page, report_folder):
    import json

    import pandas as pd

    test = open_page("evaluation", "reports")
    test.segmented_control(key="pick-view").set_value("confusion").run()
    report = json.loads((report_folder / "evaluation.json").read_text())
    matrix = report["emotion"]["text+image+audio"]["all"]["confusion"]
    truth = max(range(7), key=lambda row: max(matrix["matrix"][row]))
    answer = max(range(7), key=lambda column: matrix["matrix"][truth][column])
    boxes = {box.label: box for box in test.selectbox}
    boxes["Truth"].set_value(matrix["labels"][truth])
    boxes["Answer"].set_value(matrix["labels"][answer])
    test.run()
    healthy(test)
    table: pd.DataFrame = test.dataframe[0].value
    assert len(table) == matrix["matrix"][truth][answer] > 0


def test_cases_where_inputs_disagree(open_page):
    test = open_page("contributions", "reports")
    for kind in ("differ", "wrong", "odd", "all"):
        test.segmented_control(key="pick-cases").set_value(kind).run()
        healthy(test)
    everything = test.dataframe[0].value
    assert len(everything) == 21 + 3 * 3


def test_each_input_gets_worse_on_its_own(open_page):
    test = open_page("robustness", "reports")
    for modality, kinds in (("text", 2), ("image", 5), ("audio", 4)):
        test.segmented_control(key="pick-input").set_value(modality).run()
        healthy(test)
        assert charts(test) == kinds + 1 + 3  # with missing inputs and three conflicts
