"""Under the answer: what each input adds, which parts of it matter, and for which class this is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.explain.methods import METHODS, title_of
from mm_core.figures import lattice, relevance, shapley_bars, waterfall
from mm_core.labels import MODALITIES
from mm_core.locale import label_word, say
from webapp import markup
from webapp.attention import Attention
from webapp.block import block
from webapp.context import PROGRESS, Context, VisitorCase, forgotten, place_shown
from webapp.keep import Keep
from webapp.proof import Proof
from webapp.questions import Questions
from webapp.slot import Slot

DEFAULT: Final = "default"
"""The choice of relevance method that takes each modality's default."""


class Explanation:
    """The components of the explanation and the handlers that fill them. reasons: where the sentence of reasons
    stands, which belongs to the answer."""

    def __init__(self, context: Context, place: str, reasons: gr.HTML) -> None:
        self.context = context
        self.place = place
        self.reasons = reasons
        with gr.Column(visible=False, elem_id="explanation", elem_classes=["explanation"]) as self.column:
            with gr.Row(elem_classes=["why"]):
                block(markup.heading(say("why-title"), say("why-lead"), level=2))
                self.target = _choice(say("why-target"), "target", 150)
            self.message = block("", "explanation-message")
            with gr.Column(elem_classes=["card"]):
                self.shapley = Slot("shapley")
            with gr.Column(elem_classes=["card"]):
                with gr.Row(elem_classes=["why"]):
                    block(markup.heading(say("maps-title")))
                    self.method = _choice(say("maps-method"), "method", 200)
                with gr.Row(elem_classes=["maps"]):
                    self.maps = {m: Slot(f"map-{m}") for m in MODALITIES}
            self.proof = Proof(context, place, [*self.map_outputs, self.reasons], self._retested)
            with (
                gr.Accordion(say("experts-title"), open=False, elem_id="experts", elem_classes=["experts"]),
                gr.Column(elem_classes=["explanation"]),
            ):
                with gr.Row(elem_classes=["why"]):
                    block(markup.heading(say("dividends-title"), say("dividends-lead")))
                    measures = [(say("unit", unit=name), name) for name in ("logit", "probability")]
                    self.measure = _choice(say("dividends-measure"), "measure", 170, measures)
                with gr.Row(elem_classes=["pair-of-cards"]):
                    with gr.Column(elem_classes=["card"], scale=6, min_width=320):
                        self.waterfall = Slot("waterfall")
                    with gr.Column(elem_classes=["card"], scale=5, min_width=320):
                        self.lattice = Slot("lattice")
                self.attention = Attention(context, place)
            self.questions = Questions(context, place)
            self.keep = Keep(context, place)
        self.target.input(self.retarget, self.target, [*self.outputs, self.reasons], **self._quietly)
        self.measure.input(self.remeasure, self.measure, self._game_outputs, **self._quietly)
        self.method.input(self.remap, self.method, self.map_outputs, **self._quietly)

    @property
    def _quietly(self) -> dict[str, Any]:
        return {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.message,
            "concurrency_id": "explain",
            "concurrency_limit": 8,
        }

    @property
    def _game_outputs(self) -> list[Any]:
        return [*self.waterfall.outputs, *self.lattice.outputs]

    @property
    def map_outputs(self) -> list[Any]:
        """What ``map_updates`` gives updates for."""
        return [output for slot in self.maps.values() for output in slot.outputs]

    @property
    def outputs(self) -> list[Any]:
        """Everything that a new explanation fills."""
        return [
            self.column,
            self.message,
            self.target,
            self.measure,
            self.method,
            *self.shapley.outputs,
            *self._game_outputs,
            *self.map_outputs,
            *self.attention.outputs,
            *self.proof.outputs,
            *self.questions.outputs,
            *self.keep.outputs,
        ]

    def explain_after(self, event: Callable[..., Any]) -> Any:
        """Explain the case once ``event`` has answered it; gives the event of the explanation."""
        return event(self.explain, None, [*self.outputs, self.reasons], **self._quietly)

    def explain(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> list[Any]:
        """Explain the case that was just answered; nothing where there is none."""
        case = self.context.case(request, self.place)
        if case is None or case.prediction is None:
            return [*self.hidden(), ""]
        return self._explained(request, case, progress)

    def retarget(self, target: str, request: gr.Request, progress: gr.Progress = PROGRESS) -> list[Any]:
        """Explain another class of the same case."""
        case = self.context.case(request, self.place)
        if case is None:
            return [*self._said(forgotten()), gr.skip()]
        task, label = target.split(":")
        return self._explained(request, case, progress, task=task, label=label)

    def remeasure(self, measure: str, request: gr.Request) -> list[Any]:
        """Show the contributions in logits or in probability."""
        evidence = self.context.evidence(request, self.place)
        if evidence is None:
            return [*Slot.hide(markup.notice(forgotten(), "hint")), *Slot.hide()]
        return self._game(evidence, measure)

    def remap(self, method: str, request: gr.Request) -> list[Any]:
        """Show the maps of another method, which is computed where it has not been yet."""
        case = self.context.case(request, self.place)
        if case is None or case.evidence is None:
            return self._unmapped(forgotten())
        evidence = case.evidence
        name = None if method == DEFAULT else method
        if name and any(evidence.relevance_of(m, name) is None for m in evidence.present):
            try:
                more = self.context.client.explain(
                    case.case, label=evidence.label, task=evidence.task, methods=[name], keep_inputs=False
                )
            except TriadError as error:
                return self._unmapped(str(error))
            evidence = evidence.with_relevance(*more.relevance)
            if not self.context.update(request, self.place, case, replace(case, evidence=evidence)):
                return [gr.skip()] * len(self.map_outputs)
        return self.map_updates(evidence, name)

    def hidden(self) -> list[Any]:
        """Updates for a page without an explanation."""
        return [gr.Column(visible=False), *[gr.skip()] * (len(self.outputs) - 1)]

    def map_updates(self, evidence: Evidence, method: str | None = None) -> list[Any]:
        """The maps of the present modalities; the place of an absent one is not shown."""
        updates: list[Any] = []
        for modality, slot in self.maps.items():
            if modality in evidence.present:
                updates += slot.show(relevance(evidence, modality, method), markup.map_title(modality))
            else:
                updates += Slot.hide()
        return updates

    def shown(self, evidence: Evidence) -> list[Any]:
        """Updates that show a new explanation, in the order of ``outputs``."""
        methods = [(say("maps-default-method"), DEFAULT), *((title_of(name), name) for name in METHODS)]
        return [
            gr.Column(visible=True),
            "",
            gr.Dropdown(targets(evidence), value=f"{evidence.task}:{evidence.label}"),
            gr.Dropdown(value="logit"),
            gr.Dropdown(methods, value=DEFAULT),
            *self.shapley.show(shapley_bars(evidence)),
            *self._game(evidence, "logit"),
            *self.map_updates(evidence),
            *self.attention.show(evidence),
            *self.proof.show(evidence),
            *self.questions.cleared(),
            *self.keep.show(),
        ]

    def _retested(self, evidence: Evidence) -> list[Any]:
        return [*self.map_updates(evidence), markup.reasons(evidence)]

    def _explained(self, request: gr.Request, case: VisitorCase, progress: gr.Progress, **options: Any) -> list[Any]:
        try:
            evidence = self.context.client.explain(case.case, waiting=place_shown(progress), **options)
        except TriadError as error:
            return [*self._said(str(error)), gr.skip()]
        if not self.context.update(request, self.place, case, replace(case, evidence=evidence)):
            return [gr.skip()] * (len(self.outputs) + 1)
        return [*self.shown(evidence), markup.reasons(evidence)]

    def _game(self, evidence: Evidence, measure: str) -> list[Any]:
        if len(evidence.present) < 2:  # one step from nothing to the answer says nothing that the bars have not said
            words = markup.small(shapley_bars(evidence).reading, "absent")
            return [*Slot.hide(words), *Slot.hide()]
        return [
            *self.waterfall.show(waterfall(evidence, value=measure)),
            *self.lattice.show(lattice(evidence)),
        ]

    def _said(self, message: str) -> list[Any]:
        shown = [gr.Column(visible=True), markup.notice(message, "hint")]
        return [*shown, *[gr.skip()] * (len(self.outputs) - len(shown))]

    def _unmapped(self, message: str) -> list[Any]:
        said = markup.notice(message, "hint")
        return [update for index in range(len(self.maps)) for update in Slot.hide(said if index == 0 else "")]


def targets(evidence: Evidence) -> list[tuple[str, str]]:
    """The classes that a record can be explained for: each in words, and as ``task:label``."""
    return [
        (
            label_word(label) if task == "emotion" else say("why-target-of-task", label=label, task=task),
            f"{task}:{label}",
        )
        for task, labels in evidence.coalitions.labels.items()
        for label in labels
    ]


def _choice(label: str, elem_id: str, width: int, choices: Sequence[tuple[str, str]] = ()) -> gr.Dropdown:
    first = choices[0][1] if choices else None
    return gr.Dropdown(choices, value=first, label=label, elem_id=elem_id, min_width=width, scale=0, filterable=False)
