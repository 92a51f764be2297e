"""A live stream: what the window that ends now holds, and that nothing older is kept."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.samples.image import Box, Face
from mm_core.timeline.faces import FaceTracker
from mm_core.timeline.live import LiveStream
from tests.timeline.films import plain, voice

RATE = 16_000
FACE = Face(Box(10, 10, 50, 50))


def stream() -> LiveStream:
    return LiveStream(tracker=FaceTracker(lambda pixels: (FACE,)))


def test_the_window_is_what_came_in_the_last_two_seconds():
    live, wave = stream(), voice(6.0)
    for tick in range(1, 13):
        now = tick / 2
        live.picture(plain((tick * 10, 0, 0)), now)
        live.sound(wave[round((now - 0.5) * RATE) : round(now * RATE)], now)
    cut = live.window(6.0)
    assert (cut.start, cut.end) == (4.0, 6.0)
    assert cut.sample.present == ("image", "audio")
    start = round((4.0 + cut.sample.audio.start) * RATE)
    assert cut.sample.audio.waveform[:100] == pytest.approx(wave[start : start + 100], abs=1e-6)
    assert 4.0 <= cut.shown_at < 6.0


def test_memory_stays_flat_over_ten_minutes():
    live = stream()
    piece = np.full(RATE // 2, 0.01, np.float32)
    live.reference.hear = lambda sound: None
    for tick in range(1, 1201):
        live.picture(plain((9, 9, 9)), tick / 2)
        live.sound(piece, tick / 2)
    assert len(live._cutter._sound) <= 4 * RATE
    assert len(live._cutter._pictures) <= 6


def test_a_microphone_that_starts_late_or_pauses_keeps_its_time():
    live = stream()
    live.sound(np.full(RATE, 0.5, np.float32), 31.0)
    assert live._cutter.heard_seconds == pytest.approx(31.0)
    live.sound(np.full(RATE // 2, 0.5, np.float32), 33.0)
    cut = live.window(33.0)
    assert (cut.start, cut.end) == (31.0, 33.0)
    held = live._cutter._sound[-2 * RATE :]
    assert not held[: RATE - 100].any(), "what was lost is silence"
    assert (held[-RATE // 2 :] == 0.5).all()


def test_a_camera_alone_and_a_microphone_alone():
    camera = stream()
    camera.picture(plain((9, 9, 9)), 1.0)
    assert camera.window(1.5).sample.present == ("image",)
    microphone = stream()
    microphone.sound(voice(2.0), 2.0)
    assert microphone.window(2.1).sample.present == ("audio",)
    assert stream().window(1.0).sample is None


def test_the_normal_voice_is_taken_when_asked(monkeypatch):
    monkeypatch.setattr("mm_core.timeline.reference._is_speech", lambda piece: True)
    live = stream()
    assert not live.normal()
    live.sound(voice(3.0, "voice-neutral.flac"), 3.0)
    assert live.normal()
    assert live.reference.clip.seconds == pytest.approx(3.0)
    assert live.window(3.0).sample.reference is live.reference.clip
