"""What a page's figures come to, in a sentence or two, so that nobody has to read a chart to know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mm_core.evaluation.compression_report import SmallModel
from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.evaluation.lab_report import Comparison, Strategy
from mm_core.evidence import Evidence
from mm_core.evidence.what_if import without_modalities
from mm_core.figures.figure import spaced
from mm_core.figures.lab import METRICS, metric_of, strategy_name
from mm_core.labels import MODALITIES, coalition_name
from mm_core.locale import listed, percent, the_modality

A_POINT: Final = 0.01
"""Accuracy below which a gain is not worth the name."""

DEFAULT: Final = "cross_attention"
"""The strategy of the model that ships."""

ALL_THREE: Final = coalition_name(MODALITIES)


def fusion_gain(report: EvaluationReport) -> str:
    """What fusing gains over multiplying the single answers; empty where the report does not hold both."""
    fused, product = report.scores("emotion", ALL_THREE), report.late_product(ALL_THREE)
    if fused is None or fused.accuracy is None or product is None or product.accuracy is None:
        return ""
    gap = fused.accuracy.value - product.accuracy.value
    compared = (
        f"All three together are right on {percent(fused.accuracy.value)} of composed triples; multiplying the three "
        f"single answers, with no fusion at all, on {percent(product.accuracy.value)}."
    )
    if gap >= A_POINT:
        return f"{compared} Fusion gains {100 * gap:.1f} points there."
    return (
        f"{compared} So what is gained there comes from having three inputs, not from fusing them: the parts of a "
        "triple share a label and nothing else."
    )


def best_strategy(strategies: Sequence[Strategy], comparisons: Sequence[Comparison]) -> str:
    """Which strategy is best on average, where the default stands, and what is shown against late ones."""
    spreads = {s.fusion: spread for s in strategies if (spread := s.spread(metric_of("accuracy"))) is not None}
    if not spreads:
        return ""
    best = max(spreads, key=lambda fusion: spreads[fusion].estimate.value)
    top = spreads[best].estimate.value
    words = f"Best on average: {strategy_name(best)}, {METRICS['accuracy']} {top:.3f}."
    if DEFAULT not in spreads:
        return words
    behind = top - spreads[DEFAULT].estimate.value
    name = strategy_name(DEFAULT)
    name = f"{name[0].upper()}{name[1:]}"
    place = "is the best" if best == DEFAULT else f"lies {100 * behind:.1f} points behind"
    words += f" {name}, which ships, {place}."
    shown = [strategy_name(c.second) for c in comparisons if c.not_worse]
    open_ = [strategy_name(c.second) for c in comparisons if not c.not_worse]
    if shown:
        words += f" It is shown to be no worse than {listed(shown)}."
    if open_:
        words += f" Whether it is worse than {listed(open_)}, by more than a point, these cases can't exclude."
    return words


def most_missed(strategies: Sequence[Strategy]) -> str:
    """Whose absence costs the default, or the first strategy, most."""
    known = {s.fusion: s for s in strategies}
    strategy = known.get(DEFAULT) or next(iter(known.values()), None)
    if strategy is None:
        return ""

    def accuracy(pattern: str) -> float | None:
        spread = strategy.spread(lambda run: run.missing[pattern].accuracy if pattern in run.missing else None)
        return None if spread is None else spread.estimate.value

    whole = accuracy(ALL_THREE)
    without = {m: accuracy(coalition_name(o for o in MODALITIES if o != m)) for m in MODALITIES}
    left = {m: value for m, value in without.items() if value is not None}
    if whole is None or not left:
        return ""
    most = min(left, key=lambda m: left[m])
    name = strategy_name(strategy.fusion)
    if whole - left[most] < A_POINT:
        return f"No input is missed: without any one of them {name} loses less than a point."
    fall = f"from {percent(whole)} right answers to {percent(left[most])}"
    return f"Taking away {the_modality(most)} costs most: {name} falls {fall}."


def smallest_as_good(models: Sequence[SmallModel], inputs: str) -> str:
    """The smallest model that is shown to lose at most a point; says so where there is none."""
    shipped = next((model for model in models if model.method == "none"), None)
    if shipped is None:
        return ""
    good = [
        model
        for model in models
        if model is not shipped
        and (lost := model.difference.get(inputs)) is not None
        and lost.interval is not None
        and lost.interval[0] > -A_POINT
        and model.size_mb < shipped.size_mb
    ]
    if not good:
        return f"On {spaced(inputs)} no smaller model is shown to lose less than a point."
    best = min(good, key=lambda model: model.size_mb)
    return (
        f"On {spaced(inputs)} the smallest model that is shown to lose less than a point is “{best.title}”: "
        f"{best.size_mb:.0f} MB instead of {shipped.size_mb:.0f}."
    )


def strongest_removal(evidence: Evidence) -> str | None:
    """The modality without which the answer's probability changes most; None where there is one only."""
    if len(evidence.present) < 2:
        return None
    label = evidence.prediction.emotion.label
    return max(evidence.present, key=lambda m: abs(without_modalities(evidence, m).difference()[label]))


def what_it_hangs_on(evidence: Evidence) -> str:
    """Which input the answer hangs on, and what taking each of the others away does."""
    strongest = strongest_removal(evidence)
    if strongest is None:
        return ""
    answers = {m: without_modalities(evidence, m).after.prediction.emotion for m in evidence.present}
    label, before = evidence.prediction.emotion.label, evidence.prediction.emotion.confidence
    after = answers[strongest]
    then = "the answer stays" if after.label == label else f"{after.label} becomes likeliest"
    others = [m for m in evidence.present if m != strongest]
    turned = [m for m in others if answers[m].label != label]
    rest = (
        f"It stays without {' or without '.join(the_modality(m) for m in others)}."
        if not turned
        else f"It also changes without {' or without '.join(the_modality(m) for m in turned)}."
    )
    return (
        f"The answer hangs most on {the_modality(strongest)}: taken away, {label} goes from {percent(before)} to "
        f"{percent(after.probabilities[label])}; {then}. {rest}"
    )
