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
from mm_core.locale import say
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
        with st.spinner(say("report-reading")):
            return _from_folder(kind.name, str(folder), times, kind)
    except InvalidInput as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def needs(kind: Kind[Content]) -> Report[Content] | None:
    """The report, or None and words on how to make it or bring it."""
    found = report(kind)
    if found is None:
        nothing(say("report-none", report=kind.words()), say("report-make"))
        command(kind.make)
        bring(kind, None)
        return None
    st.caption(plain(origin(found)))
    say_if_of_another_model(found)
    return found


def drawn(found: Report[Any], what: str, make: Callable[[], Made]) -> Made:
    """``make()``, remembered by the report's digest and ``what``."""
    with st.spinner(say("report-drawing")):
        return _drawn(f"{found.kind.name} {found.digest} {what}", make)


def say_if_of_another_model(found: Report[Any]) -> None:
    """A warning where a report's figures are not those of the model that runs now, or don't say whose they are."""
    measured, now = found.content.model, engine_status()
    if not now.hash:
        return
    if measured is None or not measured.hash:
        words = say("report-of-no-model", report=found.kind.words(), model=now.name)
    elif measured.hash != now.hash:
        words = say(
            "report-of-another-model",
            measured=measured.name or say("report-nameless"),
            hash=measured.hash[:12],
            model=now.name,
            own=now.hash[:12],
        )
    else:
        return
    st.warning(plain(words), icon=":material/warning:")


def origin(found: Report[Any]) -> str:
    """Where a report's figures come from, and what it does not say about that, in a line or two."""
    about = found.content
    facts = []
    if about.model is not None:
        facts.append(say("origin-model", model=f"{about.model.name} {about.model.hash[:12]}".strip()))
    counts = about.data.rows if about.data is not None else {}
    if counts:
        counted = ", ".join(say("origin-count", modality=m, count=n) for m, n in counts.items())
        facts.append(say("origin-rows", split=about.split or "none", counted=counted))
    runs = getattr(about, "runs", None)
    if runs is not None:
        facts.append(say("origin-runs", count=len(runs)))
    if about.commit is not None:
        facts.append(say("origin-commit", commit=about.commit[:12]))
    if about.interval is not None:
        facts.append(say("origin-intervals", interval=about.interval))
    whose = "own" if found.own else "shipped"
    made = "none" if about.made is None else about.made[:10]
    told = say("origin", whose=whose, made=made, facts=", ".join(facts), digest=found.digest[:12])
    unsaid = about.unsaid()
    return f"{told} {say('origin-unsaid', unsaid=', '.join(unsaid))}" if unsaid else told


@st.cache_resource(max_entries=16, show_spinner=False)
def _from_folder(name: str, folder: str, times: tuple[int, ...], _kind: Kind[Any]) -> Report[Any]:
    return from_folder(_kind, Path(folder))


@st.cache_resource(max_entries=DRAWN, show_spinner=False)
def _drawn(what: str, _make: Callable[[], Any]) -> Any:
    return _make()


def bring(kind: Kind[Any], found: Report[Any] | None) -> None:
    """Open a report of one's own in the place of ``found``."""
    with st.expander(say("report-bring"), icon=":material/upload:"):
        st.caption(say("report-bring-how"))
        command(kind.make)
        file = st.file_uploader(say("report-bring-file"), ["json"], key=f"report-file-{kind.name}")
        table = None
        if kind.predictions is not None:
            table = st.file_uploader(say("report-bring-rows"), ["csv"], key=f"rows-file-{kind.name}")
        left, right = st.columns(2)
        if (
            left.button(say("report-open"), key=f"report-open-{kind.name}", disabled=file is None)
            and file is not None
        ):
            with guarded():
                opened = from_upload(kind, file.getvalue(), None if table is None else table.getvalue())
                st.session_state[_BROUGHT + kind.name] = opened
                st.rerun()
        if found is not None and found.own and right.button(say("report-back"), key=f"report-back-{kind.name}"):
            del st.session_state[_BROUGHT + kind.name]
            st.rerun()
