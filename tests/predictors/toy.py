"""A predictor of a few lines, without torch: a word's, a brightness' and a loudness' vote for three labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mm_core.labels import MODALITIES, PAIRS
from mm_core.predictors import Predictor, TaskLogits
from mm_core.samples import Sample

LABELS = ("proud", "bored", "relieved")
"""Labels in one's own words."""


class Votes(Predictor):
    """Adds up what each present modality says of ``labels``; the prior, without any."""

    name = "votes"
    hash = "0" * 64
    tasks = ("emotion", "sentiment", "agreement")

    def __init__(self, labels: Sequence[str] = LABELS) -> None:
        self._labels = tuple(labels)

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        said = np.stack([[self.said(sample, m) for m in MODALITIES] for sample in samples])  # (B, 3, C)
        prior = 0.1 * np.arange(len(self.labels))
        signs = np.stack((said[:, :, 1].sum(1), np.zeros(len(samples)), said[:, :, 0].sum(1)), 1)
        tops = said.argmax(2)
        same = np.stack([tops[:, MODALITIES.index(a)] == tops[:, MODALITIES.index(b)] for a, b in PAIRS], 1)
        return TaskLogits(
            emotion=(said.sum(1) + prior).astype(np.float32),
            sentiment=signs.astype(np.float32),
            agreement=np.where(same, 2.0, -2.0).astype(np.float32),
        )

    def said(self, sample: Sample, modality: str) -> np.ndarray:
        votes = np.zeros(len(self.labels))
        content = sample.content(modality) if modality in sample.present else None
        if isinstance(content, str):
            votes[0] = 2.0 * content.count("happy")
            votes[1] = content.count("today")
        elif content is not None and content.ndim == 3:
            votes[1] = content.mean() / 64
        elif content is not None:
            votes[2] = 20.0 * np.abs(content).mean()
        return votes


class EmotionOnly(Votes):
    """The same, answering neither sentiment nor agreement."""

    tasks = ("emotion",)

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        return TaskLogits(super().predict_logits(samples).emotion)
