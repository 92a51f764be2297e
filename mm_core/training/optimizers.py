"""How weights are moved and held back: AdamW or SGD, L1 and L2 penalties, early stopping."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, nn

OPTIMIZERS: Final = ("adamw", "sgd")
MOMENTUM: Final = 0.9
"""Of SGD, with Nesterov's look ahead (Sutskever et al., ICML 2013)."""


def build_optimizer(name: str, module: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """The optimizer of that name over what ``module`` trains; ValueError names the known ones.

    adamw: Loshchilov and Hutter, "Decoupled weight decay regularization" (ICLR 2019). For sgd the same decay is a
    gradient term, as it always was there.
    """
    groups = _groups(module, weight_decay)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=learning_rate)
    if name == "sgd":
        return torch.optim.SGD(groups, lr=learning_rate, momentum=MOMENTUM, nesterov=True)
    raise ValueError(f"there is no optimizer called {name!r}; known are {', '.join(OPTIMIZERS)}")


def penalty(module: nn.Module, l1: float, l2: float) -> Tensor:
    """``l1`` times the sum of absolute weights plus ``l2`` times the sum of squares (elastic net; Zou and Hastie,
    2005), over matrices only; a scalar in the graph."""
    matrices = _split(module)[0]
    total = matrices[0].new_zeros(()) if matrices else torch.zeros(())
    for matrix in matrices:
        if l1:
            total = total + l1 * matrix.abs().sum()
        if l2:
            total = total + l2 * matrix.square().sum()
    return total


@dataclass
class EarlyStopping:
    """Keep the best epoch and give up ``patience`` epochs after it (Prechelt, "Early stopping - but when?", 1998).

    watch: the validation metric, higher is better; with a minus before its name, lower is better.
    """

    watch: str
    patience: int
    best: float = field(default=-math.inf, init=False)
    waited: int = field(default=0, init=False)

    def see(self, row: dict[str, Any]) -> bool:
        """Take in one epoch's metrics; whether it is the best so far."""
        name = self.watch.removeprefix("-")
        if name not in row:
            raise ValueError(f"early stopping watches {name!r}, which validation does not give: {', '.join(row)}")
        score = float(row[name]) if name == self.watch else -float(row[name])
        if score > self.best:
            self.best, self.waited = score, 0
            return True
        self.waited += 1
        return False

    @property
    def over(self) -> bool:
        """Whether there was no better epoch for ``patience`` epochs."""
        return self.waited >= self.patience


def _groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    decayed, plain = _split(module)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def _split(module: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Matrices, and the rest: norms and biases carry no capacity worth shrinking."""
    trained = [p for p in module.parameters() if p.requires_grad]
    return [p for p in trained if p.ndim > 1], [p for p in trained if p.ndim <= 1]
