"""The results of explanations as plain data: numpy arrays, strings and numbers, no torch.

Shapes: U units of a modality, L tokens, S coalitions (2^n), C classes, H heads, K steps of a curve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from mm_core.explain.shapley import Contributions, contributions, members
from mm_core.labels import MODALITIES, PAIRS, coalition_name
from mm_core.prediction import Bounds

Value = Literal["logit", "probability"]

TASKS: Final = ("emotion", "sentiment")
"""What relevance and contributions can speak about."""

VALUES: Final[tuple[Value, ...]] = ("logit", "probability")
"""What a game is measured in: the centred logit (minus the mean over classes) or the calibrated probability."""

MIN_TEMPERATURE: Final = 1e-3
"""Logits divided by a smaller one are all or nothing, and in the end not finite."""

_ROUNDING: Final = 1e-5

RANDOM_ORDERS: Final = 99
"""Beside every map that is tested, so that the smallest p is 0.01."""

CHANCE_P: Final = 0.05
"""A map counts as better than chance, and is shown at full strength, from a p below this."""


@dataclass(frozen=True, eq=False)
class Segments:
    """What a person can point at in one modality: the words, patches or moments.

    labels: a word each; for patches and moments where they lie, in words. spans: (U, 2) characters [start, end) of
    the text; (U, 4) left, top, right, bottom in pixels of the picture, turned until its face is upright; (U, 2)
    seconds [start, end) of the clip as given. token_units: (L,) int32, the unit of each token of the encoder, -1 for
    special tokens, which never show. extent: characters of the text; width and height of the picture in pixels;
    seconds of the clip as given. grid: rows and columns of the patches, else None.
    """

    modality: str
    labels: tuple[str, ...]
    spans: NDArray[np.float64]
    token_units: NDArray[np.int32]
    extent: tuple[float, ...]
    grid: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _require(self.modality in MODALITIES, "units belong to a modality")
        wide = 4 if self.modality == "image" else 2
        _require(self.spans.shape == (len(self.labels), wide), "one span a unit")
        _require(self.token_units.ndim == 1, "one unit a token")
        inside = (self.token_units >= -1) & (self.token_units < len(self.labels))
        _require(bool(inside.all()), "tokens belong to units that are there")
        _require(len(self.extent) == (2 if self.modality == "image" else 1), "the extent fits the modality")
        _require(all(edge >= 0 for edge in self.extent), "the extent is a size")
        rows, columns = self.grid or (1, len(self.labels))
        _require(rows * columns == len(self.labels) and min(rows, columns) >= 0, "the grid holds the patches")

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Coalitions:
    """The uncalibrated answers of every coalition of the present modalities; everything else follows in numpy.

    players: the present modalities, in MODALITIES order. logits: for each task (S, C) float32; row ``index`` is the
    coalition of the players whose bits are set in ``index`` (bit 0 the first player), the other modalities being
    absent. temperatures: for each task (S,) float64. labels: for each task that the model answers its classes,
    emotion always among them. agreement: (S, 3) float32 calibrated, in the order of PAIRS, 0.5 where a coalition
    lacks the pair; None from a model that does not answer it. unsure_below: for each task the confidence under which
    an answer is "not sure". said_outside: for each pair the bounds of what is said about it (see
    ``prediction.verdict``), an even chance where there are none.
    """

    players: tuple[str, ...]
    logits: dict[str, NDArray[np.float32]]
    temperatures: dict[str, NDArray[np.float64]]
    labels: dict[str, tuple[str, ...]]
    agreement: NDArray[np.float32] | None
    unsure_below: dict[str, float]
    said_outside: dict[str, Bounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = 2 ** len(self.players)
        _require(self.players == tuple(m for m in MODALITIES if m in self.players), "players are present modalities")
        _require(set(self.labels) == set(self.logits) == set(self.temperatures), "the same tasks throughout")
        _require({TASKS[0]} <= set(self.labels) <= set(TASKS), "known tasks, emotion among them")
        for task, labels in self.labels.items():
            _require(len(set(labels)) == len(labels) >= 2, "labels are distinct")
            _require(self.logits[task].shape == (count, len(labels)), "one row of logits a coalition")
            _require(self.temperatures[task].shape == (count,), "one temperature a coalition")
            _require(bool((self.temperatures[task] >= MIN_TEMPERATURE).all()), "temperatures are above 0")
        if self.agreement is not None:
            _require(self.agreement.shape == (count, len(PAIRS)), "agreement of every coalition and pair")
            _require(_within(self.agreement, 0, 1), "agreement is a probability")
        _require(all(bound >= 0 for bound in self.unsure_below.values()), "thresholds are numbers")
        _require(all(0 <= a <= b <= 1 for a, b in self.said_outside.values()), "bounds are rising probabilities")

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
        return np.asarray(softmax(scaled, axis=1))

    def coalition_values(self, value: str = "logit", task: str = "emotion") -> NDArray[np.float64]:
        """The games of all classes (S, C), in centred logits or probabilities."""
        if value not in VALUES:
            raise ValueError(f"a game is measured in {' or '.join(VALUES)}, not {value!r}")
        return self.centred(task) if value == "logit" else self.probabilities(task)

    def contributions(self, label: str, value: str = "logit", task: str = "emotion") -> Contributions:
        """Solve the game of one class."""
        return contributions(self.players, self.coalition_values(value, task)[:, self.labels[task].index(label)])


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

    def __post_init__(self) -> None:
        _require(self.values.ndim == 1, "one value a unit")


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How well one relevance map survives deletion and insertion, against random orders.

    modality, method, task, label: whose map. alone: True if the model was given only this modality, False if the
    other present ones stayed. units: U. steps: (K,) int32 units deleted (inserted) at each point, from 0 to U.
    deletion, insertion: (K,) float64, the class's calibrated probability along the map's order. random_deletion,
    random_insertion: (R, K) float64 along random orders. *_auc: area under the curve over the share of units
    (trapezium rule), low is good for deletion, high for insertion. *_p: (1 + random orders at least as good) /
    (R + 1), ties count against the map. comprehensiveness: mean fall of the probability when the top units go;
    sufficiency: mean fall when only they stay (over the points up to half of the units; after ERASER, DeYoung et al.,
    ACL 2020). testable: False where there are too few units; then the arrays are empty and the numbers NaN.
    """

    modality: str
    method: str
    task: str
    label: str
    alone: bool
    testable: bool
    units: int
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

    def __post_init__(self) -> None:
        points = len(self.steps)
        _require(self.deletion.shape == self.insertion.shape == (points,), "one value a point of the curve")
        _require(self.random_deletion.shape == self.random_insertion.shape, "both random bands are of one size")
        _require(self.random_deletion.ndim == 2 and self.random_deletion.shape[1] == points, "random curves fit")
        _require(not self.testable or points >= 2, "a curve has at least two points")
        _require(_within(self.steps, 0, self.units) and bool((np.diff(self.steps) >= 0).all()), "steps count units")
        curves = (self.deletion, self.insertion, self.random_deletion, self.random_insertion)
        _require(all(_within(curve, 0, 1) for curve in curves), "curves are of probabilities")
        areas = (self.deletion_auc, self.insertion_auc, self.deletion_p, self.insertion_p)
        falls = (self.comprehensiveness, self.sufficiency)
        if self.testable:
            _require(
                _within(np.array(areas), 0, 1) and _within(np.array(falls), -1, 1), "results are of probabilities"
            )
        else:
            _require(points == 0 and all(map(math.isnan, (*areas, *falls))), "what is not testable has no results")

    @property
    def better_than_chance(self) -> bool | None:
        """Whether the map beats random orders in deletion (p < 0.05); None where it can't be tested."""
        return self.deletion_p < CHANCE_P if self.testable else None

    @property
    def verdict(self) -> str:
        """In words: "better than chance", "no better than chance" or "not testable"."""
        better = self.better_than_chance
        return "not testable" if better is None else "better than chance" if better else "no better than chance"


def _within(values: NDArray[Any], least: float, most: float) -> bool:
    """Whether all lie between the two, but for what rounding in float32 adds."""
    return bool(((values >= least - _ROUNDING) & (values <= most + _ROUNDING)).all())


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(f"the record does not hold together: {rule}")
