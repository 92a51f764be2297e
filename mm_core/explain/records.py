"""The results of explanations as plain data: numpy arrays, strings and numbers, no torch.

Letters: U units of a modality, L tokens, S coalitions (2^n), C classes, H heads, K steps of a curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.contributions import Contributions, contributions, members
from mm_core.labels import coalition_name

Task = Literal["emotion", "sentiment"]
Value = Literal["logit", "probability"]

VALUES: Final[tuple[Value, ...]] = ("logit", "probability")
"""What a game or a curve measures: the centred logit (minus the mean over classes) or the calibrated probability."""


@dataclass(frozen=True, eq=False)
class Units:
    """What a person can point at in one modality: the words, patches or moments.

    labels: a word each; for patches and moments where they lie, in words. spans: (U, 2) characters
    [start, end) of the text; (U, 4) left, top, right, bottom in pixels of the picture as given; (U, 2) seconds
    [start, end) of the clip as given. token_units: (L,) int32, the unit of each token of the encoder, -1 for special
    tokens, which never show. extent: characters of the text; width and height of the picture in pixels; seconds
    of the clip as given. grid: rows and columns of the patches, else None.
    """

    modality: str
    labels: tuple[str, ...]
    spans: NDArray[np.float64]
    token_units: NDArray[np.int32]
    extent: tuple[float, ...]
    grid: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Coalitions:
    """The uncalibrated answers of every coalition of the present modalities; everything else follows in numpy.

    players: the present modalities, in house order. logits: for each task (S, C) float32; row ``index`` is the
    coalition of the players whose bits are set in ``index`` (bit 0 the first player), the other modalities being
    replaced by their absent tokens. temperatures: for each task (S,) float64. labels: for each task its classes.
    """

    players: tuple[str, ...]
    logits: dict[str, NDArray[np.float32]]
    temperatures: dict[str, NDArray[np.float64]]
    labels: dict[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The coalition of each row, such as ``text+audio``; ``none`` first."""
        return tuple(coalition_name(members(self.players, index)) for index in range(2 ** len(self.players)))

    def centred(self, task: str = "emotion") -> NDArray[np.float64]:
        """Centred logits (S, C): minus the mean over classes, uncalibrated."""
        logits = self.logits[task].astype(np.float64)
        return logits - logits.mean(1, keepdims=True)

    def probabilities(self, task: str = "emotion") -> NDArray[np.float64]:
        """Calibrated probabilities (S, C), each row with its own temperature."""
        scaled = self.logits[task].astype(np.float64) / self.temperatures[task][:, None]
        powers = np.exp(scaled - scaled.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def worths(self, value: str = "logit", task: str = "emotion") -> NDArray[np.float64]:
        """The games of all classes (S, C), in centred logits or probabilities."""
        if value not in VALUES:
            raise ValueError(f"a game is measured in {' or '.join(VALUES)}, not {value!r}")
        return self.centred(task) if value == "logit" else self.probabilities(task)

    def contributions(self, label: str, value: str = "logit", task: str = "emotion") -> Contributions:
        """Solve the game of one class."""
        return contributions(self.players, self.worths(value, task)[:, self.labels[task].index(label)])


@dataclass(frozen=True, eq=False)
class Relevance:
    """The effect of each unit of one modality on one class: (U,) float32, signed where ``signed`` (above 0 speaks for
    the class); unsigned maps only say how much a unit matters. ``method`` is a key of METHODS."""

    modality: str
    method: str
    task: str
    label: str
    values: NDArray[np.float32]
    signed: bool


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How well one relevance survives deletion and insertion, against random orders.

    method, task, label: whose map. alone: True if only this modality was given to the model, False if the other
    present ones stayed. steps: (K,) int32 units deleted (inserted) at each step, from 0 to all. deletion, insertion:
    (K,) float64 the class's probability along the map's order; random_deletion, random_insertion: (R, K) along R
    random orders. *_auc: mean of the curve (trapezium rule, x from 0 to 1): low is good for deletion, high for
    insertion. *_p: (1 + random orders at least as good) / (R + 1), ties count against the map. comprehensiveness:
    mean drop when the top units go; sufficiency: mean drop when only they stay (ERASER, DeYoung et al., ACL 2020).
    testable: False where there are too few units; then the arrays are empty and the numbers are NaN.
    """

    modality: str
    method: str
    task: str
    label: str
    alone: bool
    testable: bool
    steps: NDArray[np.int32]
    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    random_deletion: NDArray[np.float64]
    random_insertion: NDArray[np.float64]
    deletion_auc: float
    insertion_auc: float
    deletion_p: float
    insertion_p: float
    comprehensiveness: float
    sufficiency: float

    @property
    def better_than_chance(self) -> bool | None:
        """Whether the map beats random orders in deletion (p < 0.05); None where it can't be tested."""
        return self.deletion_p < CHANCE_P if self.testable else None

    @property
    def verdict(self) -> str:
        """ "better than chance", "no better than chance" or "not testable"."""
        better = self.better_than_chance
        return "not testable" if better is None else "better than chance" if better else "no better than chance"


CHANCE_P: Final = 0.05
"""A map is shown at full strength from a p below this."""
