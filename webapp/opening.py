"""The examples, answered before anybody asks: each is explained once in this process, and the first one's maps are
tested, so that the page opens with a whole answer of the very model that runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.samples import RawInputs
from mm_core.serving import zerogpu
from mm_core.serving.client import Client
from webapp.context import VisitorCase
from webapp.examples import Example


class Opening:
    """Cases of the examples, by their number; made on first use, shared by all visitors and never changed."""

    def __init__(self, client: Client, examples: Sequence[Example]) -> None:
        self._client = client
        self._examples = examples
        self._cases: dict[int, VisitorCase] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Explain the first example and test its maps, in the background. (On ZeroGPU a pass is charged to a visitor,
        so nothing runs before one asks.)"""
        if self._examples and not zerogpu.is_active():
            threading.Thread(target=self._test_first, name="opening", daemon=True).start()

    def case(self, number: int) -> VisitorCase:
        """The answered and explained case of an example. TriadError where it can't be answered now."""
        with self._lock:
            if number not in self._cases:
                example = self._examples[number]
                checked = self._client.read(RawInputs(example.text, example.image, example.audio))
                evidence = self._client.explain(checked.case)
                self._cases[number] = VisitorCase(checked, evidence.prediction, evidence)
            return self._cases[number]

    def _test_first(self) -> None:
        try:
            case = self.case(0)
            tested: Evidence | None = None
            for step in self._client.evaluate_faithfulness(_explained(case)):
                tested = step.result
        except TriadError:
            return  # the service is busy or closing; whoever opens the page explains or tests the example then
        if tested is not None:
            with self._lock:
                self._cases[0] = replace(case, evidence=tested)


def _explained(case: VisitorCase) -> Evidence:
    assert case.evidence is not None
    return case.evidence
