"""The report on relevance methods as checked records. What each part means: ``faithfulness_study``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from mm_core.evaluation.heading import Heading
from mm_core.evaluation.records import Count, Estimate, Name, Named, Record, Words, checked

MOST_METHODS: Final = 32


class MethodScores(Record):
    """One relevance method on one modality. beats_chance: share of maps that beat random orders in the deletion test.
    randomised_correlation: of its maps with those of shuffled weights, on test rows only."""

    n: Count
    beats_chance: Estimate
    beats_chance_inserting: Estimate
    deletion_auc: Estimate
    random_deletion_auc: Estimate
    insertion_auc: Estimate
    comprehensiveness: Estimate
    sufficiency: Estimate
    signed: bool
    by_construction: bool
    randomised_correlation: Estimate | None = None


ByMethod = Annotated[dict[Name, MethodScores], Field(max_length=MOST_METHODS)]


class FaithfulnessReport(Heading):
    """Which relevance method may be trusted for which modality.

    defaults: the method that validation rows chose for each modality; best_other: the best one that does not measure
    what the test measures.
    """

    defaults: dict[Name, Name] = Named
    best_other: dict[Name, Name] = Named
    by_construction: Annotated[list[Name], Field(max_length=MOST_METHODS)] = Field(default_factory=list)
    random_orders: Count
    fewest_units: Count
    setting: Words = ""
    valid: dict[Name, ByMethod] = Named
    test: dict[Name, ByMethod] = Named


def read_faithfulness(content: Mapping[str, Any]) -> FaithfulnessReport:
    """The report that ``faithfulness`` wrote; InvalidInput where it is none."""
    return checked(FaithfulnessReport, content, "python -m mm_core faithfulness")
