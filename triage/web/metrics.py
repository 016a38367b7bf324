"""`/metrics`, for Prometheus: what this service did, and what waits. No person, no case, only counts.

What requests did is counted as they go (`counting.py`); what waits is read in the store at each reading.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address

from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from triage.desk.office import Office
from triage.engine import Engine
from triage.errors import TriageError
from triage.jobs.presence import presence
from triage.settings import Settings
from triage.store.gauges import Gauges, gauges

router = APIRouter(include_in_schema=False)
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_BEARER = "Bearer "


class Now(Collector):
    """What serves and what waits, at the moment of the reading."""

    def __init__(self, office: Office, settings: Settings, now: datetime) -> None:
        self._office, self._settings, self._now = office, settings, now

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: a registry would collect to know."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily | InfoMetricFamily]:
        """What serves, then what the store and the queue of jobs know, where they answer."""
        yield from _engine(self._office.engine)
        found = self._store()
        yield _gauge("triage_store_up", "Whether the store answers.", 0 if found is None else 1)
        if found is not None:
            yield from self._waiting(found)
        yield from self._jobs()

    def _store(self) -> Gauges | None:
        try:
            with self._office.database.read() as connection:
                return gauges(connection, self._now)
        except TriageError:
            return None

    def _waiting(self, found: Gauges) -> Iterator[GaugeMetricFamily]:
        cases = GaugeMetricFamily("triage_cases_waiting", "Cases in which an agent has to act.", labels=("level",))
        late = GaugeMetricFamily("triage_cases_late", "Those past their time.", labels=("level",))
        oldest = GaugeMetricFamily("triage_oldest_waiting_seconds", "Age of the oldest of them.", labels=("level",))
        for level in self._office.engine.assessor.policy.levels:
            one = found.levels.get(level.id)
            cases.add_metric((level.id,), one.cases if one else 0)
            late.add_metric((level.id,), one.late if one else 0)
            oldest.add_metric((level.id,), max((self._now - one.oldest).total_seconds(), 0) if one else 0)
        yield from (cases, late, oldest)
        sent = GaugeMetricFamily("triage_alert_deliveries", "Alerts not delivered, by state.", labels=("state",))
        for state in ("waiting", "dead"):
            sent.add_metric((state,), found.deliveries.get(state, 0))
        yield sent
        yield _gauge("triage_alerts_unsent", "Open alerts that were never sent yet.", found.unsent)
        yield _gauge("triage_evidence_waiting", "Evidence that waits to be read.", found.evidence)

    def _jobs(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = presence(self._settings)
        except Exception:  # whatever its driver raises: these figures are missing, and Prometheus sees it
            return
        yield _gauge("triage_jobs_waiting", "Jobs in the queue.", found.jobs)
        if found.turn:
            turn = found.turn.timestamp()
            yield _gauge("triage_worker_last_turn_timestamp_seconds", "When a worker last made a turn.", turn)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures, for whoever may read them; for others there is no such page."""
    settings: Settings = request.app.state.settings
    if not may_read(request, settings.metrics_token.get_secret_value()):
        raise HTTPException(404)
    told = request.app.state.metrics.told(Now(request.app.state.office, settings, datetime.now(UTC)))
    return Response(told, media_type=CONTENT_TYPE_LATEST)


def may_read(request: Request, token: str) -> bool:
    """Whether the token was given; where none is set, whether this machine itself asks, and not a proxy on it."""
    if token:
        given = request.headers.get("authorization", "").removeprefix(_BEARER)
        return hmac.compare_digest(given.encode(), token.encode())
    return _here(request.client.host if request.client else "") and not any(
        one in request.headers for one in _FORWARDED
    )


def _here(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _engine(engine: Engine) -> Iterator[GaugeMetricFamily | InfoMetricFamily]:
    model = engine.model.version if engine.model else ""
    info = InfoMetricFamily("triage_engine", "The rules and the model that serve.")
    info.add_metric((), {"model": model, "rules": engine.catalogue.digest})
    yield info
    yield _gauge("triage_degraded", "Whether the rules alone decide.", 0 if model else 1)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
