"""Starting the page: the model is loaded once and answers the page and the REST API on one port.

With ``MM_CORE_URL`` the app at that address answers, and neither torch nor weights are loaded here.
"""

from __future__ import annotations

import os
from typing import Final

from mm_core.serving.access import Access
from mm_core.serving.client import Client
from mm_core.serving.launch import serve_until_stopped
from mm_core.serving.remote import Remote
from webapp import page
from webapp.context import Context

URL: Final = "MM_CORE_URL"


def start(model: str | None, host: str, port: int, access: Access) -> None:
    """Serve until the process is asked to stop. model: folder of a saved model, None for the embedded one or the app
    that ``MM_CORE_URL`` names; TriadError where it can't be used."""
    client = _client(model)
    serve_until_stopped(page.build(Context(client)), client, host, port, access, **page.launch_options())


def _client(model: str | None) -> Client:
    url = os.environ.get(URL, "").strip()
    if url and model is None:
        return Remote(url)
    from mm_core.serving.service import Service  # loads torch

    return Service.load(model)
