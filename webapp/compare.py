"""The Compare tab: two cases side by side, explained for one class on one axis."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any, Final

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.two_cases import TwoCases
from mm_core.figures import shapley_bars
from mm_core.locale import label_word, percent, points, say, task_kind
from webapp import answer, inputs, markup, staleness
from webapp.block import block
from webapp.context import PROGRESS, Context, VisitorCase, forgotten, place_shown
from webapp.examples import Example
from webapp.explanation import targets
from webapp.face_picker import FacePicker
from webapp.files import handed_out
from webapp.slot import Slot

SIDES: Final = ("A", "B")

FORM: Final = "compare"
"""The two cases' name in ``staleness``."""


class Compare:
    """Two sets of inputs, two answers, and what lies between them. The cases are held for a while, so that another
    class and the other order need no model."""

    def __init__(self, context: Context, examples: list[Example]) -> None:
        self.context = context
        block(markup.heading(say("compare-title"), say("compare-lead"), level=2))
        self.inputs, self.answers, self.charts, self.faces = {}, {}, {}, {}
        with gr.Row(elem_classes=["stage"]):
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    block(markup.heading(say("compare-case", case=side)))
                    self.inputs[side] = inputs.build(
                        f"compare-{side.lower()}", case=side, with_reference=context.reads_reference
                    )
        with gr.Row(elem_classes=["actions", "centred"]):
            start = gr.Button(
                say("compare-start"), variant="primary", elem_id="compare-start", scale=0, min_width=220
            )
            swap = gr.Button(say("compare-swap"), elem_id="compare-swap", scale=0, min_width=160)
            example = gr.Button(say("compare-example"), elem_id="compare-example", scale=0, min_width=260)
        self.message = block("", "compare-message")
        block(markup.changed_note(say("compare-inputs-changed")), "compare-changed")
        with gr.Column(visible=False, elem_id="compare-why", elem_classes=["card"]) as self.why:
            with gr.Row(elem_classes=["why"]):
                block(markup.heading(say("compare-verdict-title")))
                self.target = gr.Dropdown(
                    [],
                    label=say("why-target"),
                    elem_id="compare-target",
                    min_width=170,
                    scale=0,
                    filterable=False,
                )
            self.verdict = block("", "compare-verdict", live=True)
        with gr.Row(elem_classes=["stage"], visible=False, elem_id="compare-results") as self.results:
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    block(markup.heading(say("compare-case", case=side)))
                    self.charts[side] = Slot(f"compare-{side.lower()}")
                    self.answers[side] = block("", f"compare-answer-{side.lower()}", live=True)
                    self.faces[side] = FacePicker(f"compare-{side.lower()}")
        given = [component for side in SIDES for component in self.inputs[side].all]
        why = [self.verdict, *(output for side in SIDES for output in self.charts[side].outputs)]
        told = [*(self.answers[side] for side in SIDES), *(c for side in SIDES for c in self.faces[side].outputs)]
        shown = [self.message, self.why, self.results, self.target, *told, *why]
        self._count = len(shown)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        modelled: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.message,
            "concurrency_id": "explain",
            "concurrency_limit": 8,
        }
        filled = example.click(partial(self.same_words, examples), None, given, **private)
        for event in (start.click, filled.then):
            compared = event(self.compare, given, shown, js=staleness.asked(FORM), **modelled)
            compared.then(None, js=staleness.answered(FORM), api_visibility="private")
        swapped = swap.click(None, given, given, js=staleness.swapped(FORM), api_visibility="private")
        swapped.then(self.swap, self.target, shown, **private)
        for side in SIDES:
            picked = self.faces[side].choice
            picked.input(self.choose_face(side), [picked, self.target], shown, **modelled)
        for component in given:
            component.change(None, given, js=staleness.edited(FORM), api_visibility="private")  # type: ignore[attr-defined]  # every input has this event
        self.target.input(self.retarget, self.target, why, **private)

    def same_words(self, examples: list[Example]) -> list[Any]:
        """The same words in both cases, with the first two faces of the examples."""
        faces = list(dict.fromkeys(example.image for example in examples if example.image is not None))
        updates: list[Any] = []
        for side, face in zip(SIDES, faces, strict=False):
            updates += [say("compare-example-words"), handed_out(self.inputs[side].image, face), None, False, None]
        return updates

    def compare(self, request: gr.Request, *given: Any) -> list[Any]:
        """Answer and explain both cases; what can't be used is said on its own side."""
        half = len(given) // 2
        marks = [self.context.begin(request, _place(side)) for side in SIDES]
        cases: list[VisitorCase | str] = []
        for side, mark, values in zip(SIDES, marks, (given[:half], given[half:]), strict=True):
            try:
                checked = self.context.client.read(inputs.given(*values))
                evidence = self.context.client.explain(checked.case, keep_inputs=False)
            except TriadError as error:
                cases.append(str(error))
                continue
            case = VisitorCase(checked, evidence.prediction, evidence)
            self.context.update(request, _place(side), mark, case)
            cases.append(case)
        return self._shown(cases)

    def swap(self, target: str | None, request: gr.Request) -> list[Any]:
        """Show the cases that were compared in the other order, for the same class; without two of them, nothing."""
        first, second = (self.context.case(request, _place(side)) for side in SIDES)
        if first is None or second is None:
            return self._hidden()
        self.context.hold(request, _place(SIDES[0]), second)
        self.context.hold(request, _place(SIDES[1]), first)
        return self._shown([second, first], target)

    def choose_face(self, side: str) -> Callable[..., list[Any]]:
        """What compares anew with another face of that side's picture."""

        def choose(
            number: int | None, target: str | None, request: gr.Request, progress: gr.Progress = PROGRESS
        ) -> list[Any]:
            found = {each: self.context.case(request, _place(each)) for each in SIDES}
            case = found[side]
            if case is None or case.checked is None:
                return self._hidden(markup.notice(forgotten(), "hint"))
            try:
                checked = case.checked.choosing_face(number or 1)
                evidence = self.context.client.explain(checked.case, keep_inputs=False, waiting=place_shown(progress))
            except TriadError as error:
                return self._hidden(markup.notice(str(error), "hint"))
            chosen = VisitorCase(checked, evidence.prediction, evidence)
            if not self.context.update(request, _place(side), case, chosen):
                return [gr.skip()] * self._count
            return self._shown([chosen if each == side else found[each] or forgotten() for each in SIDES], target)

        return choose

    def retarget(self, target: str, request: gr.Request) -> list[Any]:
        """Explain both cases for another class."""
        first, second = (self.context.evidence(request, _place(side)) for side in SIDES)
        if first is None or second is None:
            return [markup.notice(forgotten(), "hint"), *Slot.hide(), *Slot.hide()]
        return self._explained(_about(first, second, target))

    def _shown(self, cases: list[VisitorCase | str], target: str | None = None) -> list[Any]:
        answers: list[Any] = [
            answer.refused(case).whole if isinstance(case, str) else _told(case, case.evidence) for case in cases
        ]
        for case in cases:
            checked = case.checked if isinstance(case, VisitorCase) else None
            answers += FacePicker.shown(None if checked is None else checked.picture)
        found = [case.evidence for case in cases if isinstance(case, VisitorCase) and case.evidence is not None]
        if len(found) < len(SIDES):
            nothing = [gr.skip(), *answers, "", *Slot.hide(), *Slot.hide()]
            return ["", gr.Column(visible=False), gr.Row(visible=True), *nothing]
        two = _about(found[0], found[1], target)
        choice = gr.Dropdown(targets(two.first), value=f"{two.task}:{two.label}")
        return ["", gr.Column(visible=True), gr.Row(visible=True), choice, *answers, *self._explained(two)]

    def _explained(self, two: TwoCases) -> list[Any]:
        updates: list[Any] = [_verdict(two)]
        for side, evidence in zip(SIDES, (two.first, two.second), strict=True):
            chart = shapley_bars(evidence, two.label, task=two.task, reach=two.reach())
            updates += self.charts[side].show(chart)
        return updates

    @staticmethod
    def _hidden(message: str = "") -> list[Any]:
        faces = [*FacePicker.shown(None), *FacePicker.shown(None)]
        nothing = [gr.skip(), "", "", *faces, "", *Slot.hide(), *Slot.hide()]
        return [message, gr.Column(visible=False), gr.Row(visible=False), *nothing]


