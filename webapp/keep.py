"""Taking a case home: the Evidence file, the report as one HTML page, and a link to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.figures import evidence_page
from mm_core.locale import say
from mm_core.serving.handover import KEPT, dashboard_address
from mm_core.serving.kept import KEPT_SECONDS
from webapp import markup
from webapp.block import block
from webapp.context import Context, forgotten
from webapp.files import fresh_path, press


class Keep:
    """Three buttons: two make their file when pressed and hand it to the browser, the third shows links."""

    def __init__(self, context: Context, place: str) -> None:
        self.context = context
        self.place = place
        with gr.Column(elem_classes=["card"], elem_id="keep"):
            block(markup.heading(say("keep-title"), say("keep-lead")))
            self.with_inputs = gr.Checkbox(
                label=say("keep-inputs"),
                value=False,
                container=False,
                elem_id="keep-inputs",
            )
            with gr.Row(elem_classes=["actions"]):
                record = gr.Button(say("keep-evidence"), elem_id="save-evidence", scale=0, min_width=200)
                report = gr.Button(say("keep-report"), elem_id="save-report", scale=0, min_width=200)
                link = gr.Button(say("link-make"), elem_id="make-link", scale=0, min_width=200)
            self.message = block("", "keep-message", live=True)
            for button, name, write in (
                (record, "case.triad", _write_record),
                (report, "case.html", _write_report),
            ):
                self._connect(button, name, write)
            link.click(self.make_link, self.with_inputs, self.message, **self._quietly)

    @property
    def outputs(self) -> list[Any]:
        """What ``show`` gives updates for."""
        return [self.with_inputs, self.message]

    def show(self) -> list[Any]:
        """Ready for a new case: inputs are only written where that is asked for anew."""
        return [gr.Checkbox(value=False), ""]

    def make_link(self, with_inputs: bool, request: gr.Request) -> str:
        """Have the record held for a short while; the links that open it."""
        evidence = self.context.evidence(request, self.place)
        if evidence is None:
            return markup.notice(forgotten(), "hint")
        try:
            name = self.context.client.keep(evidence if with_inputs else evidence.without_inputs())
            return _links(name)
        except TriadError as error:
            return markup.notice(str(error), "hint")

    @property
    def _quietly(self) -> dict[str, Any]:
        return {
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": self.message,
            "concurrency_limit": 4,
        }

    def _connect(self, button: gr.Button, name: str, write: Callable[[Evidence, Path], None]) -> None:
        # Gradio's own download button needs its file before it is pressed; this one is pressed by the page itself.
        elem_id = f"{button.elem_id}-file"
        download = gr.DownloadButton(elem_id=elem_id, elem_classes=["pressed-by-script"])

        def make(with_inputs: bool, request: gr.Request) -> tuple[str | None, str]:
            evidence = self.context.evidence(request, self.place)
            if evidence is None:
                return None, markup.notice(forgotten(), "hint")
            path = fresh_path(download, name)
            write(evidence if with_inputs else evidence.without_inputs(), path)
            return str(path), ""

        made = button.click(make, self.with_inputs, [download, self.message], **self._quietly)
        made.then(None, js=press(elem_id), api_visibility="private")


def _links(name: str) -> str:
    there = dashboard_address(name)
    links = [] if there is None else [markup.link(there, say("link-dashboard"))]
    links.append(markup.link(f"?{KEPT}={name}", say("link-here")))
    terms = markup.reading(say("link-terms", minutes=round(KEPT_SECONDS / 60)))
    return f'<p class="links">{"".join(links)}</p>{terms}'


def _write_record(evidence: Evidence, path: Path) -> None:
    evidence.save(path)


def _write_report(evidence: Evidence, path: Path) -> None:
    path.write_text(evidence_page(evidence), encoding="utf-8")
