"""Smaller models as charts: what each costs against what it still gets right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from mm_core.evaluation.compression_report import SmallModel
from mm_core.figures.figure import Figure, safe, spaced
from mm_core.figures.fronts import Design, design_row, front_plot
from mm_core.figures.theme import empty

COST_NAMES: Final = {"size_mb": "megabytes on disk", "latency": "time of a case, the shipped model's = 1"}
"""A cost in words."""

_SYMBOLS: Final = {
    "none": "star",
    "int8": "square",
    "magnitude": "triangle-up",
    "vocabulary": "triangle-down",
    "structured": "diamond",
    "distillation": "circle",
}


def compression_front(
    models: Sequence[SmallModel], cost: Literal["size_mb", "latency"] = "size_mb", inputs: str = "text"
) -> Figure:
    """Accuracy on ``inputs`` against a cost; a line joins the models that none of the others beats on both."""
    title = f"{'Size' if cost == 'size_mb' else 'Speed'} against accuracy: {spaced(inputs)}"
    designs = [
        Design(
            safe(model.title), price, model.metrics[inputs].accuracy,
            "as shipped" if model.method == "none" else safe(model.method), _SYMBOLS.get(model.method, "cross"),
        )
        for model in models
        if inputs in model.metrics and (price := model.cost(cost, inputs)) is not None
    ]  # fmt: skip
    if not designs:
        return Figure(title, empty(), "The report holds no models with this measure.", ())
    plot, kept = front_plot(designs, {"title": COST_NAMES[cost], "rangemode": "tozero"}, "accuracy")
    reading = (
        "Up and left is better. The dotted line joins the models that no other beats in both, which are coloured "
        "and, where there is room, named; the bars are 95% intervals over test rows, which all models share."
    )
    rows = [design_row(design, on, cost, "accuracy") for design, on in zip(designs, kept, strict=True)]
    return Figure(title, plot, reading, tuple(rows))
