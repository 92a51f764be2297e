"""The page with a model that is not ours: ``python app.py --model predictor.yaml``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.predictors.boxes import write_box
from tests.ui.conftest import running_app
from webapp import examples

pytestmark = pytest.mark.browser


def test_a_black_box_is_answered_explained_and_tested_on_the_page(visits: Any, tmp_path) -> None:
    with running_app("--model", str(write_box(tmp_path))) as url:
        visit = visits(url)
        page = visit.page
        assert "Which of proud and bored fits" in page.locator(".masthead").inner_text()
        page.get_by_label("Words", exact=True).first.fill("i am so happy today")
        visit.give("#ask-image", examples.FOLDER / "astronaut.jpg")
        page.wait_for_selector("#ask-image img")
        said = visit.find_out()
        assert "proud" in said
        assert "Judged from the words and the face." in said
        assert "Sentiment" not in said
        assert "does not judge whether two inputs say the same" in said
        visit.explained()
        assert "happy" in page.locator("#map-text-foot").inner_text()
        visit.for_experts()
        assert "does not show attention" in page.locator("#attention-unshown").inner_text()
        assert not page.locator("#attention").is_visible()
        visit.choose("#method", "gradient × input")
        page.get_by_text("does not show the attention or the gradients").wait_for()
        visit.choose("#method", "occlusion")
        page.locator("#map-image-plot .js-plotly-plot").wait_for()
        page.locator("#parts").get_by_label("words").uncheck()
        page.wait_for_selector("#answer .change")
        assert "Without the words" in page.locator("#answer .change").inner_text()
        visit.settled()
        page.screenshot(path=str(tmp_path / "page.png"), full_page=True)
