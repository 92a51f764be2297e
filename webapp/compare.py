"""The Compare tab: two cases side by side."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.figures import waterfall
from mm_core.samples import Sample
from mm_core.wording import percent
from webapp import answer, inputs, markup
from webapp.block import block
from webapp.context import Context
from webapp.examples import Example
from webapp.files import handed_out
from webapp.slot import Slot

SIDES = ("A", "B")

SAME_WORDS = "Nobody told me that you would be here today."

LEAST_POINTS = 2
"""Points of a hundred under which two answers count as the same."""

_LEAD = (
    "Give two cases and see what differs: the same words with two faces, the same face with other words, before and "
    "after a small change."
)


class Compare:
    """Two sets of inputs, two answers, and what lies between them. Nothing of the cases is held afterwards."""

    def __init__(self, context: Context, examples: list[Example]) -> None:
        self.context = context
        block(markup.heading("Two cases side by side", _LEAD, level=2))
        self.inputs, self.answers, self.charts = {}, {}, {}
        with gr.Row(elem_classes=["stage"]):
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    block(markup.heading(f"Case {side}"))
                    self.inputs[side] = inputs.build(f"compare-{side.lower()}", case=side)
        with gr.Row(elem_classes=["actions", "centred"]):
            start = gr.Button("Compare", variant="primary", elem_id="compare-start", scale=0, min_width=220)
            example = gr.Button(
                "Try the same words with two faces", elem_id="compare-example", scale=0, min_width=260
            )
        self.summary = block("", "compare-summary", visible=False)
        with gr.Row(elem_classes=["stage"], visible=False) as self.results:
            for side in SIDES:
                with gr.Column(elem_classes=["card"], min_width=320):
                    self.answers[side] = block("", f"compare-answer-{side.lower()}", live=True)
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
            partial(self.same_words, examples), None, given, api_visibility="private", show_progress="hidden"
        )
        filled.then(self.compare, given, shown, **modelled)

    def same_words(self, examples: list[Example]) -> list[Any]:
        """The same words in both cases, with the first two faces of the examples."""
        faces = list(dict.fromkeys(example.image for example in examples if example.image is not None))
        updates: list[Any] = []
        for side, face in zip(SIDES, faces, strict=False):
            updates += [SAME_WORDS, handed_out(self.inputs[side].image, face), None, False]
        return updates

    def compare(self, *given: Any) -> list[Any]:
        """Answer and explain both cases; what can't be used is said on its own side."""
        half = len(given) // 2
        updates: list[Any] = []
        found: list[Evidence] = []
        for side, values in zip(SIDES, (given[:half], given[half:]), strict=True):
            try:
                sample = self.context.client.read(inputs.given(*values))
                evidence = self.context.client.explain(sample, keep_inputs=False)
            except TriadError as error:
                updates += [answer.refused(str(error)).whole, *Slot.hide()]
                continue
            found.append(evidence)
            updates += [_told(sample, evidence), *self.charts[side].show(waterfall(evidence))]
        summary = _summary(*found) if len(found) == len(SIDES) else ""
        return [gr.HTML(summary, visible=bool(summary)), gr.Row(visible=True), *updates]


def _told(sample: Sample, evidence: Evidence) -> str:
    return answer.answered(evidence.prediction).whole + answer.warned(sample, evidence.prediction)


def _summary(first: Evidence, second: Evidence) -> str:
    """What differs, in words and as a table."""
    a, b = first.prediction.emotion, second.prediction.emotion
    gaps = {label: b.probabilities[label] - a.probabilities[label] for label in a.probabilities}
    most = max(gaps, key=lambda label: abs(gaps[label]))
    head = (
        f"Both lean towards {a.label}"
        if a.label == b.label
        else f"Case A leans towards {a.label}, B towards {b.label}"
    )
    if round(100 * abs(gaps[most])) < LEAST_POINTS:
        head += "; their answers hardly differ."
    else:
        head += f"; most different is {most}, {_points(gaps[most])} in case B."
    rows = [
        [label, percent(a.probabilities[label]), percent(b.probabilities[label]), _points(gap)]
        for label, gap in sorted(gaps.items(), key=lambda pair: -abs(pair[1]))
    ]
    table = markup.table(["Emotion", "Case A", "Case B", "Difference"], rows, "Probability of each emotion")
    return f'<div class="card answer"><p class="sentence">{escape(head)}</p>{table}</div>'


def _points(gap: float) -> str:
    rounded = round(100 * gap)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{abs(rounded)} {'point' if abs(rounded) == 1 else 'points'}"
