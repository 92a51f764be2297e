"""What surrounds every page: the look, and the foot of the sidebar that says which model answers."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.engine import engine_status
from mm_core.figures.theme import INK_CSS
from mm_core.locale import say

LOGO: Final = Path(__file__).with_name("logo.svg")
ICON: Final = str(Path(__file__).with_name("icon.svg"))
"""Beside the page's title in a browser's tab; a named icon would be fetched from elsewhere."""

STYLE: Final = Path(__file__).with_name("style.css")

LOOK_AGAIN_SECONDS: Final = 3

_GROUNDS: Final = {
    "light": "--figure-ink: #3b4250; --card: #ffffff;",
    "dark": "--figure-ink: #d3d8e0; --card: #1b1f27;",
}
"""Text of the figures and the ground of cards."""


def frame() -> None:
    """Draw logo, style sheet and the foot of the sidebar."""
    st.logo(str(LOGO), size="large")
    ground = _GROUNDS.get(str(st.context.theme.type), _GROUNDS["light"])
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}{INK_CSS}:root {{ {ground} }}</style>")
    now = engine_status()
    if now.starting:
        head, rest = say("frame-no-model-yet"), say("frame-no-model-yet-how", reason=now.reason)
        words = f"<b>{escape(head)}</b><br>{escape(rest)}"
    elif now.client is None:
        head, rest = say("frame-no-model"), say("frame-no-model-how", reason=now.reason)
        words = f"<b>{escape(head)}</b><br>{escape(rest)}"
    else:
        words = (
            f"<b>{escape(now.name)}</b> {escape(say('frame-where', where=now.where))}<br>"
            f'<span title="{escape(say("frame-hash"))}">{escape(now.hash[:12])}</span>'
        )
    with st.sidebar:
        st.html(f'<p class="foot">{words}</p>')
        if now.starting:
            _wait()
        st.html(f'<p class="foot">{escape(say("frame-scope"))}</p>')


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _wait() -> None:
    """Look again until the running app answers: both are started together."""
    if engine_status().client is not None:
        st.rerun()
