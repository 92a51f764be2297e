"""Parts that checked reports are made of. A report may come from anybody: nothing is used before it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mm_core.samples import InvalidInput

MOST_NAMES: Final = 32
"""Entries of one mapping, such as metrics or modalities."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(max_length=600)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Named: Any = Field(default_factory=dict, max_length=MOST_NAMES)


class Record(BaseModel):
    """A part of a report; what it holds beyond the known fields is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Interval(Record):
    """A figure with its 95 % interval."""

    value: Number
    low: Number
    high: Number

    @property
    def figure(self) -> dict[str, float]:
        """As figures take it."""
        return {"value": self.value, "low": self.low, "high": self.high}


Checked = TypeVar("Checked", bound=Record)


def checked(kind: type[Checked], content: Mapping[str, Any], command: str) -> Checked:
    """A report's content as a record; InvalidInput names the first field that is wrong, and ``command``."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ", ".join(str(part)[:40] for part in first["loc"])
        raise InvalidInput(
            f"This report can't be used. At {place}: {first['msg'].lower()}. Choose the JSON that `{command}` wrote."
        ) from None
