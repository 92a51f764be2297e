"""The attention explorer: which words, patches and moments look at which, by pair, layer and head."""

from __future__ import annotations

from typing import Any, Final

import gradio as gr

from mm_core.evidence import Evidence
from mm_core.figures import Figure, attention_from, attention_matrix, match_map, telling_pair
from mm_core.locale import say, the_modality
from webapp import markup
from webapp.block import block
from webapp.context import Context, forgotten
from webapp.slot import Slot

DIFFERENCE: Final = -1
"""The first choice of ``Starting at``: every row's difference from the mean row."""
WHOLE: Final = -2


class Attention:
    """Choices on one side, the matrix or the map of one unit on the other."""

    def __init__(self, context: Context, place: str) -> None:
        self.context = context
        self.place = place
        self.unshown = block("", "attention-unshown")
        with gr.Column(visible=False, elem_classes=["card"], elem_id="attention") as self.column:
            self.match = Slot("match")
            block(markup.heading(say("explorer-title"), say("explorer-lead")))
            with gr.Row(elem_classes=["controls"]):
                self.query = _choice(say("explorer-control", control="from"), "attention-from")
                self.key = _choice(say("explorer-control", control="to"), "attention-to")
                self.layer = _choice(say("explorer-control", control="layer"), "attention-layer")
                self.head = _choice(say("explorer-control", control="head"), "attention-head")
                self.unit = _choice(say("explorer-control", control="unit"), "attention-unit")
            self.slot = Slot("attention")
        controls = [self.query, self.key, self.layer, self.head, self.unit]
        for control in controls:
            control.input(
                self.explore,
                controls,
                [self.key, self.unit, *self.slot.outputs],
                api_visibility="private",
                show_progress="hidden",
                trigger_mode="always_last",
                concurrency_limit=8,
            )

    @property
    def outputs(self) -> list[Any]:
        """What ``show`` and ``hidden`` give updates for."""
        controls = [self.query, self.key, self.layer, self.head, self.unit]
        return [self.unshown, self.column, *controls, *self.slot.outputs, *self.match.outputs]

    def show(self, evidence: Evidence) -> list[Any]:
        """Start with the first pair there is."""
        queries = _queries(evidence)
        if not queries:
            several = len(evidence.present) > 1
            return self.hidden(markup.notice(say("attention-not-shown"), "hint") if several else "")
        query, keys = queries[0], _keys(evidence, queries[0])
        maps = evidence.attention[(query, keys[0])]
        layers, heads = (0, 0) if maps is None else maps.shape[:2]
        return [
            "",
            gr.Column(visible=True),
            gr.Dropdown(_named(queries), value=query),
            gr.Dropdown(_named(keys), value=keys[0]),
            gr.Dropdown(_numbered(layers), value=-1),
            gr.Dropdown(_numbered(heads), value=-1),
            _units(evidence, query, DIFFERENCE),
            *self.slot.show(_figure(evidence, query, keys[0], -1, -1, DIFFERENCE)),
            *self._matched(evidence),
        ]

    def _matched(self, evidence: Evidence) -> list[Any]:
        """What the inputs' agreement was judged by leads, since it is what the answer says."""
        pair = telling_pair(evidence)
        return Slot.hide() if pair is None else self.match.show(match_map(evidence, *pair))

    def hidden(self, said: str = "") -> list[Any]:
        """Nothing to explore: one modality alone, or a model without attention, and what is ``said`` about that."""
        return [said, gr.Column(visible=False), *[gr.skip()] * 5, *Slot.hide(), *Slot.hide()]

    def explore(self, query: str, key: str, layer: int, head: int, unit: int, request: gr.Request) -> list[Any]:
        """Redraw for what was chosen; a unit or a target that no longer fits falls back to the first choice."""
        evidence = self.context.evidence(request, self.place)
        if evidence is None:
            return [gr.skip(), gr.skip(), *Slot.hide(markup.notice(forgotten(), "hint"))]
        keys = _keys(evidence, query)
        key = key if key in keys else keys[0]
        unit = unit if unit is not None and unit < len(evidence.units[query]) else DIFFERENCE
        shown = self.slot.show(_figure(evidence, query, key, layer, head, unit))
        return [gr.Dropdown(_named(keys), value=key), _units(evidence, query, unit), *shown]


def _choice(label: str, elem_id: str) -> gr.Dropdown:
    return gr.Dropdown([], label=label, elem_id=elem_id, min_width=130, filterable=False)


def _queries(evidence: Evidence) -> list[str]:
    return [m for m in evidence.present if _keys(evidence, m)]


def _keys(evidence: Evidence, query: str) -> list[str]:
    return [m for m in evidence.present if evidence.attention.get((query, m)) is not None]


def _named(modalities: list[str]) -> list[tuple[str, str]]:
    return [(the_modality(m), m) for m in modalities]


def _numbered(count: int) -> list[tuple[str, int]]:
    return [(say("explorer-mean"), -1), *((str(index + 1), index) for index in range(count))]


def _units(evidence: Evidence, query: str, unit: int) -> gr.Dropdown:
    labels = evidence.units[query].labels
    every = [(say("explorer-all", drawn="difference"), DIFFERENCE), (say("explorer-all", drawn="attention"), WHOLE)]
    return gr.Dropdown([*every, *((label, index) for index, label in enumerate(labels))], value=unit)


def _figure(evidence: Evidence, query: str, key: str, layer: int, head: int, unit: int) -> Figure:
    layer_or_mean, head_or_mean = (None if choice < 0 else choice for choice in (layer, head))
    if unit < 0:
        return attention_matrix(evidence, query, key, layer_or_mean, head_or_mean, difference=unit == DIFFERENCE)
    return attention_from(evidence, query, unit, key, layer_or_mean, head_or_mean)
