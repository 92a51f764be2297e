"""What an operator watches, in Prometheus' text format; one registry a service, so that tests stay apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
OK: Final = "ok"
"""The outcome of an answered request; the other outcomes are codes of errors."""

_SECONDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32)


class Metrics:
    """Requests by way (``rest`` or ``page``), job and outcome; latency; batches; errors by code; who waits."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "triad_requests", "Requests answered or refused", ("way", "job", "outcome"), registry=self.registry
        )
        self._errors = Counter("triad_errors", "Requests without an answer", ("code",), registry=self.registry)
        self._latency = Histogram(
            "triad_request_seconds",
            "Seconds from the request's arrival to its answer, decoding included",
            ("way", "job"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._sizes = Histogram(
            "triad_batch_size", "Cases in one pass of the model", ("job",), buckets=_SIZES, registry=self.registry
        )
        self._passes = Histogram(
            "triad_batch_seconds",
            "Seconds of one pass",
            ("job",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        queue = Gauge("triad_waiting", "Requests being decoded or waiting for the model", registry=self.registry)
        queue.set_function(waiting)

    def request(self, way: str, job: str, outcome: str, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(way, job, outcome).inc()
        self._latency.labels(way, job).observe(seconds)
        if outcome != OK:
            self._errors.labels(outcome).inc()

    def batch(self, job: str, size: int, seconds: float) -> None:
        """Count one pass of the model."""
        self._sizes.labels(job).observe(size)
        self._passes.labels(job).observe(seconds)

    def text(self) -> bytes:
        """All of it in the text format."""
        return generate_latest(self.registry)
