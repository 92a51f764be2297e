"""The About tab: the model card in short. Every figure is read from the shipped report, none is written here."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Final

import gradio as gr

from mm_core import resources
from mm_core.evaluation.evaluation_report import MET_WORDS, EvaluationReport, Scores, read_evaluation
from mm_core.locale import modality_word
from mm_core.samples import InvalidInput
from mm_core.serving.remote import Remote
from webapp import markup
from webapp.block import block
from webapp.context import Context

REPORT: Final = resources.REPORTS / "evaluation.json"

_WHAT: Final = """
<p>Triad reads a text, looks at a face and listens to a voice, says which emotion and which sentiment they
express together, whether they say the same, and where that answer comes from. Any one, two or three of them are
enough.</p>
"""

_LIMITS: Final = """
<ul>
<li><b>Expression, not feeling.</b> A score describes what the words, the face and the voice show. People smile
when they are sad; the model can't know what anybody feels.</li>
<li><b>Not for judging people.</b> Not at work or school, where the EU AI Act forbids it, not in medicine, not
by the police, not for any decision about a person.</li>
<li><b>Acted speech.</b> The voices it learned from are of actors who play an emotion. Real voices are quieter
and more mixed, and the model is less sure of them, or wrong.</li>
<li><b>Composed triples.</b> No data set here holds words, face and voice of the same moment. Cases of two or
three were put together from separate sources that carry the same label, so figures for them say how well the
parts are combined, not how well the model would do on recordings of real situations.</li>
<li><b>English only.</b> Text in other languages is not read, and voices were English or German.</li>
<li><b>Uneven.</b> Who is rare in the data is judged less well: children, old people, faces from the side,
dialects.</li>
</ul>
"""

_TERMS: Final = """
<p>The code is under Apache-2.0. The weights carry the terms of what they learned from: the RAVDESS recordings
are under CC BY-NC-SA 4.0, so <b>no commercial use</b>; FER2013 states no licence. The model card lists every
source.</p>
"""

_PRIVACY: Final = """
<p>What you give stays in this server's memory while you look at the answer. It is forgotten when you clear the
form or close the page, and after 15 minutes at the latest; uploaded files and made downloads are deleted by
then too. Nothing of it is logged, stored, shown to others or used for training. The page loads nothing from
other servers.</p>
<p>One cookie, <code>triad_visit</code>, holds a random name for an hour at most: by it the server counts how much
one visitor uploads, so that nobody fills its disk. It says nothing of who you are and serves nothing else.</p>
"""

_PROGRAMS: Final = """
<p>The same answers come over HTTP; ADDRESS is where you opened this page:</p>
<pre><code>curl -F text="I am so happy today" -F image=@face.jpg -F audio=@voice.wav ADDRESS/predict
curl -F text="I am so happy today" -H "Accept: application/vnd.triad+zip" -o case.triad ADDRESS/explain</code></pre>
<p>The <a href="docs" target="_blank" rel="noopener">reference</a> lists every route; “Use via API” at the foot of the
page shows the same functions for Gradio's Python and JavaScript clients.</p>
"""

_PROGRAMS_ELSEWHERE: Final = """
<p>The model runs in another app, and the REST API is at that app's address. “Use via API” at the foot of the page
shows functions for Gradio's Python and JavaScript clients.</p>
"""

_ROWS: Final = (
    ("Words alone", "emotion", "text"),
    ("Face alone", "emotion", "image"),
    ("Voice alone", "emotion", "audio"),
    ("Words and face", "emotion", "text+image"),
    ("Words and voice", "emotion", "text+audio"),
    ("Face and voice", "emotion", "image+audio"),
    ("All three", "emotion", "text+image+audio"),
    ("Words alone", "sentiment", "text"),
    ("All three", "sentiment", "text+image+audio"),
)

_METRICS: Final = (("accuracy", "Accuracy"), ("macro_f1", "Macro-F1"), ("uar", "Unweighted recall"), ("ece", "ECE"))

_READING: Final = (
    "Each figure stands with its 95% bootstrap interval. Macro-F1 and unweighted recall count every class alike; "
    "ECE is the mean gap between how sure the model is and how often it is right, so less is better. Two and three "
    "inputs are composed triples (see below)."
)

_OTHER: Final = "These figures were measured with other weights than those that answer here."


def build(context: Context, report: Path = REPORT) -> None:
    """Lay out the tab."""
    now = context.client.health()
    with gr.Column(elem_classes=["about"]):
        with gr.Row():
            _card(
                "What it is",
                _WHAT + (_model_line(now.model, now.hash) if now.hash else markup.notice(now.reason, "hint")),
            )
            _card("What happens to what you give", _PRIVACY)
        _card("How well it does", measured(report, now.hash))
        _card("What it can't do", _LIMITS)
        with gr.Row():
            beside = isinstance(context.client, Remote)
            _card("From a program", _PROGRAMS_ELSEWHERE if beside else _PROGRAMS)
            _card("Terms", _TERMS)


def measured(path: Path, model_hash: str) -> str:
    """The report's figures with their intervals as a table; says so where there is none, or one of another model."""
    report = _read(path)
    if report is None:
        return markup.notice("There is no evaluation report beside this model, so no figure is shown.", "hint")
    rows = []
    for name, task, modalities in _ROWS:
        found = report.scores(task, modalities)
        if found is not None and found.n:
            rows.append([f"{name}, {task}", f"{found.n:,}", *(_words(found, metric) for metric, _ in _METRICS)])
    table = markup.table(["Given", "n", *(title for _, title in _METRICS)], rows, _caption(report))
    table = _never_met(report) + table
    warning = markup.notice(_OTHER) if report.model is None or report.model.hash != model_hash else ""
    return warning + table + markup.reading(_READING)


def _never_met(report: EvaluationReport) -> str:
    """What was measured on sources that the answering weights had never met; empty where the report holds none."""
    rows = []
    for one in report.strangers():
        given = " and ".join(modality_word(m) for m in one.modalities.split("+"))
        met = MET_WORDS[one.scores.met] if one.scores.met else ""
        words = (_words(one.scores, metric) for metric, _ in _METRICS)
        rows.append([f"{one.source}: {given}, {one.task}", f"{one.scores.n:,}", *words, met])
    columns = ["Source", "n", *(title for _, title in _METRICS), "Who answered"]
    return markup.table(columns, rows, "On people and sources it has never met") if rows else ""


def _read(path: Path) -> EvaluationReport | None:
    try:
        return read_evaluation(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, InvalidInput):
        return None


def _words(scores: Scores, metric: str) -> str:
    estimate = scores.metric(metric)
    return "" if estimate is None else estimate.words()


def _caption(report: EvaluationReport) -> str:
    return f"Measured on the {report.split or 'judged'} rows, {(report.made or '')[:10]}, 95% intervals"


def _model_line(name: str, digest: str) -> str:
    return f'<p class="small-print">Model: {escape(name)}, SHA-256 <code>{escape(digest[:16])}…</code></p>'


def _card(title: str, body: str) -> None:
    with gr.Column(elem_classes=["card"], min_width=320):
        block(markup.heading(title, level=2) + f'<div class="prose-text">{body}</div>')
