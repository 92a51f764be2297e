"""The relevance methods behind one registry and one signature.

Every method is a function ``(trace, modality, target) -> (U,) float32``: the effect of each unit of one present
modality on the target's centred logit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.gradient import gradient_x_input
from mm_core.explain.records import Relevance
from mm_core.explain.trace import Target, Trace

Method = Callable[[Trace, str, Target], NDArray[np.float32]]


@dataclass(frozen=True)
class Entry:
    """function; signed: whether values below 0 speak against the class."""

    function: Method
    signed: bool


METHODS: Final[dict[str, Entry]] = {
    "gradient_x_input": Entry(gradient_x_input, signed=True),
}


def relevance(trace: Trace, modality: str, target: Target, method: str) -> Relevance:
    """One map of one modality by the method of that name; ValueError names the known ones."""
    if method not in METHODS:
        raise ValueError(f"there is no relevance method called {method!r}; known are {', '.join(METHODS)}")
    entry = METHODS[method]
    values = entry.function(trace, modality, target)
    return Relevance(modality, method, target.task, target.label, values, entry.signed)
