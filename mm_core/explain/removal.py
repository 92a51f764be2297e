"""What explanation by removal needs: a sample before a predictor, of which units and modalities can be taken away.

``Trace`` removes units from the features of TriadModel's encoders; ``SampleTrace`` removes them from the sample
itself, as a person would, and so serves any Predictor.

Shapes: U units, V variants, G sets of modalities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.records import Coalitions, Segments
from mm_core.explain.target import Target
from mm_core.samples import Sample

VARIANTS_AT_ONCE: Final = 16
"""Variants in one pass of an encoder, and between two steps of long work: what they need fits the processor's cache,
other people's questions get their turn soon, and from 16 on oneDNN takes convolutions whatever the threads."""


class RemovalTrace(Protocol):
    """units: what can be taken away from each present modality."""

    sample: Sample

    @property
    def present(self) -> tuple[str, ...]: ...

    @property
    def units(self) -> Mapping[str, Segments]: ...

    def target(self, task: str, label: str) -> Target: ...

    def coalitions(self) -> Coalitions:
        """The answers of all 2^n coalitions of the present modalities."""

    def scores_without(self, modality: str, target: Target, removed: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The target's centred logit (V,) without the units that ``removed`` (V, U) marks, other modalities as they
        are."""

    def probabilities_without(
        self, modality: str, target: Target, removed: NDArray[np.bool_], settings: Sequence[Sequence[str]]
    ) -> NDArray[np.float32]:
        """The target's calibrated probability (G, V) without these units, when only the modalities of each setting
        are given."""
