"""The models that the suite makes, each with what it is and how."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from mm_core.encoders.text import TextEncoder
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.research.compression import pruning
from mm_core.research.compression.distilling import DistillationConfig, FusionLesson, TextLesson, fresh_fusion
from mm_core.research.compression.quantising import int8
from mm_core.research.compression.workshop import CompressionContext, text_loss

Made = Callable[[str], TriadModel]
"""A model that the suite has made already, by its name."""


@dataclass(frozen=True)
class Variant:
    """One model of the report; see docs/compression.md. make: from the workshop and the models made so far."""

    name: str
    title: str
    method: str
    make: Callable[[CompressionContext, Made], TriadModel]
    settings: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    loadable: bool = True


def variants(workshop: CompressionContext) -> list[Variant]:
    """All of them for a text tower of this size, the shipped model first."""
    layers = len(pruning.layers_of(_text(workshop.model)))
    half = math.ceil(layers / 2)
    found = [
        Variant("shipped", "Shipped model", "none", lambda w, _: w.fresh()),
        Variant("int8-text", "int8 text tower", "int8", _int8_text, {"parts": ["text"]}, _INT8, loadable=False),
        Variant("int8", "int8 text and fusion", "int8", _int8, {"parts": ["text", "fusion"]}, _INT8, loadable=False),
    ]
    found += [
        Variant(f"magnitude-{round(100 * amount)}", f"{amount:.0%} of weights zero", "magnitude", _zeroed(amount),
                {"amount": amount}, "Dense matrices full of zeros: smaller only when packed, and not faster.")
        for amount in (0.3, 0.5)
    ]  # fmt: skip
    found += [
        Variant(f"vocabulary-{size}", f"{size:,} word pieces", "vocabulary", _fewer_pieces(size), {"pieces": size})
        for size in workshop.sizes.vocabularies
    ]
    found += [
        Variant(f"heads-{round(100 * amount)}", f"{amount:.0%} fewer heads", "structured",
                _without_least(pruning.head_importance, pruning.cut_heads, amount),
                {"amount": amount}, "Layers keep different numbers of heads, which no saved model can say.", False)
        for amount in (0.25, 0.5)
    ]  # fmt: skip
    found += [
        Variant(f"neurons-{round(100 * amount)}", f"{amount:.0%} fewer neurons", "structured",
                _without_least(pruning.neuron_importance, pruning.cut_neurons, amount),
                {"amount": amount}, "Not trained again.")
        for amount in (0.25, 0.5)
    ]  # fmt: skip
    for count in (math.ceil(layers / 6), math.ceil(layers / 3)):
        if count < layers:
            left = layers - count
            title, made = f"{left} of {layers} layers", _fewer_layers(count)
            found.append(Variant(f"layers-{left}", title, "structured", made, {"layers": left}, "Not trained again."))
    steps = {"text_steps": workshop.sizes.text_steps, "batch": DistillationConfig(1, 0.0).batch_size}
    small = f"distilled-{half}-small"
    return [
        *found,
        Variant(f"distilled-{half}", f"Distilled, {half} of {layers} layers", "distillation", _distilled(half),
                {"layers": half, **steps}),
        Variant(small, f"Distilled, {half} layers, half the pieces, small fusion", "distillation",
                _distilled_small(f"distilled-{half}"),
                {"layers": half, "pieces": workshop.sizes.vocabularies[0], "fusion_width": _SMALL_WIDTH,
                 "fusion_layers": 1, "fusion_steps": workshop.sizes.fusion_steps}),
        Variant(f"{small}-int8", f"Distilled, {half} layers, small, int8", "distillation",
                lambda _, made: _in_int8(made(small)), {"parts": ["text", "fusion"]}, _INT8, loadable=False),
    ]  # fmt: skip


_INT8 = "int8 runs on the CPU only and is made when a model is loaded."
_SMALL_WIDTH = 96
_TEXT_RATE, _FUSION_RATE = 2e-4, 1e-3


def _text(model: TriadModel) -> TextEncoder:
    encoder = model.encoders["text"]
    assert isinstance(encoder, TextEncoder)  # what is compressed here is a transformer over word pieces
    return encoder


def _int8_text(workshop: CompressionContext, _: Made) -> TriadModel:
    model = workshop.fresh()
    model.encoders["text"] = int8(model.encoders["text"])
    return model


def _int8(workshop: CompressionContext, _: Made) -> TriadModel:
    return _in_int8(workshop.fresh())


def _in_int8(model: TriadModel) -> TriadModel:
    model.encoders["text"] = int8(model.encoders["text"])
    model.fusion = int8(model.fusion)  # type: ignore[assignment]  # torch types it as any module
    return model


def _zeroed(amount: float) -> Callable[[CompressionContext, Made], TriadModel]:
    def make(workshop: CompressionContext, _: Made) -> TriadModel:
        model = workshop.fresh()
        pruning.zero_weights(_text(model), amount)
        return model

    return make


def _fewer_pieces(size: int) -> Callable[[CompressionContext, Made], TriadModel]:
    def make(workshop: CompressionContext, _: Made) -> TriadModel:
        model = workshop.fresh()
        _text(model).prune_vocabulary(workshop.train["text"].content, size)
        return model

    return make


def _without_least(
    judge: Callable[..., Tensor], cut: Callable[..., None], amount: float
) -> Callable[[CompressionContext, Made], TriadModel]:
    """Cut the share ``amount`` of the heads or neurons that ``judge`` finds to matter least."""

    def make(workshop: CompressionContext, _: Made) -> TriadModel:
        model = workshop.fresh()
        cut(_text(model), judge(_text(model), text_loss(model), workshop.labelled()), amount)
        return model

    return make


def _fewer_layers(count: int) -> Callable[[CompressionContext, Made], TriadModel]:
    def make(workshop: CompressionContext, _: Made) -> TriadModel:
        model = workshop.fresh()
        pruning.cut_layers(_text(model), text_loss(model), workshop.labelled(), count)
        return model

    return make


def _distilled(layers: int) -> Callable[[CompressionContext, Made], TriadModel]:
    def make(workshop: CompressionContext, _: Made) -> TriadModel:
        model = workshop.fresh()
        whole = len(pruning.layers_of(_text(model)))
        # Evenly spread, the last one among them: it is the one that the fusion reads.
        pruning.keep_layers(_text(model), [whole - 1 - round(i * whole / layers) for i in range(layers)][::-1])
        lesson = DistillationConfig(workshop.sizes.text_steps, _TEXT_RATE)
        texts = [str(text) for text in workshop.few("text", workshop.sizes.train_rows).content]
        lesson.run(TextLesson(workshop.model, model, texts, lesson))
        return model.eval()

    return make


def _distilled_small(start: str) -> Callable[[CompressionContext, Made], TriadModel]:
    def make(workshop: CompressionContext, made: Made) -> TriadModel:
        model = made(start)
        _text(model).prune_vocabulary(workshop.train["text"].content, workshop.sizes.vocabularies[0])
        model = fresh_fusion(model, _SMALL_WIDTH, layers=1)
        tables = {m: workshop.few(m, workshop.sizes.fusion_rows) for m in MODALITIES}
        before = {m: workshop.encode(m, table) for m, table in tables.items()}
        after = before | {"text": workshop.encode("text", tables["text"], model)}
        lesson = DistillationConfig(workshop.sizes.fusion_steps, _FUSION_RATE, batch_size=16)
        lesson.run(FusionLesson(workshop.model, model, tables, (before, after), lesson))
        return model.eval()

    return make
