"""``predictor.yaml``: which kind of model answers, and where it is.

A kind is a line of ``KINDS``, which names a function ``(settings, folder, digest) -> Predictor``. Nothing that a
description names is unpickled; ``kind: function`` runs the Python file that it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from mm_core.locale import listed
from mm_core.predictors.answers import UnusablePredictor
from mm_core.predictors.base import Predictor

KINDS: Final = {
    "classifiers": "mm_core.predictors.classifiers:from_description",
    "endpoint": "mm_core.predictors.endpoint:from_description",
    "function": "mm_core.predictors.function:from_description",
    "zero_shot": "mm_core.predictors.zero_shot:from_description",
}

SUFFIXES: Final = (".yaml", ".yml")

MAX_BYTES: Final = 2**20
"""Of a description, which is a page long."""


class Description(BaseModel):
    """A part of a description; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def checked(cls, settings: Mapping[str, Any]) -> Self:
        """Read a part; UnusablePredictor names the first field that does not fit."""
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "its form"
            raise UnusablePredictor(f"The model's description does not fit at {place}: {first['msg']}.") from None


def is_description(source: object) -> bool:
    """Whether this names a description rather than a folder with a model."""
    return str(source).lower().endswith(SUFFIXES)


def described(path: str | Path) -> Predictor:
    """The model that a ``predictor.yaml`` describes. UnusablePredictor says what is wrong with it."""
    path = Path(path)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise UnusablePredictor("There is no such description of a model. Name a predictor.yaml (docs/any_model.md).")
    content = path.read_bytes()
    try:
        settings = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UnusablePredictor("The model's description is not readable YAML in UTF-8.") from None
    kind = settings.get("kind") if isinstance(settings, dict) else None
    if kind not in KINDS:
        raise UnusablePredictor(f"A description names its kind: {listed(list(KINDS))} (docs/any_model.md).")
    module, name = KINDS[kind].split(":")
    make = getattr(import_module(module), name)
    predictor: Predictor = make(settings, path.parent, hashlib.sha256(content).hexdigest())
    return predictor


def load(source: str | Path | None = None) -> Predictor:
    """A model by its name: a ``predictor.yaml``, or what ``mm_core.load`` takes."""
    if source is not None and is_description(source):
        return described(source)
    from mm_core.storage import load as load_model

    return load_model(source)
