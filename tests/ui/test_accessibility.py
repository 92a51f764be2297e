"""axe-core finds nothing serious in the page's own markup; Gradio's own are listed in docs/accessibility.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.conftest import STILL

pytestmark = pytest.mark.browser

GRADIOS_OWN = {
    "label-content-name-mismatch": (".upload-container", ".playback"),
}
"""Rule to what it finds in components that Gradio draws; the same list stands in docs/accessibility.md."""

_RUN = "axe.run(document, {resultTypes: ['violations']})"


def serious(page: Any, axe: str) -> list[str]:
    """Serious and critical violations outside Gradio's own, a line each."""
    page.wait_for_function(STILL)
    page.evaluate(axe)
    found = []
    for violation in page.evaluate(_RUN)["violations"]:
        if violation["impact"] not in ("serious", "critical"):
            continue
        known = GRADIOS_OWN.get(violation["id"], ())
        for node in violation["nodes"]:
            target = str(node["target"][-1])
            inside = any(page.locator(target).first.evaluate("(e, s) => e.closest(s) !== null", sel) for sel in known)
            if not inside:
                found.append(f"{violation['id']}: {target} {node['html'][:120]}")
    return found


_FADED = """() => [...document.querySelectorAll('#answer .empty, #answer .empty *')].some(
    e => { for (; e; e = e.parentElement) if (getComputedStyle(e).opacity < 1) return true; return false; })"""


def settled(page: Any) -> None:
    """Wait until nothing fades: Gradio dims what it is about to fill while the page loads, contrast and all."""
    for _ in range(300):
        if not page.evaluate(_FADED):
            return
        page.wait_for_timeout(100)
    pytest.fail("the empty state is still dimmed after 30 s")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_in_our_own_markup(visits: Any, app_url: str, axe: str, scheme: str) -> None:
    visit = visits(app_url, color_scheme=scheme)
    settled(visit.page)
    assert serious(visit.page, axe) == []
    visit.page.click("#example-0")
    visit.explained()
    visit.page.click("#test-maps")
    visit.page.wait_for_selector("#test-progress table")
    assert serious(visit.page, axe) == []
    visit.open("Compare", "#compare-example")
    visit.page.click("#compare-example")
    visit.page.wait_for_selector("#compare-b-plot .js-plotly-plot")
    assert serious(visit.page, axe) == []
    for tab, content in (("Batch", "#batch-start"), ("About", ".about")):
        visit.open(tab, content)
        assert serious(visit.page, axe) == []


def test_axe_itself_sees_a_fault(visit: Any, axe: str) -> None:
    visit.page.evaluate("document.querySelector('.masthead').innerHTML = '<button></button>'")
    assert any("button-name" in line for line in serious(visit.page, axe))
