"""Decoders: a few processes that decode files of strangers under limits of time and memory, and are killed at them.

The processes are started once and replaced when they die. They are run over a plain socket and not through a pool of
``multiprocessing`` or pebble, for two reasons: those unpickle what a worker answers, and a worker has just parsed
hostile bytes; and they import the main module again in each worker, which under Streamlit is the page itself.
"""

from __future__ import annotations

import json
import math
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from mm_core.samples import InvalidInput
from mm_core.samples.decoding import IN_PROCESS, Decoder
from mm_core.samples.limits import MAX_DECODED_SECONDS, MAX_PICTURE_SIDE, SAMPLE_RATE
from mm_core.serving.decoder_worker import NO_MEMORY, READY
from mm_core.serving.errors import Busy, DeadlineExceeded, NotReady
from mm_core.serving.logs import log

_MODULE: Final = "mm_core.serving.decoder_worker"
_START_SECONDS: Final = 60.0
"""Wall-clock seconds in which a new process must be ready, on the busiest machine."""

_WATCH_SECONDS: Final = 0.2
"""Seconds between two looks for workers over their limit."""

_SOCKET_BYTES: Final = 4 * 1024**2
"""Asked for of the system, so that a picture goes through in few pieces."""

_MAX_HEAD_BYTES: Final = 4096
_MAX_ARRAY_BYTES: Final = max(3 * MAX_PICTURE_SIDE**2, 4 * int((MAX_DECODED_SECONDS + 1) * SAMPLE_RATE))
"""Of one array that a worker answers: a picture, or the longest sound."""

_NEWEST_WEIGHT: Final = 0.2
"""Share of the newest file in the running mean of seconds a file takes."""


@dataclass(frozen=True)
class DecodingLimits:
    """workers: processes, by default two or one a core. seconds: wall-clock time of one file, from its turn on;
    a decoder computes and never waits, so on a machine that is not swamped the limit of processor time comes first.
    capacity: files that wait; more are turned away."""

    workers: int = max(2, os.cpu_count() or 2)
    seconds: float = 20.0
    capacity: int = 24


class Killed(Exception):
    """The worker died over a file, or was ended at a limit."""


class Decoders:
    """A ``Decoder`` for servers. Every method may be called from any thread and blocks it.

    Raises Busy where too many files wait, DeadlineExceeded where a file's turn does not come in time, and
    InvalidInput for a file that is refused, takes too long, too much memory, or brings its decoder down.
    """

    def __init__(self, limits: DecodingLimits | None = None) -> None:
        self.limits = limits or DecodingLimits()
        self._turns: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(self.limits.workers):
            self._turns.put(None)  # started when first needed, or by ``start``
        self._lock = threading.Lock()
        self._waiting = 0
        self._mean_seconds = 0.0
        self._running: set[_Worker] = set()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def start(self) -> None:
        """Start every process now, so that nobody waits for one."""
        taken = [self._turns.get() for _ in range(self.limits.workers)]
        for worker in taken:
            self._turns.put(worker or _Worker())

    def picture(self, content: bytes) -> np.ndarray:
        """See ``Decoder``."""
        return self.until(math.inf).picture(content)

    def sound(self, content: bytes) -> tuple[np.ndarray, float]:
        """See ``Decoder``."""
        return self.until(math.inf).sound(content)

    def until(self, end: float) -> Decoder:
        """The same for a request that must be answered at ``end`` (``time.monotonic``)."""
        return _Until(self, end)

    @property
    def waiting(self) -> int:
        """Files that wait for their turn."""
        return self._waiting

    def close(self) -> None:
        """End the processes; nothing is decoded any more."""
        self._closed.set()
        with suppress(queue.Empty):
            while True:
                worker = self._turns.get_nowait()
                if worker is not None:
                    worker.kill()

    def run(self, task: str, content: bytes, end: float) -> tuple[dict[str, np.ndarray], dict[str, float]]:
        """Decode one file; see ``decoder_worker.TASKS``."""
        with self._turn(end) as worker:
            started = time.monotonic()
            worker.ends_at = min(started + self.limits.seconds, end)
            self._running.add(worker)
            try:
                return worker.run(task, content)
            except Killed:
                log("decoder ended", task=task, seconds=round(time.monotonic() - started, 2))
                raise InvalidInput(
                    f"Reading the {task} took too long or too much memory. Give a smaller or simpler file."
                ) from None
            finally:
                self._running.discard(worker)
                self._mean_seconds += _NEWEST_WEIGHT * (time.monotonic() - started - self._mean_seconds)

    def _end_the_late(self) -> None:
        """Kill workers at their limit. That ends every wait on their sockets, whichever way they have stopped."""
        while not self._closed.wait(_WATCH_SECONDS):
            now = time.monotonic()
            for worker in [w for w in tuple(self._running) if w.ends_at < now]:
                worker.end_process()

    @contextmanager
    def _turn(self, end: float) -> Iterator[_Worker]:
        worker = self._wait(end)
        try:
            if worker is None or worker.is_dead:
                worker = _Worker()
            worker.await_ready()
            yield worker
        finally:
            if self._closed.is_set():
                if worker is not None:
                    worker.kill()
                self._turns.put(None)
            else:
                # A new process gets ready while the others work, not when the next file has its turn.
                self._turns.put(_Worker() if worker is None or worker.is_dead else worker)

    def _wait(self, end: float) -> _Worker | None:
        if self._closed.is_set():
            raise NotReady
        with self._lock:
            if self._watch is None:
                self._watch = threading.Thread(target=self._end_the_late, name="decoding limits", daemon=True)
                self._watch.start()
            if self._waiting >= self.limits.capacity:
                wait = self._mean_seconds * self._waiting / self.limits.workers
                raise Busy(retry_after=max(1, math.ceil(wait)))
            self._waiting += 1
        try:
            left = end - time.monotonic()
            return self._turns.get(timeout=None if math.isinf(left) else max(0.0, left))
        except queue.Empty:
            raise DeadlineExceeded from None
        finally:
            with self._lock:
                self._waiting -= 1


