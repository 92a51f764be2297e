"""The exported page: whole, safe, and without any address to fetch."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mm_core.figures import evidence_page, waterfall
from mm_core.figures.page import script_json
from tests.figures.cases import evidence

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script> &amp; \u2028 joy"


@pytest.fixture(scope="module")
def page() -> str:
    return evidence_page(evidence(text=EVIL))


def own(page: str) -> str:
    """The page without Plotly's code."""
    return re.sub(r"<script>.*?</script>", "<script></script>", page, flags=re.S)


def test_everything_is_on_the_page_in_order(page: str) -> None:
    order = [
        "Mostly joy, 87% sure",
        "Probabilities of each emotion",
        "Why this answer",
        "What moves the answer towards joy",
        "Which words matter",
        "Which patches matter",
        "Which moments matter",
        "Can the explanation be trusted?",
        "The answer to every combination",
        "Does the map of the words beat chance?",
        "Attention from text to image",
        "Record",
        "ab" * 32,
        "cd" * 32,
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "not what a person feels" in page
    assert "The sound is long (41 s)" in page


def test_it_is_under_eight_megabytes_even_for_long_inputs() -> None:
    seconds = 30
    random = np.random.default_rng(0)
    long = evidence_page(
        evidence(
            text="word " * 126,
            pixels=random.integers(0, 256, (1024, 1024, 3), np.uint8),
            waveform=(0.3 * random.standard_normal(seconds * 16_000)).astype(np.float32),
        )
    )
    assert len(long.encode()) < 8_000_000


def test_only_the_page_s_own_two_scripts_may_run(page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == rules["media-src"] == "data:"
    assert "unsafe" not in rules["script-src"]
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.S)
    hashes = ["'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() + "'" for s in scripts]
    assert rules["script-src"].split() == hashes
    assert len(scripts) == 2


def test_no_address_is_fetched_and_no_user_text_is_alive(page: str) -> None:
    text = own(page)
    assert "http:" not in text
    assert "https:" not in text
    assert "<img" not in text
    assert "alert(2)</script>" not in text
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert text.count("&lt;") > 4, "the words themselves are still there to be read"


def test_every_chart_has_its_sentence_and_its_data(page: str) -> None:
    charts = re.findall(r"<figure>(.*?)</figure>", own(page), flags=re.S)
    assert len(charts) == 20
    assert all(re.search(r"<figcaption>[^<]+\.</figcaption>", chart) for chart in charts)
    specs = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.S)
    assert all({"data", "layout"} <= set(json.loads(spec)) for spec in specs)


def test_a_chart_s_json_can_end_no_script() -> None:
    record = evidence(text="</script><!--")
    from mm_core.figures import relevance

    text = script_json(relevance(record, "text", selectable=True))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["data"][0]["customdata"][0] == [0]
    assert json.loads(script_json(waterfall(record)))["data"]


def test_a_record_without_inputs_says_so_and_has_no_sound() -> None:
    page = own(evidence_page(evidence(inputs=False)))
    assert "<audio" not in page
    assert "data:image" not in page
    assert "not kept" in page


def test_a_record_of_one_modality_has_a_page_too() -> None:
    page = own(evidence_page(evidence(("audio",))))
    assert "There is one input only" in page
    assert "Attention from" not in page
    empty = replace(evidence(("audio",)), faithfulness=(), relevance=())
    assert "This map has not been made" in own(evidence_page(empty))


def test_attention_that_is_too_much_for_a_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    record = evidence(("text", "audio"))
    cells = len(record.units["text"]) * len(record.units["audio"])
    monkeypatch.setattr("mm_core.figures.page.CELLS_SHOWN", cells)
    page = own(evidence_page(record))
    assert "Attention from text to audio" in page
    assert "Attention from audio to text" not in page
    assert "voice → words: too many" in page


@pytest.mark.browser
def test_a_browser_draws_it_without_a_request_or_a_complaint(page: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    file = tmp_path / "case.html"
    file.write_text(page, encoding="utf-8")
    requests: list[str] = []
    complaints: list[str] = []
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
    arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    chromium = next((p for p in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if p.exists()), None)
    if chromium is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=str(chromium), headless=True, args=arguments,
            viewport={"width": 360, "height": 740}, color_scheme="dark",
        )  # fmt: skip
        tab: Any = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append("a dialog"), dialog.dismiss()))
        tab.goto(file.as_uri(), timeout=180_000)
        tab.wait_for_selector("html[data-drawn=yes]", state="attached", timeout=180_000)
        charts = tab.locator(".plot")
        assert charts.count() == tab.locator(".plot .main-svg:first-child").count() > 10
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        ink = tab.locator(".ytick text").first.evaluate("e => getComputedStyle(e).fill")
        assert ink == "rgb(211, 216, 224)", "dark pages have light text"
        assert tab.evaluate("document.querySelectorAll('img').length") == 0
        context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
