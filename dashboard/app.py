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
from mm_core.locale import say  # noqa: E402

st.set_page_config(page_title=say("dashboard-title"), page_icon=ICON, layout="wide")

PAGES = {
    "": [st.Page("views/overview.py", title=say("overview-page"), icon=":material/home:", default=True)],
    say("dashboard-one-case"): [
        st.Page("views/case.py", title=say("case-page"), icon=":material/person_search:"),
        st.Page("views/attention.py", title=say("attention-page"), icon=":material/hub:"),
        st.Page("views/what_if.py", title=say("what-if-page"), icon=":material/tune:"),
    ],
    say("dashboard-one-film"): [st.Page("views/timeline.py", title=say("timeline-page"), icon=":material/movie:")],
    say("dashboard-all-cases"): [
        st.Page("views/contributions.py", title=say("contributions-page"), icon=":material/balance:"),
        st.Page("views/evaluation.py", title=say("evaluation-page"), icon=":material/monitoring:"),
        st.Page("views/robustness.py", title=say("robustness-page"), icon=":material/shield:"),
    ],
    say("dashboard-designs"): [st.Page("views/lab.py", title=say("lab-page"), icon=":material/science:")],
    say("dashboard-record"): [st.Page("views/review.py", title=say("review-page"), icon=":material/rate_review:")],
}

page = st.navigation(PAGES)
frame()
page.run()
