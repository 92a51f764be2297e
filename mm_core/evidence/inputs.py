"""What was given: from a Sample into a record for display, and back for another run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence.record import Evidence, Inputs
from mm_core.samples import Box, Clip, InvalidInput, Picture, Sample
from mm_core.samples.limits import SAMPLE_RATE


def inputs_of(sample: Sample) -> Inputs:
    """What was given of each present modality."""
    picture = sample.image if "image" in sample.present else None
    clip = sample.audio if "audio" in sample.present else None
    reference = sample.reference if sample.referenced else None
    mel, hop, hertz = (None, 0.0, None) if clip is None else spectrogram(clip.waveform)
    face = None if picture is None else picture.face
    return Inputs(
        text=sample.text if "text" in sample.present else None,
        pixels=None if picture is None else picture.upright,
        face=None if face is None else (int(face.left), int(face.top), int(face.right), int(face.bottom)),
        waveform=None if clip is None else clip.waveform,
        waveform_start=0.0 if clip is None else clip.start,
        spectrogram=mel,
        spectrogram_hop=hop,
        spectrogram_hertz=hertz,
        reference=None if reference is None else reference.waveform,
        reference_start=0.0 if reference is None else reference.start,
        reference_seconds=0.0 if reference is None else reference.given_seconds,
    )


def sample_of(evidence: Evidence) -> Sample:
    """The Sample that a record with kept inputs was made from; InvalidInput where they were not kept or are not what
    the record's digests say."""
    given = evidence.inputs
    if given is None:
        raise InvalidInput(
            "The inputs were not kept with this case, so only taking modalities away can be tried. "
            "Explain the case again, or keep the inputs when saving."
        )
    picture = clip = reference = None
    if given.pixels is not None:
        picture = Picture(given.pixels, None if given.face is None else Box(*given.face))
    if given.waveform is not None and "audio" in evidence.units:
        clip = Clip(given.waveform, given.waveform_start, evidence.units["audio"].extent[0])
    if given.reference is not None:
        reference = Clip(given.reference, given.reference_start, given.reference_seconds)
    sample = Sample(given.text, picture, clip, reference=reference)
    if sample.digests() != evidence.digests:
        raise InvalidInput("The inputs kept with this case are not the ones that were explained.")
    return sample


def spectrogram(waveform: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, NDArray[np.float32]]:
    """Log-mel spectrogram (frames, F) for display, seconds a frame, and the centre of each band in hertz (F,)."""
    # Whoever only takes a record up again must not wait for torch.
    import torch

    from mm_core.encoders.mel import LogMel, MelConfig

    config = MelConfig()
    log_mel = LogMel(config)
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, config.fft // 2 + 1)  # (bins,)
    filters = log_mel.filters.numpy()  # (bins, F)
    centres = (hertz[:, None] * filters).sum(0) / filters.sum(0)
    with torch.no_grad():
        mel = log_mel(torch.from_numpy(np.ascontiguousarray(waveform))).numpy()
    return mel, config.hop / SAMPLE_RATE, centres.astype(np.float32)
