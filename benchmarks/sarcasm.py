"""How often sarcasm is taken at its word: ``python benchmarks/sarcasm.py [--model FOLDER]``.

Reads ``tests/sarcasm/sentences.csv``, whose README says who wrote it and what it can't show. Of the sarcastic
sentences: how many are called positive, and how sure; of the sincere ones with the same openings, how many.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SENTENCES = ROOT / "tests" / "sarcasm" / "sentences.csv"
RESULTS = ROOT / "benchmarks" / "results" / "sarcasm.json"


def figures(model: Any, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Of these rows: shares called positive, negative and neutral, right, surely wrong, and the mean confidence."""
    from mm_core.samples import Sample

    answers = [p.sentiment for p in model.predict_batch([Sample(text=row["text"]) for row in rows])]
    count = len(rows)
    right = [answer.label == row["sentiment"] for answer, row in zip(answers, rows, strict=True)]
    return {
        "n": count,
        "called": {s: sum(a.label == s for a in answers) / count for s in ("negative", "neutral", "positive")},
        "right": sum(right) / count,
        "surely_wrong": sum(a.sure and not ok for a, ok in zip(answers, right, strict=True)) / count,
        "confidence": sum(a.confidence for a in answers) / count,
    }


def main() -> int:
    from mm_core.storage import load

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    model = load(arguments.model)
    with SENTENCES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    result = {
        "model": {"name": model.name, "hash": model.hash},
        "sarcastic": figures(model, [row for row in rows if row["sarcastic"] == "yes"]),
        "sincere": figures(model, [row for row in rows if row["sarcastic"] == "no"]),
    }
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    for name in ("sarcastic", "sincere"):
        found = result[name]
        print(
            f"{name}: {found['n']} sentences, {found['called']['positive']:.0%} called positive, "
            f"{found['called']['negative']:.0%} negative; {found['surely_wrong']:.0%} surely wrong, "
            f"mean confidence {found['confidence']:.0%}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
