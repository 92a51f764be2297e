"""Up to three classifiers from the hub, one a modality, as one Predictor: joined by a calibrated late product.

The product rule (Kittler et al., "On combining classifiers", 1998) takes the modalities as independent given the
label: each one's probabilities, brought to the same honesty by a temperature (Guo et al., 2017) and divided by the
prior that its classifier has learned, are multiplied. A label that a classifier does not know keeps its prior there,
so that it is neither spoken for nor against.

Shapes: B samples, C classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import log_softmax
from torch import Tensor, nn

from mm_core.labels import MODALITIES
from mm_core.locale import listed
from mm_core.predictors.answers import UnusablePredictor, checked_labels, log_of, log_prior
from mm_core.predictors.base import NAMED_LABELS, TaskLogits
from mm_core.predictors.description import Description
from mm_core.predictors.stated import StatedPredictor
from mm_core.samples import Sample
from mm_core.samples.limits import SAMPLE_RATE

BATCH: Final = 16
"""Inputs that a classifier reads at once; bounds memory."""


class ClassifierDescription(Description):
    """model: a folder beside the description, or a name on the hub; revision: of the latter. labels: the name here of
    each of its labels; several may share one, null leaves one out. temperature: its logits are divided by it. prior:
    how often it answers each label on average, by default the joint prior."""

    model: str
    revision: str | None = None
    labels: dict[str, str | None]
    temperature: float = Field(1.0, gt=0, le=100)
    prior: dict[str, float] | None = None


class ClassifiersDescription(Description):
    """``predictor.yaml`` of ``kind: classifiers``: text, image, audio, at least one of them; labels: in their order.
    prior: of the joint answer, and the answer to nothing; by default equal chances."""

    kind: Literal["classifiers"]
    name: str = "classifiers"
    labels: list[str]
    text: ClassifierDescription | None = None
    image: ClassifierDescription | None = None
    audio: ClassifierDescription | None = None
    prior: dict[str, float] | None = None
    languages: tuple[str, ...] = ("en",)


class Classifier:
    """One model of the hub that classifies one modality, and whose labels are whose of ours."""

    def __init__(
        self, modality: str, described: ClassifierDescription, folder: Path, labels: tuple[str, ...]
    ) -> None:
        self._kind = kind = _KINDS[modality]
        source, revision = described.model, described.revision
        if (folder / source).is_dir():
            source, revision = str(folder / source), None
        self.processor, self.model = _loaded(kind, modality, source, revision)
        theirs = _their_labels(self.model)
        unknown = sorted(set(described.labels) ^ set(theirs))
        if unknown:
            raise UnusablePredictor(
                f"The labels of the {modality} classifier need a name each, null to leave one out; it has "
                f"{listed(theirs[:NAMED_LABELS])}. Look at {unknown[0]!r}."
            )
        ours = {label: column for column, label in enumerate(labels)}
        self.columns = torch.full((len(theirs),), -1, dtype=torch.long)  # of ours for each of theirs, -1 for none
        for row, their in enumerate(theirs):
            name = described.labels[their]
            if name is not None and name not in ours:
                raise UnusablePredictor(f"The {modality} classifier names a label {name!r} that the list lacks.")
            if name is not None:
                self.columns[row] = ours[name]
        self.known = np.isin(np.arange(len(labels)), self.columns.numpy())
        if not self.known.any():
            raise UnusablePredictor(f"The {modality} classifier names none of the labels.")
        self.temperature = described.temperature

    @torch.inference_mode()
    def evidence(self, contents: Sequence[Any], prior: NDArray[np.floating]) -> NDArray[np.float64]:
        """What it says for each label (N, C), beyond its ``prior`` (C,), in logarithms: 0 for an unknown one."""
        size = self._kind.batch
        parts = [self._logits(contents[start : start + size]) for start in range(0, len(contents), size)]
        logits = torch.cat(parts).double() / self.temperature  # (N, theirs)
        # Labels of a multi-label head are asked one by one; what they say is brought to one distribution.
        several = getattr(self.model.config, "problem_type", None) == "multi_label_classification"
        theirs = logits.sigmoid() if several else logits.softmax(1)
        kept = self.columns >= 0
        found = torch.zeros(len(theirs), len(prior), dtype=torch.double)
        found.index_add_(1, self.columns[kept], theirs[:, kept].cpu())
        known = found.numpy()[:, self.known]
        log_known = log_of(known / np.maximum(known.sum(1, keepdims=True), 1e-300)).astype(np.float64)
        evidence = np.zeros(found.shape)
        evidence[:, self.known] = log_known - log_softmax(np.asarray(prior, np.float64)[self.known])
        return evidence

    def _logits(self, contents: Sequence[Any]) -> Tensor:
        batch = self._kind.prepare(self.processor, contents, self.model)
        logits: Tensor = self.model(**batch.to(self.model.device)).logits
        return logits


class Classifiers(StatedPredictor):
    """See ``ClassifiersDescription``. UnusablePredictor for missing weights, a head that would be random, and labels
    that do not fit."""

    def __init__(self, described: ClassifiersDescription, folder: Path, digest: str) -> None:
        self._labels = checked_labels(described.labels)
        self._name, self._languages = described.name, described.languages
        self._prior = log_prior(described.prior, self._labels).astype(np.float64)
        self._classifiers: dict[str, Classifier] = {}
        self._priors: dict[str, NDArray[np.float64]] = {}
        whole = hashlib.sha256(digest.encode())
        for modality in MODALITIES:
            part: ClassifierDescription | None = getattr(described, modality)
            if part is None:
                continue
            classifier = Classifier(modality, part, folder, self._labels)
            own = None if part.prior is None else log_prior(part.prior, self._labels).astype(np.float64)
            self._classifiers[modality] = classifier
            self._priors[modality] = self._prior if own is None else own
            whole.update(_digest(classifier.model))
        if not self._classifiers:
            raise UnusablePredictor("The description has no classifier. Name one for text, image or audio.")
        self._modalities = tuple(self._classifiers)
        self._hash = whole.hexdigest()

    @property
    def device(self) -> object:
        return next(iter(self._classifiers.values())).model.device

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """The joint prior plus what each classifier that has something to read says beyond its own."""
        logits = np.tile(self._prior, (len(samples), 1))
        for modality, classifier in self._classifiers.items():
            rows = [row for row, sample in enumerate(samples) if modality in sample.present]
            if rows:
                contents = [samples[row].without_reference().content(modality) for row in rows]
                logits[rows] += classifier.evidence(contents, self._priors[modality])
        return TaskLogits(logits.astype(np.float32))


def from_description(settings: Mapping[str, Any], folder: Path, digest: str) -> Classifiers:
    """The classifiers that a ``predictor.yaml`` describes."""
    return Classifiers(ClassifiersDescription.checked(settings), folder, digest)


@dataclass(frozen=True)
class _Kind:
    """How transformers classifies one modality. model, processor: names of its Auto classes. prepare: contents to
    the model's batch, of at most ``batch``."""

    model: str
    processor: str
    prepare: Callable[[Any, Sequence[Any], Any], Any]
    batch: int = BATCH


