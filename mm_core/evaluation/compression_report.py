"""The report on smaller models as checked records. What each field means: docs/compression.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from mm_core.evaluation.records import Interval, Name, Named, NonNegative, Number, Record, Words, checked
from mm_core.samples import InvalidInput

COSTS: Final = ("size_mb", "latency")
"""What a model costs: megabytes on disk, or its time over the shipped model's."""

INPUTS: Final = ("text", "text+image+audio")
"""What it was judged on."""

MOST_MODELS: Final = 200


class Scores(Record):
    """Metrics on test rows."""

    n: Annotated[int, Field(ge=1)]
    accuracy: Interval
    macro_f1: Interval


class SmallModel(Record):
    """One model that was made, measured beside the one that ships."""

    name: Name
    title: Name
    method: Name
    note: Words = ""
    parameters: Annotated[int, Field(ge=0)]
    size_mb: NonNegative
    packed_mb: NonNegative
    latency: dict[Name, Interval] = Named
    milliseconds: dict[Name, Number] = Named
    metrics: dict[Name, Scores] = Named
    difference: dict[Name, Interval] = Named
    loadable: bool = False

    def cost(self, of: Literal["size_mb", "latency"], inputs: str) -> float | None:
        """Megabytes, or the ratio of the time for these inputs; None where it was not measured."""
        if of == "size_mb":
            return self.size_mb
        return self.latency[inputs].value if inputs in self.latency else None


class CompressionReport(Record):
    """The models that were tried, the shipped one first."""

    runs: Annotated[list[SmallModel], Field(min_length=1, max_length=MOST_MODELS)]


def read_compression(content: Mapping[str, Any]) -> CompressionReport:
    """The report that ``compress run`` wrote; InvalidInput where it is none or two models share a name."""
    report = checked(CompressionReport, content, "python -m mm_core compress run")
    if len({model.name for model in report.runs}) < len(report.runs):
        raise InvalidInput("This report can't be used: two of its models have the same name.")
    return report
