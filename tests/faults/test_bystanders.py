"""Rows 16 to 18: while six of each attack run, somebody with a plain text is answered, and memory stays.

The seconds here are generous, since the machine of a test is busy; ``benchmarks/bystanders.py`` measures them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import httpx
import pytest

from mm_core.storage import save
from tests.conftest import ROOT
from tests.faults.attacks import ATTACKS, Attack, besiege
from tests.toys import toy_model
from tests.ui.conftest import started_app

GENEROUS_SECONDS = 20.0
"""A busy machine answers slowly; before there were limits, a visitor waited 73 s."""

MOST_GROWTH = 500 * 1024**2
VISITS = 4


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Address and process of the app as people start it."""
    folder = tmp_path_factory.mktemp("model") / "toy"
    save(toy_model(), folder)
    with started_app("--model", str(folder)) as (url, process):
        picture = (ROOT / "assets" / "examples" / "astronaut.jpg").read_bytes()
        httpx.post(f"{url}/predict", files={"image": ("a.jpg", picture)}, timeout=120).raise_for_status()
        yield url, process


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_visitor_with_a_text_is_answered_meanwhile(served: tuple[str, int], attack: Attack) -> None:
    siege = besiege(*served, attack, VISITS)
    assert siege.statuses[attack.status] >= 1, siege.statuses
    assert set(siege.statuses) <= {attack.status, 0, 503, 504}, "refused by name, or told to come again"
    assert statistics.median(siege.waits) < GENEROUS_SECONDS
    assert siege.growth < MOST_GROWTH
