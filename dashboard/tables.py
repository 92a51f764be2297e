"""Tables with a title and a download that no spreadsheet takes for formulas."""

from __future__ import annotations

from html import escape
from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.show import download_csv
from mm_core.figures.figure import as_csv


def show_table(
    frame: pd.DataFrame, title: str, key: str, height: int | Literal["content"] = "content", digits: int | None = None
) -> None:
    """A table of a report's rows. ``digits``: decimals of numbers."""
    with st.container(border=True, key=f"table-{key}"):
        with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute"):
            st.html(f'<p class="figure-title">{escape(title)}</p>', width="stretch")
            download_csv(lambda: as_csv(frame.to_dict("records")), key, "These rows as CSV")
        config = {}
        if digits is not None:
            numbers = frame.select_dtypes("float").columns
            config = {name: st.column_config.NumberColumn(format=f"%.{digits}f") for name in numbers}
        st.dataframe(frame, hide_index=True, height=height, column_config=config, key=f"frame-{key}")
