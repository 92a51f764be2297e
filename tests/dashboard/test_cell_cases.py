"""A cell of the confusion matrix opens its cases, with what was given where the data folder is there."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.cell_cases import row_numbers
from dashboard.data_rows import data_rows
from mm_core.datasets.tables import read_table
from mm_core.evaluation.evaluation_report import read_evaluation
from mm_core.labels import EMOTIONS
from mm_core.samples import InvalidInput
from tests.dashboard.conftest import healthy, said


@pytest.fixture
def report(report_folder):
    import json

    return read_evaluation(json.loads((report_folder / "evaluation.json").read_text()))


def biggest_cell(report_folder, name="text+image+audio"):
    """Truth, answer and predictions of the cell that holds most cases."""
    predictions = pd.read_parquet(report_folder / "cases.parquet")
    here = predictions[(predictions["task"] == "emotion") & (predictions["modalities"] == name)]
    (truth, answer), _ = max(here.groupby(["truth", "answer"]), key=lambda cell: len(cell[1]))
    return truth, answer, here[(here["truth"] == truth) & (here["answer"] == answer)]


def open_cell(open_page, truth, answer, mode="model"):
    test = open_page("evaluation", mode, with_data="yes", view="confusion")
    boxes = {box.label: box for box in test.selectbox}
    boxes["Truth"].set_value(truth)
    boxes["Answer"].set_value(answer)
    return test.run()


def test_cases_are_read_seen_heard_and_opened(open_page, report_folder, data_folder, monkeypatch):
    truth, answer, here = biggest_cell(report_folder)
    monkeypatch.setenv("MM_CORE_DATA", str(data_folder))
    test = open_cell(open_page, truth, answer)
    healthy(test)
    words = said(test)
    table = read_table(data_folder, "text", EMOTIONS).only("test")
    surest = here.sort_values(f"p_{answer}", ascending=False).iloc[0]
    text = table.content[int(surest["text_row"])]
    assert f"“{text}”" in words
    assert f"{len(here)} case" in words.replace("\\", "")
    shown = min(len(here), 6)
    assert len(test.get("image")) == shown
    assert len(test.get("audio")) == shown
    assert sum(button.label == "Open as case" for button in test.button) == shown
    next(button for button in test.button if button.label == "Open as case").click().run()
    healthy(test)
    assert [title.value for title in test.title] == ["Case"]
    assert f"“{text}”" in said(test)


def test_without_a_model_cases_are_shown_and_not_opened(open_page, report_folder, data_folder, monkeypatch):
    truth, answer, _ = biggest_cell(report_folder)
    monkeypatch.setenv("MM_CORE_DATA", str(data_folder))
    test = open_cell(open_page, truth, answer, "reports")
    healthy(test)
    assert all(button.disabled for button in test.button if button.label == "Open as case")
    assert any(button.label == "Open as case" for button in test.button)


def test_without_the_data_folder_it_is_said_how_to_name_it(open_page, report_folder, monkeypatch):
    truth, answer, here = biggest_cell(report_folder)
    monkeypatch.delenv("MM_CORE_DATA", raising=False)
    test = open_cell(open_page, truth, answer)
    healthy(test)
    assert any("MM_CORE_DATA" in info.value.replace("\\", "") for info in test.info)
    assert not any(button.label == "Open as case" for button in test.button)
    assert len(test.dataframe[0].value) == len(here), "the table is there all the same"


def test_rows_are_counted_as_predictions_count_them(report, data_folder, monkeypatch):
    monkeypatch.setenv("MM_CORE_DATA", str(data_folder))
    given = data_rows(report).given({"text": 2, "audio": 1})
    text = read_table(data_folder, "text", EMOTIONS).only("test")
    speech = read_table(data_folder, "audio", EMOTIONS).only("test")
    assert (given.text, given.image, given.audio) == (text.content[2], None, speech.content[1])
    assert given.force == ("text", "audio")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda report: report, "names other tables"),
        (lambda report: report.model_copy(update={"data": None}), "does not say which data"),
    ],
)
def test_other_tables_are_not_shown_for_these(report, tmp_path, monkeypatch, change, words):
    (tmp_path / "text.parquet").write_bytes(b"something else")
    monkeypatch.setenv("MM_CORE_DATA", str(tmp_path))
    with pytest.raises(InvalidInput, match=words):
        data_rows(change(report))


def test_a_folder_that_is_not_there_is_said(report, tmp_path, monkeypatch):
    monkeypatch.setenv("MM_CORE_DATA", str(tmp_path / "none"))
    with pytest.raises(InvalidInput, match="no folder that is there"):
        data_rows(report)


def test_only_rows_that_a_case_has_are_numbered():
    assert row_numbers({"text_row": 3, "image_row": -1, "audio_row": 0}) == {"text": 3, "audio": 0}
