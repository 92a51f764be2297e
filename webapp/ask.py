"""The main tab: give a case, get an answer, switch inputs off, go on to the explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence.what_if import without_modalities
from mm_core.labels import MODALITIES
from mm_core.wording import MODALITY_WORDS
from webapp import answer, explanation, inputs, markup, theme
from webapp.block import block
from webapp.context import FORGOTTEN, Case, Context
from webapp.examples import Example, card
from webapp.files import handed_out

PLACE = "ask"

PRIVACY = (
    "Used for your answer only, then forgotten: when you clear the form or close the page, and after 15 minutes at "
    "the latest. Nothing is logged or stored."
)


class Ask:
    """The tab's components and the handlers between them."""

    def __init__(self, context: Context, examples: list[Example]) -> None:
        self.context = context
        with gr.Row(elem_classes=["stage"]):
            with gr.Column(scale=5, min_width=320, elem_classes=["card", "giving"]):
                block(markup.heading("Give one, two or all three", level=2))
                self.inputs = inputs.build("ask")
                with gr.Row(elem_classes=["actions"]):
                    self.find_out = gr.Button("Find out", variant="primary", elem_id="find-out", scale=3)
                    self.clear = gr.Button("Clear", elem_id="clear", scale=1, min_width=80)
                limits = markup.details("What can be given", markup.reading(inputs.limits_in_words()))
                block(f'<div class="small-notes"><p class="privacy">{PRIVACY}</p>{limits}</div>')
            with gr.Column(scale=6, min_width=320, elem_classes=["card", "telling"]):
                self.answer = block(answer.EMPTY, "answer", live=True)
                self.warnings = block("", "warnings", visible=False)
                with gr.Row(elem_classes=["force"]):
                    self.force = {
                        modality: gr.Button(
                            f"Use the {words} anyway", size="sm", visible=False, elem_id=f"force-{modality}"
                        )
                        for modality, words in MODALITY_WORDS.items()
                    }
                self.parts = gr.CheckboxGroup(
                    label="Switch one off to see what changes",
                    choices=[],
                    visible=False,
                    elem_id="parts",
                    elem_classes=["parts"],
                )
        self._example_cards(examples)
        self.explanation = explanation.Explanation(context, PLACE)
        self._connect(examples)

    def _example_cards(self, examples: list[Example]) -> None:
        block(markup.heading("Or try one of these", level=2))
        with gr.Row(elem_classes=["examples"]):
            self.cards = [block(card(example), f"example-{number}") for number, example in enumerate(examples)]

    def _connect(self, examples: list[Example]) -> None:
        self._answer_after(self.find_out.click)
        for shown, example in zip(self.cards, examples, strict=True):
            filled = shown.click(
                partial(self.fill, example), None, self.inputs.all, api_visibility="private", show_progress="hidden"
            )
            self._answer_after(filled.then)
        for modality, button in self.force.items():
            forced = button.click(self._force(modality), None, self._outputs, **self._modelled)
            self.explanation.explain_after(forced.then)
        self.parts.input(self.switch, self.parts, self.answer, trigger_mode="always_last", **self._modelled)
        self.clear.click(
            self.empty,
            None,
            [*self.inputs.all, *self._outputs, *self.explanation.outputs],
            api_visibility="private",
            show_progress="hidden",
        )

    @property
    def _outputs(self) -> list[gr.components.Component]:
        return [self.answer, self.warnings, *self.force.values(), self.parts]

    @property
    def _modelled(self) -> dict[str, Any]:
        return {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.answer,
            "concurrency_id": "predict",
            "concurrency_limit": 16,
        }

    def _answer_after(self, event: Callable[..., Any]) -> None:
        answered = event(self.answer_case, self.inputs.all, self._outputs, **self._modelled)
        answered.then(None, js=theme.SHOW_ANSWER, api_visibility="private")
        self.explanation.explain_after(answered.then)

    def fill(self, example: Example) -> list[Any]:
        """Put an example into the form."""
        image = handed_out(self.inputs.image, example.image)
        return [example.text or "", image, handed_out(self.inputs.audio, example.audio), False]

    def answer_case(
        self, text: str, image: str | None, audio: str | None, clean: bool, request: gr.Request
    ) -> list[Any]:
        """Read the inputs and answer; what can't be used is said in place of the answer."""
        begun = self.context.begin(request, PLACE)
        try:
            case = Case(self.context.service.read("predict", inputs.given(text, image, audio, clean)))
        except TriadError as error:
            return self._refusal(str(error))
        return self._answered(request, begun, case)

    def _force(self, modality: str) -> Callable[[gr.Request], list[Any]]:
        def use_anyway(request: gr.Request) -> list[Any]:
            """Answer again with a modality that had been set aside."""
            case = self.context.case(request, PLACE)
            if case is None:
                return self._refusal(FORGOTTEN)
            sample = case.sample.replace(ignored=case.sample.ignored - {modality})
            return self._answered(request, case, Case(sample))

        return use_anyway

    def switch(self, chosen: list[str], request: gr.Request) -> str:
        """The answer to the chosen modalities only, beside the answer to all; the record holds it already."""
        case = self.context.case(request, PLACE)
        if case is None or case.prediction is None:
            return answer.refused(FORGOTTEN)
        gone = [m for m in case.prediction.present if m not in chosen]
        if not gone:
            return answer.answered(case.prediction)
        if len(gone) == len(case.prediction.present):
            return answer.answered(case.prediction) + markup.notice("Leave at least one switched on.", "hint")
        try:
            evidence = case.evidence or self.context.service.explain(case.sample)
        except TriadError as error:
            return answer.refused(str(error))
        return answer.changed(without_modalities(evidence, *gone))

    def empty(self, request: gr.Request) -> list[Any]:
        """Forget the case and clear the form."""
        self.context.forget(request, PLACE)
        cleared: list[Any] = ["", None, None, False]
        return [*cleared, *self._updates(answer.EMPTY), *self.explanation.hidden()]

    def _answered(self, request: gr.Request, before: object, case: Case) -> list[Any]:
        if case.sample.present:
            try:
                case = replace(case, prediction=self.context.service.predict(case.sample))
            except TriadError as error:
                return self._refusal(str(error))
        if not self.context.update(request, PLACE, before, case):
            return [gr.skip()] * len(self._outputs)
        answered = case.prediction
        shown = answer.nothing_usable(case.sample) if answered is None else answer.answered(answered)
        return self._updates(shown, case)

    def _refusal(self, message: str) -> list[Any]:
        return self._updates(answer.refused(message))

    def _updates(self, shown: str, case: Case | None = None) -> list[Any]:
        warnings = answer.warned(case.sample, case.prediction) if case else ""
        ignored = case.sample.ignored if case else frozenset()
        present = case.sample.present if case else ()
        choices = [(MODALITY_WORDS[m], m) for m in present]
        return [
            shown,
            gr.HTML(warnings, visible=bool(warnings)),
            *(gr.Button(visible=m in ignored) for m in MODALITIES),
            gr.CheckboxGroup(choices=choices, value=list(present), visible=len(present) > 1),
        ]
