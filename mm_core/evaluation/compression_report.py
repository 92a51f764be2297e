"""The report on smaller models as checked records. What each field means: docs/compression.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue

from mm_core.evaluation.heading import Heading
from mm_core.evaluation.records import (
    MOST_LABELS,
    MOST_NAMES,
    Count,
    Estimate,
    Name,
    Named,
    NonNegative,
    Number,
    Record,
    Words,
    checked,
)
from mm_core.samples import InvalidInput

COSTS: Final = ("size_mb", "latency")
"""What a model costs: megabytes on disk, or its time over the shipped model's."""

INPUTS: Final = ("text", "text+image+audio")
"""What it was judged on."""

MOST_MODELS: Final = 200


class Scores(Record):
    """Metrics on test rows."""

    n: Annotated[int, Field(ge=1)]
    accuracy: Estimate
    macro_f1: Estimate


OnFront = Annotated[dict[Name, bool], Field(max_length=MOST_NAMES)]
"""By what was given: whether no other model is both cheaper and better."""


class SmallModel(Record):
    """One model that was made, measured beside the one that ships."""

    name: Name
    title: Name
    method: Name
    note: Words = ""
    settings: Annotated[dict[Name, JsonValue], Field(max_length=MOST_LABELS)] = Field(default_factory=dict)
    parameters: Count
    nonzero: Count | None = None
    size_mb: NonNegative
    packed_mb: NonNegative
    latency: dict[Name, Estimate] = Named
    milliseconds: dict[Name, Number] = Named
    metrics: dict[Name, Scores] = Named
    difference: dict[Name, Estimate] = Named
    seconds: NonNegative | None = None
    loadable: bool = False
    front: dict[Literal["size_mb", "latency"], Annotated[dict[Name, bool], Field(max_length=MOST_NAMES)]] = Field(
        default_factory=dict
    )

    def cost(self, of: Literal["size_mb", "latency"], inputs: str) -> float | None:
        """Megabytes, or the ratio of the time for these inputs; None where it was not measured."""
        if of == "size_mb":
            return self.size_mb
        return self.latency[inputs].value if inputs in self.latency else None


class CompressionReport(Heading):
    """The models that were tried, the shipped one first. threads: torch's, while times were taken."""

    threads: Count | None = None

    runs: Annotated[list[SmallModel], Field(min_length=1, max_length=MOST_MODELS)]


def read_compression(content: Mapping[str, Any]) -> CompressionReport:
    """The report that ``compress run`` wrote; InvalidInput where it is none or two models share a name."""
    report = checked(CompressionReport, content, "python -m mm_core compress run")
    if len({model.name for model in report.runs}) < len(report.runs):
        raise InvalidInput("This report can't be used: two of its models have the same name.")
    return report
