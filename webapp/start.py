"""Starting the page: the model is loaded once and answers the page and the REST API on one port.

With ``MM_CORE_URL`` the app at that address answers, and neither torch nor weights are loaded here.
"""

from __future__ import annotations

from mm_core.serving.access import Access
from mm_core.serving.chosen_client import chosen_client
from mm_core.serving.launch import serve_until_stopped
from webapp import page
from webapp.context import Context


def start(model: str | None, host: str, port: int, access: Access) -> None:
    """Serve until the process is asked to stop. model: folder of a saved model, None for the embedded one or the app
    that ``MM_CORE_URL`` names; TriadError where it can't be used."""
    client = chosen_client(model)
    serve_until_stopped(page.build(Context(client)), client, host, port, access, **page.launch_options())
