"""Evidence: the record of a case, how one is made (``session``), changed (``what_if``) and kept (``file``)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mm_core.evidence.change import Change
from mm_core.evidence.record import ORDERED_PAIRS, WORDS_NOTICE, Evidence, Inputs, Pair
from mm_core.evidence.what_if import WhatIf, without_modalities

if TYPE_CHECKING:
    from mm_core.evidence.session import ExplanationSession, explain

_HOMES = dict.fromkeys(("ExplanationSession", "explain"), "mm_core.evidence.session")

__all__ = [
    "ORDERED_PAIRS",
    "WORDS_NOTICE",
    "Change",
    "Evidence",
    "ExplanationSession",
    "Inputs",
    "Pair",
    "WhatIf",
    "explain",
    "without_modalities",
]


def __getattr__(name: str) -> Any:
    # These run the model: whoever only opens a file must not wait for torch.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
