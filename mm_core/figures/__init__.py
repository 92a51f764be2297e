"""Figures: charts made from Evidence and from reports alone, the same in both user interfaces.

Every function returns a Figure: the chart, one sentence on how to read it, and its data. Nothing here runs a model.
"""

from mm_core.figures.answers import agreement_bars, probability_bars
from mm_core.figures.attention import attention_from, attention_heads, attention_matrix, attention_to
from mm_core.figures.contributions import interaction_table, shares_bar, waterfall
from mm_core.figures.faithfulness import faithfulness_curves
from mm_core.figures.figure import Figure
from mm_core.figures.lattice import lattice
from mm_core.figures.maps import relevance
from mm_core.figures.page import evidence_page

__all__ = [
    "Figure",
    "agreement_bars",
    "attention_from",
    "attention_heads",
    "attention_matrix",
    "attention_to",
    "evidence_page",
    "faithfulness_curves",
    "interaction_table",
    "lattice",
    "probability_bars",
    "relevance",
    "shares_bar",
    "waterfall",
]
