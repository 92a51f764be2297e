"""The relevance methods behind one registry and one signature.

Every method is a function ``(trace, modality, target) -> (U,) float32``: the effect of each unit of one present
modality on the target's centred logit, or, for attention, how much the unit matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.attention import chefer, has_attention, rollout
from mm_core.explain.gradient import gradient_x_input
from mm_core.explain.integrated import integrated_gradients
from mm_core.explain.occlusion import occlusion
from mm_core.explain.records import Relevance
from mm_core.explain.sampled import shapley_sampling
from mm_core.explain.trace import Target, Trace

Method = Callable[[Trace, str, Target], NDArray[np.float32]]


@dataclass(frozen=True)
class Entry:
    """function; signed: whether values below 0 speak against the class; needs_attention: whether the fusion must show
    its attention."""

    function: Method
    signed: bool = True
    needs_attention: bool = False


METHODS: Final[dict[str, Entry]] = {
    "rollout": Entry(rollout, signed=False, needs_attention=True),
    "chefer": Entry(chefer, signed=False, needs_attention=True),
    "gradient_x_input": Entry(gradient_x_input),
    "integrated_gradients": Entry(integrated_gradients),
    "occlusion": Entry(occlusion),
    "shapley_sampling": Entry(shapley_sampling),
}


def available(trace: Trace) -> tuple[str, ...]:
    """The methods that this trace's model allows."""
    return tuple(name for name, entry in METHODS.items() if not entry.needs_attention or has_attention(trace))


def relevance(trace: Trace, modality: str, target: Target, method: str) -> Relevance:
    """One map of one modality by the method of that name; ValueError names the known ones."""
    if method not in METHODS:
        raise ValueError(f"there is no relevance method called {method!r}; known are {', '.join(METHODS)}")
    entry = METHODS[method]
    values = entry.function(trace, modality, target)
    return Relevance(modality, method, target.task, target.label, values, entry.signed)
