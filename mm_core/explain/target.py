"""The class that an explanation is about; Captum's ``target``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from mm_core.heads import Logits


@dataclass(frozen=True)
class Target:
    """One class of one task."""

    task: str
    label: str
    index: int

    def centred(self, logits: Any) -> Any:
        """The class's centred logit (B,) of logits (B, C), arrays or tensors: minus the mean over classes."""
        return logits[:, self.index] - logits.mean(1)

    def score(self, logits: Logits) -> Tensor:
        """The class's centred logit (B,) in answers of all heads."""
        scores: Tensor = self.centred(getattr(logits, self.task))
        return scores
