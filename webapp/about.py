"""The About tab: the model card in short. Every figure is read from a report or the model's notes."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Final

import gradio as gr

from mm_core import resources
from mm_core.evaluation.evaluation_report import EvaluationReport, Scores, met_words, read_evaluation
from mm_core.labels import COALITIONS, coalition_name
from mm_core.locale import listed, modality_word, say
from mm_core.samples import InvalidInput
from mm_core.serving import own_labels
from mm_core.serving.health import Health
from mm_core.serving.remote import Remote
from webapp import markup
from webapp.block import block
from webapp.context import Context

REPORT: Final = resources.REPORTS / "evaluation.json"

_CALLS: Final = """
<pre><code>curl -F text="I am so happy today" -F image=@face.jpg -F audio=@voice.wav ADDRESS/predict
curl -F text="I am so happy today" -H "Accept: application/vnd.triad+zip" -o case.triad ADDRESS/explain</code></pre>
"""

_LIMITS: Final = ("expression", "judging", "acted", "composed", "english", "uneven")
"""What the model can't do, in the order it is told."""

_ROWS: Final = (
    *(("emotion", coalition_name(members)) for members in COALITIONS[1:]),
    *(("sentiment", coalition_name(members)) for members in (COALITIONS[1], COALITIONS[-1])),
)
"""Task and set of modalities of each row of figures."""

_METRICS: Final = ("accuracy", "macro_f1", "uar", "ece")


def build(context: Context, report: Path = REPORT) -> None:
    """Lay out the tab."""
    now = context.client.health()
    with gr.Column(elem_classes=["about"]):
        with gr.Row():
            _card(
                say("about-what-title"), _paragraphs(say("about-what"), own_labels.labels_in_words(now)) + _model(now)
            )
            _card(say("about-privacy-title"), _privacy())
        _card(say("about-figures-title"), _figures(now, report))
        _card(say("about-limits-title"), limits())
        with gr.Row():
            _card(say("about-programs-title"), _programs(isinstance(context.client, Remote)))
            _card(say("about-terms-title"), _paragraphs(say("about-terms")))


def _privacy() -> str:
    return _paragraphs(say("about-privacy"), say("about-privacy-after"), say("about-cookie"))


def _figures(now: Health, report: Path) -> str:
    return _paragraphs(own_labels.scores_in_words(now)) if now.has_own_labels else measured(report, now.hash)


def measured(path: Path, model_hash: str) -> str:
    """The report's figures with their intervals as a table; says so where there is none, or one of another model."""
    report = _read(path)
    if report is None:
        return markup.notice(say("about-no-report"), "hint")
    rows = []
    for task, modalities in _ROWS:
        found = report.scores(task, modalities)
        if found is not None and found.n:
            name = say("about-given-set", set=modalities.replace("+", "-"), task=task)
            rows.append([name, f"{found.n:,}", *(_words(found, metric) for metric in _METRICS)])
    heads = [say("about-column", column=column) for column in ("given", "n", *_METRICS)]
    caption = say("about-caption", split=report.split or "judged", day=(report.made or "")[:10])
    warning = "" if _is_about(report, model_hash) else markup.notice(say("about-other-weights"))
    table = markup.table(heads, rows, caption)
    return warning + _never_met(report) + table + markup.reading(say("about-reading"))


def limits() -> str:
    """What the model can't do, as a list."""
    items = (
        f"<li><b>{escape(say('about-limit-name', limit=limit))}</b> {escape(say('about-limit', limit=limit))}</li>"
        for limit in _LIMITS
    )
    return f"<ul>{''.join(items)}</ul>"


def _never_met(report: EvaluationReport) -> str:
    """What was measured on sources that the answering weights had never met; empty where the report holds none."""
    rows = []
    for one in report.strangers():
        given = listed([modality_word(m) for m in one.modalities.split("+")])
        met = met_words(one.scores.met) if one.scores.met else ""
        words = (_words(one.scores, metric) for metric in _METRICS)
        rows.append([f"{one.source}: {given}, {one.task}", f"{one.scores.n:,}", *words, met])
    heads = [say("about-column", column=column) for column in ("source", "n", *_METRICS, "met")]
    return markup.table(heads, rows, say("about-strangers")) if rows else ""


def _is_about(report: EvaluationReport, model_hash: str) -> bool:
    return report.model is not None and report.model.hash == model_hash


def _read(path: Path) -> EvaluationReport | None:
    try:
        return read_evaluation(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, InvalidInput):
        return None


def _words(scores: Scores, metric: str) -> str:
    estimate = scores.metric(metric)
    return "" if estimate is None else estimate.words()


def _model(health: Health) -> str:
    if not health.hash:
        return markup.notice(health.reason, "hint")
    words = say("about-model", model=health.model, hash=health.hash[:16])
    return f'<p class="small-print">{escape(words)}</p>'


def _programs(elsewhere: bool) -> str:
    """How programs ask. elsewhere: whether the model and its REST API are at another address."""
    if elsewhere:
        return _paragraphs(say("about-programs-elsewhere"), say("about-api"))
    link = f'<a href="docs" target="_blank" rel="noopener">{escape(say("about-reference"))}</a>'
    return _paragraphs(say("about-programs")) + _CALLS + f"<p>{link}. {escape(say('about-api'))}</p>"


def _paragraphs(*sentences: str) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)


def _card(title: str, body: str) -> None:
    with gr.Column(elem_classes=["card"], min_width=320):
        block(markup.heading(title, level=2) + f'<div class="prose-text">{body}</div>')
