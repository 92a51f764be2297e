"""Every limit of serving. Each constant carries its unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mm_core.samples import InvalidInput, Sample
from mm_core.samples.limits import MAX_AUDIO_SECONDS, MAX_PICTURE_SIDE, MAX_TEXT_CHARACTERS

MAX_TEXT_BYTES: Final = 2 * 1024**2
"""Of a form's text field; a longer text than the model reads is cut and said so, one longer than this is refused."""

MAX_FORM_OVERHEAD: Final = 64 * 1024
"""Bytes of boundaries, headers and short fields beside the texts and files of one form."""

MAX_FORM_FIELDS: Final = 16
"""Parts of one form that are not files."""

MAX_READING_SECONDS: Final = 60.0
"""Wall-clock seconds in which a form must have arrived."""

LINGER_SECONDS: Final = 2.0
"""Seconds for which the rest of a refused upload is read and dropped, so that the sender sees the answer."""


def max_form_bytes(files: Iterable[int]) -> int:
    """Bytes of a whole form whose files have at most these sizes."""
    return sum(files) + MAX_TEXT_BYTES + MAX_FORM_OVERHEAD


@dataclass(frozen=True)
class Limits:
    """How the one worker is shared.

    max_batch: cases in one forward pass. window: seconds to wait for cases that are still being decoded. capacity:
    requests being decoded or waiting, in each lane: answers, and explanations with what takes as long. patience:
    seconds of expected wait from which a new request is turned away, unless nothing waits. long_patience: the same
    for explanations, where it is longer. deadline: seconds until an answer must be there, from submission.
    stuck_after: seconds of one forward pass from which the model counts as hanging.
    """

    max_batch: int = 16
    window: float = 0.01
    capacity: int = 64
    patience: float = 1.5
    long_patience: float = 10.0
    deadline: float = 30.0
    stuck_after: float = 60.0

    def __post_init__(self) -> None:
        if self.max_batch < 1 or self.capacity < 1:
            raise ValueError("max_batch and capacity must be at least 1")
        if self.window < 0 or min(self.patience, self.long_patience, self.deadline, self.stuck_after) <= 0:
            raise ValueError("window must not be below 0 seconds; patience, deadline and stuck_after must be above 0")

    @classmethod
    def unbatched(cls) -> Limits:
        """One case at a time, nothing waited for."""
        return cls(max_batch=1, window=0.0)


def check_size(sample: Sample) -> None:
    """InvalidInput where a sample that came from a record that somebody sends is larger than what ``Sample.read``
    gives, or holds no numbers."""
    sides = (0,) if sample.image is None else sample.image.pixels.shape[:2]
    crop = 1 if sample.image is None else sample.image.crop().size
    clips = [clip for clip in (sample.audio, sample.reference) if clip is not None]
    heard = all(0 < clip.seconds <= MAX_AUDIO_SECONDS and np.isfinite(clip.waveform).all() for clip in clips)
    fits = len(sample.text or "") <= MAX_TEXT_CHARACTERS and max(sides) <= MAX_PICTURE_SIDE and crop > 0
    if not fits or not heard:
        raise InvalidInput("The inputs in this record are larger than this app reads, or damaged. Give them anew.")
