"""Attention: who looks at whom between words, face and voice, linked: choose a unit in one, see it in the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard.case_bar import case_bar
from dashboard.engine import engine_status
from dashboard.links import pick, widget_key
from dashboard.show import chosen, guarded, heading, nothing, section, show, side_by_side
from mm_core.evidence import Evidence
from mm_core.evidence.flow import rolled_out
from mm_core.figures import (
    attention_choice,
    attention_from,
    attention_heads,
    attention_matrix,
    attention_to,
    match_map,
    telling_pair,
)
from mm_core.labels import MODALITIES
from mm_core.locale import say

MEAN: Final = "mean"
ROLLOUT: Final = "rollout"
NO_UNIT: Final = "none"

ROWS: Final = ("difference", "attention")
DIRECTIONS: Final = ("from", "to")


def page() -> None:
    heading(
        say("attention-page"),
        say("attention-lead"),
    )
    case = case_bar(engine_status())
    if case is None:
        return
    telling = telling_pair(case.evidence)
    if telling is not None:
        show(match_map(case.evidence, *telling), f"match-{case.key}-{'-'.join(telling)}")
    pairs = [pair for pair, found in case.evidence.attention.items() if found is not None]
    if not pairs:
        several = len(case.evidence.present) > 1
        nothing(
            say("attention-missing"),
            say("attention-not-shown") if several else say("attention-missing-how"),
        )
        return
    with guarded():
        evidence, layer, head = _choose_layer(case.evidence, pairs[0])
        _linked(evidence, layer, head, case.key)
        _pair(evidence, pairs, layer, head, case.key)


def _choose_layer(evidence: Evidence, pair: tuple[str, str]) -> tuple[Evidence, int | None, int | None]:
    """The record to look at, with a layer and a head, None for the mean."""
    found = evidence.attention[pair]
    assert found is not None
    layers, heads = found.shape[:2]
    left, right = st.columns(2)
    layer = pick(
        left.selectbox,
        say("attention-layer-choose"),
        [MEAN, *(str(n) for n in range(1, layers + 1)), ROLLOUT],
        key="layer",
        words=lambda name: say("attention-layer", layer=name),
    )
    if layer == ROLLOUT:
        right.selectbox(
            say("attention-head-choose"),
            [say("attention-all-heads")],
            disabled=True,
            key="head-rollout",
            help=say("attention-rollout-heads"),
        )
        return rolled_out(evidence), None, None
    head = pick(
        right.selectbox,
        say("attention-head-choose"),
        [MEAN, *(str(n) for n in range(1, heads + 1))],
        key="head",
        words=lambda name: say("attention-head", head=name),
    )
    return evidence, _number(layer), _number(head)


def _linked(evidence: Evidence, layer: int | None, head: int | None, key: str) -> None:
    section(say("attention-follow"), say("attention-follow-how"))
    units = {
        f"{modality}-{index + 1}": (modality, index)
        for modality in evidence.present
        for index in range(len(evidence.units[modality]))
    }
    left, right = st.columns(2)
    slug = pick(
        left.selectbox,
        say("attention-part"),
        list(units),
        key="unit",
        words=lambda name: _named(evidence, *units[name]),
        help=say("attention-part-help"),
    )
    direction = pick(
        right.segmented_control,
        say("attention-show"),
        DIRECTIONS,
        key="direction",
        words=lambda name: say("attention-direction", direction=name),
        required=True,
    )
    modality, unit = units[slug]
    draw = attention_from if direction != "to" else attention_to
    for column, other in zip(side_by_side(len(evidence.present)), evidence.present, strict=True):
        # The key holds the choice, so that no chart keeps the mark of an older one.
        chart = f"link-{other}-{key}-{layer}-{head}-{direction}-{slug}"
        with column:
            if other == modality:
                figure = attention_choice(evidence, modality, unit)
            else:
                figure = draw(evidence, modality, unit, other, layer, head, selectable=True)
            show(figure, chart, on_select=_take(chart, other), modes=("points", "box"))


def _pair(evidence: Evidence, pairs: list[tuple[str, str]], layer: int | None, head: int | None, key: str) -> None:
    section(say("attention-all-of-pair"), say("attention-all-of-pair-how"))
    slugs = {f"{query}-{other}": (query, other) for query, other in pairs}
    first, second = st.columns(2)
    pair = pick(
        first.selectbox,
        say("attention-pair-choose"),
        list(slugs),
        key="pair",
        words=lambda slug: say("attention-pair", query=slugs[slug][0], other=slugs[slug][1]),
    )
    query, other = slugs[pair]
    drawn = pick(
        second.selectbox,
        say("attention-rows-choose"),
        ROWS,
        key="rows",
        words=lambda name: say("attention-rows", drawn=name),
    )
    left, right = st.columns([7, 5], gap="medium")
    chart = f"matrix-{key}-{query}-{other}-{layer}-{head}-{drawn}"
    with left:
        figure = attention_matrix(
            evidence, query, other, layer, head, selectable=True, difference=drawn == "difference"
        )
        show(figure, chart, on_select=_take(chart, query), modes=("points", "box"))
    with right:
        show(attention_heads(evidence, query, other), f"heads-{query}-{other}")


def _take(chart: str, modality: str) -> Callable[[], None]:
    """What a click in a chart does: the part that was hit becomes the chosen one."""

    def take() -> None:
        found = chosen(st.session_state.get(chart))
        if found:
            middle = found[len(found) // 2]  # of a box that was drawn
            st.session_state[widget_key("unit")] = f"{modality}-{int(middle[0]) + 1}"

    return take


def _named(evidence: Evidence, modality: str, index: int) -> str:
    label = evidence.units[modality].labels[index]
    return f"{modality}: {label}" if modality in MODALITIES else label


def _number(name: str) -> int | None:
    return None if name == MEAN else int(name) - 1


page()
