"""``python -m mm_core record``: record a voice with this machine's microphone into a WAV file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("record", help="record a voice", description=__doc__)
    parser.add_argument("out", type=Path, help="WAV file to write")
    parser.add_argument("--seconds", type=float, default=4.0, help="length (default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import soundfile

    from mm_core.microphone import record

    rate, waveform = record(arguments.seconds)
    soundfile.write(arguments.out, waveform, rate, format="WAV", subtype="PCM_16")
    print(f"{len(waveform) / rate:.1f} s written to {arguments.out}")
    return 0
