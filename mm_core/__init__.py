"""Triad: emotion and sentiment from text, face and voice, with explanations that can be checked.

The public API. Names are looked up when first used, so that importing the package does not load torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mm_core.errors import TriadError
    from mm_core.evidence import Evidence
    from mm_core.prediction import Prediction
    from mm_core.samples import InvalidInput, Sample
    from mm_core.storage import load

__version__ = "0.2.0"
"""The one place of the version: the distribution, the command, /health, reports and records take it from here."""

_HOMES = {
    "Evidence": "mm_core.evidence",
    "InvalidInput": "mm_core.samples",
    "Prediction": "mm_core.prediction",
    "Sample": "mm_core.samples",
    "TriadError": "mm_core.errors",
    "load": "mm_core.storage",
}

__all__ = ["Evidence", "InvalidInput", "Prediction", "Sample", "TriadError", "__version__", "load"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