@dataclass(frozen=True)
class _Until:
    decoders: Decoders
    end: float

    def picture(self, content: bytes) -> np.ndarray:
        arrays, _ = self.decoders.run("picture", content, self.end)
        return arrays["pixels"]

    def sound(self, content: bytes) -> tuple[np.ndarray, float]:
        arrays, facts = self.decoders.run("sound", content, self.end)
        return arrays["waveform"], facts["seconds"]


class _Worker:
    """One process and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        self._connection = Connection(ours.detach())
        self._is_ready = False
        self.ends_at = math.inf

    @property
    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def await_ready(self) -> None:
        """Wait for a process that is being started. NotReady where it does not come up."""
        if self._is_ready:
            return
        with suppress(EOFError, OSError):
            self._is_ready = self._connection.poll(_START_SECONDS) and self._connection.recv_bytes(64) == READY
        if not self._is_ready:
            self.kill()
            raise NotReady

    def run(self, task: str, content: bytes) -> tuple[dict[str, np.ndarray], dict[str, float]]:
        """Decode one file. Raises InvalidInput as the worker says, Killed where it is ended or dies."""
        try:
            self._connection.send_bytes(task.encode("ascii"))
            self._connection.send_bytes(content)
            head = json.loads(self._connection.recv_bytes(_MAX_HEAD_BYTES))
            if "refused" in head:
                raise InvalidInput(str(head["refused"]))
            if head.get("failed") == NO_MEMORY:
                self.kill()
                raise Killed
            arrays = {name: self._array(*described) for name, described in head["arrays"].items()}
            return arrays, {name: float(value) for name, value in head["facts"].items()}
        except InvalidInput:
            raise
        except (EOFError, OSError, ValueError, TypeError, KeyError, AttributeError):
            self.kill()  # gone, or no longer to be trusted
            raise Killed from None

    def end_process(self) -> None:
        """Kill it; whoever waits for its answer is told by the socket."""
        self._process.kill()

    def kill(self) -> None:
        """End the process and close the socket."""
        self._process.kill()
        self._process.wait()
        self._connection.close()

    def _array(self, dtype: str, shape: list[int]) -> np.ndarray:
        kind = np.dtype(dtype)
        if kind.kind not in "fui" or min(shape) < 0 or kind.itemsize * math.prod(shape) > _MAX_ARRAY_BYTES:
            raise ValueError("no array of this service")
        array = np.empty(shape, kind)
        if self._connection.recv_bytes_into(array.data.cast("B")) != array.nbytes:
            raise ValueError("an array of another size")
        return array


def decoders_for_servers(limits: DecodingLimits | None = None) -> Decoders | None:
    """Decoders where the system can limit a process (POSIX), else None: files are then decoded in this process."""
    return Decoders(limits) if os.name == "posix" else None


def decoder_until(decoders: Decoders | None, end: float) -> Decoder:
    """What decodes for a request that must be answered at ``end``."""
    return IN_PROCESS if decoders is None else decoders.until(end)


def environment() -> dict[str, str]:
    """What a worker may know: where Python's modules are, and no token or password of the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **kept,
        **one_thread,
        "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
        "PYTHONSAFEPATH": "1",
    }
