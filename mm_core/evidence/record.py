"""Evidence: the one record of a case. numpy arrays and plain Python data only.

Shapes: U units, L tokens, S coalitions, C classes, H heads, T samples of a waveform, F mel bands.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence import file
from mm_core.explain.records import Coalitions, Faithfulness, Relevance, Segments
from mm_core.explain.shapley import Contributions
from mm_core.labels import MODALITIES, PAIRS, pair_name
from mm_core.prediction import VERDICTS, Prediction

Pair = tuple[str, str]
"""(query modality, key modality)."""

ORDERED_PAIRS: Final[tuple[Pair, ...]] = tuple(permutations(MODALITIES, 2))

WORDS_NOTICE: Final = (
    "The file holds the words of the text, because the maps can't be read without them, even where the inputs "
    "themselves are not kept."
)
"""To be said wherever a record with a text is saved."""


_MOST_ATTENTION: Final = 1.001
"""Softmaxed in float16 at worst."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What was given, for display; each None where it was not given (or not kept).

    text: as read. pixels: (H, W, 3) uint8 RGB, turned until the face is upright. face: left, top, right, bottom in
    pixels (right and bottom exclusive), None if the whole picture is the face. waveform: (T,) float32 mono 16 kHz,
    ends trimmed. waveform_start: seconds that were cut from the front, so the waveform's time t is
    ``waveform_start + t`` of the clip as given. spectrogram: (frames, F) float32, natural log of mel power, of the
    same waveform. spectrogram_hop: seconds a frame. spectrogram_hertz: (F,) float32, centre of each band. reference:
    (T,) like waveform, the normal voice that it was judged against. reference_start: as waveform_start.
    reference_seconds: how long the normal voice was as given.
    """

    text: str | None = None
    pixels: NDArray[np.uint8] | None = None
    face: tuple[int, int, int, int] | None = None
    waveform: NDArray[np.float32] | None = None
    waveform_start: float = 0.0
    spectrogram: NDArray[np.float32] | None = None
    spectrogram_hop: float = 0.0
    spectrogram_hertz: NDArray[np.float32] | None = None
    reference: NDArray[np.float32] | None = None
    reference_start: float = 0.0
    reference_seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.pixels is not None:
            _require(self.pixels.ndim == 3 and self.pixels.shape[2] == 3 and self.pixels.size > 0, "a picture is RGB")
            height, width = self.pixels.shape[:2]
            left, top, right, bottom = self.face or (0, 0, width, height)
            _require(0 <= left < right <= width and 0 <= top < bottom <= height, "the face lies in the picture")
        for waveform in (self.waveform, self.reference):
            _require(waveform is None or waveform.ndim == 1, "a waveform has one channel")
        times = (self.waveform_start, self.reference_start, self.reference_seconds)
        _require(min(times) >= 0, "a waveform begins within the clip")
        if self.spectrogram is not None:
            bands = None if self.spectrogram_hertz is None else self.spectrogram_hertz.shape
            _require(self.spectrogram.ndim == 2 and bands == self.spectrogram.shape[1:], "one frequency a band")
        _require(
            self.spectrogram_hop > 0 if self.spectrogram is not None else self.spectrogram_hop >= 0,
            "frames take time",
        )


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything about one case and one model.

    prediction: the answers, warnings, and the model's name and hash. digests: SHA-256 (hex) of what was used of each
    present modality. task, label: the class that relevance and faithfulness speak about. coalitions: answers of all
    subsets of the present modalities. units: words, patches, moments of each present modality. attention: for each
    of the six ordered pairs (query, key) of modalities (layers, H, L_query, L_key) float32, rows summing to 1; None
    to or from an absent modality or if the fusion has none. relevance: all maps made so far. defaults: the method to
    show first, by modality. faithfulness: all tests run so far. timings: milliseconds by step. versions: of the
    libraries and of this software. created: UTC time in ISO 8601. inputs: what was given, None if not kept.
    matches: for pairs, as ``text+audio``, the cosine similarities (L_first, L_second) of their tokens that agreement
    was judged by; empty where it was not.
    """

    prediction: Prediction
    digests: dict[str, str]
    task: str
    label: str
    coalitions: Coalitions
    units: dict[str, Segments]
    attention: dict[Pair, NDArray[np.float32] | None]
    relevance: tuple[Relevance, ...]
    defaults: dict[str, str]
    faithfulness: tuple[Faithfulness, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""
    inputs: Inputs | None = None
    matches: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        present = self.prediction.present
        _require(
            present == self.coalitions.players == tuple(self.units) and len(present) > 0, "one set of modalities"
        )
        _require(set(self.prediction.answers) == set(self.coalitions.labels), "one answer a task")
        for task, answer in self.prediction.answers.items():
            _require(tuple(answer.probabilities) == self.coalitions.labels[task], "one probability a class")
            _require(answer.label in answer.probabilities, "the answer is a class")
            _require(all(0 <= p <= 1 for p in (answer.confidence, *answer.probabilities.values())), "probabilities")
        pairs = {f"{a}+{b}" for a, b in PAIRS if a in present and b in present}
        judged = set() if self.coalitions.agreement is None else pairs
        _require(set(self.prediction.agreement) == judged, "agreement of each pair")
        _require(all(0 <= p <= 1 for p in self.prediction.agreement.values()), "probabilities")
        _require(set(self.prediction.said) == judged, "what is said of each pair")
        _require(set(self.prediction.said.values()) <= set(VERDICTS), "what is said is a verdict")
        _require(set(self.digests) == set(present), "one digest a modality")
        _require(self.label in self.coalitions.labels.get(self.task, ()), "the class explained is known")
        for modality, units in self.units.items():
            _require(units.modality == modality, "units stand under their modality")
        _require(set(self.attention) == set(ORDERED_PAIRS), "attention of the six ordered pairs")
        for (query, key), maps in self.attention.items():
            if maps is not None:
                _require(query in present and key in present, "only present modalities attend")
                lengths = (len(self.units[query].token_units), len(self.units[key].token_units))
                _require(maps.ndim == 4 and min(maps.shape[:2]) > 0 and maps.shape[2:] == lengths, "attention fits")
                _require(
                    maps.size == 0 or bool(maps.min() >= 0 and maps.max() <= _MOST_ATTENTION), "attention is a share"
                )
        for pair, found in self.matches.items():
            _require(pair in pairs, "tokens of present pairs match")
            first, second = pair.split("+")
            _require(
                found.shape == (len(self.units[first].token_units), len(self.units[second].token_units)),
                "one similarity a pair of tokens",
            )
            _require(bool(np.abs(found).max(initial=0.0) <= _MOST_ATTENTION), "similarities are cosines")
        about: list[tuple[str, str, str]] = [(r.modality, r.task, r.label) for r in self.relevance]
        about += [(f.modality, f.task, f.label) for f in self.faithfulness]
        for owner, task, label in about:
            _require(owner in present, "maps and tests are of present modalities")
            _require(label in self.coalitions.labels.get(task, ()), "maps are of known classes")
        _require(all(len(r.values) == len(self.units[r.modality]) for r in self.relevance), "one value a unit")
        _require(all(f.units == len(self.units[f.modality]) for f in self.faithfulness), "tests are of these units")
        _require(set(self.defaults) == set(present), "one default method a modality")
        _require(
            all(ms >= 0 for ms in (self.prediction.milliseconds, *self.timings.values())), "time does not run back"
        )
        _require(set(self.prediction.referenced) <= set(present), "references are of present modalities")

    @property
    def present(self) -> tuple[str, ...]:
        """The modalities used, in MODALITIES order."""
        return self.prediction.present

    def contributions(self, label: str | None = None, value: str = "logit", task: str | None = None) -> Contributions:
        """The solved game of a class (by default the one explained), in ``logit`` or ``probability``."""
        chosen = task or self.task
        if label is None:
            label = self.label if chosen == self.task else self.prediction.answers[chosen].label
        return self.coalitions.contributions(label, value, chosen)

    def relevance_of(self, modality: str, method: str | None = None) -> Relevance | None:
        """The map of one modality for the explained class, by the default method if none is named."""
        wanted = (modality, method or self.defaults.get(modality), self.task, self.label)
        found = (r for r in self.relevance if (r.modality, r.method, r.task, r.label) == wanted)
        return next(found, None)

    def faithfulness_of(self, modality: str, method: str | None = None, alone: bool = True) -> Faithfulness | None:
        """The test of one modality's map for the explained class, None if it was not run."""
        wanted = (modality, method or self.defaults.get(modality), self.task, self.label, alone)
        found = (f for f in self.faithfulness if (f.modality, f.method, f.task, f.label, f.alone) == wanted)
        return next(found, None)

    def attention_between(
        self, query: str, key: str, layer: int | None = None, head: int | None = None
    ) -> NDArray[np.float64] | None:
        """Attention from units to units (U_query, U_key), the mean over layers and heads that are not named.

        A query unit's row is the mean over its tokens, a key unit's column the sum over its tokens; special tokens
        are left out, so rows sum to at most 1.
        """
        maps = self.attention.get((query, key))
        if maps is None:
            return None
        chosen = maps[slice(None) if layer is None else slice(layer, layer + 1)]
        chosen = chosen[:, slice(None) if head is None else slice(head, head + 1)]
        tokens = chosen.mean((0, 1), dtype=np.float64)  # (L_query, L_key)
        rows, columns = _membership(self.units[query]), _membership(self.units[key])  # (U, L)
        return rows / rows.sum(1, keepdims=True).clip(1) @ tokens @ columns.T

    def match_between(self, first: str, second: str) -> NDArray[np.float64] | None:
        """Similarities of units with units (U_first, U_second), the best of their tokens; None where there are none.
        Special tokens are left out."""
        if MODALITIES.index(first) > MODALITIES.index(second):
            turned = self.match_between(second, first)
            return None if turned is None else turned.T
        found = self.matches.get(pair_name((first, second)))
        if found is None:
            return None
        rows, columns = self.units[first].token_units, self.units[second].token_units
        shown = np.ix_(np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0))
        grid = np.full((len(self.units[first]), len(self.units[second])), -1.0)
        np.maximum.at(grid, np.ix_(rows[rows >= 0], columns[columns >= 0]), found[shown])
        return grid

    def save(self, path: str | Path) -> Path:
        """Write one ``.triad`` file, with the inputs if the record has them; returns where it lies. Say WORDS_NOTICE
        where there is a text."""
        return file.save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Evidence:
        """Open a ``.triad`` file with bit-equal arrays; InvalidInput for anything else and for any changed byte."""
        return file.load(cls, path)

    def to_bytes(self) -> bytes:
        """The content of a ``.triad`` file."""
        return file.to_bytes(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Evidence:
        """The inverse of ``to_bytes``; InvalidInput for anything else."""
        return file.from_bytes(cls, content)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from mm_core.notebook import evidence_html  # templates are loaded where somebody looks

        return evidence_html(self)

    def without_inputs(self) -> Evidence:
        """The same record without what was given; words stay, since the maps can't be read without them."""
        return replace(self, inputs=None)

    def with_relevance(self, *maps: Relevance) -> Evidence:
        """The same record with more maps; one of the same modality, method and class is replaced."""
        new = {(r.modality, r.method, r.task, r.label): r for r in (*self.relevance, *maps)}
        return replace(self, relevance=tuple(new.values()))

    def with_faithfulness(self, *tests: Faithfulness) -> Evidence:
        """The same record with more tests; one of the same map and setting is replaced."""
        new = {(f.modality, f.method, f.task, f.label, f.alone): f for f in (*self.faithfulness, *tests)}
        return replace(self, faithfulness=tuple(new.values()))


def _membership(units: Segments) -> NDArray[np.float64]:
    """(U, L): 1 where a token belongs to a unit."""
    return (units.token_units[None, :] == np.arange(len(units))[:, None]).astype(np.float64)


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(f"the record does not hold together: {rule}")
