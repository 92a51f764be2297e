"""Figures: charts made from Evidence and from reports alone, the same in both user interfaces.

Every function returns a Figure: the chart, one sentence on how to read it, and its data. Nothing here runs a model.
Of a case: ``answers``, ``contributions``, ``lattice``, ``maps`` (words, picture, sound), ``attention``,
``faithfulness``, and all of it as one page. Of many answers: ``distribution``. Of films: ``timeline``. Of reports:
``evaluation``, ``curves``, ``slices``, ``datasets``, ``robustness``. Of designs: ``lab``, ``lab_stress``,
``lab_pairs``, ``compression``.
"""

from mm_core.figures.answers import agreement_bars, probability_bars
from mm_core.figures.attention import (
    attention_choice,
    attention_from,
    attention_heads,
    attention_matrix,
    attention_to,
)
from mm_core.figures.curves import precision_recall_curves, reliability, risk_coverage, roc_curves
from mm_core.figures.datasets import disagreement_bars, emap_bars, perceptual_bars, shape_bars, shares_by_class
from mm_core.figures.deletion_curves import faithfulness_curves
from mm_core.figures.distribution import answer_distribution
from mm_core.figures.evaluation import confusion, metric_bars, per_class, slice_bars, stranger_bars
from mm_core.figures.figure import Figure
from mm_core.figures.lattice import lattice
from mm_core.figures.maps import relevance
from mm_core.figures.matching import match_map, telling_pair
from mm_core.figures.page import evidence_page
from mm_core.figures.reasons import Reason, Reasons, reasons
from mm_core.figures.robustness import conflict_bars, missing_bars, noise_curves
from mm_core.figures.rows import Rows, pick_rows
from mm_core.figures.shapley_charts import interaction_table, shapley_bars, shares_bar, waterfall
from mm_core.figures.slices import accuracy_by
from mm_core.figures.timeline import timeline_chart, timeline_page

__all__ = [
    "Figure",
    "Reason",
    "Reasons",
    "Rows",
    "accuracy_by",
    "agreement_bars",
    "answer_distribution",
    "attention_choice",
    "attention_from",
    "attention_heads",
    "attention_matrix",
    "attention_to",
    "conflict_bars",
    "confusion",
    "disagreement_bars",
    "emap_bars",
    "evidence_page",
    "faithfulness_curves",
    "interaction_table",
    "lattice",
    "match_map",
    "metric_bars",
    "missing_bars",
    "noise_curves",
    "per_class",
    "perceptual_bars",
    "pick_rows",
    "precision_recall_curves",
    "probability_bars",
    "reasons",
    "relevance",
    "reliability",
    "risk_coverage",
    "roc_curves",
    "shape_bars",
    "shapley_bars",
    "shares_bar",
    "shares_by_class",
    "slice_bars",
    "stranger_bars",
    "telling_pair",
    "timeline_chart",
    "timeline_page",
    "waterfall",
]
