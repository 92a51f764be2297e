"""Parts that checked reports are made of. A report may come from anybody: nothing is used before it was checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mm_core.locale import decimal
from mm_core.samples import InvalidInput

FEWEST_GROUPS: Final = 10
"""Resampled groups (speakers, say) below which a bootstrap interval is neither made nor shown."""

MOST_NAMES: Final = 32
"""Entries of one mapping, such as metrics or modalities."""

MOST_LABELS: Final = 500
"""Entries of a mapping over labels or data sources, which a model or data of one's own may have many of."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(max_length=600)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Named: Any = Field(default_factory=dict, max_length=MOST_NAMES)
NamedByLabel: Any = Field(default_factory=dict, max_length=MOST_LABELS)


class Record(BaseModel):
    """A part of a report; what it holds beyond the known fields is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Folds(Record):
    """The same quantity over cross-validation folds: what is told instead of an interval where groups are few."""

    count: Annotated[int, Field(ge=2)]
    mean: Number
    deviation: NonNegative


class Estimate(Record):
    """A measured quantity with its 95 % bootstrap interval.

    low, high: None where fewer than ``FEWEST_GROUPS`` groups were resampled. A percentile interval need not contain
    the value: it does not where the metric is biased on resampled rows, as the calibration error is. groups: how many
    were resampled; None where the report does not say. folds: mean and deviation over folds.
    """

    value: Number
    low: Number | None = None
    high: Number | None = None
    groups: Count | None = None
    folds: Folds | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the interval, or None where there is none to show."""
        if self.low is None or self.high is None or (self.groups is not None and self.groups < FEWEST_GROUPS):
            return None
        return self.low, self.high

    def spread_words(self, digits: int = 2) -> str:
        """How far the value can be trusted: ``0.63 to 0.67``, ``0.63 ± 0.04 over 5 folds`` or why there is
        neither."""
        if self.interval is not None:
            low, high = self.interval
            return f"{decimal(low, digits)} to {decimal(high, digits)}"
        if self.folds is not None:
            mean, deviation = decimal(self.folds.mean, digits), decimal(self.folds.deviation, digits)
            return f"{mean} ± {deviation} over {self.folds.count} folds"
        if self.groups is not None and self.groups < FEWEST_GROUPS:
            return f"no interval: {self.groups} {'group' if self.groups == 1 else 'groups'}"
        return "no interval"

    def words(self, digits: int = 2) -> str:
        """Value and spread.

        >>> Estimate(value=0.6512, low=0.63, high=0.67).words()
        '0.65 (0.63 to 0.67)'
        >>> Estimate(value=0.617, groups=2).words()
        '0.62 (no interval: 2 groups)'
        """
        return f"{decimal(self.value, digits)} ({self.spread_words(digits)})"


Kind = TypeVar("Kind", bound=Record)


def checked(kind: type[Kind], content: Mapping[str, Any], command: str) -> Kind:
    """A report's content as a record; InvalidInput names the first field that is wrong, and ``command``."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ", ".join(str(part)[:40] for part in first["loc"])
        raise InvalidInput(
            f"This report can't be used. At {place}: {first['msg'].lower()}. Choose the JSON that `{command}` wrote."
        ) from None


def as_json(record: Record) -> str:
    """A record as JSON; what it does not hold is left out."""
    return json.dumps(record.model_dump(mode="json", exclude_none=True, by_alias=True), indent=1)


def write_report(record: Record, path: Path) -> None:
    """Write a report as a JSON file, with its folder where that is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(record) + "\n", encoding="utf-8")
