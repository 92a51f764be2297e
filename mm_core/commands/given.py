"""The arguments that say what a person gives, shared by the commands that answer one case."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mm_core.labels import MODALITIES

if TYPE_CHECKING:
    from mm_core.samples import Sample


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the inputs and the model."""
    parser.add_argument("--text", help="words")
    parser.add_argument("--image", type=Path, help="picture of a face: JPEG, PNG or WebP")
    parser.add_argument("--face", type=int, metavar="N", help="which face of the picture (default: 1, the largest)")
    parser.add_argument("--audio", type=Path, help="voice: WAV, FLAC, OGG or MP3")
    parser.add_argument("--microphone", type=float, metavar="SECONDS", help="record the voice now instead")
    parser.add_argument(
        "--reference", type=Path, help="the speaker's normal voice, a few seconds, which the voice is judged against"
    )
    parser.add_argument(
        "--force", choices=MODALITIES, action="append", default=[], help="use it though it looks unfit"
    )
    parser.add_argument("--noise-reduction", action="store_true", help="reduce steady noise in the voice")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")


def read(arguments: argparse.Namespace) -> Sample:
    """The Sample that the arguments describe; InvalidInput where it can't be one."""
    from mm_core.microphone import record
    from mm_core.samples import InvalidInput, Sample

    audio: Any = arguments.audio
    if arguments.microphone is not None:
        if audio is not None:
            raise InvalidInput("Give either --audio or --microphone, not both.")
        audio = record(arguments.microphone)
    return Sample.read(
        text=arguments.text,
        image=arguments.image,
        audio=audio,
        reference=arguments.reference,
        force=arguments.force,
        noise_reduction=arguments.noise_reduction,
        face=arguments.face,
    )
