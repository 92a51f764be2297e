"""The Predictor contract: what explanation by removal, evaluation, robustness and the pages need from a model.

It says nothing of tokens, attention or gradients, which TriadModel adds: a function, an endpoint or a zero-shot model
with labels in one's own words fits as well.

Shapes: B samples, C classes.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from mm_core.calibration import Calibration
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, coalition_name, pair_name
from mm_core.locale import listed, say
from mm_core.prediction import Answer, Prediction, verdict
from mm_core.samples import InvalidInput, Notice, Sample
from mm_core.samples.reference import reference_notice


@dataclass(frozen=True, eq=False)
class TaskLogits:
    """Uncalibrated answers to B samples, float32; None for a task that the predictor does not answer.

    emotion (B, C): one of the predictor's labels. sentiment (B, 3): in the order of SENTIMENTS. agreement (B, 3):
    for each of PAIRS whether the two say the same, without meaning where a sample lacks one. multilabel (B, C): each
    label on its own, for texts that may carry several.
    """

    emotion: NDArray[np.float32]
    sentiment: NDArray[np.float32] | None = None
    agreement: NDArray[np.float32] | None = None
    multilabel: NDArray[np.float32] | None = None

    def of(self, task: str) -> NDArray[np.float32]:
        """The logits of one task; InvalidInput where the predictor does not answer it."""
        found: NDArray[np.float32] | None = getattr(self, task)
        if found is None:
            raise InvalidInput(f"This model does not answer {task}. Use one that does, or ask for emotion.")
        return found

    def joined(self, *others: TaskLogits) -> TaskLogits:
        """These answers and then those to ``others``, by the same predictor."""

        def join(parts: list[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
            known = [part for part in parts if part is not None]
            return np.concatenate(known) if known else None

        every = (self, *others)
        return TaskLogits(
            emotion=np.concatenate([one.emotion for one in every]),
            sentiment=join([one.sentiment for one in every]),
            agreement=join([one.agreement for one in every]),
            multilabel=join([one.multilabel for one in every]),
        )


UNLEARNED: Final = "not-learned"
"""The notice's code of a modality that never taught a model its labels; no choice of a person's changes that."""

UNREAD_LANGUAGE: Final = "unread-language"
"""The notice's code of a text in a language that the predictor does not read."""

NAMED_LABELS: Final = 8
"""Labels that one sentence names."""


class Predictor(Protocol):
    """Answers samples. Members without a body of their own have to be given; classes that inherit get the rest.

    name, hash: what reports and records call the model; the hash changes whenever its answers may. labels: the
    classes of its emotion task, in order. calibration: a temperature for each task and presence pattern, 1 where the
    logits are calibrated as they are, and the confidence under which an answer is "not sure".
    """

    @property
    @abstractmethod
    def name(self) -> str: ...

    @property
    @abstractmethod
    def hash(self) -> str: ...

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]: ...

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it answers, of emotion (always), sentiment and agreement."""
        return ("emotion",)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages whose texts it reads."""
        return ("en",)

    @property
    def reads_reference(self) -> bool:
        """Whether it judges relative to how the same person normally is, where a sample says that."""
        return False

    @property
    def learned_modalities(self) -> tuple[str, ...]:
        """The modalities whose rows taught it its labels; what it is given of the others counts as absent."""
        return MODALITIES

    @property
    def tested(self) -> Mapping[str, Any]:
        """What was measured on held-out cases when it was fitted to labels of somebody's own; empty for others."""
        return {}

    @property
    def calibration(self) -> Calibration:
        return Calibration()

    @property
    def device(self) -> object:
        """Where it computes, for people who ask how the service is."""
        return "elsewhere"

    @abstractmethod
    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """Answers to B samples, each the one that it would get alone. A modality that is not ``present`` counts as
        absent; a sample without any gets the answer to nothing, a prior."""

    def predict_batch(self, samples: Sequence[Sample]) -> list[Prediction]:
        """Calibrated answers in words and numbers; InvalidInput where nothing of a sample can be used."""
        return predictions(self, samples)


