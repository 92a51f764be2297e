"""Making Evidence: a sample, a model and the explanations asked for."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.encoders.audio import SAMPLE_RATE, LogMel
from mm_core.evidence.record import Evidence, Inputs, Pair
from mm_core.explain.methods import METHODS, relevance
from mm_core.explain.records import Relevance
from mm_core.explain.trace import Trace, as_array
from mm_core.labels import MODALITIES
from mm_core.model import Encoded, TriadModel
from mm_core.prediction import Prediction
from mm_core.presets import AudioConfig
from mm_core.samples import InvalidInput, Sample

QUICK = ("gradient_x_input",)
"""Methods that cost one backward pass for all modalities together."""


class Case:
    """One sample and one model, encoded once; asking for more explains from the same encoding.

    A case holds the inputs and the graph in memory and is never saved; what it makes is Evidence.
    """

    def __init__(self, model: TriadModel, sample: Sample) -> None:
        started = time.perf_counter()
        self.model = model
        self.trace = Trace(model, sample)
        self.encoding_milliseconds = _since(started)
        self.sample = sample

    def evidence(
        self,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
    ) -> Evidence:
        """The record for one class, by default the predicted one.

        ``methods``: names from METHODS (default: the quick ones and each modality's default). InvalidInput for a task,
        label or method that there is not.
        """
        started = time.perf_counter()
        coalitions = self.trace.coalitions()
        timings = {"encode": self.encoding_milliseconds, "coalitions": _since(started)}
        prediction = self._prediction(timings)
        if task not in coalitions.labels:
            raise InvalidInput(f"There is no task called {task!r}; use {' or '.join(coalitions.labels)}.")
        chosen = label or getattr(prediction, task).label
        if chosen not in coalitions.labels[task]:
            raise InvalidInput(f"There is no {task} called {chosen!r}; use {', '.join(coalitions.labels[task])}.")
        started = time.perf_counter()
        attention = self._attention()
        timings["attention"] = _since(started)
        started = time.perf_counter()
        maps = self._maps(task, chosen, methods)
        timings["relevance"] = _since(started)
        return Evidence(
            prediction=prediction,
            digests=self.sample.digests(),
            task=task,
            label=chosen,
            coalitions=coalitions,
            units={m: strand.units for m, strand in self.trace.strands.items()},
            attention=attention,
            relevance=maps,
            defaults=dict.fromkeys(self.trace.present, QUICK[0]),
            timings=timings,
            versions=_versions(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            inputs=self.inputs() if keep_inputs else None,
        )

    def inputs(self) -> Inputs:
        """What was given of each present modality, for display."""
        picture = self.sample.image if "image" in self.trace.present else None
        clip = self.sample.audio if "audio" in self.trace.present else None
        mel, hop, hertz = (None, 0.0, None) if clip is None else spectrogram(clip.waveform)
        return Inputs(
            text=self.sample.text if "text" in self.trace.present else None,
            pixels=None if picture is None else picture.pixels,
            face=None if picture is None or picture.face is None else tuple(picture.face),  # type: ignore[arg-type]
            waveform=None if clip is None else clip.waveform,
            waveform_start=0.0 if clip is None else clip.start,
            spectrogram=mel,
            spectrogram_hop=hop,
            spectrogram_hertz=hertz,
        )

    def _prediction(self, timings: dict[str, float]) -> Prediction:
        trace, model = self.trace, self.model
        presence = trace.presence([trace.present])
        with torch.no_grad():
            answers = model.probabilities(trace.answers, presence)
        batches = {m: strand.batch for m, strand in trace.strands.items()}
        (noted,) = model.noted([self.sample], Encoded(trace.tokens, presence, batches))
        return model.prediction(noted, answers, 0, sum(timings.values()))

    def _attention(self) -> dict[Pair, NDArray[np.float32] | None]:
        pairs: list[Pair] = [(q, k) for q in MODALITIES for k in MODALITIES if q != k]
        maps = self.trace.answers.fused.attention
        found: dict[Pair, NDArray[np.float32] | None] = dict.fromkeys(pairs)
        for pair in pairs:
            if maps is not None and pair[0] in self.trace.present and pair[1] in self.trace.present:
                found[pair] = as_array(torch.cat([layer.detach() for layer in maps[pair]]))
        return found

    def _maps(self, task: str, label: str, methods: Sequence[str] | None) -> tuple[Relevance, ...]:
        target = self.trace.target(task, label)
        unknown = set(methods or ()) - set(METHODS)
        if unknown:
            raise InvalidInput(f"There is no method called {min(unknown)!r}; use {', '.join(METHODS)}.")
        return tuple(
            relevance(self.trace, modality, target, method)
            for modality in self.trace.present
            for method in dict.fromkeys(methods or QUICK)
        )


def explain(
    model: TriadModel,
    sample: Sample,
    label: str | None = None,
    task: str = "emotion",
    methods: Sequence[str] | None = None,
    keep_inputs: bool = True,
) -> Evidence:
    """Explain one sample: ``Case(model, sample).evidence(...)``."""
    return Case(model, sample).evidence(label, task, methods, keep_inputs)


def spectrogram(waveform: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, NDArray[np.float32]]:
    """Log-mel spectrogram (frames, F) for display, seconds a frame, and the centre of each band in hertz (F,)."""
    config = AudioConfig()
    log_mel = LogMel(config)
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, config.fft // 2 + 1)  # (bins,)
    filters = log_mel.filters.numpy()
    centres = (hertz[:, None] * filters).sum(0) / filters.sum(0)
    return as_array(log_mel(torch.from_numpy(waveform))), config.hop / SAMPLE_RATE, centres.astype(np.float32)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("triad", "torch", "transformers", "numpy", "captum"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _since(started: float) -> float:
    return 1000.0 * (time.perf_counter() - started)
