"""Changes to a Sample for what-if questions: masked words, a covered region, a muted moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.encoders.clips import NOISE_FLOOR
from mm_core.explain.records import Segments
from mm_core.labels import MODALITIES
from mm_core.samples import Box, InvalidInput, Sample
from mm_core.samples.limits import SAMPLE_RATE

_FRAME: Final = 320
"""Samples (20 ms) of a frame when a clip's noise floor is measured; also the fade at the ends of a mute."""


def mask_words(sample: Sample, units: Segments, words: Sequence[int | str], mask_token: str) -> Sample:
    """Put the text encoder's mask token in the place of words, each named by its index among the units or by itself
    (then all its occurrences, whatever their case)."""
    chosen: set[int] = set()
    for word in words:
        if isinstance(word, str):
            found = {index for index, label in enumerate(units.labels) if label.lower() == word.lower()}
        else:
            found = {int(word)} if 0 <= int(word) < len(units) else set()
        if not found:
            raise InvalidInput(f"There is no word {word!r} among the {len(units)} words read. Choose one of them.")
        chosen |= found
    if not chosen:
        raise InvalidInput("No word was named. Name at least one word to mask.")
    text = sample.text or ""
    for index in sorted(chosen, reverse=True):
        start, end = (int(place) for place in units.spans[index])
        text = text[:start] + mask_token + text[end:]
    return sample.replace(text=text)


def mask_region(sample: Sample, region: Sequence[float]) -> Sample:
    """Cover left, top, right, bottom (pixels of ``Picture.upright``) with the face's mean colour."""
    if sample.image is None:
        raise InvalidInput("There is no picture to cover. Give one first.")
    height, width = sample.image.pixels.shape[:2]
    if len(region) != 4 or not np.isfinite(region).all():
        raise InvalidInput("A region has four numbers: left, top, right, bottom, in pixels of the picture.")
    box = Box(
        max(0, round(region[0])),
        max(0, round(region[1])),
        min(width, round(region[2])),
        min(height, round(region[3])),
    )
    if box.right <= box.left or box.bottom <= box.top:
        raise InvalidInput(f"The region lies outside the picture, which is {width} by {height} pixels. Move it.")
    pixels = sample.image.upright.copy()
    colour = sample.image.crop().reshape(-1, 3).mean(0)
    pixels[box.top : box.bottom, box.left : box.right] = np.round(colour).astype(np.uint8)
    return sample.replace(image=replace(sample.image, pixels=pixels, turn=0.0, faces=()))


def mute(sample: Sample, start: float, end: float) -> Sample:
    """Bring the clip down to its noise floor between two seconds of the clip as given, with short fades."""
    if sample.audio is None:
        raise InvalidInput("There is no voice to mute. Give one first.")
    clip = sample.audio
    bounds = np.array([start - clip.start, end - clip.start])
    if not np.isfinite(bounds).all() or bounds[0] >= bounds[1] or bounds[1] <= 0 or bounds[0] >= clip.seconds:
        first, last = clip.start, clip.start + clip.seconds
        raise InvalidInput(f"Nothing to mute there: the voice runs from {first:.2f} to {last:.2f} seconds.")
    low, high = (bounds * SAMPLE_RATE).round().astype(int).clip(0, len(clip.waveform))
    part = clip.waveform[low:high]
    waveform = clip.waveform.copy()
    waveform[low:high] = _quieted(part, noise_floor(clip.waveform))
    return sample.replace(audio=replace(clip, waveform=waveform))


def _quieted(part: NDArray[np.float32], floor: float) -> NDArray[np.float32]:
    """A stretch (T,) brought down to the noise floor, with short fades."""
    level = float(np.sqrt(np.square(part, dtype=np.float64).mean()))
    quiet = min(1.0, floor / level) if level > 0 else 1.0
    fade = min(_FRAME, len(part) // 2)
    gain = np.full(len(part), quiet, np.float32)
    gain[:fade] = np.linspace(1.0, quiet, fade)
    gain[len(part) - fade :] = np.linspace(quiet, 1.0, fade)
    return part * gain


def without_units(sample: Sample, units: Segments, removed: NDArray[np.bool_]) -> Sample:
    """The sample without the units of one modality that ``removed`` (U,) marks: words go with the space before them,
    patches are covered with the face's mean colour, moments are brought down to the noise floor."""
    if not removed.any():
        return sample
    return _REMOVERS[units.modality](sample, units.spans[removed])


def _without_words(sample: Sample, spans: NDArray[np.float64]) -> Sample:
    text = sample.text or ""
    for start, end in spans[::-1].astype(int):
        text = text[:start].rstrip() + text[end:]
    return sample.replace(text=text.strip())


def _without_patches(sample: Sample, spans: NDArray[np.float64]) -> Sample:
    picture = sample.image
    assert picture is not None
    pixels = picture.upright.copy()
    colour = np.round(picture.crop().reshape(-1, 3).mean(0)).astype(np.uint8)
    for left, top, right, bottom in np.round(spans).astype(int):
        pixels[top:bottom, left:right] = colour
    return sample.replace(image=replace(picture, pixels=pixels, turn=0.0, faces=()))


def _without_moments(sample: Sample, spans: NDArray[np.float64]) -> Sample:
    clip = sample.audio
    assert clip is not None
    waveform, floor = clip.waveform.copy(), noise_floor(clip.waveform)
    for low, high in np.round((spans - clip.start) * SAMPLE_RATE).astype(int).clip(0, len(waveform)):
        if high > low:
            waveform[low:high] = _quieted(clip.waveform[low:high], floor)
    return sample.replace(audio=replace(clip, waveform=waveform))


_REMOVERS: Final[dict[str, Callable[[Sample, NDArray[np.float64]], Sample]]] = {
    "text": _without_words,
    "image": _without_patches,
    "audio": _without_moments,
}


def noise_floor(waveform: np.ndarray) -> float:
    """Root mean square of the quiet frames of a waveform (T,)."""
    frames = len(waveform) // _FRAME
    if frames == 0:
        return 0.0
    power = np.square(waveform[: frames * _FRAME].reshape(frames, _FRAME), dtype=np.float64).mean(1)
    return float(np.sqrt(np.quantile(power, NOISE_FLOOR)))


def put(sample: Sample, new: Sample) -> Sample:
    """Put what ``new`` holds in the place of what is there, with its notices. Another voice is judged against the
    same reference, unless it brings its own."""
    changed = sample
    for modality in MODALITIES:
        content = getattr(new, modality)
        if content is not None:
            changed = changed.without(modality).replace(**{modality: content})
    if changed.audio is not None:
        changed = changed.replace(reference=new.reference or sample.reference)
    return changed.replace(notices=(*changed.notices, *new.notices), ignored=changed.ignored | new.ignored)
