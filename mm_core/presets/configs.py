"""The configuration of a model and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mm_core.labels import EMOTIONS


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class TextConfig:
    """A transformers text model.

    source: hub name or folder of the base weights, used for training and for hub-sized presets; a saved model
    carries its own copy. vocabulary: how many word pieces to keep, 0 for all. max_pieces: longest text read.
    """

    source: str = "sentence-transformers/all-MiniLM-L6-v2"
    vocabulary: int = 0
    max_pieces: int = 128

    def __post_init__(self) -> None:
        _require(8 <= self.max_pieces <= 512, f"max_pieces must lie in 8..512, not {self.max_pieces}")
        _require(self.vocabulary >= 0, "vocabulary must be 0 (all) or a number of word pieces")


@dataclass(frozen=True)
class ImageConfig:
    """An open_clip vision tower.

    tower: ``timm:NAME`` for a timm trunk inside open_clip's adapter, otherwise a name that
    ``open_clip.create_model`` takes (``ViT-B-32``, ``hf-hub:...``, ``local-dir:...``). pretrained: open_clip's
    tag or a file of weights. image_size: side of the square input in pixels.
    """

    tower: str = "timm:triad_facenet"
    pretrained: str = ""
    image_size: int = 48
    grayscale: bool = True
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.25,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", tuple(self.mean))
        object.__setattr__(self, "std", tuple(self.std))
        channels = 1 if self.grayscale else 3
        _require(self.image_size >= 8, f"image_size must be at least 8 pixels, not {self.image_size}")
        _require(len(self.mean) == len(self.std) == channels, f"mean and std need {channels} values")


@dataclass(frozen=True)
class AudioConfig:
    """Our mel tower (``tower="mel"``), or a transformers audio model by hub name or folder.

    mel_bands, hop and window (samples at 16 kHz) and channels describe the mel tower only. window_seconds: the
    clip is cut into equal windows no longer than this, each read on its own.
    """

    tower: str = "mel"
    mel_bands: int = 64
    fft: int = 512
    hop: int = 256
    window_seconds: float = 3.0
    channels: tuple[int, ...] = (24, 48, 96, 128)
    width: int = 160
    layers: int = 2
    heads: int = 4
    dropout: float = 0.2
    statistics: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        _require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        _require(0.5 <= self.window_seconds <= 30, "window_seconds must lie in 0.5..30")


@dataclass(frozen=True)
class FusionConfig:
    """A fusion strategy by its registered name, with its size. rank: of ``outer_product``'s low-rank form, 0 for the
    full tensor."""

    name: str = "cross_attention"
    width: int = 160
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    rank: int = 0

    def __post_init__(self) -> None:
        _require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        _require(self.rank >= 0, f"rank must be 0 (full) or more, not {self.rank}")
        _require(self.layers >= 1, "layers must be at least 1")


@dataclass(frozen=True)
class ModelConfig:
    """Everything needed to build a model. labels: the emotion head's classes, in order. agreement_labels: the classes
    by which modalities are compared; None for the labels themselves."""

    name: str
    text: TextConfig = field(default_factory=TextConfig)
    image: ImageConfig = field(default_factory=ImageConfig)
    audio: AudioConfig = field(default_factory=AudioConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    labels: tuple[str, ...] = EMOTIONS
    agreement_labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        if self.agreement_labels is not None:
            object.__setattr__(self, "agreement_labels", tuple(self.agreement_labels))
        _require(len(self.labels) >= 2, "a model needs at least two labels")
        _require(len(set(self.labels)) == len(self.labels), "labels must be distinct")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a configuration; an unknown or missing key raises TypeError or KeyError."""
        return cls(
            name=data["name"],
            text=TextConfig(**data["text"]),
            image=ImageConfig(**data["image"]),
            audio=AudioConfig(**data["audio"]),
            fusion=FusionConfig(**data["fusion"]),
            labels=tuple(data["labels"]),
            agreement_labels=data.get("agreement_labels"),
        )
