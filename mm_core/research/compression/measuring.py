"""Size, time and accuracy of a model beside the shipped one.

Shapes: N cases, R replicates.
"""

from __future__ import annotations

import tempfile
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from mm_core import storage
from mm_core.evaluation import metrics
from mm_core.evaluation.readings import logits_of
from mm_core.model import TriadModel
from mm_core.research.compression.quantising import weights_of
from mm_core.research.compression.workshop import CompressionContext
from mm_core.samples import Sample

MB: Final = 1e6
"""Bytes."""

_REPLICATES: Final = 1000

Hits = dict[str, NDArray[np.float64]]
"""1 where the answer to a case (N,) is right, by what was given."""


def size_of(model: TriadModel, folder: Path | None) -> dict[str, float]:
    """``size_mb`` and ``packed_mb``. folder: where the model was saved; None for one that ``save`` can't keep, which
    is written as it would be: int8 as such, all else in float16."""
    if folder is not None:
        return _folder_size(folder)
    with tempfile.TemporaryDirectory() as made:
        save_file(weights_of(model), Path(made) / "model.safetensors")
        storage.save_structures(model, Path(made))
        return _folder_size(Path(made))


def _folder_size(folder: Path) -> dict[str, float]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    packed = 0
    for path in files:
        packer = zlib.compressobj(6)
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                packed += len(packer.compress(block))
        packed += len(packer.flush())
    return {"size_mb": sum(path.stat().st_size for path in files) / MB, "packed_mb": packed / MB}


def weights_counted(model: TriadModel) -> dict[str, int]:
    """``parameters``, and ``nonzero`` ones, of what a saved model would hold, running statistics left out."""
    buffers = {name for name, _ in model.named_buffers()}
    tensors = [value for name, value in weights_of(model).items() if name not in buffers]
    return {
        "parameters": sum(value.numel() for value in tensors),
        "nonzero": sum(int(torch.count_nonzero(value)) for value in tensors),
    }


@torch.inference_mode()
def judge(workshop: CompressionContext, model: TriadModel) -> tuple[dict[str, Any], Hits]:
    """Metrics of test texts and of composed triples, and which answers are right."""
    banks = workshop.banks(model)
    table, found, hits = workshop.test["text"], {}, {}
    cases = {
        "text": ({"text": np.arange(len(table))}, table.targets),
        "text+image+audio": (workshop.triples.rows, workshop.test["text"].targets[workshop.triples.rows["text"]]),
    }
    resamplers = workshop.resamplers()
    for name, (rows, targets) in cases.items():
        top = logits_of(model, banks, rows).emotion.argmax(1)
        hits[name] = (targets[np.arange(len(top)), top] > 0).astype(float)
        single = targets.sum(1) == 1
        cells = metrics.confusion_statistics(targets.argmax(1), top, targets.shape[1]) * single[:, None]
        found[name] = {
            "n": len(top),
            "accuracy": resamplers[name].share(hits[name]).model_dump(exclude_none=True),
            "macro_f1": resamplers[name].estimate(cells, metrics.macro_f1).model_dump(exclude_none=True),
        }
    return found, hits


def differences(workshop: CompressionContext, hits: Hits, shipped: Hits) -> dict[str, Any]:
    """Accuracy minus the shipped model's on the same cases, resampled together."""
    resamplers = workshop.resamplers()
    return {name: resamplers[name].share(hits[name] - shipped[name]).model_dump(exclude_none=True) for name in hits}


def time_beside(
    model: TriadModel, shipped: TriadModel, samples: Sequence[Sample], rounds: int
) -> dict[str, dict[str, Any]]:
    """``latency`` (ratios) and ``milliseconds`` of one case, in turns with the shipped model.

    Processor time of this thread, with one thread computing: what else the machine does hardly touches it.
    """
    kinds: Mapping[str, list[Sample]] = {
        "text": [sample.replace(image=None, audio=None) for sample in samples],
        "text+image+audio": list(samples),
    }
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _time(model, shipped, kinds, rounds)
    finally:
        torch.set_num_threads(threads)


def _time(
    model: TriadModel, shipped: TriadModel, kinds: Mapping[str, list[Sample]], rounds: int
) -> dict[str, dict[str, Any]]:
    latency, milliseconds = {}, {}
    for name, cases in kinds.items():
        for one in (shipped, model):
            one.predict(cases[0])  # the first call allocates
        spent = np.array([[_spent(one, case) for one in (shipped, model)] for _ in range(rounds) for case in cases])
        ratios = spent[:, 1] / spent[:, 0]
        random = np.random.default_rng(0)
        drawn = np.median(ratios[random.integers(0, len(ratios), (_REPLICATES, len(ratios)))], axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        latency[name] = {"value": float(np.median(ratios)), "low": float(low), "high": float(high)}
        milliseconds[name] = round(1000 * float(np.median(spent[:, 1])), 2)
    return {"latency": latency, "milliseconds": milliseconds}


def _spent(model: TriadModel, sample: Sample) -> float:
    started = time.thread_time()
    model.predict(sample)
    return time.thread_time() - started


def saved(model: TriadModel, folder: Path) -> Path:
    """Save a model where the suite finds it again."""
    storage.save(model, folder, notes={"made": "by `python -m mm_core compress run`"})
    return folder
