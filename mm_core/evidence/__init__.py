"""Evidence: the record of a case, and how one is made."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mm_core.evidence.record import Evidence, Inputs, Pair

if TYPE_CHECKING:
    from mm_core.evidence.case import Case, explain

_HOMES = {"Case": "mm_core.evidence.case", "explain": "mm_core.evidence.case"}

__all__ = ["Case", "Evidence", "Inputs", "Pair", "explain"]


def __getattr__(name: str) -> Any:
    # These run the model: whoever only opens a file must not wait for torch.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
