"""``python -m mm_core train``: the stages of training; with ``--init`` a trained model learns own rows instead."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from pathlib import Path
from typing import Any

STAGES = ("text", "image", "audio", "fusion")
TUNED = ("heads", "fusion", "all")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train a preset from labelled tables", description=__doc__)
    parser.add_argument("--preset", default="embedded", help="model configuration (default: %(default)s)")
    parser.add_argument("--data", type=Path, required=True, help="folder with the three parquet files")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all")
    parser.add_argument("--text-base", help="hub name or folder of the text tower's base weights")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--pretrain", type=int, default=0, help="epochs of masked patches before the image stage")
    parser.add_argument("--folds", type=int, default=0, help="with --stage audio: cross-validate over speakers")
    parser.add_argument("--fold", type=int, action="append", help="run only this fold; may be repeated")
    parser.add_argument("--threads", type=int, default=0, help="torch threads, 0 for all cores")
    own = parser.add_argument_group("fine-tuning on your own rows (see docs/own_data.md)")
    own.add_argument("--init", metavar="MODEL", help="start from this model: embedded, or a saved model's folder")
    own.add_argument("--tune", choices=TUNED, default="fusion", help="what is fitted (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import torch

    from mm_core.presets import preset
    from mm_core.training.recipes import EMBEDDED
    from mm_core.training.stages import cross_validate_audio, train_fusion, train_tower

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.init:
        return _finetune(arguments)
    config = preset(arguments.preset)
    if arguments.text_base:
        config = dataclasses.replace(config, text=dataclasses.replace(config.text, source=arguments.text_base))
    stages = STAGES if arguments.stage == "all" else (arguments.stage,)
    for stage in stages:
        if stage == "fusion":
            schedule = EMBEDDED.fusing_schedule
            if arguments.epochs:
                schedule = dataclasses.replace(schedule, epochs=arguments.epochs)
            train_fusion(
                config,
                EMBEDDED.fusing,
                schedule,
                arguments.data,
                arguments.out,
                arguments.out / "fusion",
                quiet=arguments.quiet,
            )
            continue
        recipe = EMBEDDED.towers[stage]
        if arguments.epochs:
            schedule = dataclasses.replace(recipe.schedule, epochs=arguments.epochs)
            recipe = dataclasses.replace(recipe, schedule=schedule)
        folder = arguments.out / stage
        if stage == "audio" and arguments.folds:
            cross_validate_audio(
                config,
                recipe,
                arguments.data,
                arguments.out / "audio-folds",
                count=arguments.folds,
                only=arguments.fold,
                quiet=arguments.quiet,
            )
        else:
            pretrain = arguments.pretrain
            train_tower(
                stage, config, recipe, arguments.data, folder, pretrain_epochs=pretrain, quiet=arguments.quiet
            )
    return 0


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
