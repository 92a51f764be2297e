"""Questions to the case in one's own words, answered from its record."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from mm_core import resources
from mm_core.evaluation.evaluation_report import EvaluationReport, read_evaluation
from mm_core.locale import say
from mm_core.questions.answering import ANSWER, INPUTS, REPORT, TEST, answer
from mm_core.questions.recogniser import MOST_CHARACTERS
from mm_core.samples import InvalidInput
from webapp import markup
from webapp.block import block
from webapp.context import Context, forgotten

_ADDRESSES = {ANSWER: "#answer", INPUTS: "#shapley-title", TEST: "#proof", REPORT: "#tabs"}


class Questions:
    """A field, a button, and the reply with links to where its numbers stand."""

    def __init__(self, context: Context, place: str, report: Path = resources.REPORTS / "evaluation.json") -> None:
        self.context, self.place, self._report = context, place, report
        with gr.Column(elem_classes=["card"], elem_id="questions"):
            block(markup.heading(say("questions-title"), say("questions-lead")))
            with gr.Row(elem_classes=["actions"]):
                self.question = gr.Textbox(
                    label=say("questions-label"),
                    placeholder=say("questions-hint"),
                    elem_id="question",
                    max_lines=1,
                    max_length=MOST_CHARACTERS,
                    scale=1,
                )
                self.ask = gr.Button(say("questions-ask"), elem_id="ask-question", min_width=90, scale=0)
            self.reply = block("", "reply", live=True)
        options: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 8}
        self.ask.click(self.answered, self.question, self.reply, **options)
        self.question.submit(self.answered, self.question, self.reply, **options)

    @property
    def outputs(self) -> list[Any]:
        """What ``cleared`` gives updates for."""
        return [self.question, self.reply]

    def cleared(self) -> list[Any]:
        """Another case has other answers."""
        return ["", ""]

    def answered(self, question: str | None, request: gr.Request) -> str:
        """The reply as safe HTML."""
        evidence = self.context.evidence(request, self.place)
        if evidence is None:
            return markup.notice(forgotten(), "hint")
        reply = answer(evidence, question or "", self._measured())
        said = reply.html(lambda place: _ADDRESSES.get(place, f"#{place}-title"))
        return f'<p class="sentence small">{said}</p><p class="small-print">{escape(question or "")}</p>'

    def _measured(self) -> EvaluationReport | None:
        try:
            return read_evaluation(json.loads(self._report.read_text(encoding="utf-8")))
        except (OSError, ValueError, InvalidInput):
            return None
