"""The REST routes on the page's own app and port, behind the guards.

A Gradio page on ZeroGPU must be started by its own ``launch()``, so the routes ride on the app that it makes.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mm_core import __version__
from mm_core.samples.limits import MAX_FILE_BYTES, MAX_FILM_BYTES
from mm_core.serving import logs, schema
from mm_core.serving.access import Access
from mm_core.serving.client import Client
from mm_core.serving.guards import AllowedRoutes, BoundedBody, BoundedEvents, BoundedUploads, KnownOrigins
from mm_core.serving.reference import TAG, reference
from mm_core.serving.remote import Remote
from mm_core.serving.replies import health_reply
from mm_core.serving.slow_senders import close_slow_senders
from mm_core.serving.stopping import DRAIN_SECONDS, Gate, Gated, leave_running_threads, wait_for_signal

_OWN_CHECK: Final = "_frontend"
"""Gradio's option whether to look at its own page after the start; private, so it may go."""

MAX_BODY_BYTES: Final = MAX_FILM_BYTES + 16 * 1024**2
"""Of any one request to the app: a film with its subtitles and a voice, or the page's uploads of several files."""

TITLE: Final = "Triad"
DESCRIPTION: Final = "Emotion and sentiment from text, face and voice, with explanations that can be checked."


@dataclass(frozen=True, eq=False)
class Served:
    """A page that is being served at ``url``; ``stop`` ends it."""

    demo: Any
    client: Client
    url: str
    gate: Gate = field(default_factory=Gate)

    def stop(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Answer what runs, tell what waits, and end; whether all was done within ``seconds``."""
        self.gate.shut()
        finished = self.client.close(seconds)
        finished = self.gate.wait_until_empty(seconds) and finished
        self.demo.close(verbose=False)
        return finished


def serve(
    demo: Any,
    client: Client,
    host: str = "127.0.0.1",
    port: int | None = None,
    access: Access | None = None,
    middleware: Sequence[Middleware] = (),
    **options: Any,
) -> Served:
    """Start a Gradio page (``gradio.Blocks``) that ``client`` answers, with the routes beside it; ``options`` go to
    ``launch`` and win. middleware: the page's own, inside of the guards.

    Returns once it is served. Logs go to standard error.
    """
    logs.configure()
    client.start()
    gate = Gate()
    known = access or Access.of_this_machine()
    kwargs = app_kwargs(client, gate)
    kwargs["middleware"] += middleware
    safe: dict[str, Any] = {
        "max_file_size": MAX_FILE_BYTES,
        "show_error": False,
        "allowed_paths": [],
        "app_kwargs": kwargs,
        "prevent_thread_lock": True,
    }
    # Once it is served, Gradio fetches its own page and gives up, the server with it, if that takes more than 3 s: a
    # busy machine is no reason to.
    if _OWN_CHECK in inspect.signature(demo.launch).parameters:
        safe[_OWN_CHECK] = False
    app, url, _ = demo.launch(server_name=host, server_port=port, **{**safe, **options})
    # Around everything: Gradio puts its own middleware, which reflects any Origin, outside of what it is given.
    app.middleware_stack = KnownOrigins(app.middleware_stack, known.hosts, known.origins)
    described = describe(kwargs["routes"])
    app.openapi = lambda: described
    close_slow_senders(demo.server)
    return Served(demo, client, url.rstrip("/"), gate)


def serve_until_stopped(*arguments: Any, **options: Any) -> None:
    """``serve``, and stop when the process is asked to (SIGTERM, Ctrl-C)."""
    served = serve(*arguments, **options)
    wait_for_signal()
    if not served.stop():
        leave_running_threads()


def app_kwargs(client: Client, gate: Gate) -> dict[str, Any]:
    """What Gradio's ``launch(app_kwargs=...)`` needs: the routes and the guards, outermost first."""
    from gradio.utils import get_upload_folder

    folder = get_upload_folder()
    routes = list(_router(client).routes)
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "routes": routes,
        "docs_url": None,  # FastAPI's own page loads scripts from elsewhere
        "redoc_url": None,
        "exception_handlers": {RequestValidationError: _not_understood},
        "middleware": [
            Middleware(Gated, gate=gate),
            Middleware(AllowedRoutes, folder=folder),
            Middleware(BoundedBody, most=MAX_BODY_BYTES),
            Middleware(BoundedEvents),
            Middleware(BoundedUploads, folder=folder),
        ],
    }


def _router(client: Client) -> APIRouter:
    """The REST API where the model is in this process; beside another app, which has it, health alone."""
    if not isinstance(client, Remote):
        from mm_core.serving.rest import router  # loads torch
        from mm_core.serving.service import Service

        assert isinstance(client, Service)
        return router(client)

    async def health(request: Request) -> Response:
        return health_reply(await to_thread.run_sync(client.health))

    beside = APIRouter(tags=[TAG])
    beside.add_api_route("/health", health, methods=["GET"], **schema.route("/health"))
    beside.add_api_route("/docs", reference, methods=["GET"], include_in_schema=False)
    return beside


async def _not_understood(request: Request, error: Exception) -> Response:
    """FastAPI's own answer would repeat the request."""
    message = "The request is not one that this app understands. See /docs."
    return JSONResponse({"error": {"code": "bad_request", "message": message}}, 422)


def describe(routes: Collection[Any]) -> dict[str, Any]:
    """The OpenAPI description of these routes alone."""
    return get_openapi(title=TITLE, version=__version__, description=DESCRIPTION, routes=list(routes))
