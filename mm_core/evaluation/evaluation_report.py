"""The evaluation report as checked records: ``report[task][modalities][source][metric]`` in its JSON.

``own_labels`` under a source: the same rows, with answers restricted to the labels that this corpus has. Composed
cases stand under the source ``all``, clips whose face and voice belong together under their corpus's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from mm_core.evaluation.heading import Heading
from mm_core.evaluation.records import (
    MOST_LABELS,
    Count,
    Estimate,
    Name,
    NamedByLabel,
    Number,
    Record,
    Share,
    checked,
)
from mm_core.locale import say
from mm_core.samples import InvalidInput

ALL: Final = "all"
"""The source that means all rows together."""

TASKS: Final = ("emotion", "sentiment", "agreement")

METRICS: Final = (
    "accuracy",
    "macro_f1",
    "multilabel_macro_f1",
    "multilabel_macro_f1_at_0.3",
    "weighted_f1",
    "uar",
    "ece",
)

MOST_SETS: Final = 16
"""Sets of modalities of one task."""

Met = Literal["learned from", "never seen", "left out"]
"""What the weights that answered know of a corpus. learned from: other rows of it trained them. never seen: no
training of this model ever used it. left out: the answers are those of a training that was made without it, so not
those of the weights that ship."""


def met_words(met: Met) -> str:
    """Whether the weights that answered had met a corpus, in words."""
    return say("met", met=met.replace(" ", "-"))


class ClassScores(Record):
    """One label among the rows with one label. n: rows that carry it."""

    precision: Share
    recall: Share
    f1: Share
    n: Count


class Confusion(Record):
    """Counts of rows by truth (rows) and answer (columns), in the order of labels."""

    labels: Annotated[list[Name], Field(max_length=MOST_LABELS)]
    rows: Literal["truth"] = "truth"
    matrix: Annotated[list[Annotated[list[Count], Field(max_length=MOST_LABELS)]], Field(max_length=MOST_LABELS)]

    @model_validator(mode="after")
    def _square(self) -> Self:
        if {len(self.matrix), *map(len, self.matrix)} != {len(self.labels)}:
            raise ValueError("the matrix needs one row and one column for each label")
        return self


class Scores(Record):
    """Metrics of one set of modalities on the rows of one source; a metric that was not measured is None.

    n: rows; n_single_label: those with one label, over which all but accuracy and calibration are measured.
    """

    n: Count
    n_single_label: Count | None = None
    accuracy: Estimate | None = None
    macro_f1: Estimate | None = None
    weighted_f1: Estimate | None = None
    uar: Estimate | None = None
    ece: Estimate | None = None
    multilabel_macro_f1: Estimate | None = None
    multilabel_macro_f1_at_03: Annotated[Estimate | None, Field(alias="multilabel_macro_f1_at_0.3")] = None
    per_class: dict[Name, ClassScores] = NamedByLabel
    confusion: Confusion | None = None
    met: Met | None = None
    own_labels: Scores | None = None

    def metric(self, name: str) -> Estimate | None:
        """One of METRICS; None where it was not measured."""
        if name not in METRICS:
            raise KeyError(f"unknown metric {name!r}; known are {', '.join(METRICS)}")
        return getattr(self, name.replace("0.3", "03"))


BySource = Annotated[dict[Name, Scores], Field(max_length=MOST_LABELS)]
BySet = Annotated[dict[Name, BySource], Field(max_length=MOST_SETS)]


@dataclass(frozen=True)
class Stranger:
    """Scores on a corpus that the weights which answered had never met."""

    task: str
    modalities: str
    source: str
    scores: Scores


class PeoplesVotes(Record):
    """Composed conflicts of face and voice against what people answered to such pairs (``datasets.human``).

    pairs: unequal pairs of labels with enough voted clips; cases: composed of each. The rest are correlations over
    pairs and emotions with people's mean answer: of the model's, of the face's label and of the mean of both labels.
    """

    pairs: Count
    cases: Count
    correlation: Number
    always_the_face: Number
    mean_of_labels: Number


class CalmVoices(Record):
    """What people who read or talk as usual are called. Nobody listened; neutral is what a calm speaker is expected
    to be. n: clips; the shares of them whose answer is neutral, is not sure, or is surely another emotion add up to
    one; surely: the emotions of the last, by share."""

    n: Count
    neutral: Share
    not_sure: Share
    surely_other: Share
    surely: dict[Name, Share] = NamedByLabel


class EvaluationReport(Heading):
    """How good a model's answers are.

    draws: composed cases of each set. baselines: by name, set and source, for emotion. leave_one_corpus_out: by task,
    set and source, answered by trainings that were made without that corpus. peoples_votes: None where the data
    has none. calm_voices: by group, people who speak as usual and actors who speak calmly, women and men apart where
    the source tells. clips_said_to_disagree: by aligned corpus, the share of clips whose face and voice, one
    person's at one moment, are said to express different emotions.
    """

    draws: Count | None = None
    emotion: BySet
    sentiment: BySet = Field(default_factory=dict)
    agreement: BySet = Field(default_factory=dict)
    baselines: Annotated[dict[Name, BySet], Field(max_length=MOST_SETS)] = Field(default_factory=dict)
    leave_one_corpus_out: Annotated[dict[Name, BySet], Field(max_length=MOST_SETS)] = Field(default_factory=dict)
    peoples_votes: PeoplesVotes | None = None
    calm_voices: Annotated[dict[Name, CalmVoices], Field(max_length=MOST_LABELS)] = Field(default_factory=dict)
    clips_said_to_disagree: Annotated[dict[Name, Share], Field(max_length=MOST_LABELS)] = Field(default_factory=dict)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that were judged."""
        return tuple(task for task in TASKS if self.sets(task))

    def sets(self, task: str) -> Mapping[str, Mapping[str, Scores]]:
        """A task's scores by set of modalities and source."""
        if task not in TASKS:
            raise KeyError(f"unknown task {task!r}; known are {', '.join(TASKS)}")
        return getattr(self, task)

    def scores(self, task: str, modalities: str, source: str = ALL) -> Scores | None:
        """The scores of one set of modalities on one source; None where it was not judged."""
        return self.sets(task).get(modalities, {}).get(source)

    def late_product(self, modalities: str = "text+image+audio", source: str = ALL) -> Scores | None:
        """The product of the single answers, each freed from its prior, on the same cases, for emotion: the baseline
        that a fusion must beat to earn its cost."""
        return self.baselines.get("late_product", {}).get(modalities, {}).get(source)

    def strangers(self) -> tuple[Stranger, ...]:
        """What was measured on corpora that the answering weights had never met, which every page shows first."""
        return tuple(
            Stranger(task, modalities, source, scores)
            for task in TASKS
            for sets in (self.sets(task), self.leave_one_corpus_out.get(task, {}))
            for modalities, source, scores in _each(sets)
            if scores.met in ("never seen", "left out") and scores.n
        )

    def labels(self) -> list[str]:
        """The emotions that were told apart; a model of one's own has others than the shipped one."""
        return list(next((s.per_class for _, _, s in _each(self.emotion) if s.per_class), ()))

    def sources(self) -> list[str]:
        """The corpora whose rows were judged."""
        return sorted({source for _, source, _ in _each(self.emotion)} - {ALL, "composed"})


def _each(sets: Mapping[str, Mapping[str, Scores]]) -> Iterator[tuple[str, str, Scores]]:
    for modalities, sources in sets.items():
        for source, scores in sources.items():
            yield modalities, source, scores


class _LeftOut(Record):
    widening: Number
    scores: dict[Name, BySet]


def read_left_out(path: Path) -> dict[str, BySet]:
    """The scores, by task, set and source, that ``train --leave-out`` wrote; InvalidInput where the file is not
    such."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path.name} can't be read as JSON; give the left_out.json of a training.") from error
    return checked(_LeftOut, content, "python -m mm_core train --leave-out").scores


def read_evaluation(content: Mapping[str, Any]) -> EvaluationReport:
    """The report that ``evaluate`` wrote; InvalidInput where it is none."""
    return checked(EvaluationReport, content, "python -m mm_core evaluate")
