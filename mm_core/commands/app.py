"""``triad app``: serve the page and the REST API."""

from __future__ import annotations

import argparse
import os
from typing import Any

from mm_core import resources
from mm_core.extras import require


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("app", help="serve the page and the REST API", description=__doc__)
    add_arguments(parser)
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and with which model; GRADIO_SERVER_PORT and PORT set the port where --port does not."""
    port = os.environ.get("GRADIO_SERVER_PORT") or os.environ.get("PORT") or "7860"
    parser.add_argument(
        "--host",
        default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        help="address to listen on (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, default=int(port), help="(default: %(default)s)")
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")


def run(arguments: argparse.Namespace) -> int:
    require("gradio")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks the network otherwise
    resources.page("webapp.start").start(arguments.model, arguments.host, arguments.port)
    return 0
