"""Counts and times requests, for Prometheus.

Several processes add their figures up in a shared folder (the library's own way), so that any of them tells it all.
"""

from __future__ import annotations

import logging
import os

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]
# Where several processes add up; `triage serve` sets it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_LOG = logging.getLogger(__name__)


class Metrics:
    """The figures of the requests of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "triage_requests",
            "Requests, by route, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "triage_request_seconds", "Time until an answer begins.", ("route",), registry=self._registry
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One more request; status 0: whoever asked left before an answer. A figure that cannot be kept is lost."""
        try:
            self._requests.labels(route, method, str(status)).inc()
            self._seconds.labels(route).observe(seconds)
        except OSError as error:  # the folder is full or gone: who asked must not suffer from it
            _LOG.warning("a request is not counted: %s", type(error).__name__)

    def told(self, *others: Collector) -> bytes:
        """These figures, of all processes, and what `others` collect."""
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        apart = CollectorRegistry()
        for other in others:
            apart.register(other)
        return generate_latest(registry) + generate_latest(apart)
