"""The relevance methods behind one registry and one signature.

Every method is a function ``(trace, modality, target) -> (U,) float32``: the effect of each unit of one present
modality on the target's centred logit, or, for attention, how much the unit matters. One that asks the model often
gives Steps to it instead, so that other people's questions are answered in between. Methods by removal take any
``RemovalTrace``, so they explain any predictor; the others need the ``Trace`` of a TriadModel. A method is loaded
when it is used: pages that only name them need no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.records import Relevance
from mm_core.explain.removal import RemovalTrace
from mm_core.explain.target import Target
from mm_core.steps import Step, Steps, finish

Map = NDArray[np.float32]
Method = Callable[[Any, str, Target], Map | Steps[Map]]


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
    return finish(relevance_steps(trace, modality, target, method))


def relevance_steps(trace: RemovalTrace, modality: str, target: Target, method: str) -> Steps[Relevance]:
    """``relevance`` in steps."""
    if method not in METHODS:
        raise ValueError(f"there is no relevance method called {method!r}; known are {', '.join(METHODS)}")
    entry = METHODS[method]
    found = entry.load()(trace, modality, target)
    if not isinstance(found, np.ndarray):
        found = yield from _result_of(found)
    yield Step(1.0, Relevance(modality, method, target.task, target.label, found, entry.signed))


def _result_of(steps: Steps[Map]) -> Generator[Step[Relevance], None, Map]:
    """Pass on how far the work is; its result."""
    for step in steps:
        if step.result is not None:
            return step.result
        yield Step(step.fraction)
    raise RuntimeError("the method ended without a map")
