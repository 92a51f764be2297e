"""Health: whether requests are answered, and by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mm_core.labels import EMOTIONS


@dataclass(frozen=True)
class Health:
    """ready: whether requests are answered. reason: why not. model, hash, device: what answers. waiting: requests
    being decoded or waiting for the model. version: of the software, empty where nothing answers.
    decoding: files that wait to be decoded. reads_reference: whether the model judges a voice against the speaker's
    normal voice, where that is given. labels: the model's emotions, or the labels of one's own that it has in their
    place. learned_modalities: those that taught it these labels; the others count as absent. tested: what fine-tuning
    measured on held-out cases (see ``training.custom_report``). Labels and what follows are empty where nothing
    answers."""

    ready: bool
    model: str
    hash: str
    device: str
    waiting: int
    reason: str = ""
    version: str = ""
    decoding: int = 0
    reads_reference: bool = False
    labels: tuple[str, ...] = ()
    learned_modalities: tuple[str, ...] = ()
    tested: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("labels", "learned_modalities"):  # lists, where it came over HTTP
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def has_own_labels(self) -> bool:
        """Whether the model answers other labels than the seven emotions."""
        return bool(self.labels) and not set(self.labels) <= set(EMOTIONS)
