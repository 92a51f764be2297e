"""What holds for every figure: a sentence, a table, one template, nothing a phone or a dark page can't show."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from mm_core import figures
from mm_core.evaluation.compare import paired
from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.lab_report import read_lab, strategies
from mm_core.figures import Figure, lab, lab_pairs, lab_stress
from mm_core.figures.compression import compression_front
from mm_core.figures.theme import SMALL
from tests.figures import lab_reports, reports
from tests.figures.cases import evidence
from tests.figures.test_timeline import FILM

CASE = evidence()
ROWS = figures.pick_rows(reports.predictions(), "emotion", "text+image+audio")
LAB = read_lab(lab_reports.lab())
CHOSEN = strategies(LAB, "mosi-features", "utterance")
PAIRED = paired(lab_reports.lab_rows(), *(CHOSEN[index].runs[0].id for index in (1, 2)))

MADE: dict[str, Callable[[], Figure]] = {
    "probability bars": lambda: figures.probability_bars(CASE.prediction),
    "sentiment bars": lambda: figures.probability_bars(CASE.prediction, "sentiment"),
    "before and after": lambda: figures.probability_bars(CASE.prediction, before=evidence(("text",)).prediction),
    "agreement": lambda: figures.agreement_bars(CASE.prediction),
    "film": lambda: figures.timeline_chart(FILM),
    "film, smoothed": lambda: figures.timeline_chart(FILM, smoothing=3),
    "many answers": lambda: figures.answer_distribution([CASE.prediction] * 3, "sentiment"),
    "waterfall": lambda: figures.waterfall(CASE),
    "waterfall in probability": lambda: figures.waterfall(CASE, value="probability"),
    "waterfall of one": lambda: figures.waterfall(evidence(("audio",))),
    "shares": lambda: figures.shares_bar(CASE),
    "lattice": lambda: figures.lattice(CASE),
    "lattice of two": lambda: figures.lattice(evidence(("text", "audio"))),
    "interactions": lambda: figures.interaction_table(CASE),
    "words": lambda: figures.relevance(CASE, "text"),
    "words to choose": lambda: figures.relevance(CASE, "text", selectable=True, chosen=2),
    "picture": lambda: figures.relevance(CASE, "image"),
    "picture not kept": lambda: figures.relevance(evidence(inputs=False), "image"),
    "sound": lambda: figures.relevance(CASE, "audio"),
    "sound not kept": lambda: figures.relevance(evidence(inputs=False), "audio"),
    "unsigned": lambda: figures.relevance(CASE, "image", "rollout"),
    "greyed": lambda: figures.relevance(evidence(tested="no better than chance"), "audio"),
    "matrix": lambda: figures.attention_matrix(CASE, "text", "image", selectable=True),
    "matrix of a head": lambda: figures.attention_matrix(CASE, "audio", "text", 1, 3),
    "match": lambda: figures.match_map(CASE, "text", "audio"),
    "attention from": lambda: figures.attention_from(CASE, "text", 3, "image"),
    "attention to": lambda: figures.attention_to(CASE, "image", 20, "audio"),
    "heads": lambda: figures.attention_heads(CASE, "text", "audio"),
    "faithfulness": lambda: figures.faithfulness_curves(CASE.faithfulness[0]),
    "metrics": lambda: figures.metric_bars(reports.evaluation()),
    "confusion": lambda: figures.confusion(reports.evaluation(), selectable=True),
    "strangers": lambda: figures.stranger_bars(reports.met_strangers()),
    "per class": lambda: figures.per_class(reports.evaluation()),
    "roc": lambda: figures.roc_curves(ROWS),
    "precision and recall": lambda: figures.precision_recall_curves(ROWS),
    "reliability": lambda: figures.reliability(ROWS),
    "risk": lambda: figures.risk_coverage(ROWS, 0.4),
    "slices": lambda: figures.accuracy_by(reports.predictions(), "emotion", "text+image+audio", "words"),
    "shares by class": lambda: figures.shares_by_class(reports.contributions()),
    "shape": lambda: figures.shape_bars(reports.contributions()),
    "perceptual": lambda: figures.perceptual_bars(reports.contributions()),
    "emap": lambda: figures.emap_bars(reports.contributions()),
    "disagreement": lambda: figures.disagreement_bars(reports.contributions()),
    "noise": lambda: figures.noise_curves(reports.robustness(), "audio", "noise"),
    "missing": lambda: figures.missing_bars(reports.robustness()),
    "conflict": lambda: figures.conflict_bars(reports.robustness(), "audio"),
    "strategies": lambda: lab.strategy_bars(CHOSEN, "accuracy", LAB.references),
    "cost of strategies": lambda: lab.cost_scatter(CHOSEN),
    "late strategies": lambda: lab.late_comparisons(LAB.comparisons),
    "missing by strategy": lambda: lab_stress.missing_grid(CHOSEN),
    "noise by strategy": lambda: lab_stress.noise_grid(CHOSEN, "image"),
    "conflict by strategy": lambda: lab_stress.conflict_stack(CHOSEN, "text"),
    "shares by strategy": lambda: lab_stress.share_stack(CHOSEN),
    "difference of two runs": lambda: lab_pairs.difference_plot(PAIRED, "a", "b"),
    "who is right": lambda: lab_pairs.discordance_grid(PAIRED, "a", "b"),
    "smaller models": lambda: compression_front(read_compression(lab_reports.compression()).runs),
}


@pytest.mark.parametrize("name", MADE)
def test_has_a_sentence_a_table_and_the_one_template(name: str) -> None:
    figure = MADE[name]()
    assert figure.reading.endswith(".")
    assert len(figure.reading.split()) >= 8
    assert figure.title
    assert figure.table
    assert all(set(row) == set(figure.table[0]) for row in figure.table)
    read = list(csv.DictReader(io.StringIO(figure.csv())))
    assert len(read) == len(figure.table)
    layout = figure.plot.layout
    assert layout.template.layout.paper_bgcolor == layout.template.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert "system-ui" in layout.template.layout.font.family
    assert layout.title.text is None, "a page sets the heading, and Gradio makes room for one inside"
    assert layout.width is None
    assert layout.height >= 60


@pytest.mark.parametrize("name", MADE)
def test_has_no_small_print_and_no_address_but_data(name: str) -> None:
    text = MADE[name]().plot.to_json()
    assert "http" not in text
    sizes = [node["size"] for node in fonts(json.loads(text)["layout"]) if "size" in node]
    assert all(size >= SMALL for size in sizes)


@pytest.mark.parametrize(
    "figure",
    [
        lambda: figures.relevance(CASE, "text", "gradient_x_input"),
        lambda: figures.attention_matrix(evidence(("text", "audio")), "text", "image"),
        lambda: figures.attention_from(evidence(("text",)), "text", 0, "audio"),
        lambda: figures.attention_heads(evidence(("text",)), "text", "audio"),
        lambda: figures.interaction_table(evidence(("image",))),
        lambda: figures.faithfulness_curves(evidence(tested="not testable").faithfulness[0]),
        lambda: figures.metric_bars(reports.evaluation(), "sentiment"),
        lambda: figures.confusion(reports.evaluation(), "emotion", "text", "nowhere"),
        lambda: figures.per_class(reports.evaluation(), "sentiment"),
        lambda: figures.roc_curves(figures.pick_rows(reports.predictions(), "sentiment", "text")),
        lambda: figures.reliability(figures.pick_rows(reports.predictions(), "sentiment", "text")),
        lambda: figures.risk_coverage(figures.pick_rows(reports.predictions(), "sentiment", "text")),
        lambda: figures.accuracy_by(reports.predictions(), "emotion", "text+image+audio", "loudness"),
        lambda: figures.stranger_bars(reports.evaluation()),
        lambda: figures.shares_by_class(reports.contributions().model_copy(update={"shares": {}})),
        lambda: figures.noise_curves(reports.robustness(), "text", "typos"),
        lambda: figures.missing_bars(reports.robustness().model_copy(update={"missing": {}})),
        lambda: figures.conflict_bars(reports.robustness(), "text"),
        lambda: lab.strategy_bars(()),
        lambda: lab.cost_scatter(()),
        lambda: lab.late_comparisons(()),
        lambda: lab_stress.missing_grid(()),
        lambda: lab_stress.noise_grid(CHOSEN, "smell"),
        lambda: lab_stress.conflict_stack(CHOSEN, "smell"),
        lambda: lab_stress.share_stack(()),
        lambda: compression_front(()),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(figure: Callable[[], Figure]) -> None:
    made = figure()
    assert made.table == ()
    assert made.csv() == ""
    assert made.reading.endswith(".")
    assert made.plot.layout.annotations[0].text == "nothing to show"


def fonts(node: object) -> list[dict[str, float]]:
    """Every font of a figure's layout."""
    if isinstance(node, list):
        return [font for part in node for font in fonts(part)]
    if not isinstance(node, dict):
        return []
    own = [value for key, value in node.items() if key.endswith("font") and isinstance(value, dict)]
    return own + [font for value in node.values() for font in fonts(value)]
