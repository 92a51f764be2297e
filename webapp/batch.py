"""The Batch tab: many cases from one file, with progress, what they were answered, and a results file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, Final

import gradio as gr

from mm_core.errors import TriadError
from mm_core.evaluation.labelled import GIVEN, LabelledScores
from mm_core.figures import answer_distribution, confusion, per_class
from mm_core.figures.figure import as_csv
from mm_core.labels import MODALITIES
from mm_core.locale import listed, say
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput, RawInputs
from mm_core.serving.errors import Busy
from webapp import batch_results, markup
from webapp.ask import Ask
from webapp.batch_results import Answered
from webapp.batch_rows import (
    EXTRA_COLUMNS,
    MAX_UPLOAD_BYTES,
    MOST_ROWS,
    PICTURES,
    SOUNDS,
    Batch,
    Row,
    read_batch,
)
from webapp.batch_sample import write_sample
from webapp.block import block
from webapp.context import Context
from webapp.files import fresh_path, press
from webapp.slot import Slot

WORK: Final = "batch"

AT_ONCE: Final = 4
"""Rows asked about at the same time: enough for the model to answer them together, and places left for others."""

BUSY_TRIES: Final = 5
"""Times that a row is tried again where the queue is full."""

Updates = dict[Any, Any]
"""Components to what becomes of them; the others stay as they are."""


class BatchTab:
    """Upload, run, cancel, look at the answers, open one of them in the tab of ``asking``."""

    def __init__(self, context: Context, tabs: gr.Tabs, asking: Ask) -> None:
        self.context = context
        self.tabs = tabs
        self.form = asking.inputs
        with gr.Row(elem_classes=["stage"]):
            with gr.Column(elem_classes=["card", "giving"], scale=4, min_width=320):
                block(markup.heading(say("batch-title"), level=2) + _help())
                self.file = gr.File(
                    label=say("batch-upload"), file_types=[".csv", ".zip"], elem_id="batch-file", height=150
                )
                with gr.Row(elem_classes=["actions"]):
                    self.start = gr.Button(say("batch-start"), variant="primary", elem_id="batch-start")
                    self.cancel = gr.Button(say("cancel"), elem_id="batch-cancel", visible=False)
                    sample = gr.Button(say("batch-sample"), elem_id="batch-sample", min_width=210)
                self._sample = gr.DownloadButton(elem_id="batch-sample-file", elem_classes=["pressed-by-script"])
            with gr.Column(elem_classes=["card"], scale=6, min_width=320):
                self.progress = block("", "batch-progress", live=True)
                self.empty = block(_empty(), "batch-empty")
                with gr.Column(visible=False, elem_id="batch-found") as self.found:
                    self.distribution = Slot("batch-distribution")
                    with gr.Column(visible=False, elem_id="batch-evaluation") as self.evaluation:
                        block(markup.heading(say("batch-evaluation-title")))
                        self.verdict = block("", "batch-verdict")
                        self.confusion = Slot("batch-confusion")
                        self.per_label = Slot("batch-per-label")
                    self.results = block("", "batch-results")
                    with gr.Row(elem_classes=["actions", "open-row"]):
                        self.row = gr.Dropdown(
                            [], label=say("batch-open-label"), elem_id="batch-row", scale=3, min_width=240
                        )
                        open_row = gr.Button(say("batch-open"), elem_id="batch-open", scale=0, min_width=160)
                    self.download = gr.DownloadButton(say("batch-download"), elem_id="batch-download")
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        self.start.click(self.run, self.file, self._outputs, concurrency_id="batch", concurrency_limit=2, **private)
        self.cancel.click(self.stop, None, None, queue=False, **private)
        self.file.change(self.another_file, None, [self.progress, self.empty, self.found], **private)
        sample.click(self.sample, None, self._sample, **private).then(
            None, js=press("batch-sample-file"), api_visibility="private"
        )
        opened = open_row.click(self.open_row, [self.file, self.row], [tabs, *self.form.all], **private)
        asking.answer_handed_over(opened.success)

    @property
    def _outputs(self) -> list[Any]:
        slots = (self.distribution, self.confusion, self.per_label)
        return [
            *(self.start, self.cancel, self.progress, self.empty, self.found, self.evaluation, self.verdict),
            *(self.results, self.row, self.download, *(output for slot in slots for output in slot.outputs)),
        ]

    def stop(self, request: gr.Request) -> None:
        """End the batch at its next row."""
        self.context.stop(request, WORK)

    def another_file(self) -> Updates:
        """Results of a former file do not stand beside a new one."""
        return self._nothing("")

    def sample(self) -> str:
        """The sample file, made for whoever asks for it."""
        path = fresh_path(self._sample, "triad-sample.zip")
        write_sample(path)
        return str(path)

    def run(self, path: str | None, request: gr.Request) -> Iterator[Updates]:
        """Answer every row; each yield shows how far it is, the last one the results."""
        try:
            batch = _read(path)
        except TriadError as error:
            yield self._stopped(markup.notice(str(error), "hint" if path is None else "error"))
            return
        self.context.start(request, WORK)
        done: list[Answered] = []
        try:
            for row, found in self._answers(batch):
                if self.context.stopped(request, WORK):
                    yield self._stopped(markup.notice(say("batch-cancelled"), "hint"))
                    return
                done.append((row, found))
                yield {**self._buttons(running=True), self.progress: _bar(len(done), len(batch.rows))}
        finally:
            batch.close()
        yield {**self._buttons(running=False), **self._shown(done)}

    def open_row(self, path: str | None, number: int | None, request: gr.Request) -> Updates:
        """Put a row into the form of the first tab and hand it over to be answered as it was here: about the same
        face, with the same inputs forced. What can't be had is said in a message."""
        try:
            if number is None:
                raise InvalidInput(say("batch-nothing-chosen"))
            batch = _read(path)
            try:
                row = next(row for row in batch.rows if row.number == number)
                given = batch.given(row)
            finally:
                batch.close()
        except TriadError as error:
            raise gr.Error(str(error), print_exception=False) from None
        self.context.hand_over(request, given)
        return {self.tabs: gr.Tabs(selected="ask"), **self._filled(row, given)}

    def _filled(self, row: Row, given: RawInputs) -> Updates:
        return {
            self.form.text: row.text,
            self.form.image: _written(self.form.image, given.image, row.image, PICTURES),
            self.form.audio: _written(self.form.audio, given.audio, row.audio, SOUNDS),
            self.form.clean: False,
            self.form.reference: _written(self.form.reference, given.reference, row.reference, SOUNDS),
        }

    def _answers(self, batch: Batch) -> Iterator[Answered]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, len(batch.rows), AT_ONCE):
                rows = batch.rows[start : start + AT_ONCE]
                # Files are read one after the other: the archive's limits are counted, and only these are in memory.
                cases = [_caught(batch.given, row) for row in rows]
                yield from zip(rows, pool.map(self._answer, cases), strict=True)

    def _answer(self, case: Any) -> Prediction | str:
        """A row's answer, or what is wrong with it."""
        if isinstance(case, str):
            return case
        for attempt in range(BUSY_TRIES):
            found = _caught(self.context.client.predict, case, last=attempt == BUSY_TRIES - 1)
            if found is not None:
                return found
            time.sleep(1.0 + attempt)
        raise AssertionError("the last attempt always gives something")

    def _shown(self, done: list[Answered]) -> Updates:
        file = fresh_path(self.download, "triad-results.csv")
        file.write_text(as_csv(batch_results.result_lines(done)), encoding="utf-8")
        predictions = [found for _, found in done if not isinstance(found, str)]
        rows = batch_results.choices(done)
        chart = answer_distribution(predictions)
        return {
            self.progress: batch_results.summary(done) + _unknown_labels(done, predictions),
            self.empty: gr.HTML(visible=False),
            self.found: gr.Column(visible=True),
            **_in(self.distribution, self.distribution.show(chart) if predictions else Slot.hide()),
            **self._evaluated(batch_results.evaluated(done)),
            self.results: batch_results.table(done),
            self.row: gr.Dropdown(rows, value=rows[0][1] if rows else None, visible=bool(rows)),
            self.download: gr.DownloadButton(value=str(file)),
        }

    def _evaluated(self, found: LabelledScores | None) -> Updates:
        if found is None:
            return {self.evaluation: gr.Column(visible=False)}
        report = found.report()
        grid = replace(confusion(report, found.task, GIVEN), title=say("batch-confusion"))
        each = replace(per_class(report, found.task, GIVEN), title=say("batch-per-label"))
        return {
            self.evaluation: gr.Column(visible=True),
            self.verdict: batch_results.verdict(found),
            **_in(self.confusion, self.confusion.show(grid)),
            **_in(self.per_label, self.per_label.show(each)),
        }

    def _buttons(self, running: bool) -> Updates:
        return {self.start: gr.Button(interactive=not running), self.cancel: gr.Button(visible=running)}

    def _nothing(self, said: str) -> Updates:
        return {self.progress: said, self.empty: gr.HTML(visible=True), self.found: gr.Column(visible=False)}

    def _stopped(self, said: str) -> Updates:
        return {**self._buttons(running=False), **self._nothing(said)}


