"""Descriptions of black boxes for the pages' tests."""

from __future__ import annotations

from pathlib import Path

BOX = '''
import numpy as np


def ask(text, image, audio):
    """Prouder with "happy", with a bright face and a loud voice."""
    score = -1.0 + 2.0 * (text or "").count("happy")
    score += 0.0 if image is None else image.mean() / 128
    score += 0.0 if audio is None else 5 * float(np.abs(audio).mean())
    chance = 1 / (1 + np.exp(-score))
    return {"proud": chance, "bored": 1 - chance}
'''


def write_box(folder: Path) -> Path:
    """A ``predictor.yaml`` that names a function of a few lines with two labels of its own."""
    (folder / "box.py").write_text(BOX, encoding="utf-8")
    path = folder / "predictor.yaml"
    path.write_text("kind: function\nfunction: box.py:ask\nname: black box\nlabels: [proud, bored]\n", "utf-8")
    return path
