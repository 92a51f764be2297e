"""The stages of training a model, each run, resumed and timed alone: text, image, audio, then fusion."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from mm_core import storage
from mm_core.datasets.bank import TokenBank, contents, fill_bank
from mm_core.datasets.corpora import learned_from, read_corpora
from mm_core.datasets.human import HumanTargets
from mm_core.datasets.references import neutral_rows, with_references
from mm_core.datasets.tables import SPEAKERS, Table, folds, joined, read_table
from mm_core.encoders import Encoder, base_encoder, restored_encoder
from mm_core.evaluation.aligned_answers import answer_aligned
from mm_core.evaluation.answers import EncodedRows, answer_all
from mm_core.evaluation.calibrate import fit_calibration
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENTS
from mm_core.model import TriadModel
from mm_core.packing import round_large_matrices
from mm_core.presets import ModelConfig
from mm_core.training.condensed import CondensedTask, read_condensed
from mm_core.training.distillation import SoftTargets, ensemble
from mm_core.training.fusing import CaseMaker, Fuser, FusingRecipe, FusingTask
from mm_core.training.loop import Schedule, fit
from mm_core.training.objectives import one_hot_or_zero
from mm_core.training.towers import TowerClassifier, TowerRecipe, TowerTask, scores, tower_answers

log = logging.getLogger(__name__)

STRUCTURE: Final = "structure"
LEFT_OUT: Final = "left_out.json"
"""What a tower's stage measured without each corpus in turn (see ``leaving_out``)."""

WEIGHTS: Final = "tower.safetensors"
TAUGHT: Final = "taught.safetensors"
"""What a tower's teachers together say about its train rows."""


def train_tower(
    modality: str,
    config: ModelConfig,
    recipe: TowerRecipe,
    data: Path,
    folder: Path,
    *,
    quiet: bool = False,
) -> dict[str, Any]:
    """Train one encoder on its train rows and write weights, structure and metrics into ``folder``."""
    table = read_corpora(data, modality, config.labels, config.languages)
    train, valid = learned_from(table), table.only("valid")
    folder.mkdir(parents=True, exist_ok=True)
    soft = None
    if recipe.teachers:
        soft = _taught(modality, config, recipe, data, train, folder / "teachers", quiet=quiet)
        soft.save(folder / TAUGHT)  # the fusion learns from it too
    encoder = base_encoder(modality, config.tower(modality))
    readings = None
    if recipe.readings:
        own, further = _own_and_further(modality, config, data)
        read = _read(encoder, joined([own, further]), recipe, folder.parent / "banks", quiet=quiet)
        mine = read[: len(own)]
        readings = torch.cat((mine[own.split == "train"], read[len(own) :])), mine[own.split == "valid"]
        valid = own.only("valid")
    task = _task(encoder, config, recipe, train, valid, readings, soft)
    classifier = task.module
    classifier.encoder.save_structure(folder / STRUCTURE)
    report = fit(task, recipe.schedule, folder, quiet=quiet)
    save_file({k: v.contiguous() for k, v in classifier.state_dict().items()}, folder / WEIGHTS)
    for split in ("valid", "test"):
        report[split] = _scores_by_source(classifier, table.only(split))
    (folder / "metrics.json").write_text(json.dumps(report, indent=1))
    log.info("%s: %s", modality, json.dumps(report["test"]))
    return report


def condensed_tower(
    modality: str, config: ModelConfig, recipe: TowerRecipe, data: Path, folder: Path, *, quiet: bool = False
) -> tuple[Table, Tensor, Callable[[NDArray[np.bool_], NDArray[np.bool_]], CondensedTask]]:
    """All rows that may train or were held out of the own table, their readings, kept in ``folder``, and what makes
    the stage's task with the rows (N,) that train and those that validate."""
    own, further = _own_and_further(modality, config, data)
    table = joined([own, further])
    readings = _read(base_encoder(modality, config.tower(modality)), table, recipe, folder, quiet=quiet)

    def build(train: NDArray[np.bool_], valid: NDArray[np.bool_]) -> CondensedTask:
        read = readings[torch.from_numpy(train)], readings[torch.from_numpy(valid)]
        encoder = base_encoder(modality, config.tower(modality))
        task = _task(encoder, config, recipe, table.where(train), table.where(valid), read)
        assert isinstance(task, CondensedTask)
        return task

    return table, readings, build


def _own_and_further(modality: str, config: ModelConfig, data: Path) -> tuple[Table, Table]:
    """Rows of every split of the modality's own table, and the train rows of the other corpora."""
    own = read_table(data, modality, config.labels)
    every = read_corpora(data, modality, config.labels, config.languages)
    return learned_from(own, "all"), learned_from(every.where(np.arange(len(every)) >= len(own)))


