"""Films of strangers: each is decoded in a process of its own, which is killed at limits of time and memory."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.locale import say
from mm_core.samples import InvalidInput
from mm_core.samples.limits import FILM_PICTURE_SIDE, MAX_FILM_SECONDS, SAMPLE_RATE
from mm_core.serving.decoders import environment
from mm_core.serving.film_worker import FACTS, FRAME, SOUND
from mm_core.serving.logs import log
from mm_core.timeline.film import BLOCK_SECONDS, Facts, Film, FilmFile, Frame, Given, open_film

PIECE_SECONDS: Final = 30.0
"""Wall-clock seconds in which the next quarter of a second of a film must come, on a machine that is not swamped."""

_MODULE: Final = "mm_core.serving.film_worker"
_MAX_HEAD_BYTES: Final = 4096


def film_for_servers(given: Given, track: int = 1, start: float = 0.0) -> Film:
    """A film of a stranger, read in a process of its own where the system can limit one (POSIX)."""
    return FilmProcess(given, track, start) if os.name == "posix" else FilmFile(given, track, start)


class FilmProcess:
    """A ``Film`` whose file is parsed elsewhere. InvalidInput, from anything here, for what is refused, and for a
    film that takes too long, too much memory, or brings its process down."""

    def __init__(self, given: Given, track: int = 1, start: float = 0.0, seconds: float = PIECE_SECONDS) -> None:
        self._seconds = seconds
        film = _descriptor(given)
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                fds = (theirs.fileno(), film)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", _MODULE, *map(str, fds), str(track), str(start)],
                    pass_fds=fds,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment(),
                )
        finally:
            os.close(film)
        self._connection = Connection(ours.detach())
        try:
            self.facts = self._facts(self._ask(FACTS, 2 * seconds))
        except BaseException:
            self.close()
            raise

    def frames(self) -> Iterator[Frame]:
        """See ``Film``."""
        pixels: NDArray[np.uint8] | None = None
        while (told := self._ask(FRAME)).get("end") is not True:
            if told["shape"] is not None:
                pixels = self._array(told["shape"], np.dtype(np.uint8), 3 * FILM_PICTURE_SIDE**2)
            time, shown_at = float(told["time"]), float(told["shown_at"])
            timely = 0 <= time <= MAX_FILM_SECONDS + 1 and math.isfinite(shown_at)
            if pixels is None or pixels.ndim != 3 or not timely:
                raise self._killed()
            yield Frame(time, shown_at, pixels)

    def sound(self) -> Iterator[NDArray[np.float32]]:
        """See ``Film``."""
        left = round((MAX_FILM_SECONDS + 1) * SAMPLE_RATE)
        while (told := self._ask(SOUND)).get("end") is not True:
            piece = self._array(told["shape"], np.dtype(np.float32), 4 * round(2 * BLOCK_SECONDS * SAMPLE_RATE))
            left -= len(piece)
            if left < 0 or piece.ndim != 1 or not np.isfinite(piece).all():
                raise self._killed()
            yield piece

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._connection.close()

    def _ask(self, question: bytes, seconds: float | None = None) -> dict[str, Any]:
        try:
            self._connection.send_bytes(question)
            if not self._connection.poll(seconds or self._seconds):
                raise TimeoutError
            head = json.loads(self._connection.recv_bytes(_MAX_HEAD_BYTES))
            if not isinstance(head, dict) or "failed" in head:
                raise ValueError
        except (EOFError, OSError, ValueError):
            raise self._killed() from None
        if "refused" in head:
            raise InvalidInput(str(head["refused"]))
        return head

    def _array(self, shape: Any, kind: np.dtype[Any], most: int) -> NDArray[Any]:
        try:
            if min(shape) < 1 or kind.itemsize * math.prod(shape) > most:
                raise ValueError("no array of a film")
            array = np.empty(shape, kind)
            if self._connection.recv_bytes_into(array.data.cast("B")) != array.nbytes:
                raise ValueError("an array of another size")
        except (EOFError, OSError, ValueError, TypeError):
            raise self._killed() from None
        return array

    @staticmethod
    def _facts(told: dict[str, Any]) -> Facts:
        seconds, size = told["seconds"], told["size"]
        return Facts(
            None if seconds is None else float(seconds),
            None if size is None else (int(size[0]), int(size[1])),
            int(told["sound_tracks"]),
        )

    def _killed(self) -> InvalidInput:
        with suppress(OSError):
            self._process.kill()
        log("film ended", seconds=self._seconds)
        return InvalidInput(say("film-killed"))


def _descriptor(given: Given) -> int:
    """An open file of what was given, which the caller closes."""
    if not isinstance(given, bytes):
        return open_film(given)
    with tempfile.TemporaryFile() as file:
        file.write(given)
        file.flush()
        return os.dup(file.fileno())
