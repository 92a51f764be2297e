"""Does the map hold up? The deletion and insertion test of the case at hand, on request, with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.explain.records import RANDOM_ORDERS, Faithfulness
from mm_core.figures import faithfulness_curves
from mm_core.figures.heatmap import verdict_word
from mm_core.labels import MODALITIES
from mm_core.locale import say, the_modality
from webapp import markup
from webapp.block import block
from webapp.context import Context, VisitorCase, forgotten
from webapp.slot import Slot

WORK = "test"


class Proof:
    """The button, the progress and the results; the maps above turn grey where they are no better than chance.

    maps: their components. redraw: what these show of a record.
    """

    def __init__(
        self, context: Context, place: str, maps: Sequence[Any], redraw: Callable[[Evidence], list[Any]]
    ) -> None:
        self.context = context
        self.place = place
        self.maps, self.redraw = list(maps), redraw
        with gr.Column(elem_classes=["card"], elem_id="proof"):
            block(markup.heading(say("proof-title"), say("proof-lead", orders=RANDOM_ORDERS)))
            with gr.Row(elem_classes=["actions"]):
                self.start = gr.Button(say("proof-start"), elem_id="test-maps", min_width=140, scale=0)
                self.cancel = gr.Button(say("cancel"), elem_id="cancel-test", min_width=100, scale=0, visible=False)
            self.progress = block("", "test-progress")
            with gr.Row(elem_classes=["maps"]):
                self.slots = {m: Slot(f"test-{m}") for m in MODALITIES}

        self.start.click(
            self.run,
            None,
            [self.start, self.cancel, self.progress, *self._slot_outputs, *self.maps],
            api_visibility="private",
            show_progress="hidden",
            concurrency_id="test",
            concurrency_limit=2,
        )
        self.cancel.click(self.stop, None, None, api_visibility="private", queue=False)

    @property
    def outputs(self) -> list[Any]:
        """What ``show`` gives updates for: not the buttons, which a test begun meanwhile may have changed."""
        return [self.progress, *self._slot_outputs]

    @property
    def _slot_outputs(self) -> list[Any]:
        return [output for slot in self.slots.values() for output in slot.outputs]

    def show(self, evidence: Evidence) -> list[Any]:
        """Ready to be run for a new explanation."""
        return ["", *self._curves(evidence)]

    def run(self, request: gr.Request) -> Iterator[list[Any]]:
        """Test every map of the case; each yield shows how far it is."""
        case = self.context.case(request, self.place)
        if case is None or case.evidence is None:
            yield self._ended(markup.notice(forgotten(), "hint"))
            return
        self.context.start(request, WORK)
        tested: Evidence | None = None
        try:
            with closing(self.context.client.evaluate_faithfulness(case.evidence)) as steps:
                for step in steps:
                    tested = step.result
                    if tested is not None or self._abandoned(request, case):
                        break
                    yield self._going_on(step.fraction)
        except TriadError as error:
            yield self._ended(markup.notice(str(error), "hint"))
            return
        if tested is None or not self.context.update(request, self.place, case, replace(case, evidence=tested)):
            yield self._ended(self._why_ended(request))
            return
        yield [*self._idle(), _verdicts(tested), *self._curves(tested), *self.redraw(tested)]

    def stop(self, request: gr.Request) -> None:
        """End the test at its next step."""
        self.context.stop(request, WORK)

    def _abandoned(self, request: gr.Request, case: VisitorCase) -> bool:
        return self.context.case(request, self.place) is not case or self.context.stopped(request, WORK)

    def _going_on(self, fraction: float) -> list[Any]:
        return [
            gr.Button(interactive=False),
            gr.Button(visible=True),
            markup.progress(fraction, say("proof-progress", fraction=fraction), say("proof-progress-label")),
            *[gr.skip()] * len([*self._slot_outputs, *self.maps]),
        ]

    def _why_ended(self, request: gr.Request) -> str:
        if self.context.stopped(request, WORK):
            return markup.notice(say("proof-cancelled"), "hint")
        if self.context.case(request, self.place) is None:
            return ""
        return markup.notice(say("proof-outdated"), "hint")

    def _ended(self, message: str) -> list[Any]:
        rest = len([*self._slot_outputs, *self.maps])
        return [*self._idle(), message, *[gr.skip()] * rest]

    @staticmethod
    def _idle() -> list[Any]:
        return [gr.Button(interactive=True), gr.Button(visible=False)]

    def _curves(self, evidence: Evidence) -> list[Any]:
        updates: list[Any] = []
        for modality, slot in self.slots.items():
            test = evidence.faithfulness_of(modality) if modality in evidence.present else None
            updates += (
                Slot.hide() if test is None else slot.show(faithfulness_curves(test), markup.map_title(modality))
            )
        return updates


def _verdicts(evidence: Evidence) -> str:
    """One verdict a map, and beside it how often random orders did as well in both tests of both settings."""
    rows = []
    for modality in evidence.present:
        tests = [evidence.faithfulness_of(modality, alone=alone) for alone in (True, False)]
        first = next((test for test in tests if test is not None), None)
        if first is not None:
            rows.append([the_modality(modality), _verdict_word(first), *map(_numbers, tests)])
    columns = [say("proof-column", column=name) for name in ("map", "verdict", "alone", "together")]
    return markup.table(columns, rows, say("proof-caption", label=evidence.label))


def _verdict_word(test: Faithfulness) -> str:
    """The verdict of a test in the language in use."""
    return verdict_word(test.verdict)


def _numbers(test: Faithfulness | None) -> str:
    if test is None or not test.testable:
        return ""
    return say("proof-numbers", deletion=float(test.deletion_p), insertion=float(test.insertion_p))