def _read(encoder: Encoder, table: Table, recipe: TowerRecipe, folder: Path, *, quiet: bool) -> Tensor:
    """Readings of the own table's rows and the further ones by a backbone that rests, kept on disk."""
    path = folder / f"{table.modality}-{recipe.readings}-readings.safetensors"
    return read_condensed(encoder, table, recipe.readings, path, quiet=quiet)


def _task(
    encoder: Encoder,
    config: ModelConfig,
    recipe: TowerRecipe,
    train: Table,
    valid: Table,
    readings: tuple[Tensor, Tensor] | None = None,
    soft: SoftTargets | None = None,
) -> TowerTask | CondensedTask:
    """The tower with a fresh head, fitted to what the train rows determine; readings of train and valid rows where
    its backbone rests."""
    if readings is not None:
        calm = torch.from_numpy(neutral_rows(train, config.labels))
        encoder.adapt_condensed(readings[0][:, 0], calm, train.group.tolist())
        classifier = TowerClassifier(encoder, len(config.labels), recipe.dropout)
        return CondensedTask(classifier, train, valid, recipe, readings, config.labels)
    encoder.adapt(contents(train))
    classifier = TowerClassifier(encoder, len(config.labels), recipe.dropout).to(memory_format=encoder.memory_format)
    return TowerTask(classifier, train, valid, recipe, soft)


@torch.inference_mode()
def _scores_by_source(classifier: TowerClassifier, rows: Table) -> dict[str, dict[str, float]]:
    logits = tower_answers(classifier, rows)[0].numpy()
    return {
        source: scores(logits[rows.source == source], rows.where(rows.source == source))
        for source in sorted(set(rows.source.tolist()))
    }


def _taught(
    modality: str,
    config: ModelConfig,
    recipe: TowerRecipe,
    data: Path,
    train: Table,
    folder: Path,
    *,
    quiet: bool,
) -> SoftTargets:
    """What the teachers answer to the train rows; each is trained once and its answers are kept on disk."""
    answers = []
    for teacher in recipe.teachers:
        place = folder / teacher.name
        told = place / "answers.safetensors"
        if not told.is_file():
            own = config.with_tower(modality, teacher.tower or config.tower(modality))
            train_tower(modality, own, teacher.recipe, data, place, quiet=quiet)
            encoder = restored_encoder(modality, own.tower(modality), place / STRUCTURE)
            classifier = TowerClassifier(encoder, len(config.labels), 0.0)
            classifier.load_state_dict(load_file(place / WEIGHTS))
            SoftTargets.of_logits(tower_answers(classifier, train)).save(told)
        answers.append((SoftTargets.load(told), teacher.shares))
    signs = one_hot_or_zero(torch.from_numpy(train.sentiment), len(SENTIMENTS))
    labels = SoftTargets(torch.from_numpy(train.shares), signs, torch.from_numpy(train.targets))
    return ensemble(answers, train.source, labels)


