"""A place on the page for one figure: heading, chart or markup, how to read it, and its numbers as a table."""

from __future__ import annotations

from typing import Any, Final

import gradio as gr

from mm_core.figures import Figure
from mm_core.locale import say
from webapp import markup
from webapp.block import block

MOST_ROWS: Final = 40
"""Rows of a figure's data that are written out under it; the rest is in the downloads."""


class Slot:
    """Components for one figure, empty until ``show``."""

    def __init__(self, name: str) -> None:
        with gr.Column(elem_classes=["figure-slot"], min_width=260):
            self.head = block("", f"{name}-title")
            self.plot = gr.Plot(show_label=False, container=False, elem_id=f"{name}-plot", visible=False)
            self.foot = block("", f"{name}-foot")

    @property
    def outputs(self) -> list[gr.components.Component]:
        """What ``show`` and ``hide`` give updates for."""
        return [self.head, self.plot, self.foot]

    def show(self, figure: Figure, heading: str | None = None) -> list[Any]:
        """Updates that show a figure. ``heading`` (safe HTML) stands in for its title."""
        head = heading or markup.heading(figure.title)
        foot = markup.reading(figure.reading) + numbers(figure)
        if figure.html is not None:
            return [head, gr.Plot(None, visible=False), figure.html + foot]
        return [head, gr.Plot(figure.plot, visible=True), foot]

    @staticmethod
    def hide(words: str = "") -> list[Any]:
        """Updates that empty the place; ``words`` (safe HTML) say why."""
        return [words, gr.Plot(None, visible=False), ""]


def numbers(figure: Figure) -> str:
    """A figure's data as a table that can be opened: what a chart shows, for those who can't see it."""
    if not figure.table:
        return ""
    columns = list(figure.table[0])
    rows = [[_cell(row[column]) for column in columns] for row in figure.table[:MOST_ROWS]]
    more = len(figure.table) - len(rows)
    rest = markup.reading(say("figure-more-rows", count=more)) if more > 0 else ""
    table = markup.table(columns, rows, figure.title)
    return markup.details(say("figure-numbers"), table + rest)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(value)
