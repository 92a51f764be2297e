"""The Batch tab: many cases from one file, with progress, and a results file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any, Final

import gradio as gr

from mm_core.errors import TriadError
from mm_core.figures.figure import Row as Cells
from mm_core.figures.figure import as_csv
from mm_core.labels import EMOTIONS, PAIRS, SENTIMENTS
from mm_core.locale import listed
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput
from mm_core.serving.errors import Busy
from webapp import markup
from webapp.batch_rows import MAX_UPLOAD_BYTES, MOST_ROWS, Batch, Row, read_batch
from webapp.block import block
from webapp.context import Context
from webapp.files import fresh_path

WORK: Final = "batch"

AT_ONCE: Final = 4
"""Rows asked about at the same time: enough for the model to answer them together, and places left for others."""

SHOWN_ROWS: Final = 20
"""Rows that are shown on the page; all are in the results file."""

BUSY_TRIES: Final = 5
"""Times that a row is tried again where the queue is full."""

_HELP: Final = f"""
<p>A <b>CSV</b> file with a column <code>text</code>, one case a row. Or a <b>zip</b> archive with a CSV whose
columns are <code>text</code>, <code>image</code>, <code>audio</code>: cells name files in the same archive, and any
cell may be empty. Where a picture shows several faces, a column <code>face</code> says which one: 1 for the largest,
2 for the next. A column <code>reference</code> may name the speaker's normal voice, which the voice is judged against
where the model compares with one. Without a CSV, files of one name make one case: <code>anna.txt</code>,
<code>anna.jpg</code>, <code>anna.wav</code>.</p>
<p>Up to {MOST_ROWS} rows and {MAX_UPLOAD_BYTES // 1024**2} MB. A row that can't be read is named in the results; the
others are answered. The upload and the results are deleted after 15 minutes.</p>
"""

_EMPTY: Final = (
    '<div class="empty small"><p>The results appear here: one line a case, and a file with all figures.</p></div>'
)


class BatchTab:
    """Upload, run, cancel, download."""

    def __init__(self, context: Context) -> None:
        self.context = context
        with gr.Row(elem_classes=["stage"]):
            with gr.Column(elem_classes=["card"], scale=4, min_width=320):
                block(markup.heading("Many cases at once", level=2) + f'<div class="prose-text">{_HELP}</div>')
                self.file = gr.File(
                    label="CSV file or zip archive", file_types=[".csv", ".zip"], elem_id="batch-file", height=150
                )
                with gr.Row(elem_classes=["actions"]):
                    self.start = gr.Button("Read all", variant="primary", elem_id="batch-start")
                    self.cancel = gr.Button("Cancel", elem_id="batch-cancel", visible=False)
            with gr.Column(elem_classes=["card"], scale=6, min_width=320):
                self.progress = block("", "batch-progress")
                self.results = block(_EMPTY, "batch-results")
                self.download = gr.DownloadButton(
                    "Download the results (.csv)", visible=False, elem_id="batch-download"
                )
        outputs = [self.start, self.cancel, self.progress, self.results, self.download]
        self.start.click(
            self.run,
            self.file,
            outputs,
            api_visibility="private",
            show_progress="hidden",
            concurrency_id="batch",
            concurrency_limit=2,
        )
        self.cancel.click(self.stop, None, None, api_visibility="private", queue=False)

    def stop(self, request: gr.Request) -> None:
        """End the batch at its next row."""
        self.context.stop(request, WORK)

    def run(self, path: str | None, request: gr.Request) -> Iterator[list[Any]]:
        """Answer every row; each yield shows how far it is, the last one the results."""
        if path is None:
            yield self._stopped("Choose a CSV file or a zip archive first.")
            return
        try:
            if not Path(path).is_file():
                raise InvalidInput("The file is no longer here: files are deleted after 15 minutes. Give it again.")
            batch = read_batch(Path(path))
        except TriadError as error:
            yield self._stopped(str(error), "error")
            return
        self.context.start(request, WORK)
        done: list[tuple[Row, Prediction | str]] = []
        try:
            for row, found in self._answers(batch):
                if self.context.stopped(request, WORK):
                    yield self._stopped("Cancelled; nothing of it was kept.")
                    return
                done.append((row, found))
                shown = _bar(len(done), len(batch.rows))
                yield [*_buttons(running=True), shown, gr.skip(), gr.DownloadButton(visible=False)]
        finally:
            batch.close()
        results = fresh_path(self.download, "triad-results.csv")
        results.write_text(as_csv(result_lines(done)), encoding="utf-8")
        yield [
            *_buttons(running=False),
            _summary(done),
            _table(done),
            gr.DownloadButton(value=str(results), visible=True),
        ]

    def _answers(self, batch: Batch) -> Iterator[tuple[Row, Prediction | str]]:
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

    @staticmethod
    def _stopped(message: str, kind: str = "hint") -> list[Any]:
        return [*_buttons(running=False), markup.notice(message, kind), _EMPTY, gr.DownloadButton(visible=False)]


def _caught(act: Any, about: Any, last: bool = True) -> Any:
    """What ``act`` gives, or the words of what may be told; None where the queue is full and another try is left."""
    try:
        return act(about)
    except Busy as error:
        return str(error) if last else None
    except TriadError as error:
        return str(error)


def _buttons(running: bool) -> list[Any]:
    return [gr.Button(interactive=not running), gr.Button(visible=running)]


def _bar(done: int, total: int) -> str:
    return markup.progress(done / total, f"{done} of {total} rows", "Rows of the batch")


def _summary(done: list[tuple[Row, Prediction | str]]) -> str:
    bad = [row for row, found in done if isinstance(found, str)]
    said = f"{len(done) - len(bad)} of {len(done)} rows answered."
    if bad:
        named = listed([str(row.number) for row in bad[:SHOWN_ROWS]])
        more = " and more" if len(bad) > SHOWN_ROWS else ""
        said += f" Not answered: {'row' if len(bad) == 1 else 'rows'} {named}{more}; the results say why."
    return f'<p class="sentence small">{escape(said)}</p>'


def _table(done: list[tuple[Row, Prediction | str]]) -> str:
    rows = []
    for row, found in done[:SHOWN_ROWS]:
        given = row.text[:80] + ("…" if len(row.text) > 80 else "")
        files = ", ".join(name for name in (row.image, row.audio, row.reference) if name)
        what = " · ".join(part for part in (given, files) if part)
        rows.append([str(row.number), what, found if isinstance(found, str) else found.sentence()])
    more = len(done) - len(rows)
    rest = markup.reading(f"{more} more rows are in the results file.") if more > 0 else ""
    return markup.table(["Row", "Given", "Answer"], rows, "Results") + rest


def result_lines(done: Sequence[tuple[Row, Prediction | str]]) -> tuple[Cells, ...]:
    """The results file, one line a row, all with the same columns: the labels are those that the model answers."""
    answered = [found for _, found in done if not isinstance(found, str)]
    labels = tuple(answered[0].emotion.probabilities) if answered else EMOTIONS
    return tuple(_line(row, found, labels) for row, found in done)


def _line(row: Row, found: Prediction | str, emotions: Sequence[str]) -> Cells:
    line: dict[str, Any] = {"row": row.number, "text": row.text, "image": row.image, "audio": row.audio}
    line["face"] = row.face
    line["reference"] = row.reference
    answer = None if isinstance(found, str) else found
    line["error"] = found if isinstance(found, str) else ""
    line["used"] = "" if answer is None else "+".join(answer.present)
    line["referenced"] = "" if answer is None else "+".join(answer.referenced)
    for task, labels in (("emotion", emotions), ("sentiment", SENTIMENTS)):
        said = None if answer is None else getattr(answer, task)
        line[task] = "" if said is None else said.label
        line[f"{task}_sure"] = "" if said is None else said.sure
        for label in labels:
            line[f"{task}_{label}"] = "" if said is None else round(said.probabilities.get(label, 0.0), 4)
    for first, second in PAIRS:
        pair = f"{first}+{second}"
        share = None if answer is None else answer.agreement.get(pair)
        line[f"agree_{pair}"] = "" if share is None else round(share, 4)
    line["warnings"] = "" if answer is None else " ".join(answer.warnings)
    return line
