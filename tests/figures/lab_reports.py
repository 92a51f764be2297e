"""Small reports of the lab and of compression in the shape of docs/lab.md and docs/compression.md."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mm_core.labels import COALITIONS, MODALITIES, coalition_name

FUSIONS = ("late_mean", "concat", "cross_attention")
CASES = 40


def run(data: str, fusion: str, seed: int, accuracy: float, variant: str = "utterance") -> dict[str, Any]:
    return {
        "id": f"{data}/{variant}/{fusion}/{seed}",
        "suite": "toy",
        "data": data,
        "variant": variant,
        "fusion": fusion,
        "seed": seed,
        "split": "test",
        "n": CASES,
        "labels": ["negative", "positive"],
        "metrics": {
            "accuracy": accuracy,
            "macro_f1": accuracy - 0.02,
            "weighted_f1": accuracy - 0.01,
            "ece": 0.05,
            "nll": 0.6,
        },
        "missing": {coalition_name(m): {"accuracy": round(0.5 + 0.1 * len(m), 3)} for m in COALITIONS},
        "noise": {
            m: [{"level": level, "accuracy": accuracy - level / 20} for level in (0.0, 1.0, 2.0)] for m in MODALITIES
        },
        "conflict": {m: {"majority": 0.6, "odd": 0.3, "other": 0.1} for m in MODALITIES},
        "shares": {"text": 0.6, "image": 0.15, "audio": 0.25},
        "parameters": {"late_mean": 1_000, "concat": 20_000, "cross_attention": 900_000}[fusion],
        "seconds": {"late_mean": 2.0, "concat": 4.0, "cross_attention": 60.0}[fusion] + seed,
        "settings": {"steps": 10},
    }


def lab(seeds: int = 3) -> dict[str, Any]:
    """Three strategies on two data; the second data has two variants. Accuracies of a strategy are 0.02 apart."""
    base = {"late_mean": 0.70, "concat": 0.66, "cross_attention": 0.74}
    runs = [
        run(data, fusion, seed, base[fusion] + 0.02 * (seed - 1), variant)
        for data, variant in (
            ("mosi-features", "utterance"),
            ("mosi-transcripts", "utterance"),
            ("mosi-transcripts", "neighbours"),
        )
        for fusion in FUSIONS
        for seed in range(seeds)
    ]
    return {
        "runs": runs,
        "references": [
            {
                "data": "mosi-features",
                "name": "contextual LSTM",
                "metric": "accuracy",
                "value": 0.803,
                "source": "Poria et al., 2017",
                "note": "with neighbouring utterances",
                "kind": "published",
            }
        ],
        "comparisons": [
            {
                "data": "mosi-features",
                "variant": "utterance",
                "first": "cross_attention",
                "second": "late_mean",
                "difference": {"value": 0.04, "low": 0.01, "high": 0.07},
                "margin": 0.01,
                "not_worse": True,
            }
        ],
        "made": {"commit": "abc", "time": "2026-01-02T03:04:05+00:00", "model": {"name": "toy", "hash": "ab" * 32}},
    }


def lab_rows(report: dict[str, Any] | None = None) -> pd.DataFrame:
    """CASES lines of every run, as many of them right as its accuracy says, the first ones."""
    return pd.DataFrame(
        [
            {
                "run": one["id"],
                "case": f"video{case // 4}_{case:02d}",
                "group": f"video{case // 4}",
                "truth": "positive",
                "answer": "positive" if case < round(one["metrics"]["accuracy"] * CASES) else "negative",
                "confidence": 0.8,
                "p_truth": 0.8 if case < round(one["metrics"]["accuracy"] * CASES) else 0.2,
            }
            for one in (report or lab())["runs"]
            for case in range(CASES)
        ]
    )


def small_model(name: str, method: str, size: float, ratio: float, accuracy: float) -> dict[str, Any]:
    def around(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.02, "high": value + 0.02}

    inputs = ("text", "text+image+audio")
    return {
        "name": name,
        "title": name.replace("-", " "),
        "method": method,
        "note": f"how {name} was made",
        "parameters": int(size * 1e6),
        "nonzero": int(size * 1e6),
        "size_mb": size,
        "packed_mb": 0.9 * size,
        "latency": {which: around(ratio) for which in inputs},
        "milliseconds": dict.fromkeys(inputs, 10 * ratio),
        "metrics": {
            which: {"n": 500, "accuracy": around(accuracy), "macro_f1": around(accuracy)} for which in inputs
        },
        "difference": {which: around(accuracy - 0.8) for which in inputs},
        "seconds": 1.0,
        "loadable": method != "int8",
    }


def compression() -> dict[str, Any]:
    """The shipped model, one that is smaller and no worse for its size, and one that another beats in both."""
    return {
        "runs": [
            small_model("shipped", "none", 40.0, 1.0, 0.80),
            small_model("int8", "int8", 12.0, 0.7, 0.79),
            small_model("layers-3", "structured", 25.0, 0.8, 0.75),
        ],
        "split": "test",
        "made": {"time": "2026-01-02T03:04:05+00:00"},
        "model": {"name": "toy", "hash": "ab" * 32},
        "data": {"digest": "cd" * 32, "rows": {"text": 500}},
    }
