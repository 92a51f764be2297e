"""``python -m mm_core train``: the stages of training, each on its own or all in order."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from pathlib import Path
from typing import Any

STAGES = ("text", "image", "audio", "fusion")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train a preset from labelled tables", description=__doc__)
    parser.add_argument("--preset", default="embedded", help="model configuration (default: %(default)s)")
    parser.add_argument("--data", type=Path, required=True, help="folder with the three parquet files")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all")
    parser.add_argument("--text-base", help="hub name or folder of the text tower's base weights")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--folds", type=int, default=0, help="with --stage audio: cross-validate over speakers")
    parser.add_argument("--fold", type=int, action="append", help="run only this fold; may be repeated")
    parser.add_argument("--threads", type=int, default=0, help="torch threads, 0 for all cores")
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
            train_tower(stage, config, recipe, arguments.data, folder, quiet=arguments.quiet)
    return 0
