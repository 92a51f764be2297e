"""Navigation of the dashboard: ``python -m streamlit run dashboard/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

# `streamlit run` without `python -m` puts only this file's folder on the path.
_ROOT = str(Path(__file__).resolve().parent.parent)
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st  # noqa: E402

from dashboard.frame import ICON, frame  # noqa: E402

st.set_page_config(page_title="Triad dashboard", page_icon=ICON, layout="wide")

PAGES = {
    "": [st.Page("views/overview.py", title="Overview", icon=":material/home:", default=True)],
    "One case": [
        st.Page("views/case.py", title="Case", icon=":material/person_search:"),
        st.Page("views/attention.py", title="Attention", icon=":material/hub:"),
        st.Page("views/what_if.py", title="What-if", icon=":material/tune:"),
    ],
    "All cases": [
        st.Page("views/contributions.py", title="Contributions", icon=":material/balance:"),
        st.Page("views/evaluation.py", title="Evaluation", icon=":material/monitoring:"),
        st.Page("views/robustness.py", title="Robustness", icon=":material/shield:"),
    ],
    "Designs": [st.Page("views/lab.py", title="Lab", icon=":material/science:")],
    "Record": [st.Page("views/review.py", title="Review", icon=":material/rate_review:")],
}

page = st.navigation(PAGES)
frame()
page.run()
