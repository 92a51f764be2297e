"""The Streamlit dashboard: what a stakeholder review needs. No model code and no plotting code; figures come from
``mm_core.figures``."""
