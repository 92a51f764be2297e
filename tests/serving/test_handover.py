"""The addresses that carry a case from one user interface to the other."""

from __future__ import annotations

import pytest

from mm_core.samples import InvalidInput
from mm_core.serving.handover import dashboard_address, page_address


def test_addresses_lead_to_the_page_and_to_the_case_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MM_PAGE_URL", "https://me-app.hf.space/")
    monkeypatch.setenv("MM_DASHBOARD_URL", " http://localhost:8501 ")
    assert page_address("abc") == "https://me-app.hf.space/?kept=abc"
    assert dashboard_address("abc") == "http://localhost:8501/case?kept=abc"


def test_without_the_variables_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MM_PAGE_URL", raising=False)
    monkeypatch.setenv("MM_DASHBOARD_URL", "")
    assert page_address("abc") is None
    assert dashboard_address("abc") is None


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "localhost:8501", "http://", "/case"])
def test_what_is_no_address_is_said(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("MM_PAGE_URL", wrong)
    with pytest.raises(InvalidInput, match="MM_PAGE_URL"):
        page_address("abc")
