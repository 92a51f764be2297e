"""What models that are not ours state about themselves, kept in one place."""

from __future__ import annotations

from mm_core.labels import MODALITIES
from mm_core.predictors.base import Predictor


class StatedPredictor(Predictor):
    """A predictor whose members are attributes that its ``__init__`` sets: ``_name``, ``_hash`` and ``_labels``, and
    ``_languages`` and ``_modalities`` where they are others than English and all three."""

    _name: str
    _hash: str
    _labels: tuple[str, ...]
    _languages: tuple[str, ...] = ("en",)
    _modalities: tuple[str, ...] = MODALITIES

    @property
    def name(self) -> str:
        return self._name

    @property
    def hash(self) -> str:
        return self._hash

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @property
    def languages(self) -> tuple[str, ...]:
        return self._languages

    @property
    def learned_modalities(self) -> tuple[str, ...]:
        return self._modalities
