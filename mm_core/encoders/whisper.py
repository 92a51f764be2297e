"""Audio encoder on the lower layers of a Whisper-type model (Radford et al., 2022), which hear how something is said.

Higher layers keep what was said and drop the speaker; the lower ones still hold pitch, loudness and voice quality.
A clip is read at its own length, not padded to 30 s, and may be judged relative to the speaker's normal voice. What
is said of a clip comes from its states' means and standard deviations over time, as their differences from those of
a normal voice: with a few thousand acted clips to learn from, that holds better for other speakers than a network
over time, and better than differences in units of each voice's own variation.

Shapes: B clips, W windows a clip, N windows of all clips, T log-mel frames (10 ms) and t states (20 ms) a window,
F mel bands, K hidden width, S layers whose statistics are read, L tokens, D width (= K).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.audio_utils import mel_filter_bank
from transformers.models.whisper.modeling_whisper import WhisperEncoder as Backbone
from transformers.models.whisper.modeling_whisper import WhisperEncoderLayer

from mm_core.encoders.augment import excerpt, mixed, recording
from mm_core.encoders.base import Batch, Condensed, Encoder, TowerConfig
from mm_core.encoders.checks import require
from mm_core.encoders.clips import levelled, noise_floor, stack_windows
from mm_core.encoders.removal import Removable
from mm_core.encoders.tokens import Span, Tokens
from mm_core.encoders.voice_statistics import mean_and_std
from mm_core.encoders.whisper_layers import Moments, Projected, projections, runs_without_gradients, states_after
from mm_core.samples import InvalidInput
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.samples.reference import VoiceInput

FFT: Final = 400
HOP: Final = 160
"""Samples of a spectrum and between two, as Whisper was trained."""

FRAMES_PER_STATE: Final = 2
"""The second convolution's stride."""

LOCAL_SHARE: Final = 0.5
"""Weight of a moment's own states in its token, beside the clip's summary."""

_SLACK: Final = 1e-2
"""Added to deviations, so that a dimension that hardly moves is not blown up."""

_AT_ONCE: Final = 16
"""Clips that are read for their statistics in one pass."""

Voice: TypeAlias = NDArray[np.float32] | VoiceInput


@dataclass(frozen=True)
class WhisperConfig(TowerConfig):
    """The lower layers of a Whisper-type encoder.

    source: hub name or folder of the base weights. layers: how many encoder layers are kept. statistic_layers: after
    which layers (from 1) mean and deviation are read; the last is the last kept. hidden: width inside of the
    summary's network; input_dropout and dropout: before it and in it. pool: states a token. nuisance: directions in
    which calm speakers and their microphones differ most, that the summary does not see.
    tune_backbone: whether training changes the base weights.
    """

    source: str = "openai/whisper-base"
    layers: int = 3
    statistic_layers: tuple[int, ...] = (1, 2, 3)
    hidden: int = 256
    pool: int = 4
    input_dropout: float = 0.4
    dropout: float = 0.5
    nuisance: int = 10
    tune_backbone: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "statistic_layers", tuple(self.statistic_layers))
        rising = sorted(set(self.statistic_layers)) == list(self.statistic_layers)
        require(
            rising and len(self.statistic_layers) > 0 and self.statistic_layers[0] >= 1,
            "statistic_layers must rise, from 1 on",
        )
        require(
            self.statistic_layers[-1] == self.layers, f"statistic_layers must end with the last layer, {self.layers}"
        )
        require(self.pool >= 1 and self.hidden >= 1, "pool and hidden must be at least 1")

    def based_on(self, source: str) -> Self:
        return dataclasses.replace(self, source=source)


@dataclass(frozen=True, eq=False)
class WhisperBatch(Batch):
    """mel (B, W, T, F) float, zero where masked; mask (B, W, T) bool; starts (B, W): first frame of each window in
    its clip. reference (B, 2, S, K): means and deviations of the voice that each clip is judged against."""

    mel: Tensor
    mask: Tensor
    starts: Tensor
    reference: Tensor


