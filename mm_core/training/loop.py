"""The training loop: any task, one-cycle AdamW, averaged weights, checkpoints after every epoch.

One process on one device, which accelerate chooses, with mixed precision where it pays.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from mm_core.training.optimizers import EarlyStopping, build_optimizer, penalty

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn. warmup: share of all steps; average: decay of the weights' moving mean,
    0 switches it off; precision: accelerate's mixed precision (``no``, ``bf16``). optimizer: one of OPTIMIZERS. l1,
    l2: weights of the penalties on matrices, beside weight decay. patience: stop so many epochs after the best one
    by ``watch`` and keep that (see ``EarlyStopping``), 0 runs to the end and keeps the last."""

    epochs: int
    learning_rate: float
    weight_decay: float = 0.01
    warmup: float = 0.1
    average: float = 0.0
    clip: float = 1.0
    seed: int = 0
    precision: str = "bf16"
    optimizer: str = "adamw"
    l1: float = 0.0
    l2: float = 0.0
    patience: int = 0
    watch: str = "accuracy"


class Task(Protocol):
    """What the loop trains."""

    @property
    def module(self) -> nn.Module: ...

    def steps(self) -> int:
        """Batches an epoch."""

    def batches(self, epoch: int) -> Iterator[Any]:
        """The epoch's batches; the same epoch gives the same batches."""

    def loss(self, module: nn.Module, batch: Any) -> Tensor:
        """A scalar."""

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Metrics on validation rows, 0..1."""


def fit(
    task: Task, schedule: Schedule, folder: Path, *, quiet: bool = False, validate_each_epoch: bool = True
) -> dict[str, Any]:
    """Train ``task`` and leave its (averaged) weights in ``task.module``.

    Writes ``folder/checkpoint.safetensors`` and ``folder/history.json`` after each epoch and goes on from there
    when called again with the same schedule. Returns the history: one row an epoch. Early stopping needs validation
    after each epoch, and several processes can't share a run: ValueError.
    """
    if schedule.patience and not validate_each_epoch:
        raise ValueError("early stopping needs validation after each epoch")
    folder.mkdir(parents=True, exist_ok=True)
    AcceleratorState._reset_state()  # else the first precision of a process is the only one it can use
    accelerator = Accelerator(mixed_precision=schedule.precision)
    if accelerator.num_processes > 1:
        raise ValueError("training runs in one process on one device; start it without a launcher of several")
    torch.manual_seed(schedule.seed)
    module = task.module.to(accelerator.device)
    optimizer = build_optimizer(schedule.optimizer, module, schedule.learning_rate, schedule.weight_decay)
    average = (
        AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True)
        if schedule.average
        else None
    )
    history: list[dict[str, Any]] = []
    stopping = EarlyStopping(schedule.watch, schedule.patience)
    state, best = folder / "checkpoint.safetensors", folder / "best.safetensors"
    if state.is_file():
        history = json.loads((folder / "history.json").read_text())
        _restore(load_file(state), module, optimizer, average)
        for row in history if schedule.patience else ():
            stopping.see(row)
        log.info("%s: going on after epoch %d", folder.name, len(history))
    trained, optimizer = accelerator.prepare(module, optimizer)
    total = schedule.epochs * task.steps()
    done = len(history) * task.steps()
    for epoch in range(len(history), schedule.epochs):
        if schedule.patience and stopping.over:
            break
        torch.manual_seed(schedule.seed + 1000 * (epoch + 1))
        trained.train()
        started, losses = time.perf_counter(), 0.0
        progress = tqdm(
            task.batches(epoch),
            total=task.steps(),
            desc=f"{folder.name} {epoch + 1}/{schedule.epochs}",
            disable=quiet,
            mininterval=5.0,
        )
        for step, batch in enumerate(progress):
            for group in optimizer.param_groups:
                group["lr"] = schedule.learning_rate * one_cycle(done / total, schedule.warmup)
            with accelerator.autocast():
                loss = task.loss(trained, batch)
                if schedule.l1 or schedule.l2:
                    loss = loss + penalty(module, schedule.l1, schedule.l2)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(trained.parameters(), schedule.clip)
            optimizer.step()
            optimizer.zero_grad()
            if average is not None:
                average.update_parameters(accelerator.unwrap_model(trained))
            done += 1
            losses += float(loss.detach())
            progress.set_postfix(loss=f"{losses / (step + 1):.3f}", refresh=False)
        row = {
            "epoch": epoch + 1,
            "loss": losses / max(1, task.steps()),
            "seconds": time.perf_counter() - started,
        }
        shown = average.module if average is not None else accelerator.unwrap_model(trained)
        shown.eval()
        if validate_each_epoch:
            with torch.inference_mode():
                row |= task.validate(shown)
        history.append(row)
        better = bool(schedule.patience) and stopping.see(row)
        if better:
            save_file({k: v.detach().cpu().contiguous() for k, v in shown.state_dict().items()}, best)
        log.info("%s %s", folder.name, json.dumps({k: round(v, 4) for k, v in row.items()}))
        save_file(_snapshot(accelerator.unwrap_model(trained), optimizer, average), state)
        (folder / "history.json").write_text(json.dumps(history, indent=1))
    if schedule.patience:
        module.load_state_dict(load_file(best))
    elif average is not None:
        module.load_state_dict(average.module.state_dict())
    module.eval()
    return {"history": history, "seconds": sum(row["seconds"] for row in history)}


def one_cycle(progress: float, warmup: float) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1]: linear rise, cosine fall (Smith, 2018)."""
    if progress < warmup:
        return progress / warmup
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (progress - warmup) / (1.0 - warmup))))


def _snapshot(
    module: nn.Module, optimizer: torch.optim.Optimizer, average: AveragedModel | None
) -> dict[str, Tensor]:
    """All that is needed to go on, as plain tensors: nothing is pickled."""
    tensors = {f"module.{k}": v for k, v in module.state_dict().items()}
    if average is not None:
        tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
    return {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}


def _restore(
    tensors: dict[str, Tensor],
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: AveragedModel | None,
) -> None:
    def part(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    module.load_state_dict(part("module."))
    if average is not None:
        average.load_state_dict(part("average."))
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in part("optimizer.").items():
        index, key = name.split(".", 1)
        states.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
