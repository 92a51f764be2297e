"""What somebody else's model says of one case, checked, and turned into logits.

Shapes: C classes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.errors import TriadError
from mm_core.locale import listed
from mm_core.predictors.base import NAMED_LABELS
from mm_core.samples import InvalidInput

SMALLEST: Final = 1e-12
"""A probability below this counts as this one, so that its logarithm is a number."""

SUMS_TO_ONE_WITHIN: Final = 1e-2
"""Answers are often rounded; one further off is no distribution over the labels."""


class UnusableAnswer(TriadError):
    """A model gave something else than a probability for each of its labels."""

    code: ClassVar[str] = "unusable_answer"


class UnusablePredictor(InvalidInput):
    """A description of a model, or what it names, can't be used."""


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """At least two labels, each a word of its own; UnusablePredictor otherwise."""
    found = tuple(labels)
    if isinstance(labels, str) or not all(isinstance(label, str) and label.strip() for label in found):
        raise UnusablePredictor("Labels are a list of words. Name at least two.")
    if len(found) < 2 or len(set(found)) < len(found):
        raise UnusablePredictor("A model has at least two labels, each named once.")
    return found


def checked_modalities(modalities: Collection[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of ``known`` that are named, in its order; UnusablePredictor where none or another is."""
    chosen = set(modalities)
    if isinstance(modalities, str) or not chosen or not chosen <= set(known):
        raise UnusablePredictor(f"Modalities are at least one of {listed(known)}.")
    return tuple(m for m in known if m in chosen)


def logits_from(answer: Any, labels: Sequence[str]) -> NDArray[np.float32]:
    """The logarithms (C,) of a mapping of each label to its probability, in the order of ``labels``.

    UnusableAnswer for anything else: another set of labels, a value that is not in 0..1, a sum that is not 1.
    """
    if not isinstance(answer, Mapping) or set(answer) != set(labels):
        shown = listed(labels[:NAMED_LABELS])
        raise UnusableAnswer(f"The model must answer a probability for each of its {len(labels)} labels: {shown}.")
    try:
        values = [float(answer[label]) for label in labels]
    except (TypeError, ValueError):
        raise UnusableAnswer("The model answered something that is no number for one of its labels.") from None
    if not all(math.isfinite(value) and -1e-6 <= value <= 1 + 1e-6 for value in values):
        raise UnusableAnswer("The model answered a number for one of its labels that is not between 0 and 1.")
    if abs(sum(values) - 1.0) > SUMS_TO_ONE_WITHIN:
        raise UnusableAnswer(f"The model's probabilities must add up to 1; they add up to {sum(values):.3f}.")
    return log_of(np.array(values))


def relabelled(answer: Any, names: Mapping[str, str | None]) -> dict[str, float]:
    """Probabilities of somebody else's labels as those of ours: ``names`` says which is which. Several of theirs may
    share one of ours; what None leaves out is shared among the rest. UnusableAnswer for a label without a name."""
    if not isinstance(answer, Mapping) or not set(answer) <= set(names):
        known = listed(list(names)[:NAMED_LABELS])
        raise UnusableAnswer(f"The model answered labels to which its description gives no name; it names {known}.")
    found = {ours: 0.0 for ours in names.values() if ours is not None}
    for theirs, value in answer.items():
        ours = names[theirs]
        if ours is not None:
            try:
                found[ours] += float(value)
            except (TypeError, ValueError):
                raise UnusableAnswer("The model answered something that is no number for one label.") from None
    total = sum(found.values())
    if None in names.values() and total > SMALLEST:
        return {label: value / total for label, value in found.items()}
    return found


def log_of(probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
    """Logarithms of probabilities, none below that of SMALLEST."""
    return np.log(np.maximum(probabilities, SMALLEST)).astype(np.float32)


def log_prior(prior: Mapping[str, float] | None, labels: Sequence[str]) -> NDArray[np.float32]:
    """The answer (C,) to nothing: the logarithms of ``prior``, or of equal chances where there is none."""
    if prior is None:
        return np.full(len(labels), -math.log(len(labels)), np.float32)
    try:
        return logits_from(prior, labels)
    except UnusableAnswer:
        raise UnusablePredictor(
            f"A prior has a probability for each of {listed(labels[:NAMED_LABELS])}, which add up to 1."
        ) from None
