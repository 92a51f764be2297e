"""The stages of training a model, each run, resumed and timed alone: text, image, audio, then fusion."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from mm_core import storage
from mm_core.data.bank import TokenBank, contents, fill_bank
from mm_core.data.tables import SPEAKERS, Table, folds, read_table
from mm_core.encoders.audio import AudioEncoder
from mm_core.encoders.image import ImageEncoder
from mm_core.encoders.text import TextEncoder
from mm_core.evaluation.answers import EncodedRows, answer_all
from mm_core.evaluation.calibrate import fit_calibration
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.presets import ModelConfig
from mm_core.training.augment import augmented
from mm_core.training.distillation import SoftTargets, ensemble
from mm_core.training.fusing import CaseMaker, Fuser, FusingRecipe, FusingTask
from mm_core.training.loop import Schedule, fit
from mm_core.training.masked_patches import pretrain_image
from mm_core.training.recipes import TextRecipe, TowerRecipe
from mm_core.training.towers import AudioTask, ImageTask, TextTask, TowerClassifier, TowerTask, scores
from mm_core.training.vocabulary import prune_vocabulary

log = logging.getLogger(__name__)

_TASKS: Final[dict[str, type[TowerTask]]] = {"text": TextTask, "image": ImageTask, "audio": AudioTask}
WEIGHTS: Final = "tower.safetensors"
TAUGHT: Final = "taught.safetensors"
"""What the text teachers together say about the train rows."""


def train_tower(
    modality: str,
    config: ModelConfig,
    recipe: TowerRecipe,
    data: Path,
    folder: Path,
    *,
    pretrain_epochs: int = 0,
    quiet: bool = False,
) -> dict[str, Any]:
    """Train one encoder on its train rows and write weights, structure and metrics into ``folder``.

    pretrain_epochs: of masked-patch reconstruction first, for the image tower alone.
    """
    table = read_table(data, modality, config.labels)
    encoder = _fresh(modality, config, table.only("train"))
    classifier = TowerClassifier(encoder, len(config.labels), recipe.dropout)
    if modality == "image":
        classifier = classifier.to(memory_format=torch.channels_last)
    folder.mkdir(parents=True, exist_ok=True)
    if pretrain_epochs and isinstance(encoder, ImageEncoder):
        schedule = replace(recipe.schedule, epochs=pretrain_epochs, average=0.0)
        pretrain_image(encoder, contents(table.only("train")), schedule, folder / "pretraining", quiet=quiet)
    options: dict[str, Any] = {}
    if isinstance(recipe, TextRecipe):
        options = {"epochs": recipe.schedule.epochs, "settings": recipe.settings}
        if recipe.teachers:
            soft = _taught(config, recipe, data, table.only("train"), folder / "teachers", quiet=quiet)
            soft.save(folder / TAUGHT)  # the fusion learns from it too
            options["soft"] = soft
    task = _TASKS[modality](
        classifier,
        table.only("train"),
        table.only("valid"),
        batch_size=recipe.batch_size,
        smoothing=recipe.smoothing,
        seed=recipe.schedule.seed,
        **options,
    )
    if isinstance(encoder, TextEncoder):
        encoder.save_structure(folder / "structure")
    report = fit(task, recipe.schedule, folder, quiet=quiet)
    save_file({k: v.contiguous() for k, v in classifier.state_dict().items()}, folder / WEIGHTS)
    with torch.inference_mode():
        for split in ("valid", "test"):
            rows = table.only(split)
            logits = task.logits(classifier, rows)[0].numpy()
            report[split] = {
                source: scores(logits[rows.source == source], rows.where(rows.source == source))
                for source in sorted(set(rows.source.tolist()))
            }
    (folder / "metrics.json").write_text(json.dumps(report, indent=1))
    log.info("%s: %s", modality, json.dumps(report["test"]))
    return report


def _taught(
    config: ModelConfig, recipe: TextRecipe, data: Path, train: Table, folder: Path, *, quiet: bool
) -> SoftTargets:
    """What the teachers answer to the train rows; each is trained once and its answers are kept on disk."""
    answers = []
    for teacher in recipe.teachers:
        place = folder / teacher.name
        told = place / "answers.safetensors"
        if not told.is_file():
            train_tower("text", config, teacher.recipe, data, place, quiet=quiet)
            encoder = TextEncoder.from_folder(config.text, place / "structure")
            classifier = TowerClassifier(encoder, len(config.labels), 0.0)
            classifier.load_state_dict(load_file(place / WEIGHTS))
            task = TextTask(classifier, train, train, batch_size=teacher.recipe.batch_size, smoothing=0.0)
            with torch.inference_mode():
                SoftTargets.of_logits(task.answers(classifier.eval(), train)).save(told)
        answers.append((SoftTargets.load(told), teacher.shares))
    return ensemble(answers, train.source)


def cross_validate_audio(
    config: ModelConfig,
    recipe: TowerRecipe,
    data: Path,
    folder: Path,
    *,
    count: int,
    only: list[int] | None = None,
    quiet: bool = False,
) -> dict[str, Any]:
    """The audio recipe over ``count`` speaker-disjoint folds of all speech rows; nothing is tuned within a fold.

    Writes ``folder/fold<k>.json`` for each and ``folder/folds.json`` once all are there.
    """
    table = read_table(data, "audio", config.labels)
    folder.mkdir(parents=True, exist_ok=True)
    groups = folds(table.group.tolist(), count)
    for index, speakers in enumerate(groups):
        done = folder / f"fold{index}.json"
        if done.is_file() or (only is not None and index not in only):
            continue
        started = time.perf_counter()
        held_out = np.isin(table.group, speakers)
        classifier = TowerClassifier(AudioEncoder(config.audio), len(config.labels), recipe.dropout)
        rows = table.where(held_out)
        task = AudioTask(
            classifier,
            table.where(~held_out),
            rows,
            batch_size=recipe.batch_size,
            smoothing=recipe.smoothing,
            seed=recipe.schedule.seed,
        )
        fit(task, recipe.schedule, folder / f"fold{index}", quiet=quiet, validate_each_epoch=False)
        with torch.inference_mode():
            logits = task.logits(classifier, rows)[0].numpy()
        row = {
            "fold": index,
            "speakers": list(speakers),
            "seconds": time.perf_counter() - started,
            "sources": {
                source: scores(logits[rows.source == source], rows.where(rows.source == source))
                | {"n": int((rows.source == source).sum())}
                for source in sorted(set(rows.source.tolist()))
            },
        }
        done.write_text(json.dumps(row, indent=1))
        log.info("fold %d: %s", index, json.dumps(row["sources"]))
    written = [folder / f"fold{i}.json" for i in range(count)]
    if not all(path.is_file() for path in written):
        return {}
    rows_written = [json.loads(path.read_text()) for path in written]
    uars = [row["sources"]["ravdess"]["uar"] for row in rows_written]
    summary = {
        "ravdess_uar_mean": float(np.mean(uars)),
        "ravdess_uar": uars,
        "folds": rows_written,
    }
    (folder / "folds.json").write_text(json.dumps(summary, indent=1))
    return summary


def train_fusion(
    config: ModelConfig,
    recipe: FusingRecipe,
    schedule: Schedule,
    data: Path,
    towers: Path,
    folder: Path,
    *,
    quiet: bool = False,
) -> TriadModel:
    """Train fusion and heads on the towers' tokens, fit the calibration on validation rows, save ``folder/model``."""
    model = TriadModel(config, {m: load_tower(m, config, towers / m) for m in MODALITIES})
    tables = {m: read_table(data, m, config.labels) for m in MODALITIES}
    makers = {}
    for split in ("train", "valid"):
        chosen = {m: table.only(split) for m, table in tables.items()}
        banks = {m: _banks(model.encoders[m], chosen[m], recipe, split, towers / "banks", quiet) for m in MODALITIES}
        taught = towers / "text" / TAUGHT
        soft = SoftTargets.load(taught) if split == "train" and taught.is_file() else None
        makers[split] = CaseMaker(chosen, banks, soft, recipe.distillation)
    torch.manual_seed(schedule.seed)
    model = TriadModel(config, dict(model.encoders.items()))  # fusion and heads drawn from the schedule's seed
    task = FusingTask(
        Fuser(model.fusion, model.heads), makers["train"], makers["valid"], recipe, schedule.epochs, schedule.seed
    )
    report = fit(task, schedule, folder, quiet=quiet)
    valid = EncodedRows(dict(makers["valid"].tables), {m: b[0] for m, b in makers["valid"].banks.items()})
    model.calibration = fit_calibration(
        answer_all(model.eval(), valid, seed=1, draws=recipe.validation_cases), config.labels
    )
    splits = {
        "text": "the column split; meld: its valid part tests, a tenth of its train part (by hash) validates",
        "image": "the column split; muxspace by hash of subject",
        "audio": {name: list(speakers) for name, speakers in SPEAKERS.items()},
    }
    storage.save(model, folder / "model", notes={"splits": splits, "fusing": report["history"][-1]})
    log.info("fusion: %s", json.dumps(report["history"][-1]))
    return model


