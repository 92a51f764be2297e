"""What surrounds every page: the look, and the foot of the sidebar that says which model answers."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.engine import engine_status
from mm_core.figures.theme import INK_CSS

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
        words = f"<b>No model yet</b><br>{escape(now.reason)} This page looks again every few seconds."
    elif now.client is None:
        words = f"<b>No model</b><br>{escape(now.reason)} Pages that need one say so."
    else:
        words = (
            f"<b>{escape(now.name)}</b> on {escape(now.where)}<br>"
            f'<span title="SHA-256 of the model">{escape(now.hash[:12])}</span>'
        )
    with st.sidebar:
        st.html(f'<p class="foot">{words}</p>')
        if now.starting:
            _wait()
        st.html(
            '<p class="foot">Scores describe the expression shown, not what a person feels. '
            "Not for judging people at work or school, and not for medical use.</p>"
        )


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _wait() -> None:
    """Look again until the running app answers: both are started together."""
    if engine_status().client is not None:
        st.rerun()
