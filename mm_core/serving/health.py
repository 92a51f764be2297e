"""Health: whether requests are answered, and by what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """ready: whether requests are answered. reason: why not. model, hash, device: what answers. waiting: requests
    being decoded or waiting for the model. version: of the software, empty where nothing answers.
    decoding: files that wait to be decoded."""

    ready: bool
    model: str
    hash: str
    device: str
    waiting: int
    reason: str = ""
    version: str = ""
    decoding: int = 0
