"""The suite: make, measure and keep one model after the other; what is there already is not made again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from mm_core import storage
from mm_core.evaluation.compression_report import CompressionReport, SmallModel
from mm_core.evaluation.heading import data_digest, evaluated_data, heading
from mm_core.evaluation.pareto import on_front
from mm_core.model import TriadModel
from mm_core.research.compression.measuring import (
    Hits,
    differences,
    judge,
    saved,
    size_of,
    time_beside,
    weights_counted,
)
from mm_core.research.compression.variants import Variant, variants
from mm_core.research.compression.workshop import CompressionContext
from mm_core.samples import InvalidInput

INPUTS: Final = ("text", "text+image+audio")


def run_suite(workshop: CompressionContext, data: Path, runs: Path, *, only: Sequence[str] = ()) -> CompressionReport:
    """Run what is missing and return the report (docs/compression.md).

    Each model's figures are kept in ``runs`` as JSON, and each that can be saved in a folder beside it; another
    shipped model, other data or other sizes start afresh in a folder of their own. ``only`` names models to make
    (those of earlier calls stay in the report); InvalidInput for a name that there is not.
    """
    found = variants(workshop)
    unknown = set(only) - {variant.name for variant in found}
    if unknown:
        raise InvalidInput(
            f"There is no model called {', '.join(sorted(unknown))}; known are {', '.join(v.name for v in found)}."
        )
    digest = data_digest(data)
    folder = runs / f"{workshop.model.hash[:12]}-{digest[:8]}-{_sizes_name(workshop)}"
    folder.mkdir(parents=True, exist_ok=True)

    def made(name: str) -> TriadModel:
        variant = next(v for v in found if v.name == name)
        if not (folder / f"{name}.json").is_file():
            _run(workshop, variant, made, folder)
        return storage.load(folder / name, workshop.model.device)

    chosen = [v for v in found if not only or v.name in only or v.method == "none"]
    for variant in tqdm(chosen, desc="models", disable=workshop.quiet):
        if not (folder / f"{variant.name}.json").is_file():
            _run(workshop, variant, made, folder)
    paths = [folder / f"{variant.name}.json" for variant in found]
    runs_made = [json.loads(path.read_text("utf-8")) for path in paths if path.is_file()]
    for run in runs_made:
        del run["hits"]
    add_fronts(runs_made)
    about = heading(
        workshop.model,
        data=evaluated_data(data, workshop.test),
        split="test",
        seed=workshop.seed,
        machine=f"{platform.machine()}, {os.cpu_count()} cores",
    )
    return CompressionReport(**dict(about), threads=1, runs=[SmallModel.model_validate(run) for run in runs_made])


def _sizes_name(workshop: CompressionContext) -> str:
    text = json.dumps([asdict(workshop.sizes), workshop.seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _run(workshop: CompressionContext, variant: Variant, made: Any, folder: Path) -> None:
    started = time.perf_counter()
    model = variant.make(workshop, made).eval()
    seconds = time.perf_counter() - started
    kept = saved(model, folder / variant.name) if variant.loadable else None
    scores, hits = judge(workshop, model)
    shipped = hits if variant.method == "none" else _hits(folder / "shipped.json")
    times = time_beside(model, workshop.model, workshop.samples(), workshop.sizes.rounds)
    if variant.method == "none":  # beside itself, it is the measure of all others
        times["latency"] = {name: {"value": 1.0, "low": 1.0, "high": 1.0} for name in INPUTS}
    row = {
        "name": variant.name,
        "title": variant.title,
        "method": variant.method,
        "note": variant.note,
        "settings": variant.settings,
        **weights_counted(model),
        **size_of(model, kept),
        **times,
        "metrics": scores,
        "difference": differences(workshop, hits, shipped),
        "seconds": round(seconds, 1),
        "loadable": variant.loadable,
        "hits": {name: values.astype(int).tolist() for name, values in hits.items()},
    }
    (folder / f"{variant.name}.json").write_text(json.dumps(row), encoding="utf-8")


def _hits(path: Path) -> Hits:
    return {name: np.array(values, float) for name, values in json.loads(path.read_text("utf-8"))["hits"].items()}


def add_fronts(runs: Sequence[dict[str, Any]]) -> None:
    """Put ``front`` into each run: whether it lies on the Pareto front of a cost against an accuracy."""
    for run in runs:
        run["front"] = {"size_mb": {}, "latency": {}}
    for inputs in INPUTS:
        scores = [run["metrics"][inputs]["accuracy"]["value"] for run in runs]
        for cost, costs in (
            ("size_mb", [run["size_mb"] for run in runs]),
            ("latency", [run["latency"][inputs]["value"] for run in runs]),
        ):
            for run, there in zip(runs, on_front(costs, scores), strict=True):
                run["front"][cost][inputs] = there


def table(report: CompressionReport) -> str:
    """The report as text: one line a model; a star where it lies on a Pareto front of that column."""
    lines = [f"{'model':24} {'MB':>7} {'packed':>7} {'x time':>8} {'text accuracy':>24} {'all three':>24}"]
    for run in report.runs:
        stars = ["*" if run.front[cost]["text"] else " " for cost in ("size_mb", "latency")]
        cells = [run.metrics[name].accuracy.words(3) for name in INPUTS]
        lines.append(
            f"{run.name:24} {run.size_mb:6.1f}{stars[0]} {run.packed_mb:7.1f} "
            f"{run.latency['text'].value:7.2f}{stars[1]} {cells[0]:>24} {cells[1]:>24}"
        )
    return "\n".join(lines)
