"""Evaluation: how good the answers are, for every set of inputs, class and slice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import reports
from dashboard.links import pick
from dashboard.reports import Report
from dashboard.show import chosen, guarded, heading, nothing, show, side_by_side
from dashboard.tables import show_table
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
from mm_core.figures.evaluation import ALL, METRIC_NAMES
from mm_core.figures.slices import SLICES
from mm_core.labels import MODALITIES

MAKE: Final = "python -m mm_core evaluate --data FOLDER --out evaluation.json --rows cases.csv --split all"

TASKS: Final = ("emotion", "sentiment", "agreement")
VIEWS: Final = {
    "figures": "Figures",
    "confusion": "What is taken for what",
    "curves": "ROC and precision",
    "calibration": "Calibration",
    "slices": "Slices",
}
# Cases of one cell that are listed.
MOST_CASES: Final = 500
SHORT: Final = 7  # rows up to which a table is as high as it needs to be

_METRICS: Final = ("accuracy", "macro_f1", "uar", "weighted_f1", "ece", "multilabel_macro_f1")


def page() -> None:
    heading(
        "Evaluation",
        "How often the answers are right, for each input alone, each pair and all three, with 95% intervals.",
    )
    found = reports.needs("evaluation", "evaluation report", MAKE)
    if found is None:
        return
    with guarded():
        _choose(found)
    reports.bring("evaluation", MAKE, found)


def _choose(found: Report) -> None:
    report = found.content
    tasks = [task for task in TASKS if report.get(task)]
    left, middle, right = st.columns([5, 4, 3])
    task = pick(left.segmented_control, "Task", tasks, key="task", required=True)
    names = list(report[task])
    fullest = max(names, key=lambda name: name.count("+"))
    name = pick(
        middle.selectbox, "Inputs", names, key="inputs", words=lambda n: n.replace("+", " + "), default=fullest
    )
    sources = sorted(report[task][name], key=lambda s: s != ALL)
    source = pick(right.selectbox, "Rows", sources, key="rows", words=_source_words)
    view = pick(
        st.segmented_control,
        "View",
        list(VIEWS),
        key="view",
        words=VIEWS.__getitem__,
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
    return "all rows" if source == ALL else source


def _figures(found: Report, task: str, name: str, source: str) -> None:
    metrics = [m for m in _METRICS if any(m in s for sets in found.content[task].values() for s in sets.values())]
    metric = pick(
        st.segmented_control, "Metric", metrics, key="metric", words=METRIC_NAMES.__getitem__, required=True
    )
    every = found.drawn(f"metric {task} {metric}", lambda: metric_bars(found.content, task, metric))
    classes = found.drawn(f"class {task} {name} {source}", lambda: per_class(found.content, task, name, source))
    left, right = side_by_side(2)
    with left:
        show(every, f"metric-{metric}-{task}")
    with right:
        show(classes, f"per-class-{task}-{name}-{source}")
    _numbers(found.content, task, name, source)


def _numbers(report: Mapping[str, Any], task: str, name: str, source: str) -> None:
    given = report[task][name][source]
    rows = [
        {"metric": METRIC_NAMES[metric], "value": f["value"], "low": f["low"], "high": f["high"]}
        for metric in METRIC_NAMES
        if isinstance(f := given.get(metric), dict)
    ]
    title = f"{name.replace('+', ' + ')}, {task}, {_source_words(source)}: n = {given['n']:,}"
    show_table(pd.DataFrame(rows), title, f"numbers-{task}-{name}-{source}", digits=3)


def _confusion(found: Report, task: str, name: str, source: str) -> None:
    key = f"confusion-{found.digest[:8]}-{task}-{name}-{source}"
    figure = found.drawn(
        f"confusion {task} {name} {source}",
        lambda: confusion(found.content, task, name, source, selectable=True),
    )
    left, right = st.columns([8, 4], gap="medium")
    with left:
        state = show(figure, key, on_select=lambda: None, modes=("points",))
    cells = chosen(state)
    given = found.content[task][name][source]["confusion"]
    labels = given["labels"]
    with right:
        st.markdown("**The cases of a cell:** click one in the chart, or choose here. They are listed below.")
        truth, answer = cells[0] if cells else _most_confused(labels, given["matrix"])
        # A new cell makes new boxes, which start at it.
        chosen_truth = st.selectbox("Truth", labels, index=labels.index(truth), key=f"{key}-t-{truth}-{answer}")
        chosen_answer = st.selectbox("Answer", labels, index=labels.index(answer), key=f"{key}-a-{truth}-{answer}")
    _cell(found, task, name, source, str(chosen_truth), str(chosen_answer))


def _most_confused(labels: list[str], matrix: list[list[int]]) -> tuple[str, str]:
    """Truth and answer of the cell off the diagonal that holds most cases."""
    off = [(count, t, a) for t, row in enumerate(matrix) for a, count in enumerate(row) if t != a]
    _, t, a = max(off)
    return labels[t], labels[a]


def _cell(found: Report, task: str, name: str, source: str, truth: str, answer: str) -> None:
    lines = _lines(found, task, name, source)
    if lines is None:
        return
    here = lines[(lines["truth"] == truth) & (lines["answer"] == answer)]
    table = here[["source"]].copy()
    table["confidence"] = here[f"p_{answer}"].round(3)
    table["truth got"] = here[f"p_{truth}"].round(3)
    for modality in MODALITIES:
        row = f"{modality}_row"
        if row in here and (here[row] >= 0).any():
            table[f"{modality}: row"] = here[row].astype(int)
    for trait in ("words", "speaker", "pair"):
        if trait in here and here[trait].notna().any():
            table[trait] = here[trait]
    table = table.sort_values("confidence", ascending=False)
    more = f", the surest {MOST_CASES}" if len(table) > MOST_CASES else ""
    title = f"{truth} taken for {answer}: {len(table):,} {'case' if len(table) == 1 else 'cases'}{more}"
    height: Any = 320 if len(table) > SHORT else "content"
    show_table(table.head(MOST_CASES), title, f"cell-{task}-{name}-{truth}-{answer}", height=height)
    st.caption("Rows are counted within the split, from 0; the report holds no raw media of the data sets.")


def _curves(found: Report, task: str, name: str, source: str) -> None:
    if _lines(found, task, name, source) is None:
        return
    what = f"{task} from {name.replace('+', ' + ')}"
    rows = found.drawn(f"rows {task} {name} {source}", lambda: pick_rows(found.lines, task, name, source))
    left, right = side_by_side(2)
    with left:
        show(found.drawn(f"roc {task} {name} {source}", lambda: roc_curves(rows, what)), f"roc-{task}-{name}")
    with right:
        figure = found.drawn(f"pr {task} {name} {source}", lambda: precision_recall_curves(rows, what))
        show(figure, f"precision-recall-{task}-{name}")


def _calibration(found: Report, task: str, name: str, source: str) -> None:
    if _lines(found, task, name, source) is None:
        return
    rows = found.drawn(f"rows {task} {name} {source}", lambda: pick_rows(found.lines, task, name, source))
    left, right = side_by_side(2)
    with left:
        figure = found.drawn(f"reliability {task} {name} {source}", lambda: reliability(rows))
        show(figure, f"reliability-{task}-{name}")
    with right:
        figure = found.drawn(f"risk {task} {name} {source}", lambda: risk_coverage(rows))
        show(figure, f"risk-{task}-{name}")


def _slices(found: Report, task: str, name: str, source: str) -> None:
    lines = _lines(found, task, name, source)
    if lines is None:
        return
    known = [by for by in SLICES if by in lines and lines[by].nunique() > 1]
    drawn = [
        (by, found.drawn(f"slice {task} {name} {source} {by}", partial(accuracy_by, lines, task, name, by)))
        for by in known
    ]
    columns = side_by_side(2)
    for index, (by, figure) in enumerate(drawn):
        with columns[index % 2]:
            show(figure, f"slice-{by}-{task}-{name}")


def _lines(found: Report, task: str, name: str, source: str) -> pd.DataFrame | None:
    """The lines of this choice, or None and words on how to get them."""
    if found.lines is None:
        nothing("This report came without its lines.", "Give them with it: evaluate --rows writes them.")
        return None
    lines: pd.DataFrame = found.drawn(
        f"lines {task} {name} {source}", lambda: _picked(found.lines, task, name, source)
    )
    if lines.empty:
        nothing("There are no cases for this choice.", "Choose other inputs or rows.")
        return None
    return lines


def _picked(lines: Any, task: str, name: str, source: str) -> pd.DataFrame:
    chosen = (lines["task"] == task) & (lines["modalities"] == name)
    if source != ALL:
        chosen &= lines["source"] == source
    return lines[chosen]


page()
