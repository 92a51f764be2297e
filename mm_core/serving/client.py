"""Client: a way to reach a model. ``Service`` is the model of this process, ``Remote`` a running app over HTTP.

To add a way: a class here below that passes ``tests/serving/test_clients.py``. Nothing in this module loads torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.what_if import WhatIf, from_record
from mm_core.labels import MODALITIES
from mm_core.prediction import Prediction
from mm_core.samples import Face, Notice, Picture, RawInputs, Sample
from mm_core.samples.decoding import Decoder
from mm_core.samples.image import read_picture
from mm_core.samples.raw_inputs import File, face_from_words, face_in_words
from mm_core.serving.health import Health
from mm_core.steps import Steps
from mm_core.timeline import Options
from mm_core.timeline.film import Given
from mm_core.timeline.watch import MomentAnswer, Watching

Case: TypeAlias = Sample | RawInputs
"""A case that is decoded, or one still to be decoded."""

Waiting: TypeAlias = Callable[[int], None]
"""Told how many requests go before one's own, at once and whenever that has changed; 0 when it is one's turn."""


@dataclass(frozen=True, eq=False)
class CheckedCase:
    """A case that can be read, and what the checks found.

    case: what to ask about it, decoded where the model is in this process. present: the modalities that count, in
    MODALITIES order. ignored: those that were given but can't be judged. notices: plain warnings. picture: with the
    faces that were found, where there are several; over HTTP None where there are not.
    """

    case: Case
    present: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    notices: tuple[Notice, ...] = ()
    picture: Picture | None = None

    @classmethod
    def of(cls, sample: Sample) -> CheckedCase:
        """A decoded case."""
        return cls(sample, sample.present, sample.ignored, sample.notices, sample.image)

    @classmethod
    def from_json(cls, case: RawInputs, found: Mapping[str, Any]) -> CheckedCase:
        """A case still to be decoded, with what ``findings`` gave elsewhere."""
        notices = tuple(Notice(**notice) for notice in found["notices"])
        faces = [face for words in found["faces"] if isinstance(face := face_from_words(words), Face)]
        picture = None
        if len(faces) > 1 and case.image is not None:
            picture = Picture.of_face(read_picture(case.image), faces, found["face"] or 1)
        return cls(case, tuple(found["present"]), frozenset(found["ignored"]), notices, picture)

    def findings(self) -> dict[str, Any]:
        """What the checks found, as JSON."""
        ignored = [modality for modality in MODALITIES if modality in self.ignored]
        notices = [asdict(notice) for notice in self.notices]
        faces = () if self.picture is None else self.picture.faces
        return {
            "present": list(self.present),
            "ignored": ignored,
            "notices": notices,
            "faces": [face_in_words(face) for face in faces],
            "face": None if self.picture is None else self.picture.number,
        }

    def using(self, modality: str) -> CheckedCase:
        """The same case with a modality that had been set aside."""
        if isinstance(self.case, Sample):
            return CheckedCase.of(self.case.replace(ignored=self.case.ignored - {modality}))
        present = tuple(m for m in MODALITIES if m == modality or m in self.present)
        forced = replace(self.case, force=(*self.case.force, modality))
        return replace(self, case=forced, present=present, ignored=self.ignored - {modality})

    def choosing_face(self, number: int) -> CheckedCase:
        """The same case with another face of its picture, counted from 1; InvalidInput where there is none."""
        if isinstance(self.case, Sample):
            return CheckedCase.of(self.case.choosing_face(number))
        chosen = Sample(image=self.picture, notices=self.notices).choosing_face(number)
        return replace(self, case=replace(self.case, face=number), notices=chosen.notices, picture=chosen.image)


class Client(ABC):
    """What answers cases; every method may be called from any thread.

    Raises TriadError alone: InvalidInput for what can't be used, and what ``serving.errors`` names where there is no
    answer (Busy, DeadlineExceeded, NotReady and others). waiting: told one's place in the queue, by the model of this
    process; over HTTP nobody is told.
    """

    def start(self) -> None:
        """Load what the first visitor would otherwise wait for; by default nothing."""
        return

    @abstractmethod
    def read(self, inputs: RawInputs) -> CheckedCase:
        """Check a case before anything is asked about it."""

    @abstractmethod
    def predict(self, case: Case, waiting: Waiting | None = None) -> Prediction:
        """Answer one case."""

    @abstractmethod
    def explain(
        self,
        case: Case,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
        waiting: Waiting | None = None,
    ) -> Evidence:
        """Explain one case, for the predicted class unless another is named; see ``mm_core.evidence.explain``."""

    def what_if(self, about: Case | Evidence, change: Change) -> WhatIf:
        """One change to a case or a record, and what it does to the answer."""
        answered = from_record(about, change) if isinstance(about, Evidence) else None
        return answered or self._what_if(about, change)

    @abstractmethod
    def _what_if(self, about: Case | Evidence, change: Change) -> WhatIf:
        """A change that the model has to answer."""

    @abstractmethod
    def evaluate_faithfulness(
        self, evidence: Evidence, modalities: Sequence[str] | None = None, methods: Sequence[str] | None = None
    ) -> Steps[Evidence]:
        """Test the maps of a record that kept its inputs; gives the record with the results.

        modalities: whose maps (default: all present). methods: which maps (default: each modality's default).
        """

    @abstractmethod
    def watch(
        self,
        film: Given,
        options: Options | None = None,
        subtitles: File | None = None,
        reference: File | None = None,
    ) -> Watching:
        """Answer a film window by window; the last step has the record. subtitles: .srt or .vtt. reference: the
        normal voice of who speaks."""

    @abstractmethod
    def live(self, sample: Sample) -> MomentAnswer:
        """Answer a window of a stream, before what can wait; NotReady where the model is not in this process. Busy
        and late answers are the caller's to leave out."""

    @abstractmethod
    def decoder_for(self, seconds: float) -> Decoder:
        """What decodes pieces of a stream, each within so many seconds; NotReady as for ``live``."""

    @abstractmethod
    def keep(self, evidence: Evidence) -> str:
        """Hold a record for a short while, so that the other user interface can open it; its name, unguessable."""

    @abstractmethod
    def kept(self, name: str) -> Evidence:
        """The record of that name; InvalidInput where it has been forgotten."""

    @abstractmethod
    def health(self) -> Health:
        """Whether cases are answered, and by what."""

    @abstractmethod
    def close(self, seconds: float = 1.0) -> bool:
        """Stop asking, tell those who wait, and give what runs ``seconds`` to finish; whether it did."""
