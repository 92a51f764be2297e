"""What the models are made from and judged by: the shipped model, train and validation texts, test rows and cases."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.datasets.bank import TokenBank, contents, fill_bank
from mm_core.datasets.compose import Composer, Composition
from mm_core.datasets.corpora import learned_from
from mm_core.datasets.tables import Table, read_table
from mm_core.evaluation.metrics import Resampler
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.research.compression.pruning import Loss
from mm_core.samples import Sample
from mm_core.training.objectives import normalised, soft_cross_entropy


@dataclass(frozen=True)
class Sizes:
    """How much is used: test rows of each modality, composed triples, cases and rounds of the latency measure, rows
    that importance is estimated on, and train rows of each modality for distillation with its steps."""

    text_rows: int = 1000
    image_rows: int = 400
    audio_rows: int = 250
    triples: int = 1000
    timed_cases: int = 10
    rounds: int = 2
    importance_rows: int = 128
    train_rows: int = 8_000
    fusion_rows: int = 1000
    text_steps: int = 250
    fusion_steps: int = 120
    vocabularies: tuple[int, ...] = (10_000, 5_000)


class CompressionContext:
    """Built once a suite. ``model`` is the shipped one and is never changed."""

    def __init__(self, model: TriadModel, data: Path, sizes: Sizes, *, seed: int = 0, quiet: bool = False) -> None:
        self.model, self.sizes, self.seed, self.quiet = model, sizes, seed, quiet
        random = np.random.default_rng(seed)
        whole = {m: read_table(data, m, model.config.labels) for m in MODALITIES}
        wanted = {"text": sizes.text_rows, "image": sizes.image_rows, "audio": sizes.audio_rows}
        self.test = {m: drawn(table.only("test"), wanted[m], random) for m, table in whole.items()}
        self.train = {m: learned_from(table) for m, table in whole.items()}
        self.valid = drawn(whole["text"].only("valid"), sizes.importance_rows, random)
        self.others = {m: self.encode(m, self.test[m]) for m in ("image", "audio")}
        self.triples: Composition = Composer(self.test).matched(MODALITIES, sizes.triples, random)

    def fresh(self) -> TriadModel:
        """A copy of the shipped model to cut up."""
        return copy.deepcopy(self.model)

    def encode(self, modality: str, table: Table, model: TriadModel | None = None) -> TokenBank:
        """Tokens of a table's rows; of the shipped model if no other is given."""
        encoder = (model or self.model).encoders[modality]
        return fill_bank(encoder, contents(table), label=f"reading {modality}", quiet=self.quiet)

    def banks(self, model: TriadModel) -> dict[str, TokenBank]:
        """Tokens of the test rows. Only the text tower is ever another one."""
        return {"text": self.encode("text", self.test["text"], model), **self.others}

    def resamplers(self) -> dict[str, Resampler]:
        """The bootstrap of text rows, and of triples by all of their rows."""
        groups = {
            m: np.char.add(f"{m}:", self.test[m].group[rows].astype(str)) for m, rows in self.triples.rows.items()
        }
        return {
            "text": Resampler.by_groups([self.test["text"].group]),
            "text+image+audio": Resampler.by_groups(list(groups.values())),
        }

    def samples(self) -> list[Sample]:
        """Triples as a person would give them, for the latency measure."""
        cases = [{m: int(rows[i]) for m, rows in self.triples.rows.items()} for i in range(self.sizes.timed_cases)]
        return [Sample.from_row(**{m: self.test[m].content[row] for m, row in case.items()}) for case in cases]

    def labelled(self) -> list[tuple[str, Tensor]]:
        """Validation texts with their targets (C,), for what judges importance."""
        targets = normalised(torch.from_numpy(self.valid.targets))
        return list(zip(self.valid.content, targets, strict=True))

    def few(self, modality: str, count: int) -> Table:
        """Train rows with one label, the same ones each time."""
        table = self.train[modality]
        return drawn(table.where(table.targets.sum(1) == 1), count, np.random.default_rng(self.seed))


def drawn(table: Table, count: int, random: np.random.Generator) -> Table:
    """At most ``count`` rows, in the table's order."""
    if len(table) <= count:
        return table
    keep: NDArray[np.bool_] = np.zeros(len(table), bool)
    keep[random.choice(len(table), count, replace=False)] = True
    return table.where(keep)


def text_loss(model: TriadModel) -> Loss:
    """Cross-entropy of the model's answers to texts alone against their labels."""

    def loss(items: Sequence[Any]) -> Tensor:
        encoder = model.encoders["text"]
        tokens = encoder(encoder.prepare([text for text, _ in items]).to(model.device))
        presence = torch.tensor([m == "text" for m in MODALITIES], device=model.device).expand(len(items), -1)
        targets = torch.stack([target for _, target in items]).to(model.device)
        return soft_cross_entropy(model.logits({"text": tokens}, presence).emotion, targets)

    return loss
