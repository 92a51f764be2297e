"""Health: whether requests are answered, and by what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """ready: whether requests are answered. reason: why not. model, hash, device: what answers. waiting: requests
    being decoded or waiting for the model. version: of the software, empty where nothing answers.
    decoding: files that wait to be decoded. reads_reference: whether the model judges a voice against the speaker's
    normal voice, where that is given."""

    ready: bool
    model: str
    hash: str
    device: str
    waiting: int
    reason: str = ""
    version: str = ""
    decoding: int = 0
    reads_reference: bool = False
