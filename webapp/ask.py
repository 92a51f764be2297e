"""The main tab: give a case, get an answer, switch inputs off, go on to the explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.what_if import without_modalities
from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say
from mm_core.samples import RawInputs
from mm_core.serving.handover import KEPT
from webapp import answer, explanation, inputs, markup, staleness, theme
from webapp.block import block
from webapp.context import PROGRESS, Context, VisitorCase, forgotten, place_shown
from webapp.examples import Example, card
from webapp.face_picker import FacePicker
from webapp.files import handed_out
from webapp.opening import Opening

PLACE: Final = "ask"
FORM: Final = "answer"
"""The form's name in ``staleness``."""

NO_EXAMPLE: Final = "none"
"""``?example=none`` opens an empty form, ``?example=2`` the third example."""


class Ask:
    """The tab's components and the handlers between them."""

    def __init__(self, context: Context, examples: list[Example]) -> None:
        self.context = context
        self.examples = examples
        self.opening = Opening(context.client, examples)
        self._example_cards()
        with gr.Row(elem_classes=["stage"]):
            with gr.Column(scale=5, min_width=320, elem_classes=["card", "giving"]):
                block(markup.heading(say("ask-title"), level=2))
                self.inputs = inputs.build("ask", with_reference=context.reads_reference)
                with gr.Row(elem_classes=["actions"]):
                    self.find_out = gr.Button(say("ask-find-out"), variant="primary", elem_id="find-out", scale=3)
                    self.clear = gr.Button(say("ask-clear"), elem_id="clear", scale=1, min_width=80)
                limits = markup.details(say("ask-limits-title"), markup.reading(inputs.limits_in_words()))
                privacy = markup.small(say("ask-keyboard"), "privacy") + markup.small(say("ask-privacy"), "privacy")
                block(f'<div class="small-notes">{privacy}{limits}</div>')
            with gr.Column(scale=6, min_width=320, elem_classes=["card", "telling"]):
                block(markup.changed_note(say("ask-inputs-changed")), "inputs-changed")
                with gr.Column(elem_id="answer"):
                    self.headline = block(answer.empty().whole, "headline", live=True)
                    self.reasons = block("", "reasons", live=True)
                    self.bars = block("", "bars")
                self.warnings = block("", "warnings", visible=False)
                with gr.Row(elem_classes=["force"]):
                    self.force = {
                        modality: gr.Button(
                            say("ask-force", modality=modality), size="sm", visible=False, elem_id=f"force-{modality}"
                        )
                        for modality in MODALITIES
                    }
                self.faces = FacePicker("ask")
                self.parts = gr.CheckboxGroup(
                    label=say("ask-switch"), choices=[], visible=False, elem_id="parts", elem_classes=["parts"]
                )
        self.explanation = explanation.Explanation(context, PLACE, self.reasons)
        self._connect()
        self.opening.prepare()

    def _example_cards(self) -> None:
        block(markup.heading(say("ask-examples"), level=2))
        with gr.Row(elem_classes=["examples"]):
            self.cards = [block(card(example), f"example-{number}") for number, example in enumerate(self.examples)]

    def _connect(self) -> None:
        asked = self.find_out.click(
            self.answer_case, self.inputs.all, self._outputs, js=staleness.asked(FORM, "why"), **self._modelled
        )
        self._explain_after(asked)
        for number, shown in enumerate(self.cards):
            chosen = shown.click(
                self._example(number), None, self.everything, js=staleness.waiting(FORM, "why"), **self._modelled
            )
            chosen.then(None, js=theme.SHOW_ANSWER, api_visibility="private")  # first: what is undimmed stays put
            chosen.then(None, self.inputs.all, js=staleness.filled(FORM, "why"), api_visibility="private")
        for modality, button in self.force.items():
            forced = button.click(self._force(modality), None, self._outputs, **self._modelled)
            self._explain_after(forced)
        picked = self.faces.choice.input(self.choose_face, self.faces.choice, self._outputs, **self._modelled)
        self._explain_after(picked)
        self.parts.input(
            self.switch,
            self.parts,
            [self.headline, self.reasons, self.bars],
            trigger_mode="always_last",
            **self._modelled,
        )
        cleared = self.clear.click(
            self.empty, None, self.everything, api_visibility="private", show_progress="hidden"
        )
        cleared.then(None, self.inputs.all, js=staleness.filled(FORM, "why"), api_visibility="private")
        for component in self.inputs.all:
            component.change(None, self.inputs.all, js=staleness.edited(FORM), api_visibility="private")  # type: ignore[attr-defined]  # every input has this event

    def open_on(self, load: Callable[..., Any]) -> None:
        """Answer the example that the address names, by default the first, when the page opens (``load``)."""
        opened = load(self.open, None, self.everything, **self._modelled)
        opened.then(None, self.inputs.all, js=staleness.filled(FORM, "why"), api_visibility="private")

    def answer_handed_over(self, event: Callable[..., Any]) -> None:
        """Answer what another tab has handed over (``Context.hand_over``) once ``event`` has put it into the form."""
        form = self.inputs.all
        marked = event(None, form, form, js=staleness.asked(FORM, "why"), api_visibility="private")
        self._explain_after(marked.then(self.answer_row, None, self._outputs, **self._modelled))

    @property
    def _outputs(self) -> list[gr.components.Component]:
        shown = [self.headline, self.reasons, self.bars, self.warnings, *self.force.values()]
        return [*shown, *self.faces.outputs, self.parts]

    @property
    def everything(self) -> list[Any]:
        """What ``show_record`` gives updates for."""
        return [*self.inputs.all, *self._outputs, *self.explanation.outputs]

    @property
    def _modelled(self) -> dict[str, Any]:
        return {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.headline,
            "concurrency_id": "predict",
            "concurrency_limit": 16,
        }

    def _explain_after(self, answered: Any) -> None:
        answered.then(None, js=theme.SHOW_ANSWER, api_visibility="private")
        answered.then(None, js=staleness.answered(FORM), api_visibility="private")
        explained = self.explanation.explain_after(answered.then)
        explained.then(None, js=staleness.EXPLAINED, api_visibility="private")

    def _example(self, number: int) -> Callable[[gr.Request], list[Any]]:
        def show(request: gr.Request) -> list[Any]:  # a partial function would not be given its request
            return self.show_example(number, request)

        return show

    def open(self, request: gr.Request) -> list[Any]:
        """The page as it opens: the case or the example that the address names, by default the first example, or an
        empty form where the address asks for one."""
        kept = request.query_params.get(KEPT)
        if kept is not None:
            return self.show_kept(kept, request)
        wanted = request.query_params.get("example", "0")
        if wanted == NO_EXAMPLE or not wanted.isdecimal() or int(wanted) >= len(self.examples):
            return [gr.skip()] * len(self.everything)
        return self.show_example(int(wanted), request)

    def show_example(self, number: int, request: gr.Request) -> list[Any]:
        """Put an example into the form together with its answer and its explanation."""
        example = self.examples[number]
        filled: list[Any] = [
            example.text or "",
            handed_out(self.inputs.image, example.image),
            handed_out(self.inputs.audio, example.audio),
            False,
            None,
        ]
        try:
            case = self.opening.case(number)
        except TriadError as error:
            return [*filled, *self._refusal(str(error)), *self.explanation.hidden()]
        self.context.hold(request, PLACE, case)
        assert case.prediction is not None
        assert case.evidence is not None
        shown = answer.answered(case.prediction)
        return [*filled, *self._updates(shown, case), *self.explanation.shown(case.evidence)]

    def show_kept(self, name: str, request: gr.Request) -> list[Any]:
        """Show the record that is held under a name as it was, and what was given in the form where it came along."""
        try:
            return self.show_record(self.context.client.kept(name), request)
        except TriadError as error:
            return [*[gr.skip()] * len(self.inputs.all), *self._refusal(str(error)), *self.explanation.hidden()]

    def show_record(self, evidence: Evidence, request: gr.Request) -> list[Any]:
        """Show a record as it is, and what was given in the form; TriadError where its inputs can't be read."""
        case = VisitorCase.of(evidence)
        self.context.hold(request, PLACE, case)
        return [
            *self.inputs.refilled(evidence.inputs),
            *self._updates(answer.answered(evidence.prediction), case),
            *self.explanation.shown(evidence),
        ]

    def answer_case(
        self,
        text: str,
        image: str | None,
        audio: str | None,
        clean: bool,
        reference: str | None,
        request: gr.Request,
        progress: gr.Progress = PROGRESS,
    ) -> list[Any]:
        """Read the inputs and answer; what can't be used is said in place of the answer."""
        return self._read(lambda: inputs.given(text, image, audio, clean, reference), request, progress)

    def answer_row(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> list[Any]:
        """Answer the case that was handed over, with what the form can't show of it: which face, what to force."""
        handed = self.context.handed_over(request)
        if handed is None:
            return self._refusal(forgotten())
        return self._read(lambda: handed, request, progress)

    def _read(self, given: Callable[[], RawInputs], request: gr.Request, progress: gr.Progress) -> list[Any]:
        begun = self.context.begin(request, PLACE)
        try:
            case = VisitorCase(self.context.client.read(given()))
        except TriadError as error:
            return self._refusal(str(error))
        return self._answered(request, begun, case, progress)

    def _force(self, modality: str) -> Callable[[gr.Request], list[Any]]:
        def use_anyway(request: gr.Request, progress: gr.Progress = PROGRESS) -> list[Any]:
            """Answer again with a modality that had been set aside."""
            case = self.context.case(request, PLACE)
            if case is None or case.checked is None:
                return self._refusal(forgotten())
            return self._answered(request, case, VisitorCase(case.checked.using(modality)), progress)

        return use_anyway

    def choose_face(self, number: int | None, request: gr.Request, progress: gr.Progress = PROGRESS) -> list[Any]:
        """Answer again about another face of the same picture."""
        case = self.context.case(request, PLACE)
        if case is None or case.checked is None:
            return self._refusal(forgotten())
        try:
            chosen = case.checked.choosing_face(number or 1)
        except TriadError as error:
            return self._refusal(str(error))
        return self._answered(request, case, VisitorCase(chosen), progress)

    def switch(self, chosen: list[str], request: gr.Request) -> list[str]:
        """The answer to the chosen modalities only, beside the answer to all; the record holds it already.

        The reasons are those of the whole answer, so they stand beside that alone.
        """
        shown = self._switched(chosen, request)
        evidence = self.context.evidence(request, PLACE)
        whole = evidence is not None and set(evidence.present) <= set(chosen)
        return [shown.headline, markup.reasons(evidence) if evidence and whole else "", shown.bars]

    def _switched(self, chosen: list[str], request: gr.Request) -> answer.Shown:
        case = self.context.case(request, PLACE)
        if case is None or case.prediction is None:
            return answer.refused(forgotten())
        gone = [m for m in case.prediction.present if m not in chosen]
        if not gone:
            return answer.answered(case.prediction)
        if len(gone) == len(case.prediction.present):
            return answer.all_off()
        try:
            evidence = case.evidence or self.context.client.explain(case.case)
        except TriadError as error:
            return answer.refused(str(error))
        return answer.changed(without_modalities(evidence, *gone))

    def empty(self, request: gr.Request) -> list[Any]:
        """Forget the case and clear the form."""
        self.context.forget(request, PLACE)
        cleared: list[Any] = ["", None, None, False, None]
        return [*cleared, *self._updates(answer.empty()), *self.explanation.hidden()]

    def _answered(self, request: gr.Request, before: object, case: VisitorCase, progress: gr.Progress) -> list[Any]:
        if case.present:
            try:
                answered = self.context.client.predict(case.case, place_shown(progress))
                case = replace(case, prediction=answered)
            except TriadError as error:
                return self._refusal(str(error))
        if not self.context.update(request, PLACE, before, case):
            return [gr.skip()] * len(self._outputs)
        told = case.prediction
        if told is not None:
            return self._updates(answer.answered(told), case)
        assert case.checked is not None
        return self._updates(answer.nothing_usable(case.checked), case)

    def _refusal(self, message: str) -> list[Any]:
        return self._updates(answer.refused(message))

    def _updates(self, shown: answer.Shown, case: VisitorCase | None = None) -> list[Any]:
        warnings = answer.warned(case.checked, case.prediction) if case else ""
        ignored = case.checked.ignored if case and case.checked else frozenset()
        present = case.present if case else ()
        choices = [(modality_word(m), m) for m in present]
        return [
            shown.headline,
            markup.reasons(case.evidence) if case and case.evidence else "",
            shown.bars,
            gr.HTML(warnings, visible=bool(warnings)),
            *(gr.Button(visible=m in ignored) for m in MODALITIES),
            *self.faces.shown(case.checked.picture if case and case.checked else None),
            gr.CheckboxGroup(choices=choices, value=list(present), visible=len(present) > 1),
        ]
