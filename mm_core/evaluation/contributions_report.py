"""The report on contributions over a data set as checked records. What each part means: ``contributions_study``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from mm_core.evaluation.heading import Heading
from mm_core.evaluation.records import (
    MOST_LABELS,
    Count,
    Estimate,
    Name,
    Named,
    NonNegative,
    Number,
    Record,
    Share,
    checked,
)
from mm_core.labels import MODALITIES


class AddsUp(Record):
    """The largest gap, over n cases, between contributions and v(N) - v(empty)."""

    n: Count
    dividends: NonNegative
    shapley: NonNegative


class ShareEstimate(Estimate):
    """The mean share of a modality, with quantiles over cases (``0.05``, ``0.25``, ``0.5``, ``0.75``, ``0.95``)."""

    quantiles: Annotated[dict[Name, Share], Field(max_length=9)]


class SharesOf(Record):
    """Shares of the modalities over n cases of one kind; None for a modality that the folder lacks."""

    n: Count
    text: ShareEstimate | None = None
    image: ShareEstimate | None = None
    audio: ShareEstimate | None = None

    @property
    def of(self) -> dict[str, ShareEstimate]:
        """By modality, those that were measured."""
        found = {m: getattr(self, m) for m in MODALITIES}
        return {m: share for m, share in found.items() if share is not None}


class Shape(Record):
    """Accuracy of every coalition, and its Shapley values and interactions (SHAPE)."""

    n: Count
    accuracy: dict[Name, Estimate] = Named
    shapley: dict[Name, Estimate] = Named
    interactions: dict[Name, Estimate] = Named


class Permuted(Record):
    """Accuracy when one modality is another case's, what is lost by it, and that over the accuracy."""

    permuted: Estimate
    lost: Estimate
    score: Estimate
    monte_carlo_error: NonNegative


class Perceptual(Record):
    """The Perceptual Score of each modality."""

    n: Count
    permutations: Count
    accuracy: Estimate
    text: Permuted | None = None
    image: Permuted | None = None
    audio: Permuted | None = None

    @property
    def of(self) -> dict[str, Permuted]:
        """By modality, those that were measured."""
        found = {m: getattr(self, m) for m in MODALITIES}
        return {m: one for m, one in found.items() if one is not None}


class Projection(Record):
    """How a projection of the model answers. explained: share of the variance of the centred logits."""

    accuracy: Estimate
    lost: Estimate
    same_answer: Share
    explained: Number
    monte_carlo_error: NonNegative


class Emap(Record):
    """The model, and its projections onto sums of functions of one modality and of pairs."""

    n: Count
    draws: Count
    full: Projection
    additive: Projection
    pairwise: Projection | None = None

    @property
    def of(self) -> dict[str, Projection]:
        """By name, those that were made."""
        found = {"full": self.full, "pairwise": self.pairwise, "additive": self.additive}
        return {name: one for name, one in found.items() if one is not None}


class Differing(Record):
    """Cases by how many of the single answers differ. accuracy: None where there is no such case."""

    n: Count
    share: Estimate
    accuracy: Estimate | None = None


class ContributionsReport(Heading):
    """What each modality adds over a whole data set, by four measures."""

    cases: Count | None = None
    adds_up: AddsUp
    shares: Annotated[dict[Name, SharesOf], Field(max_length=MOST_LABELS)]
    shape: Shape
    perceptual: Perceptual
    emap: Emap
    disagreement: dict[Name, Differing] = Named


def read_contributions(content: Mapping[str, Any]) -> ContributionsReport:
    """The report that ``contributions`` wrote; InvalidInput where it is none."""
    return checked(ContributionsReport, content, "python -m mm_core contributions")
