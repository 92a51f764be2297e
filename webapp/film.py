"""The Film tab: a film becomes a timeline that grows while it is watched; each of its moments opens as a case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.components.image_editor import WebcamOptions

from mm_core.errors import TriadError
from mm_core.figures import timeline_chart, timeline_page
from mm_core.figures.figure import as_csv
from mm_core.figures.timeline import moments, timeline_cues
from mm_core.locale import say
from mm_core.samples import InvalidInput
from mm_core.samples.limits import MAX_FILM_BYTES, MAX_FILM_SECONDS
from mm_core.serving.films import film_for_servers
from mm_core.timeline import Options, Timeline
from mm_core.timeline.moment import moment_inputs, search_from
from mm_core.timeline.record import SMOOTHINGS, Window
from mm_core.timeline.subtitles import vtt
from webapp import film_script, markup
from webapp.ask import Ask
from webapp.block import block
from webapp.context import Context
from webapp.files import fresh_path, press
from webapp.inputs import sound_input
from webapp.memory import KEPT_SECONDS
from webapp.slot import Slot

PLACE: Final = "film"

DRAW_SECONDS: Final = 1.5
"""Seconds between two drawings of a timeline that grows: a browser needs its time, too."""

HOPS: Final = (0.5, 1.0, 2.0)

Updates = dict[Any, Any]


@dataclass(frozen=True, eq=False)
class WatchedFilm:
    """A visitor's film: its record, and where film and normal voice lie for as long as they are kept."""

    record: Timeline
    path: str
    reference: str | None


