"""Lab: every way of fusing on the same work, two runs case by case, and smaller versions of the model that ships."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from dashboard import reports
from dashboard.links import pick
from dashboard.report_files import COMPRESSION, LAB, Report
from dashboard.reports import drawn
from dashboard.show import guarded, heading, nothing, plain, section, sentence, show, side_by_side
from dashboard.tables import show_table
from dashboard.verdicts import best_strategy, most_missed, smallest_as_good
from mm_core.evaluation.compare import Paired, paired
from mm_core.evaluation.compression_report import INPUTS, CompressionReport
from mm_core.evaluation.lab_report import LabReport, Reference, Strategy, strategies
from mm_core.figures.compression import compression_front
from mm_core.figures.evaluation import metric_name
from mm_core.figures.figure import spaced
from mm_core.figures.lab import (
    METRICS,
    cost_scatter,
    is_late,
    late_comparisons,
    metric_of,
    strategy_bars,
    strategy_name,
)
from mm_core.figures.lab_pairs import difference_plot, difference_sentence, discordance_grid
from mm_core.figures.lab_stress import conflict_stack, missing_grid, noise_grid, share_stack
from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say
from mm_core.strategies import FUSIONS

VIEWS: Final = ("strategies", "cost", "stress", "inputs", "pairs", "small")
DATA: Final = ("mosi-transcripts", "mosi-features", "composed", "attention")
VARIANTS: Final = ("utterance", "neighbours")
EVERY: Final = "all"

DECIMALS: Final = {"parameters, millions": 1, "MB": 1, "packed": 1, "time (shipped: 1)": 2, "accuracy": 3}
"""Of the table of smaller models."""


def page() -> None:
    heading(
        say("lab-page"),
        say("lab-lead"),
    )
    view = pick(
        st.segmented_control, say("choose-view"), VIEWS, key="lab",
        words=lambda name: say("lab-view", view=name), required=True, label_visibility="collapsed",
    )  # fmt: skip
    if view == "small":
        _small()
        return
    found = reports.needs(LAB)
    if found is None:
        return
    with guarded():
        _lab(found, view)
    reports.bring(LAB, found)


def _lab(found: Report[LabReport], view: str) -> None:
    report = found.content
    data, variant = _choose(report)
    chosen = strategies(report, data, variant)
    against = [c for c in report.comparisons if (c.data, c.variant) == (data, variant)]
    verdict = most_missed(chosen) if view in ("stress", "inputs") else best_strategy(chosen, against)
    if verdict and view != "pairs":  # which has a sentence of its own, on the two that are chosen
        sentence(verdict)
    draw = {"strategies": _strategies, "cost": _cost, "stress": _stress, "inputs": _inputs, "pairs": _pairs}
    draw[view](found, report, chosen, f"{data} {variant}")


def _choose(report: LabReport) -> tuple[str, str]:
    """Data and variant to look at."""
    known = [run.data for run in report.runs]
    data = pick(
        st.segmented_control, say("choose-data"),
        sorted(set(known), key=lambda d: (d not in DATA, known.index(d))), key="data",
        words=lambda name: say("lab-data", data=name) if name in DATA else plain(name), required=True,
    )  # fmt: skip
    if data in DATA:
        st.caption(say("lab-about-data", data=data))
    variants = list(dict.fromkeys(run.variant for run in report.runs if run.data == data))
    if len(variants) == 1:
        return data, variants[0]
    variant = pick(
        st.segmented_control,
        say("lab-context"),
        variants,
        key="variant",
        words=lambda name: say("lab-variant", variant=name) if name in VARIANTS else plain(name),
        required=True,
    )
    return data, variant


def _strategies(found: Report[LabReport], report: LabReport, chosen: tuple[Strategy, ...], about: str) -> None:
    data, variant = chosen[0].runs[0].data, chosen[0].runs[0].variant
    metric = _metric(chosen)
    beside = [reference for reference in report.references if reference.data == data]
    left, right = side_by_side(2)
    with left:
        figure = drawn(found, f"bars {about} {metric}", lambda: strategy_bars(chosen, metric, beside))
        show(figure, f"strategies-{metric}")
    with right:
        against = [c for c in report.comparisons if (c.data, c.variant) == (data, variant)]
        show(drawn(found, f"late {about}", lambda: late_comparisons(against)), "late")
        _elsewhere(beside)
    table: pd.DataFrame = drawn(found, f"table {about}", lambda: _numbers(chosen))
    show_table(table, _title(chosen), "strategies", digits=3)
    if say("lab-depends") in table:
        st.caption(say("lab-attention"))
    _glossary(chosen)


def _elsewhere(references: list[Reference]) -> None:
    """Estimates that stand beside, with where they come from and what was done another way."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in references:
        figure = f"{one.name} {one.value:.3f} ({metric_name(one.metric)})"
        groups.setdefault((one.kind, one.source, one.note), []).append(figure)
    for (kind, source, note), figures in groups.items():
        words = [f"{kind[0].upper()}{kind[1:]}: {'; '.join(figures)}.", f"{source}." if source else "", note]
        st.caption(plain(" ".join(words)))


