"""The Compare tab: two cases side by side."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from mm_core.evidence import Evidence
from mm_core.figures import waterfall
from mm_core.samples import InvalidInput, Sample
from mm_core.serving.errors import ServingError
from webapp import answer, inputs, markup
from webapp.context import Context
from webapp.examples import Example
from webapp.slot import Slot

SIDES = ("A", "B")

_LEAD = (
    "Give two cases and see what differs: the same words in two voices, the same face with other words, before and "
    "after a small change."
)


class Compare:
    """Two sets of inputs, two answers, and what lies between them. Nothing of the cases is held afterwards."""

    def __init__(self, context: Context, examples: list[Example]) -> None:
        self.context = context
        gr.HTML(markup.heading("Two cases side by side", _LEAD, level=2), elem_classes=["plain", "tab-lead"])
        self.inputs, self.answers, self.charts = {}, {}, {}
        with gr.Row(elem_classes=["stage"]):
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    gr.HTML(markup.heading(f"Case {side}"), elem_classes=["plain"])
                    self.inputs[side] = inputs.build(f"compare-{side.lower()}", suffix=f", case {side}", compact=True)
        with gr.Row(elem_classes=["actions", "centred"]):
            start = gr.Button("Compare", variant="primary", elem_id="compare-start", scale=0, min_width=220)
            example = gr.Button("Try the same words in two voices", elem_id="compare-example", scale=0, min_width=260)
        self.summary = gr.HTML("", visible=False, elem_classes=["plain"], elem_id="compare-summary")
        with gr.Row(elem_classes=["stage"], visible=False) as self.results:
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    self.answers[side] = gr.HTML("", elem_classes=["plain"], elem_id=f"compare-answer-{side.lower()}")
                    self.charts[side] = Slot(f"compare-{side.lower()}")
        given = [component for side in SIDES for component in self.inputs[side].all]
        shown = [self.summary, self.results]
        for side in SIDES:
            shown += [self.answers[side], *self.charts[side].outputs]
        modelled: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.summary,
            "concurrency_id": "explain",
            "concurrency_limit": 8,
        }
        start.click(self.compare, given, shown, **modelled)
        filled = example.click(
            lambda: _same_words(examples), None, given, api_visibility="private", show_progress="hidden"
        )
        filled.then(self.compare, given, shown, **modelled)

    def compare(self, *given: Any) -> list[Any]:
        """Answer and explain both cases; what can't be used is said on its own side."""
        half = len(given) // 2
        updates: list[Any] = []
        found: list[Evidence] = []
        for side, values in zip(SIDES, (given[:half], given[half:]), strict=True):
            try:
                sample = self.context.service.read("explain", inputs.given(*values))
                evidence = self.context.service.explain(sample, keep_inputs=False)
            except (InvalidInput, ServingError) as error:
                updates += [answer.refused(str(error)), *Slot.hide()]
                continue
            found.append(evidence)
            updates += [_told(sample, evidence), *self.charts[side].show(waterfall(evidence))]
        summary = _summary(*found) if len(found) == len(SIDES) else ""
        return [gr.HTML(summary, visible=bool(summary)), gr.Row(visible=True), *updates]


def _told(sample: Sample, evidence: Evidence) -> str:
    return answer.answered(evidence.prediction) + answer.warned(sample, evidence.prediction)


def _summary(first: Evidence, second: Evidence) -> str:
    """What differs, in words and as a table."""
    a, b = first.prediction.emotion, second.prediction.emotion
    gaps = {label: b.probabilities[label] - a.probabilities[label] for label in a.probabilities}
    most = max(gaps, key=lambda label: abs(gaps[label]))
    if a.label == b.label:
        head = f"Both are likeliest {a.label}: {markup.percent(a.confidence)} in case A, "
        head += f"{markup.percent(b.confidence)} in case B."
    else:
        head = f"Case A is likeliest {a.label}, case B {b.label}."
    direction = "more" if gaps[most] > 0 else "less"
    head += f" The largest difference: {100 * abs(gaps[most]):.0f} points {direction} {most} in case B."
    rows = [
        [label, markup.percent(a.probabilities[label]), markup.percent(b.probabilities[label]), _points(gap)]
        for label, gap in sorted(gaps.items(), key=lambda pair: -abs(pair[1]))
    ]
    table = markup.table(["Emotion", "Case A", "Case B", "Difference"], rows, "Probability of each emotion")
    return f'<div class="card answer"><p class="sentence">{escape(head)}</p>{table}</div>'


def _points(gap: float) -> str:
    rounded = round(100 * gap)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded)} points"


def _same_words(examples: list[Example]) -> list[Any]:
    """The first two examples that have a voice, with the words of neither: only the voices differ."""
    voices = [example.audio for example in examples if example.audio is not None]
    words = "Nobody told me that you would be here today."
    return [words, None, voices[0], False, words, None, voices[2], False]
