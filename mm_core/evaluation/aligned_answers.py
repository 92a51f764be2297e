"""Answers to clips of one person's face and voice together, which no composing had a hand in.

The face is the moment nearest to the middle of a clip, cropped as a visitor's picture is; the voice is the whole
sound. The same clips are also answered by face alone, by voice alone, and with neutral words beside both, which
should change nothing.

Shapes: N clips, C classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from mm_core.datasets.aligned import PAIR, AlignedClips, read_aligned
from mm_core.datasets.bank import contents
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.readings import Readings, logits_of, read_rows
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, coalition_name
from mm_core.predictors import Predictor
from mm_core.samples.faces import locate
from mm_core.samples.stored import decode_face

NEUTRAL_SENTENCES: Final = (
    "The dogs are sitting by the door.",
    "The keys are on the table.",
    "The train leaves at ten past four.",
    "There are two chairs in the room.",
    "The shop on the corner opens at nine.",
    "I put the book back on the shelf.",
    "The bus stops in front of the library.",
    "We are having soup and bread for lunch.",
    "The window faces the street.",
    "The meeting is on Tuesday.",
)
"""Words without emotion. The first follows one of the two sentences that RAVDESS' actors speak; the others were
written for this."""

SETS: Final = (*((m,) for m in PAIR), PAIR, MODALITIES)


def answer_aligned(
    model: Predictor, data: Path, split: str, *, quiet: bool = False
) -> dict[str, dict[str, list[Answers]]]:
    """``answers[task][set]``: one entry an aligned corpus with clips of that split; empty where there is none."""
    answers: dict[str, dict[str, list[Answers]]] = {"emotion": {}, "sentiment": {}, "agreement": {}}
    for clips in read_aligned(data, model.labels, split):
        readings = _read(model, clips, quiet=quiet)
        for members in SETS:
            for task, given in _answers(model, clips, readings, members).items():
                answers[task].setdefault(coalition_name(members), []).append(given)
    return answers


def _read(model: Predictor, clips: AlignedClips, *, quiet: bool) -> dict[str, Readings]:
    inputs: dict[str, list[Any]] = {
        "text": [NEUTRAL_SENTENCES[i % len(NEUTRAL_SENTENCES)] for i in range(len(clips))],
        "image": [_face(data) for data in clips.image.content],
        "audio": contents(clips.audio),
    }
    return {
        m: read_rows(model, m, given, label=f"reading {clips.source}, {m}", quiet=quiet)
        for m, given in inputs.items()
    }


def _face(data: bytes) -> np.ndarray:
    """The face as the page would cut it out (h, w, 3); the whole crop where no face is found in it."""
    return locate(decode_face(data)).crop()


def _answers(
    model: Predictor, clips: AlignedClips, readings: dict[str, Readings], members: tuple[str, ...]
) -> dict[str, Answers]:
    rows = {m: np.arange(len(clips)) for m in members}
    logits = logits_of(model, readings, rows)
    source = np.full(len(clips), clips.source)
    groups = [np.char.add("speaker:", clips.audio.group.astype(str))]
    signs = np.zeros((len(clips), len(SENTIMENTS)), np.float32)
    signed = clips.audio.sentiment >= 0
    signs[np.flatnonzero(signed), clips.audio.sentiment[signed]] = 1.0
    found = {"emotion": Answers(members, logits.emotion, clips.targets, source, groups, rows)}
    if logits.sentiment is not None:
        found["sentiment"] = Answers(members, logits.sentiment, signs, source, groups, rows)
    if logits.agreement is not None and members == PAIR:
        same = np.full((len(clips), len(PAIRS)), -1, np.float32)
        same[:, PAIRS.index(PAIR)] = 1.0
        found["agreement"] = Answers(members, logits.agreement, same, source, groups, rows)
    return found
