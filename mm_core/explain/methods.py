"""The relevance methods behind one registry and one signature.

Every method is a function ``(trace, modality, target) -> (U,) float32``: the effect of each unit of one present
modality on the target's centred logit, or, for attention, how much the unit matters. Methods by removal take any
``RemovalTrace``, so they explain any predictor; the others need the ``Trace`` of a TriadModel. A method is loaded
when it is used: pages that only name them need no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.records import Relevance
from mm_core.explain.removal import RemovalTrace
from mm_core.explain.target import Target

Method = Callable[[Any, str, Target], NDArray[np.float32]]


@dataclass(frozen=True)
class Entry:
    """function: ``module:function``. title: its name in words, None for the function's own. signed: whether values
    below 0 speak against the class. by_removal: whether it only asks what the answer is without some units.
    needs_attention: whether the fusion must show its attention."""

    function: str
    title: str | None = None
    signed: bool = True
    by_removal: bool = True
    needs_attention: bool = False

    def load(self) -> Method:
        module, name = self.function.split(":")
        method: Method = getattr(import_module(module), name)
        return method


METHODS: Final[dict[str, Entry]] = {
    "rollout": Entry(
        "mm_core.explain.attention:rollout", "attention rollout", signed=False, by_removal=False, needs_attention=True
    ),
    "chefer": Entry(
        "mm_core.explain.attention:chefer",
        "attention with gradients (Chefer)",
        signed=False,
        by_removal=False,
        needs_attention=True,
    ),
    "gradient_x_input": Entry("mm_core.explain.gradient:gradient_x_input", "gradient × input", by_removal=False),
    "integrated_gradients": Entry("mm_core.explain.integrated:integrated_gradients", by_removal=False),
    "occlusion": Entry("mm_core.explain.occlusion:occlusion"),
    "shapley_sampling": Entry("mm_core.explain.sampled:shapley_sampling", "sampled Shapley values"),
}


def title_of(method: str) -> str:
    """A method's name in words; of one that is not registered, such as another version's, its name."""
    entry = METHODS.get(method)
    return (entry and entry.title) or method.replace("_", " ")


def available(trace: RemovalTrace) -> tuple[str, ...]:
    """The methods that this trace's model allows."""
    from mm_core.explain.attention import has_attention
    from mm_core.explain.trace import Trace

    if not isinstance(trace, Trace):
        return tuple(name for name, entry in METHODS.items() if entry.by_removal)
    shown = has_attention(trace)
    return tuple(name for name, entry in METHODS.items() if shown or not entry.needs_attention)


def relevance(trace: RemovalTrace, modality: str, target: Target, method: str) -> Relevance:
    """One map of one modality by the method of that name, which must be ``available``; ValueError names the known
    ones."""
    if method not in METHODS:
        raise ValueError(f"there is no relevance method called {method!r}; known are {', '.join(METHODS)}")
    entry = METHODS[method]
    values = entry.load()(trace, modality, target)
    return Relevance(modality, method, target.task, target.label, values, entry.signed)
