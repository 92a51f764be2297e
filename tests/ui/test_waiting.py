"""The place in the queue, in the page's own progress text."""

from __future__ import annotations

from typing import Any

import gradio as gr

from webapp.context import place_shown


def test_a_visitor_who_waits_sees_how_many_go_before() -> None:
    shown: list[tuple[Any, str]] = []

    class Progress(gr.Progress):
        def __call__(self, progress: Any, *_: Any, unit: str = "", **__: Any) -> None:  # type: ignore[override]
            shown.append((progress, unit))

    tell = place_shown(Progress())
    for ahead in (2, 1, 0):
        tell(ahead)
    assert shown[:2] == [((2, None), "requests before yours"), ((1, None), "request before yours")]
    assert shown[2][0] is None  # one's turn: Gradio shows no number
