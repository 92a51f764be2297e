"""Small reports in the shape that the commands write, with numbers that can be checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mm_core.evaluation.contributions_report import ContributionsReport, read_contributions
from mm_core.evaluation.evaluation_report import EvaluationReport, read_evaluation
from mm_core.evaluation.robustness_report import RobustnessReport, read_robustness
from mm_core.labels import COALITIONS, EMOTIONS, coalition_name


def estimate(value: float, spread: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - spread, "high": value + spread}


def classes(accuracy: float, labels: tuple[str, ...] = EMOTIONS, n: int = 700) -> dict[str, Any]:
    """One entry of an evaluation report; class ``c`` has n / 7 - c cases, all errors go to the next class."""
    count = len(labels)
    matrix = np.zeros((count, count), int)
    for c in range(count):
        cases = n // count - c
        matrix[c, c] = round(accuracy * cases)
        matrix[c, (c + 1) % count] = cases - matrix[c, c]
    return {
        "n": n,
        "n_single_label": int(matrix.sum()),
        "accuracy": estimate(accuracy),
        "macro_f1": estimate(accuracy - 0.03),
        "weighted_f1": estimate(accuracy - 0.01),
        "uar": estimate(accuracy - 0.02),
        "ece": estimate(0.03, 0.01),
        "per_class": {
            label: {
                "precision": float(matrix[c, c] / matrix[:, c].sum()),
                "recall": float(matrix[c, c] / matrix[c].sum()),
                "f1": 0.5,
                "n": int(matrix[c].sum()),
            }
            for c, label in enumerate(labels)
        },
        "confusion": {"labels": list(labels), "rows": "truth", "matrix": matrix.tolist()},
    }


def evaluation() -> EvaluationReport:
    accuracies = dict(zip(map(coalition_name, COALITIONS[1:]), (0.62, 0.66, 0.6, 0.8, 0.78, 0.81, 0.9), strict=True))
    emotion = {name: {"all": classes(a)} for name, a in accuracies.items()}
    emotion["text"]["meld"] = classes(0.5, n=350)
    content = {
        "model": {"name": "toy", "hash": "ab" * 32},
        "split": "test",
        "emotion": emotion,
        "agreement": {"text+audio": {"all": classes(0.7, ("different", "same"))}},
        "baselines": {"late_product": {"text+image+audio": {"all": classes(0.84)}}},
    }
    return read_evaluation(content)


def met_strangers() -> EvaluationReport:
    """With a voice corpus that the weights never saw, and one that a training was made without."""
    report = evaluation().model_dump(by_alias=True)
    report["emotion"]["audio"]["tess"] = classes(0.5, n=280) | {"met": "never seen"}
    left_out = classes(0.4, n=140) | {"met": "left out"}
    left_out["uar"] = {"value": 0.38, "groups": 4, "folds": {"count": 5, "mean": 0.4, "deviation": 0.03}}
    report["leave_one_corpus_out"] = {"emotion": {"audio": {"savee": left_out}}}
    return read_evaluation(report)


def predictions(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Cases of one task and set whose logits are twice as sure as they should be."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, len(EMOTIONS), n)
    logits = random.standard_normal((n, len(EMOTIONS)))
    logits[np.arange(n), truth] += 1.6
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    frame = pd.DataFrame(
        {
            "task": "emotion",
            "modalities": "text+image+audio",
            "source": random.choice(["fer2013", "muxspace"], n),
            "truth": [EMOTIONS[t] for t in truth],
            "answer": [EMOTIONS[c] for c in probabilities.argmax(1)],
            "words": random.integers(1, 40, n).astype(np.float32),
            "speaker": random.choice(["ravdess-1", "ravdess-2", "crema-7"], n),
        }
    )
    for c, label in enumerate(EMOTIONS):
        frame[f"p_{label}"] = probabilities[:, c]
        frame[f"logit_{label}"] = 2 * logits[:, c]
    return frame


def contributions() -> ContributionsReport:
    def share(value: float) -> dict[str, Any]:
        at = {"0.05": 0.2, "0.25": 0.7, "0.5": 1.0, "0.75": 1.3, "0.95": 1.6}
        return estimate(value) | {"quantiles": {q: min(value * factor, 1.0) for q, factor in at.items()}}

    groups = {"all": 1000, "right": 900, "wrong": 100} | dict.fromkeys(EMOTIONS, 140)
    random = np.random.default_rng(3)
    shares: dict[str, Any] = {}
    for name, n in groups.items():
        parts = random.dirichlet((6, 5, 4))
        shares[name] = {"n": n} | {m: share(float(p)) for m, p in zip(("text", "image", "audio"), parts, strict=True)}
    content = {
        "adds_up": {"n": 1000, "dividends": 1e-15, "shapley": 1e-15},
        "shares": shares,
        "shape": {
            "n": 1000,
            "accuracy": {"none": estimate(0.14), "text+image+audio": estimate(0.9)},
            "shapley": {"text": estimate(0.27), "image": estimate(0.29), "audio": estimate(0.2)},
            "interactions": {
                "text+image": estimate(-0.11),
                "text+audio": estimate(-0.08),
                "image+audio": estimate(-0.07),
                "text+image+audio": estimate(0.04),
            },
        },
        "perceptual": {
            "n": 1000,
            "permutations": 5,
            "accuracy": estimate(0.9),
            **{
                m: {
                    "permuted": estimate(0.9 - lost),
                    "lost": estimate(lost),
                    "score": estimate(lost / 0.9),
                    "monte_carlo_error": 0.002,
                }
                for m, lost in (("text", 0.21), ("image", 0.25), ("audio", 0.12))
            },
        },
        "emap": {
            "n": 300,
            "draws": 16,
            **{
                name: {
                    "accuracy": estimate(a),
                    "lost": estimate(0.9 - a),
                    "same_answer": 0.95,
                    "explained": 0.9,
                    "monte_carlo_error": 0.004,
                }
                for name, a in (("full", 0.9), ("additive", 0.87), ("pairwise", 0.89))
            },
        },
        "disagreement": {
            "all the same": {"n": 500, "share": estimate(0.5), "accuracy": estimate(0.98, 0.01)},
            "one differs": {"n": 400, "share": estimate(0.4), "accuracy": estimate(0.9)},
            "all different": {"n": 0, "share": estimate(0.0, 0), "accuracy": None},
        },
    }  # fmt: skip
    return read_contributions(content)


def robustness() -> RobustnessReport:
    def step(level: float | None, alone: float, together: float) -> dict[str, Any]:
        return {
            "level": level,
            "alone": {"accuracy": estimate(alone, 0.04), "confidence": alone + 0.05},
            "together": {"accuracy": estimate(together, 0.03), "confidence": together + 0.02},
        }

    levels = [
        step(None, 0.66, 0.9),
        step(30, 0.62, 0.89),
        step(20, 0.5, 0.86),
        step(10, 0.35, 0.82),
        step(0, 0.2, 0.79),
    ]
    content = {
        "noise": {"audio": {"noise": {"title": "Noise", "unit": "dB SNR", "n": 400, "levels": levels}}},
        "missing": {
            coalition_name(members): {"n": 400, "accuracy": estimate(0.14 + 0.25 * len(members))}
            for members in COALITIONS
        },
        "conflict": {
            "audio": {
                "n": 600,
                "follows_rest": estimate(0.7),
                "follows_odd": estimate(0.18),
                "neither": estimate(0.12),
                "odd_alone": estimate(0.6),
                "noticed": estimate(0.64),
            }
        },
        "false_alarms": estimate(0.2),
    }
    return read_robustness(content)
