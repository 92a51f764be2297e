"""Cases as the lab keeps them: tokens made short, and written to disk as plain tensors.

Shapes: N cases, L tokens, D width.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from mm_core.datasets.bank import TokenBank
from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.research.lab.cases import LabCases, RowNumbers


def shortened(bank: TokenBank, rows: RowNumbers, most: int) -> Tokens:
    """Tokens (N, L, D) float16 of these rows; of a row longer than ``most``, means of as many equal stretches."""
    parts: dict[int, Tensor] = {}
    for row in np.unique(rows).tolist():
        values = bank.values[bank.offsets[row] : bank.offsets[row + 1]]
        if len(values) > most:
            values = functional.adaptive_avg_pool1d(values.float().T[None], most)[0].T.half()
        parts[row] = values
    longest = max(len(part) for part in parts.values())
    values = torch.zeros(len(rows), longest, bank.values.shape[1], dtype=torch.float16)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, row in enumerate(rows.tolist()):
        values[place, : len(parts[row])] = parts[row]
        mask[place, : len(parts[row])] = True
    return Tokens(values, mask)


def kept_cases(path: Path, make: Callable[[], LabCases]) -> LabCases:
    """The cases stored at ``path`` (.safetensors), made and stored first where they are not there."""
    if path.is_file():
        return _read(path)
    cases = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"truth": torch.from_numpy(cases.truth)}
    for m, given in cases.tokens.items():
        tensors |= {f"{m}.values": given.values.contiguous(), f"{m}.mask": given.mask.contiguous()}
    path.with_suffix(".json").write_text(json.dumps({"names": cases.names.tolist(), "groups": cases.groups.tolist()}))
    save_file(tensors, path)
    return cases


def _read(path: Path) -> LabCases:
    tensors, words = load_file(path), json.loads(path.with_suffix(".json").read_text())
    tokens = {m: Tokens(tensors[f"{m}.values"], tensors[f"{m}.mask"]) for m in MODALITIES}
    return LabCases(tokens, tensors["truth"].numpy(), np.array(words["names"]), np.array(words["groups"]))
