"""What if something had been different: two records of a case side by side.

Taking modalities away needs no model: the coalitions hold that answer. Other changes run the encoder they touch; see
``ExplanationSession.what_if``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mm_core.evidence.answers import prediction_of
from mm_core.evidence.change import Change
from mm_core.evidence.record import ORDERED_PAIRS, Evidence
from mm_core.explain.records import Coalitions
from mm_core.explain.shapley import members
from mm_core.locale import percent, say
from mm_core.samples.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class WhatIf:
    """change: what was done, in words. before, after: the records; both speak about the same class."""

    change: str
    before: Evidence
    after: Evidence

    def difference(self, task: str = "emotion") -> dict[str, float]:
        """By how much each class's calibrated probability grew."""
        before = self.before.prediction.answers[task].probabilities
        after = self.after.prediction.answers[task].probabilities
        return {label: after[label] - before[label] for label in before}

    def sentence(self) -> str:
        """The difference in words, e.g. "Without the voice: joy goes from 81% to 40%; now neutral is likeliest." A
        change too small to show in whole percents is said to be none."""
        before, after = self.before.prediction.emotion, self.after.prediction.emotion
        was, now = percent(before.confidence), percent(after.probabilities[before.label])
        stays = "yes" if after.label == before.label else "no"
        if was == now:
            return say(
                "what-if-unmoved",
                change=self.change,
                label=before.label,
                share=before.confidence,
                stays=stays,
                likeliest=after.label,
            )
        return say(
            "what-if-moved",
            change=self.change,
            label=before.label,
            before=before.confidence,
            after=after.probabilities[before.label],
            stays=stays,
            likeliest=after.label,
        )


def from_record(evidence: Evidence, change: Change) -> WhatIf | None:
    """The change as the record alone answers it; None where it takes the model: only taking modalities away does not,
    and where the inputs were kept the model also makes the maps of the smaller case."""
    if change.removed and evidence.inputs is None:
        return without_modalities(evidence, *change.removed)
    return None


def without_modalities(evidence: Evidence, *removed: str) -> WhatIf:
    """Take modalities away, from the record alone. Attention and relevance of the smaller case are left empty: they
    would need the model. InvalidInput where nothing would be left."""
    wrong = [modality for modality in removed if modality not in evidence.present]
    if wrong or not removed:
        raise InvalidInput(f"Only a modality that is there can be taken away: {', '.join(evidence.present)}.")
    present = tuple(m for m in evidence.present if m not in removed)
    if not present:
        raise InvalidInput("At least one modality must stay. Take fewer away.")
    old = evidence.prediction
    return WhatIf(
        change=Change(remove=removed).in_words(),
        before=evidence,
        after=replace(
            evidence,
            prediction=prediction_of(
                evidence.coalitions, present, old.warnings, old.model, old.milliseconds, old.referenced
            ),
            digests={m: evidence.digests[m] for m in present},
            coalitions=_among(evidence.coalitions, present),
            units={m: evidence.units[m] for m in present},
            attention=dict.fromkeys(ORDERED_PAIRS),
            relevance=(),
            faithfulness=(),
            defaults={m: evidence.defaults[m] for m in present},
            inputs=None,
            matches={pair: found for pair, found in evidence.matches.items() if set(pair.split("+")) <= set(present)},
        ),
    )


def _among(coalitions: Coalitions, players: tuple[str, ...]) -> Coalitions:
    """The game among fewer players, the others being absent."""
    rows = np.array(
        [
            index
            for index in range(2 ** len(coalitions.players))
            if set(members(coalitions.players, index)) <= set(players)
        ]
    )
    return replace(
        coalitions,
        players=players,
        logits={task: values[rows] for task, values in coalitions.logits.items()},
        temperatures={task: values[rows] for task, values in coalitions.temperatures.items()},
        agreement=None if coalitions.agreement is None else coalitions.agreement[rows],
    )
