"""The lines of a report's cases as arrays, for the curves that need every answer.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

if TYPE_CHECKING:
    import pandas as pd

_PROBABILITY: Final = "p_"
_LOGIT: Final = "logit_"


@dataclass(frozen=True, eq=False)
class Rows:
    """labels: the C classes. targets: (N, C) bool, several may be true. probabilities: (N, C) calibrated. logits:
    (N, C) uncalibrated, None where the lines don't have them."""

    labels: tuple[str, ...]
    targets: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    logits: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N,): whether the likeliest class is one of the true ones."""
        return self.targets[np.arange(len(self)), self.probabilities.argmax(1)]

    @property
    def uncalibrated(self) -> NDArray[np.float64] | None:
        """(N, C): probabilities as they were before temperature scaling."""
        return None if self.logits is None else np.asarray(softmax(self.logits, axis=1))


def pick_rows(lines: pd.DataFrame, task: str, modalities: str, source: str = "all") -> Rows:
    """The cases of one task and set of modalities from the lines that ``evaluate --rows`` writes: columns ``task``,
    ``modalities``, ``source``, ``truth`` (labels with commas between), ``p_<class>`` and ``logit_<class>``."""
    chosen = (lines["task"] == task) & (lines["modalities"] == modalities)
    if source != "all":
        chosen &= lines["source"] == source
    part = lines[chosen]
    columns = [c for c in part.columns if c.startswith(_PROBABILITY) and part[c].notna().any()]
    labels = tuple(c.removeprefix(_PROBABILITY) for c in columns)
    truths = part["truth"].astype(str).str.split(",")
    targets = np.array([[label in true for label in labels] for true in truths], dtype=bool).reshape(
        len(part), len(labels)
    )
    logits = [_LOGIT + label for label in labels]
    known = all(column in part.columns for column in logits)
    return Rows(
        labels,
        targets,
        part[columns].to_numpy(np.float64),
        part[logits].to_numpy(np.float64) if known else None,
    )
