"""``triad dashboard``: serve the dashboard; MM_CORE_URL names a running app whose model it is to share."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from mm_core import resources
from mm_core.extras import require


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("dashboard", help="serve the dashboard", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8501, help="(default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    require("streamlit")
    try:
        return subprocess.call(command(arguments.host, arguments.port))
    except KeyboardInterrupt:  # Streamlit got it too and has said goodbye
        return 0


def command(host: str, port: int) -> list[str]:
    """What starts Streamlit on the dashboard, whose settings lie beside its script."""
    script = resources.HOME / "dashboard" / "app.py"
    options = [f"--server.address={host}", f"--server.port={port}"]
    return [sys.executable, "-m", "streamlit", "run", str(script), *options]
