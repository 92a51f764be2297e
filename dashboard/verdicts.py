"""What a page's figures come to, in a sentence or two, so that nobody has to read a chart to know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mm_core.evaluation.compression_report import SmallModel
from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.evaluation.lab_report import Comparison, Strategy
from mm_core.evidence import Evidence
from mm_core.evidence.what_if import without_modalities
from mm_core.figures.evaluation import metric_name
from mm_core.figures.figure import spaced
from mm_core.figures.lab import metric_of, strategy_name
from mm_core.labels import MODALITIES, coalition_name
from mm_core.locale import listed, say

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
    if gap >= A_POINT:
        return say("fusion-gains", fused=fused.accuracy.value, product=product.accuracy.value, points=100 * gap)
    return say("fusion-gains-nothing", fused=fused.accuracy.value, product=product.accuracy.value)


def best_strategy(strategies: Sequence[Strategy], comparisons: Sequence[Comparison]) -> str:
    """Which strategy is best on average, where the default stands, and what is shown against late ones."""
    spreads = {s.fusion: spread for s in strategies if (spread := s.spread(metric_of("accuracy"))) is not None}
    if not spreads:
        return ""
    best = max(spreads, key=lambda fusion: spreads[fusion].estimate.value)
    top = spreads[best].estimate.value
    sentences = [say("strategy-best", strategy=strategy_name(best), metric=metric_name("accuracy"), value=top)]
    if DEFAULT not in spreads:
        return sentences[0]
    behind = top - spreads[DEFAULT].estimate.value
    name = strategy_name(DEFAULT)
    name = f"{name[0].upper()}{name[1:]}"
    if best == DEFAULT:
        sentences.append(say("strategy-shipped-is-best", strategy=name))
    else:
        sentences.append(say("strategy-shipped-is-behind", strategy=name, points=100 * behind))
    shown = [strategy_name(c.second) for c in comparisons if c.not_worse]
    open_ = [strategy_name(c.second) for c in comparisons if not c.not_worse]
    if shown:
        sentences.append(say("strategy-no-worse", strategies=listed(shown)))
    if open_:
        sentences.append(say("strategy-not-excluded", strategies=listed(open_)))
    return " ".join(sentences)


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
        return say("strategy-misses-none", strategy=name)
    return say("strategy-misses-most", strategy=name, modality=most, whole=whole, left=left[most])


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
        return say("smaller-model-none", inputs=spaced(inputs))
    best = min(good, key=lambda model: model.size_mb)
    return say(
        "smaller-model",
        inputs=spaced(inputs),
        title=best.title,
        size=f"{best.size_mb:.0f}",
        shipped=f"{shipped.size_mb:.0f}",
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
    first = say(
        "hangs-on",
        modality=strongest,
        label=label,
        before=before,
        after=after.probabilities[label],
        stays="yes" if after.label == label else "no",
        likeliest=after.label,
    )
    others = [m for m in evidence.present if m != strongest]
    turned = [m for m in others if answers[m].label != label]
    one, another = [*(turned or others), "none"][:2]
    if turned:
        return f"{first} {say('hangs-on-changes', first=one, second=another)}"
    return f"{first} {say('hangs-on-stays', first=one, second=another)}"
