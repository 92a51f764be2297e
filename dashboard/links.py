"""Choices that stand in the page's address, so that a link opens what was seen, and that a session remembers.

Streamlit's own binding of widgets to addresses forgets a choice when the page changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

_KEPT: Final = "links-kept"


def pick(
    draw: Callable[..., Any],
    label: str,
    options: Sequence[str],
    *,
    key: str,
    words: Callable[[str], str] = str,
    default: str | None = None,
    **more: Any,
) -> str:
    """One of ``options``, chosen in a widget.

    draw: ``st.selectbox``, ``st.segmented_control`` or a column's. key: the choice's name in the address; words: how
    an option is shown; default: the first option if not given, and the only one that is left out of the address.
    """
    usual = options[0] if default is None else default
    widget = widget_key(key)
    kept: dict[str, str] = st.session_state.setdefault(_KEPT, {})
    if st.session_state.get(widget) not in options:  # a new page, or options that belong to another case
        known = (st.query_params.get(key), kept.get(key), usual)
        st.session_state[widget] = next(value for value in known if value in options)
    chosen = draw(label, options, key=widget, format_func=words, **more)
    chosen = usual if chosen is None else str(chosen)
    kept[key] = chosen
    if chosen != usual:
        if st.query_params.get(key) != chosen:
            st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def in_address(key: str, options: Sequence[str]) -> list[str]:
    """Those of ``options`` that the address names, with commas between, for widgets that choose several."""
    named = st.query_params.get(key, "").split(",")
    return [option for option in options if option in named]


def put_in_address(key: str, chosen: Sequence[str]) -> None:
    """Name these options in the address; none leave it."""
    words = ",".join(chosen)
    if words and st.query_params.get(key) != words:
        st.query_params[key] = words
    elif not words and key in st.query_params:
        del st.query_params[key]


def widget_key(key: str) -> str:
    """Where a choice lies in the session's state: set it there, in a callback, to choose by another way."""
    return f"pick-{key}"
