"""Serving: one model, one worker, many people; the REST API beside the page, and its client.

``service`` owns the model; ``rest`` and ``launch`` put it on a port; ``remote`` is the same service over HTTP and
loads neither torch nor weights.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mm_core.serving.remote import Remote
    from mm_core.serving.service import Service

_HOMES = {
    "Remote": "mm_core.serving.remote",
    "Service": "mm_core.serving.service",
}

__all__ = ["Remote", "Service"]


def __getattr__(name: str) -> Any:
    # The dashboard beside a running app needs Remote alone and must not load torch for it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
