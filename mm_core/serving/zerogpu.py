"""Hugging Face's ZeroGPU: work on the GPU happens inside functions that its decorator marks.

Elsewhere nothing changes.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

GPU_SECONDS: Final = 30
"""Seconds of GPU time asked for at most with each call; a pass takes far less."""


def is_active() -> bool:
    """Whether this process runs on ZeroGPU, where a marked function runs in a forked process that holds the GPU."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "true")


def on_gpu(function: Function) -> Function:
    """Mark a function whose body needs the GPU; the very same function away from ZeroGPU.

    Arguments and results of a marked function travel between processes and must be picklable.
    """
    if not is_active() or importlib.util.find_spec("spaces") is None:
        return function
    import spaces

    return spaces.GPU(function, duration=GPU_SECONDS)
