"""The process in which one film of a stranger is decoded: it holds no model, no secret and no file but that film.

Started by ``films.FilmProcess`` as ``python -m mm_core.serving.film_worker SOCKET FILM TRACK START``, where the first
two are open file descriptors. It answers three questions, one byte string each: ``facts``, ``frame`` and ``sound``;
back go numbers as JSON and arrays as they lie in memory, and nothing is pickled.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np

from mm_core.samples import InvalidInput
from mm_core.samples.limits import FILM_PROCESSOR_SECONDS
from mm_core.serving.decoder_worker import NO_MEMORY, limit_process, limit_processor_time, send
from mm_core.timeline.film import FilmFile, Frame

FACTS: Final = b"facts"
FRAME: Final = b"frame"
SOUND: Final = b"sound"


def main(fd: int, film: int, track: int, start: float) -> None:
    """Answer until the other side closes."""
    import av  # noqa: F401  # before the limits, so that these are counted from a process that is ready

    limit_process()
    limit_processor_time(FILM_PROCESSOR_SECONDS)
    with Connection(fd) as connection, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            _Answers(connection, FilmFile(film, track, start)).run()
        except InvalidInput as error:
            connection.recv_bytes()
            send(connection, {"refused": str(error)})
        except MemoryError:
            send(connection, {"failed": NO_MEMORY})


class _Answers:
    def __init__(self, connection: Connection, film: FilmFile) -> None:
        self._connection, self._film = connection, film
        self._frames: Iterator[Frame] = film.frames()
        self._sounds: Iterator[np.ndarray] = film.sound()
        self._shown: np.ndarray | None = None

    def run(self) -> None:
        while True:
            question = self._connection.recv_bytes(16)
            try:
                self._answer(question)
            except InvalidInput as error:
                send(self._connection, {"refused": str(error)})
                return

    def _answer(self, question: bytes) -> None:
        if question == FACTS:
            facts = self._film.facts
            size = None if facts.size is None else list(facts.size)
            send(self._connection, {"seconds": facts.seconds, "size": size, "sound_tracks": facts.sound_tracks})
        elif question == FRAME:
            frame = next(self._frames, None)
            if frame is None:
                send(self._connection, {"end": True})
                return
            same = frame.pixels is self._shown
            self._shown = frame.pixels
            told = {"time": frame.time, "shown_at": frame.shown_at}
            self._send(told, None if same else frame.pixels)
        else:
            piece = next(self._sounds, None)
            if piece is None:
                send(self._connection, {"end": True})
            else:
                self._send({}, piece)

    def _send(self, told: dict[str, Any], array: np.ndarray | None) -> None:
        send(self._connection, {**told, "shape": None if array is None else list(array.shape)})
        if array is not None:
            self._connection.send_bytes(np.ascontiguousarray(array).data.cast("B"))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
