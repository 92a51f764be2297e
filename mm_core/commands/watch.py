"""``python -m mm_core watch``: answer a film window by window; the record, a page and a table of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mm_core.timeline import Timeline


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("watch", help="answer a film window by window", description=__doc__)
    parser.add_argument("film", type=Path, help="MP4, MOV, WebM or MKV, or a sound alone: WAV or FLAC")
    parser.add_argument("--subtitles", type=Path, metavar="FILE", help="the words: .srt or .vtt")
    parser.add_argument(
        "--reference", type=Path, help="the speaker's normal voice, a few seconds, which the voice is judged against"
    )
    parser.add_argument("--length", type=float, default=2.0, help="seconds of a window (default: %(default)s)")
    parser.add_argument("--hop", type=float, default=0.5, help="seconds between windows (default: %(default)s)")
    parser.add_argument("--track", type=int, default=1, help="which sound track (default: %(default)s)")
    parser.add_argument("--person", type=int, metavar="N", help="whose face, by number (default: the largest)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the record, a .triad file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page that opens in any browser")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a line a window, a column an emotion")
    parser.add_argument("--vtt", type=Path, metavar="FILE", help="write subtitles with the answers, for any player")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.figures.timeline import moments

    record = _watched(arguments)
    print(record.sentence())
    for person in record.people if len(record.people) > 1 else ():
        print(f"person {person.number}: {person.first:.1f} to {person.last:.1f} s, in {person.windows} windows")
    for line in moments(record):
        print(line)
    for notice in record.notices:
        print(f"note: {notice}")
    _write(arguments, record)
    return 0


def _watched(arguments: argparse.Namespace) -> Timeline:
    from functools import partial

    from tqdm import tqdm

    from mm_core.predictors import load
    from mm_core.samples.reference import read_reference
    from mm_core.timeline import FilmFile, Options, read_subtitles
    from mm_core.timeline.watch import answer_moments, watch

    options = Options(arguments.length, arguments.hop, arguments.track, arguments.person)
    words = () if arguments.subtitles is None else read_subtitles(arguments.subtitles)
    reference, noted = (None, ()) if arguments.reference is None else read_reference(arguments.reference)
    film = FilmFile(arguments.film, options.track)
    model = load(arguments.model)
    steps = watch(
        film,
        partial(answer_moments, model),
        {"name": model.name, "hash": model.hash},
        model.labels,
        options,
        words,
        reference,
        notices=[notice.message for notice in noted],
    )
    with tqdm(total=100, desc="watching", disable=not sys.stderr.isatty()) as bar:
        for step in steps:
            bar.update(100 * step.fraction - bar.n)
            if step.result is not None:
                return step.result
    raise RuntimeError("the last step has the record")


def _write(arguments: argparse.Namespace, record: Timeline) -> None:
    from mm_core.figures.figure import as_csv
    from mm_core.figures.timeline import timeline_cues, timeline_page
    from mm_core.timeline.subtitles import vtt

    if arguments.out:
        print(f"record: {record.save(arguments.out).name}")
    if arguments.html:
        arguments.html.write_text(timeline_page(record), encoding="utf-8")
        print(f"page: {arguments.html.name}")
    if arguments.csv:
        arguments.csv.write_text(as_csv(record.rows()), encoding="utf-8")
        print(f"table: {arguments.csv.name}")
    if arguments.vtt:
        arguments.vtt.write_text(vtt(timeline_cues(record)), encoding="utf-8")
        print(f"subtitles: {arguments.vtt.name}")
