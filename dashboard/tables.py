"""Tables with a title and a download that no spreadsheet takes for formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.show import download_csv, title_row
from mm_core.figures.figure import as_csv
from mm_core.locale import say


def show_table(
    frame: pd.DataFrame,
    title: str,
    key: str,
    height: int | Literal["content"] = "content",
    digits: int | Mapping[str, int] | None = None,
) -> None:
    """A table of a report's rows. ``digits``: decimals of all numbers, or of each column that is named."""
    with st.container(border=True, gap="xsmall", key=f"table-{key}"):
        with title_row(title, f"head-{key}"):
            download_csv(lambda: as_csv(frame.to_dict("records")), key, say("rows-csv"))
        config = {}
        if isinstance(digits, int):
            digits = dict.fromkeys(frame.select_dtypes("float").columns, digits)
        if digits is not None:
            config = {name: st.column_config.NumberColumn(format=f"%.{n}f") for name, n in digits.items()}
        st.dataframe(frame, hide_index=True, height=height, column_config=config, key=f"frame-{key}")