def _place(side: str) -> str:
    return f"compare {side}"


def _about(first: Evidence, second: Evidence, target: str | None) -> TwoCases:
    if target is None:
        return TwoCases.of(first, second)
    task, label = target.split(":", 1)
    return TwoCases(first, second, task, label)


def _told(case: VisitorCase, evidence: Evidence | None) -> str:
    assert evidence is not None
    return answer.answered(evidence.prediction).whole + answer.warned(case.checked, evidence.prediction)


def _verdict(two: TwoCases) -> str:
    """What differs, in words and, behind a line that opens it, for every class."""
    first, second = (case.prediction.answers[two.task].probabilities for case in (two.first, two.second))
    gaps = {label: second[label] - first[label] for label in first}
    rows = [
        [label_word(label), percent(first[label]), percent(second[label]), points(gap)]
        for label, gap in sorted(gaps.items(), key=lambda pair: -abs(pair[1]))
    ]
    kind = task_kind(two.task, first)
    columns = [
        say("task", task=kind),
        *(say("compare-case", case=side) for side in SIDES),
        say("compare-difference"),
    ]
    table = markup.details(say("figure-numbers"), markup.table(columns, rows, say("compare-table", task=kind)))
    words = f'<p class="sentence small">{escape(two.verdict())}</p>'
    return f'<div class="answer">{words}{markup.reading(say("compare-axis"))}{table}</div>'