def _banks(
    encoder: torch.nn.Module, table: Table, recipe: FusingRecipe, split: str, folder: Path, quiet: bool
) -> list[TokenBank]:
    """The plain encoding and, for train rows, the augmented ones; kept on disk, since they take minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = recipe.copies[table.modality] if split == "train" else 0
    inputs: list[Any] | None = None
    banks = []
    for copy in range(copies + 1):
        path = folder / f"{table.modality}-{split}-{copy}.safetensors"
        if not path.is_file():
            inputs = inputs if inputs is not None else contents(table)
            bank = fill_bank(
                encoder,
                inputs,
                prepare=augmented(table.modality, copy) if copy else None,
                precision=torch.bfloat16 if split == "train" else torch.float32,
                label=path.stem,
                quiet=quiet,
            )
            save_file({"values": bank.values, "offsets": torch.from_numpy(bank.offsets)}, path)
        stored = load_file(path)
        banks.append(TokenBank(stored["values"], stored["offsets"].numpy()))
    return banks


def load_tower(modality: str, config: ModelConfig, folder: Path) -> torch.nn.Module:
    """The trained encoder of a stage, without the stage's head."""
    encoder: torch.nn.Module
    if modality == "text":
        encoder = TextEncoder.from_folder(config.text, folder / "structure")
    else:
        encoder = _fresh(modality, config, None)
    prefix = "encoder."
    weights = {k.removeprefix(prefix): v for k, v in load_file(folder / WEIGHTS).items() if k.startswith(prefix)}
    encoder.load_state_dict(weights)
    return encoder.eval()


def _fresh(modality: str, config: ModelConfig, train: Table | None) -> torch.nn.Module:
    if modality == "text":
        encoder = TextEncoder.from_pretrained(config.text)
        if config.text.vocabulary and train is not None:
            prune_vocabulary(encoder, [str(text) for text in train.content], config.text.vocabulary)
        return encoder
    if modality == "image":
        return ImageEncoder.build(config.image, pretrained=True)
    return AudioEncoder(config.audio)
