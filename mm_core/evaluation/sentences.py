"""Sentences about an evaluation report that the card, the command and the dashboard share."""

from __future__ import annotations

from mm_core.evaluation.evaluation_report import CalmVoices
from mm_core.locale import say


def calm_words(who: str, calm: CalmVoices) -> str:
    """One sentence of what a group is called, with the emotion that is wrongly heard most."""
    worst = max(calm.surely, key=calm.surely.__getitem__, default="")
    return say(
        "calm-voices",
        who=who,
        n=calm.n,
        neutral=calm.neutral,
        unsure=calm.not_sure,
        other=calm.surely_other,
        worst=worst if calm.surely_other else "none",
        share=calm.surely.get(worst, 0.0),
    )
