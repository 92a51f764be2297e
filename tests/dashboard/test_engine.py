"""What the dashboard says while the running app is not there (yet), and once it answers."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import engine
from mm_core.serving.health import Health
from tests.dashboard.conftest import ROOT, SECONDS, healthy, said


class App:
    """Stands in for a running app that can come and go."""

    def __init__(self, url: str) -> None:
        self.ready = False

    def health(self) -> Health:
        reason = "" if self.ready else "The running app does not answer."
        return Health(self.ready, "toy", "ab" * 32, "cpu", 0, reason)


@pytest.fixture
def app(monkeypatch) -> App:
    made = App("")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(engine.URL, "http://localhost:7860")
    monkeypatch.setattr(engine, "Remote", lambda url: made)
    engine._remote.clear()
    engine._health.clear()
    yield made
    engine._remote.clear()
    engine._health.clear()


def test_an_app_that_starts_later_is_found_without_a_reload(app):
    test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=SECONDS).run()
    healthy(test)
    assert "No model yet" in said(test)
    assert "looks again" in said(test)
    app.ready = True
    engine._health.clear()  # as five seconds later
    test.run()
    healthy(test)
    assert "No model" not in said(test)
    assert "the running app" in said(test)


def test_an_address_that_is_none_is_said(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(engine.URL, "localhost")
    found = engine.engine_status()
    assert found.client is None
    assert not found.starting
    assert "MM_CORE_URL is not an address" in found.reason
