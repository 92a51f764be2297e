"""Long work that tells how far it is and can be stopped: a generator of steps, the last of which has the result."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Step(Generic[Result]):
    """fraction: of the work that is done, 0 to 1, never falling. result: what the work gives, in its last step only.

    ValueError for a fraction outside of 0 to 1.
    """

    fraction: float
    result: Result | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction <= 1.0:
            raise ValueError(f"a fraction of work lies between 0 and 1, not at {self.fraction}")


Steps: TypeAlias = Generator[Step[Result], None, None]
"""Closing it cancels the work."""


def finish(steps: Steps[Result]) -> Result:
    """Run work to its end without looking at its progress; RuntimeError where it ends without a result."""
    for step in steps:
        if step.result is not None:
            return step.result
    raise RuntimeError("the work ended without a result")
