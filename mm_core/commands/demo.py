"""``triad demo``: the page and the dashboard, on one copy of the model."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from typing import Any

from mm_core.commands import app, dashboard
from mm_core.extras import require
from mm_core.serving import handover


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help="serve the page and the dashboard together", description=__doc__)
    app.add_arguments(parser)
    parser.add_argument("--dashboard-port", type=int, default=8501, help="(default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """The page in this process, the dashboard in a second one that ends with it."""
    require("gradio")
    require("streamlit")
    here = "127.0.0.1" if arguments.host in ("0.0.0.0", "::") else arguments.host
    page, dashboards = f"http://{here}:{arguments.port}", f"http://{here}:{arguments.dashboard_port}"
    os.environ.setdefault(handover.DASHBOARD_URL, dashboards)
    core = page if arguments.model else os.environ.get("MM_CORE_URL") or page  # as the page itself chooses
    shared = {handover.PAGE_URL: page, **os.environ, "MM_CORE_URL": core}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the block below is left, and the dashboard ends
    beside = subprocess.Popen(dashboard.command(arguments.host, arguments.dashboard_port), env=shared)
    try:
        return app.run(arguments)
    finally:
        beside.terminate()
        beside.wait()
