"""Small made-up corpora beside the tables of ``data_factory``: other people, votes and aligned clips."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import soundfile

from mm_core.datasets.human import VOTED
from tests.toys import toy_clip

COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")


def voice(number: int) -> bytes:
    """A short clip as FLAC."""
    buffer = io.BytesIO()
    soundfile.write(buffer, toy_clip(number, 0.5).waveform, 16_000, format="FLAC")
    return buffer.getvalue()


def face(brightness: int) -> bytes:
    """A plain picture as PNG."""
    return cv2.imencode(".png", np.full((24, 24), brightness, np.uint8))[1].tobytes()


def write_voices(folder: Path, name: str, labels: Sequence[str], split: str = "") -> None:
    """``more/<name>/speech.parquet``: a clip a label and speaker, of two speakers."""
    rows = [
        (voice(number), label, name, f"{name}_{speaker}", split)
        for speaker in ("A", "B")
        for number, label in enumerate(labels)
    ]
    _write(folder / "more" / name / "speech.parquet", rows, ("audio", "label", "source", "speaker", "split"))


def write_texts(folder: Path, name: str, rows: Sequence[tuple[str, str, str, str]], source: str = "") -> None:
    """``more/<name>/text.parquet`` of (text, label, sentiment, split)."""
    table = [(text, label, sentiment, source or name, split) for text, label, sentiment, split in rows]
    columns = ("text", "label", "sentiment", "source", "split")
    _write(folder / "more" / name / "text.parquet", table, columns)


def write_aligned(folder: Path, clips: Sequence[tuple[str, str, str]], name: str = "javanese") -> None:
    """``aligned/<name>/``: for each (clip, label, split) three faces, told apart by brightness, and a voice."""
    source = f"{name}_av"
    faces = [
        (face(40 * moment + 20), label, source, clip[:9], split, clip, position)
        for clip, label, split in clips
        for moment, position in enumerate((0.1, 0.5, 0.9))
    ]
    place = folder / "aligned" / name
    columns = ("image", "label", "source", "subject", "split", "clip", "position")
    _write(place / "faces.parquet", faces, columns)
    voices = [(voice(n), label, source, clip[:9], "", split, clip) for n, (clip, label, split) in enumerate(clips)]
    _write(place / "speech.parquet", voices, ("audio", "label", "source", "speaker", "text", "split", "clip"))


def write_votes(folder: Path, votes: dict[int, dict[str, int]]) -> None:
    """``faces_votes.parquet``: counts of the columns named, by row of ``faces.parquet``."""
    rows = [(row, *(counts.get(column, 0) for column in COLUMNS)) for row, counts in votes.items()]
    _write(folder / "faces_votes.parquet", rows, ("faces_row", *COLUMNS))


def write_human(folder: Path, pairs: dict[tuple[str, str], str], clips: int = 20) -> None:
    """``human/cremad_votes.parquet``: ``clips`` clips of each pair of face and voice, all voters of one mind."""
    rows = []
    everything = [*((label, label, label) for label in VOTED), *((f, v, both) for (f, v), both in pairs.items())]
    for kind, (seen, heard, both) in enumerate(everything):
        for clip in range(clips):
            for mode, label in (("face", seen), ("voice", heard), ("voice+face", both)):
                counts = [10 * (label == option) for option in VOTED]
                rows.append((f"{kind:02d}_{clip:02d}", mode, *counts))
    _write(folder / "human" / "cremad_votes.parquet", rows, ("clip", "mode", *VOTED))


def _write(path: Path, rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=list(columns)).to_parquet(path)