def cross_validate(
    modality: str,
    config: ModelConfig,
    recipe: TowerRecipe,
    data: Path,
    folder: Path,
    *,
    count: int,
    only: list[int] | None = None,
    quiet: bool = False,
) -> dict[str, Any]:
    """A tower's recipe over ``count`` folds of the rows of its own table, disjoint in groups (speakers, subjects);
    the other corpora's train rows train in every fold, and nothing is tuned within one.

    Writes ``folder/fold<k>.json`` for each and ``folder/folds.json`` once all are there, with each source's
    unweighted average recall (UAR).
    """
    own, further = _own_and_further(modality, config, data)
    folder.mkdir(parents=True, exist_ok=True)
    read = None
    if recipe.readings:
        encoder = base_encoder(modality, config.tower(modality))
        read = _read(encoder, joined([own, further]), recipe, folder.parent / "banks", quiet=quiet)
    groups = folds(own.group.tolist(), count)
    for index, speakers in enumerate(groups):
        done = folder / f"fold{index}.json"
        if done.is_file() or (only is not None and index not in only):
            continue
        started = time.perf_counter()
        held_out = np.isin(own.group, speakers)
        train, rows = joined([own.where(~held_out), further]), own.where(held_out)
        readings = None
        if read is not None:
            mine = read[: len(own)]
            readings = torch.cat((mine[~held_out], read[len(own) :])), mine[held_out]
        task = _task(base_encoder(modality, config.tower(modality)), config, recipe, train, rows, readings)
        fit(task, recipe.schedule, folder / f"fold{index}", quiet=quiet, validate_each_epoch=False)
        row = {
            "fold": index,
            "speakers": list(speakers),
            "sources": {
                source: found | {"n": int((rows.source == source).sum())}
                for source, found in _scores_by_source(task.module, rows).items()
            },
            "seconds": time.perf_counter() - started,
        }
        done.write_text(json.dumps(row, indent=1))
        log.info("fold %d: %s", index, json.dumps(row["sources"]))
    written = [folder / f"fold{i}.json" for i in range(count)]
    if not all(path.is_file() for path in written):
        return {}
    rows_written = [json.loads(path.read_text()) for path in written]
    summary: dict[str, Any] = {}
    for source in sorted({name for row in rows_written for name in row["sources"]}):
        uars = [row["sources"][source]["uar"] for row in rows_written if source in row["sources"]]
        summary |= {f"{source}_uar_mean": float(np.mean(uars)), f"{source}_uar": uars}
    summary["folds"] = rows_written
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
    tables = {m: read_corpora(data, m, config.labels, config.languages) for m in MODALITIES}
    people = HumanTargets.read(data) if recipe.human_targets and config.labels == EMOTIONS else None
    makers = {}
    for split in ("train", "valid"):
        chosen = {m: learned_from(table, split) for m, table in tables.items()}
        banks = {
            m: _banks(model.encoders[m], chosen[m], config.labels, recipe, split, towers / "banks", quiet)
            for m in MODALITIES
        }
        taught = {m: towers / m / TAUGHT for m in MODALITIES if split == "train"}
        soft = {m: SoftTargets.load(path) for m, path in taught.items() if path.is_file()}
        makers[split] = CaseMaker(chosen, banks, soft, recipe.distillation, people)
    torch.manual_seed(schedule.seed)
    # Again, so that fusion and heads are drawn from the schedule's seed.
    model = TriadModel(config, {m: model.encoders[m] for m in MODALITIES})
    task = FusingTask(
        Fuser(model.fusion, model.heads), makers["train"], makers["valid"], recipe, schedule.epochs, schedule.seed
    )
    report = fit(task, schedule, folder, quiet=quiet)
    for modality in MODALITIES:
        model.familiarity.fit(modality, *(makers[split].banks[modality][0].means() for split in ("train", "valid")))
    valid = EncodedRows(dict(makers["valid"].tables), {m: b[0] for m, b in makers["valid"].banks.items()})
    answers = answer_all(model.eval(), valid, seed=1, draws=recipe.validation_cases)
    clips = answer_aligned(model, data, "train", quiet=quiet)["agreement"]
    widening = _widening(towers)
    log.info("temperatures of corpora left out, beside those of validation rows: %s", widening)
    together = [a for given in clips.values() for a in given]
    model.calibration = fit_calibration(answers, config.labels, together, widening)
    splits = {
        "text": "the column split; meld: its valid part tests, a tenth of its train part (by hash) validates",
        "image": "the column split; muxspace by hash of subject",
        "audio": {name: list(speakers) for name, speakers in SPEAKERS.items()},
    }
    storage.save(model, folder / "model", notes={"splits": splits, "fusing": report["history"][-1]})
    log.info("fusion: %s", json.dumps(report["history"][-1]))
    return model


def _widening(towers: Path) -> dict[str, float]:
    """By modality, how many times larger the temperature is for corpora left out than for validation rows, as the
    tower's own stage found it; where none was left out, as much as the other modalities in the mean."""
    measured = {m: towers / f"{m}-left-out" / LEFT_OUT for m in MODALITIES}
    found = {m: float(json.loads(path.read_text())["widening"]) for m, path in measured.items() if path.is_file()}
    if not found:
        return {}
    usually = float(np.exp(np.mean(np.log(list(found.values())))))
    return dict.fromkeys(MODALITIES, usually) | found


def _banks(
    encoder: Encoder,
    table: Table,
    labels: Sequence[str],
    recipe: FusingRecipe,
    split: str,
    folder: Path,
    quiet: bool,
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
            random = np.random.default_rng(copy) if copy else None
            referred = inputs
            if random is not None and encoder.reads_reference:
                referred = with_references(inputs, table, labels, recipe.reference_share, random)
            bank = fill_bank(
                encoder,
                referred,
                augment=random,
                precision=torch.bfloat16 if split == "train" else torch.float32,
                label=path.stem,
                quiet=quiet,
            )
            save_file({"values": bank.values, "offsets": torch.from_numpy(bank.offsets)}, path)
        stored = load_file(path)
        banks.append(TokenBank(stored["values"], stored["offsets"].numpy()))
    return banks


def load_tower(modality: str, config: ModelConfig, folder: Path) -> Encoder:
    """The trained encoder of a stage, without the stage's head and with weights as they will be stored."""
    encoder = restored_encoder(modality, config.tower(modality), folder / STRUCTURE)
    prefix = "encoder."
    weights = {k.removeprefix(prefix): v for k, v in load_file(folder / WEIGHTS).items() if k.startswith(prefix)}
    encoder.load_state_dict(weights)
    if encoder.bears_eight_bits:
        round_large_matrices(encoder)
    return encoder.eval()
