"""Any Python callable as a Predictor: what it answers is explained, tested and evaluated by taking parts away.

Shapes: B samples, C classes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mm_core.calibration import Calibration
from mm_core.labels import MODALITIES
from mm_core.predictors.answers import (
    UnusablePredictor,
    checked_labels,
    checked_modalities,
    log_prior,
    logits_from,
)
from mm_core.predictors.base import TaskLogits
from mm_core.predictors.description import Description
from mm_core.predictors.stated import StatedPredictor
from mm_core.samples import Sample

Function: TypeAlias = Callable[
    [str | None, NDArray[np.uint8] | None, NDArray[np.float32] | None], Mapping[str, float]
]
"""``(text, image, audio) -> {label: probability}``. image: the face (h, w, 3) uint8 RGB. audio: (T,) float32, mono at
16 kHz. None for what is absent; the text is empty where all of its words were taken away."""


class FunctionPredictor(StatedPredictor):
    """What ``wrap`` makes of a callable."""

    def __init__(
        self,
        predict: Function,
        labels: Sequence[str],
        *,
        name: str,
        version: str,
        modalities: Collection[str] = MODALITIES,
        prior: Mapping[str, float] | None = None,
        languages: Sequence[str] = ("en",),
        calibration: Calibration | None = None,
    ) -> None:
        self._predict = predict
        self._labels = checked_labels(labels)
        self._modalities = checked_modalities(modalities, MODALITIES)
        self._prior = log_prior(prior, self._labels)
        self._name = name
        self._languages = tuple(languages)
        self._calibration = calibration or Calibration()
        about = [name, version, self._labels, self._modalities, self._prior.tolist(), self._calibration.to_json()]
        self._hash = hashlib.sha256(json.dumps(about).encode()).hexdigest()

    @property
    def calibration(self) -> Calibration:
        return self._calibration

    @property
    def device(self) -> object:
        return "in a function"

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """Logarithms of what the function answers, asked once a sample; UnusableAnswer where that is no probability
        for each label. What the function itself raises is raised here."""
        return TaskLogits(np.stack([self._logits(sample.without_reference()) for sample in samples]))

    def _logits(self, sample: Sample) -> NDArray[np.float32]:
        given: dict[str, Any] = {m: sample.content(m) for m in sample.present if m in self._modalities}
        if not given:
            return self._prior
        return logits_from(self._predict(*(given.get(m) for m in MODALITIES)), self._labels)


def wrap(
    predict: Function,
    labels: Sequence[str],
    *,
    name: str | None = None,
    version: str | None = None,
    modalities: Collection[str] = MODALITIES,
    prior: Mapping[str, float] | None = None,
    languages: Sequence[str] = ("en",),
) -> FunctionPredictor:
    """Any callable ``(text, image, audio) -> {label: probability}`` as a Predictor; see ``Function``.

    >>> predictor = wrap(lambda text, image, audio: {"calm": 0.3, "upset": 0.7}, labels=["calm", "upset"])
    >>> predictor.predict_batch([Sample(text="hello")])[0].emotion.label
    'upset'

    name: in records and reports, by default the callable's own. version: says when its answers may have changed, and
    so lets a saved record be taken up by a later process; without it every call of ``wrap`` counts as another model.
    modalities: those that it reads; the others count as absent. prior: what it would answer to nothing at all, where
    contributions begin; by default equal chances (it is never asked with three times None). languages: of the texts
    that it reads, as ISO 639-1 codes. UnusablePredictor where these do not fit together.
    """
    return FunctionPredictor(
        predict,
        labels,
        name=name or str(getattr(predict, "__name__", type(predict).__name__)),
        version=secrets.token_hex() if version is None else version,
        modalities=modalities,
        prior=prior,
        languages=languages,
    )


class FunctionDescription(Description):
    """``predictor.yaml`` of ``kind: function``.

    function: ``file.py:name``, beside the description; the file is run. files: what else its answers depend on, such
    as weights; with the Python file they make the model's hash. The other fields: see ``wrap``.
    """

    kind: Literal["function"]
    function: str = Field(pattern=r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$")
    labels: list[str]
    name: str | None = None
    version: str = ""
    modalities: tuple[str, ...] = MODALITIES
    prior: dict[str, float] | None = None
    languages: tuple[str, ...] = ("en",)
    files: tuple[str, ...] = ()


def from_description(settings: Mapping[str, Any], folder: Path, digest: str) -> FunctionPredictor:
    """The function that a ``predictor.yaml`` names; UnusablePredictor where it is not there."""
    told = FunctionDescription.checked(settings)
    source, name = told.function.split(":")
    digests = [digest]
    for file in (source, *told.files):
        path = folder / file
        if not path.is_file():
            raise UnusablePredictor(f"The file {Path(file).name} that the model's description names is not there.")
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    predict = getattr(_module(folder / source), name, None)
    if not callable(predict):
        raise UnusablePredictor(f"There is no function {name} in {Path(source).name}.")
    return wrap(
        predict,
        told.labels,
        name=told.name,
        version=":".join((told.version, *digests)),
        modalities=told.modalities,
        prior=told.prior,
        languages=told.languages,
    )


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"predictor_{path.stem}", path)
    assert spec is not None  # of a name that ends in .py there always is one
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
