"""Does the map hold up? The deletion and insertion test of the case at hand, on request, with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.figures import faithfulness_curves
from mm_core.labels import MODALITIES
from mm_core.wording import MODALITY_WORDS, percent
from webapp import markup
from webapp.block import block
from webapp.context import FORGOTTEN, Case, Context
from webapp.slot import Slot

WORK = "test"

_LEAD = (
    "A map is only worth something if it beats chance. The test takes away the parts that the map calls important, "
    "most important first, and compares with 99 random orders. It takes a few seconds."
)


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
            block(markup.heading("Do these maps hold up?", _LEAD))
            with gr.Row(elem_classes=["actions"]):
                self.start = gr.Button("Test them", elem_id="test-maps", min_width=140, scale=0)
                self.cancel = gr.Button("Cancel", elem_id="cancel-test", min_width=100, scale=0, visible=False)
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
            yield self._ended(markup.notice(FORGOTTEN, "hint"))
            return
        self.context.start(request, WORK)
        tested: Evidence | None = None
        try:
            with closing(self.context.service.evaluate_faithfulness(case.evidence)) as steps:
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

    def _abandoned(self, request: gr.Request, case: Case) -> bool:
        return self.context.case(request, self.place) is not case or self.context.stopped(request, WORK)

    def _going_on(self, fraction: float) -> list[Any]:
        return [
            gr.Button(interactive=False),
            gr.Button(visible=True),
            markup.progress(fraction, f"{percent(fraction)} tested", "Test of the maps"),
            *[gr.skip()] * len([*self._slot_outputs, *self.maps]),
        ]

    def _why_ended(self, request: gr.Request) -> str:
        if self.context.stopped(request, WORK):
            return markup.notice("The test was cancelled; nothing of it was kept.", "hint")
        if self.context.case(request, self.place) is None:
            return ""
        return markup.notice("The explanation has changed meanwhile, so the test was ended. Start it again.", "hint")

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
            updates += Slot.hide() if test is None else slot.show(faithfulness_curves(test), _title(modality))
        return updates


def _verdicts(evidence: Evidence) -> str:
    """One verdict a map, that of taking its parts away; beside it what all its tests found."""
    rows = []
    for modality in evidence.present:
        alone, beside = (evidence.faithfulness_of(modality, alone=alone) for alone in (True, False))
        decides = alone or beside
        found = [(t.deletion_p, t.insertion_p) if t and t.testable else None for t in (alone, beside)]
        cells = ["" if p is None else f"taken away p = {p[0]:.2f}, put back p = {p[1]:.2f}" for p in found]
        rows.append([f"the {MODALITY_WORDS[modality]}", "" if decides is None else decides.verdict, *cells])
    columns = ["Map of", "Verdict", "This input alone (decides)", "With the others present"]
    return markup.table(columns, rows, f"What the test says about the maps for {evidence.label}")


def _title(modality: str) -> str:
    words = escape(f"The {MODALITY_WORDS[modality]}")
    return f'<h4 class="modality-title {modality}"><i aria-hidden="true"></i>{words}</h4>'
