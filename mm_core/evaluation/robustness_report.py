"""The robustness report as checked records. What each part means: ``robustness_study``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from mm_core.evaluation.heading import Heading
from mm_core.evaluation.records import MOST_NAMES, Count, Estimate, Name, Named, Number, Record, Share, Words, checked

MOST_LEVELS: Final = 20


class Given(Record):
    """Accuracy and mean calibrated probability of the top answer."""

    accuracy: Estimate
    confidence: Share


class Level(Record):
    """One level of a corruption, None for the clean inputs: the worse modality alone, and beside the clean others."""

    level: Number | None = None
    alone: Given
    together: Given


class Corrupted(Record):
    """Accuracy as one modality gets worse in one way; the first level is the clean one."""

    title: Name
    unit: Words
    n: Count
    levels: Annotated[list[Level], Field(min_length=1, max_length=MOST_LEVELS)]


class Missing(Record):
    """Accuracy with some of the modalities only."""

    n: Count
    accuracy: Estimate


class Contradiction(Record):
    """Shares of cases in which one modality carries another label than the rest. noticed: None where the model does
    not answer agreement."""

    n: Count
    follows_rest: Estimate
    follows_odd: Estimate
    neither: Estimate
    odd_alone: Estimate
    noticed: Estimate | None = None


class RobustnessReport(Heading):
    """What happens to the answers when inputs get worse, are missing, or contradict each other."""

    cases: Count | None = None
    conflicts: Count | None = None
    noise: Annotated[dict[Name, Annotated[dict[Name, Corrupted], Field(max_length=MOST_NAMES)]], Field(max_length=3)]
    missing: Annotated[dict[Name, Missing], Field(max_length=16)]
    conflict: dict[Name, Contradiction] = Named
    false_alarms: Estimate | None = None


def read_robustness(content: Mapping[str, Any]) -> RobustnessReport:
    """The report that ``robustness`` wrote; InvalidInput where it is none."""
    return checked(RobustnessReport, content, "python -m mm_core robustness")