def _metric(chosen: tuple[Strategy, ...]) -> str:
    held = [m for m in METRICS if any(m in run.metrics for strategy in chosen for run in strategy.runs)]
    if not held:
        return METRICS[0]
    return pick(st.segmented_control, say("choose-metric"), held, key="metric", words=metric_name, required=True)


def _title(chosen: tuple[Strategy, ...]) -> str:
    seeds = sorted({len(strategy.runs) for strategy in chosen})
    counted = str(seeds[0]) if len(seeds) == 1 else say("lab-seed-range", first=seeds[0], last=seeds[-1])
    return say("lab-table", strategies=len(chosen), seeds=counted)


def _numbers(chosen: tuple[Strategy, ...]) -> pd.DataFrame:
    rows = []
    for strategy in chosen:
        row: dict[str, object] = {"strategy": strategy_name(strategy.fusion)}
        for metric in ("accuracy", "macro_f1", "ece"):
            spread = strategy.spread(metric_of(metric))
            if spread is not None:
                name = metric_name(metric)
                row |= {name: spread.estimate.value, f"± {name}": spread.deviation}
        depends = strategy.spread(lambda run: run.attention.depends if run.attention else None)
        removal = strategy.spread(lambda run: run.attention.removal if run.attention else None)
        if depends is not None and removal is not None:
            row |= {say("lab-depends"): depends.estimate.value, say("lab-removal"): removal.estimate.value}
        row |= {"parameters": strategy.runs[0].parameters, "seconds": round(strategy.runs[0].seconds, 1)}
        rows.append(row)
    return pd.DataFrame(rows)


def _glossary(chosen: tuple[Strategy, ...]) -> None:
    with st.expander(say("lab-glossary")):
        st.markdown(
            "\n".join(
                f"- **{strategy_name(s.fusion)}**: {FUSIONS[s.fusion].about}" for s in chosen if s.fusion in FUSIONS
            )
        )


def _cost(found: Report[LabReport], report: LabReport, chosen: tuple[Strategy, ...], about: str) -> None:
    left, right = side_by_side(2)
    with left:
        show(drawn(found, f"parameters {about}", lambda: cost_scatter(chosen, "parameters")), "cost-parameters")
        show(drawn(found, f"bars {about} ece", lambda: strategy_bars(chosen, "ece")), "strategies-ece")
    with right:
        show(drawn(found, f"seconds {about}", lambda: cost_scatter(chosen, "seconds")), "cost-seconds")
        show(drawn(found, f"bars {about} nll", lambda: strategy_bars(chosen, "nll")), "strategies-nll")
    st.caption(say("lab-calibration"))


def _stress(found: Report[LabReport], report: LabReport, chosen: tuple[Strategy, ...], about: str) -> None:
    section(say("lab-stress"), say("lab-stress-lead"))
    modality = pick(
        st.segmented_control,
        say("choose-input"),
        MODALITIES,
        key="input",
        words=lambda m: f"the {modality_word(m)}",
        required=True,
    )
    left, right = side_by_side(2)
    with left:
        show(drawn(found, f"noise {about} {modality}", lambda: noise_grid(chosen, modality)), f"noise-{modality}")
    with right:
        figure = drawn(found, f"conflict {about} {modality}", lambda: conflict_stack(chosen, modality))
        show(figure, f"conflict-{modality}")
    section(say("lab-missing"))
    show(drawn(found, f"missing {about}", lambda: missing_grid(chosen)), "missing")


def _inputs(found: Report[LabReport], report: LabReport, chosen: tuple[Strategy, ...], about: str) -> None:
    show(drawn(found, f"shares {about}", lambda: share_stack(chosen)), "shares")
    st.caption(say("lab-shares"))


