"""A sample before any Predictor: units are taken away from the sample itself, as a person would.

Words go, patches are covered with the face's mean colour, moments are brought down to the clip's noise floor. Slower
than ``Trace``, which removes them behind the encoders, and the same question.

Shapes: U units, V variants, G sets of modalities, S coalitions (2^n), C classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from mm_core.explain.edits import without_units
from mm_core.explain.records import TASKS, Coalitions, Segments
from mm_core.explain.segments import plain_segments
from mm_core.explain.shapley import members
from mm_core.explain.target import Target
from mm_core.labels import PAIRS, SENTIMENTS
from mm_core.predictors.base import Predictor, TaskLogits, presence_of, require_usable, temperatures_of
from mm_core.samples import Sample

CHUNK: Final = 64
"""Samples that a predictor is asked about at once; bounds memory."""


class SampleTrace:
    """A ``RemovalTrace`` of a predictor that is asked about whole samples."""

    def __init__(self, predictor: Predictor, sample: Sample) -> None:
        require_usable(sample)
        self.predictor = predictor
        self.sample = sample
        self._units = {m: plain_segments(getattr(sample, m)) for m in sample.present}

    @property
    def present(self) -> tuple[str, ...]:
        return self.sample.present

    @property
    def units(self) -> dict[str, Segments]:
        return self._units

    def labels(self, task: str) -> tuple[str, ...]:
        return tuple(self.predictor.labels) if task == "emotion" else SENTIMENTS

    def target(self, task: str, label: str) -> Target:
        return Target(task, label, self.labels(task).index(label))

    def coalitions(self) -> Coalitions:
        """The answers of all 2^n coalitions to the tasks that the predictor answers."""
        subsets = [members(self.present, row) for row in range(2 ** len(self.present))]
        samples = [only(self.sample, subset) for subset in subsets]
        logits, presence = self._logits(samples), presence_of(samples)
        calibration = self.predictor.calibration
        tasks = [task for task in TASKS if task in self.predictor.tasks]
        agreement = None
        if "agreement" in self.predictor.tasks:
            pairs = np.array([[a in subset and b in subset for a, b in PAIRS] for subset in subsets])  # (S, 3)
            scale = temperatures_of(calibration, "agreement", presence)[:, None]
            agreement = np.where(pairs, expit(logits.of("agreement") / scale), 0.5).astype(np.float32)
        return Coalitions(
            players=self.present,
            logits={task: logits.of(task).astype(np.float32) for task in tasks},
            temperatures={task: temperatures_of(calibration, task, presence) for task in tasks},
            labels={task: self.labels(task) for task in tasks},
            agreement=agreement,
            unsure_below=dict(calibration.unsure_below),
            said_outside=dict(calibration.said_outside),
        )

    def scores_without(self, modality: str, target: Target, removed: NDArray[np.bool_]) -> NDArray[np.float32]:
        """See ``RemovalTrace``."""
        logits = self._logits(self._variants(self.sample, modality, removed))
        scores: NDArray[np.float32] = target.centred(logits.of(target.task))
        return scores.astype(np.float32)

    def probabilities_without(
        self, modality: str, target: Target, removed: NDArray[np.bool_], settings: Sequence[Sequence[str]]
    ) -> NDArray[np.float32]:
        """See ``RemovalTrace``."""
        found = []
        for given in settings:
            samples = self._variants(only(self.sample, given), modality, removed)
            scale = temperatures_of(self.predictor.calibration, target.task, presence_of(samples))[:, None]
            found.append(softmax(self._logits(samples).of(target.task) / scale, axis=1)[:, target.index])
        return np.stack(found).astype(np.float32)

    def _variants(self, sample: Sample, modality: str, removed: NDArray[np.bool_]) -> list[Sample]:
        return [without_units(sample, self._units[modality], marks) for marks in removed]

    def _logits(self, samples: Sequence[Sample]) -> TaskLogits:
        parts = [
            self.predictor.predict_logits(samples[start : start + CHUNK]) for start in range(0, len(samples), CHUNK)
        ]
        return parts[0].joined(*parts[1:])


def only(sample: Sample, modalities: Iterable[str]) -> Sample:
    """The sample with these of its modalities and no other."""
    kept = set(modalities)
    for modality in sample.present:
        if modality not in kept:
            sample = sample.without(modality)
    return sample
