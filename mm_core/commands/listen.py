"""``python -m mm_core listen``: judge a voice window by window while it speaks into this machine's microphone."""

from __future__ import annotations

import argparse
import time
from typing import Any

BAR = 30
"""Characters of a bar that says certain."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("listen", help="judge a voice while it speaks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: %(default)s; Ctrl-C ends it)")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from functools import partial

    from mm_core.locale import say
    from mm_core.microphone import stream
    from mm_core.predictors import load
    from mm_core.timeline.live import LiveStream
    from mm_core.timeline.watch import answer_moments, answer_windows

    model = load(arguments.model)
    live, heard = LiveStream(), 0.0
    print(say("listen-consent"))
    try:
        for piece in stream(arguments.seconds, live.options.hop):
            heard += live.options.hop
            live.sound(piece, heard)
            started = time.perf_counter()
            (window,) = answer_windows([live.window(heard)], partial(answer_moments, model))
            took = 1000 * (time.perf_counter() - started)
            print(f"{window.end:6.1f} s  {_line(window)}  ({took:.0f} ms)", flush=True)
    except KeyboardInterrupt:
        print()
    return 0


def _line(window: Any) -> str:
    from mm_core.locale import percent

    if window.prediction is None:
        return " ".join(window.warnings)
    answer = window.prediction.emotion
    bar = "█" * round(BAR * answer.confidence)
    doubt = "" if answer.sure else " (not sure)"
    return f"{bar:{BAR}} {answer.label} {percent(answer.confidence)}{doubt}"