def accepted(predictor: Predictor, sample: Sample) -> Sample:
    """The sample as a predictor reads it, and notices about what that leaves out: a reference where it reads none,
    words in a language that it does not read, and modalities that never taught it its labels, for which a head's
    answer would look like one and be none."""
    if sample.reference is not None and not predictor.reads_reference:
        sample = sample.without_reference().with_notices(reference_notice("unused"))
    if sample.language is not None and sample.language not in predictor.languages:
        unread = Notice("text", UNREAD_LANGUAGE, say("language-not-read", language=sample.language))
        sample = sample.replace(ignored=sample.ignored | {unread.modality}).with_notices(unread)
    unlearned = [m for m in sample.present if m not in predictor.learned_modalities]
    if not unlearned:
        return sample
    labels = listed(predictor.labels[:NAMED_LABELS])
    notices = [Notice(m, UNLEARNED, say("not-learned", modality=m, labels=labels)) for m in unlearned]
    return sample.replace(ignored=sample.ignored | set(unlearned)).with_notices(*notices)


def presence_of(samples: Sequence[Sample]) -> NDArray[np.bool_]:
    """(B, 3): which modalities each sample has."""
    rows = [[m in sample.present for m in MODALITIES] for sample in samples]
    return np.array(rows, bool).reshape(-1, len(MODALITIES))


def temperatures_of(calibration: Calibration, task: str, presence: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The temperature (B,) of each row of presence (B, 3)."""
    patterns = [coalition_name(m for m, there in zip(MODALITIES, row, strict=True) if there) for row in presence]
    return np.array([calibration.temperatures[task][pattern] for pattern in patterns], np.float64)


def probabilities(predictor: Predictor, samples: Sequence[Sample]) -> Mapping[str, NDArray[np.float64]]:
    """Calibrated answers of each task: emotion (B, C) and sentiment (B, 3) sum to 1 a row, agreement (B, 3) lies in
    [0, 1]."""
    logits, presence = predictor.predict_logits(samples), presence_of(samples)
    found: dict[str, NDArray[np.float64]] = {}
    for task in predictor.tasks:
        scaled = logits.of(task) / temperatures_of(predictor.calibration, task, presence)[:, None]
        found[task] = expit(scaled) if task == "agreement" else softmax(scaled, axis=1)
    return found


def predictions(predictor: Predictor, samples: Sequence[Sample]) -> list[Prediction]:
    """See ``Predictor.predict_batch``."""
    if not samples:
        return []
    started = time.perf_counter()
    samples = [accepted(predictor, sample) for sample in samples]
    for sample in samples:
        require_usable(sample)
    found = probabilities(predictor, samples)
    took = 1000.0 * (time.perf_counter() - started) / len(samples)
    return [_prediction(predictor, sample, found, row, took) for row, sample in enumerate(samples)]


def _prediction(
    predictor: Predictor, sample: Sample, found: Mapping[str, NDArray[np.float64]], row: int, milliseconds: float
) -> Prediction:
    calibration = predictor.calibration
    agreement = {
        pair_name((a, b)): float(found["agreement"][row, column])
        for column, (a, b) in enumerate(PAIRS)
        if "agreement" in found and a in sample.present and b in sample.present
    }

    def answer(task: str, labels: Sequence[str]) -> Answer:
        return Answer.of(labels, found[task][row].tolist(), calibration.unsure_below.get(task, 0.0))

    return Prediction(
        emotion=answer("emotion", predictor.labels),
        sentiment=answer("sentiment", SENTIMENTS) if "sentiment" in found else None,
        agreement=agreement,
        present=sample.present,
        warnings=tuple(notice.message for notice in sample.notices),
        model={"name": predictor.name, "hash": predictor.hash},
        milliseconds=milliseconds,
        said={pair: verdict(chance, calibration.said_outside[pair]) for pair, chance in agreement.items()},
        referenced=sample.referenced,
    )


def require_usable(sample: Sample) -> None:
    """InvalidInput, with the reasons, where nothing of a sample can be used."""
    if not sample.present:
        reasons = " ".join(notice.message for notice in sample.notices)
        final = {n.modality for n in sample.notices if n.code in (UNLEARNED, UNREAD_LANGUAGE)} >= sample.ignored
        raise InvalidInput(say("nothing-usable", reasons=reasons, final="yes" if final and sample.ignored else "no"))
