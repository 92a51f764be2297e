"""HTML on the page without Gradio's own styling of it."""

from __future__ import annotations

from typing import Any

import gradio as gr


def block(html: str = "", name: str | None = None, live: bool = False, **options: Any) -> gr.HTML:
    """A piece of safe HTML; ``name`` is its element's id. ``live`` pieces are read out when they change."""
    template = '<div aria-live="polite">${value}</div>' if live else "${value}"
    return gr.HTML(
        html, elem_id=name, elem_classes=["plain"], apply_default_css=False, html_template=template, **options
    )
