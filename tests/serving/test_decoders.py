"""Decoder processes: they answer as this process would, within limits, and are replaced when they die."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from PIL import Image

from mm_core.samples import InvalidInput, Sample, limits
from mm_core.samples.decoding import IN_PROCESS, Decoder
from mm_core.serving import decoder_worker
from mm_core.serving.decoders import Decoders, DecodingLimits
from mm_core.serving.errors import Busy, DeadlineExceeded, NotReady
from tests.faults.files import jpeg_of_many_scans, saved
from tests.serving import uploads

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of processes are POSIX's")


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    opened = Decoders(DecodingLimits(workers=2))
    opened.start()
    yield opened
    opened.close()


def workers() -> list[psutil.Process]:
    found = [p for p in psutil.Process().children() if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in found if "mm_core.serving.decoder_worker" in p.cmdline()]


def busy_with(decoders: Decoders, seconds: float = 30.0) -> None:
    """Wait until a file is in work."""
    end = time.monotonic() + seconds
    while not decoders._running and time.monotonic() < end:
        time.sleep(0.01)
    assert decoders._running


def slow_picture() -> bytes:
    """A picture that is read, of as many scans as are allowed: it takes a second or more."""
    return jpeg_of_many_scans(limits.MAX_JPEG_SCANS - 10, side=7000)


class TestAnswers:
    def test_the_same_as_in_this_process(self, decoders: Decoders) -> None:
        for content in (uploads.png(1), uploads.jpeg(2), saved(Image.new("L", (3000, 10)), "WEBP")):
            np.testing.assert_array_equal(decoders.picture(content), IN_PROCESS.picture(content))
        for content in (uploads.wav(1), uploads.wav(2, 40.0)):
            waveform, seconds = decoders.sound(content)
            known, known_seconds = IN_PROCESS.sound(content)
            np.testing.assert_array_equal(waveform, known)
            assert seconds == known_seconds

    def test_a_whole_sample(self, decoders: Decoders) -> None:
        given = ("so happy", uploads.png(3), uploads.wav(3))
        assert Sample.read(*given, decoder=decoders).digests() == Sample.read(*given).digests()

    @pytest.mark.parametrize("content", [b"nothing", uploads.png()[:200], b"\xff\xd8\xff\xe0", b"RIFFxxxxWAVE"])
    def test_refusals_in_the_same_words(self, decoders: Decoders, content: bytes) -> None:
        for decode in ("picture", "sound"):
            with pytest.raises(InvalidInput) as here:
                getattr(IN_PROCESS, decode)(content)
            with pytest.raises(InvalidInput) as there:
                getattr(decoders, decode)(content)
            assert str(here.value) == str(there.value)

    def test_both_offer_the_same(self, decoders: Decoders) -> None:
        offered = {name for name in vars(Decoder) if not name.startswith("_")}
        assert offered == set(decoder_worker.TASKS)
        assert all(
            hasattr(decoder, name) for name in offered for decoder in (IN_PROCESS, decoders, decoders.until(1))
        )

    def test_many_threads_get_their_own(self, decoders: Decoders) -> None:
        files = [uploads.png(seed) for seed in range(24)]
        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(decoders.picture, files))
        for file, pixels in zip(files, found, strict=True):
            np.testing.assert_array_equal(pixels, IN_PROCESS.picture(file))


class TestProcesses:
    def test_they_hold_neither_torch_nor_secrets(self, decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
        decoders.picture(uploads.png())
        assert workers()
        for worker in workers():
            assert not [m.path for m in worker.memory_maps() if "torch" in m.path or "gradio" in m.path]
            assert worker.memory_info().rss < 150e6
            assert not {name for name in worker.environ() if "TOKEN" in name or "KEY" in name}

    def test_the_environment_is_not_handed_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_TOKEN", "secret")
        opened = Decoders(DecodingLimits(workers=1))
        before = {worker.pid for worker in workers()}
        opened.start()
        try:
            (own,) = [worker for worker in workers() if worker.pid not in before]
            assert "HF_TOKEN" not in own.environ()
        finally:
            opened.close()

    def test_they_are_started_once(self, decoders: Decoders) -> None:
        before = {worker.pid for worker in workers()}
        for seed in range(10):
            decoders.picture(uploads.png(seed))
        assert {worker.pid for worker in workers()} == before

    def test_ctrl_c_leaves_them_to_the_server(self, decoders: Decoders) -> None:
        decoders.picture(uploads.png())
        for worker in workers():
            worker.send_signal(signal.SIGINT)
        before = {worker.pid for worker in workers()}
        assert decoders.picture(uploads.png()).shape == (60, 50, 3)
        assert {worker.pid for worker in workers()} == before

    def test_one_that_died_is_replaced_unseen(self, decoders: Decoders) -> None:
        for worker in workers():
            worker.kill()
            worker.wait(10)
        for seed in range(4):
            assert decoders.picture(uploads.png(seed)).shape == (60, 50, 3)

    def test_one_that_dies_over_a_file_refuses_it(self, decoders: Decoders) -> None:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(decoders.picture, slow_picture())
            busy_with(decoders)
            for worker in workers():
                worker.kill()
            with pytest.raises(InvalidInput, match="too long or too much memory"):
                asked.result(30)
        assert decoders.picture(uploads.png()).shape == (60, 50, 3)

    def test_they_end_with_the_pool(self) -> None:
        before = {worker.pid for worker in workers()}
        opened = Decoders(DecodingLimits(workers=2))
        opened.start()
        assert len(workers()) == len(before) + 2
        opened.close()
        assert {worker.pid for worker in workers()} == before
        with pytest.raises(NotReady):
            opened.picture(uploads.png())


class TestLimits:
    def test_wall_time(self) -> None:
        opened = Decoders(DecodingLimits(workers=1, seconds=0.1))
        opened.start()
        try:
            with pytest.raises(InvalidInput, match="too long"):
                opened.picture(slow_picture())
            assert opened.picture(uploads.png()).shape == (60, 50, 3)
        finally:
            opened.close()

    def test_the_system_holds_memory_time_and_files(self, decoders: Decoders) -> None:
        decoders.picture(uploads.png())
        for worker in workers():
            if worker.cpu_times().user < 0.05:
                continue  # still starting
            soft, _ = worker.rlimit(psutil.RLIMIT_AS)
            assert 0 < soft < limits.MAX_DECODING_BYTES + 2**30
            assert worker.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert worker.rlimit(psutil.RLIMIT_CORE) == (0, 0)

    @pytest.mark.parametrize(
        ("mode", "kind", "size"),
        [
            ("RGB", "PNG", (7000, 7000)),
            ("RGBA", "PNG", (7000, 7000)),
            ("P", "PNG", (7000, 7000)),
            ("RGB", "JPEG", (7000, 7000)),
            ("CMYK", "JPEG", (7000, 7000)),
            ("RGBA", "WEBP", (5000, 5000)),
        ],
    )
    def test_the_dearest_pictures_that_are_read_fit(
        self, decoders: Decoders, mode: str, kind: str, size: tuple[int, int]
    ) -> None:
        picture = Image.new(mode, size, 1)
        options = {"progressive": True} if kind == "JPEG" else {"transparency": 0} if mode == "P" else {}
        content = saved(picture, kind, **options)
        assert decoders.picture(content).shape == (1024, 1024, 3)

    def test_a_turn_that_does_not_come_in_time(self) -> None:
        opened = Decoders(DecodingLimits(workers=1, capacity=1))
        opened.start()
        content = slow_picture()
        try:
            with ThreadPoolExecutor(2) as pool:
                first = pool.submit(opened.picture, content)
                busy_with(opened)
                with pytest.raises(DeadlineExceeded):
                    opened.until(time.monotonic() + 0.05).picture(uploads.png())
                waits = pool.submit(opened.picture, uploads.png())
                while not opened.waiting:
                    time.sleep(0.005)
                with pytest.raises(Busy) as refused:
                    opened.picture(uploads.png())
                assert refused.value.retry_after >= 1
                assert first.result(60).shape == (1024, 1024, 3)
                assert waits.result(60).shape == (60, 50, 3)
        finally:
            opened.close()

    def test_a_deadline_ends_what_runs(self, decoders: Decoders) -> None:
        with pytest.raises(InvalidInput, match="too long"):
            decoders.until(time.monotonic() + 0.15).picture(slow_picture())

    def test_threads_do_not_pile_up(self, decoders: Decoders) -> None:
        before = threading.active_count()
        for seed in range(20):
            decoders.picture(uploads.png(seed))
        assert threading.active_count() <= before + 1
