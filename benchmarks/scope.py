"""How well the checks of scope tell what can be judged from what can't, and what they cost.

    python benchmarks/scope.py --data ../shared/data

Texts: English rows that the word list was not made from (validation and test rows, CMU-MOSI, MUStARD) must pass;
other languages, code and texts without words must not. Baselines of the same run: the language identifier alone and
the word list alone. Sounds: all speech rows must pass; twenty kinds of generated sounds must not. Baseline: the voice
detector as its package runs it (other weights, window by window). Times are medians in milliseconds of processor time
with one thread.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import soundfile
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import noises  # noqa: E402
from scope_texts import CODE_SEEN, CODE_UNSEEN, FOREIGN, NO_WORDS  # noqa: E402

from mm_core.samples import Clip, Sample  # noqa: E402
from mm_core.samples.audio import read_clip  # noqa: E402
from mm_core.samples.faces import find_faces  # noqa: E402
from mm_core.samples.image import read_picture  # noqa: E402
from mm_core.samples.language import known_share, language_probabilities, words_of  # noqa: E402
from mm_core.samples.scope import MIN_VOICED_SECONDS, check_clip, check_text  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
WINDOW = 512
WORDS_20 = "I can not believe how much fun we all had last night , let us do that again very soon"


def english(data: Path) -> dict[str, list[str]]:
    """English texts by source, none of them a training row."""
    rows = pd.read_parquet(data / "text.parquet", columns=["text", "source", "split"])
    rows = rows[rows.split != "train"]
    texts = {f"{source} (valid, test)": part.text.tolist() for source, part in rows.groupby("source")}
    if (data / "aligned" / "mosi.parquet").is_file():
        texts["mosi"] = pd.read_parquet(data / "aligned" / "mosi.parquet", columns=["text"]).text.tolist()
        sarcasm = json.loads((data / "aligned" / "mustard" / "sarcasm_data.json").read_text(encoding="utf-8"))
        texts["mustard"] = [row["utterance"] for row in sarcasm.values()]
    return texts


def text_figures(data: Path) -> dict[str, dict[str, float]]:
    """Share of texts said to be out of scope, by source and rule."""
    speech = pd.read_parquet(data / "speech.parquet", columns=["text", "source"])
    german = speech.text[speech.source == "emodb"].unique().tolist()
    groups = english(data) | {
        "other languages": [text for texts in FOREIGN.values() for text in texts] + german,
        "code, seen": CODE_SEEN,
        "code, unseen": CODE_UNSEEN,
        "no words": NO_WORDS,
    }
    rules: dict[str, Callable[[str], bool]] = {
        "used": lambda text: check_text(text) is not None,
        "identifier alone": lambda text: not is_best(language_probabilities(text), "en"),
        "word list alone": lambda text: known_share(words_of(text)) < 0.85,
    }
    return {
        group: {"n": len(texts), **{name: share(map(rule, texts)) for name, rule in rules.items()}}
        for group, texts in groups.items()
    }


def is_best(probabilities: dict[str, float], language: str) -> bool:
    """Whether a language is the most probable one."""
    return max(probabilities, key=probabilities.__getitem__) == language


def sound_figures(data: Path, seeds: int) -> dict[str, dict[str, float]]:
    """Share of sounds said to be out of scope, by source or kind."""
    speech = pd.read_parquet(data / "speech.parquet", columns=["audio", "source"])
    groups = {source: [read_clip(content)[0] for content in part.audio] for source, part in speech.groupby("source")}
    for kind in noises.KINDS:
        groups[kind] = [read_clip((noises.RATE, noises.made(kind, seed)))[0] for seed in range(seeds)]
    package = package_rule()
    return {
        group: {
            "n": len(clips),
            "used": share(check_clip(clip) is not None for clip in clips),
            "package": share(package(clip) for clip in clips),
        }
        for group, clips in groups.items()
    }


def package_rule() -> Callable[[Clip], bool]:
    """The same rule of voiced seconds with the detector as its package runs it."""
    from silero_vad import load_silero_vad

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        detector = load_silero_vad()

    def no_voice(clip: Clip) -> bool:
        with torch.inference_mode():
            answers = detector.audio_forward(torch.from_numpy(clip.waveform[None]), noises.RATE)
        return float((answers > 0.5).sum()) * WINDOW / noises.RATE < MIN_VOICED_SECONDS

    return no_voice


def times(data: Path) -> dict[str, float]:
    """Median milliseconds of each step for 20 words, a JPEG of 640 x 480 with a face and 4 s of voice."""
    from skimage.data import astronaut

    picture, sound = io.BytesIO(), io.BytesIO()
    Image.fromarray(astronaut()).resize((640, 480)).save(picture, "JPEG", quality=90)
    row = pd.read_parquet(data / "speech.parquet", columns=["audio"]).audio[0]
    voice = np.resize(read_clip(row)[0].waveform, 4 * noises.RATE)
    soundfile.write(sound, np.repeat(voice, 3), 3 * noises.RATE, format="WAV", subtype="PCM_16")
    content, pixels = (picture.getvalue(), sound.getvalue()), read_picture(picture.getvalue())
    steps: dict[str, Callable[[], object]] = {
        "text: check": lambda: check_text(WORDS_20),
        "text: check, not English": lambda: check_text(FOREIGN["French"][1]),
        "sound: decode, resample, trim": lambda: read_clip(content[1]),
        "sound: check": lambda: check_clip(Clip(voice)),
        "picture: decode": lambda: read_picture(content[0]),
        "picture: find the faces": lambda: find_faces(pixels),
        "all of Sample.read": lambda: Sample.read(WORDS_20, *content),
    }
    return {name: round(milliseconds(step), 2) for name, step in steps.items()}


def milliseconds(step: Callable[[], object]) -> float:
    """Median of 31 calls after five that do not count."""
    took = []
    for number in range(36):
        started = time.thread_time()
        step()
        if number >= 5:
            took.append(1000 * (time.thread_time() - started))
    return statistics.median(took)


def share(hits) -> float:
    """Share of true values."""
    return round(float(np.mean([bool(hit) for hit in hits])), 4)


def table_of(figures: dict[str, dict[str, float]]) -> str:
    """A Markdown table, one row a group."""
    columns = list(next(iter(figures.values())))
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for name, row in figures.items():
        lines.append(
            f"| {name} | " + " | ".join(f"{row[c]:,}" if c == "n" else f"{row[c]:.2%}" for c in columns) + " |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with text.parquet and speech.parquet")
    parser.add_argument("--seeds", type=int, default=20, help="generated sounds of each kind")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    record = {
        "text": text_figures(given.data),
        "sound": sound_figures(given.data, given.seeds),
        "ms": times(given.data),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scope.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    parts = [
        "# Checks of scope",
        " ".join((__doc__ or "").split()),
        "Texts said to be out of scope:",
        table_of(record["text"]),
        "Sounds said to be out of scope:",
        table_of(record["sound"]),
        "Milliseconds:",
        "\n".join(f"- {name}: {value}" for name, value in record["ms"].items()),
    ]
    text = "\n\n".join(parts) + "\n"
    (RESULTS / "scope.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
