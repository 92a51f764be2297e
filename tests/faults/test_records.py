"""Row 22: records with valid digests and wild structure open as whole records or not at all.

TRIAD_FUZZ_RECORDS sets how many are made; 10,000 take some ten minutes.
"""

from __future__ import annotations

import json
import os
from collections import Counter

import numpy as np
import pytest

from mm_core import InvalidInput
from mm_core.evidence import Evidence
from mm_core.figures import evidence_page
from tests.faults.conftest import App
from tests.faults.records import HUGE, Forger, everything_of, non_finite, packed, parts_of
from tests.figures.cases import evidence

RECORDS = int(os.environ.get("TRIAD_FUZZ_RECORDS", "300"))

MOST_DRAWN = max(12, RECORDS // 20)
"""Records that open are drawn up to this number, which takes most of the time."""


def small_record() -> bytes:
    """A whole record of three modalities with a small picture and a short voice."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 18, 3), np.uint8)
    voice = 0.1 * np.sin(np.arange(8_000) / 9).astype(np.float32)
    return evidence(text="so happy & late", pixels=pixels, waveform=voice).to_bytes()


@pytest.fixture(scope="module")
def good() -> bytes:
    return small_record()


def forged(content: bytes, before: str, after: str) -> bytes:
    """The record with one spelling replaced and the digest made anew."""
    parts = parts_of(content)
    changed = parts["evidence.json"].decode().replace(before, after, 1)
    assert changed != parts["evidence.json"].decode()
    return packed({**parts, "evidence.json": changed.encode()})


WILD = {
    "400 digits": ('"milliseconds": 48.2', f'"milliseconds": {HUGE}'),
    "1e999": ('"milliseconds": 48.2', '"milliseconds": 1e999'),
    "1e300": ('"milliseconds": 48.2', '"milliseconds": 1e300'),
    "NaN": ('"milliseconds": 48.2', '"milliseconds": NaN'),
    "nothing": ('"milliseconds": 48.2', '"milliseconds": null'),
    "a key twice": ('"task":', '"task": "emotion", "task":'),
    "10,000 levels": ('"created": ', '"created": ' + "[" * 10_000),
}


class TestRow22Numbers:
    @pytest.mark.timeout(7200)
    def test_structural_mutations_never_escape_nor_reach_a_figure(self, good: bytes) -> None:
        forger, seen = Forger(good), Counter[str]()
        with np.errstate(all="raise", under="ignore"):
            for _ in range(RECORDS):
                content = forger.forged()
                try:
                    record = Evidence.from_bytes(content)
                except InvalidInput:
                    seen["refused"] += 1
                    continue
                seen["opened"] += 1
                if seen["opened"] > MOST_DRAWN:
                    continue
                for name, make in everything_of(record):
                    wild = non_finite(make())
                    assert not wild, (name, wild[:3])
        assert min(seen["refused"], seen["opened"]) > RECORDS // 100, seen

    @pytest.mark.parametrize("name", WILD)
    def test_over_rest_they_are_422_in_every_form_of_the_answer(self, app: App, good: bytes, name: str) -> None:
        files = {"evidence": ("case.triad", forged(good, *WILD[name]))}
        for path, more in (("/faithfulness", {}), ("/what-if", {"change": (None, '{"remove": "text"}')})):
            for accept in ("application/json", "text/html", "application/zip"):
                answer = app.post(path, files={**files, **more}, headers={"Accept": accept})
                assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")
        assert app.post("/cases", files=files).status_code == 422

    @pytest.mark.parametrize("number", [HUGE, "1e999", "NaN", "-Infinity"])
    def test_numbers_of_a_change_too(self, app: App, number: str) -> None:
        for change in (f'{{"mute": [0, {number}]}}', f'{{"mask_region": [{number}, 0, 1, 1]}}'):
            app.refuses(path="/what-if", files={"text": (None, "so happy"), "change": (None, change)})
        app.refuses(
            path="/what-if", files={"text": (None, "so sad"), "change": (None, f'{{"mask_words": [{number}]}}')}
        )

    @pytest.mark.parametrize("number", [HUGE, "1e999", "NaN"])
    def test_numbers_of_the_pages_events_too(self, app: App, number: str) -> None:
        body = f'{{"data": [{number}], "fn_index": {number}}}'.encode()
        for path in ("/gradio_api/queue/join", "/gradio_api/run/answer", "/gradio_api/call/answer"):
            answer = app.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 400

    def test_what_opens_is_drawn_as_a_page_without_gaps(self, good: bytes) -> None:
        page = evidence_page(Evidence.from_bytes(good))
        specs = [part.split("</script>")[0] for part in page.split('<script type="application/json">')[1:]]
        assert specs
        for spec in specs:
            json.loads(spec, parse_constant=lambda name: pytest.fail(f"{name} in the page"))
