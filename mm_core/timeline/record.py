"""Timeline: the one record of a film or a stream. Plain Python data; no picture and no sound of it.

Kept in the same file form as a case (``mm_core.evidence.file``), with a digest over every byte.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence import file
from mm_core.evidence.file import Format
from mm_core.labels import PAIRS, pair_name
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.timeline.faces import Track
from mm_core.timeline.options import MOST_WINDOWS

FORMAT: Final = Format("triad-timeline", "timeline", 1, (1,))

WORDS: Final = ("none", "subtitles", "transcriber")
"""Where the words of a film came from."""

REFERENCES: Final = ("none", "given", "running")
"""What voices were judged against: nothing, a normal voice that was given, or the mean of the film's own speech."""

SMOOTHINGS: Final = (1, 3, 5, 9)
"""Windows over which a curve may be averaged; 1 leaves it as it is."""

PEAKS: Final = 3
"""Moments that a summary names."""

_APART: Final = 2.0
"""Seconds between two peaks at least."""


@dataclass(frozen=True, eq=False)
class Window:
    """One window. start, end: seconds. prediction: None where nothing in it can be judged. contributions: for each
    emotion what each present modality adds to it, exact Shapley values in centred logits. text: the words spoken in
    it. person: number of the face that is read; shown_at, box, turn: the second at which its picture came up and
    where in it the face lies (left, top, right, bottom in pixels, degrees). people: numbers of all faces, those that
    fill most of it first. warnings: plain sentences, the prediction's among them.
    """

    start: float
    end: float
    prediction: Prediction | None = None
    contributions: dict[str, dict[str, float]] = field(default_factory=dict)
    text: str | None = None
    person: int | None = None
    shown_at: float | None = None
    box: tuple[int, int, int, int] | None = None
    turn: float = 0.0
    people: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(0 <= self.start < self.end, "a window takes time")
        _require((self.person is None) == (self.box is None) == (self.shown_at is None), "a face lies in a picture")
        if self.box is not None:
            left, top, right, bottom = self.box
            _require(0 <= left < right and 0 <= top < bottom, "a face has a size")
        if self.prediction is None:
            _require(not self.contributions, "without an answer nothing adds to one")
            return
        emotion = self.prediction.emotion
        _require(set(self.contributions) == set(emotion.probabilities), "contributions to each emotion")
        for shares in self.contributions.values():
            _require(tuple(shares) == self.prediction.present, "one contribution a modality")
            _require(all(map(math.isfinite, shares.values())), "contributions are numbers")
        numbers = (*emotion.probabilities.values(), emotion.confidence, *self.prediction.agreement.values())
        _require(all(0 <= p <= 1 for p in numbers), "probabilities")
        _require(emotion.label in emotion.probabilities, "the answer is an emotion")

    @property
    def middle(self) -> float:
        """Seconds of its middle."""
        return (self.start + self.end) / 2

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """The pairs, as ``image+audio``, that are said to disagree."""
        if self.prediction is None:
            return ()
        return tuple(p for p in map(pair_name, PAIRS) if self.prediction.said.get(p) == "disagree")

    def to_json(self) -> dict[str, Any]:
        """What REST answers for it, and the command line prints."""
        return {
            "start": self.start,
            "end": self.end,
            "prediction": None if self.prediction is None else self.prediction.to_json(),
            "contributions": {label: dict(shares) for label, shares in self.contributions.items()},
            "text": self.text,
            "person": self.person,
            "shown_at": self.shown_at,
            "box": None if self.box is None else list(self.box),
            "turn": self.turn,
            "people": list(self.people),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Window:
        """The inverse of ``to_json``."""
        given = data["prediction"]
        return cls(
            start=data["start"],
            end=data["end"],
            prediction=None if given is None else Prediction.from_json(given),
            contributions={label: dict(shares) for label, shares in data["contributions"].items()},
            text=data["text"],
            person=data["person"],
            shown_at=data["shown_at"],
            box=None if data["box"] is None else tuple(data["box"]),
            turn=data["turn"],
            people=tuple(data["people"]),
            warnings=tuple(data["warnings"]),
        )


@dataclass(frozen=True)
class Person:
    """Somebody whose face was followed. first, last: seconds. windows: in how many their face is. shown_at, box,
    turn: where it is seen best (see ``Window``)."""

    number: int
    first: float
    last: float
    windows: int
    shown_at: float
    box: tuple[int, int, int, int]
    turn: float = 0.0


@dataclass(frozen=True)
class Peak:
    """A moment at which an emotion is likeliest."""

    label: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, eq=False)
