"""The overview beside an app whose model answers labels of somebody's own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import engine
from mm_core.serving.health import Health
from tests.dashboard.conftest import ROOT, SECONDS, charts, healthy, said


class App:
    """Stands in for a running app with such a model."""

    def __init__(self, url: str) -> None:
        self.address = url

    def health(self) -> Health:
        return Health(True, "mine", "ef" * 32, "cpu", 0, labels=("calm", "urgent"), learned_modalities=("text",))


@pytest.fixture
def beside_the_app(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(engine.URL, "http://localhost:7860")
    monkeypatch.setattr(engine, "Remote", App)
    engine._remote.clear()
    engine._health.clear()
    yield
    engine._remote.clear()
    engine._health.clear()


def test_its_labels_stand_there_and_no_figures_of_another_model(beside_the_app):
    test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=SECONDS).run()
    healthy(test)
    assert "calm and urgent. It learned them from words alone" in said(test)
    assert "was not measured" in said(test)
    assert "no evaluation report of this model" in said(test)
    assert charts(test) == 0
