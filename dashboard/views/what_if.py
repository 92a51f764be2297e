"""What-if: change one thing of a case and see what the answer makes of it, before and after side by side."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard import case_parts, cases
from dashboard.case_bar import NEXT, case_bar, plain_title
from dashboard.cases import OpenCase
from dashboard.engine import EngineStatus, engine_status
from dashboard.links import in_address, pick, put_in_address
from dashboard.show import chosen, guarded, heading, nothing, plain, section, sentence, show
from dashboard.strongest import strongest_part
from dashboard.verdicts import strongest_removal, what_it_hangs_on
from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.what_if import WhatIf
from mm_core.figures import agreement_bars, probability_bars, relevance, shares_bar
from mm_core.figures.figure import signed
from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say, the_modality

CHANGES: Final = ("remove", "mask", "cover", "mute", "edit", "swap", "unreferred")
_NAMED: Final = {"remove": "gone", "mask": "masked"}
"""Changes whose parts stand in the address, and under which name."""

_NEEDS: Final = {"mask": "text", "cover": "image", "mute": "audio", "edit": "text"}


def page() -> None:
    heading(say("what-if-page"), say("what-if-lead"))
    now = engine_status()
    case = case_bar(now)
    if case is None:
        return
    evidence = case.evidence
    hangs_on = what_it_hangs_on(evidence)
    if hangs_on:
        sentence(hangs_on)
    kinds = [kind for kind in CHANGES if kind != "unreferred" or evidence.prediction.referenced]
    kind = pick(
        st.segmented_control,
        say("what-if-change"),
        kinds,
        key="change",
        words=lambda name: say("what-if-kind", kind=name),
        required=True,
    )
    for other, name in _NAMED.items():
        if other != kind:
            put_in_address(name, ())
    if kind != "remove" and not _possible(kind, evidence, now):
        return
    with guarded():
        change = _ask(kind, case)
        if change is None:
            return
        _compare(cases.changed(evidence, now, change), now)


def _possible(kind: str, evidence: Evidence, now: EngineStatus) -> bool:
    missing = _NEEDS.get(kind)
    if missing is not None and missing not in evidence.present:
        nothing(say("what-if-no-input", input=modality_word(missing)), say("what-if-no-input-how"))
        return False
    if now.client is None:
        nothing(say("what-if-no-model"), say("what-if-no-model-how", reason=now.reason))
        return False
    if evidence.inputs is None:
        nothing(say("what-if-not-kept"), say("what-if-not-kept-how"))
        return False
    if evidence.prediction.model.get("hash") != now.hash:
        nothing(
            say("what-if-other-model"),
            say("what-if-other-model-how"),
        )
        return False
    return True


def _ask(kind: str, case: OpenCase) -> Change | None:
    """The change that a person asks for; None with a hint while there is none."""
    asked = {
        "remove": _ask_remove,
        "mask": _ask_mask,
        "cover": _ask_cover,
        "mute": _ask_mute,
        "edit": _ask_edit,
        "swap": _ask_swap,
        "unreferred": lambda _: Change(without_reference=True),
    }
    return asked[kind](case)


def _ask_remove(case: OpenCase) -> Change | None:
    present = case.evidence.present
    if len(present) < 2:
        nothing(say("what-if-one-input"), say("what-if-one-input-how"))
        return None
    gone = st.pills(
        say("what-if-take-away"),
        present,
        selection_mode="multi",
        default=in_address("gone", present) or [strongest_removal(case.evidence) or present[-1]],
        key=f"gone-{case.key}",
        format_func=lambda m: the_modality(m),
    )
    put_in_address("gone", gone)
    if not gone or len(gone) == len(present):
        nothing(say("what-if-choose"), say("what-if-choose-how"))
        return None
    return Change(remove=tuple(m for m in MODALITIES if m in gone))


def _ask_mask(case: OpenCase) -> Change | None:
    labels = case.evidence.units["text"].labels
    key = f"masked-{case.key}"
    chart = f"mask-{case.key}"
    if key not in st.session_state:
        found = case.evidence.relevance_of("text")
        strongest = [] if found is None else [int(abs(found.values).argmax())]
        named = [int(number) - 1 for number in in_address("masked", [str(n) for n in range(1, len(labels) + 1)])]
        st.session_state[key] = named or strongest

    def take() -> None:
        hit = {int(found[0]) for found in chosen(st.session_state.get(chart))}
        if hit:
            st.session_state[key] = sorted(hit)

    show(relevance(case.evidence, "text", selectable=True), chart, on_select=take, modes=("points", "box"))
    masked = st.multiselect(
        say("what-if-masked"),
        range(len(labels)),
        key=key,
        format_func=lambda index: labels[index],
        placeholder=say("what-if-masked-placeholder"),
    )
    put_in_address("masked", [str(index + 1) for index in masked])
    return Change(mask_words=tuple(masked)) if masked else None


def _ask_cover(case: OpenCase) -> Change | None:
    width, height = (int(side) for side in case.evidence.units["image"].extent)
    box = _drawn_box(case, "image", f"cover-{case.key}")
    left, right = st.columns(2)
    across = _bounds(box, "x", width)
    down = _bounds(box, "y", height)
    # A new box makes new sliders, which start at its edges.
    x0, x1 = left.slider(say("what-if-across"), 0, width, across, key=f"across-{case.key}-{across}")
    y0, y1 = right.slider(say("what-if-down"), 0, height, down, key=f"down-{case.key}-{down}")
    return Change(mask_region=(float(x0), float(y0), float(x1), float(y1))) if x1 > x0 and y1 > y0 else None


def _ask_mute(case: OpenCase) -> Change | None:
    seconds = float(case.evidence.units["audio"].extent[0])
    box = _drawn_box(case, "audio", f"mute-{case.key}")
    spans = case.evidence.units["audio"].spans
    first, last = float(spans[0, 0]), float(spans[-1, 1])
    middle = (first + last) / 2
    span = (first, middle) if box is None else (max(min(box["x"]), 0.0), min(max(box["x"]), seconds))
    start, end = st.slider(
        say("what-if-muted"),
        0.0,
        seconds,
        (round(span[0], 2), round(span[1], 2)),
        0.01,
        key=f"span-{case.key}-{span}",
    )
    return Change(mute=(start, end)) if end > start else None


def _ask_edit(case: OpenCase) -> Change | None:
    inputs = case.evidence.inputs
    text = (inputs.text if inputs is not None else None) or ""
    new = st.text_area(
        say("what-if-words"), text, key=f"edit-{case.key}", max_chars=5000, help=say("what-if-words-help")
    )
    if new.strip() == text.strip() or not new.strip():
        nothing(say("what-if-unchanged"), say("what-if-unchanged-how"))
        return None
    return Change(text=new)


def _ask_swap(case: OpenCase) -> Change | None:
    left, right = st.columns(2)
    modality = str(
        left.segmented_control(
            say("what-if-swap"), MODALITIES, default=case.evidence.present[0], key=f"swap-{case.key}", required=True,
            format_func=lambda m: the_modality(m),
        )
        or case.evidence.present[0]
    )  # fmt: skip
    others = {e.slug: e for e in cases.examples() if getattr(e.given, modality) is not None and e.slug != case.slug}
    other = right.selectbox(
        say("what-if-swap-with"),
        ["file", *others] if modality != "text" else list(others),
        index=1 if modality != "text" and others else 0,
        key=f"swap-with-{case.key}-{modality}",
        format_func=lambda slug: (
            say("what-if-own-file") if slug == "file" else say("what-if-example", title=others[slug].title)
        ),
    )
    if other in others:
        content = getattr(others[str(other)].given, modality)
        return _with(modality, content if modality == "text" else content.read_bytes())
    kinds = {"image": ["jpg", "jpeg", "png", "webp"], "audio": ["wav", "flac", "ogg", "mp3"]}
    file = st.file_uploader(say("what-if-other-file"), kinds.get(modality), key=f"swap-file-{case.key}-{modality}")
    if file is None:
        nothing(say("what-if-nothing-to-swap"), say("what-if-nothing-to-swap-how"))
        return None
    return _with(modality, file.getvalue())


def _with(modality: str, content: Any) -> Change:
    """Another text, picture or voice."""
    return {
        "text": lambda: Change(text=content),
        "image": lambda: Change(image=content),
        "audio": lambda: Change(audio=content),
    }[modality]()


def _drawn_box(case: OpenCase, modality: str, chart: str) -> dict[str, list[float]] | None:
    """The box that was drawn in the picture or the sound, in its own units; before one is, the part that matters
    most."""
    st.caption(say("what-if-drag"))
    state = show(
        relevance(case.evidence, modality, selectable=True), chart, on_select=lambda: None, modes=("points", "box")
    )
    boxes = state["selection"]["box"] if state else []
    if boxes:
        return boxes[0]
    hit = [int(found[0]) for found in chosen(state)]
    if not hit:
        return strongest_part(case.evidence, modality)
    spans = case.evidence.units[modality].spans[hit]
    if modality == "audio":
        return {"x": [float(spans[:, 0].min()), float(spans[:, 1].max())], "y": []}
    return {
        "x": [float(spans[:, 0].min()), float(spans[:, 2].max())],
        "y": [float(spans[:, 1].min()), float(spans[:, 3].max())],
    }


def _bounds(box: dict[str, list[float]] | None, axis: str, size: int) -> tuple[int, int]:
    if box is None or not box[axis]:
        return size // 3, 2 * size // 3
    low, high = min(box[axis]), max(box[axis])
    return max(0, round(low)), min(size, round(high))


def _compare(pair: WhatIf, now: EngineStatus) -> None:
    section(say("what-if-compared"))
    sentence(pair.sentence())
    before, after = st.columns(2, gap="large")
    with before:
        st.markdown(f"**{say('what-if-before')}**")
        case_parts.answer(pair.before.prediction, small=True)
        show(probability_bars(pair.before.prediction), "before-emotion")
        show(shares_bar(pair.before), "before-shares")
        if pair.before.prediction.agreement:
            show(agreement_bars(pair.before.prediction), "before-agreement")
    with after:
        st.markdown(f"**{say('what-if-after')}** {plain(pair.change.lower())}")
        case_parts.answer(pair.after.prediction, small=True)
        show(probability_bars(pair.after.prediction, before=pair.before.prediction), "after-emotion")
        label = pair.before.label if pair.before.task == pair.after.task else None
        show(shares_bar(pair.after, label), "after-shares")
        if pair.after.prediction.agreement:
            show(agreement_bars(pair.after.prediction), "after-agreement")
    moved = sorted(pair.difference().items(), key=lambda item: -abs(item[1]))[:3]
    words = [say("what-if-points", label=plain(label), points=signed(100 * by, 0)) for label, by in moved]
    st.caption(say("what-if-moved-most", moved=", ".join(words)))
    if pair.after.inputs is not None or pair.after.attention:
        keep = st.button(say("what-if-go-on"), icon=":material/arrow_forward:", key="keep-change")
        if keep:
            cases.keep_as_own(plain_title(f"{pair.change}"), pair.after)
            st.session_state[NEXT] = cases.OWN
            st.rerun()


page()