class Timeline:
    """All windows of one film or stream. seconds: its length. length, hop: of the windows, in seconds. labels: the
    emotions. model: name and hash. reference: one of REFERENCES. words: one of WORDS. people: whose faces were
    followed. notices: plain sentences about all of it. created: UTC time in ISO 8601. versions: of the libraries."""

    seconds: float
    length: float
    hop: float
    windows: tuple[Window, ...]
    labels: tuple[str, ...]
    model: dict[str, str]
    reference: str = "none"
    words: str = "none"
    people: tuple[Person, ...] = ()
    notices: tuple[str, ...] = ()
    created: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(self.seconds > 0 and 0 < self.hop <= self.length, "time runs on")
        _require(0 < len(self.windows) <= MOST_WINDOWS, "there are windows, but not too many")
        _require(len(set(self.labels)) == len(self.labels) >= 2, "labels are distinct")
        _require(self.reference in REFERENCES and self.words in WORDS, "what was given is known")
        starts = [window.start for window in self.windows]
        _require(starts == sorted(set(starts)), "windows follow each other")
        for window in self.windows:
            if window.prediction is not None:
                _require(tuple(window.prediction.emotion.probabilities) == self.labels, "one set of emotions")

    @property
    def answered(self) -> tuple[Window, ...]:
        """The windows that have an answer."""
        return tuple(window for window in self.windows if window.prediction is not None)

    def probabilities(self, smoothing: int = 1) -> NDArray[np.float64]:
        """(N, C): of each window, NaN where there is no answer. smoothing: windows, an odd number, over which the
        mean is taken of those that have one; the raw values stay in the windows."""
        raw = np.full((len(self.windows), len(self.labels)), np.nan)
        for row, window in enumerate(self.windows):
            if window.prediction is not None:
                raw[row] = list(window.prediction.emotion.probabilities.values())
        if smoothing <= 1:
            return raw
        known = ~np.isnan(raw[:, 0])
        kernel = np.ones(smoothing)
        weight = np.convolve(known, kernel, "full")[smoothing // 2 :][: len(raw)]
        sums = [np.convolve(np.where(known, c, 0.0), kernel, "full")[smoothing // 2 :][: len(raw)] for c in raw.T]
        smooth = np.stack(sums, 1) / np.maximum(weight, 1)[:, None]
        smooth[~known] = np.nan
        return smooth

    def mean(self) -> dict[str, float]:
        """The mean probability of each emotion over the windows that have an answer; empty without any."""
        if not self.answered:
            return {}
        return dict(zip(self.labels, np.nanmean(self.probabilities(), 0).tolist(), strict=True))

    def peaks(self, count: int = PEAKS) -> tuple[Peak, ...]:
        """The moments at which an emotion other than the one of most windows is likeliest, apart from each other;
        where there is none, of that one."""
        answers = [(w, w.prediction.emotion) for w in self.windows if w.prediction is not None]
        found = [Peak(a.label, w.start, w.end, a.confidence) for w, a in answers if a.sure]
        usual = Counter(answer.label for _, answer in answers).most_common(1)
        other = [peak for peak in found if peak.label != usual[0][0]] or found
        chosen: list[Peak] = []
        for peak in sorted(other, key=lambda p: -p.probability):
            if all(abs(peak.start - one.start) >= _APART for one in chosen) and len(chosen) < count:
                chosen.append(peak)
        return tuple(sorted(chosen, key=lambda p: p.start))

    def disagreements(self) -> tuple[tuple[float, float, str], ...]:
        """Start, end and pair of each stretch of windows in which two modalities are said to disagree."""
        stretches: list[tuple[float, float, str]] = []
        for pair in map(pair_name, PAIRS):
            for window in self.windows:
                if pair not in window.disagreeing:
                    continue
                if stretches and stretches[-1][2] == pair and window.start <= stretches[-1][1]:
                    stretches[-1] = (stretches[-1][0], window.end, pair)
                else:
                    stretches.append((window.start, window.end, pair))
        return tuple(sorted(stretches))

    def sentence(self) -> str:
        """The film in one sentence."""
        mean = self.mean()
        if not mean:
            return say("timeline-nothing", count=len(self.windows))
        top = max(mean, key=mean.__getitem__)
        unsure = sum(w.prediction is None or not w.prediction.emotion.sure for w in self.windows)
        return say(
            "timeline-sentence",
            label=top,
            share=mean[top],
            count=len(self.windows),
            unsure=unsure,
            disagreements=len(self.disagreements()),
        )

    def at(self, seconds: float) -> Window:
        """The window whose middle is nearest to a moment."""
        return min(self.windows, key=lambda window: abs(window.middle - seconds))

    def rows(self) -> tuple[dict[str, object], ...]:
        """A line a window: ``start`` and ``end`` in seconds, a column for each emotion, and what else is said."""
        return tuple(self._row(window) for window in self.windows)

    def _row(self, window: Window) -> dict[str, object]:
        answer = None if window.prediction is None else window.prediction.emotion
        return {
            "start": round(window.start, 3),
            "end": round(window.end, 3),
            **{label: None if answer is None else answer.probabilities[label] for label in self.labels},
            "label": None if answer is None else answer.label,
            "sure": None if answer is None else answer.sure,
            "present": "" if window.prediction is None else "+".join(window.prediction.present),
            "disagree": " ".join(window.disagreeing),
            "person": window.person,
            "text": window.text or "",
            "warnings": " ".join(window.warnings),
        }

    def summary(self) -> dict[str, Any]:
        """All but the windows, as JSON; what comes after them where they are sent one by one."""
        return {
            "seconds": self.seconds,
            "length": self.length,
            "hop": self.hop,
            "labels": list(self.labels),
            "model": dict(self.model),
            "reference": self.reference,
            "words": self.words,
            "people": [asdict(person) for person in self.people],
            "notices": list(self.notices),
            "created": self.created,
            "versions": dict(self.versions),
            "sentence": self.sentence(),
            "mean": self.mean(),
            "peaks": [asdict(peak) for peak in self.peaks()],
            "disagreements": [{"start": s, "end": e, "pair": pair} for s, e, pair in self.disagreements()],
        }

    @classmethod
    def from_summary(cls, data: dict[str, Any], windows: Sequence[Window]) -> Timeline:
        """The record of a summary and its windows."""
        return cls(
            seconds=data["seconds"],
            length=data["length"],
            hop=data["hop"],
            windows=tuple(windows),
            labels=tuple(data["labels"]),
            model=dict(data["model"]),
            reference=data["reference"],
            words=data["words"],
            people=tuple(Person(**{**person, "box": tuple(person["box"])}) for person in data["people"]),
            notices=tuple(data["notices"]),
            created=data["created"],
            versions=dict(data["versions"]),
        )

    def save(self, path: str | Path) -> Path:
        """Write one ``.triad`` file; returns where it lies."""
        return file.save(self, path, FORMAT)

    @classmethod
    def load(cls, path: str | Path) -> Timeline:
        """Open what ``save`` wrote; InvalidInput for anything else and for any changed byte."""
        return file.load(cls, path, FORMAT)

    def to_bytes(self) -> bytes:
        """The content of a ``.triad`` file."""
        return file.to_bytes(self, FORMAT)

    @classmethod
    def from_bytes(cls, content: bytes) -> Timeline:
        """The inverse of ``to_bytes``; InvalidInput for anything else."""
        return file.from_bytes(cls, content, FORMAT)


def people_of(windows: Sequence[Window], tracks: Sequence[Track]) -> tuple[Person, ...]:
    """Whose faces are in these windows, by their number, and where each of them is seen best."""
    found = []
    for track in tracks:
        inside = [window for window in windows if track.number in window.people]
        if inside:
            shown_at, face = track.best
            first, last = inside[0].start, inside[-1].end
            found.append(Person(track.number, first, last, len(inside), shown_at, (*face.box,), face.turn))
    return tuple(found)


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(f"the record does not hold together: {rule}")
