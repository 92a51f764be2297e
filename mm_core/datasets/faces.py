"""FER2013 and muxspace's facial_expressions, as people download them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.files import inside, required, table_rows
from mm_core.datasets.media import jpeg, png, reduced
from mm_core.datasets.rows import COMMON_NAMES, ImportReport, Row
from mm_core.samples import InvalidInput
from mm_core.samples.image import read_picture

FER_LABELS: Final = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
"""FER2013's numbers 0 to 6."""

_FER_SPLITS: Final = {"training": "train", "publictest": "valid", "privatetest": "test"}
_FER_SIDE: Final = 48
_BLANK: Final = 2.0
"""Grey levels of standard deviation under which a picture shows nothing."""

_MUXSPACE_SIDE: Final = 112
_IDENTITY: Final = re.compile(r"(?P<name>[A-Za-z].*)_\d{4}\.\w+")
"""Labeled Faces in the Wild's file names: the person, then the picture's number."""


def fer2013(source: Path, findings: ImportReport) -> Iterator[Row]:
    """``fer2013.csv`` (emotion, pixels, Usage), or Kaggle's ``icml_face_data.csv`` (Goodfellow et al., 2013)."""
    path = required(source, "fer2013.csv", "icml_face_data.csv", "fer2013/fer2013.csv")
    for number, cells in table_rows(path, ("emotion", "pixels", "usage")):
        where = f"row {number}"
        if cells.get("emotion") not in {str(index) for index in range(len(FER_LABELS))}:
            findings.problem(where, "emotion", "The emotion must be a number from 0 to 6.")
            continue
        split = _FER_SPLITS.get(cells.get("usage", "").lower())
        if split is None:
            findings.problem(where, "Usage", "Usage must be Training, PublicTest or PrivateTest.")
            continue
        pixels = _square(cells["pixels"])
        if pixels is None:
            findings.problem(where, "pixels", f"There must be {_FER_SIDE**2} numbers from 0 to 255.")
        elif pixels.std() < _BLANK:
            findings.problem(where, "pixels", "The picture is blank.")
        else:
            yield Row("image", png(pixels), FER_LABELS[int(cells["emotion"])], "fer2013", split=split)


def _square(text: str) -> NDArray[np.uint8] | None:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except ValueError:
        return None
    if len(values) != _FER_SIDE**2 or values.min() < 0 or values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(_FER_SIDE, _FER_SIDE)


def muxspace(source: Path, findings: ImportReport) -> Iterator[Row]:
    """github.com/muxspace/facial_expressions: ``data/legend.csv`` (user.id, image, emotion) and ``images/``.

    Grey, since colour would tell the film stills, which hold most of the disgust, from the news photos.
    """
    legend = required(source, "data/legend.csv", "legend.csv")
    folder = next((f for f in (source / "images", source / "data" / "images") if f.is_dir()), legend.parent)
    for number, cells in table_rows(legend, ("image", "emotion")):
        where, raw = f"row {number}", cells.get("emotion", "").lower()
        label = COMMON_NAMES.get(raw, raw)
        if label == "contempt":
            findings.remark("picture of contempt left out: it is none of the seven emotions")
            continue
        if label not in FER_LABELS:
            findings.problem(where, "emotion", "The emotion is none that the source's description names.")
            continue
        try:
            pixels = read_picture(inside(folder, cells.get("image", "")))
        except InvalidInput as error:
            findings.problem(where, "image", str(error))
            continue
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        named = _IDENTITY.fullmatch(cells["image"])
        person = hashlib.sha256(named["name"].lower().encode()).hexdigest()[:12] if named else ""
        yield Row("image", jpeg(reduced(grey, _MUXSPACE_SIDE)), label, "muxspace", group=person)
