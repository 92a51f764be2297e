"""``python -m mm_core predict``: answer one case from files, or from the microphone of this machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mm_core.labels import MODALITIES


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("predict", help="answer one case", description=__doc__)
    parser.add_argument("--text", help="words")
    parser.add_argument("--image", type=Path, help="picture of a face: JPEG, PNG or WebP")
    parser.add_argument("--audio", type=Path, help="voice: WAV, FLAC, OGG or MP3")
    parser.add_argument("--microphone", type=float, metavar="SECONDS", help="record the voice now instead")
    parser.add_argument(
        "--insist", choices=MODALITIES, action="append", default=[], help="use it though it looks unfit"
    )
    parser.add_argument("--noise-reduction", action="store_true", help="reduce steady noise in the voice")
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.microphone import record
    from mm_core.samples import InvalidInput, Sample
    from mm_core.storage import load

    audio: Any = arguments.audio
    if arguments.microphone is not None:
        if audio is not None:
            raise InvalidInput("Give either --audio or --microphone, not both.")
        audio = record(arguments.microphone)
    sample = Sample.read(
        text=arguments.text,
        image=arguments.image,
        audio=audio,
        insist=arguments.insist,
        noise_reduction=arguments.noise_reduction,
    )
    prediction = load(arguments.model).predict(sample)
    if arguments.json:
        print(json.dumps(prediction.to_json(), indent=1, ensure_ascii=False))
        return 0
    print(prediction.sentence())
    for answer in (prediction.emotion, prediction.sentiment):
        ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
        print("  ".join(f"{label} {100 * value:.0f} %" for label, value in ranked))
    for warning in prediction.warnings:
        print(f"note: {warning}")
    return 0
