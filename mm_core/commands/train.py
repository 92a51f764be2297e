"""``python -m mm_core train``: the stages of training; with ``--init`` a trained model learns own rows instead."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mm_core.labels import MODALITIES

if TYPE_CHECKING:
    from mm_core.training.loop import Schedule

STAGES = (*MODALITIES, "fusion")
TUNED = ("heads", "fusion", "all")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train a preset from labelled tables", description=__doc__)
    parser.add_argument("--preset", default="embedded", help="model configuration (default: %(default)s)")
    parser.add_argument("--data", type=Path, required=True, help="folder with the three parquet files")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all")
    for modality in MODALITIES:
        parser.add_argument(f"--{modality}-base", help=f"hub name or folder of the {modality} tower's base weights")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--folds", type=int, default=0, help="with a tower's stage: cross-validate over speakers")
    parser.add_argument("--fold", type=int, action="append", help="run only this fold; may be repeated")
    parser.add_argument(
        "--leave-out", action="store_true", help="with a tower's stage: train without each corpus in turn"
    )
    parser.add_argument("--threads", type=int, default=0, help="torch threads, 0 for all cores")
    own = parser.add_argument_group("fine-tuning on your own rows (see docs/own_data.md)")
    own.add_argument("--init", metavar="MODEL", help="start from this model: embedded, or a saved model's folder")
    own.add_argument("--tune", choices=TUNED, default="fusion", help="what is fitted (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import torch

    from mm_core.presets import preset
    from mm_core.training.leaving_out import leave_corpora_out
    from mm_core.training.recipes import RECIPES
    from mm_core.training.stages import cross_validate, train_fusion, train_tower

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.init:
        return _finetune(arguments)
    config, recipes = preset(arguments.preset), RECIPES[arguments.preset]
    for modality in MODALITIES:
        if base := getattr(arguments, f"{modality}_base"):
            config = config.with_tower(modality, config.tower(modality).based_on(base))
    stages = STAGES if arguments.stage == "all" else (arguments.stage,)
    data, out, quiet = arguments.data, arguments.out, arguments.quiet
    for stage in stages:
        if stage == "fusion":
            schedule = _with_epochs(recipes.fusing_schedule, arguments.epochs)
            train_fusion(config, recipes.fusing, schedule, data, out, out / "fusion", quiet=quiet)
            continue
        recipe = recipes.towers[stage]
        recipe = dataclasses.replace(recipe, schedule=_with_epochs(recipe.schedule, arguments.epochs))
        if arguments.leave_out:
            leave_corpora_out(stage, config, recipe, data, out / f"{stage}-left-out", quiet=quiet)
        elif arguments.folds:
            cross_validate(
                stage,
                config,
                recipe,
                data,
                out / f"{stage}-folds",
                count=arguments.folds,
                only=arguments.fold,
                quiet=quiet,
            )
        else:
            train_tower(stage, config, recipe, data, out / stage, quiet=quiet)
    return 0


def _with_epochs(schedule: Schedule, epochs: int | None) -> Schedule:
    return dataclasses.replace(schedule, epochs=epochs) if epochs else schedule


def _finetune(arguments: argparse.Namespace) -> int:
    """Fit a trained model to one's own rows and say how good it is on those that were held out."""
    from mm_core.evaluation.records import Estimate
    from mm_core.storage import load
    from mm_core.training.finetune import TuningRecipe, finetune

    recipe = TuningRecipe()
    if arguments.epochs:
        recipe = dataclasses.replace(recipe, passes=dict.fromkeys(recipe.passes, arguments.epochs))
    model, report = finetune(
        load(arguments.init), arguments.data, arguments.out, tune=arguments.tune, recipe=recipe, quiet=arguments.quiet
    )
    print(f"labels: {', '.join(model.config.labels)}")
    unlearned = [m for m in MODALITIES if m not in model.config.learned_modalities]
    if unlearned:
        print(f"no rows with these labels: {', '.join(unlearned)}; given to this model, they count as absent")
    for label, count in report["rare_labels"].items():
        print(f"left out: {label}, with {count} train rows")
    for stage in report["stages"]:
        kept = "" if stage["kept"] else ", undone: validation cases were explained better before"
        valid = f", right on {stage['valid_accuracy']:.0%} of validation cases" if "valid_accuracy" in stage else ""
        print(f"{stage['stage']}: {stage['passes']} passes in {stage['seconds']:.0f} s{valid}{kept}")
    for task in ("sentiment", "agreement"):
        print(f"{task}: {report[task]}")
    test = report["test"]
    for name, found in test.items():
        if isinstance(found, dict):
            accuracy = Estimate.model_validate(found["accuracy"])
            print(f"test, {name}: n {found['n']}, accuracy {accuracy.words(3)}")
    if test:
        print(f"always answering {test['majority_label']} would be right on {test['majority']:.3f}")
    print(f"{report['seconds']:.0f} s; the model is in {arguments.out}")
    return 0
