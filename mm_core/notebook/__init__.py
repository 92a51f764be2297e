"""How a Prediction and Evidence look in a notebook: small HTML for light and dark grounds, with no script and nothing
from elsewhere. Jinja escapes everything, so what a person wrote stays words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import jinja2

from mm_core.figures.palette import ACCENT, AGAINST, FOR, MODALITY_COLOURS
from mm_core.locale import label_word, modality_word, percent

if TYPE_CHECKING:
    from mm_core.evidence import Evidence
    from mm_core.prediction import Prediction

FAINTEST: Final = 0.12
"""Opacity of the weakest shade that is still drawn behind a word."""


def prediction_html(prediction: Prediction) -> str:
    """The answer in a sentence, and the probability of every class as a bar."""
    rows = [(label_word(label), p, ACCENT) for label, p in prediction.emotion.probabilities.items()]
    return _templates().get_template("prediction.html.jinja").render(prediction=prediction, rows=rows)


def evidence_html(evidence: Evidence) -> str:
    """The answer, each modality's share of it, the words shaded by their relevance, and whether maps were tested."""
    shares = evidence.contributions().shares or {}
    return (
        _templates()
        .get_template("evidence.html.jinja")
        .render(
            evidence=evidence,
            prediction=evidence.prediction,
            rows=[(modality_word(m), share, MODALITY_COLOURS[m]) for m, share in shares.items()],
            words=_shaded_words(evidence),
            maps=[_map_words(evidence, modality) for modality in evidence.present],
        )
    )


def _shaded_words(evidence: Evidence) -> list[tuple[str, str]]:
    """Each word of the text with the CSS colour behind it: red for the class, blue against it, none where the map did
    not beat chance."""
    found = evidence.relevance_of("text") if "text" in evidence.present else None
    if found is None:
        return []
    test = evidence.faithfulness_of("text")
    chance = test is not None and not test.better_than_chance
    most = max(float(abs(found.values).max()), 1e-12)
    shades = []
    for word, value in zip(evidence.units["text"].labels, found.values.tolist(), strict=True):
        strength = 0.0 if chance else abs(value) / most
        colour = FOR if value > 0 else AGAINST
        shades.append((word, f"{colour}{round(153 * strength):02x}" if strength >= FAINTEST else "transparent"))
    return shades


def _map_words(evidence: Evidence, modality: str) -> str:
    test = evidence.faithfulness_of(modality)
    return f"{modality_word(modality)}: {'not tested yet' if test is None else test.verdict}"


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mm_core.notebook", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"percent": percent, "label": label_word, "modality": modality_word}
    environment.globals |= {"colours": MODALITY_COLOURS}
    return environment
