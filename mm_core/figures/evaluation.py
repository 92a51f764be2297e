"""The evaluation report as charts: metrics of each set of modalities, confusion matrices, precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mm_core.evaluation.evaluation_report import ALL, METRICS, EvaluationReport, met_words
from mm_core.evaluation.records import Estimate
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, interval_plot
from mm_core.figures.palette import ACCENT, AMOUNT_SCALE, INK, SHARED, modality_colour
from mm_core.figures.theme import SMALL, add_points, bar_height, empty, make_selectable, styled, write_cells
from mm_core.labels import COALITIONS, coalition_name
from mm_core.locale import percent, say


@dataclass(frozen=True)
class Slice:
    """A part of the rows with one metric on them. name: in words; n: its rows."""

    name: str
    estimate: Estimate
    n: int


def metric_bars(
    report: EvaluationReport, task: str = "emotion", metric: str = "macro_f1", source: str = ALL
) -> Figure:
    """One metric of every set of modalities that the report judges, with its 95% interval and n; beside all three,
    as an open mark, the product of the single answers (each freed from its prior) where the report has it."""
    measured = []
    for name in (coalition_name(members) for members in COALITIONS[1:]):
        found = report.scores(task, name, source)
        if found is not None and (estimate := found.metric(metric)) is not None:
            measured.append(Measured(spaced(name), modality_colour(name), estimate, found.n))
    product = report.late_product(source=source) if task == "emotion" else None
    if measured and product is not None and (estimate := product.metric(metric)) is not None:
        measured.append(Measured(say("metric-product"), SHARED, estimate, product.n, hollow=True))
    words = metric_name(metric)
    title = say("metric-by-input", metric=capitalised(words), task=task)
    if not measured:
        return Figure(title, empty(), say("report-no-rows-for-choice"), ())
    side = "left" if metric == "ece" else "right"
    reading = say("metric-by-input-reading", metric=words, rows=_rows_of(report, source), side=side)
    return Figure(title, interval_plot(measured, words), reading, tuple(m.row() for m in measured))


def stranger_bars(report: EvaluationReport) -> Figure:
    """What was measured on corpora that the answering weights had never met: recall averaged over the labels for
    emotion, macro-F1 for sentiment. An open dot is a training made without the corpus; the weights that ship are not
    the ones that answered there."""
    title = say("strangers-title")
    measured, table = [], []
    for one in report.strangers():
        metric = "uar" if one.task == "emotion" else "macro_f1"
        estimate = one.scores.metric(metric)
        if estimate is None or one.scores.met is None:
            continue
        name = f"{safe(one.source)}, {spaced(one.modalities)}"
        name += "" if one.task == "emotion" else f", {one.task}"
        left_out = one.scores.met == "left out"
        measured.append(Measured(name, modality_colour(one.modalities), estimate, one.scores.n, hollow=left_out))
        table.append({**measured[-1].row(), "metric": metric_name(metric), "met": met_words(one.scores.met)})
    if not measured:
        return Figure(title, empty(), say("strangers-none"), ())
    reading = say("strangers-reading")
    return Figure(title, interval_plot(measured, say("mean-recall")), reading, tuple(table))


def slice_bars(slices: Sequence[Slice], metric: str, by: str) -> Figure:
    """One metric in slices of the rows, e.g. by speaker or loudness. by: what was sliced by, in words."""
    words = metric_name(metric)
    title = f"{words[0].upper()}{words[1:]} by {by}"
    measured = [Measured(safe(s.name), ACCENT, s.estimate, s.n) for s in slices]
    if not measured:
        return Figure(title, empty(), say("report-no-rows-for-choice"), ())
    reading = say("slices-reading", metric=words)
    return Figure(title, interval_plot(measured, words), reading, tuple(m.row() for m in measured))


def confusion(
    report: EvaluationReport,
    task: str = "emotion",
    modalities: str = "text+image+audio",
    source: str = ALL,
    selectable: bool = False,
) -> Figure:
    """Truth by answer, each row in percent of its truth. With ``selectable`` a grid of clear points lies on top whose
    customdata is (truth, answer)."""
    title = say("confusion-title", inputs=spaced(modalities), task=task)
    scores = report.scores(task, modalities, source)
    found = None if scores is None else scores.confusion
    if found is None or not any(map(sum, found.matrix)):
        return Figure(title, empty(), say("report-no-rows-for-choice"), ())
    labels, counts = [safe(label) for label in found.labels], found.matrix
    shares = [[cell / max(sum(row), 1) for cell in row] for row in counts]
    places = list(range(len(labels)))
    plot = go.Figure(
        go.Heatmap(
            z=shares,
            x=places,
            y=labels,
            zmin=0,
            zmax=1,
            colorscale=AMOUNT_SCALE,
            showscale=False,
            xgap=2,
            ygap=2,
            text=[
                [
                    say("confusion-cell", truth=t, answer=a, count=count, all=sum(row))
                    for a, count in zip(labels, row, strict=True)
                ]
                for t, row in zip(labels, counts, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    write_cells(plot, [[percent(s, sign=False) for s in row] for row in shares], shares, labels)
    if selectable:
        cells = [(t, a) for t in places for a in places]
        add_points(
            plot,
            [a for _, a in cells],
            [labels[t] for t, _ in cells],
            [[found.labels[t], found.labels[a]] for t, a in cells],
            size=30,
            text=[say("confusion-point", truth=labels[t], answer=labels[a], count=counts[t][a]) for t, a in cells],
            hovertemplate="%{text}<extra></extra>",
        )
        make_selectable(plot)
    styled(
        plot,
        34 * len(labels) + 110,
        xaxis={
            "tickvals": places,
            "ticktext": labels,
            "side": "top",
            "title": say("axis-answer"),
            "tickangle": -50,
            "showgrid": False,
            "range": [-0.5, len(labels) - 0.5],
        },
        margin={"r": 40},
        yaxis={"autorange": "reversed", "title": say("axis-truth"), "showgrid": False},
    )
    reading = say("confusion-reading")
    table = tuple(
        {"truth": t, "answer": a, "cases": counts[i][j], "share of truth": shares[i][j]}
        for i, t in enumerate(found.labels)
        for j, a in enumerate(found.labels)
    )
    return Figure(title, plot, reading, table)


def per_class(
    report: EvaluationReport, task: str = "emotion", modalities: str = "text+image+audio", source: str = ALL
) -> Figure:
    """Precision and recall of each class."""
    title = say("per-class-title", inputs=spaced(modalities), task=task)
    scores = report.scores(task, modalities, source)
    if scores is None or not scores.per_class:
        return Figure(title, empty(), say("report-no-rows-for-choice"), ())
    found = scores.per_class
    labels = list(found)
    ticks = [f"{safe(label)}<br><sub>n = {found[label].n:,}</sub>" for label in labels]
    places = list(range(len(labels)))
    plot = go.Figure()
    for place, label in enumerate(labels):
        ends = {"x0": found[label].precision, "x1": found[label].recall}
        plot.add_shape(type="line", **ends, y0=place, y1=place, line={"color": SHARED, "width": 2}, layer="below")
    for name, marker in (
        ("precision", {"size": 12, "symbol": "diamond-open", "color": INK, "line": {"width": 2}}),
        ("recall", {"size": 12, "color": ACCENT}),
    ):
        plot.add_scatter(
            x=[getattr(found[label], name) for label in labels],
            y=places,
            mode="markers",
            name=name,
            marker=marker,
            text=[safe(label) for label in labels],
            hovertemplate=f"%{{text}}: {name} %{{x:.2f}}<extra></extra>",
        )
    styled(
        plot,
        bar_height(len(labels), 20 * len(labels) // 3 + 90),
        xaxis={"range": [-0.02, 1.02], "nticks": 6},
        yaxis={"tickvals": places, "ticktext": ticks, "autorange": "reversed", "tickfont": {"size": SMALL + 1}},
    )
    reading = say("per-class-reading")
    table: tuple[Row, ...] = tuple({"class": label, **dict(found[label])} for label in labels)
    return Figure(title, plot, reading, table)


def _rows_of(report: EvaluationReport, source: str) -> str:
    split = safe(report.split or "none")
    return say("rows-of", split=split, source=safe(source))


def metric_name(metric: str) -> str:
    """A metric in words; one that is not known keeps its name."""
    known = (*METRICS, "nll")
    return say("metric", metric=metric.replace(".", "-")) if metric in known else safe(metric.replace("_", " "))


def capitalised(words: str) -> str:
    """Words as they begin a title."""
    return f"{words[:1].upper()}{words[1:]}"
