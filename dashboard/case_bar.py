"""The bar above every page of one case: which case it is, and how to bring one's own."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard import cases
from dashboard.cases import OWN, Example, OpenCase
from dashboard.engine import EngineStatus
from dashboard.links import pick, widget_key
from dashboard.show import guarded, nothing, plain
from mm_core.evidence import Evidence
from mm_core.locale import say
from mm_core.samples import InvalidInput, RawInputs
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.serving.handover import KEPT

CHOSEN: Final = "case"
"""The choice's name in addresses."""

NEXT: Final = "case-next"
"""Where in the session's state the slug lies that is to be chosen in the next run."""

_KEPT_SEEN: Final = "case-kept-seen"


def case_bar(now: EngineStatus) -> OpenCase | None:
    """Choose or bring a case; the open one, or None with words on what to do."""
    shipped = {example.slug: example for example in cases.examples()} if now.client is not None else {}
    _open_kept(now)
    if NEXT in st.session_state:  # a widget's choice can only be changed before the widget is drawn
        st.session_state[widget_key(CHOSEN)] = st.session_state.pop(NEXT)
    own = cases.own_case()
    options = [*shipped, *([OWN] if own is not None else [])]
    if options:
        titles = {slug: f"{e.title} {e.says}" for slug, e in shipped.items()}
        titles[OWN] = "" if own is None else say("case-own", title=own.title)
        slug = pick(st.selectbox, say("case-choose"), options, key=CHOSEN, words=titles.__getitem__)
        if slug != OWN and KEPT in st.query_params:  # the address would open another case than the one seen
            del st.query_params[KEPT]
    with st.expander(say("bring-title"), expanded=not options, icon=":material/upload:"):
        _bring(now)
    if not options:
        nothing(say("case-none"), say("case-none-how", reason=now.reason))
        return None
    with guarded(again="case-again"):
        return _opened(slug, shipped, own, now)
    return None


def _opened(slug: str, shipped: dict[str, Example], own: OpenCase | None, now: EngineStatus) -> OpenCase:
    if slug == OWN and own is not None:
        return cases.enriched(own)
    return cases.enriched(cases.open_example(shipped[slug], now))


def _open_kept(now: EngineStatus) -> None:
    """Open the record that the address names, once a session: that is where the page's link leads."""
    name = st.query_params.get(KEPT, "")
    if not name or now.client is None or st.session_state.get(_KEPT_SEEN) == name:
        return
    st.session_state[_KEPT_SEEN] = name
    with guarded():
        cases.keep_as_own(say("case-by-link"), now.client.kept(name))
        st.session_state[NEXT] = OWN


def _bring(now: EngineStatus) -> None:
    names = [say("bring-inputs"), say("bring-file")]
    # What can be done stands first.
    give, reopen = st.tabs(names) if now.client is not None else reversed(st.tabs(names[::-1]))
    with reopen:
        file = st.file_uploader(say("bring-saved"), type=["triad"], key="bring-triad", help=say("bring-saved-help"))
        if file is not None and st.session_state.get("bring-triad-seen") != file.file_id:
            st.session_state["bring-triad-seen"] = file.file_id
            with guarded():
                _take(file.name, Evidence.from_bytes(file.getvalue()))
    with give:
        if now.client is None:
            nothing(say("bring-no-model"), say("bring-no-model-how", reason=now.reason))
            return
        with st.form("bring", border=False):
            text = st.text_area(
                say("bring-words"), key="bring-text", placeholder=say("bring-words-placeholder"), max_chars=5000
            )
            left, right = st.columns(2)
            picture = left.file_uploader(say("bring-face"), ["jpg", "jpeg", "png", "webp"], key="bring-image")
            voice = right.file_uploader(say("bring-voice"), ["wav", "flac", "ogg", "mp3"], key="bring-audio")
            spoken = right.audio_input(say("bring-record"), sample_rate=SAMPLE_RATE, key="bring-microphone")
            normal = _normal_voice() if now.reads_reference else None
            force = st.checkbox(say("bring-force"), key="bring-force", help=say("bring-force-help"))
            asked = st.form_submit_button(say("bring-explain"), type="primary", icon=":material/search_insights:")
        st.caption(say("bring-privacy"))
        if asked:
            with guarded():
                sound = spoken or voice
                given = RawInputs(
                    text=text or None,
                    image=None if picture is None else picture.getvalue(),
                    audio=None if sound is None else sound.getvalue(),
                    force=("text", "image", "audio") if force else (),
                    reference=None if normal is None else normal.getvalue(),
                )
                if given.text is None and given.image is None and given.audio is None:
                    raise InvalidInput(say("bring-nothing"))
                _take(say("case-just-given"), cases.explained(given, now))


def _normal_voice() -> Any:
    """What the voice may be judged against, as an uploaded file; None where nothing is given."""
    with st.expander(say("input-reference-title", case="none")):
        st.caption(say("input-reference-why"))
        label = say("input-label", input="reference", case="none")
        file = st.file_uploader(label, ["wav", "flac", "ogg", "mp3"], key="bring-reference")
        spoken = st.audio_input(say("bring-record"), sample_rate=16000, key="bring-reference-microphone")
    return spoken or file


def _take(title: str, evidence: Evidence) -> None:
    cases.keep_as_own(plain_title(title), evidence)
    st.session_state[NEXT] = OWN
    st.toast(say("case-opened", title=plain(plain_title(title))), icon=":material/check:")
    st.rerun()


def plain_title(name: str) -> str:
    """A file's name or a person's title as one short line of printable characters."""
    line = "".join(c if c.isprintable() else " " for c in name).strip()
    return line[:80] or "untitled"
