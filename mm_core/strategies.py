"""The fusion strategies by name, and what each does in a line; who only names or describes them needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final


@dataclass(frozen=True)
class StrategyEntry:
    """fusion: ``module:class``. about: what it does, with its source, as the lab says it."""

    fusion: str
    about: str

    def load(self) -> Any:
        module, name = self.fusion.split(":")
        return getattr(import_module(module), name)


FUSIONS: Final[dict[str, StrategyEntry]] = {
    "late_mean": StrategyEntry(
        "mm_core.fusion.late:LateMean",
        "each input answers alone; the mean of the calibrated answers (sum rule; Kittler 1998)",
    ),
    "late_product": StrategyEntry(
        "mm_core.fusion.late:LateProduct",
        "each input answers alone; the product of the calibrated answers (product rule; Kittler 1998)",
    ),
    "concat": StrategyEntry("mm_core.fusion.concat:Concat", "mean vectors side by side, then a small network"),
    "sum": StrategyEntry("mm_core.fusion.sum:Sum", "vectors added in one space (Kiela 2018)"),
    "mean": StrategyEntry(
        "mm_core.fusion.mean:Mean", "the mean of the vectors that are there (deep sets; Zaheer 2017)"
    ),
    "product": StrategyEntry(
        "mm_core.fusion.product:Product", "vectors multiplied number by number (Hadamard product; Kim 2017)"
    ),
    "attention_pooling": StrategyEntry(
        "mm_core.fusion.attention_pooling:AttentionPooling",
        "attention within each input, then over the three (Hori 2017)",
    ),
    "gated": StrategyEntry(
        "mm_core.fusion.gated:Gated", "a learned gate weighs each input, number by number (GMU; Arevalo 2017)"
    ),
    "outer_product": StrategyEntry(
        "mm_core.fusion.outer_product:OuterProduct",
        "every product of numbers across inputs (tensor fusion; Zadeh 2017; low rank: Liu 2018)",
    ),
    "transformer": StrategyEntry(
        "mm_core.fusion.transformer:Transformer",
        "self-attention over the parts of all inputs together (VisualBERT; Li 2019)",
    ),
    "cross_attention": StrategyEntry(
        "mm_core.fusion.cross_attention:CrossAttention",
        "each input's parts look at each other input's (MulT; Tsai 2019); the default",
    ),
    "cross_attention_cosine": StrategyEntry(
        "mm_core.fusion.cross_attention:CosineCrossAttention",
        "the same by cosines with a learned sharpness (query-key normalisation; Henry 2020)",
    ),
    "cross_attention_sparse": StrategyEntry(
        "mm_core.fusion.cross_attention:SparseCrossAttention",
        "the same, each part looking at three others at most (Zhao 2019)",
    ),
    "cross_attention_centred": StrategyEntry(
        "mm_core.fusion.cross_attention:CentredCrossAttention",
        "the same by cosines, less what all parts of an input look at alike",
    ),
}
"""From the simplest to the costliest."""
