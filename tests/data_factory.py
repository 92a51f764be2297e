"""A small data folder in the house's format, made up: enough to train, encode and evaluate the toy model."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import soundfile

from mm_core.labels import EMOTIONS
from tests.toys import toy_clip

SPEAKERS = ("ravdess_01", "ravdess_02", "ravdess_20", "ravdess_21", "ravdess_23", "ravdess_24")
_WORD = dict(zip(EMOTIONS, ("angry", "awful", "never", "happy", "the", "sad", "what"), strict=True))


def write_tables(folder: Path, rows_per_class: int = 6) -> Path:
    """text, faces and speech tables in which the label can be read off the content: word, brightness, pitch."""
    random = np.random.default_rng(0)
    text, faces, speech = [], [], []
    for number, label in enumerate(EMOTIONS):
        for row in range(rows_per_class):
            split = ("train", "valid", "test")[row % 3]
            sign = "positive" if label == "joy" else "neutral" if label == "neutral" else "negative"
            text.append((f"i am {_WORD[label]} {_WORD[label]} {row}", label, sign, "goemotions", split))
            pixels = np.clip(random.normal(30 + 30 * number, 5, (20, 20)), 0, 255).astype(np.uint8)
            faces.append((cv2.imencode(".png", pixels)[1].tobytes(), label, "fer2013", "", split))
            wave = toy_clip(number * 7 + row, 0.6).waveform
            buffer = io.BytesIO()
            soundfile.write(buffer, wave, 16_000, format="FLAC")
            speech.append((buffer.getvalue(), label, "ravdess", SPEAKERS[row % len(SPEAKERS)], ""))
    text.append(("i am happy and angry", "anger,joy", "", "goemotions", "test"))
    speech.append((speech[0][0], "boredom", "emodb", "emodb_03", ""))
    pd.DataFrame(text, columns=["text", "label", "sentiment", "source", "split"]).to_parquet(folder / "text.parquet")
    pd.DataFrame(faces, columns=["image", "label", "source", "subject", "split"]).to_parquet(folder / "faces.parquet")
    columns = ["audio", "label", "source", "speaker", "split"]
    pd.DataFrame(speech, columns=columns).to_parquet(folder / "speech.parquet")
    return folder
