"""The dashboard with a model that is not ours: ``MM_CORE_MODEL=predictor.yaml``."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from mm_core.serving import service
from mm_core.serving.limits import Limits
from tests.dashboard.conftest import ROOT, SECONDS, charts, healthy, said
from tests.predictors.boxes import write_box


@pytest.fixture
def open_with_box(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("MM_CORE_URL", raising=False)
    monkeypatch.setattr(service, "Limits", partial(Limits, patience=600.0, deadline=600.0, stuck_after=600.0))
    monkeypatch.setenv("MM_CORE_MODEL", str(write_box(tmp_path)))

    def run(page: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=SECONDS)
        test.query_params["case"] = "example-2"
        return test.switch_page(f"views/{page}.py").run()

    return run


def test_a_case_is_answered_and_explained_without_sentiment(open_with_box):
    test = open_with_box("case")
    healthy(test)
    words = said(test)
    assert "proud" in words
    assert "Sentiment" not in words
    assert charts(test) >= 4
    assert test.segmented_control(key="pick-task").options == ["emotion"]
    test.selectbox(key="pick-method").set_value("gradient_x_input").run()
    assert "does not show the attention or the gradients" in said(test)
    test.selectbox(key="pick-method").set_value("occlusion").run()
    healthy(test)


def test_the_attention_page_says_that_there_is_none(open_with_box):
    test = open_with_box("attention")
    healthy(test)
    assert "This model does not show attention" in said(test)


def test_what_if_works(open_with_box):
    healthy(open_with_box("what_if"))
