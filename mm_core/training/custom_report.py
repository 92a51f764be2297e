"""How good a fine-tuned model is on one's own held-out cases, and its calibration.

Shapes: N cases, C classes.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from mm_core.calibration import PATTERNS, Calibration
from mm_core.evaluation import metrics
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calibrate import UNSURE_WHEN_RIGHT_BELOW, USUAL_THRESHOLD, fit_temperature, unsure_below
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.training.custom_cases import CustomCases
from mm_core.training.tuning import TokenSource, answers

FEWEST: Final = 20
"""Validation cases below which no temperature is fitted."""


@torch.inference_mode()
def custom_calibration(
    model: TriadModel, before: Calibration, source: TokenSource, valid: CustomCases
) -> Calibration:
    """One temperature for the emotion head over all presence patterns, since own validation cases are few; sentiment
    and agreement keep theirs."""
    multilabel = {label: before.multilabel.get(label, USUAL_THRESHOLD) for label in model.config.labels}
    temperature, unsure = 1.0, dict(before.unsure_below) | {"emotion": 0.0}
    if len(valid) >= FEWEST:
        logits = answers(model, source, valid)[0].numpy()
        targets = valid.targets.numpy()
        given = Answers(MODALITIES, logits, targets, valid.split, [valid.group], valid.rows)
        temperature = fit_temperature("emotion", given)
        scores = softmax(logits / temperature, axis=1)
        right = (targets[np.arange(len(scores)), scores.argmax(1)] > 0).astype(float)
        unsure["emotion"] = unsure_below(scores.max(1), right, UNSURE_WHEN_RIGHT_BELOW["emotion"])
    temperatures = {**before.temperatures, "emotion": dict.fromkeys(PATTERNS, temperature)}
    return dataclasses.replace(before, temperatures=temperatures, multilabel=multilabel, unsure_below=unsure)


@torch.inference_mode()
def custom_report(model: TriadModel, source: TokenSource, train: CustomCases, test: CustomCases) -> dict[str, Any]:
    """Accuracy and macro-F1 of test cases with 95 % bootstrap intervals: as they were given, and each modality alone.

    ``majority``: the share of test cases whose label is the commonest one in training, for comparison.
    """
    if not len(test):
        return {}
    commonest = int(train.targets.sum(0).argmax())
    report: dict[str, Any] = {
        "majority": float((test.targets[:, commonest] > 0).float().mean()),
        "majority_label": model.config.labels[commonest],
        "as given": _scores(model, source, test),
    }
    presence = test.presence
    for column, modality in enumerate(MODALITIES):
        here = np.flatnonzero(presence[:, column])
        if len(here) and len(here) < presence[here].sum():  # else it is alone in all of its cases
            alone = np.zeros((len(here), len(MODALITIES)), bool)
            alone[:, column] = True
            report[f"{modality} alone"] = _scores(model, source, test.take(here).reduced(alone))
    return report


def _scores(model: TriadModel, source: TokenSource, cases: CustomCases) -> dict[str, Any]:
    chosen: NDArray[np.int64] = answers(model, source, cases)[0].argmax(1).numpy()
    targets = cases.targets.numpy()
    right = (targets[np.arange(len(chosen)), chosen] > 0).astype(float)
    resampler = metrics.Resampler.by_groups([cases.group])
    cells = metrics.confusion_statistics(targets.argmax(1), chosen, targets.shape[1])
    return {
        "n": len(cases),
        "accuracy": resampler.share(right).model_dump(exclude_none=True),
        "macro_f1": resampler.estimate(cells, metrics.macro_f1).model_dump(exclude_none=True),
    }
