"""Pruning of the text tower: single weights by size; heads, feed-forward neurons and layers by what they matter.

Written for towers of BERT's layout in transformers. Shapes: B texts, L word pieces, D width, H heads, F neurons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from mm_core.encoders.text import TextEncoder

Loss = Callable[[Sequence[Any]], Tensor]
"""From labelled texts to a scalar that gradients can reach."""


def layers_of(encoder: TextEncoder) -> Any:
    """The tower's transformer layers, an ``nn.ModuleList`` of BERT's layers; ValueError for a tower of another
    layout."""
    return _stack(encoder).layer


def _stack(encoder: TextEncoder) -> Any:
    stack = getattr(encoder.backbone, "encoder", None)
    if not hasattr(stack, "layer"):
        raise ValueError("only text towers of BERT's layout can be pruned")
    return stack


def zero_weights(encoder: TextEncoder, amount: float) -> None:
    """Set the share ``amount`` of all linear weights to zero, the smallest over all layers together (Han et al.,
    "Learning both weights and connections", NeurIPS 2015). Shapes stay."""
    linears = [(m, "weight") for m in layers_of(encoder).modules() if isinstance(m, nn.Linear)]
    prune.global_unstructured(linears, pruning_method=prune.L1Unstructured, amount=amount)
    for module, name in linears:
        prune.remove(module, name)


def head_importance(encoder: TextEncoder, loss: Loss, texts: Sequence[Any], batch_size: int = 32) -> Tensor:
    """What each head (layers, H) matters: the mean of |output x gradient| summed over the head (Michel et al., "Are
    sixteen heads really better than one?", NeurIPS 2019)."""
    each = _sensitivity([layer.attention.output.dense for layer in layers_of(encoder)], loss, texts, batch_size)
    heads = layers_of(encoder)[0].attention.self.num_attention_heads
    return torch.stack([one.unflatten(0, (heads, -1)).sum(1) for one in each])


def neuron_importance(encoder: TextEncoder, loss: Loss, texts: Sequence[Any], batch_size: int = 32) -> Tensor:
    """What each feed-forward neuron (layers, F) matters: the mean of |activation x gradient| (Molchanov et al.,
    "Pruning convolutional neural networks for resource efficient inference", ICLR 2017)."""
    return torch.stack(_sensitivity([layer.output.dense for layer in layers_of(encoder)], loss, texts, batch_size))


def _sensitivity(modules: Sequence[nn.Module], loss: Loss, texts: Sequence[Any], batch_size: int) -> list[Tensor]:
    """Of each module's inputs (B, L, F): the mean over texts of |input x gradient| summed over pieces, (F,)."""
    totals: list[Tensor] = []
    for start in range(0, len(texts), batch_size):
        with _inputs_kept(modules) as inputs:
            value = loss(texts[start : start + batch_size])
        gradients = torch.autograd.grad(value, inputs)
        found = [(x.detach() * g).sum(1).abs().sum(0) for x, g in zip(inputs, gradients, strict=True)]
        totals = found if not totals else [a + b for a, b in zip(totals, found, strict=True)]
    return [total / len(texts) for total in totals]


@contextmanager
def _inputs_kept(modules: Sequence[nn.Module]) -> Iterator[list[Tensor]]:
    kept: list[Tensor] = []

    def keep(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        kept.append(given[0])

    handles = [module.register_forward_pre_hook(keep) for module in modules]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()


def cut_heads(encoder: TextEncoder, importance: Tensor, amount: float) -> None:
    """Take the share ``amount`` of heads out, those that matter least of all layers; each layer keeps one.

    Layers may keep different numbers, which transformers' configuration can't say: such a tower can't be saved.
    """
    heads, removed = importance.shape[1], round(amount * importance.numel())
    relative = importance / importance.norm(dim=1, keepdim=True)  # layers differ in scale (Molchanov et al., 2017)
    safe = relative.scatter(1, relative.argmax(1, keepdim=True), float("inf"))
    gone = torch.zeros(importance.numel(), dtype=torch.bool)
    gone[safe.flatten().argsort()[:removed]] = True
    for layer, out in zip(layers_of(encoder), gone.view_as(importance), strict=True):
        attention: Any = layer.attention
        keep = (~out).repeat_interleave(attention.self.query.out_features // heads)
        for linear in (attention.self.query, attention.self.key, attention.self.value):
            _mask(linear, keep, 0)
            _shrink(linear, keep, 0)
        _mask(attention.output.dense, keep, 1)
        _shrink(attention.output.dense, keep, 1)
        attention.self.num_attention_heads = int((~out).sum())
        attention.self.all_head_size = int(keep.sum())


def cut_neurons(encoder: TextEncoder, importance: Tensor, amount: float) -> None:
    """Take the share ``amount`` of feed-forward neurons out of every layer, those that matter least."""
    kept = round(importance.shape[1] * (1 - amount))
    for layer, scores in zip(layers_of(encoder), importance, strict=True):
        keep = torch.zeros_like(scores, dtype=torch.bool)
        keep[scores.topk(kept).indices] = True
        _mask(layer.intermediate.dense, keep, 0)
        _shrink(layer.intermediate.dense, keep, 0)
        _mask(layer.output.dense, keep, 1)
        _shrink(layer.output.dense, keep, 1)
    encoder.backbone.config.intermediate_size = kept


def cut_layers(encoder: TextEncoder, loss: Loss, texts: Sequence[Any], count: int) -> list[int]:
    """Take ``count`` layers out, one after the other the one without which the loss stays lowest; returns the numbers
    of those that are left. (Sajjad et al., "On the effect of dropping layers", 2023, compare ways to choose.)"""
    left = list(range(len(layers_of(encoder))))
    for _ in range(count):
        losses = []
        for place in range(len(left)):
            whole = layers_of(encoder)
            _stack(encoder).layer = nn.ModuleList(m for i, m in enumerate(whole) if i != place)
            with torch.no_grad():
                losses.append(float(loss(texts)))
            _stack(encoder).layer = whole
        worst = min(range(len(left)), key=losses.__getitem__)
        keep_layers(encoder, [i for i in range(len(left)) if i != worst])
        del left[worst]
    return left


def keep_layers(encoder: TextEncoder, kept: Sequence[int]) -> None:
    """Keep only these layers, in this order."""
    layers = layers_of(encoder)
    _stack(encoder).layer = nn.ModuleList(layers[i] for i in kept)
    encoder.backbone.config.num_hidden_layers = len(kept)


def _mask(linear: nn.Linear, keep: Tensor, side: int) -> None:
    """Zero rows (side 0) or columns (side 1) of a weight for good."""
    mask = keep.float()[:, None] if side == 0 else keep.float()[None, :]
    prune.custom_from_mask(linear, "weight", mask.expand_as(linear.weight).contiguous())
    prune.remove(linear, "weight")


def _shrink(linear: nn.Linear, keep: Tensor, side: int) -> None:
    """Take masked rows (with their bias) or columns out of the matrix."""
    weight = linear.weight.detach()
    linear.weight = nn.Parameter(weight[keep] if side == 0 else weight[:, keep])
    if side == 0:
        linear.out_features = int(keep.sum())
        if linear.bias is not None:
            linear.bias = nn.Parameter(linear.bias.detach()[keep])
    else:
        linear.in_features = int(keep.sum())
