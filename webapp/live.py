"""The Live tab: camera and microphone, joined in the visit, judged in windows of two seconds and forgotten."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import gradio as gr
import numpy as np
from gradio.components.image_editor import WebcamOptions
from numpy.typing import NDArray

from mm_core.errors import TriadError
from mm_core.figures import timeline_chart
from mm_core.locale import say
from mm_core.samples import Sample
from mm_core.serving.errors import Busy, DeadlineExceeded
from mm_core.timeline import Timeline, Window
from mm_core.timeline.live import SHOWN_SECONDS, LiveStream
from mm_core.timeline.watch import answer_windows
from webapp import answer, markup
from webapp.ask import Ask
from webapp.block import block
from webapp.context import Context
from webapp.picture import StreamedPicture
from webapp.slot import Slot

PLACE: Final = "live"

TICK_SECONDS: Final = 0.5
"""Seconds between two windows, where the model keeps up."""

DRAW_EVERY: Final = 4
"""Windows between two drawings of the chart."""

PIECE_SECONDS: Final = 2.0
"""Seconds in which a piece of the stream must be decoded; a later one is of no use."""

LONGEST_SECONDS: Final = 600
"""Of one stream, ten minutes; then the camera's button starts it again."""

MOST_STREAMS: Final = 4
"""Visitors whose streams are taken in at once."""

LEAVE: Final = """() => {
  if (window.liveLeaves) return;
  window.liveLeaves = true;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) document.querySelector('#live-stop')?.click();
  });
}"""
"""Runs in the browser at the start: what nobody sees is not filmed."""


@dataclass(eq=False)
class Visit:
    """One visitor's stream and its windows of the last minute."""

    stream: LiveStream = field(default_factory=LiveStream)
    started: float = field(default_factory=time.monotonic)
    windows: deque[Window] = field(default_factory=lambda: deque(maxlen=round(SHOWN_SECONDS / TICK_SECONDS)))
    sample: Sample | None = None
    ticks: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


