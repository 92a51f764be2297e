"""Explanations: contributions of modalities, attention, relevance of units, and the tests of each.

Modules whose results are kept as data (``contributions``, ``units``, ``records``) need numpy alone; the others run
the model and load torch.

The package can be called: ``mm_core.explain(model, sample)`` is the public function of its name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_core.evidence.record import Evidence
    from mm_core.predictors import Predictor
    from mm_core.samples import Sample


class _Explain(ModuleType):
    """Importing any module of this package binds ``mm_core.explain`` to the package, so a function of that name could
    not stand beside it; see "Customizing module attribute access" in Python's data model."""

    def __call__(
        self,
        model: Predictor,
        sample: Sample,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
    ) -> Evidence:
        """Explain one sample; see ``mm_core.evidence.explain``."""
        from mm_core.evidence.session import explain  # it needs the modules of this package

        return explain(model, sample, label, task, methods, keep_inputs)


sys.modules[__name__].__class__ = _Explain
