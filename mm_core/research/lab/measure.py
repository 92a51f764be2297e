"""What a trained learner is measured by, on cases that it has not seen.

Shapes: N cases, C classes, S presence patterns (8, row by row as their bits count: text 1, image 2, audio 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calibrate import fit_temperature
from mm_core.evaluation.metrics import calibration_statistics, confusion_statistics, ece, macro_f1, weighted_f1
from mm_core.explain.shapley import TINY, members, shapley_values
from mm_core.fusion.late import Late
from mm_core.labels import MODALITIES, coalition_name
from mm_core.research.lab.cases import LabCases, lying, noisy
from mm_core.research.lab.learner import Learner

WHOLE: Final = 2 ** len(MODALITIES) - 1
"""The pattern of all modalities."""

NOISE_LEVELS: Final = (0.5, 1.0, 2.0)
_BATCH: Final = 512
_LARGEST: Final = float(np.log(10.0))
"""Bound of the logarithm of an expert's rescaling."""

Floats = NDArray[np.float64]


@torch.inference_mode()
def logits_of(learner: Learner, cases: LabCases, pattern: int = WHOLE) -> Floats:
    """(N, C) with the modalities of one presence pattern given."""
    given = torch.tensor([bool(pattern >> bit & 1) for bit in range(len(MODALITIES))])
    parts = []
    for start in range(0, len(cases), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(cases)))
        parts.append(learner(cases.inputs(rows), given.expand(len(rows), -1)))
    return torch.cat(parts).double().numpy()


def all_logits(learner: Learner, cases: LabCases) -> Floats:
    """(S, N, C): the answers to all presence patterns."""
    return np.stack([logits_of(learner, cases, pattern) for pattern in range(WHOLE + 1)])


def scores(logits: Floats, truth: NDArray[np.int64]) -> dict[str, float]:
    """accuracy, macro_f1, weighted_f1, ece and nll (nats) of calibrated logits (N, C)."""
    chosen = logits.argmax(1)
    right = (chosen == truth).astype(float)
    sums = confusion_statistics(truth, chosen, logits.shape[1]).sum(0)
    confidence = softmax(logits, axis=1).max(1)
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(macro_f1(sums)),
        "weighted_f1": float(weighted_f1(sums)),
        "ece": float(ece(calibration_statistics(confidence, right).sum(0))),
        "nll": float(-log_softmax(logits, axis=1)[np.arange(len(truth)), truth].mean()),
    }


def temperatures_of(logits: Floats, truth: NDArray[np.int64]) -> list[float]:
    """One temperature a presence pattern, from validation logits (S, N, C)."""
    targets = np.eye(logits.shape[2], dtype=np.float32)[truth]
    none = np.empty(0, str)
    return [fit_temperature("emotion", Answers((), one.astype(np.float32), targets, none, [], {})) for one in logits]


def rescale_experts(learner: Learner, cases: LabCases) -> Floats:
    """Fit the inverse temperature of each modality's own answer on validation cases, where the fusion is a late one.

    Changes the learner and returns by how much the logarithms moved, (3,); zeros for the other strategies.
    """
    moved = np.zeros(len(MODALITIES))
    if not isinstance(learner.fusion, Late):
        return moved
    bias = learner.head.bias.detach().double().numpy()  # (C,): what counts as the prior isn't scaled
    for bit in range(len(MODALITIES)):
        evidence = logits_of(learner, cases, 1 << bit) - bias

        def loss(log_scale: float, evidence: Floats = evidence) -> float:
            scaled = log_softmax(evidence * np.exp(log_scale) + bias, axis=1)
            return float(-scaled[np.arange(len(cases)), cases.truth].mean())

        moved[bit] = minimize_scalar(loss, bounds=(-_LARGEST, _LARGEST), method="bounded").x
    move_experts(learner, moved)
    return moved


def move_experts(learner: Learner, moved: Floats) -> None:
    """Add to the logarithms of the experts' inverse temperatures, (3,); only late fusions have any."""
    if isinstance(learner.fusion, Late):
        learner.fusion.log_scales.data += torch.from_numpy(moved).to(learner.fusion.log_scales)


def measure(learner: Learner, test: LabCases, temperatures: Sequence[float], train: LabCases) -> dict[str, Any]:
    """Everything a run records of its test cases but the metrics of the whole: ``missing``, ``noise``, ``conflict``
    and ``shares``, as docs/lab.md describes them, and the ``logits`` (S, N, C), calibrated."""
    logits = all_logits(learner, test) / np.asarray(temperatures)[:, None, None]
    names = [coalition_name(members(MODALITIES, pattern)) for pattern in range(WHOLE + 1)]
    right = [float((one.argmax(1) == test.truth).mean()) for one in logits]
    return {
        "logits": logits,
        "missing": {name: {"accuracy": share} for name, share in zip(names, right, strict=True)},
        "noise": _noise(learner, test, train, right[WHOLE]),
        "conflict": {m: _conflict(learner, test, m) for m in MODALITIES},
        "shares": shares_of(logits),
    }


def _noise(learner: Learner, test: LabCases, train: LabCases, clean: float) -> dict[str, list[dict[str, float]]]:
    spread = train.spread()
    found: dict[str, list[dict[str, float]]] = {}
    for modality in MODALITIES:
        found[modality] = [{"level": 0.0, "accuracy": clean}]
        for level in NOISE_LEVELS:
            answers = logits_of(learner, noisy(test, modality, level, spread[modality], seed=0)).argmax(1)
            found[modality].append({"level": level, "accuracy": float((answers == test.truth).mean())})
    return found


def _conflict(learner: Learner, test: LabCases, modality: str) -> dict[str, float]:
    mixed, lie = lying(test, modality, seed=0)
    answers = logits_of(learner, mixed).argmax(1)
    majority, odd = float((answers == mixed.truth).mean()), float((answers == lie).mean())
    return {"majority": majority, "odd": odd, "other": max(0.0, 1.0 - majority - odd)}


def shares_of(logits: Floats) -> dict[str, float]:
    """Mean share of each modality in the absolute Shapley values for the answer, from logits (S, N, C); all 0 where
    nothing moves any answer."""
    centred = logits - logits.mean(2, keepdims=True)
    chosen = logits[-1].argmax(1)
    values = np.abs(shapley_values(np.take_along_axis(centred, chosen[None, :, None], 2)[:, :, 0]))  # (3, N)
    weight = values.sum(0)
    moved = weight >= TINY  # cases whose answer nothing moves have no shares
    shares = (values[:, moved] / weight[moved]).mean(1) if moved.any() else np.zeros(len(MODALITIES))
    return dict(zip(MODALITIES, map(float, shares), strict=True))


def lines_of(run: str, test: LabCases, logits: Floats, labels: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Columns of ``lab_rows.parquet`` for one run, from its calibrated logits (N, C) to the whole cases."""
    probabilities = softmax(logits, axis=1)
    chosen = logits.argmax(1)
    names = np.asarray(labels)
    return {
        "run": np.full(len(test), run),
        "case": test.names,
        "group": test.groups,
        "truth": names[test.truth],
        "answer": names[chosen],
        "confidence": probabilities.max(1).astype(np.float32),
        "p_truth": probabilities[np.arange(len(test)), test.truth].astype(np.float32),
    }
