"""The process in which files of strangers are decoded: it holds no model, no secret and no file, and may be killed.

Started by ``decoders.Decoders`` as ``python -m mm_core.serving.decoder_worker FD``, where FD is a socket. On it come
the name of a task and the bytes of a file; back go shapes and facts as JSON and the arrays as they lie in memory.
Nothing is pickled, so whoever takes this process over through a hole in a decoder gains nothing in the server.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np

from mm_core.samples import InvalidInput
from mm_core.samples.audio import decode_sound
from mm_core.samples.image import decode_picture
from mm_core.samples.limits import MAX_DECODING_BYTES, MAX_DECODING_SECONDS

Answer = tuple[dict[str, np.ndarray], dict[str, float]]
"""Arrays and numbers by name."""

READY: Final = b"ready"
NO_MEMORY: Final = "no_memory"

_MAX_OPEN_FILES: Final = 64
"""Only modules of Python are opened after the start."""


def _picture(content: bytes) -> Answer:
    return {"pixels": decode_picture(content)}, {}


def _sound(content: bytes) -> Answer:
    waveform, seconds = decode_sound(content)
    return {"waveform": waveform}, {"seconds": seconds}


TASKS: Final[dict[str, Callable[[bytes], Answer]]] = {"picture": _picture, "sound": _sound}


def main(fd: int) -> None:
    """Decode what comes until the other side closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the server, which finishes what runs
    _load_libraries()
    limit_process()
    with Connection(fd) as connection, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send_bytes(READY)
        while True:
            task = connection.recv_bytes().decode("ascii")
            content = connection.recv_bytes()
            limit_processor_time(MAX_DECODING_SECONDS)
            if not _answer(connection, task, content):
                return


def _answer(connection: Connection, task: str, content: bytes) -> bool:
    """Send one answer; whether this process is fit for the next file."""
    try:
        arrays, facts = TASKS[task](content)
    except InvalidInput as error:
        send(connection, {"refused": str(error)})
        return True
    except MemoryError:
        send(connection, {"failed": NO_MEMORY})
        return False  # what was left behind is unknown; a fresh process takes the next file
    described = {name: [str(array.dtype), list(array.shape)] for name, array in arrays.items()}
    send(connection, {"arrays": described, "facts": facts})
    for array in arrays.values():
        connection.send_bytes(np.ascontiguousarray(array).data.cast("B"))
    return True


def send(connection: Connection, head: dict[str, Any]) -> None:
    """Send what is told in words and numbers."""
    connection.send_bytes(json.dumps(head).encode())


def _load_libraries() -> None:
    """Before the limits, so that these are counted from a process that is ready."""
    import soundfile  # noqa: F401
    import soxr  # noqa: F401
    from PIL import Image

    Image.init()


def limit_process() -> None:
    """Address space, files and core dumps of this process, for good."""
    import resource

    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _MAX_OPEN_FILES,
        resource.RLIMIT_AS: _address_space() + MAX_DECODING_BYTES,
    }
    for kind, most in bounds.items():
        with suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(kind, (most, most))


def limit_processor_time(seconds: float) -> None:
    """Seconds of processor time from now after which the system ends this process, whatever a decoder is doing."""
    import resource

    most = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _address_space() -> int:
    """Bytes of address space that this process has now; a generous guess where the system does not tell."""
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 2**30


if __name__ == "__main__":
    main(int(sys.argv[1]))
