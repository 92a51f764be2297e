"""Tables with a title and a download that no spreadsheet takes for formulas."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.show import download_csv, title_row
from mm_core.figures.figure import as_csv


def show_table(
    frame: pd.DataFrame, title: str, key: str, height: int | Literal["content"] = "content", digits: int | None = None
) -> None:
    """A table of a report's rows. ``digits``: decimals of numbers."""
    with st.container(border=True, gap="xsmall", key=f"table-{key}"):
        with title_row(title, f"head-{key}"):
            download_csv(lambda: as_csv(frame.to_dict("records")), key, "These rows as CSV")
        config = {}
        if digits is not None:
            numbers = frame.select_dtypes("float").columns
            config = {name: st.column_config.NumberColumn(format=f"%.{digits}f") for name in numbers}
        st.dataframe(frame, hide_index=True, height=height, column_config=config, key=f"frame-{key}")
