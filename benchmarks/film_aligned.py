"""Whole films against one moment of them: ``python benchmarks/film_aligned.py CLIPS --data DATA [--split test]``.

Every clip of one person in CLIPS is watched, and the mean of its windows is its answer; beside it the answer to the
picture in its middle with the whole sound. Both are told with no reference and with a neutral clip of the same person
as their normal voice. Labels and people come from ``aligned/*/faces.parquet`` under DATA.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.metrics import recall_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mm_core.samples import Clip, Sample
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.samples.reference import read_reference
from mm_core.storage import load
from mm_core.timeline import FilmFile
from mm_core.timeline.watch import answer_moments, watch

RESULTS: Final = Path(__file__).resolve().parent / "results" / "film_aligned.json"


def sound_of(path: Path) -> np.ndarray:
    film = FilmFile(path)
    wave = np.concatenate(list(film.sound()))
    film.close()
    return wave


def middle(model: Any, path: Path, reference: Clip | None) -> np.ndarray | None:
    """Probabilities of the picture in the middle with the whole sound."""
    from PIL import Image

    film = FilmFile(path)
    frames = list(film.frames())
    film.close()
    sample = Sample.read(image=Image.fromarray(frames[len(frames) // 2].pixels), audio=(SAMPLE_RATE, sound_of(path)))
    if sample.audio is not None and reference is not None:
        sample = sample.replace(reference=reference)
    if not sample.present:
        return None
    return np.array(list(model.predict(sample).emotion.probabilities.values()))


def whole(model: Any, path: Path, reference: Clip | None) -> np.ndarray | None:
    """The mean of the windows' probabilities."""
    steps = watch(FilmFile(path), partial(answer_moments, model), {}, model.labels, reference=reference)
    mean = list(steps)[-1].result.mean()
    return np.array(list(mean.values())) if mean else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    columns = ["clip", "label", "subject", "split"]
    rows = pd.concat(pd.read_parquet(p, columns=columns) for p in (given.data / "aligned").glob("*/faces.parquet"))
    rows = rows.drop_duplicates("clip")
    rows["path"] = [given.clips / f"{clip.partition('_')[2]}.mp4" for clip in rows["clip"]]
    rows = rows[[path.is_file() for path in rows["path"]]]
    chosen = rows[rows["split"] == given.split]
    model = load(None)
    ways = {"middle": middle, "film": whole}
    answers: dict[str, list[int]] = {f"{way}, {with_}": [] for way in ways for with_ in ("none", "neutral clip")}
    truth: list[int] = []
    for row in chosen.itertuples():
        others = rows[(rows["subject"] == row.subject) & (rows["label"] == "neutral") & (rows["clip"] != row.clip)]
        reference = None if others.empty else read_reference((SAMPLE_RATE, sound_of(others["path"].iloc[0])))[0]
        truth.append(model.labels.index(row.label))
        for way, answer in ways.items():
            for name, normal in (("none", None), ("neutral clip", reference)):
                found = answer(model, row.path, normal)
                answers[f"{way}, {name}"].append(-1 if found is None else int(found.argmax()))
    labels = sorted(set(truth))
    found_all = {
        "clips": len(truth),
        "people": int(chosen["subject"].nunique()),
        "labels": [model.labels[i] for i in labels],
        "uar": {
            name: round(float(recall_score(truth, given_, labels=labels, average="macro", zero_division=0)), 3)
            for name, given_ in answers.items()
        },
        "model": model.hash,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    print(json.dumps(found_all, indent=1))
    given.out.write_text(json.dumps(found_all, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
