"""How fast the dashboard's pages change: ``python benchmarks/dashboard.py [--model FOLDER] [--reports FOLDER]``.

A real Chromium clicks through the pages of the dashboard with its own copy of the model; a page counts as there when
its script has ended and every chart is drawn. The baseline is a Streamlit app of two pages with one line of text
each, in the same run. Then a report of 50,000 lines is opened, drawn from the shipped one with repetition. Last, all
pages are opened beside a running app, and the dashboard's resident memory is read.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RESULTS = Path(__file__).resolve().parent / "results" / "dashboard.json"
SHIPPED = ROOT / "assets" / "report"

PAGES = ("Overview", "Case", "Attention", "What-if", "Contributions", "Evaluation", "Robustness", "Lab", "Review")
SWITCH_LIMIT = 1.0
"""Seconds of a page switch after warm-up, median."""

LINES = 50_000
LINES_LIMIT = 2.0
"""Seconds until a report of that many lines is drawn."""

MEMORY_LIMIT = 600
"""Megabytes of resident memory beside a running app."""

VIEWS = ("Figures", "What is taken for what", "ROC and precision", "Calibration", "Slices")

READY = """marker => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
  return app?.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('[data-testid=stMain]').innerText.includes(marker)
    && !document.querySelector('[data-testid=stSkeleton]')
    && charts.every(chart => !chart.offsetParent || chart.querySelector('.main-svg'));
}"""

MARKERS = {
    "Overview": "What this model can do",
    "Case": "What the model answers to one case",
    "Attention": "Where the fusion looks",
    "What-if": "Change one thing",
    "Contributions": "What words, face and voice add",
    "Evaluation": "How often the answers are right",
    "Robustness": "What happens when inputs get worse",
    "Lab": "The classic ways of fusing",
    "Review": "Collect cases with your comments",
}
"""Words that stand on one page only."""

VIEW_MARKERS = {
    "Figures": "Precision and recall",
    "What is taken for what": "cases of a cell",
    "ROC and precision": "ROC of each class",
    "Calibration": "mean 80 % right",
    "Slices": "overlap may not differ",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--reports", type=Path, default=SHIPPED, help="folder of reports")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        large = enlarged(arguments.reports, Path(folder))
        model = {} if arguments.model is None else {"MM_CORE_MODEL": str(arguments.model.resolve())}
        baseline = empty_pages(Path(folder), arguments.rounds)
        switches = page_switches(model | {"MM_CORE_REPORTS": str(arguments.reports.resolve())}, arguments.rounds)
        views = large_report({"MM_CORE_MODEL": "none", "MM_CORE_REPORTS": str(large)})
        memory, torch = beside_the_app(arguments.model, arguments.reports.resolve())
    every = [seconds for taken in switches.values() for seconds in taken]
    median, bare = statistics.median(every), statistics.median(baseline)
    print(f"{'page':28} {'median s':>9} {'slowest':>9}")
    print(f"{'empty Streamlit page':28} {bare:9.2f} {max(baseline):9.2f}")
    for name, taken in switches.items():
        print(f"{name:28} {statistics.median(taken):9.2f} {max(taken):9.2f}")
    print(f"{'all pages':28} {median:9.2f} {max(every):9.2f}   at most {SWITCH_LIMIT:.0f} s")
    print(f"{'against an empty page':28} {median / bare:9.1f} times")
    for name, seconds in views.items():
        print(f"{f'{LINES:,} lines: {name}':28} {seconds:9.2f}   at most {LINES_LIMIT:.0f} s")
    print(f"{'MB beside a running app':28} {memory:9.0f}   at most {MEMORY_LIMIT}, torch loaded: {torch}")
    result = {
        "what": "seconds from the click until the page's script has ended and every chart is drawn, in Chromium",
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "load_average": os.getloadavg()[0],
        "baseline_empty_streamlit_page": {"median": bare, "slowest": max(baseline)},
        "pages": {name: {"median": statistics.median(t), "slowest": max(t)} for name, t in switches.items()},
        "median": median,
        "ratio_to_baseline": median / bare,
        "report": {"lines": LINES, "views": views},
        "beside_the_app": {"resident_megabytes": memory, "torch_loaded": torch},
        "limits": {"switch": SWITCH_LIMIT, "report": LINES_LIMIT, "resident_megabytes": MEMORY_LIMIT},
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0


def enlarged(reports: Path, folder: Path) -> Path:
    """A folder with the evaluation report and LINES of its lines, drawn with repetition."""
    import pandas as pd

    made = folder / "large"
    made.mkdir()
    shutil.copy(reports / "evaluation.json", made)
    lines = pd.read_parquet(reports / "cases.parquet")
    lines.sample(LINES, replace=True, random_state=0, ignore_index=True).to_parquet(made / "cases.parquet")
    return made


def page_switches(environment: dict[str, str], rounds: int) -> dict[str, list[float]]:
    """Seconds of every switch, by the page that was opened."""
    from tests.dashboard.browsing import browser_page, running_dashboard

    taken: dict[str, list[float]] = {name: [] for name in PAGES}
    with running_dashboard(**environment) as (url, _), browser_page() as page:
        page.goto(url)
        page.wait_for_function(READY, arg=MARKERS["Overview"])
        for turn in range(rounds + 1):
            for name in (*PAGES[1:], PAGES[0]):
                seconds = switch(page, name, MARKERS[name])
                if turn:  # the first round warms up
                    taken[name].append(seconds)
    return taken


def large_report(environment: dict[str, str]) -> dict[str, float]:
    """Seconds until each view of the large report is drawn for the first time."""
    from tests.dashboard.browsing import browser_page, running_dashboard

    with running_dashboard(**environment) as (url, _), browser_page() as page:
        page.goto(f"{url}/robustness")  # the browser has its charts' library, the report is not read yet
        page.wait_for_function(READY, arg=MARKERS["Robustness"])
        taken = {"opened": switch(page, "Evaluation", MARKERS["Evaluation"])}
        for view in VIEWS[1:]:
            started = time.perf_counter()
            page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view)).first.click()
            page.wait_for_function(READY, arg=VIEW_MARKERS[view])
            taken[view] = time.perf_counter() - started
    return taken


def beside_the_app(model: Path | None, reports: Path) -> tuple[float, bool]:
    """Resident memory (MB) of a dashboard that uses a running app's model, after all pages were opened, and whether
    it loaded torch."""
    from tests.dashboard.browsing import browser_page, loaded_libraries, memory_megabytes, running_dashboard
    from tests.ui.conftest import running_app

    options = () if model is None else ("--model", str(model.resolve()))
    with (
        running_app(*options) as app,
        running_dashboard(MM_CORE_URL=app, MM_CORE_REPORTS=str(reports)) as (url, process),
        browser_page() as page,
    ):
        page.goto(url)
        page.wait_for_function(READY, arg=MARKERS["Overview"])
        for name in PAGES[1:]:
            switch(page, name, MARKERS[name])
        return memory_megabytes(process), "libtorch" in loaded_libraries(process)


def empty_pages(folder: Path, rounds: int) -> list[float]:
    """Seconds of a switch between two pages of one line."""
    from tests.dashboard.browsing import browser_page, running_dashboard

    script = folder / "empty.py"
    script.write_text(
        "import streamlit as st\n"
        "def one():\n    st.write('the words of page one')\n"
        "def two():\n    st.write('the words of page two')\n"
        "st.navigation([st.Page(one, title='One', default=True), st.Page(two, title='Two')]).run()\n"
    )
    taken = []
    with running_dashboard(script=script) as (url, _), browser_page() as page:
        page.goto(url)
        page.wait_for_function(READY, arg="the words of page one")
        for turn in range(2 * rounds + 2):
            name = ("Two", "One")[turn % 2]
            seconds = switch(page, name, f"the words of page {name.lower()}")
            if turn > 1:
                taken.append(seconds)
    return taken


def switch(page: Any, name: str, marker: str) -> float:
    """Click a page's link; seconds until it is there."""
    started = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_function(READY, arg=marker)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