def _pairs(found: Report[LabReport], report: LabReport, chosen: tuple[Strategy, ...], about: str) -> None:
    if found.predictions is None:
        nothing(say("report-no-rows"), say("lab-no-rows-how"))
        return
    names = [strategy.fusion for strategy in chosen]
    late = next((name for name in names if is_late(name)), names[-1])
    left, right = side_by_side(2)
    with left:
        first = _side(
            "first", say("lab-first"), chosen, "cross_attention" if "cross_attention" in names else names[0]
        )
    with right:
        second = _side("second", say("lab-second"), chosen, late)
    (a, first_runs), (b, second_runs) = first, second
    if first_runs == second_runs:
        nothing(say("lab-same"), say("lab-same-how"))
        return
    predictions = found.predictions
    ids = f"{' '.join(first_runs)} against {' '.join(second_runs)}"
    both: Paired = drawn(found, f"paired {ids}", lambda: paired(predictions, first_runs, second_runs))
    sentence(difference_sentence(both, a, b))
    st.caption(
        say(
            "lab-pair",
            first=plain(a),
            first_share=both.first.words(3),
            second=plain(b),
            second_share=both.second.words(3),
        )
    )
    left, right = side_by_side(2)
    with left:
        show(drawn(found, f"difference {ids}", lambda: difference_plot(both, a, b)), "difference")
    with right:
        show(drawn(found, f"discordance {ids}", lambda: discordance_grid(both, a, b)), "discordance")
    table = both.flipped.rename(columns={"first: answer": a, "second: answer": b})
    title = say("lab-flips", count=f"{len(table):,}")
    show_table(table, title, "flipped", height=340, digits=2)
    st.caption(say("lab-no-media"))


def _side(key: str, label: str, chosen: tuple[Strategy, ...], default: str) -> tuple[str, list[str]]:
    """A strategy and its seed: its name for people, and the ids of the runs that are meant."""
    known = {strategy.fusion: strategy.runs for strategy in chosen}
    left, right = st.columns([3, 2])
    fusion = pick(
        left.selectbox,
        say("lab-side-strategy", side=label),
        list(known),
        key=key,
        words=strategy_name,
        default=default,
    )
    runs = {str(run.seed): run.id for run in known[fusion]}
    seed = pick(
        right.selectbox, say("choose-seed"), [*runs, *([EVERY] if len(runs) > 1 else [])], key=f"{key}-seed",
        words=lambda name: say("lab-mean-of-seeds", count=len(runs)) if name == EVERY else name,
    )  # fmt: skip
    if seed == EVERY:
        return strategy_name(fusion), list(runs.values())
    return f"{strategy_name(fusion)}, seed {seed}", [runs[seed]]


def _small() -> None:
    found = reports.needs(COMPRESSION)
    if found is None:
        return
    with guarded():
        report = found.content
        inputs = pick(
            st.segmented_control, say("choose-judged-on"), INPUTS, key="inputs", words=spaced, required=True
        )
        sentence(smallest_as_good(report.runs, inputs))
        left, right = side_by_side(2)
        with left:
            figure = drawn(found, f"size {inputs}", lambda: compression_front(report.runs, "size_mb", inputs))
            show(figure, "front-size")
        with right:
            figure = drawn(found, f"speed {inputs}", lambda: compression_front(report.runs, "latency", inputs))
            show(figure, "front-speed")
        table: pd.DataFrame = drawn(found, f"table {inputs}", lambda: _models(report, inputs))
        show_table(table, say("lab-models", count=len(table), inputs=spaced(inputs)), "models", digits=DECIMALS)
        with st.expander(say("lab-models-how")):
            st.markdown("\n".join(f"- **{plain(m.title)}**: {plain(m.note)}" for m in report.runs if m.note))
    reports.bring(COMPRESSION, found)


def _models(report: CompressionReport, inputs: str) -> pd.DataFrame:
    rows = []
    for model in report.runs:
        scores, lost, time = model.metrics.get(inputs), model.difference.get(inputs), model.latency.get(inputs)
        rows.append(
            {
                "model": model.title,
                "parameters, millions": model.parameters / 1e6,
                "MB": model.size_mb,
                "packed": model.packed_mb,
                "time (shipped: 1)": None if time is None else time.value,
                "accuracy": None if scores is None else scores.accuracy.value,
                "difference": "" if lost is None else lost.words(3),
                "can ship": model.loadable,
            }
        )
    return pd.DataFrame(rows)


page()
