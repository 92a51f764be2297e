"""The configuration of a model and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

from mm_core.encoders.base import TowerConfig
from mm_core.encoders.checks import require
from mm_core.encoders.image import ImageConfig
from mm_core.encoders.mel import MelConfig
from mm_core.encoders.text import TextConfig
from mm_core.encoders.towers import config_from_json, config_to_json, tower_of
from mm_core.labels import EMOTIONS, MODALITIES

AGREEMENTS: Final = ("head", "matching")


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
        require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        require(self.rank >= 0, f"rank must be 0 (full) or more, not {self.rank}")
        require(self.layers >= 1, "layers must be at least 1")


@dataclass(frozen=True)
class ModelConfig:
    """Everything needed to build a model. text, image, audio: configurations of registered towers; their types say
    which. labels: the emotion head's classes, in order. agreement_labels: the classes by which modalities are
    compared; None for the labels themselves. agreement: how, by the tokens that match (``matching``)
    or by each modality's own answer alone (``head``, as models did whose configuration does not say).
    learned_modalities: those whose rows taught the model its labels, in MODALITIES order; what it is given of the
    others counts as absent."""

    name: str
    text: TowerConfig = field(default_factory=TextConfig)
    image: TowerConfig = field(default_factory=ImageConfig)
    audio: TowerConfig = field(default_factory=MelConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    labels: tuple[str, ...] = EMOTIONS
    agreement_labels: tuple[str, ...] | None = None
    agreement: str = "matching"
    learned_modalities: tuple[str, ...] = MODALITIES

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        if self.agreement_labels is not None:
            object.__setattr__(self, "agreement_labels", tuple(self.agreement_labels))
        for modality in MODALITIES:
            tower_of(modality, self.tower(modality))
        require(self.agreement in AGREEMENTS, f"agreement must be one of {', '.join(AGREEMENTS)}")
        require(len(self.labels) >= 2, "a model needs at least two labels")
        require(len(set(self.labels)) == len(self.labels), "labels must be distinct")
        learned = set(self.learned_modalities)
        require(bool(learned) and learned <= set(MODALITIES), f"a model learns from some of {', '.join(MODALITIES)}")
        object.__setattr__(self, "learned_modalities", tuple(m for m in MODALITIES if m in learned))

    def tower(self, modality: str) -> TowerConfig:
        """The configuration of one modality's tower."""
        config: TowerConfig = getattr(self, modality)
        return config

    def with_tower(self, modality: str, tower: TowerConfig) -> Self:
        """The same configuration with another tower."""
        changes: dict[str, Any] = {modality: tower}
        return replace(self, **changes)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages whose texts it learns; English where the text tower names none."""
        return getattr(self.text, "languages", ("en",))

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {m: config_to_json(m, self.tower(m)) for m in MODALITIES}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a configuration; an unknown or missing key raises TypeError, KeyError or ValueError."""
        return cls(
            name=data["name"],
            **{m: config_from_json(m, data[m]) for m in MODALITIES},
            fusion=FusionConfig(**data["fusion"]),
            labels=tuple(data["labels"]),
            agreement_labels=data.get("agreement_labels"),
            agreement=data.get("agreement", "head"),
            learned_modalities=tuple(data.get("learned_modalities", MODALITIES)),
        )
