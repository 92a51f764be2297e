"""Triad: emotion and sentiment from text, face and voice, with explanations that can be checked.

The public API. Names are looked up when first used, so that importing the package does not load torch.

>>> import mm_core
>>> model = mm_core.load()
>>> sample = mm_core.Sample.read(text="I am so happy for you, this is wonderful news!")
>>> record = mm_core.explain(model, sample)
>>> record.prediction.emotion.label
'joy'
>>> strongest = record.relevance_of("text").values.argmax()
>>> record.units["text"].labels[strongest]
'happy'
>>> changed = mm_core.what_if(model, record, mm_core.Change(text="I am so sad for you, this is terrible news!"))
>>> changed.after.prediction.emotion.label
'sadness'

``record`` is Evidence: ``record.save("case.triad")`` keeps it, ``Evidence.load`` opens it again, and a notebook draws
it. ``mm_core.evaluate(model, folder)`` scores a model on labelled rows.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mm_core.errors import TriadError
    from mm_core.evaluation.evaluate import evaluate
    from mm_core.evidence import Change, Evidence
    from mm_core.evidence.session import explain, what_if
    from mm_core.prediction import Prediction
    from mm_core.samples import InvalidInput, Sample
    from mm_core.storage import load

__version__ = "0.2.0"
"""The one place of the version: the distribution, the command, /health, reports and records take it from here."""

_HOMES = {
    "Change": "mm_core.evidence",
    "Evidence": "mm_core.evidence",
    "InvalidInput": "mm_core.samples",
    "Prediction": "mm_core.prediction",
    "Sample": "mm_core.samples",
    "TriadError": "mm_core.errors",
    "evaluate": "mm_core.evaluation.evaluate",
    "load": "mm_core.storage",
    "what_if": "mm_core.evidence.session",
}

__all__ = [
    "Change",
    "Evidence",
    "InvalidInput",
    "Prediction",
    "Sample",
    "TriadError",
    "__version__",
    "evaluate",
    "explain",
    "load",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name == "explain":  # a package that can be called; importing it binds the name
        return importlib.import_module("mm_core.explain")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
