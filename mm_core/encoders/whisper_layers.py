"""The layers of a Whisper-type encoder where no gradients are asked for: the same numbers in a fraction of the time.

Explanation by removal reads hundreds of copies of one clip, and nearly all of its time goes into these layers.

- torch multiplies float32 matrices by MKL, which uses half the width of AMD's vector units; its convolutions go
  through oneDNN, which uses all of it. States (N, t, K) are, without a copy, an image (N, K, t, 1) in channels-last
  order, and a linear map is a convolution of 1 x 1 over it.
- Where all windows are equally long, what lies beyond their end is left out, and attention needs no mask.
- The first layer's convolutions and projections look at few frames. ``Moments`` reads them off four variants.

Shapes: N windows, T log-mel frames and t states a window, K hidden width, H heads, U units, V variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers.models.whisper.modeling_whisper import WhisperEncoderLayer

Projected = tuple[Tensor, Tensor, Tensor]
"""Query, key and value (N, t, K)."""


def runs_without_gradients(layers: Iterable[nn.Module], states: Tensor) -> bool:
    """Whether ``states_after`` may take the place of calling the layers: plain float32 maps on the CPU, no gradients,
    no dropout."""
    return (
        not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and states.device.type == "cpu"
        and all(isinstance(layer, WhisperEncoderLayer) and _is_plain(layer) for layer in layers)
    )


def states_after(
    layers: Sequence[WhisperEncoderLayer], states: Tensor, kept: Tensor, first: Projected | None = None
) -> Iterator[Tensor]:
    """States (N, t, K) after each layer, of which ``kept`` (N, t), a beginning of each window, are attended to.
    ``first``: the first layer's projections, where they are known. States that are not kept may be zero."""
    length, whole = states.shape[1], int(kept.sum(1).max())
    mask = None
    if whole > 0 and bool(kept[:, :whole].all()):
        states = states[:, :whole].contiguous()
        first = first and (first[0][:, :whole], first[1][:, :whole], first[2][:, :whole])
    else:  # a window that is all padding would softmax over nothing: let it look at itself
        mask = (kept | ~kept.any(1, keepdim=True))[:, None, None]  # (N, 1, 1, t)
    for layer in layers:
        states = _layer(layer, states, first or projections(layer, states), mask)
        first = None
        yield nn.functional.pad(states, (0, 0, 0, length - states.shape[1]))


def projections(layer: WhisperEncoderLayer, states: Tensor) -> Projected:
    """What a layer's attention compares and mixes."""
    attention, normed = layer.self_attn, layer.self_attn_layer_norm(states)
    return _linear(attention.q_proj, normed), _linear(attention.k_proj, normed), _linear(attention.v_proj, normed)


@dataclass(frozen=True, eq=False)
class Moments:
    """From which of four variants each state of the others can be read: none of the units removed, all, the even
    ones, the odd ones.

    A state sees five frames, which belong to one unit or to two that follow each other; so one of the four has the
    same of them removed. first, last (N, t): the units at both ends of what each state sees, -1 where there is none.
    """

    first: Tensor
    last: Tensor
    units: int

    @classmethod
    def of(cls, unit_of_frame: Tensor, units: int) -> Moments | None:
        """For windows whose frames belong to units (N, T), -1 for none; None where a state sees too many units."""
        around = nn.functional.pad(unit_of_frame, (2, 1), value=-1).unfold(1, 5, 2)  # (N, t, 5)
        seen = around >= 0
        first = torch.where(seen, around, units).amin(2)
        first, last = torch.where(seen.any(2), first, -1), around.amax(2)
        ends = (around == first[..., None]) | (around == last[..., None]) | ~seen
        told_apart = (first == last) | ((last - first) % 2 == 1)
        return cls(first, last, units) if bool(ends.all() and told_apart.all()) else None

    def four(self) -> Tensor:
        """The units that the four variants lack: (4, U)."""
        even = torch.arange(self.units) % 2 == 0
        return torch.stack((torch.zeros_like(even), torch.ones_like(even), even, ~even))

    def rows(self, removed: Tensor) -> Tensor:
        """Which of the states of the four, (4 N t), each state of variants without ``removed`` (V, U) equals:
        (V N t,) int64."""
        table = nn.functional.pad(removed, (0, 1))  # the last column is unit -1: never removed
        at_first, at_last = table[:, self.first], table[:, self.last]  # (V, N, t)
        odd = torch.where(at_first, self.first, self.last) % 2
        variant = torch.where(at_first & at_last, 1, torch.where(at_first | at_last, 2 + odd, 0))
        place = torch.arange(self.first.numel()).view_as(self.first)
        return (variant * self.first.numel() + place).flatten()


def _layer(layer: WhisperEncoderLayer, states: Tensor, projected: Projected, mask: Tensor | None) -> Tensor:
    attention = layer.self_attn
    query, key, value = (
        part.unflatten(2, (attention.num_heads, -1)).transpose(1, 2)  # (N, H, t, K / H)
        for part in projected
    )
    mask = None if mask is None else mask.expand(-1, -1, states.shape[1], -1)
    found = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=attention.scaling)
    states = states + _linear(attention.out_proj, found.transpose(1, 2).flatten(2))
    hidden = layer.activation_fn(_linear(layer.fc1, layer.final_layer_norm(states)))
    return states + _linear(layer.fc2, hidden)


def _linear(module: nn.Linear, states: Tensor) -> Tensor:
    """The linear map (N, t, K) to (N, t, K') as a convolution."""
    image = states.unsqueeze(2).permute(0, 3, 1, 2)  # (N, K, t, 1)
    out = nn.functional.conv2d(image, module.weight[:, :, None, None], module.bias)
    return out.permute(0, 2, 3, 1).squeeze(2)


def _is_plain(layer: WhisperEncoderLayer) -> bool:
    attention = layer.self_attn
    maps = (layer.fc1, layer.fc2, attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj)
    return not layer.training and all(
        type(module) is nn.Linear and module.weight.dtype is torch.float32 for module in maps
    )
