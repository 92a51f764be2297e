"""The page as a whole: header, tabs, footer, and what is forgotten when a visitor leaves."""

from __future__ import annotations

import threading
from html import escape
from typing import Any, Final

import gradio as gr
from starlette.middleware import Middleware

from mm_core.locale import say
from mm_core.samples.limits import MAX_FILM_BYTES
from mm_core.serving import own_labels
from webapp import about, ask, batch, compare, endpoints, examples, film, live, theme
from webapp.batch_rows import MAX_UPLOAD_BYTES
from webapp.block import block
from webapp.context import Context
from webapp.link_preview import LinkPreview
from webapp.memory import KEPT_SECONDS

SWEEP_SECONDS: Final = 60
"""Seconds between two looks for cases and files that are too old."""

MOST_SESSIONS: Final = 1_000
"""Open pages whose components Gradio keeps apart; the oldest goes first."""

_RINGS: Final = """
  <svg viewBox="0 0 40 40" width="40" height="40" aria-hidden="true">
    <circle cx="20" cy="13" r="9" class="ring text"/><circle cx="13" cy="25" r="9" class="ring image"/>
    <circle cx="27" cy="25" r="9" class="ring audio"/>
  </svg>
"""


def header(question: str) -> str:
    """The page's head: its name and its question."""
    words = f"<h1>{escape(say('page-name'))}</h1><p>{escape(question)}</p>"
    return f'<header class="masthead">{_RINGS}<div>{words}</div></header>'


def build(context: Context) -> gr.Blocks:
    """Lay out the page. ``launch_options`` has what its launch needs."""
    shipped = examples.load()
    health = context.client.health()
    with gr.Blocks(
        title=own_labels.page_title(health),
        analytics_enabled=False,
        delete_cache=(SWEEP_SECONDS, KEPT_SECONDS),
    ) as page:
        endpoints.add(context)  # first: a later event of the same function name gets another name, not these
        with gr.Row(elem_classes=["top"]):
            block(header(own_labels.question(health)), scale=1)
            toggle = gr.Button("◐", elem_id="theme-toggle", scale=0, min_width=44)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(say("tab", tab="ask"), id="ask"):
                asking = ask.Ask(context, shipped)
            with gr.Tab(say("tab", tab="film"), id="film"):
                film.FilmTab(context, tabs, asking)
            with gr.Tab(say("tab", tab="live"), id="live"):
                live.LiveTab(context, tabs, asking)
            with gr.Tab(say("tab", tab="compare"), id="compare"):
                compare.Compare(context, shipped)
            with gr.Tab(say("tab", tab="batch"), id="batch"):
                batch.BatchTab(context, tabs, asking)
            with gr.Tab(say("tab", tab="about"), id="about"):
                about.build(context)
        toggle.click(None, js=theme.TOGGLE_DARK, api_visibility="private")
        page.load(None, js=theme.ON_LOAD, api_visibility="private")
        asking.open_on(page.load)
        page.unload(_forgetter(context))
    _sweep_forever(context)
    return page


def launch_options() -> dict[str, Any]:
    """How ``serving.launch.serve`` is to launch the page, besides its own settings: its look, and nothing kept."""
    return {
        "middleware": [Middleware(LinkPreview)],
        "theme": theme.theme(),
        "css": theme.css(),
        "max_file_size": max(MAX_UPLOAD_BYTES, MAX_FILM_BYTES),
        "footer_links": ["api"],
        "run_history": False,
        "state_session_capacity": MOST_SESSIONS,
        "ssr_mode": False,
        "mcp_server": False,
        "share": False,
    }


def _forgetter(context: Context) -> Any:
    def forget(request: gr.Request) -> None:
        context.memory.forget(str(request.session_hash))

    return forget


def _sweep_forever(context: Context) -> None:
    pause = threading.Event()

    def sweep() -> None:
        while not pause.wait(SWEEP_SECONDS):
            context.memory.sweep()

    threading.Thread(target=sweep, name="forget", daemon=True).start()
