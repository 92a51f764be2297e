"""``triad app``: serve the page and the REST API."""

from __future__ import annotations

import argparse
import os
from typing import Any

from mm_core import resources
from mm_core.extras import require
from mm_core.serving import own_folder
from mm_core.serving.access import Access
from mm_core.serving.ports import check_port, port_of


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
        help="address to listen on; 0.0.0.0 for everybody (default: %(default)s)",
    )
    parser.add_argument("--port", default=port, help="(default: %(default)s)")
    parser.add_argument(
        "--model",
        help="folder of a saved model, or a predictor.yaml that describes one (default: the app that MM_CORE_URL "
        "names, else the embedded one)",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=os.environ.get("TRIAD_ALLOW_HOST", "").split(),
        metavar="NAME",
        help="a host name that people reach this app by, beside localhost and addresses of digits; also "
        "TRIAD_ALLOW_HOST, with spaces between several",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site whose pages may ask this app, such as https://example.org",
    )


def run(arguments: argparse.Namespace) -> int:
    require("gradio")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks the network otherwise
    port = port_of(arguments.port)  # all that can be known before a model is loaded for it
    check_port(arguments.host, port)
    resources.page("webapp.examples").load()
    folder = own_folder.claim()
    os.environ["GRADIO_TEMP_DIR"] = str(folder)  # before gradio is imported, as well
    access = Access.of_this_machine(arguments.allow_host, arguments.allow_origin)
    try:
        resources.page("webapp.start").start(arguments.model, arguments.host, port, access)
    finally:
        own_folder.release(folder)
    return 0
