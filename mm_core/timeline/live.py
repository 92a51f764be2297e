"""A stream as it comes: camera and microphone of one person, and the window that ends now."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.samples.limits import SAMPLE_RATE
from mm_core.timeline.faces import FaceTracker
from mm_core.timeline.film import Frame
from mm_core.timeline.options import Options
from mm_core.timeline.reference import Reference
from mm_core.timeline.windows import Cut, WindowCutter

SHOWN_SECONDS: Final = 60.0
"""Of a stream that are drawn; older windows are forgotten."""

NORMAL_SECONDS: Final = 6.0
"""Seconds of speech, the first ones, that are taken for the person's normal voice until they choose others."""

LATE_SECONDS: Final = 0.75
"""By which sound may lag behind before silence is put in for what was lost on the way."""


class LiveStream:
    """Pictures and sound with the seconds at which they came; only one window's worth is held.

    Sound and pictures come on ways of their own, so a window is what has come by the time that it is asked for.
    """

    def __init__(self, options: Options | None = None, tracker: FaceTracker | None = None) -> None:
        self.options = options or Options()
        self.reference = Reference(enough=NORMAL_SECONDS, fresh=math.inf)
        self._cutter = WindowCutter(self.options, self.reference, (), tracker)
        self._heard = False

    def picture(self, pixels: NDArray[np.uint8], now: float) -> None:
        """A picture (H, W, 3) uint8 RGB of the camera."""
        self._cutter.picture(Frame(now, now, pixels))
        self._cutter.forget(now - self.options.length)

    def sound(self, piece: NDArray[np.float32], now: float) -> None:
        """A piece of sound (T,) mono 16 kHz that ends now."""
        missing = now - self._cutter.heard_seconds - len(piece) / SAMPLE_RATE
        if not self._heard or missing > LATE_SECONDS:
            self._cutter.skip(max(0.0, missing))
            self._heard = True
        self._cutter.sound(piece)
        self._cutter.forget(self._cutter.heard_seconds - self.options.length - LATE_SECONDS)

    def normal(self) -> bool:
        """Take the speech of the last seconds for the person's normal voice; whether there was any."""
        return self.reference.take()

    def window(self, now: float) -> Cut:
        """The window that ends now, or with what was heard last."""
        end = min(now, self._cutter.heard_seconds) if self._heard else now
        return self._cutter.between(max(0.0, end - self.options.length), max(end, 1e-3))
