"""Running a suite: settings chosen on validation folds, one training a seed, every run kept as a small file.

Shapes: N cases, C classes, S presence patterns.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from mm_core.evaluation.predictions import write_predictions
from mm_core.research.lab.attending import attention_scores
from mm_core.research.lab.cases import Dataset, LabCases
from mm_core.research.lab.learner import LabRecipe, train, trained_parameters
from mm_core.research.lab.measure import (
    WHOLE,
    all_logits,
    lines_of,
    measure,
    move_experts,
    rescale_experts,
    scores,
    temperatures_of,
)
from mm_core.research.lab.suites import SUITES, RunContext, Suite


@dataclass(frozen=True)
class Choice:
    """What validation folds say of one strategy: the recipe; temperatures of the eight presence patterns; moved: by
    how much experts' scales were corrected; validation: metrics of the folds together."""

    recipe: LabRecipe
    temperatures: list[float]
    moved: list[float]
    validation: dict[str, float]


def run_suite(
    name: str,
    ground: RunContext,
    *,
    seeds: int | None = None,
    strategies: Sequence[str] = (),
    changes: dict[str, Any] | None = None,
) -> list[Path]:
    """Run what is missing of a suite; returns the files of all its runs. KeyError for an unknown name.

    changes: fields of the recipes to train with instead, for instance other objectives.
    """
    suite = SUITES[name]
    suite = replace(
        suite,
        recipes=tuple(replace(recipe, **(changes or {})) for recipe in suite.recipes),
        seeds=seeds or suite.seeds,
        strategies=tuple(strategies) or suite.strategies,
    )
    digest = _digest(suite, ground)
    files = []
    plan = [(v, s, seed) for v in suite.variants for s in suite.strategies for seed in range(suite.seeds)]
    material: Dataset | None = None
    choices: dict[str, Choice] = {}
    for variant, strategy, seed in tqdm(plan, desc=name, disable=ground.quiet, unit="run"):
        path = ground.folder / f"{name}-{variant}-{strategy}-{seed}.json"
        files.append(path)
        if path.is_file() and json.loads(path.read_text())["digest"] == digest:
            continue
        if material is None or material.variant != variant:
            material, choices = suite.make(ground, variant), {}
        if len(material.folds) > 1 and strategy not in choices:
            kept = ground.folder / f"choice-{name}-{variant}-{strategy}.json"
            choices[strategy] = _kept_choice(material, strategy, suite, kept, digest)
        run, lines = _run(material, name, strategy, seed, suite.recipes[0], choices.get(strategy))
        if ground_model := _model_of(suite, ground):
            run["model"] = ground_model
        write_predictions(pd.DataFrame(lines), path.with_suffix(".parquet"))
        path.write_text(json.dumps({"digest": digest, "run": run}, indent=1))
    return files


def choose(material: Dataset, strategy: str, recipes: Sequence[LabRecipe]) -> Choice:
    """The recipe with the lowest negative log-likelihood over the validation folds taken together."""
    found = [_cross_validated(material, strategy, recipe) for recipe in recipes]
    return min(found, key=lambda choice: choice.validation["nll"])


def _cross_validated(material: Dataset, strategy: str, recipe: LabRecipe) -> Choice:
    logits: list[NDArray[np.float64]] = []
    truths, moves = [], []
    for number, (inside, outside) in enumerate(material.folds):
        learner = train(material, material.train.take(inside), strategy, recipe, seed=number)
        valid = material.train.take(outside)
        moves.append(rescale_experts(learner, valid))
        logits.append(all_logits(learner, valid))
        truths.append(valid.truth)
    temperatures, validation = _judged(np.concatenate(logits, 1), np.concatenate(truths))
    return Choice(recipe, temperatures, np.mean(moves, 0).tolist(), validation)


def _judged(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[list[float], dict[str, float]]:
    """Temperatures from validation logits (S, N, C), and the metrics of the whole cases with theirs."""
    temperatures = temperatures_of(logits, truth)
    return temperatures, scores(logits[WHOLE] / temperatures[WHOLE], truth)


def _run(
    material: Dataset, suite: str, strategy: str, seed: int, recipe: LabRecipe, choice: Choice | None
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """One run, as it stands in the report, and its lines."""
    cases, valid = material.train, None
    if choice is None:
        (inside, outside), *_ = material.folds
        cases, valid = material.train.take(inside), material.train.take(outside)
    else:
        recipe = choice.recipe
    started = time.process_time()
    learner = train(material, cases, strategy, recipe, seed)
    seconds = time.process_time() - started
    if choice is not None:
        move_experts(learner, np.array(choice.moved))
        temperatures, validation = choice.temperatures, choice.validation
    else:
        temperatures, validation = _validated(learner, valid)
    found = measure(learner, material.test, temperatures, cases)
    logits = found.pop("logits")
    identity = f"{material.data}/{material.variant}/{strategy}/{seed}"
    run = {
        "id": identity,
        "suite": suite,
        "data": material.data,
        "variant": material.variant,
        "fusion": strategy,
        "seed": seed,
        "split": "test",
        "n": len(material.test),
        "labels": list(material.labels),
        "metrics": scores(logits[WHOLE], material.test.truth),
        "validation": validation,
        **found,
        "attention": attention_scores(learner, material.test),
        "parameters": trained_parameters(learner),
        "seconds": seconds,
        "settings": recipe.to_json() | material.notes,
    }
    return run, lines_of(identity, material.test, logits[WHOLE], material.labels)


def _validated(learner: Any, valid: LabCases | None) -> tuple[list[float], dict[str, float]]:
    assert valid is not None  # a material with one fold names its validation rows
    rescale_experts(learner, valid)
    return _judged(all_logits(learner, valid), valid.truth)


def _kept_choice(material: Dataset, strategy: str, suite: Suite, path: Path, digest: str) -> Choice:
    if path.is_file():
        stored = json.loads(path.read_text())
        if stored["digest"] == digest:
            made = stored["choice"]
            return Choice(LabRecipe(**made.pop("recipe")), **made)
    choice = choose(material, strategy, suite.recipes)
    stored = {"recipe": choice.recipe.to_json(), "temperatures": choice.temperatures}
    stored |= {"moved": choice.moved, "validation": choice.validation}
    path.write_text(json.dumps({"digest": digest, "choice": stored}, indent=1))
    return choice


def _model_of(suite: Suite, ground: RunContext) -> dict[str, str] | None:
    if not suite.needs_model:
        return None
    model = ground.model()
    return {"name": model.name, "hash": model.hash}


def _digest(suite: Suite, ground: RunContext) -> str:
    """Changes with whatever a stored run depends on, but for the code."""
    parts = [recipe.to_json() for recipe in suite.recipes]
    about = [parts, _model_of(suite, ground), *([ground.tower_epochs] if ground.tower_epochs else [])]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
