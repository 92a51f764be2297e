"""Evaluation: how good the answers are, for every set of inputs, class and slice."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import reports
from dashboard.cell_cases import cell_cases
from dashboard.links import pick
from dashboard.report_files import EVALUATION, Report
from dashboard.reports import drawn
from dashboard.show import chosen, guarded, heading, nothing, show, side_by_side
from dashboard.tables import show_table
from mm_core.evaluation.evaluation_report import ALL, METRICS, EvaluationReport, Scores, met_words
from mm_core.figures import (
    accuracy_by,
    confusion,
    metric_bars,
    per_class,
    pick_rows,
    precision_recall_curves,
    reliability,
    risk_coverage,
    roc_curves,
)
from mm_core.figures.evaluation import capitalised, metric_name
from mm_core.figures.slices import SLICES
from mm_core.locale import say

VIEWS: Final = ("figures", "confusion", "curves", "calibration", "slices")

_METRICS: Final = ("accuracy", "macro_f1", "uar", "weighted_f1", "ece", "multilabel_macro_f1")


def page() -> None:
    heading(
        say("evaluation-page"),
        say("evaluation-lead"),
    )
    found = reports.needs(EVALUATION)
    if found is None:
        return
    with guarded():
        _choose(found)
    reports.bring(EVALUATION, found)


def _choose(found: Report[EvaluationReport]) -> None:
    report = found.content
    tasks = report.tasks
    left, middle, right = st.columns([5, 4, 3])
    task = pick(left.segmented_control, say("choose-task"), tasks, key="task", required=True)
    names = list(report.sets(task))
    fullest = max(names, key=lambda name: name.count("+"))
    name = pick(
        middle.selectbox,
        say("choose-inputs"),
        names,
        key="inputs",
        words=lambda n: n.replace("+", " + "),
        default=fullest,
    )
    sources = sorted(report.sets(task)[name], key=lambda s: s != ALL)
    source = pick(right.selectbox, say("choose-rows"), sources, key="rows", words=_source_words)
    view = pick(
        st.segmented_control,
        say("choose-view"),
        VIEWS,
        key="view",
        words=lambda name: say("evaluation-view", view=name),
        required=True,
        label_visibility="collapsed",
    )
    draw = {
        "figures": _figures,
        "confusion": _confusion,
        "curves": _curves,
        "calibration": _calibration,
        "slices": _slices,
    }
    draw[view](found, task, name, source)


def _source_words(source: str) -> str:
    return say("evaluation-all-rows") if source == ALL else source


def _figures(found: Report[EvaluationReport], task: str, name: str, source: str) -> None:
    every_source = [scores for sources in found.content.sets(task).values() for scores in sources.values()]
    metrics = [m for m in _METRICS if any(scores.metric(m) is not None for scores in every_source)]
    metric = pick(
        st.segmented_control,
        say("choose-metric"),
        metrics,
        key="metric",
        words=metric_name,
        required=True,
    )
    every = drawn(found, f"metric {task} {metric}", lambda: metric_bars(found.content, task, metric))
    classes = drawn(found, f"class {task} {name} {source}", lambda: per_class(found.content, task, name, source))
    left, right = side_by_side(2)
    with left:
        show(every, f"metric-{metric}-{task}")
    with right:
        show(classes, f"per-class-{task}-{name}-{source}")
    scores = found.content.scores(task, name, source)
    if scores is not None:
        _numbers(scores, f"{name.replace('+', ' + ')}, {task}, {_source_words(source)}", f"{task}-{name}-{source}")


def _numbers(scores: Scores, title: str, key: str) -> None:
    """The metrics as a table; below, those with answers restricted to the labels that the source has."""
    rows = [
        {"metric": metric_name(metric), "value": estimate.value, "95 % interval": estimate.spread_words(3)}
        for metric in METRICS
        if (estimate := scores.metric(metric)) is not None
    ]
    show_table(pd.DataFrame(rows), f"{title}: n = {scores.n:,}", f"numbers-{key}", digits=3)
    if scores.met is not None:
        st.caption(f"{capitalised(met_words(scores.met))}.")
    if scores.own_labels is not None:
        _numbers(scores.own_labels, say("evaluation-own-labels", title=title), f"{key}-own")


def _confusion(found: Report[EvaluationReport], task: str, name: str, source: str) -> None:
    key = f"confusion-{found.digest[:8]}-{task}-{name}-{source}"
    figure = drawn(
        found,
        f"confusion {task} {name} {source}",
        lambda: confusion(found.content, task, name, source, selectable=True),
    )
    left, right = st.columns([8, 4], gap="medium")
    with left:
        state = show(figure, key, on_select=lambda: None, modes=("points",))
    cells = chosen(state)
    scores = found.content.scores(task, name, source)
    if scores is None or scores.confusion is None:
        nothing(say("evaluation-nothing"), say("evaluation-nothing-how"))
        return
    labels = scores.confusion.labels
    with right:
        st.markdown(say("evaluation-cell"))
        truth, answer = cells[0] if cells else _most_confused(labels, scores.confusion.matrix)
        # A new cell makes new boxes, which start at it.
        chosen_truth = st.selectbox(
            say("choose-truth"), labels, index=labels.index(truth), key=f"{key}-t-{truth}-{answer}"
        )
        chosen_answer = st.selectbox(
            say("choose-answer"), labels, index=labels.index(answer), key=f"{key}-a-{truth}-{answer}"
        )
    predictions = _predictions(found, task, name, source)
    if predictions is not None:
        here = predictions[(predictions["truth"] == chosen_truth) & (predictions["answer"] == chosen_answer)]
        what = f"{task}-{name}-{source}-{chosen_truth}-{chosen_answer}"
        cell_cases(found.content, here, str(chosen_truth), str(chosen_answer), what)


def _most_confused(labels: list[str], matrix: list[list[int]]) -> tuple[str, str]:
    """Truth and answer of the cell off the diagonal that holds most cases."""
    off = [(count, t, a) for t, row in enumerate(matrix) for a, count in enumerate(row) if t != a]
    _, t, a = max(off)
    return labels[t], labels[a]


def _curves(found: Report[EvaluationReport], task: str, name: str, source: str) -> None:
    if _predictions(found, task, name, source) is None:
        return
    what = f"{task} from {name.replace('+', ' + ')}"
    rows = drawn(found, f"rows {task} {name} {source}", lambda: pick_rows(found.predictions, task, name, source))
    left, right = side_by_side(2)
    with left:
        show(drawn(found, f"roc {task} {name} {source}", lambda: roc_curves(rows, what)), f"roc-{task}-{name}")
    with right:
        figure = drawn(found, f"pr {task} {name} {source}", lambda: precision_recall_curves(rows, what))
        show(figure, f"precision-recall-{task}-{name}")


def _calibration(found: Report[EvaluationReport], task: str, name: str, source: str) -> None:
    if _predictions(found, task, name, source) is None:
        return
    rows = drawn(found, f"rows {task} {name} {source}", lambda: pick_rows(found.predictions, task, name, source))
    left, right = side_by_side(2)
    with left:
        figure = drawn(found, f"reliability {task} {name} {source}", lambda: reliability(rows))
        show(figure, f"reliability-{task}-{name}")
    with right:
        figure = drawn(found, f"risk {task} {name} {source}", lambda: risk_coverage(rows))
        show(figure, f"risk-{task}-{name}")


def _slices(found: Report[EvaluationReport], task: str, name: str, source: str) -> None:
    predictions = _predictions(found, task, name, source)
    if predictions is None:
        return
    known = [by for by in SLICES if by in predictions and predictions[by].nunique() > 1]
    charts = [
        (by, drawn(found, f"slice {task} {name} {source} {by}", partial(accuracy_by, predictions, task, name, by)))
        for by in known
    ]
    columns = side_by_side(2)
    for index, (by, figure) in enumerate(charts):
        with columns[index % 2]:
            show(figure, f"slice-{by}-{task}-{name}")


def _predictions(found: Report[EvaluationReport], task: str, name: str, source: str) -> pd.DataFrame | None:
    """The predictions of this choice, or None and words on how to get them."""
    if found.predictions is None:
        nothing(say("report-no-rows"), say("evaluation-no-rows-how"))
        return None
    predictions: pd.DataFrame = drawn(
        found, f"predictions {task} {name} {source}", lambda: _picked(found.predictions, task, name, source)
    )
    if predictions.empty:
        nothing(say("evaluation-nothing"), say("evaluation-nothing-how"))
        return None
    return predictions


def _picked(predictions: Any, task: str, name: str, source: str) -> pd.DataFrame:
    chosen = (predictions["task"] == task) & (predictions["modalities"] == name)
    if source != ALL:
        chosen &= predictions["source"] == source
    return predictions[chosen]


page()
