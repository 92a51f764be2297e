"""Why this answer, in one sentence: who speaks for the class and who pulls away from it, each with its map.

Made of the exact contributions and of maps that their deletion test found better than chance; a modality whose map
was not tested, or failed, is named without saying which part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from mm_core.evidence import Evidence
from mm_core.locale import listed, say, the_modality

LEAST_SHARE: Final = 0.1
"""Share of all that moves an answer from which a modality is named as a reason."""

MOST_WORDS: Final = 2
"""Words of a text that are quoted."""

_STRONG: Final = 0.6
"""Share of the strongest part's relevance from which a second part is named too."""

_FACE_PARTS: Final = ((0.3, "brow"), (0.52, "eyes"), (0.68, "nose"), (0.9, "mouth"), (1.01, "chin"))
"""Where on a face, from its top (0) to its bottom (1), each part ends: a rule of thumb for upright faces, told as
what the marked place is around."""


@dataclass(frozen=True)
class Reason:
    """modality: whose map shows it. words: what is named, plain text, e.g. ``“thank you”`` or ``the voice``."""

    modality: str
    words: str


@dataclass(frozen=True)
class Reasons:
    """speaking_for: the reasons for the class, the strongest first. against: the modality that pulls away from it
    the most, None if none does; towards: the class that it pulls towards."""

    label: str
    speaking_for: tuple[Reason, ...]
    against: Reason | None = None
    towards: str = ""

    def text(self) -> str:
        """The sentence as plain text."""
        return self._said(lambda reason: reason.words)

    def html(self, target: Callable[[str], str]) -> str:
        """The sentence as safe HTML in which each reason links to its map, whose address ``target`` gives."""
        return self._said(lambda r: f'<a href="{escape(target(r.modality))}">{escape(r.words)}</a>', escape)

    def _said(self, shown: Callable[[Reason], str], label: Callable[[str], str] = str) -> str:
        reasons = listed([shown(reason) for reason in self.speaking_for])
        if self.against is None:
            return say("reasons", reasons=reasons) if reasons else say("reasons-none", label=label(self.label))
        modality, against, towards = self.against.modality, shown(self.against), label(self.towards)
        if not reasons:
            return say("reasons-against", against=against, modality=modality, towards=towards)
        return say("reasons-for-and-against", reasons=reasons, against=against, modality=modality, towards=towards)


def reasons(evidence: Evidence) -> Reasons:
    """The reasons of a record for the class that it explains."""
    game = evidence.contributions()
    weight = sum(map(abs, game.shapley.values()))
    ranked = sorted(game.shapley.items(), key=lambda pair: -abs(pair[1]))
    named = [(m, value) for m, value in ranked if weight > 0 and abs(value) / weight >= LEAST_SHARE]
    against = next((m for m, value in named if value < 0), None)
    return Reasons(
        label=evidence.label,
        speaking_for=tuple(Reason(m, _part(evidence, m)) for m, value in named if value > 0),
        against=None if against is None else Reason(against, the_modality(against)),
        towards="" if against is None else _pulled_towards(evidence, against),
    )


def _pulled_towards(evidence: Evidence, modality: str) -> str:
    """The class that a modality adds the most to."""
    labels = evidence.coalitions.labels[evidence.task]
    return max(labels, key=lambda label: evidence.contributions(label).shapley[modality])


def _part(evidence: Evidence, modality: str) -> str:
    """What within a modality speaks for the class, where its map is worth believing; else the whole of it."""
    test = evidence.faithfulness_of(modality) or evidence.faithfulness_of(modality, alone=False)
    found = evidence.relevance_of(modality)
    if test is None or not test.better_than_chance or found is None or not found.signed or found.values.max() <= 0:
        return the_modality(modality)
    values = found.values.astype(np.float64)
    if modality == "text":
        return _quoted(evidence, values)
    if modality == "audio":
        start, end = evidence.units[modality].spans[int(values.argmax())]
        return say("reason-moment", start=float(start), end=float(end))
    return _part_of_face(evidence, values)


def _quoted(evidence: Evidence, values: np.ndarray) -> str:
    """The strongest words in reading order, neighbours in one pair of quotation marks."""
    units = evidence.units["text"]
    spoken = [i for i in np.argsort(-values, kind="stable") if any(c.isalnum() for c in units.labels[i])]
    chosen = sorted(int(i) for i in spoken[:MOST_WORDS] if values[i] >= _STRONG * values.max())
    if not chosen:
        return the_modality("text")
    phrases: list[list[int]] = [[chosen[0]]]
    for index in chosen[1:]:
        if index == phrases[-1][-1] + 1:
            phrases[-1].append(index)
        else:
            phrases.append([index])
    return listed([say("reason-words", words=" ".join(units.labels[i] for i in phrase)) for phrase in phrases])


def _part_of_face(evidence: Evidence, values: np.ndarray) -> str:
    """Around which part of the face what speaks for the class lies: the height of its centre of mass."""
    units = evidence.units["image"]
    if units.grid is None or units.grid[0] < len(_FACE_PARTS):
        return the_modality("image")
    strong = np.where(values >= _STRONG * values.max(), values, 0.0)
    middles = (units.spans[:, 1] + units.spans[:, 3]) / 2
    top, bottom = units.spans[:, 1].min(), units.spans[:, 3].max()
    height = float((strong * middles).sum() / strong.sum() - top) / float(bottom - top)
    return say("reason-face", part=next(part for end, part in _FACE_PARTS if height < end))