class LogMel(nn.Module):
    """Waveform (T,) float32 at 16 kHz to the log-mel frames (frames, F) that Whisper reads, at one level."""

    filters: Tensor  # (bins, F)
    window: Tensor  # (FFT,)

    def __init__(self, bands: int) -> None:
        super().__init__()
        bank = mel_filter_bank(
            FFT // 2 + 1, bands, 0.0, SAMPLE_RATE / 2, SAMPLE_RATE, norm="slaney", mel_scale="slaney"
        )
        self.register_buffer("filters", torch.from_numpy(bank).float(), persistent=False)
        self.register_buffer("window", torch.hann_window(FFT), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        waveform = nn.functional.pad(waveform, (0, max(0, FFT - waveform.shape[0])))
        spectrum = torch.stft(levelled(waveform), FFT, HOP, window=self.window, return_complex=True)
        power = spectrum[:, :-1].abs().square().transpose(0, 1)  # (frames, bins)
        mel = (power @ self.filters).clamp(min=1e-10).log10()
        return (mel.clamp(min=float(mel.max()) - 8.0) + 4.0) / 4.0


class WhisperEncoder(Encoder[WhisperConfig, WhisperBatch]):
    """Waveforms in, one token for every ``pool`` states of each window out: (B, L, D).

    Each token is the clip's summary, relative to a reference, and a share of what is special about that moment; over
    a clip's tokens these shares cancel, so that their mean is the summary. The reference is the speaker's normal
    voice, where an input (``VoiceInput``) brings one, or else the typical voice of the training speakers.
    """

    modality = "audio"
    kind = "whisper"
    config_type = WhisperConfig
    reads_reference = True

    typical: Tensor  # (2, S, K)
    scale: Tensor  # (2, S, K)
    nuisance: Tensor  # (nuisance, 2 S K), orthonormal or zero

    def __init__(self, config: WhisperConfig, backbone: Backbone) -> None:
        super().__init__()
        self.config = config
        self.backbone = backbone.requires_grad_(config.tune_backbone)
        backbone.embed_positions.requires_grad_(False)
        self.width = backbone.config.d_model
        self.log_mel = LogMel(backbone.config.num_mel_bins)
        per_token = FRAMES_PER_STATE * config.pool
        # Whole tokens only, so that a window's last token never mixes with padding.
        self.max_frames = backbone.config.max_source_positions // config.pool * per_token
        read = (2, len(config.statistic_layers), self.width)
        self.register_buffer("typical", torch.zeros(read))
        self.register_buffer("scale", torch.ones(read))
        self.register_buffer("nuisance", torch.zeros(config.nuisance, math.prod(read)))
        self.summary = nn.Sequential(
            nn.Dropout(config.input_dropout),
            nn.Linear(math.prod(read), config.hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, self.width),
        )

    @classmethod
    def from_pretrained(cls, config: WhisperConfig) -> Self:
        """Take the lower layers of ``config.source``: a hub name or a folder in the hub's format."""
        backbone = AutoModel.from_pretrained(config.source, dtype=torch.float32).get_encoder()
        if not isinstance(backbone, Backbone):
            raise InvalidInput("The voice tower needs a Whisper-type base, such as openai/whisper-base.")
        if len(backbone.layers) < config.layers:
            raise InvalidInput(f"This base has only {len(backbone.layers)} encoder layers; keep at most as many.")
        backbone.config.encoder_layers = config.layers
        backbone.layers = backbone.layers[: config.layers]
        return cls(config, _without_last_norm(backbone))

    @classmethod
    def from_folder(cls, config: WhisperConfig, folder: Path) -> Self:
        return cls(config, _without_last_norm(Backbone(AutoConfig.from_pretrained(folder))))

    def save_structure(self, folder: Path) -> None:
        """Write the backbone's configuration, with as many encoder layers as are kept."""
        folder.mkdir(parents=True, exist_ok=True)
        self.backbone.config.save_pretrained(folder)

    def prepare(self, inputs: Sequence[Voice]) -> WhisperBatch:
        """Waveforms (T,) float32 at 16 kHz, alone or with references (``VoiceInput``); clips of more than 30 s are
        cut into equal windows. References are read here, once: nothing of them is explained or trained."""
        voices = [_voice(given) for given in inputs]
        return self._batch([self._log_mel(voice.waveform) for voice in voices], voices)

    def _log_mel(self, waveform: NDArray[np.float32]) -> Tensor:
        """(frames, F)"""
        with torch.no_grad():
            return self.log_mel(torch.from_numpy(np.ascontiguousarray(waveform)).to(self.log_mel.window.device))

    def _windows(self, mels: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        return stack_windows(mels, self.max_frames, FRAMES_PER_STATE * self.config.pool)

    def _batch(self, mels: Sequence[Tensor], voices: Sequence[VoiceInput]) -> WhisperBatch:
        reference = self.typical.repeat(len(voices), 1, 1, 1)
        known: dict[tuple[int, ...], Tensor] = {}  # windows of one film share their reference
        for row, voice in enumerate(voices):
            if voice.references:
                key = tuple(map(id, voice.references))
                if key not in known:
                    known[key] = self.reference(voice.references)
                reference[row] = known[key]
        return WhisperBatch(*self._windows(mels), reference)

    def reference(self, waveforms: Sequence[NDArray[np.float32]]) -> Tensor:
        """Means and deviations (2, S, K) of the states of a normal voice, averaged over its clips."""
        return self._statistics_of(waveforms).mean(0)

    def features(self, batch: WhisperBatch) -> Tensor:
        """The log-mel windows (B, W, T, F)."""
        return batch.mel

    def forward(self, batch: WhisperBatch, features: Tensor | None = None) -> Tokens:
        return self._tokens(batch, *self._states(batch.mel if features is None else features, batch.mask))

    @torch.no_grad()
    def without(self, batch: WhisperBatch, given: Removable, removed: Tensor) -> Tokens:
        """See ``Encoder``. What comes before the first layer's attention is computed for four variants only."""
        many = batch.repeat(len(removed))
        moments = Moments.of(given.feature_mask.squeeze(-1), removed.shape[1])
        if moments is None or not runs_without_gradients(self._layers, given.features):
            return self(many, given.without(removed))
        x, kept = self._convolved(given.without(moments.four()), batch.repeat(4).mask)
        rows, length = moments.rows(removed), x.shape[1]

        def spread(states: Tensor) -> Tensor:
            return states.flatten(0, 1)[rows].unflatten(0, (-1, length))  # (4 W, t, K) to (V W, t, K)

        query, key, value = map(spread, projections(self._layers[0], x))
        kept = kept[: batch.mask.shape[1]].repeat(len(removed), 1)  # (V W, t)
        return self._tokens(many, *self._after_layers(spread(x), kept, many.mask.shape[:2], (query, key, value)))

    def _tokens(self, batch: WhisperBatch, states: Sequence[Tensor], kept: Tensor) -> Tokens:
        """From states (B, W, t, K) after each statistic layer, of which ``kept`` (B, W, t) are real."""
        statistics = mean_and_std(states, kept)  # (B, 2, S, K)
        summary = self._summary(statistics, batch.reference)  # (B, D)

        mean, std = (statistics[:, part, -1, None, None] for part in (0, 1))  # (B, 1, 1, K)
        moved = torch.where(kept.unsqueeze(-1), (states[-1] - mean) / (std + _SLACK), 0.0)  # (B, W, t, K)
        pooled = kept.unflatten(2, (-1, self.config.pool))  # (B, W, t / pool, pool)
        count = pooled.sum(3).clamp(min=1).unsqueeze(-1)
        local = moved.unflatten(2, (-1, self.config.pool)).sum(3) / count  # (B, W, t / pool, K)
        values = summary.unsqueeze(1) + LOCAL_SHARE * local.flatten(1, 2)
        return Tokens(values, pooled.any(3).flatten(1))

    def _summary(self, statistics: Tensor, reference: Tensor) -> Tensor:
        """What statistics (B, 2, S, K) say beside those of a reference: (B, D)."""
        moved = ((statistics - reference) / self.scale).flatten(1)
        return self.summary(moved - moved @ self.nuisance.T @ self.nuisance)

    def condense(self, batch: WhisperBatch) -> Tensor | None:
        """Means and deviations (B, 2, S, K) of the states, unless training changes the backbone."""
        if self.config.tune_backbone:
            return None
        with torch.no_grad():
            return mean_and_std(*self._states(batch.mel, batch.mask))

    def from_condensed(self, condensed: Condensed) -> Tokens:
        """The summary alone as one token."""
        given = condensed.references
        known = ~given.flatten(1).isnan().any(1)
        reference = torch.where(known[:, None, None, None], given, self.typical)
        summary = self._summary(condensed.values, reference).unsqueeze(1)
        return Tokens(summary, torch.ones(len(summary), 1, dtype=torch.bool, device=summary.device))

    @torch.no_grad()
    def adapt_condensed(self, values: Tensor, normal: Tensor, groups: Sequence[str] = ()) -> None:
        """Take the typical voice from the statistics (N, 2, S, K) of the ``normal`` (N,) clips, or of all where
        there is none, measure how far clips lie from it, and find the directions in which the normal voices of
        different speakers (``groups``, N) differ most: nuisance attribute projection (Solomonoff, Campbell and
        Boardman, "Advances in channel compensation for SVM speaker recognition", ICASSP 2005)."""
        self.typical.copy_(values[normal if bool(normal.any()) else slice(None)].mean(0))
        self.scale.copy_(values.std(0) + 1e-4)
        self.nuisance.zero_()
        speakers = sorted({group for group, calm in zip(groups, normal.tolist(), strict=bool(groups)) if calm})
        if len(speakers) < 2:
            return
        theirs = torch.tensor([[group == speaker for group in groups] for speaker in speakers]) & normal
        means = torch.stack([values[rows].mean(0) for rows in theirs])
        differences = ((means - means.mean(0)) / self.scale).flatten(1)
        found = torch.linalg.svd(differences, full_matrices=False)[2][: min(self.config.nuisance, len(speakers) - 1)]
        self.nuisance[: len(found)] = found

    def _states(self, mel: Tensor, mask: Tensor) -> tuple[list[Tensor], Tensor]:
        """States (B, W, t, K) after each statistic layer, of log-mel windows (B, W, T, F) whose real frames ``mask``
        (B, W, T) keeps; and which states are real (B, W, t)."""
        x, kept = self._convolved(mel, mask)
        return self._after_layers(x, kept, mask.shape[:2])

    @property
    def _layers(self) -> list[WhisperEncoderLayer]:
        return cast(list[WhisperEncoderLayer], list(self.backbone.layers))

    def _convolved(self, mel: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """States (N, t, K) before the first layer, and which are real (N, t)."""
        frames = mask.flatten(0, 1)  # (N, T)
        kept = frames.unflatten(1, (-1, FRAMES_PER_STATE)).any(2)  # (N, t)
        # Zero beyond a clip's end after each convolution, as where it is read alone.
        x = mel.flatten(0, 1).transpose(1, 2) * frames.unsqueeze(1)  # (N, F, T)
        x = nn.functional.gelu(self.backbone.conv1(x)) * frames.unsqueeze(1)
        x = nn.functional.gelu(self.backbone.conv2(x)) * kept.unsqueeze(1)
        x = x.transpose(1, 2)  # (N, t, K)
        return x + self.backbone.embed_positions.weight[: x.shape[1]], kept

    def _after_layers(
        self, x: Tensor, kept: Tensor, shape: tuple[int, ...], first: Projected | None = None
    ) -> tuple[list[Tensor], Tensor]:
        """What ``_states`` gives, of states (N, t, K) before the first layer; ``shape``: (B, W). ``first``: the
        first layer's projections where they are known, which only ``runs_without_gradients`` allows."""
        if runs_without_gradients(self._layers, x):
            after = states_after(self._layers, x, kept, first)
        else:
            after = self._with_gradients(x, kept)
        read = self.config.statistic_layers
        found = [x.float().unflatten(0, shape) for number, x in enumerate(after, start=1) if number in read]
        return found, kept.unflatten(0, shape)

    def _with_gradients(self, x: Tensor, kept: Tensor) -> Iterator[Tensor]:
        # A window that is all padding would softmax over nothing: let it look at itself, masked afterwards.
        looked_at = (kept | ~kept.any(1, keepdim=True))[:, None, None]  # (N, 1, 1, t)
        for layer in self.backbone.layers:
            x = layer(x, looked_at.expand(-1, -1, x.shape[1], -1))
            yield x

    def spans(self, batch: WhisperBatch, index: int) -> list[Span | None]:
        """Seconds of each token."""
        spans: list[Span | None] = []
        size, second = FRAMES_PER_STATE * self.config.pool, HOP / SAMPLE_RATE
        for start, mask in zip(batch.starts[index].tolist(), batch.mask[index], strict=True):
            length = int(mask.sum())
            for low in range(0, len(mask), size):
                high = min(low + size, length)
                spans.append(((start + low) * second, (start + high) * second) if low < length else None)
        return spans

    def feature_mask(self, batch: WhisperBatch, features: Tensor) -> Tensor:
        """The token that pools each frame, none for padding: (W, T, 1)."""
        windows, frames = batch.mask.shape[1:]
        size = FRAMES_PER_STATE * self.config.pool
        place = torch.arange(frames, device=features.device) // size  # (T,)
        first = torch.arange(windows, device=features.device)[:, None] * (frames // size)
        return torch.where(batch.mask[0], first + place, -1).unsqueeze(-1)

    def baseline(self, batch: WhisperBatch, features: Tensor) -> Tensor:
        """The clip's own noise floor in each band."""
        return noise_floor(features[0], batch.mask[0]).expand_as(features)

    def adapt(self, inputs: Sequence[Voice]) -> None:
        """Take the typical voice from the inputs' references, each clip once, or from all inputs where none brings
        any."""
        voices = [_voice(given) for given in inputs]
        own = self._statistics_of([voice.waveform for voice in voices])
        normal = {id(waveform): waveform for voice in voices for waveform in voice.references}
        typical = self._statistics_of(list(normal.values())) if normal else own[:0]
        rows = torch.arange(len(own) + len(typical)) >= len(own)
        self.adapt_condensed(torch.cat((own, typical)), rows)

    def augmented(self, inputs: Sequence[Voice], random: np.random.Generator, *, crop: bool = False) -> WhisperBatch:
        """Other speed, room, noise and band, each reference's own; ``crop`` leaves one window a clip."""
        changed = [_recorded_again(_voice(given), random) for given in inputs]
        mels = [self._log_mel(voice.waveform) for voice in changed]
        if crop:
            mels = [mel[excerpt(len(mel), self.max_frames, random)] for mel in mels]
        return self._batch(mels, changed)

    def mixed(self, batch: WhisperBatch, weight: float, order: Tensor) -> WhisperBatch:
        """A mixed clip is as long as the longer of the two; the shorter one goes on in silence, at the quietest level
        of the batch."""
        quiet = batch.mel[batch.mask].min()
        filled = torch.where(batch.mask.unsqueeze(-1), batch.mel, quiet)
        return WhisperBatch(
            mel=mixed(filled, weight, order),
            mask=batch.mask | batch.mask[order],
            starts=batch.starts,
            reference=mixed(batch.reference, weight, order),
        )

    @torch.no_grad()
    def _statistics_of(self, waveforms: Sequence[NDArray[np.float32]]) -> Tensor:
        """Means and deviations (N, 2, S, K) of the states of N clips."""
        read = []
        for start in range(0, len(waveforms), _AT_ONCE):
            mel, mask, _ = self._windows(
                [self._log_mel(waveform) for waveform in waveforms[start : start + _AT_ONCE]]
            )
            read.append(mean_and_std(*self._states(mel, mask)))
        return torch.cat(read)


def _without_last_norm(backbone: Backbone) -> Backbone:
    """States are read before the encoder's last norm, which belongs to its uppermost layer."""
    backbone.set_submodule("layer_norm", nn.Identity())
    return backbone


def _voice(given: Voice) -> VoiceInput:
    return given if isinstance(given, VoiceInput) else VoiceInput(given)


def _recorded_again(voice: VoiceInput, random: np.random.Generator) -> VoiceInput:
    references = tuple(recording(waveform, random) for waveform in voice.references)
    return VoiceInput(recording(voice.waveform, random), references)
