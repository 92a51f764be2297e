"""Smaller models as charts: what each costs against what it still gets right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from mm_core.evaluation.compression_report import SmallModel
from mm_core.figures.figure import Figure, safe, spaced
from mm_core.figures.fronts import Design, design_row, front_plot
from mm_core.figures.theme import empty
from mm_core.locale import say

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
    title = say("compression-title", cost=cost, inputs=spaced(inputs))
    designs = [
        Design(
            safe(model.title), price, model.metrics[inputs].accuracy,
            say("compression-shipped") if model.method == "none" else safe(model.method),
            _SYMBOLS.get(model.method, "cross"),
        )
        for model in models
        if inputs in model.metrics and (price := model.cost(cost, inputs)) is not None
    ]  # fmt: skip
    if not designs:
        return Figure(title, empty(), say("compression-none"), ())
    plot, kept = front_plot(
        designs,
        {"title": say("compression-cost", cost=cost), "rangemode": "tozero"},
        say("metric", metric="accuracy"),
    )
    reading = say("compression-reading")
    rows = [design_row(design, on, cost, "accuracy") for design, on in zip(designs, kept, strict=True)]
    return Figure(title, plot, reading, tuple(rows))