class FilmTab:
    """Upload or record, watch, cancel, look at the timeline, open a moment in the tab of ``asking``."""

    def __init__(self, context: Context, tabs: gr.Tabs, asking: Ask) -> None:
        self.context = context
        self.tabs = tabs
        self.asking = asking
        with gr.Row(elem_classes=["stage"]):
            with gr.Column(elem_classes=["card"], scale=6, min_width=320):
                block(markup.heading(say("film-title"), say("film-lead"), level=2))
                self.film = gr.Video(
                    label=say("film-input"),
                    sources=["upload", "webcam"],
                    include_audio=True,  # without it Gradio asks for ffmpeg
                    webcam_options=WebcamOptions(mirror=False),
                    buttons=[],
                    height=380,
                    elem_id="film-video",
                )
            with gr.Column(elem_classes=["card", "giving"], scale=4, min_width=320):
                self._options()
        with gr.Column(elem_classes=["card"]):
            self.progress = block("", "film-progress", live=True)
            self.empty = block(_empty(), "film-empty")
            with gr.Column(visible=False, elem_id="film-found") as self.found:
                self.sentence = block("", "film-sentence", live=True)
                self.chart = Slot("film-timeline")
                with gr.Row(elem_classes=["actions", "open-row"]):
                    self.moment = gr.Number(
                        0.0, label=say("film-moment"), minimum=0, precision=1, step=0.1, elem_id="film-moment"
                    )
                    self.open = gr.Button(say("film-open"), variant="primary", elem_id="film-open", min_width=180)
                    self.smoothing = gr.Dropdown(
                        [(say("film-smoothing-choice", windows=n), n) for n in SMOOTHINGS],
                        value=SMOOTHINGS[0],
                        label=say("film-smoothing"),
                        elem_id="film-smoothing",
                        filterable=False,
                        min_width=200,
                    )
                self.moments = block("", "film-moments")
                block(markup.heading(say("film-keep"), say("film-keep-lead")))
                with gr.Row(elem_classes=["actions"]):
                    self._downloads()
        self._connect()

    def _options(self) -> None:
        self.subtitles = gr.File(
            label=say("film-subtitles"), file_types=[".srt", ".vtt"], elem_id="film-subtitles", height=110
        )
        with gr.Accordion(
            say("film-reference-title"),
            open=False,
            visible=self.context.reads_reference,
            elem_id="film-reference-part",
        ):
            block(markup.reading(say("film-reference-why")))
            self.reference = sound_input(say("film-reference"), "film-reference")
        self.hop = gr.Dropdown(list(HOPS), value=HOPS[0], label=say("film-hop"), elem_id="film-hop", filterable=False)
        self.person = gr.Dropdown(
            [(say("film-person-largest"), 0)],
            value=0,
            label=say("film-person"),
            elem_id="film-person",
            filterable=False,
        )
        with gr.Row(elem_classes=["actions"]):
            self.start = gr.Button(say("film-start"), variant="primary", elem_id="film-start")
            self.cancel = gr.Button(say("cancel"), elem_id="film-cancel", visible=False)
        limits = say(
            "film-limits",
            minutes=round(MAX_FILM_SECONDS / 60),
            megabytes=MAX_FILM_BYTES // 1024**2,
            kept=round(KEPT_SECONDS / 60),
        )
        block(f'<div class="small-notes">{markup.small(limits, "privacy")}</div>')

    def _downloads(self) -> None:
        for form, write in WRITERS.items():
            button = gr.Button(say("film-download", form=form), elem_id=f"film-save-{form}", scale=0, min_width=170)
            link = gr.DownloadButton(elem_id=f"film-save-{form}-file", elem_classes=["pressed-by-script"])
            made = button.click(
                self._writer(form, write, link), None, [link, self.progress], api_visibility="private"
            )
            made.then(None, js=press(f"film-save-{form}-file"), api_visibility="private")

    def _connect(self) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        given = [self.film, self.subtitles, self.reference, self.hop, self.person]
        self.start.click(self.run, given, self._outputs, concurrency_id="film", concurrency_limit=2, **private).then(
            None, js=film_script.FOLLOW, api_visibility="private"
        )
        self.cancel.click(self.stop, None, None, queue=False, **private)
        self.film.change(self.another_film, None, self._outputs, **private)
        self.smoothing.input(self.smooth, self.smoothing, self.chart.outputs, **private).then(
            None, js=film_script.FOLLOW, api_visibility="private"
        )
        self.open.click(self.open_moment, self.moment, [self.progress, self.tabs, *self.asking.everything], **private)

    @property
    def _outputs(self) -> list[Any]:
        shown = [self.progress, self.empty, self.found, self.sentence, *self.chart.outputs, self.moments]
        return [self.start, self.cancel, self.person, self.moment, self.smoothing, *shown]

    def stop(self, request: gr.Request) -> None:
        """End the film at its next windows."""
        self.context.stop(request, PLACE)

    def another_film(self, request: gr.Request) -> Updates:
        """The timeline of a former film does not stand beside a new one."""
        self.context.forget(request, PLACE)
        return {**self._nothing(""), self.person: _people(None), self.moment: 0.0}

    def run(
        self,
        path: str | None,
        subtitles: str | None,
        reference: str | None,
        hop: float,
        person: int | None,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """Watch the film; each yield shows how far it is, the last one everything."""
        self.context.start(request, PLACE)
        yield {**self._buttons(running=True), **self._nothing(_bar(0.0, 0))}
        try:
            yield from self._watched(
                _there(path), subtitles, reference, Options(hop=float(hop), person=person or None), request
            )
        except TriadError as error:
            kind = "hint" if path is None else "error"
            yield {**self._buttons(running=False), **self._nothing(markup.notice(str(error), kind))}

    def _watched(
        self, path: str, subtitles: str | None, reference: str | None, options: Options, request: gr.Request
    ) -> Iterator[Updates]:
        windows: list[Window] = []
        drawn = 0.0
        with closing(self.context.client.watch(path, options, subtitles, reference)) as steps:
            for step in steps:
                if self.context.stopped(request, PLACE):
                    stopped = markup.notice(say("film-cancelled"), "hint")
                    yield {**self._buttons(running=False), **self._nothing(stopped)}
                    return
                windows += step.windows
                if step.result is not None:
                    self.context.memory.put(
                        str(request.session_hash), PLACE, WatchedFilm(step.result, path, reference)
                    )
                    yield {**self._buttons(running=False), **self._shown(step.result, options.person)}
                elif time.monotonic() - drawn > DRAW_SECONDS:
                    drawn = time.monotonic()
                    yield self._growing(windows, step.fraction, options)

    def _growing(self, windows: list[Window], fraction: float, options: Options) -> Updates:
        labels = next((tuple(w.prediction.emotion.probabilities) for w in windows if w.prediction is not None), None)
        told: Updates = {self.progress: _bar(fraction, len(windows))}
        if labels is None:
            return told
        partial = Timeline(windows[-1].end, options.length, options.hop, tuple(windows), labels, {})
        chart = timeline_chart(partial, until=windows[-1].end / max(fraction, 0.01))
        return {
            **told,
            self.empty: gr.HTML(visible=False),
            self.found: gr.Column(visible=True),
            **dict(zip(self.chart.outputs, self.chart.show(chart), strict=True)),
        }

    def _shown(self, record: Timeline, person: int | None) -> Updates:
        chart = self.chart.show(timeline_chart(record))
        return {
            self.progress: "".join(markup.notice(notice, "hint") for notice in record.notices),
            self.empty: gr.HTML(visible=False),
            self.found: gr.Column(visible=True),
            self.sentence: f'<div class="answer">{markup.small(record.sentence(), "sentence small")}</div>',
            **dict(zip(self.chart.outputs, chart, strict=True)),
            self.moments: _listed(moments(record)),
            self.person: _people(record, person),
            self.smoothing: SMOOTHINGS[0],
        }

    def smooth(self, windows: int, request: gr.Request) -> list[Any]:
        """Draw the timeline with another smoothing."""
        watched = self._held(request)
        if watched is None:
            return Slot.hide(markup.notice(say("film-forgotten"), "hint"))
        return self.chart.show(timeline_chart(watched.record, smoothing=windows))

    def open_moment(self, seconds: float | None, request: gr.Request) -> list[Any]:
        """Explain the window at a moment in the first tab."""
        nothing = [gr.skip()] * (1 + len(self.asking.everything))
        watched = self._held(request)
        if watched is None:
            return [markup.notice(say("film-forgotten"), "hint"), *nothing]
        window = watched.record.at(float(seconds or 0.0))
        try:
            film = film_for_servers(_there(watched.path), start=search_from(window))
            case = moment_inputs(film, window, watched.reference)
            evidence = self.context.client.explain(self.context.client.read(case).case)
            shown = self.asking.show_record(evidence, request)
        except TriadError as error:
            return [markup.notice(str(error), "hint"), *nothing]
        told = ""
        if watched.record.reference == "running":
            told = markup.notice(say("film-running-reference"), "hint")
        return [told, gr.Tabs(selected="ask"), *shown]

    def _writer(
        self, form: str, write: Callable[[Timeline, Path], None], link: gr.DownloadButton
    ) -> Callable[[gr.Request], tuple[Any, Any]]:
        def make(request: gr.Request) -> tuple[Any, Any]:
            watched = self._held(request)
            if watched is None:
                return None, markup.notice(say("film-forgotten"), "hint")
            path = fresh_path(link, f"timeline.{form}")
            write(watched.record, path)
            return str(path), gr.skip()

        return make

    def _held(self, request: gr.Request) -> WatchedFilm | None:
        held = self.context.memory.get(str(request.session_hash), PLACE)
        return held if isinstance(held, WatchedFilm) else None

    def _buttons(self, running: bool) -> Updates:
        return {self.start: gr.Button(interactive=not running), self.cancel: gr.Button(visible=running)}

    def _nothing(self, said: str) -> Updates:
        return {self.progress: said, self.empty: gr.HTML(visible=True), self.found: gr.Column(visible=False)}


WRITERS: Final[dict[str, Callable[[Timeline, Path], Any]]] = {
    "triad": lambda record, path: record.save(path),
    "html": lambda record, path: path.write_text(timeline_page(record), encoding="utf-8"),
    "csv": lambda record, path: path.write_text(as_csv(record.rows()), encoding="utf-8"),
    "vtt": lambda record, path: path.write_text(vtt(timeline_cues(record)), encoding="utf-8"),
}
"""What each download is written by."""


def _there(path: str | None) -> str:
    if path is None:
        raise InvalidInput(say("film-nothing-chosen"))
    if not Path(path).is_file():
        raise InvalidInput(say("film-gone"))
    return path


def _people(record: Timeline | None, chosen: int | None = None) -> gr.Dropdown:
    choices = [(say("film-person-largest"), 0)]
    if record is not None:
        choices += [
            (say("film-person-one", number=p.number, first=p.first, last=p.last), p.number) for p in record.people
        ]
    return gr.Dropdown(choices, value=chosen or 0)


def _bar(fraction: float, count: int) -> str:
    return markup.progress(fraction, say("film-progress", share=fraction, count=count), say("film-progress-label"))


def _listed(words: list[str]) -> str:
    if not words:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in words)
    return markup.heading(say("timeline-moments")) + f'<div class="prose-text"><ul>{items}</ul></div>'


def _empty() -> str:
    return f'<div class="empty small">{markup.heading(say("film-empty-title"), say("film-empty-how"), level=2)}</div>'