def _read(path: str | None) -> Batch:
    if path is None:
        raise InvalidInput(say("batch-nothing-chosen"))
    if not Path(path).is_file():
        raise InvalidInput(say("batch-gone"))
    return read_batch(Path(path))


def _caught(act: Any, about: Any, last: bool = True) -> Any:
    """What ``act`` gives, or the words of what may be told; None where the queue is full and another try is left."""
    try:
        return act(about)
    except Busy as error:
        return str(error) if last else None
    except TriadError as error:
        return str(error)


def _written(component: gr.components.Component, content: Any, name: str, endings: tuple[str, ...]) -> str | None:
    """A row's file for the browser, under a name of our own; an ending that is not read is left out."""
    if content is None:
        return None
    ending = Path(name).suffix.lower()
    path = fresh_path(component, f"row{ending if ending in endings else ''}")
    path.write_bytes(content)
    return str(path)


def _in(slot: Slot, updates: list[Any]) -> Updates:
    return dict(zip(slot.outputs, updates, strict=True))


def _bar(done: int, total: int) -> str:
    words = say("batch-progress", done=done, count=total)
    return markup.progress(done / total, words, say("batch-progress-label"))


def _unknown_labels(done: list[Answered], predictions: list[Prediction]) -> str:
    """Said where there are labels, but none of them is one of the model's."""
    if not predictions or not any(row.label for row, _ in done) or batch_results.evaluated(done) is not None:
        return ""
    labels = listed(list(predictions[0].emotion.probabilities))
    return markup.notice(say("batch-no-known-label", labels=labels), "hint")


def _help() -> str:
    limits = say("batch-limits", rows=MOST_ROWS, megabytes=MAX_UPLOAD_BYTES // 1024**2)
    words = (say("batch-help"), say("batch-without-table"), limits)
    return f'<div class="prose-text">{"".join(f"<p>{escape(sentence)}</p>" for sentence in words)}</div>'


def _empty() -> str:
    """What stands in place of results: what they will be, and which columns there are."""
    rows = [
        [column, say("batch-column-holds", column=column), say("batch-column-example", column=column)]
        for column in (*MODALITIES, *EXTRA_COLUMNS)
    ]
    heads = [say("batch-columns-head", head=head) for head in ("column", "holds", "example")]
    words = markup.heading(say("batch-empty-title"), say("batch-empty-how"))
    return words + f'<div class="columns">{markup.table(heads, rows, say("batch-columns"))}</div>'
