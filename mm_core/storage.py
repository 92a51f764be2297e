"""Saving and loading models: safetensors and JSON, every file checked against the SHA-256 in the JSON.

A model's folder holds ``model.json`` (configuration, calibration, splits, digests), ``model.safetensors`` and
the structure of towers that other libraries build (``text/``, ``image/``, ``audio/``). Nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from mm_core import resources
from mm_core.calibration import Calibration
from mm_core.encoders import base_encoder, restored_encoder
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.packing import packed, unpacked
from mm_core.presets import PRESETS, ModelConfig, preset
from mm_core.samples.errors import InvalidInput

FORMAT: Final = 2
_READ: Final = (1, FORMAT)
"""The first knew no weights of 8 bits."""

EMBEDDED: Final = resources.MODEL
"""The model that ships with the project."""

_DESCRIPTION: Final = "model.json"
_WEIGHTS: Final = "model.safetensors"
_MAX_JSON_BYTES: Final = 4 * 2**20


class UnusableModel(InvalidInput):
    """A model's files are missing, changed, or of another format."""


def save(model: TriadModel, folder: Path, *, half: bool = True, notes: dict[str, Any] | None = None) -> None:
    """Write a model; ``half`` stores weights in few bits (see ``packing``), else they stay as they are. ``notes``
    (splits, figures) stand in the JSON as given.

    Afterwards ``model.hash`` is the hash that loading will report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = model.state_dict()
    if half:
        few_bits = tuple(f"encoders.{m}." for m in MODALITIES if model.encoders[m].bears_eight_bits)
        stored = packed(weights, lambda name: name.startswith(few_bits))
    else:
        stored = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
    save_file(stored, folder / _WEIGHTS)
    save_structures(model, folder)
    description = {
        "format": FORMAT,
        "config": model.config.to_json(),
        "calibration": model.calibration.to_json(),
        "notes": notes or {},
        "files": {
            path.relative_to(folder).as_posix(): _sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != _DESCRIPTION and path.suffix in (".safetensors", ".json")
        },
    }
    text = json.dumps(description, indent=1, ensure_ascii=False)
    (folder / _DESCRIPTION).write_text(text, encoding="utf-8")
    model.hash = hashlib.sha256(text.encode()).hexdigest()


def save_structures(model: TriadModel, folder: Path) -> None:
    """Write what the encoders need beside the configuration to be built again, in a folder for each modality."""
    for modality in MODALITIES:
        model.encoders[modality].save_structure(folder / modality)


def load(source: str | Path | None = None, device: str | torch.device | None = None) -> TriadModel:
    """Load a model: the embedded one, a saved folder, or a preset's base weights by name.

    A preset other than the embedded one is built from its base weights; its fusion and heads are untrained until
    it is fine-tuned. ``device`` is chosen by what is there (CUDA, MPS, CPU) if not given. Raises UnusableModel
    for missing or changed files.
    """
    chosen = device or best_device()
    if source is None or source == "embedded":
        return load_folder(EMBEDDED).to(chosen).eval()
    if str(source) in PRESETS:
        return from_preset(preset(str(source))).to(chosen).eval()
    return load_folder(Path(source)).to(chosen).eval()


def best_device() -> torch.device:
    """CUDA where there is one, then Apple's MPS, then the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def from_preset(config: ModelConfig) -> TriadModel:
    """A model with the base weights that its configuration names; fusion and heads are fresh."""
    return TriadModel(config, {m: base_encoder(m, config.tower(m)) for m in MODALITIES})


def load_folder(folder: Path) -> TriadModel:
    """Load what ``save`` wrote, in float32."""
    description, text = _describe(folder)
    for name, expected in description["files"].items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise UnusableModel(f"The model is incomplete: {Path(name).name} is missing. Get the folder again.")
        if _sha256(path) != expected:
            raise UnusableModel(
                f"The model's file {Path(name).name} is not the one that was saved (its SHA-256 differs). "
                "Get the folder again; it was not opened."
            )
    try:
        config = ModelConfig.from_json(description["config"])
        calibration = Calibration.from_json(description["calibration"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableModel(f"The model's description can't be read: {error}.") from error
    with _without_initialisation():
        model = TriadModel(config, {m: restored_encoder(m, config.tower(m), folder / m) for m in MODALITIES})
    try:
        stored = load_file(folder / _WEIGHTS)
    except SafetensorError as error:
        raise UnusableModel("The model's weights are not a safetensors file. Get the folder again.") from error
    try:
        # Models of the first format know no distances: to them everything is familiar.
        known = model.familiarity.state_dict(prefix="familiarity.") if description["format"] == 1 else {}
        model.load_state_dict(known | unpacked(stored))
    except RuntimeError as error:
        raise UnusableModel("The model's weights do not fit its description. Get the folder again.") from error
    model.calibration = calibration
    model.custom_scores = _tested(description.get("notes"))
    model.hash = hashlib.sha256(text).hexdigest()
    return model


def notes(folder: Path = EMBEDDED) -> dict[str, Any]:
    """What a model's JSON says beside its structure: splits, thresholds' origin, training figures."""
    return _describe(folder)[0]["notes"]


def _tested(notes: Any) -> dict[str, Any]:
    """What fine-tuning measured, as ``training.custom_report`` wrote it; empty for other models."""
    tuned = notes.get("tuned") if isinstance(notes, dict) else None
    tested = tuned.get("test") if isinstance(tuned, dict) else None
    return tested if isinstance(tested, dict) else {}


def _describe(folder: Path) -> tuple[dict[str, Any], bytes]:
    path = folder / _DESCRIPTION
    if not path.is_file() or not (folder / _WEIGHTS).is_file():
        raise UnusableModel(
            "There is no model in the folder that was named: model.json and model.safetensors are needed. "
            "Name a folder that `python -m mm_core train` wrote, or leave it out for the embedded model."
        )
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise UnusableModel("The model's description is too large to be one. Get the folder again.")
    text = path.read_bytes()
    try:
        description = json.loads(text)
        fits = description["format"] in _READ and _WEIGHTS in description["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableModel("The model's description is not readable JSON. Get the folder again.") from error
    if not fits:
        raise UnusableModel(f"The model has another format than this version reads ({FORMAT}).")
    return description, text


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _without_initialisation:
    """Random initial weights are overwritten at once by the loaded ones: drawing them is a third of the time."""

    _names = ("kaiming_uniform_", "xavier_uniform_", "normal_", "uniform_", "trunc_normal_")

    def __enter__(self) -> None:
        self._kept = {name: getattr(nn.init, name) for name in self._names}
        for name in self._names:
            setattr(nn.init, name, lambda tensor, *_, **__: tensor)

    def __exit__(self, *_: object) -> None:
        for name, function in self._kept.items():
            setattr(nn.init, name, function)
