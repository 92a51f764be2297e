"""What the two pages say about a model that answers labels of somebody's own in place of the seven emotions."""

from __future__ import annotations

from pydantic import ValidationError

from mm_core.evaluation.records import Estimate
from mm_core.labels import MODALITIES
from mm_core.locale import listed, modality_word, say, the_modalities
from mm_core.serving.health import Health


def page_title(health: Health) -> str:
    """A page's title: what the model answers, from what."""
    if not health.has_own_labels:
        return say("page-title")
    return say("page-title-own", labels=listed(health.labels), inputs=_inputs(health))


def question(health: Health) -> str:
    """The question that the page asks, about the labels of this model."""
    if not health.has_own_labels:
        return say("page-question")
    return say("page-question-own", labels=listed(health.labels), inputs=the_modalities(health.learned_modalities))


def labels_in_words(health: Health) -> str:
    """Which labels of one's own the model answers and from what it learned them; empty for the seven emotions."""
    if not health.has_own_labels:
        return ""
    every = "yes" if len(health.learned_modalities) == len(MODALITIES) else "no"
    return say("own-labels", all=every, labels=listed(health.labels), inputs=_inputs(health))


def scores_in_words(health: Health) -> str:
    """What fine-tuning measured on held-out cases with these labels, or that it measured nothing."""
    try:
        given = health.tested["as given"]
        accuracy, macro = (Estimate.model_validate(given[name]).words() for name in ("accuracy", "macro_f1"))
        return say(
            "own-labels-scores",
            count=int(given["n"]),
            accuracy=accuracy,
            macro=macro,
            majority=str(health.tested["majority_label"]),
            share=float(health.tested["majority"]),
        )
    except (KeyError, TypeError, ValueError, ValidationError):  # the notes may be anybody's
        return say("own-labels-unmeasured")


def _inputs(health: Health) -> str:
    return listed([modality_word(modality) for modality in health.learned_modalities])
