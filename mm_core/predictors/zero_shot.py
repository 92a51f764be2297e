"""Labels in one's own words for pictures: any model of open_clip, asked by prompts.

Radford et al., "Learning transferable visual models from natural language supervision" (ICML 2021).

Each label is put into several templates; the mean of their text embeddings is the label's direction, and a face is
compared with it by the cosine, on the scale that the model has learned.

Shapes: B samples, C classes, D width of the shared space.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.predictors.answers import UnusablePredictor, checked_labels, log_prior
from mm_core.predictors.base import TaskLogits
from mm_core.predictors.description import Description
from mm_core.predictors.stated import StatedPredictor
from mm_core.samples import Sample

TEMPLATES: Final = (
    "a photo of a {} person",
    "a photo of a person who feels {}",
    "a face with a {} expression",
    "someone who looks {}",
)
"""Where a label goes in, unless a description brings its own."""

BATCH: Final = 32
"""Pictures at once; bounds memory."""


class ZeroShotDescription(Description):
    """``predictor.yaml`` of ``kind: zero_shot``. model, pretrained: as open_clip names them (``ViT-B-32`` with
    ``laion2b_s34b_b79k``), ``hf-hub:...``, or a folder beside the description in open_clip's format. labels: in one's
    own words. templates: sentences with {} for the label. prior: the answer to nothing, by default equal chances."""

    kind: Literal["zero_shot"]
    model: str
    pretrained: str | None = None
    labels: list[str]
    templates: tuple[str, ...] = TEMPLATES
    name: str = "zero-shot"
    prior: dict[str, float] | None = None


class ZeroShot(StatedPredictor):
    """See ``ZeroShotDescription``. UnusablePredictor for weights that are not there, and labels that do not fit."""

    def __init__(self, described: ZeroShotDescription, folder: Path, digest: str) -> None:
        import open_clip

        self._labels = checked_labels(described.labels)
        if not described.templates or not all(template.count("{}") == 1 for template in described.templates):
            raise UnusablePredictor("A template is a sentence with {} in the place of the label. Give at least one.")
        self._name, self._modalities = described.name, ("image",)
        self._prior = log_prior(described.prior, self._labels)
        model, self._prepare, tokenizer = _loaded(described, folder)
        self._model = model.eval()
        with torch.inference_mode():
            self._directions = open_clip.build_zero_shot_classifier(
                self._model, tokenizer, list(self._labels), list(described.templates)
            )  # (D, C), of length 1
            self._scale = float(self._model.logit_scale.exp())
        whole = hashlib.sha256(digest.encode())
        for name, value in sorted(self._model.state_dict().items()):
            whole.update(name.encode())
            whole.update(value.contiguous().numpy().tobytes())
        self._hash = whole.hexdigest()

    @property
    def device(self) -> object:
        return self._directions.device

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """The scaled cosine of each face with each label; the prior where there is no face."""
        logits = np.tile(self._prior, (len(samples), 1))
        (modality,) = self.learned_modalities
        rows = [row for row, sample in enumerate(samples) if modality in sample.present]
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            logits[part] = self._compared([samples[row].content(modality) for row in part])
        return TaskLogits(logits)

    @torch.inference_mode()
    def _compared(self, faces: Sequence[Any]) -> NDArray[np.float32]:
        from PIL import Image

        batch = torch.stack([self._prepare(Image.fromarray(np.ascontiguousarray(face))) for face in faces])
        features = self._model.encode_image(batch, normalize=True)  # (B, D)
        found: NDArray[np.float32] = (self._scale * features @ self._directions).float().numpy()
        return found


def from_description(settings: Mapping[str, Any], folder: Path, digest: str) -> ZeroShot:
    """The model that a ``predictor.yaml`` describes."""
    return ZeroShot(ZeroShotDescription.checked(settings), folder, digest)


def _loaded(described: ZeroShotDescription, folder: Path) -> tuple[Any, Any, Any]:
    """Model, what prepares a picture for it, and tokenizer."""
    import open_clip

    source = described.model
    if (folder / source).is_dir():
        source = f"local-dir:{folder / source}"
    try:
        model, prepare = open_clip.create_model_from_pretrained(source, described.pretrained, weights_only=True)
        return model, prepare, open_clip.get_tokenizer(source)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError):
        raise UnusablePredictor(
            "The zero-shot model can't be loaded. Name a model of open_clip with its `pretrained` weights, "
            "hf-hub:..., or a folder beside the description; what is not in this machine's cache has to be fetched."
        ) from None
