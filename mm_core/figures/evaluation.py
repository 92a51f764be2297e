"""The evaluation report as charts: metrics of each set of modalities, confusion matrices, precision and recall.

``report[task][modalities][source][metric]``; a figure is ``{"value", "low", "high"}`` in 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, interval_plot
from mm_core.figures.palette import ACCENT, AMOUNT_SCALE, INK, SHARED, modality_colour
from mm_core.figures.theme import SMALL, add_points, bar_height, empty, make_selectable, styled, write_cells
from mm_core.labels import COALITIONS, coalition_name
from mm_core.wording import percent

METRIC_NAMES: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "multilabel_macro_f1": "macro-F1 over several labels",
    "multilabel_macro_f1_at_0.3": "macro-F1 over several labels, cut at 0.3",
    "weighted_f1": "weighted F1",
    "uar": "unweighted average recall",
    "ece": "calibration error (ECE)",
}
"""A metric's name in words."""

ALL: Final = "all"

_NO_ROWS: Final = "The report holds no rows for this choice."


def metric_bars(
    report: Mapping[str, Any], task: str = "emotion", metric: str = "macro_f1", source: str = ALL
) -> Figure:
    """One metric of every set of modalities that the report judges, with its 95% interval and n; beside all three,
    as an open mark, the product of the single answers where the report has it."""
    measured, sets = [], report.get(task, {})
    for name in (coalition_name(members) for members in COALITIONS[1:]):
        found = sets.get(name, {}).get(source, {})
        if metric in found:
            measured.append(Measured(spaced(name), modality_colour(name), found[metric], found.get("n")))
    product = report.get("baselines", {}).get("product_of_singles", {}).get("text+image+audio", {}).get(source, {})
    if task == "emotion" and metric in product and measured:
        measured.append(Measured("product of the three", SHARED, product[metric], product.get("n"), hollow=True))
    words = METRIC_NAMES.get(metric, safe(metric))
    title = f"{words[0].upper()}{words[1:]} by input, {task}"
    if not measured:
        return Figure(title, empty(), _NO_ROWS, ())
    better = "the further left, the better" if metric == "ece" else "the further right, the better"
    reading = f"Each dot is the {words} on {_rows_of(report, source)}, its bar the 95% interval; {better}."
    return Figure(title, interval_plot(measured, words), reading, tuple(m.row() for m in measured))


def slice_bars(slices: Sequence[Mapping[str, Any]], metric: str, by: str) -> Figure:
    """One metric in slices of the rows, e.g. by speaker or loudness. slices: mappings of ``name``, ``value``,
    ``low``, ``high``, ``n`` and, if they belong to one, ``modality``. by: what was sliced by, in words."""
    words = METRIC_NAMES.get(metric, safe(metric))
    title = f"{words[0].upper()}{words[1:]} by {by}"
    measured = [
        Measured(
            safe(str(s["name"])),
            modality_colour(s.get("modality", "none")) if s.get("modality") else ACCENT,
            {key: s[key] for key in ("value", "low", "high")},
            s.get("n"),
        )
        for s in slices
    ]
    if not measured:
        return Figure(title, empty(), _NO_ROWS, ())
    reading = f"Each dot is the {words} on that slice, its bar the 95% interval; bars that overlap may not differ."
    return Figure(title, interval_plot(measured, words), reading, tuple(m.row() for m in measured))


def confusion(
    report: Mapping[str, Any],
    task: str = "emotion",
    modalities: str = "text+image+audio",
    source: str = ALL,
    selectable: bool = False,
) -> Figure:
    """Truth by answer, each row in percent of its truth. With ``selectable`` a grid of clear points lies on top whose
    customdata is (truth, answer)."""
    title = f"What is taken for what: {spaced(modalities)}, {task}"
    found = report.get(task, {}).get(modalities, {}).get(source, {}).get("confusion")
    if not found or not any(map(sum, found["matrix"])):
        return Figure(title, empty(), _NO_ROWS, ())
    labels: list[str] = [safe(label) for label in found["labels"]]
    counts: list[list[int]] = found["matrix"]
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
                [f"{t} taken for {a}: {count} of {sum(row)}" for a, count in zip(labels, row, strict=True)]
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
            [[found["labels"][t], found["labels"][a]] for t, a in cells],
            size=30,
            text=[f"{labels[t]} taken for {labels[a]}: {counts[t][a]}" for t, a in cells],
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
            "title": "answer",
            "tickangle": -50,
            "showgrid": False,
            "range": [-0.5, len(labels) - 0.5],
        },
        margin={"r": 40},
        yaxis={"autorange": "reversed", "title": "truth", "showgrid": False},
    )
    reading = (
        "Each row is one true class and adds up to 100: the numbers say in percent what it was taken for, so the "
        "diagonal is the recall."
    )
    table = tuple(
        {"truth": t, "answer": a, "cases": counts[i][j], "share of truth": shares[i][j]}
        for i, t in enumerate(found["labels"])
        for j, a in enumerate(found["labels"])
    )
    return Figure(title, plot, reading, table)


def per_class(
    report: Mapping[str, Any], task: str = "emotion", modalities: str = "text+image+audio", source: str = ALL
) -> Figure:
    """Precision and recall of each class."""
    title = f"Precision and recall: {spaced(modalities)}, {task}"
    found: Mapping[str, Mapping[str, float]] = (
        report.get(task, {}).get(modalities, {}).get(source, {}).get("per_class", {})
    )
    if not found:
        return Figure(title, empty(), _NO_ROWS, ())
    labels = list(found)
    ticks = [f"{safe(label)}<br><sub>n = {found[label]['n']:,}</sub>" for label in labels]
    places = list(range(len(labels)))
    plot = go.Figure()
    for place, label in enumerate(labels):
        ends = {"x0": found[label]["precision"], "x1": found[label]["recall"]}
        plot.add_shape(type="line", **ends, y0=place, y1=place, line={"color": SHARED, "width": 2}, layer="below")
    for name, marker in (
        ("precision", {"size": 12, "symbol": "diamond-open", "color": INK, "line": {"width": 2}}),
        ("recall", {"size": 12, "color": ACCENT}),
    ):
        plot.add_scatter(
            x=[found[label][name] for label in labels],
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
    reading = (
        "Precision (diamond): of the answers of this class, the share that is right; recall (dot): of the cases of "
        "this class, the share that is found."
    )
    table: tuple[Row, ...] = tuple({"class": label, **found[label]} for label in labels)
    return Figure(title, plot, reading, table)


def _rows_of(report: Mapping[str, Any], source: str) -> str:
    split = safe(str(report.get("split", "test")))
    rows = "all rows" if split == ALL else f"{split} rows"
    return rows if source == ALL else f"{rows} of {safe(source)}"