class LiveTab:
    """Consent, start, the stream, what it is answered, and the moment that is frozen into the tab of ``asking``."""

    def __init__(self, context: Context, tabs: gr.Tabs, asking: Ask) -> None:
        self.context = context
        self.tabs = tabs
        self.asking = asking
        with gr.Column(elem_classes=["card"]):
            block(markup.heading(say("live-title"), level=2))
            block(f'<p class="notice hint" id="live-consent">{escape(say("live-consent"))}</p>')
            with gr.Row(elem_classes=["actions"]):
                self.start = gr.Button(say("live-start"), variant="primary", elem_id="live-start")
                self.stop = gr.Button(say("live-stop"), elem_id="live-stop", visible=False)
            self.message = block("", "live-message", live=True)
        with gr.Row(elem_classes=["stage"], visible=False) as self.stage:
            with gr.Column(elem_classes=["card", "giving"], scale=4, min_width=320):
                block(markup.reading(say("live-how")))
                self.camera = StreamedPicture(
                    label=say("live-camera"),
                    sources=["webcam"],
                    streaming=True,
                    format="jpeg",
                    height=260,
                    webcam_options=WebcamOptions(
                        mirror=False, constraints={"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}}
                    ),
                    elem_id="live-camera",
                )
                self.microphone = gr.Audio(
                    label=say("live-microphone"),
                    sources=["microphone"],
                    streaming=True,
                    type="filepath",
                    elem_id="live-microphone",
                )
                with gr.Row(elem_classes=["actions"]):
                    self.normal = gr.Button(say("live-normal"), elem_id="live-normal", min_width=240)
                    self.freeze = gr.Button(
                        say("live-freeze"), variant="primary", elem_id="live-freeze", min_width=240
                    )
            with gr.Column(elem_classes=["card"], scale=6, min_width=320):
                self.answer = block("", "live-answer")
                self.chart = Slot("live-chart")
        self.timer = gr.Timer(TICK_SECONDS, active=False)
        self._connect()

    def _connect(self) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        switched = [self.start, self.stop, self.stage, self.timer, self.message, self.answer, *self.chart.outputs]
        self.start.click(self.begin, None, switched, js=LEAVE, **private)
        self.stop.click(self.end, None, [*switched, self.camera, self.microphone], **private)
        streaming: dict[str, Any] = {"concurrency_limit": MOST_STREAMS, "time_limit": LONGEST_SECONDS, **private}
        self.camera.stream(self.see, self.camera, None, stream_every=0.25, concurrency_id="live-camera", **streaming)
        self.microphone.stream(
            self.hear, self.microphone, None, stream_every=0.5, concurrency_id="live-microphone", **streaming
        )
        self.timer.tick(
            self.tick,
            None,
            [self.message, self.answer, *self.chart.outputs],
            concurrency_id="live",
            concurrency_limit=MOST_STREAMS,
            **private,
        )
        self.normal.click(self.take_normal, None, self.message, **private)
        self.freeze.click(self.explain, None, [self.message, self.tabs, *self.asking.everything], **private)

    def begin(self, request: gr.Request) -> list[Any]:
        """Open the part with the camera; it streams once the visitor presses its button."""
        try:
            self.context.client.decoder_for(PIECE_SECONDS)
        except TriadError as error:
            return self._switched(False, markup.notice(str(error), "hint"))
        self.context.memory.put(str(request.session_hash), PLACE, Visit())
        return self._switched(True, markup.notice(say("live-waiting"), "hint"))

    def end(self, request: gr.Request) -> list[Any]:
        """Forget the stream, and close camera and microphone."""
        self.context.forget(request, PLACE)
        return [*self._switched(False, ""), None, None]

    def see(self, content: NDArray[np.uint8] | None, request: gr.Request) -> None:
        """A picture of the camera."""
        visit = self._visit(request)
        if visit is None or content is None:
            return
        try:
            pixels = self.context.client.decoder_for(PIECE_SECONDS).picture(content.tobytes())
        except TriadError:
            return  # one picture less
        with visit.lock:
            visit.stream.picture(pixels, visit.now)

    def hear(self, path: str | None, request: gr.Request) -> None:
        """A piece of the microphone's sound."""
        visit = self._visit(request)
        if visit is None or path is None:
            return
        try:
            wave, _ = self.context.client.decoder_for(PIECE_SECONDS).sound(Path(path).read_bytes())
        except (TriadError, OSError):
            return
        with visit.lock:
            visit.stream.sound(wave, visit.now)

    def tick(self, request: gr.Request) -> list[Any]:
        """Judge the window that ends now; a busy model is left out this time."""
        visit = self._visit(request)
        nothing = [gr.skip()] * len(self.chart.outputs)
        if visit is None:
            return [gr.skip(), gr.skip(), *nothing]
        with visit.lock:
            cut = visit.stream.window(visit.now)
        if cut.sample is None:
            return [markup.notice(say("live-waiting"), "hint"), gr.skip(), *nothing]
        try:
            (window,) = answer_windows([cut], lambda samples: [self.context.client.live(s) for s in samples])
        except (Busy, DeadlineExceeded):
            return [markup.notice(say("live-busy"), "hint"), gr.skip(), *nothing]
        except TriadError as error:
            return [markup.notice(str(error), "hint"), gr.skip(), *nothing]
        if visit.windows and window.start <= visit.windows[-1].start:
            return [gr.skip(), gr.skip(), *nothing]  # nothing has come since
        visit.windows.append(window)
        visit.sample, visit.ticks = cut.sample, visit.ticks + 1
        drawn = self._drawn(visit) if visit.ticks % DRAW_EVERY == 1 else nothing
        told = "".join(markup.notice(words, "hint") for words in window.warnings[:1])
        said = "" if window.prediction is None else answer.answered(window.prediction).whole
        reference = markup.reading(say("live-reference", kind=visit.stream.reference.kind))
        return [told, said + (reference if self.context.reads_reference else ""), *drawn]

    def _drawn(self, visit: Visit) -> list[Any]:
        windows = tuple(visit.windows)
        labels = next((tuple(w.prediction.emotion.probabilities) for w in windows if w.prediction is not None), None)
        if labels is None:
            return [gr.skip()] * len(self.chart.outputs)
        options = visit.stream.options
        record = Timeline(windows[-1].end, options.length, options.hop, windows, labels, {})
        figure = replace(timeline_chart(record), title=say("live-title-chart"), table=())
        return self.chart.show(figure)

    def take_normal(self, request: gr.Request) -> str:
        """Judge the voice against the speech of the last seconds from now on."""
        visit = self._visit(request)
        if visit is None:
            return markup.notice(say("live-nothing"), "hint")
        with visit.lock:
            taken = visit.stream.normal()
        return markup.notice(say("live-normal-taken", taken="yes" if taken else "no"), "hint")

    def explain(self, request: gr.Request) -> list[Any]:
        """Freeze the last window into a case of the first tab."""
        nothing = [gr.skip()] * (1 + len(self.asking.everything))
        visit = self._visit(request)
        if visit is None or visit.sample is None:
            return [markup.notice(say("live-nothing"), "hint"), *nothing]
        try:
            shown = self.asking.show_record(self.context.client.explain(visit.sample), request)
        except TriadError as error:
            return [markup.notice(str(error), "hint"), *nothing]
        return [gr.skip(), gr.Tabs(selected="ask"), *shown]

    def _visit(self, request: gr.Request) -> Visit | None:
        held = self.context.memory.get(str(request.session_hash), PLACE)
        return held if isinstance(held, Visit) else None

    def _switched(self, on: bool, said: str) -> list[Any]:
        buttons = [gr.Button(visible=not on), gr.Button(visible=on)]
        return [*buttons, gr.Row(visible=on), gr.Timer(active=on), said, _empty(), *Slot.hide()]


def _empty() -> str:
    return f'<div class="empty small">{markup.heading(say("live-empty-title"), say("live-empty-how"), level=2)}</div>'
