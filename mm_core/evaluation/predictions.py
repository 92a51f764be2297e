"""The predictions beside an evaluation report: one row a case, from which pages draw curves and slices.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mm_core.datasets.tables import Table
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calibrate import calibrated
from mm_core.evaluation.traits import traits_of
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, coalition_name
from mm_core.predictors import Predictor

SAME: Final = ("different", "same")
"""The two classes of agreement: whether a pair's rows carry one label."""

Traits = Mapping[str, Mapping[str, NDArray[Any]]]
"""``traits[modality][name]``: one value a row of that modality's table."""


def predictions_of(
    answers: Mapping[str, Mapping[str, Answers]], model: Predictor, tables: Mapping[str, Table]
) -> pd.DataFrame:
    """One row a task, set and case: source, row numbers, truth, calibrated probabilities, raw logits and the traits
    of its rows; for agreement one row a pair of a case. No raw media."""
    traits = {m: traits_of(table) for m, table in tables.items()}
    frames = []
    for task, sets in answers.items():
        for name, given in sets.items():
            scores = calibrated(task, given, model.calibration)
            if task == "agreement":
                frames.extend(_pair_rows(name, given, scores, traits))
                continue
            labels = model.labels if task == "emotion" else SENTIMENTS
            frame = _about_rows(task, name, given, traits)
            frame["truth"] = [
                ",".join(label for label, on in zip(labels, row, strict=True) if on) for row in given.targets
            ]
            _add_scores(frame, labels, scores, given.logits)
            frames.append(frame[given.targets.sum(1) > 0])
    return pd.concat(frames, ignore_index=True)


def write_predictions(predictions: pd.DataFrame, path: Path) -> None:
    """Write them as CSV where the name ends so, else as parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        predictions.to_csv(path, index=False)
    else:
        predictions.to_parquet(path, compression="zstd", index=False)


def _pair_rows(name: str, given: Answers, scores: NDArray[np.float64], traits: Traits) -> list[pd.DataFrame]:
    frames = []
    for column, pair in enumerate(PAIRS):
        known = given.targets[:, column] >= 0
        if not known.any():
            continue
        frame = _about_rows("agreement", name, given, traits)
        frame["pair"] = coalition_name(pair)
        frame["truth"] = np.where(given.targets[:, column] > 0, SAME[1], SAME[0])
        p, raw = scores[:, column], given.logits[:, column]
        # Softmax over (0, logit) is the pair's own sigmoid, so pairs read like any other task.
        _add_scores(frame, SAME, np.stack((1 - p, p), 1), np.stack((np.zeros_like(raw), raw), 1))
        frames.append(frame[known])
    return frames


def _about_rows(task: str, name: str, given: Answers, traits: Traits) -> pd.DataFrame:
    frame = pd.DataFrame({"task": task, "modalities": name, "source": given.source})
    for modality in MODALITIES:
        frame[f"{modality}_row"] = given.rows.get(modality, np.full(len(frame), -1)).astype(np.int32)
    for modality, rows in given.rows.items():
        for trait, values in traits[modality].items():
            frame[trait] = values[rows]
    return frame


def _add_scores(
    frame: pd.DataFrame, labels: Sequence[str], scores: NDArray[np.floating], logits: NDArray[np.floating]
) -> None:
    frame["answer"] = [labels[i] for i in scores.argmax(1)]
    for c, label in enumerate(labels):
        frame[f"p_{label}"] = scores[:, c].astype(np.float32)
        frame[f"logit_{label}"] = logits[:, c].astype(np.float32)
