"""Fine-tune a trained model on labelled rows of one's own, in minutes: any labels, any mix of modalities.

Stages follow one another (see ``tuning``) up to the one asked for; each keeps its best epoch on validation cases, and
a stage after which they are explained worse than before is undone.
"""

from __future__ import annotations

import copy
import dataclasses
import logging
import re
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from torch import nn

from mm_core import storage
from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.corpora import refuse_test_only
from mm_core.datasets.tables import FILES, Table, read_table
from mm_core.labels import MODALITIES, coalition_name
from mm_core.model import TriadModel
from mm_core.samples import InvalidInput
from mm_core.training.custom_cases import CaseDrawer, CustomCases, cases_of, given_sets
from mm_core.training.custom_report import custom_calibration, custom_report
from mm_core.training.loop import Schedule, fit
from mm_core.training.tuning import STAGES, CachedTokens, LiveTokens, Teacher, TokenSource, TuningTask, make_familiar

log = logging.getLogger(__name__)

FEWEST_ROWS: Final = 2
"""Train rows that a label needs; rarer ones are left out and named."""


@dataclass(frozen=True)
class TuningRecipe:
    """Of each stage: peak learning rate and passes over the train cases. most_steps bounds the passes over many
    cases; patience: passes without a better one after which a stage ends."""

    learning_rates: Mapping[str, float] = dataclasses.field(
        default_factory=lambda: {"heads": 5e-3, "fusion": 5e-4, "all": 5e-5}
    )
    passes: Mapping[str, int] = dataclasses.field(default_factory=lambda: {"heads": 30, "fusion": 20, "all": 8})
    most_steps: int = 2000
    patience: int = 5
    batch_size: int = 32

    def schedule(self, stage: str, cases: int, validated: bool) -> Schedule:
        most = max(1, self.most_steps * self.batch_size // max(1, cases))
        return Schedule(
            min(self.passes[stage], most),
            self.learning_rates[stage],
            weight_decay=0.05,
            precision="no",
            patience=self.patience if validated else 0,
            watch="-nll",
        )


def finetune(
    base: TriadModel,
    data: Path,
    out: Path,
    *,
    tune: str = "fusion",
    recipe: TuningRecipe | None = None,
    quiet: bool = False,
) -> tuple[TriadModel, dict[str, Any]]:
    """Fit ``base`` to the rows in ``data`` and save the result in ``out``, a folder that ``load`` takes.

    Returns the model and what was done, which also stands in the saved model's notes. InvalidInput where the rows
    don't allow it.
    """
    recipe = recipe or TuningRecipe()
    started = time.perf_counter()
    tables, labels, rare = custom_tables(data)
    cases = cases_of(tables)
    train, valid, test = (cases.only(split) for split in ("train", "valid", "test"))
    inputs = {m: contents(table) for m, table in tables.items()}
    banks = {
        m: fill_bank(base.encoders[m], inputs[m], batch_size=32, label=f"reading {m}", quiet=quiet) for m in tables
    }
    source: TokenSource = CachedTokens(banks)
    teacher = Teacher(base, source)
    learned = [m for index, m in enumerate(MODALITIES) if train.presence[:, index].any()]
    model = with_labels(base, labels, f"{base.name}-{_plain(data.resolve().name)}", learned)
    make_familiar(model, source, train)
    # Only train rows may be composed into cases.
    drawer = CaseDrawer(train, tables, {m: table.split == "train" for m, table in tables.items()})
    done: list[dict[str, Any]] = []
    for stage in STAGES[: STAGES.index(tune) + 1]:
        source = LiveTokens(model, inputs) if stage == "all" else source
        task = TuningTask(model, stage, drawer, valid, source, teacher, batch_size=recipe.batch_size)
        done.append(_run(task, recipe.schedule(stage, len(train), bool(len(valid))), done, quiet=quiet))
        log.info("%s: %s", stage, done[-1])
    model.requires_grad_(True).eval()
    make_familiar(model, source, train)  # again, as encoders that were tuned hear it
    model.calibration = custom_calibration(model, base.calibration, source, valid)
    tested = custom_report(model, source, train, test)
    report = {
        "from": {"name": base.name, "hash": base.hash},
        "tune": tune,
        "cases": {split: len(part) for split, part in (("train", train), ("valid", valid), ("test", test))},
        "learned_modalities": list(model.config.learned_modalities),
        "given": {coalition_name(members): count for members, count in given_sets(train)},
        "rare_labels": rare,
        "stages": done,
        "sentiment": _sentiment_words(train, tune),
        "agreement": f"as it was: modalities are compared by {', '.join(model.config.agreement_labels or labels)}",
        "test": tested,
        "seconds": round(time.perf_counter() - started, 1),
    }
    model.custom_scores = tested
    storage.save(model, out, notes={"splits": dict.fromkeys(tables, "the column split"), "tuned": report})
    return model, report


def custom_tables(data: Path) -> tuple[dict[str, Table], tuple[str, ...], dict[str, int]]:
    """The tables of a data folder, the labels that enough train rows carry, in order, and the rarer ones, whose rows
    are left out, with their numbers. InvalidInput where fewer than two are left."""
    there = [m for m in MODALITIES if (data / FILES[m]).is_file()]
    if not there:
        raise InvalidInput(
            f"The data folder has none of {', '.join(FILES.values())}. Make them with "
            "`python -m mm_core data prepare`."
        )
    names = pd.concat([pd.read_parquet(data / FILES[m], columns=["label"])["label"] for m in there])
    every = sorted({name for row in names for name in row.split(",")})
    tables = {m: read_table(data, m, every) for m in there}
    for table in tables.values():
        refuse_test_only(table.only("train"))
    counts = np.sum([table.only("train").targets.sum(0) for table in tables.values()], axis=0).astype(int)
    usable = tuple(name for name, count in zip(every, counts, strict=True) if count >= FEWEST_ROWS)
    if len(usable) < 2:
        raise InvalidInput(
            f"At least two labels need {FEWEST_ROWS} train rows or more each; in the data folder "
            f"{', '.join(usable) or 'none'} has. Add rows, or look at the column split."
        )
    rare = {name: int(count) for name, count in zip(every, counts, strict=True) if name not in usable}
    if rare:
        tables = {m: read_table(data, m, usable) for m in there}
    return {m: table for m, table in tables.items() if len(table)}, usable, rare


def _run(task: TuningTask, schedule: Schedule, before: Sequence[dict[str, Any]], *, quiet: bool) -> dict[str, Any]:
    """One stage. Undone where validation cases are explained worse than after the best one before."""
    kept = {name: value.clone() for name, value in task.module.state_dict().items()}
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:  # minutes of work: nothing is resumed
        history = fit(task, schedule, Path(folder) / task.module.stage, quiet=quiet)["history"]
    row: dict[str, Any] = {"stage": task.module.stage, "passes": len(history)}
    row["seconds"] = round(time.perf_counter() - started, 1)
    best = min((h for h in history if "nll" in h), key=lambda h: h["nll"], default=None)
    if best is not None:
        row |= {"valid_nll": round(best["nll"], 4), "valid_accuracy": round(best["accuracy"], 4)}
    earlier = [r["valid_nll"] for r in before if r["kept"] and "valid_nll" in r]
    row["kept"] = best is None or not earlier or row["valid_nll"] < min(earlier)
    if not row["kept"]:
        task.module.load_state_dict(kept)
    return row


def _sentiment_words(train: CustomCases, tune: str) -> str:
    known = int((train.sentiment.sum(1) > 0).sum())
    if known:
        return f"learned from the {known} of {len(train)} train cases that have one; as it was for the others"
    if tune == "heads":
        return "as it was: no row says a sentiment"
    return "kept to what it answered before, since no row says a sentiment"


def _plain(name: str) -> str:
    """A folder's name as part of a model's: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "own"


def with_labels(
    base: TriadModel, labels: Sequence[str], name: str, learned: Collection[str] = MODALITIES
) -> TriadModel:
    """A copy of a model that answers other labels. Labels that it knew keep their weights; what modalities are
    compared by, for agreement, stays what it was. learned: modalities whose rows will teach it the labels; those
    that the model learned from before count too where there is no label that is new to it."""
    known = base.config.labels
    if set(labels) <= set(known):
        learned = {*learned, *base.config.learned_modalities}
    config = dataclasses.replace(
        base.config,
        name=name,
        labels=tuple(labels),
        agreement_labels=base.config.agreement_labels or known,
        learned_modalities=tuple(learned),
    )
    torch.manual_seed(0)
    model = TriadModel(config, {m: copy.deepcopy(base.encoders[m]) for m in MODALITIES}).to(base.device)
    model.fusion.load_state_dict(base.fusion.state_dict())
    model.familiarity.load_state_dict(base.familiarity.state_dict())
    for part in ("sentiment", "single", "agreement"):
        getattr(model.heads, part).load_state_dict(getattr(base.heads, part).state_dict())
    with torch.no_grad():
        for part in ("emotion", "multilabel"):
            old: nn.Linear = getattr(base.heads, part)
            new: nn.Linear = getattr(model.heads, part)
            new.weight.mul_(0.1)
            new.bias.zero_()
            for row, label in enumerate(labels):
                if label in known:
                    new.weight[row] = old.weight[known.index(label)]
                    new.bias[row] = old.bias[known.index(label)]
    model.calibration = base.calibration
    return model.eval()
