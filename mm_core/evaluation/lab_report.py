"""The lab's report as checked records, and its runs gathered over seeds. What each field means: docs/lab.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, JsonValue

from mm_core.evaluation.heading import EvaluatedModel, Heading
from mm_core.evaluation.records import (
    MOST_LABELS,
    Estimate,
    Name,
    Named,
    NonNegative,
    Number,
    Record,
    Share,
    Words,
    checked,
)
from mm_core.samples import InvalidInput

MOST_RUNS: Final = 2000
MOST_STEPS: Final = 20
"""Levels of noise."""


class Pattern(Record):
    """Accuracy with some modalities only."""

    accuracy: Share


class NoiseStep(Record):
    """Accuracy at one level of noise; the level in standard deviations of the input."""

    level: Number
    accuracy: Share


class Conflict(Record):
    """Shares of answers that follow the two inputs that agree, the odd one, or neither."""

    majority: Share
    odd: Share
    other: Share


class AttentionScores(Record):
    """depends: how much attention depends on what asks, 0 to about 1. removal: how much more of an answer's
    probability goes with the tokens that attention looks at most than with as many others."""

    depends: NonNegative
    removal: Number


class Run(Record):
    """One training of one strategy with one seed, scored on test rows. model: the one whose towers read the cases,
    None where no tower was used."""

    id: Name
    suite: Name | None = None
    data: Name
    variant: Name = "utterance"
    fusion: Name
    seed: int
    split: Name = "test"
    n: Annotated[int, Field(ge=1)]
    labels: Annotated[list[Name], Field(max_length=MOST_LABELS)] = Field(default_factory=list)
    metrics: dict[Name, Number] = Named
    validation: dict[Name, Number] = Named
    missing: dict[Name, Pattern] = Named
    noise: dict[Name, Annotated[list[NoiseStep], Field(max_length=MOST_STEPS)]] = Named
    conflict: dict[Name, Conflict] = Named
    shares: dict[Name, Share] = Named
    attention: AttentionScores | None = None
    parameters: Annotated[int, Field(ge=0)]
    seconds: NonNegative
    settings: Annotated[dict[Name, JsonValue], Field(max_length=MOST_LABELS)] = Field(default_factory=dict)
    model: EvaluatedModel | None = None


class Reference(Record):
    """An estimate from elsewhere to stand beside the runs."""

    data: Name
    name: Name
    metric: Name
    value: Number
    source: Words = ""
    note: Words = ""
    kind: Name = "published"


class Comparison(Record):
    """Whether the default strategy is worse than a late one by more than the margin; not_worse is None where too few
    groups were resampled to tell."""

    data: Name
    variant: Name = "utterance"
    first: Name
    second: Name
    difference: Estimate
    margin: Number
    not_worse: bool | None = None


class LabReport(Heading):
    """All runs of all suites, what stands beside them, and the comparisons that were made with them."""

    runs: Annotated[list[Run], Field(min_length=1, max_length=MOST_RUNS)]
    references: Annotated[list[Reference], Field(max_length=MOST_RUNS)] = Field(default_factory=list)
    comparisons: Annotated[list[Comparison], Field(max_length=MOST_RUNS)] = Field(default_factory=list)


def read_lab(content: Mapping[str, Any]) -> LabReport:
    """The report that ``lab run`` wrote; InvalidInput where it is none or two runs share an id."""
    report = checked(LabReport, content, "python -m mm_core lab run")
    if len({run.id for run in report.runs}) < len(report.runs):
        raise InvalidInput("This report can't be used: two of its runs have the same id.")
    return report


@dataclass(frozen=True)
class Spread:
    """One quantity over seeds. estimate: its mean with the 95 % interval of Student's t, none for a single seed;
    deviation: standard deviation of the values."""

    estimate: Estimate
    deviation: float
    values: tuple[float, ...]


def over_seeds(values: tuple[float, ...]) -> Spread:
    """Mean and 95 % interval of one value a seed, at least one."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Spread(Estimate(value=mean), 0.0, values)
    from scipy.stats import t

    deviation = statistics.stdev(values)
    half = float(t.ppf(0.975, len(values) - 1)) * deviation / len(values) ** 0.5
    return Spread(Estimate(value=mean, low=mean - half, high=mean + half), deviation, values)


@dataclass(frozen=True)
class Strategy:
    """One fusion strategy with its runs, one a seed, on the same data."""

    fusion: str
    runs: tuple[Run, ...]

    def spread(self, of: Callable[[Run], float | None]) -> Spread | None:
        """A quantity of each run over the seeds; None where no run has it."""
        values = tuple(value for run in self.runs if (value := of(run)) is not None)
        return over_seeds(values) if values else None


def strategies(report: LabReport, data: str, variant: str) -> tuple[Strategy, ...]:
    """The strategies on one data and variant, in the report's order, runs in the order of their seeds."""
    found: dict[str, list[Run]] = {}
    for run in report.runs:
        if (run.data, run.variant) == (data, variant):
            found.setdefault(run.fusion, []).append(run)
    return tuple(Strategy(fusion, tuple(sorted(runs, key=lambda run: run.seed))) for fusion, runs in found.items())
