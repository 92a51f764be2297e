"""The coalitions of many samples at once: what ``RemovalTrace.coalitions`` gives each of them alone.

Shapes: N samples, S coalitions of one sample (2^n), R rows of all of them, L tokens, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mm_core.explain.records import TASKS, Coalitions
from mm_core.explain.sample_trace import only
from mm_core.explain.shapley import members
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS
from mm_core.predictors.base import Predictor, TaskLogits, accepted, require_usable, temperatures_of
from mm_core.samples import Sample

CHUNK: Final = 64
"""Rows that a predictor is asked about at once; bounds memory."""


@runtime_checkable
class EncodesOnce(Protocol):
    """A model that answers sets of modalities from tokens encoded once."""

    def subset_logits(
        self, samples: Sequence[Sample], rows: Sequence[tuple[int, tuple[str, ...]]]
    ) -> tuple[TaskLogits, Sequence[Sample]]: ...


def coalitions_of(model: Predictor, samples: Sequence[Sample]) -> list[tuple[Sample, Coalitions]]:
    """Each sample as the model reads it, with notices about that, and the answers of all 2^n coalitions of its
    present modalities. InvalidInput where nothing of a sample can be used."""
    given = [accepted(model, sample) for sample in samples]
    for sample in given:
        require_usable(sample)
    subsets = [[members(sample.present, row) for row in range(2 ** len(sample.present))] for sample in given]
    rows = [(index, subset) for index, each in enumerate(subsets) for subset in each]
    if isinstance(model, EncodesOnce):
        logits, noted = model.subset_logits(given, rows)
    else:
        logits, noted = _by_sample(model, [only(given[index], subset) for index, subset in rows]), given
    presence = np.array([[m in subset for m in MODALITIES] for _, subset in rows], bool).reshape(-1, len(MODALITIES))
    tasks = [task for task in TASKS if task in model.tasks]
    scales = {task: temperatures_of(model.calibration, task, presence) for task in tasks}
    labels = {"emotion": tuple(model.labels), "sentiment": SENTIMENTS}
    same = None
    if "agreement" in model.tasks:
        pairs = np.stack([presence[:, [MODALITIES.index(a), MODALITIES.index(b)]].all(1) for a, b in PAIRS], 1)
        scale = temperatures_of(model.calibration, "agreement", presence)[:, None]
        same = np.where(pairs, expit(logits.of("agreement") / scale), 0.5).astype(np.float32)
    found, start = [], 0
    for sample, each in zip(noted, subsets, strict=True):
        part = slice(start, start + len(each))
        start = part.stop
        coalitions = Coalitions(
            players=sample.present,
            logits={task: _part(logits.of(task), part) for task in tasks},
            temperatures={task: scales[task][part] for task in tasks},
            labels={task: labels[task] for task in tasks},
            agreement=None if same is None else same[part],
            unsure_below=dict(model.calibration.unsure_below),
            said_outside=dict(model.calibration.said_outside),
        )
        found.append((sample, coalitions))
    return found


def _part(values: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
    return np.ascontiguousarray(values[rows], np.float32)


def _by_sample(model: Predictor, samples: Sequence[Sample]) -> TaskLogits:
    parts = [model.predict_logits(samples[start : start + CHUNK]) for start in range(0, len(samples), CHUNK)]
    return parts[0].joined(*parts[1:])
