"""The reports that pages show: the ones that ship, those of a folder, or one that a visitor brings.

``MM_CORE_REPORTS`` names another folder than ``assets/report``. A folder holds ``evaluation.json``,
``contributions.json``, ``robustness.json``, ``faithfulness.json``, ``lab.json``, ``compression.json`` and, one row a
case, ``cases.parquet``, ``contributions.parquet`` and ``lab_rows.parquet``. A visitor brings the JSON and the rows as
CSV.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import streamlit as st

from dashboard.engine import engine_status
from dashboard.report_files import Content, Kind, Report, from_folder, from_upload
from dashboard.show import command, guarded, nothing, plain
from mm_core import resources
from mm_core.samples import InvalidInput

FOLDER: Final = "MM_CORE_REPORTS"
SHIPPED: Final = resources.REPORTS

DRAWN: Final = 128
"""Figures kept ready, over all visitors: they hold figures of reports, nobody's case."""

_BROUGHT: Final = "report-brought-"

Made = TypeVar("Made")


def report(kind: Kind[Content]) -> Report[Content] | None:
    """The report of a kind that is looked at; None where there is none."""
    brought: Report[Content] | None = st.session_state.get(_BROUGHT + kind.name)
    if brought is not None:
        return brought
    folder = Path(os.environ.get(FOLDER, "").strip() or SHIPPED)
    files = [folder / f"{kind.name}.json", folder / f"{kind.predictions or kind.name}.parquet"]
    if not files[0].is_file():
        return None
    times = tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in files)
    try:
        return _from_folder(kind.name, str(folder), times, kind)
    except InvalidInput as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def needs(kind: Kind[Content]) -> Report[Content] | None:
    """The report, or None and words on how to make it or bring it."""
    found = report(kind)
    if found is None:
        nothing(f"There is no {kind.words}.", "Make one with this command, or bring one that was made elsewhere.")
        command(kind.make)
        bring(kind, None)
        return None
    st.caption(plain(origin(found)))
    say_if_of_another_model(found)
    return found


def drawn(found: Report[Any], what: str, make: Callable[[], Made]) -> Made:
    """``make()``, remembered by the report's digest and ``what``."""
    return _drawn(f"{found.kind.name} {found.digest} {what}", make)


def say_if_of_another_model(found: Report[Any]) -> None:
    """A warning where a report's figures are not those of the model that runs now, or don't say whose they are."""
    measured, now = found.content.model, engine_status()
    if not now.hash:
        return
    if measured is None or not measured.hash:
        words = f"This {found.kind.words} does not say which model it measured, so it may not be {now.name}."
    elif measured.hash != now.hash:
        words = (
            f"These figures are of the model {measured.name or 'without a name'} ({measured.hash[:12]}), not of "
            f"{now.name} ({now.hash[:12]}), which answers here now. Its own are made with --model."
        )
    else:
        return
    st.warning(plain(words), icon=":material/warning:")


def origin(found: Report[Any]) -> str:
    """Where a report's figures come from, and what it does not say about that, in a line or two."""
    about = found.content
    facts = []
    if about.model is not None:
        facts.append(f"model {about.model.name} {about.model.hash[:12]}".strip())
    counted = ", ".join(f"{n:,} {m}" for m, n in about.data.rows.items()) if about.data is not None else ""
    if counted:
        facts.append(f"{about.split or 'its'} rows ({counted})")
    runs = getattr(about, "runs", None)
    if runs is not None:
        facts.append(f"{len(runs):,} runs")
    if about.commit is not None:
        facts.append(f"commit {about.commit[:12]}")
    if about.interval is not None:
        facts.append(f"intervals: {about.interval}")
    whose = "Your report" if found.own else "Report"
    date = f" of {about.made[:10]}" if about.made is not None else ""
    unsaid = about.unsaid()
    gaps = f" It does not say: {', '.join(unsaid)}." if unsaid else ""
    return f"{whose}{date}: {', '.join(facts)}. SHA-256 {found.digest[:12]}.{gaps}"


@st.cache_resource(max_entries=16, show_spinner="Reading the report…")
def _from_folder(name: str, folder: str, times: tuple[int, ...], _kind: Kind[Any]) -> Report[Any]:
    return from_folder(_kind, Path(folder))


@st.cache_resource(max_entries=DRAWN, show_spinner="Drawing…")
def _drawn(what: str, _make: Callable[[], Any]) -> Any:
    return _make()


def bring(kind: Kind[Any], found: Report[Any] | None) -> None:
    """Open a report of one's own in the place of ``found``."""
    with st.expander("Look at a report of your own", icon=":material/upload:"):
        st.caption("Made on other rows by the same command, it opens here:")
        command(kind.make)
        file = st.file_uploader("The report (JSON)", ["json"], key=f"report-file-{kind.name}")
        table = None
        if kind.predictions is not None:
            table = st.file_uploader("Its rows (CSV), for curves and cases", ["csv"], key=f"rows-file-{kind.name}")
        left, right = st.columns(2)
        if left.button("Open", key=f"report-open-{kind.name}", disabled=file is None) and file is not None:
            with guarded():
                opened = from_upload(kind, file.getvalue(), None if table is None else table.getvalue())
                st.session_state[_BROUGHT + kind.name] = opened
                st.rerun()
        if (
            found is not None
            and found.own
            and right.button("Back to the shipped one", key=f"report-back-{kind.name}")
        ):
            del st.session_state[_BROUGHT + kind.name]
            st.rerun()