def _pieces(tokenizer: Any, texts: Sequence[str], model: Any) -> Any:
    longest = min(tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", 512))
    # RoBERTa counts positions from the padding index on, so the last two are out of reach.
    return tokenizer(list(texts), padding=True, truncation=True, max_length=max(8, longest - 2), return_tensors="pt")


def _pixels(processor: Any, pictures: Sequence[NDArray[np.uint8]], model: Any) -> Any:
    from PIL import Image

    return processor([Image.fromarray(np.ascontiguousarray(one)) for one in pictures], return_tensors="pt")


def _waveforms(extractor: Any, waveforms: Sequence[NDArray[np.float32]], model: Any) -> Any:
    import soxr

    rate = int(getattr(extractor, "sampling_rate", SAMPLE_RATE))
    sounds = [one if rate == SAMPLE_RATE else soxr.resample(one, SAMPLE_RATE, rate) for one in waveforms]
    return extractor(sounds, sampling_rate=rate, padding=True, return_tensors="pt")


_KINDS: Final = {
    "text": _Kind("AutoModelForSequenceClassification", "AutoTokenizer", _pieces),
    "image": _Kind("AutoModelForImageClassification", "AutoImageProcessor", _pixels),
    # One by one: what pads the shorter of several sounds would change their answers.
    "audio": _Kind("AutoModelForAudioClassification", "AutoFeatureExtractor", _waveforms, batch=1),
}


def _loaded(kind: _Kind, modality: str, source: str, revision: str | None) -> tuple[Any, nn.Module]:
    """Processor and model; UnusablePredictor where something is missing or the head would be random."""
    import transformers

    try:
        processor = getattr(transformers, kind.processor).from_pretrained(source, revision=revision)
        model, info = getattr(transformers, kind.model).from_pretrained(
            source, revision=revision, output_loading_info=True, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError):
        raise UnusablePredictor(
            f"The {modality} classifier can't be loaded. Name a folder beside the description, or a model of the hub "
            "that classifies this modality with transformers, has its weights as safetensors, and is in this "
            "machine's cache or can be fetched (HF_HUB_OFFLINE=1 forbids that)."
        ) from None
    random = sorted({*info["missing_keys"], *(str(key[0]) for key in info["mismatched_keys"])})
    if random:
        raise UnusablePredictor(
            f"The {modality} classifier has no trained weights for {listed(random[:3])}: these would be random, and "
            "so would its answers be. Name a model that was fine-tuned for classification."
        )
    return processor, model.eval()


def _their_labels(model: Any) -> list[str]:
    names = model.config.id2label
    return [str(names[index]) for index in range(len(names))]


def _digest(model: nn.Module) -> bytes:
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.digest()
